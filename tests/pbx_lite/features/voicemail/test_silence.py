import random

import numpy as np
import pytest

from pbx_lite.features.voicemail.silence import Silence
from pbx_lite.media.codecs import Encoder
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, SILENCE, AudioPacket, Codec
from tests.support.tone import FRAME, encode, frames, sine


@pytest.mark.parametrize("law", [PCMU, PCMA])
def test_speech_is_heard_and_silence_is_not(law: Codec) -> None:
    ear = Silence(0.0)
    ear.hear(AudioPacket(law, SILENCE[law], 0), 1.0)
    assert ear.since == 0.0
    ear.hear(AudioPacket(law, frames(sine(440, amplitude=0.05), law=law.name)[0], 160), 2.0)
    assert ear.since == 2.0
    ear.hear(AudioPacket(law, b"", 320), 3.0)
    assert ear.since == 2.0


def test_the_noise_of_a_line_becomes_silence() -> None:
    ear = Silence(0.0)
    noise = random.Random(7)
    for number in range(500):
        samples = np.array([noise.gauss(0, 80) for _ in range(FRAME)]).astype(np.int16)
        ear.hear(AudioPacket(PCMU, encode(samples), number * FRAME), number * 0.02)
    assert ear.since < 2.0


@pytest.mark.parametrize("codec", [G722, OPUS])
def test_wideband_is_decoded_to_be_judged(codec: Codec) -> None:
    size = codec.sample_rate // 50
    encoder, ear = Encoder(codec), Silence(0.0)
    for number in range(30):
        ear.hear(AudioPacket(codec, encoder.encode(bytes(size * 2)), number), number * 0.02)
    assert ear.since == 0.0
    tone = (8000 * np.sin(np.arange(size * 10) / 10)).astype(np.int16).tobytes()
    for number in range(10):
        ear.hear(AudioPacket(codec, encoder.encode(tone[number * size * 2 : (number + 1) * size * 2]), number), 5.0)
    assert ear.since == 5.0


def test_sound_that_is_none_is_silence() -> None:
    ear = Silence(0.0)
    ear.hear(AudioPacket(OPUS, b"\xff\xff\xff", 0), 1.0)
    ear.hear(AudioPacket(Codec("speex", 8000), b"abc", 0), 2.0)
    assert ear.since == 0.0
