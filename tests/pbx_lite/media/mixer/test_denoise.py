"""A noisy line: how much noise goes, and that what is said stays."""

import numpy as np
import pytest

from pbx_lite.media import g711
from pbx_lite.media.mixer.denoise import Denoiser
from pbx_lite.media.port import PCMU
from tests.pbx_lite.media.mixer.rooms import Room
from tests.pbx_lite.media.mixer.voice import paused, speech

_SECONDS = 6.0


def cleaned(rate: int, sound):
    denoiser, block = Denoiser(rate), rate // 50
    rows = sound.astype(np.int16).reshape(-1, block)
    return np.concatenate([denoiser.clean([0], row[None])[0] for row in rows]).astype(np.float64)


def noise(rate: int, level: float, seed: int = 1):
    return np.random.default_rng(seed).normal(0, level, round(rate * _SECONDS))


def snr(clean, heard) -> float:
    """In dB, whatever the volume."""
    gain = clean @ heard / (clean @ clean)
    return float(10 * np.log10(np.sum((gain * clean) ** 2) / np.sum((heard - gain * clean) ** 2)))


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
@pytest.mark.parametrize("level", [250, 700])
def test_speech_is_further_above_the_noise_than_before(rate, level):
    said = speech(rate, _SECONDS)
    noisy = said + noise(rate, level)
    heard = cleaned(rate, noisy)
    late, settled = rate // 100, rate
    before = snr(said[settled:], noisy[settled:])
    after = snr(said[settled:-late], heard[settled + late :])
    assert after > before + (1.5 if rate == 8000 else 4.0)
    pauses = paused(rate, _SECONDS)[settled:-late]
    left = heard[settled + late :][pauses].std() / noisy[settled:-late][pauses].std()
    assert 20 * np.log10(left) < -12.0


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_it_is_ten_milliseconds_later_and_a_clean_line_stays_as_it_is(rate):
    said = speech(rate, _SECONDS)
    heard = cleaned(rate, said)
    late = rate // 100
    assert snr(said[rate:-late], heard[rate + late :]) > 20.0
    assert abs(20 * np.log10(heard[rate:].std() / said[rate:].std())) < 1.0


def test_each_line_has_a_noise_of_its_own():
    denoiser = Denoiser(8000)
    dice = np.random.default_rng(2)
    loud, quiet = [], []
    for _ in range(100):
        rows = np.vstack((dice.normal(0, 1000, 160), dice.normal(0, 30, 160))).astype(np.int16)
        first, second = denoiser.clean([3, 8], rows)
        loud.append(first.std())
        quiet.append(second.std())
    assert np.mean(loud[50:]) < 400
    assert np.mean(quiet[50:]) < 12
    denoiser.forget(3)
    assert denoiser.clean([3], np.zeros((1, 160), np.int16)).max() == 0


def test_a_party_of_a_room_may_be_denoised_while_it_speaks():
    room = Room()
    anna, _ben = room.enter(), room.enter()
    said = speech(8000, _SECONDS)
    noisy = (said + noise(8000, 400)).astype(np.int16)
    for number in range(250):
        room.members[1].denoise = 20 <= number < 150
        room.turn(None, g711.encode(PCMU, noisy[number * 160 : number * 160 + 160]))
    heard = np.concatenate([g711.decode(PCMU, [packet.payload])[0] for packet in anna.heard]).astype(np.float64)
    # One step of the jitter buffer and the denoiser's own delay.
    after = snr(said[8000:23840], heard[8000 + 160 + 80 : 23840 + 160 + 80])
    assert after > snr(said[8000:23840], noisy[8000:23840]) + 1.5
    assert snr(said[26000:39000], heard[26160:39160]) == pytest.approx(
        snr(said[26000:39000], noisy[26000:39000]), abs=1
    )
    assert np.abs(np.diff(heard)).max() < 1.2 * np.abs(np.diff(noisy.astype(np.int32))).max()
