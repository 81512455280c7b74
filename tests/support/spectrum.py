"""What a telephone has recorded: waiting until a tone, or a voice, is heard in it."""

import asyncio
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

type Sound = Callable[[], NDArray[np.int16]]
_LOUD = 1e6
"""Energy of half a second below which there is nothing to be heard."""


async def hears(sound: Sound, hertz: int, *, rate: int = 8000, share: float = 0.5, timeout: float = 40) -> None:
    """Wait until so much of the last half second is this tone."""
    await _until(lambda last: tone_share(last, hertz, rate=rate) >= share, sound, rate, timeout, f"{hertz} Hz")


async def hears_speech(sound: Sound, *, rate: int = 8000, timeout: float = 40) -> None:
    """Wait until the last half second is a voice or music: loud, and in many frequencies."""
    await _until(lambda last: 0 < _largest_share(last, rate) < 0.6, sound, rate, timeout, "voice")


def tone_share(sound: NDArray[np.float64], hertz: int, *, rate: int = 8000) -> float:
    """How much of the energy lies within 20 Hz of this tone."""
    spectrum, frequencies, total = _spectrum(sound, rate)
    return float(spectrum[np.abs(frequencies - hertz) < 20].sum() / total) if total > _LOUD else 0.0


def _largest_share(sound: NDArray[np.float64], rate: int) -> float:
    spectrum, frequencies, total = _spectrum(sound, rate)
    if np.sqrt(np.mean(sound**2)) < 300:
        return 0.0
    loudest = frequencies[1:][spectrum[1:].argmax()]
    return float(spectrum[np.abs(frequencies - loudest) < 20].sum() / total)


def _spectrum(sound: NDArray[np.float64], rate: int) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    spectrum: NDArray[np.float64] = np.abs(np.fft.rfft(sound)) ** 2
    frequencies: NDArray[np.float64] = np.fft.rfftfreq(len(sound), 1 / rate).astype(np.float64)
    return spectrum, frequencies, float(spectrum[1:].sum())


async def _until(
    right: Callable[[NDArray[np.float64]], bool], sound: Sound, rate: int, timeout: float, what: str
) -> None:
    window = rate // 2
    try:
        async with asyncio.timeout(timeout):
            while True:
                last = sound()[-window:].astype(np.float64)
                if len(last) == window and right(last):
                    return
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"no {what} in {len(sound()) / rate:.1f} s of sound") from None
