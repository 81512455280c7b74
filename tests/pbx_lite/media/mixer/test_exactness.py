"""Sample for sample: who hears what of whom, in all codecs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pbx_lite.media import g711
from pbx_lite.media.codecs import Decoder, Encoder, is_g711
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, Codec
from tests.pbx_lite.media.mixer.rooms import Room
from tests.support.fake_leg import FakeAudio

_CODECS = (PCMU, PCMA, G722, OPUS)


def tone(codec: Codec, hertz: float, ticks: int, level: int = 4000) -> list[bytes]:
    """Payloads of 20 ms."""
    rate = codec.sample_rate
    size = rate // 50
    sound = (level * np.sin(2 * np.pi * hertz * np.arange(size * ticks) / rate)).astype(np.int16)
    blocks = sound.reshape(ticks, size)
    if is_g711(codec):
        return [g711.encode(codec, block) for block in blocks]
    encoder = Encoder(codec)
    return [encoder.encode(block.tobytes()) for block in blocks]


def codec_of(port: FakeAudio) -> Codec:
    assert port.codec is not None
    return port.codec


def heard(port: FakeAudio):
    codec = codec_of(port)
    if is_g711(codec):
        return g711.decode(codec, [packet.payload for packet in port.heard]).ravel().astype(np.float64)
    decoder = Decoder(codec)
    sound = b"".join(decoder.decode(packet.payload) for packet in port.heard)
    return np.frombuffer(sound, np.int16).astype(np.float64)


def amplitude(codec: Codec, sound, hertz: float) -> float:
    """Of this tone, in the second half of the sound."""
    part = sound[len(sound) // 2 :]
    window = np.hanning(len(part))
    wave = np.exp(-2j * np.pi * hertz * np.arange(len(part)) / codec.sample_rate)
    return float(2 * abs(np.sum(part * window * wave)) / window.sum())


@pytest.mark.parametrize("count", [2, 3, 100])
@pytest.mark.parametrize("law", [PCMU, PCMA])
def test_every_sample_is_the_sum_of_what_the_others_say(count, law):
    room = Room()
    ports = [room.enter(law) for _ in range(count)]
    dice = np.random.default_rng(count)
    level = 20000 / np.sqrt(count)
    said = [[g711.encode(law, dice.normal(0, level, 160).astype(np.int16)) for _ in ports] for _ in range(8)]
    for row in said:
        room.turn(*row)
    for tick in range(3, 8):
        rows = g711.decode(law, said[tick - 1]).astype(np.int64)  # one step waits in the jitter buffer
        whole = rows.sum(axis=0)
        for port, own in zip(ports, rows, strict=True):
            expected = np.clip(whole - own, -32768, 32767).astype(np.int16)
            assert port.heard[tick].payload == g711.encode(law, expected)


@given(st.lists(st.sampled_from(_CODECS), min_size=2, max_size=5))
@settings(max_examples=20, deadline=None)
def test_nobody_hears_themselves_and_all_hear_the_others(codecs):
    room = Room()
    ports = [room.enter(codec) for codec in codecs]
    hertz = [500 + 430 * number for number in range(len(codecs))]
    said = [tone(codec, each, 50) for codec, each in zip(codecs, hertz, strict=True)]
    for tick in range(50):
        room.turn(*[payloads[tick] or None for payloads in said])
    for number, port in enumerate(ports):
        sound = heard(port)
        assert amplitude(codec_of(port), sound, hertz[number]) < 60
        for other, each in enumerate(hertz):
            if other != number:
                assert amplitude(codec_of(port), sound, each) > 2500


@pytest.mark.parametrize("speaker", [G722, OPUS])
def test_wideband_passes_between_wideband_parties_and_not_to_the_others(speaker):
    room = Room()
    room.enter(speaker)
    listeners = [room.enter(codec) for codec in _CODECS]
    for payload in tone(speaker, 5000, 60):
        room.turn(payload or None)
    for port in listeners:
        sound = heard(port)
        if is_g711(codec_of(port)):
            assert np.abs(sound[len(sound) // 2 :]).max() < 250  # G.722's own noise
        else:
            assert amplitude(codec_of(port), sound, 5000) > 3000


@given(
    st.lists(st.tuples(st.sampled_from(_CODECS), st.integers(0, 32767)), min_size=2, max_size=6),
    st.floats(0.0, 8.0),
)
@settings(max_examples=20, deadline=None)
def test_whatever_is_said_and_however_loud_no_sample_wraps(parties, volume):
    room = Room()
    ports = [room.enter(codec) for codec, _ in parties]
    for member in room.members:
        member.volume = volume
    # A slow wave: where it wrapped, it would jump from one end to the other.
    said = [tone(codec, 100, 20, level) for codec, level in parties]
    for tick in range(20):
        room.turn(*[payloads[tick] or None for payloads in said])
    for port in ports:
        if is_g711(codec_of(port)):
            assert np.abs(np.diff(heard(port)[480:])).max() < 20000


@pytest.mark.parametrize("codec", _CODECS)
def test_who_is_muted_is_not_to_be_heard_at_all(codec):
    room = Room()
    anna = room.enter()
    room.enter(codec, muted=True)
    for payload in tone(codec, 700, 30):
        room.turn(None, payload or None)
    assert np.abs(heard(anna)).max() == 0
