"""What is put where a packet is missing: the last period of the voice, again and again, and soon nothing.

After ITU-T G.711 appendix I, but without its delay: the first samples are those before the hole, mirrored, so that
nothing jumps where it begins.
"""

import numpy as np
from numpy.typing import NDArray

from pbx_lite.media.g711 import Samples

STEPS = 3
"""How many steps of 20 ms are covered up; what lasts longer is silence."""
_SHORTEST, _LONGEST = 0.0025, 0.015  # seconds: voices from 400 down to 66 Hz
_COARSE = 8000  # samples a second in which the period is looked for
_VOICED = 0.5  # correlation from which on a sound has a period at all
_SEAM = 0.002  # seconds in which one sound turns into another
_FULL = 0.01  # seconds before it grows quieter

type Floats = NDArray[np.float32]


class Patch:
    """Goes on where `past` ends: 60 ms of what was heard, at `rate`."""

    def __init__(self, past: Samples, rate: int) -> None:
        self._size = rate // 50
        self._seam = round(_SEAM * rate)
        sound = past.astype(np.float32)
        period = _period(sound, rate)
        rising = np.arange(1, self._seam + 1, dtype=np.float32) / (self._seam + 1)
        cycle = sound[-period:].copy()
        before = sound[-period - self._seam : -period]
        cycle[-self._seam :] += (before - cycle[-self._seam :]) * rising
        count = self._size * (STEPS + 1)
        made = np.resize(cycle, count)
        made[: self._seam] += (sound[: -self._seam - 1 : -1] - made[: self._seam]) * rising[::-1]
        full, end = round(_FULL * rate), self._size * STEPS
        made[full:end] *= np.linspace(1.0, 0.0, end - full, dtype=np.float32)
        made[end:] = 0.0
        self._sound: Samples = np.rint(made).astype(np.int16)
        self._position = 0

    def step(self) -> Samples:
        """The next 20 ms."""
        at, self._position = self._position, self._position + self._size
        return self._sound[at : self._position]

    def join(self, sound: Samples) -> None:
        """Let real sound, a step that can be written to, begin where this one is."""
        at = self._position
        blend(self._sound[at : at + self._seam], sound)


def blend(going: Samples, sound: Samples) -> None:
    """Let the beginning of `sound` come up while `going` goes out."""
    count = len(going)
    rising = np.arange(1, count + 1, dtype=np.float32) / (count + 1)
    sound[:count] = np.rint(going + (sound[:count].astype(np.float32) - going) * rising)


def _period(sound: Floats, rate: int) -> int:
    """In samples; of what has none, as long as can be, which hums least."""
    factor = max(1, rate // _COARSE)
    coarse = np.ascontiguousarray(sound[len(sound) % factor :].reshape(-1, factor).mean(axis=1))
    least, most = round(_SHORTEST * _COARSE), round(_LONGEST * _COARSE)
    if len(coarse) < 2 * most:
        return len(sound) // 2
    window = most
    wanted = coarse[-window:]
    # Row k is the window k + least samples before the last one.
    first = len(coarse) - window - most
    shape, strides = (most - least + 1, window), (coarse.strides[0], coarse.strides[0])
    rows: Floats = np.ndarray(shape, np.float32, coarse, first * coarse.strides[0], strides)[::-1]
    energy = np.einsum("ij,ij->i", rows, rows) * float(wanted @ wanted) + 1.0
    likeness = rows @ wanted / np.sqrt(energy)
    best = int(likeness.argmax())
    if likeness[best] < _VOICED:
        return most * factor * 2 if len(coarse) > 2 * most + 2 * factor else most * factor
    # Twice the period is as like: the first that is nearly as good is meant.
    good = (likeness > likeness[best] * 0.95).nonzero()[0]
    first_good = int(good[0])
    while first_good + 1 < len(likeness) and likeness[first_good + 1] > likeness[first_good]:
        first_good += 1
    return (first_good + least) * factor
