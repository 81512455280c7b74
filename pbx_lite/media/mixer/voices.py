"""Who of a room speaks, and how loud each is heard: one array for all."""

import numpy as np
from numpy.typing import NDArray

from pbx_lite.media.g711 import Samples

_QUIETEST = 50.0  # mean level, of 32768: -56 dB
_NOISIEST = 150.0  # a line cannot be so noisy that speech at -47 dB is taken for noise
_ABOVE = 3.0  # how far speech is above a line's noise
_RISE = 1.01  # a tick: noise that grows is believed slowly, one that falls at once
_HANGOVER = 15  # ticks: 300 ms between two words are no silence
_RAMP = 0.25  # of a tick: 5 ms in and out, so that nothing clicks
_STEP = 64

type Slots = NDArray[np.intp]


class Voices:
    """Levels and gains by slot; a slot is given with `take` and given back with `leave`."""

    def __init__(self) -> None:
        self._free: list[int] = []
        self._floor = np.zeros(0)
        self._hang = np.zeros(0, dtype=np.int32)
        self._gain = np.zeros(0)
        self._talking = np.zeros(0, dtype=np.bool_)
        self._ramps: dict[int, NDArray[np.float64]] = {}

    def take(self) -> int:
        if not self._free:
            size = len(self._gain)
            self._free = list(range(size + _STEP - 1, size - 1, -1))
            self._floor, self._gain = np.resize(self._floor, size + _STEP), np.resize(self._gain, size + _STEP)
            self._hang, self._talking = np.resize(self._hang, size + _STEP), np.resize(self._talking, size + _STEP)
        slot = self._free.pop()
        self._floor[slot], self._hang[slot], self._gain[slot] = _QUIETEST / _ABOVE, 0, 0.0
        self._talking[slot] = False
        return slot

    def leave(self, slot: int) -> None:
        self._free.append(slot)

    def listen(self, slots: Slots, sound: Samples, wanted: NDArray[np.float64]) -> tuple[NDArray[np.bool_], list[int]]:
        """Which rows are speech, or were until just now; and of which that is another answer than before."""
        level = np.add.reduce(np.abs(sound), axis=1, dtype=np.int32) / sound.shape[1]
        floor = np.minimum(np.minimum(self._floor[slots] * _RISE, level + 1.0), _NOISIEST)
        self._floor[slots] = floor
        hang = np.where(level > np.maximum(floor * _ABOVE, _QUIETEST), _HANGOVER, self._hang[slots] - 1)
        self._hang[slots] = np.maximum(hang, 0)
        speech: NDArray[np.bool_] = (hang > 0) & (wanted > 0.0)
        changed = (speech != self._talking[slots]).nonzero()[0]
        self._talking[slots] = speech
        return speech, changed.tolist()

    def contribute(self, slots: Slots, sound: Samples, wanted: NDArray[np.float64]) -> tuple[Slots, NDArray[np.int32]]:
        """The rows that are heard at the gains `wanted`, and what each adds; changes of gain take 5 ms."""
        before = self._gain[slots]
        self._gain[slots] = wanted
        heard = (before + wanted > 0.0).nonzero()[0]
        added = sound[heard].astype(np.int32) if len(heard) < len(sound) else sound.astype(np.int32)
        was, will = before[heard], wanted[heard]
        changing = ((was != 1.0) | (will != 1.0)).nonzero()[0]
        if len(changing):
            was, will = was[changing, None], will[changing, None]
            gains = was + (will - was) * self._ramp(sound.shape[1])
            added[changing] = np.rint(added[changing] * gains)
        return heard, added

    def farewell(self, slot: int, sound: Samples) -> NDArray[np.int32]:
        """How somebody who leaves goes out in 5 ms."""
        falling = self._gain[slot] * (1.0 - self._ramp(len(sound)))
        going: NDArray[np.int32] = np.rint(sound * falling).astype(np.int32)
        return going

    def silence(self, slots: Slots) -> None:
        """Nothing came of these: they begin softly."""
        self._gain[slots] = 0.0
        self._talking[slots] = False

    def _ramp(self, size: int) -> NDArray[np.float64]:
        if size not in self._ramps:
            self._ramps[size] = np.minimum(1.0, np.arange(1, size + 1) / (size * _RAMP))
        return self._ramps[size]
