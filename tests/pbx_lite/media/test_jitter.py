from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.media.jitter import ReorderBuffer


def through(numbers, window=4):
    buffer: ReorderBuffer[None] = ReorderBuffer(window)
    return [number for pushed in numbers for number, _ in buffer.push(pushed, None, 0.0)]


def test_packets_in_order_pass_at_once():
    assert through([65534, 65535, 0, 1]) == [65534, 65535, 0, 1]


def test_packets_out_of_order_are_put_right():
    assert through([1, 3, 4, 2, 5]) == [1, 2, 3, 4, 5]


def test_a_missing_packet_is_waited_for_only_so_long():
    assert through([1, 3, 4, 5, 6, 7, 8]) == [1, 3, 4, 5, 6, 7, 8]


def test_a_slow_stream_does_not_wait_for_a_lost_packet_for_long():
    buffer: ReorderBuffer[None] = ReorderBuffer(32, patience=0.1)
    arrivals = ((1, 0.0), (3, 0.05), (4, 0.1), (5, 0.16))
    given_out = [[number for number, _ in buffer.push(pushed, None, now)] for pushed, now in arrivals]
    assert given_out == [[1], [], [], [3, 4, 5]]


def test_repeated_and_late_packets_are_left_out():
    assert through([1, 1, 2, 1, 3]) == [1, 2, 3]


def test_a_jump_starts_anew():
    assert through([1, 2, 30000, 30001]) == [1, 2, 30000, 30001]


@given(st.lists(st.integers(0, 0xFFFF), max_size=60))
def test_nothing_is_given_twice_in_a_row_or_invented(numbers):
    given_out = through(numbers)
    assert set(given_out) <= set(numbers)
    assert len(given_out) <= len(numbers)
