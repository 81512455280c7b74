import asyncio
from collections.abc import Callable
from itertools import islice, pairwise

import pytest

from pbx_lite.media.codecs import Decoder, encode_samples
from pbx_lite.media.inband import InbandDetector
from pbx_lite.media.port import G722, PCMA, PCMU, AudioPacket, AudioSink, Codec
from pbx_lite.media.tones import BUSY, KEYPAD, RING_BACK, SILENCE, Tone, dtmf, frames, packets, play
from pbx_lite.media.transcode import Transcoder
from pbx_lite.tasks import spawn
from tests.support.clock import FakeClock

from .test_codecs import level


@pytest.mark.parametrize("codec", [PCMU, PCMA, G722])
def test_ring_back_sounds_one_second_of_five(codec):
    turn = list(islice(packets(RING_BACK, codec), 250))
    decoder = Decoder(codec)
    sound = [decoder.decode(packet.payload) for packet in turn]
    assert level(b"".join(sound[5:45]), codec.sample_rate, 425) > 0.98
    assert max(map(abs, memoryview(b"".join(sound[60:])).cast("h"))) < 100
    assert {(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in pairwise(turn)} == {160}
    assert [packet.marker for packet in turn[:3]] == [True, False, False]


def test_a_tone_goes_on_without_end():
    assert len(list(islice(packets(BUSY, PCMU), 120))) == 120


def test_silence_is_packets_too():
    assert {packet.payload for packet in islice(packets(SILENCE, PCMA), 60)} == {b"\xd5" * 160}


class Port:
    """An `AudioPort` that keeps what it is to send."""

    def __init__(self, codec: Codec | None = None) -> None:
        self.codec = codec
        self.sink: AudioSink | None = None
        self.on_dtmf: Callable[[str], None] | None = None
        self.sent: list[AudioPacket] = []
        self.sends = asyncio.Event()

    def send(self, packet: AudioPacket) -> None:
        self.sent.append(packet)
        self.sends.set()


async def test_a_tone_is_played_at_its_pace_in_the_codec_wanted():
    frames(RING_BACK, PCMA)
    frames(RING_BACK, PCMU)
    clock, port = FakeClock(), Port()
    playing = spawn(play(port, clock), name="tone")
    await clock.settle(0.1)
    assert port.sent == []
    port.codec = PCMA
    await clock.settle(1)
    port.codec = PCMU
    await clock.settle(0.5)
    assert [packet.codec for packet in port.sent].count(PCMA) == 50
    assert [packet.codec for packet in port.sent].count(PCMU) == 25
    playing.cancel()
    await asyncio.gather(playing, return_exceptions=True)


@pytest.mark.parametrize("codec", [PCMU, PCMA, G722])
def test_every_key_is_heard_once(codec):
    pause = [AudioPacket(PCMU, encode_samples(PCMU, [0] * 160), 0)] * 6
    said = [packet for key in KEYPAD + KEYPAD[0] for packet in (*dtmf(key, PCMU, 100), *pause)]
    line = Transcoder(PCMU, codec)
    ears = InbandDetector()
    heard = []
    for number, packet in enumerate(said):
        for passed in line.convert(packet._replace(timestamp=number * 160)):
            heard += ears.push(codec, passed.payload)
    assert "".join(heard) == KEYPAD + KEYPAD[0]


def test_the_same_key_twice_is_told_twice_and_a_held_key_once():
    ears = InbandDetector()
    heard = []
    for packet in (*dtmf("5", PCMU, 2000), *dtmf("5", None, 100)):
        heard += ears.push(PCMU, packet.payload)
    for _ in range(6):
        heard += ears.push(PCMU, encode_samples(PCMU, [0] * 160))
    for packet in dtmf("5", PCMU, 100):
        heard += ears.push(PCMU, packet.payload)
    assert heard == ["5", "5"]


def test_noise_speech_like_sound_and_single_tones_are_no_keys():
    ears = InbandDetector()
    heard = []
    for packet in islice(packets(RING_BACK, PCMU), 50):
        heard += ears.push(PCMU, packet.payload)
    state = 1
    for _ in range(100):
        noise = []
        for _ in range(160):
            state = (state * 1103515245 + 12345) % 2**31
            noise.append(state // 65536 % 20000 - 10000)
        heard += ears.push(PCMU, encode_samples(PCMU, noise))
    assert heard == []


def test_what_is_no_key_makes_no_sound():
    assert dtmf("x", PCMU, 100) == []
    assert dtmf("1", None, 100) == []


async def test_a_tone_that_was_never_played_before_is_made_aside():
    port = Port(PCMU)
    playing = spawn(play(port, FakeClock(), Tone((440,), (0.1, 0.1))), name="tone")
    await asyncio.wait_for(port.sends.wait(), 5)
    playing.cancel()
    await asyncio.gather(playing, return_exceptions=True)
