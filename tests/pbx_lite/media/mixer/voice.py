"""Something that is built like speech: a buzz through formants, in syllables with pauses between."""

import numpy as np
from numpy.typing import NDArray


def speech(rate: int, seconds: float, *, pitch: float = 120.0, level: float = 2500.0) -> NDArray[np.float64]:
    """`level` is the root mean square while somebody speaks; a pause of 200 ms follows each word of 400 ms."""
    t = np.arange(round(rate * seconds)) / rate
    # The pitch rises and falls, as voices do.
    phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.06 * np.sin(2 * np.pi * 1.7 * t))) / rate
    sound = np.zeros(len(t))
    for harmonic in range(1, int(3600 / pitch)):
        hertz = harmonic * pitch
        weight = sum(
            strength / (1 + ((hertz - formant) / 120) ** 2)
            for formant, strength in ((550, 1.0), (1500, 0.5), (2500, 0.3))
        )
        sound += weight * np.sin(harmonic * phase + harmonic**2)
    within = t % 0.6
    envelope = np.where(within < 0.4, np.minimum(1.0, np.minimum(within, 0.4 - within) / 0.03), 0.0)
    sound *= envelope
    sound *= level / np.sqrt(np.mean(sound[envelope > 0.9] ** 2))
    return sound


def paused(rate: int, seconds: float) -> NDArray[np.bool_]:
    """Where `speech` says nothing."""
    within = (np.arange(round(rate * seconds)) / rate) % 0.6
    return (within > 0.45) & (within < 0.58)
