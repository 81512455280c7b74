import math
from array import array

import av
import numpy as np
import pytest

from pbx_lite.errors import MediaError
from pbx_lite.media.codecs import Decoder, Encoder, Resampler, encode_samples, frame_bytes, translation
from pbx_lite.media.port import G722, OPUS, PCM16, PCMA, PCMU, Codec


def sine(rate, seconds=1.0, frequency=440):
    return array("h", (int(9000 * math.sin(2 * math.pi * frequency * at / rate)) for at in range(int(rate * seconds))))


def level(sound, rate, frequency=440):
    """The share of all power that is at this frequency."""
    samples = array("h", sound)
    turn = 2 * math.pi * frequency / rate
    real = sum(sample * math.cos(turn * at) for at, sample in enumerate(samples))
    imaginary = sum(sample * math.sin(turn * at) for at, sample in enumerate(samples))
    return 2 * (real**2 + imaginary**2) / len(samples) / max(1, sum(sample * sample for sample in samples))


@pytest.mark.parametrize("codec", [PCMU, PCMA])
def test_our_g711_is_that_of_ffmpeg(codec):
    samples = list(range(-32768, 32768, 16 if codec == PCMU else 32))
    expected = Decoder(codec).decode(encode_samples(codec, samples))
    encoder = Encoder(codec)
    theirs = Decoder(codec).decode(encoder.encode(array("h", samples).tobytes()))
    worst = max(
        abs(ours - other) / (abs(other) + 256)
        for ours, other in zip(array("h", expected), array("h", theirs), strict=True)
    )
    assert worst < 0.08  # one step of the law at most


@pytest.mark.parametrize("codec", [PCMU, PCMA])
def test_every_g711_byte_survives_decoding_and_encoding(codec):
    every = bytes(range(256))
    samples = list(array("h", Decoder(codec).decode(every)))
    again = encode_samples(codec, samples)
    assert list(array("h", Decoder(codec).decode(again))) == samples


def test_one_law_becomes_the_other_by_one_table():
    table = translation(PCMU, PCMA)
    assert len(table) == 256
    before = array("h", Decoder(PCMU).decode(bytes(range(256))))
    after = array("h", Decoder(PCMA).decode(bytes(range(256)).translate(table)))
    assert all(abs(old - new) <= max(16, abs(old) * 0.05) for old, new in zip(before, after, strict=True))


def test_silence_stays_silence():
    assert encode_samples(PCMU, [0]) == b"\xff"
    assert encode_samples(PCMA, [0]) == b"\xd5"


@pytest.mark.parametrize("codec", [PCMU, PCMA, G722, OPUS, PCM16])
def test_a_tone_survives_each_codec(codec):
    sound = sine(codec.sample_rate).tobytes()
    size = frame_bytes(codec.sample_rate)
    encoder, decoder = Encoder(codec), Decoder(codec)
    heard = b"".join(decoder.decode(encoder.encode(sound[at : at + size])) for at in range(0, len(sound), size))
    assert level(heard[size * 5 :], codec.sample_rate) > 0.98


def test_opus_packets_are_of_20_ms():
    encoder = Encoder(OPUS)
    payloads = [encoder.encode(bytes(frame_bytes(48000))) for _ in range(5)]
    assert all(payloads)


@pytest.mark.parametrize(
    ("source", "target"), [(8000, 16000), (16000, 8000), (8000, 48000), (48000, 8000), (48000, 16000)]
)
def test_a_tone_survives_another_rate(source, target):
    resampler = Resampler(source, target)
    sound = sine(source).tobytes()
    size = frame_bytes(source)
    heard = b"".join(resampler.convert(sound[at : at + size]) for at in range(0, len(sound), size))
    assert level(heard[2000:], target) > 0.999


def test_sound_that_is_none_is_a_media_error():
    with pytest.raises(MediaError):
        Decoder(OPUS).decode(b"\xff\xff\xff\xff\xff")
    with pytest.raises(MediaError):
        Decoder(Codec("GSM", 8000))


def test_a_browsers_stereo_is_heard_as_one_channel():
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = 48000, "stereo", "s16"
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(48000) / 48000)).astype(np.int16)
    decoder = Decoder(OPUS)
    sound = b""
    for at in range(0, 48000, 960):
        both = np.repeat(tone[at : at + 960], 2).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(both, format="s16", layout="stereo")
        frame.sample_rate, frame.pts = 48000, at
        for packet in encoder.encode(frame):
            payload = decoder.decode(bytes(packet))
            assert len(payload) == 1920
            sound += payload
    assert level(sound[19200:], 48000, 440) > 0.95
    assert 7000 < np.abs(np.frombuffer(sound[19200:], np.int16)).max() < 9000
