"""What phones and networks do to a room: nothing of it stops the others."""

import logging

import numpy as np
import pytest

from pbx_lite.media import g711
from pbx_lite.media.codecs import Encoder
from pbx_lite.media.mixer import TICK, Mixer
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, AudioPacket, Codec
from pbx_lite.media.port_pool import PortPool
from pbx_lite.media.rtp import RtpPacket
from pbx_lite.media.session import MediaSession
from tests.pbx_lite.media.mixer.rooms import Room, exact, loud, values
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeAudio
from tests.support.ports import free_range
from tests.support.tone import sine

_ILBC = Codec("iLBC", 8000)


@pytest.fixture
def room():
    return Room()


def say(room: Room, party: int, payload: bytes, timestamp: int, codec: Codec = PCMU) -> None:
    sink = room.ports[party].sink
    assert sink is not None
    sink(AudioPacket(codec, payload, timestamp & 0xFFFFFFFF))


def narrow(port):
    return np.concatenate([g711.decode(PCMU, [packet.payload])[0] for packet in port.heard]).astype(np.int32)


@pytest.mark.parametrize("milliseconds", [10, 30, 40, 60])
def test_packets_of_another_length_are_heard_without_a_seam(room, milliseconds):
    anna, _ben = room.enter(), room.enter()
    sound = sine(310, milliseconds=3000)
    coded, size = g711.encode(PCMU, sound), 8 * milliseconds
    sent = 0
    for tick in range(1, 121):
        while sent + size <= tick * 160:
            say(room, 1, coded[sent : sent + size], sent)
            sent += size
        room.clock.advance(TICK)
    heard = narrow(anna)[160 * 20 :]
    assert np.abs(heard).reshape(-1, 160).max(axis=1).min() > 15000
    assert np.abs(np.diff(heard)).max() < 1.3 * np.abs(np.diff(sound.astype(np.int32))).max()


@pytest.mark.parametrize("jump", [-1, 1 << 20, 1 << 31, -(1 << 24)])
def test_timestamps_that_jump_cost_a_moment_and_not_the_voice(room, jump):
    anna, _ben = room.enter(), room.enter()
    for tick in range(60):
        say(room, 1, loud(3000), tick * 160 + (jump if tick >= 30 else 0))
        room.clock.advance(TICK)
    levels = values(anna)
    assert levels[25] == exact(3000)
    assert levels[45:] == [exact(3000)] * 15


def test_timestamps_that_stand_still_or_make_no_sense_harm_nobody(room):
    anna, ben, _clara = room.enter(), room.enter(), room.enter()
    dice = np.random.default_rng(3)
    for tick in range(60):
        say(room, 1, loud(3000), 0)
        say(room, 2, loud(700), int(dice.integers(0, 1 << 32)))
        say(room, 0, loud(1000), tick * 160)
        room.clock.advance(TICK)
    assert len(ben.heard) == 60
    assert len(anna.heard) == 60
    assert all(member.depth <= 30 for member in room.members)


def test_a_codec_that_nobody_knows_is_not_heard(room):
    anna, _ben = room.enter(), room.enter()
    for tick in range(10):
        say(room, 1, loud(3000), tick * 160, _ILBC)
        say(room, 1, loud(3000), tick * 160)
        room.clock.advance(TICK)
    assert values(anna)[-1] == exact(3000)


def test_another_codec_than_is_sent_to_it_is_heard_too(room):
    anna, _ben = room.enter(), room.enter(PCMU)
    encoder = Encoder(G722)
    sound = (8000 * np.sin(2 * np.pi * 700 * np.arange(320 * 40) / 16000)).astype(np.int16)
    for tick in range(40):
        say(room, 1, encoder.encode(sound[tick * 320 : tick * 320 + 320].tobytes()), tick * 160, G722)
        room.clock.advance(TICK)
    heard = narrow(anna)[-3200:]
    assert abs(int(np.abs(np.fft.rfft(heard)).argmax()) * 2.5 - 700) <= 5


@pytest.mark.parametrize("announced", [PCMU, PCMA, OPUS])
def test_sixteen_kilohertz_in_the_clothes_of_eight_are_noise_and_nothing_worse(room, announced):
    anna, _ben, clara = room.enter(), room.enter(announced), room.enter()
    encoder = Encoder(G722)
    sound = (8000 * np.sin(2 * np.pi * 700 * np.arange(320 * 20) / 16000)).astype(np.int16)
    for tick in range(20):
        say(room, 1, encoder.encode(sound[tick * 320 : tick * 320 + 320].tobytes()), tick * 160, announced)
        say(room, 0, loud(1000), tick * 160)
        room.clock.advance(TICK)
    assert len(anna.heard) == 20
    assert len(clara.heard) == 20


def test_linear_sound_of_sixteen_kilohertz_announced_as_law_is_noise_and_nothing_worse(room):
    anna, _ben = room.enter(), room.enter()
    sound = sine(300, milliseconds=1000).tobytes()
    for tick in range(20):
        say(room, 1, sound[tick * 640 : tick * 640 + 640], tick * 160)
        room.clock.advance(TICK)
    assert len(anna.heard) == 20


@pytest.mark.parametrize("missing", [1, 5, 10])
def test_a_key_pressed_while_somebody_speaks_does_not_break_the_voice(room, missing):
    """The sound stands still while a phone sends telephone-event, and its timestamps go on."""
    anna, _ben = room.enter(), room.enter()
    for tick in range(60):
        if not 30 <= tick < 30 + missing:
            say(room, 1, loud(3000), tick * 160)
        room.clock.advance(TICK)
    levels = values(anna)
    assert levels[20:30] == [exact(3000)] * 10
    assert levels[30 + missing + 2 :] == [exact(3000)] * (28 - missing)


def test_who_is_silent_by_sending_nothing_comes_back_without_delay(room):
    anna, _ben = room.enter(), room.enter()
    begun = []
    for start in (0, 30, 150, 400):
        while room.ticks < start:
            room.turn()
        anna.heard.clear()
        for _ in range(8):
            room.turn(None, loud(3000))
        begun.append([level > 0 for level in values(anna)].index(True))
    assert max(begun) <= 2


def test_a_thousand_packets_at_once_are_not_kept(room):
    room.enter()
    for number in range(1000):
        say(room, 0, loud(100), number * 160)
    assert room.members[0].depth <= 30


def test_ticks_left_out_are_told_once_in_the_log(room, caplog):
    room.enter()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            room.clock.jump(1.0)
            room.clock.advance(0.1)
    assert room.mixer.skipped > 100
    assert len(caplog.records) == 1
    assert "too slow or was asleep" in caplog.text


def test_a_room_outlives_whoever_fails_to_hear_what_it_tells(room):
    anna, _ben = room.enter(), room.enter()

    def fail(_talking: bool) -> None:
        raise RuntimeError("a mistake")

    room.members[1].on_talking = fail
    for _ in range(2):
        room.turn(None, loud(3000))
    with pytest.raises(RuntimeError, match="a mistake"):
        room.turn(None, loud(3000))
    for _ in range(8):
        room.turn(None, loud(3000))
    assert values(anna)[-1] == exact(3000)


class Phone:
    """The packets of one phone, handed to its leg's stream as if they had come from the network."""

    def __init__(self, session: MediaSession) -> None:
        offer = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        session.answer(offer + b"m=audio 9 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n")
        self._stream = session.audio
        self.keys: list[str] = []
        session.audio.on_dtmf = self.keys.append
        self.ssrc, self.sequence, self.timestamp = 1, 0, 0

    def sends(self, payload: bytes, *, kind: int = 0, timestamp: int | None = None) -> None:
        stamp = self.timestamp if timestamp is None else timestamp
        packet = RtpPacket(kind, self.sequence & 0xFFFF, stamp & 0xFFFFFFFF, self.ssrc, payload)
        self._stream.receive(packet.encode(), ("127.0.0.1", 9))
        self.sequence += 1


@pytest.fixture
async def on_the_phone():
    clock = FakeClock()
    mixer = Mixer(clock)
    session = MediaSession(PortPool(free_range(20)), "127.0.0.1", clock=clock, codecs=(PCMU,))
    await session.open()
    phone, listener = Phone(session), FakeAudio()
    mixer.add(session.audio)
    mixer.add(listener)
    yield clock, phone, listener
    mixer.close()
    session.close()


async def test_a_source_that_changes_is_heard_on(on_the_phone):
    clock, phone, listener = on_the_phone
    for tick in range(60):
        if tick == 30:
            phone.ssrc, phone.sequence, phone.timestamp = 99, 40_000, 1 << 30
        phone.sends(loud(3000))
        phone.timestamp += 160
        clock.advance(TICK)
    levels = values(listener)
    assert levels[10:28] == [exact(3000)] * 18
    assert levels[35:] == [exact(3000)] * 25


@pytest.mark.parametrize("also_speaks", [True, False])
async def test_keys_during_speech_are_told_and_the_voice_goes_on(on_the_phone, also_speaks):
    clock, phone, listener = on_the_phone
    for tick in range(60):
        pressed = 30 <= tick < 36
        if pressed:
            ended = 0x80 if tick == 35 else 0
            phone.sends(bytes([5, ended | 10]) + (160 * (tick - 29)).to_bytes(2), kind=101, timestamp=30 * 160)
        if also_speaks or not pressed:
            phone.sends(loud(3000))
        phone.timestamp += 160
        clock.advance(TICK)
    assert phone.keys == ["5"]
    levels = values(listener)
    assert levels[39:] == [exact(3000)] * 21
    if also_speaks:
        assert levels[10:39] == [exact(3000)] * 29


async def test_packets_of_a_codec_that_nobody_agreed_on_are_not_heard(on_the_phone):
    clock, phone, listener = on_the_phone
    for _ in range(20):
        phone.sends(loud(30000, PCMA), kind=8)
        phone.sends(bytes(33), kind=3)
        phone.sends(loud(3000))
        phone.timestamp += 160
        clock.advance(TICK)
    assert values(listener)[5:] == [exact(3000)] * 15
