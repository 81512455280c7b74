"""A room full of people: everyone hears the others and nobody themselves, to the sample."""

import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.media import g711
from pbx_lite.media.codecs import Decoder, Encoder
from pbx_lite.media.mixer import TICK, Mixer
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, AudioPacket
from pbx_lite.media.port_pool import PortPool
from pbx_lite.media.session import MediaSession
from tests.pbx_lite.media.mixer.rooms import Room, exact, loud, values
from tests.support.clock import FakeClock
from tests.support.ports import free_range
from tests.support.tone import share_of, sine


@pytest.fixture
def room():
    return Room()


def test_two_hear_each_other_exactly(room):
    anna, ben = room.enter(), room.enter()
    for _ in range(6):
        room.turn(loud(1000), loud(-5000))
    assert values(anna)[-3:] == [exact(-5000)] * 3
    assert values(ben)[-3:] == [exact(1000)] * 3


def test_of_three_each_hears_the_sum_of_two(room):
    anna, ben, clara = room.enter(), room.enter(), room.enter()
    for _ in range(6):
        room.turn(loud(1000), loud(2000), loud(-500))
    one, two, three = exact(1000), exact(2000), exact(-500)
    assert values(anna)[-1] == exact(two + three)
    assert values(ben)[-1] == exact(one + three)
    assert values(clara)[-1] == exact(one + two)


def test_a_hundred_speak_and_each_hears_the_ninety_nine(room):
    ports = [room.enter() for _ in range(100)]
    levels = [100 + 7 * number for number in range(100)]
    said = [loud(level) for level in levels]
    for _ in range(5):
        room.turn(*said)
    whole = sum(map(exact, levels))
    for port, level in zip(ports, levels, strict=True):
        expected = min(32767, whole - exact(level))
        assert values(port)[-1] == int(g711.DECODE[PCMU][g711.encode(PCMU, np.array([expected], dtype=np.int16))[0]])


@pytest.mark.parametrize(("level", "ceiling"), [(30000, 32124), (-30000, -32124)])
def test_too_much_is_cut_off_and_never_wraps(room, level, ceiling):
    ports = [room.enter() for _ in range(4)]
    for _ in range(5):
        room.turn(*[loud(level)] * 4)
    assert {values(port)[-1] for port in ports} == {ceiling}


@given(st.lists(st.integers(-32768, 32767), min_size=2, max_size=8))
def test_nobody_hears_themselves_and_no_level_wraps(levels):
    room = Room()
    ports = [room.enter() for _ in levels]
    for _ in range(4):
        room.turn(*map(loud, levels))
    audible = [exact(level) if abs(exact(level)) > 50 else 0 for level in levels]
    for number, port in enumerate(ports):
        others = sum(audible) - audible[number]
        expected = np.array([max(-32768, min(32767, others))], dtype=np.int16)
        assert values(port)[-1] == int(g711.DECODE[PCMU][g711.encode(PCMU, expected)[0]])


def test_the_two_laws_are_mixed(room):
    anna, ben = room.enter(PCMA), room.enter(PCMU)
    for _ in range(5):
        room.turn(loud(1000, PCMA), loud(4000))
    assert values(anna)[-1] == exact(exact(4000), PCMA)
    assert values(ben)[-1] == exact(exact(1000, PCMA))


def test_who_is_muted_is_not_heard_but_hears(room):
    anna, ben = room.enter(), room.enter(muted=True)
    for _ in range(5):
        room.turn(loud(1000), loud(2000))
    assert values(anna)[-3:] == [0, 0, 0]
    assert values(ben)[-1] == exact(1000)
    room.members[1].muted = False
    room.turn(loud(1000), loud(2000))
    room.turn(loud(1000), loud(2000))
    assert values(anna)[-1] == exact(2000)


def test_muting_joining_and_leaving_make_no_click(room):
    anna, ben = room.enter(), room.enter()
    sound = g711.encode(PCMU, sine(400, milliseconds=2000))

    def say(count: int) -> None:
        for _ in range(count):
            at = room.ticks * 160 % 8000
            room.turn(None, sound[at : at + 160])

    say(10)
    room.members[1].muted = True
    say(5)
    room.members[1].muted = False
    say(5)
    room.mixer.remove(ben)
    say(3)
    heard = np.concatenate([g711.decode(PCMU, [packet.payload])[0] for packet in anna.heard]).astype(np.int32)
    largest = np.abs(np.diff(sine(400).astype(np.int32))).max()
    assert np.abs(np.diff(heard[: 20 * 160])).max() < 1.5 * largest


def test_loudness_and_volume_are_each_partys_own(room):
    anna, ben = room.enter(), room.enter()
    room.members[0].loudness, room.members[0].volume = 0.5, 2.0
    for _ in range(5):
        room.turn(loud(1000), loud(4000))
    assert values(anna)[-1] == exact(round(exact(4000) / 2))
    assert values(ben)[-1] == exact(2 * exact(1000))


def test_all_who_are_silent_hear_the_same_packet(room):
    ports = [room.enter() for _ in range(5)]
    for _ in range(5):
        room.turn(loud(1000))
    assert len({id(port.heard[-1]) for port in ports[1:]}) == 1


def test_noise_of_a_line_is_not_passed_on_and_does_not_count_as_talking(room):
    anna, _ben = room.enter(), room.enter()
    dice = np.random.default_rng(1)
    for _ in range(20):
        room.turn(None, g711.encode(PCMU, dice.integers(-30, 30, 160, dtype=np.int16)))
    assert set(values(anna)) == {0}
    assert not room.members[1].talking


@pytest.mark.parametrize("hertz", [200, 500, 1000, 2000, 3000])
def test_every_tone_is_heard_whatever_its_pitch(room, hertz):
    anna, _ben = room.enter(), room.enter()
    for _ in range(8):
        room.turn(None, g711.encode(PCMU, sine(hertz, milliseconds=20, amplitude=0.05)))
    heard = g711.decode(PCMU, [packet.payload for packet in anna.heard[4:]])
    assert np.abs(heard).max() > 1000


def test_talking_is_told_once_when_it_begins_and_once_when_it_ends(room):
    room.enter()
    told: list[bool] = []
    room.members[0].on_talking = told.append
    for _ in range(10):
        room.turn(loud(2000))
    for _ in range(30):
        room.turn(loud(0))
    assert told == [True, False]


def test_who_stops_sending_stops_talking(room):
    room.enter()
    for _ in range(5):
        room.turn(loud(2000))
    assert room.members[0].talking
    for _ in range(10):
        room.turn()
    assert not room.members[0].talking


def test_a_lost_packet_is_covered_up(room):
    anna, ben = room.enter(), room.enter()
    sound = g711.encode(PCMU, sine(400))
    for number in range(10):
        at = number * 160
        if number == 5:
            room.ticks += 1
            room.clock.advance(TICK)
            continue
        room.turn(None, sound[at : at + 160])
    payloads = [g711.decode(PCMU, [packet.payload])[0] for packet in anna.heard]
    assert min(np.abs(payload).max() for payload in payloads[3:]) > 4000
    assert ben.heard


@pytest.mark.parametrize("codec", [G722, OPUS])
def test_wideband_parties_hear_each_other_wideband(room, codec):
    anna, ben = room.enter(codec), room.enter(codec)
    encoder, decoder = Encoder(codec), Decoder(codec)
    rate = codec.sample_rate
    t = np.arange(rate)
    sound = (8000 * np.sin(2 * np.pi * 6000 * t / rate)).astype(np.int16).tobytes()
    size = rate // 50 * 2
    for number in range(40):
        room.turn(None, encoder.encode(sound[number * size : (number + 1) * size]) or None)
    heard = np.frombuffer(b"".join(decoder.decode(packet.payload) for packet in anna.heard), np.int16)
    last = heard[-rate // 5 :].astype(np.int32)
    spectrum = np.abs(np.fft.rfft(last))
    assert abs(int(spectrum.argmax()) * 5 - 6000) <= 10
    own = np.frombuffer(b"".join(Decoder(codec).decode(packet.payload) for packet in ben.heard), np.int16)
    assert np.abs(own[-rate // 5 :]).max() < 100


def test_narrowband_and_wideband_parties_hear_each_other(room):
    anna, ben = room.enter(PCMA), room.enter(G722)
    encoder, decoder = Encoder(G722), Decoder(G722)
    low = g711.encode(PCMA, sine(500))
    t = np.arange(16000)
    high = (8000 * np.sin(2 * np.pi * 1500 * t / 16000)).astype(np.int16).tobytes()
    for number in range(45):
        room.turn(low[number * 160 : number * 160 + 160], encoder.encode(high[number * 640 : number * 640 + 640]))
    narrow = np.concatenate([g711.decode(PCMA, [packet.payload])[0] for packet in anna.heard[-20:]]).astype(np.int32)
    assert share_of(1500, narrow) > 0.95
    wide = np.frombuffer(b"".join(decoder.decode(packet.payload) for packet in ben.heard), np.int16)[-6400:]
    assert abs(int(np.abs(np.fft.rfft(wide)).argmax()) * 2.5 - 500) <= 5


def test_a_codec_that_changes_in_the_call_is_followed(room):
    anna, ben = room.enter(PCMU), room.enter(PCMU)
    for _ in range(5):
        room.turn(loud(1000), loud(2000))
    ben.codec = PCMA
    for _ in range(5):
        room.turn(loud(1000), loud(2000, PCMA))
    assert ben.heard[-1].codec == PCMA
    assert values(anna)[-1] == exact(exact(2000, PCMA))
    anna.codec = None
    room.turn()
    anna.heard.clear()
    room.turn()
    assert anna.heard == []


def test_timestamps_of_what_is_heard_go_on_with_the_ticks(room):
    anna = room.enter()
    for _ in range(5):
        room.turn()
    steps = {b.timestamp - a.timestamp for a, b in zip(anna.heard, anna.heard[1:], strict=False)}
    assert steps == {160}


def test_ticks_that_are_much_too_late_are_left_out_and_counted(room):
    anna = room.enter()
    room.turn()
    room.clock._now += 1.0
    room.clock.advance(0.1)
    assert 45 <= room.mixer.skipped <= 50
    assert len(anna.heard) < 12


def test_a_room_that_is_empty_costs_nothing(room):
    anna = room.enter()
    room.turn()
    room.mixer.remove(anna)
    room.mixer.remove(anna)
    assert anna.sink is None
    assert not room.clock.pending
    ben = room.enter()
    room.turn()
    assert len(ben.heard) == 1
    room.mixer.close()
    assert not room.clock.pending


async def test_packets_from_the_network_are_read_at_the_tick_and_as_they_come_when_it_is_over():
    clock = FakeClock()
    mixer = Mixer(clock)
    pool = PortPool(free_range(20))
    ends = [MediaSession(pool, "127.0.0.1", clock=clock, codecs=(PCMU,)) for _ in range(4)]
    for end in ends:
        await end.open()
    anna, near, ben, far = ends
    near.accept(anna.answer(near.offer()))
    far.accept(ben.answer(far.offer()))
    heard: list[AudioPacket] = []
    ben.audio.sink = heard.append
    for leg in (near, far):
        mixer.add(leg.audio)
    for number in range(4):
        anna.audio.send(AudioPacket(PCMU, loud(1000), number * 160))
        clock.advance(TICK)
        ben.audio.read()
    assert heard[-1].payload[-1:] == loud(1000)[-1:]
    mixer.close()
    passed: asyncio.Queue[AudioPacket] = asyncio.Queue()
    near.audio.sink = passed.put_nowait
    anna.audio.send(AudioPacket(PCMU, loud(1000), 640))
    assert (await passed.get()).payload == loud(1000)
    for end in ends:
        end.close()
    mixer.close()


def test_garbage_from_one_party_harms_nobody(room):
    anna, ben = room.enter(PCMU), room.enter(OPUS)
    clara = room.enter(PCMU)
    for _ in range(5):
        room.turn(loud(1000), b"\xff\xff\xff", b"")
    assert values(clara)[-1] == exact(1000)
    assert anna.heard
    assert ben.heard
