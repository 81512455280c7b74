"""What a room is played: announcements, music, a sound that somebody sends into it."""

from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import NDArray

from pbx_lite.media.g711 import Samples
from pbx_lite.media.mixer.member import Member
from pbx_lite.media.recording import RATE, Recording
from pbx_lite.media.resample import Rates, Sum

BLOCK = RATE // 50
_RAMP = RATE // 200  # samples: 5 ms in and out, so that nothing clicks
_LINGER = 50  # ticks that those who heard a sound alone keep their own encoding, until their decoders are where all are
_RISING: NDArray[np.float64] = np.arange(1, _RAMP + 1) / _RAMP

type Programme = tuple[Sound, ...]
"""What somebody hears that not all hear."""


class Sound:
    """One recording on its way into the room; `only` are those who hear it, None is everybody."""

    def __init__(self, sound: Samples, only: frozenset[Member] | None, done: Callable[[], None] | None) -> None:
        self.only = only
        self.done = done
        self.over = False
        self._sound = sound
        self._position = 0
        self._lingering = 0
        self._block: Sum = np.zeros(BLOCK, dtype=np.int32)
        self._rates: dict[int, Rates] = {}
        self._converted: dict[int, Sum] = {}

    def stop(self) -> None:
        """Go out within 5 ms; `done` is not called any more."""
        self.done = None
        self._sound = self._sound[: self._position + _RAMP]

    def step(self) -> Sum:
        """The next 20 ms at `RATE`."""
        at, self._position = self._position, self._position + BLOCK
        rest = len(self._sound) - at
        block: Sum = np.zeros(BLOCK, dtype=np.int32)
        if rest > 0:
            block[:rest] = self._sound[at : self._position]
            if at == 0:
                block[:_RAMP] = np.rint(block[:_RAMP] * _RISING)
            self._fall(block, rest)
        else:  # one block of nothing, which lets the resamplers run out
            self.over = True
            self._lingering += 1
        self._block = block
        self._converted.clear()
        return block

    @property
    def gone(self) -> bool:
        return self.over and (self.only is None or self._lingering > _LINGER)

    def at(self, rate: int) -> Sum:
        """What `step` gave, at another rate."""
        if rate == RATE:
            return self._block
        if rate not in self._converted:
            if rate not in self._rates:
                self._rates[rate] = Rates(RATE, rate)
            self._converted[rate] = self._rates[rate].convert(self._block)
        return self._converted[rate]

    def _fall(self, block: Sum, rest: int) -> None:
        """Quieter towards the end of the sound, which is `rest` samples after the block's begin."""
        begin, end = max(0, rest - _RAMP), min(rest, BLOCK)
        if begin < end:
            left = rest - np.arange(begin, end)
            block[begin:end] = np.rint(block[begin:end] * ((left - 1) / _RAMP))


class Sounds:
    """All that is played in one room."""

    def __init__(self) -> None:
        self._playing: list[Sound] = []

    def __bool__(self) -> bool:
        return bool(self._playing)

    def play(self, recording: Recording, done: Callable[[], None] | None, only: Collection[Member] | None) -> Sound:
        samples = np.frombuffer(recording.sound, np.int16)
        sound = Sound(samples, None if only is None else frozenset(only), done)
        self._playing.append(sound)
        return sound

    def stop(self, sound: Sound | None) -> None:
        for each in self._playing:
            if sound is None or each is sound:
                each.stop()

    def step(self) -> tuple[Sum | None, list[Callable[[], None]]]:
        """What everybody hears in the next 20 ms, and who is to be told that a sound is over."""
        total: Sum | None = None
        told: list[Callable[[], None]] = []
        for sound in self._playing:
            block = sound.step()
            if sound.only is None and not sound.over:
                total = block if total is None else total + block
            if sound.over and sound.done is not None:
                told.append(sound.done)
                sound.done = None
        self._playing = [sound for sound in self._playing if not sound.gone]
        return total, told

    def programmes(self, members: list[Member], rate: int) -> tuple[dict[Member, Programme], dict[Programme, Sum]]:
        """What some of these hear besides, and how that sounds at this rate."""
        heard: dict[Member, Programme] = {}
        sums: dict[Programme, Sum] = {}
        if not any(sound.only for sound in self._playing):
            return heard, sums
        for member in members:
            programme = tuple(sound for sound in self._playing if sound.only is not None and member in sound.only)
            if programme:
                heard[member] = programme
                if programme not in sums:
                    sums[programme] = np.sum([sound.at(rate) for sound in programme], axis=0, dtype=np.int32)
        return heard, sums

    def deserted(self, members: Collection[Member]) -> list[Callable[[], None]]:
        """Forget what none of these hears; who is to be told."""
        left = [sound for sound in self._playing if _heard(sound, members)]
        told = [sound.done for sound in self._playing if sound.done is not None and sound not in left]
        self._playing = left
        return told


def _heard(sound: Sound, members: Collection[Member]) -> bool:
    return bool(members) if sound.only is None else not sound.only.isdisjoint(members)
