"""What a listener gets of packets that are late, lost, turned round, too short or too long."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.media.playout import Playout

_WRAP = 1 << 32


def numbered(number: int, size: int = 160) -> bytes:
    return bytes([number & 0xFF]) * size


def played(buffer: Playout, count: int) -> list[int | None]:
    """The first byte of each step."""
    return [None if (sound := buffer.pull()) is None else sound[0] for _ in range(count)]


def test_what_comes_in_time_is_played_one_step_later():
    buffer = Playout(160)
    seen = []
    for number in range(5):
        buffer.push(number * 160, numbered(number))
        seen += played(buffer, 1)
    assert seen == [None, 0, 1, 2, 3]


def test_nothing_is_played_before_anything_came():
    assert played(Playout(160), 3) == [None] * 3


def test_packets_in_the_wrong_order_are_played_in_the_right_one():
    buffer = Playout(160)
    for number in (0, 2, 1, 3, 3):
        buffer.push(number * 160, numbered(number))
    assert played(buffer, 5) == [None, 0, 1, 2, 3]


def test_a_lost_packet_is_a_hole_of_its_length():
    buffer = Playout(160)
    for number in (0, 1, 3):
        buffer.push(number * 160, numbered(number))
    assert played(buffer, 5) == [None, 0, 1, None, 3]


def test_a_packet_that_is_late_makes_the_buffer_deeper_and_is_not_lost():
    buffer = Playout(160)
    buffer.push(0, numbered(0))
    assert played(buffer, 4) == [None, 0, None, None]
    for number in (1, 2, 3):
        buffer.push(number * 160, numbered(number))
    assert played(buffer, 3) == [1, 2, 3]


def test_a_packet_whose_followers_were_played_is_left_out():
    buffer = Playout(160)
    for number in (0, 2):
        buffer.push(number * 160, numbered(number))
    assert played(buffer, 4) == [None, 0, None, 2]
    buffer.push(160, numbered(1))
    buffer.push(480, numbered(3))
    assert played(buffer, 1) == [3]
    assert buffer.late == 1


def test_a_buffer_that_need_not_be_deep_shrinks():
    buffer = Playout(160)
    for number in range(6):
        buffer.push(number * 160, numbered(number))
    for number in range(6, 600):
        buffer.push(number * 160, numbered(number))
        buffer.pull()
    assert buffer.depth <= 2


@pytest.mark.parametrize(("size", "count"), [(80, 12), (240, 4), (320, 3), (480, 2), (40, 24)])
def test_packets_of_any_length_are_cut_and_joined(size, count):
    buffer = Playout(160)
    sound = bytes(range(192)) * 5
    for at in range(count):
        buffer.push(at * size, sound[at * size : (at + 1) * size])
    buffer.pull()
    assert b"".join(buffer.pull() or b"" for _ in range(size * count // 160)) == sound[: size * count]


def test_half_a_step_is_filled_up():
    buffer = Playout(160, fill=0xFF)
    buffer.push(0, bytes(80))
    buffer.pull()
    assert buffer.pull() == bytes(80) + b"\xff" * 80


def test_timestamps_off_the_grid_are_followed():
    buffer = Playout(160)
    buffer.push(0, numbered(0))
    buffer.push(200, numbered(1))
    buffer.push(360, numbered(2))
    assert played(buffer, 4) == [None, 0, 1, 2]


def test_decoded_sound_has_more_bytes_for_a_tick():
    buffer = Playout(160, width=4)
    buffer.push(0, numbered(1, 320))
    buffer.push(80, numbered(2, 320))
    buffer.pull()
    assert buffer.pull() == numbered(1, 320) + numbered(2, 320)


@pytest.mark.parametrize("jump", [-100_000, 10_000, 1 << 31])
def test_timestamps_that_jump_are_another_source(jump):
    buffer = Playout(160)
    buffer.push(1 << 20, numbered(1))
    assert played(buffer, 2) == [None, 1]
    start = (1 << 20) + jump & 0xFFFFFFFF
    for number in range(3):
        buffer.push((start + number * 160) & 0xFFFFFFFF, numbered(10 + number))
    assert played(buffer, 4) == [None, 10, 11, 12]


def test_timestamps_wrap():
    buffer = Playout(160)
    for number in range(4):
        buffer.push((_WRAP - 320 + number * 160) % _WRAP, numbered(number))
    assert played(buffer, 5) == [None, 0, 1, 2, 3]


def test_a_source_that_is_silent_for_a_second_begins_anew():
    buffer = Playout(160)
    buffer.push(0, numbered(0))
    played(buffer, 60)
    assert buffer.idle
    buffer.push(160 * 61, numbered(7))
    assert played(buffer, 2) == [None, 7]


def test_jitter_of_sixty_milliseconds_costs_few_packets():
    dice = random.Random(7)
    arrivals = sorted((number * 0.02 + dice.random() * 0.06, number) for number in range(1000))
    buffer, heard = Playout(160), []
    at = 0
    for tick in range(1010):
        while at < len(arrivals) and arrivals[at][0] <= tick * 0.02:
            number = arrivals[at][1]
            buffer.push(number * 160, number.to_bytes(2) * 80)
            at += 1
        if (sound := buffer.pull()) is not None:
            heard.append(int.from_bytes(sound[:2]))
    assert heard == sorted(set(heard))
    assert len(heard) > 985
    assert buffer.late < 10


@given(st.lists(st.tuples(st.integers(0, _WRAP - 1), st.integers(0, 700), st.integers(0, 5)), max_size=80))
def test_whatever_comes_a_step_is_a_step_and_memory_has_a_limit(packets):
    buffer = Playout(160)
    for timestamp, size, pulls in packets:
        buffer.push(timestamp, bytes(size))
        for _ in range(pulls):
            sound = buffer.pull()
            assert sound is None or len(sound) == 160
    assert buffer.depth <= 80
