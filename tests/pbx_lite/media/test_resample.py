"""Blocks of sound at another rate: the same tone, no seam, nothing from outside the band."""

import numpy as np
import pytest

from pbx_lite.media.resample import Rates

_PAIRS = [(8000, 16000), (16000, 8000), (8000, 48000), (48000, 8000), (16000, 48000), (48000, 16000)]


def converted(source: int, target: int, hertz: float):
    rates = Rates(source, target)
    block = source // 50
    sound = (10000 * np.sin(2 * np.pi * hertz * np.arange(block * 20) / source)).astype(np.int32)
    return np.concatenate([rates.convert(sound[at : at + block]) for at in range(0, len(sound), block)])


@pytest.mark.parametrize(("source", "target"), _PAIRS)
@pytest.mark.parametrize("hertz", [300, 1000, 3000])
def test_a_tone_stays_the_tone_it_was(source, target, hertz):
    sound = converted(source, target, hertz)
    assert len(sound) == target * 20 // 50
    second = sound[len(sound) // 2 :]
    found = np.abs(np.fft.rfft(second * np.hanning(len(second))))
    assert abs(found.argmax() * target / len(second) - hertz) < 5
    assert 9500 < np.abs(second).max() < 10200
    assert np.abs(np.diff(second)).max() < 10500 * 2 * np.pi * hertz / target


@pytest.mark.parametrize(("source", "hertz"), [(16000, 5500), (48000, 5500), (48000, 20000)])
def test_what_does_not_fit_is_left_out(source, hertz):
    assert np.abs(converted(source, 8000, hertz)[100:]).max() < 30


def test_it_is_idle_once_everything_is_out():
    rates = Rates(8000, 16000)
    assert rates.idle
    rates.convert(np.ones(160, dtype=np.int32))
    assert not rates.idle
    rates.convert(np.zeros(160, dtype=np.int32))
    assert rates.idle


def test_rates_that_are_no_multiples_are_refused():
    with pytest.raises(ValueError, match="multiples"):
        Rates(8000, 44100)
