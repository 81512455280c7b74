"""Less noise under what is said, for many parties at once (numpy; load it in a thread).

Spectra of 20 ms, half overlapping, are weighed by how far each frequency is above the line's noise: what comes out is
10 ms later.  The noise is followed by how probable it is that speech is there (Gerkmann and Hendriks, 2012), the
weights by Ephraim and Malah's decision-directed rule, so that no chirping is left of it.
"""

import numpy as np
from numpy import fft
from numpy.typing import NDArray

from pbx_lite.media.g711 import Samples

_QUIETEST = 0.12  # 18 dB: a little noise is left, all of it gone sounds like a dead line
_SPEECH = 31.6  # 15 dB: how far speech is expected above the noise
_FOLLOW = np.float32(0.05)  # how far the noise's estimate follows in 10 ms
_HASTE, _CALM = 0.3, np.float32(0.98)  # how fast it falls at first, since that may begin with speech, and how this ends
_STUCK = 0.9  # of what says that the estimate is stuck far below the noise
_MEMORY = 0.94  # of the weights, from one 10 ms to the next
_LEAST = 4.0  # energy of a frequency that counts as nothing

type Floats = NDArray[np.float32]
type Spectrum = NDArray[np.complexfloating]


class Denoiser:
    """The parties of one sample rate, by row numbers of the caller's."""

    def __init__(self, rate: int) -> None:
        self._hop = rate // 100
        bins = self._hop + 1
        ramp = np.sin(np.pi * (np.arange(2 * self._hop) + 0.5) / (2 * self._hop))
        self._window = ramp.astype(np.float32)
        self._rows: dict[int, int] = {}
        self._free: list[int] = []
        self._before: Floats = np.zeros((0, self._hop), np.float32)
        self._tail: Floats = np.zeros((0, self._hop), np.float32)
        self._noise: Floats = np.zeros((0, bins), np.float32)
        self._sure: Floats = np.zeros((0, bins), np.float32)
        self._haste: Floats = np.zeros((0, 1), np.float32)
        self._clean: Floats = np.zeros((0, bins), np.float32)

    def forget(self, number: int) -> None:
        """That one is gone, or something else speaks under its number from here on."""
        if (row := self._rows.pop(number, None)) is not None:
            self._free.append(row)

    def pause(self, number: int) -> None:
        """Nothing is heard of that one: what it says next has nothing to do with what it said."""
        if (row := self._rows.get(number)) is not None:
            self._before[row] = self._tail[row] = 0.0

    def clean(self, numbers: list[int], sound: Samples) -> Samples:
        """20 ms of each of these, 10 ms later."""
        rows = np.array([self._rows[number] if number in self._rows else self._begin(number) for number in numbers])
        heard = np.concatenate((self._before[rows], sound), axis=1, dtype=np.float32)
        hop = self._hop
        made = np.empty(sound.shape, np.float32)
        for at in (0, hop):
            frame = fft.irfft(self._weigh(rows, fft.rfft(heard[:, at : at + 2 * hop] * self._window)), 2 * hop)
            frame *= self._window
            made[:, at : at + hop] = frame[:, :hop] + self._tail[rows]
            self._tail[rows] = frame[:, hop:]
        self._before[rows] = heard[:, 2 * hop :]
        cut = np.clip(np.rint(made), -32768, 32767)
        return cut.astype(np.int16)

    def _weigh(self, rows: NDArray[np.intp], spectrum: Spectrum) -> Spectrum:
        energy = spectrum.real**2 + spectrum.imag**2 + _LEAST
        noise = self._noise[rows]
        fresh = noise[:, 0] == 0.0
        if fresh.any():
            noise[fresh] = energy[fresh]
            self._haste[rows[fresh]] = _HASTE
        over = energy / noise
        speech = 1.0 / (1.0 + (1.0 + _SPEECH) * np.exp(-np.minimum(over, 50.0) * (_SPEECH / (1.0 + _SPEECH))))
        sure = self._sure[rows] * _STUCK + speech * (1.0 - _STUCK)
        self._sure[rows] = sure
        np.minimum(speech, 0.99, out=speech, where=sure > 0.99)
        haste = self._haste[rows]
        noise += np.where(energy < noise, haste, _FOLLOW) * (1.0 - speech) * (energy - noise)
        self._haste[rows] = np.maximum(haste * _CALM, _FOLLOW)
        self._noise[rows] = noise
        over = energy / noise
        above = _MEMORY * self._clean[rows] / noise + (1.0 - _MEMORY) * np.maximum(over - 1.0, 0.0)
        weight = np.maximum(above / (1.0 + above), _QUIETEST)
        self._clean[rows] = weight * weight * energy
        weighed: Spectrum = spectrum * weight
        return weighed

    def _begin(self, number: int) -> int:
        if not self._free:
            size = len(self._before)
            self._free = list(range(size, size + 16))[::-1]
            for name in ("_before", "_tail", "_noise", "_sure", "_clean", "_haste"):
                array = getattr(self, name)
                setattr(self, name, np.concatenate((array, np.zeros((16, array.shape[1]), np.float32))))
        row = self._rows[number] = self._free.pop()
        for array in (self._before, self._tail, self._noise, self._sure, self._clean):
            array[row] = 0.0
        return row
