"""Sound that comes when the network likes, played every 20 ms: an adaptive jitter buffer (sans-I/O).

It lives by timestamps alone.  The first packet waits one step.  One that comes too late for a step that was played as
a hole is played all the same, and all that follows a step later: the buffer has grown by what was needed.  If even the
latest packet of two seconds was two steps early, a step is left out: it has shrunk.  What is much too deep does so in
half the time.
"""

_MASK = 0xFFFFFFFF
_HALF = 0x80000000
_WAIT = 1  # steps
_DEEPEST = 25  # steps: half a second; what is further ahead is another source
_STARVED = 50  # steps without a packet after which the source counts as silent
_DEEP = 4  # steps
_WINDOW = 100  # packets after which the depth is looked at


class Playout:
    """One source.  `step` is 20 ms in its timestamps, `width` the bytes of a tick, `fill` the byte that is silence."""

    __slots__ = (
        "_early",
        "_fill",
        "_held",
        "_next",
        "_seen",
        "_size",
        "_step",
        "_width",
        "dropped",
        "idle",
        "late",
        "starved",
    )

    def __init__(self, step: int, width: int = 1, fill: int = 0) -> None:
        self._step = step
        self._width = width
        self._size = step * width
        self._fill = bytes([fill])
        self._held: dict[int, bytes] = {}
        self._next = 0
        self._early = 0
        self._seen = 0
        self.idle = True
        """Whether the source has not begun yet, or has been silent for a second."""
        self.dropped: bytes | None = None
        """The last step that was left out; who hears the next one sets it back to None."""
        self.late = 0
        """Packets that came when what follows them had been played."""
        self.starved = 0
        """Steps in a row for which there was nothing to play."""

    @property
    def depth(self) -> int:
        """Packets that wait."""
        return len(self._held)

    def push(self, timestamp: int, sound: bytes) -> None:
        """Take a packet of any length, in any order."""
        if self.idle:
            self._begin(timestamp)
        step = self._step
        ahead = self._ahead(timestamp)
        if ahead < 0:
            behind = -(ahead // step)
            if behind <= self.starved:
                self._next = timestamp
                self._look_again()
            elif behind <= _STARVED:
                self.late += 1
                return
            else:
                self._begin(timestamp)
        elif ahead > _DEEPEST * step:
            self._begin(timestamp)
        elif ahead < self._early:
            self._early = ahead
        self._held[timestamp] = sound
        self._seen += 1
        if self._seen >= _WINDOW:
            if self._early >= 2 * step:
                self.dropped = self.pull()
            deep = self._early >= _DEEP * step
            self._look_again()
            self._seen = _WINDOW // 2 if deep else 0

    def pull(self) -> bytes | None:
        """The next 20 ms, None where there is nothing to play."""
        if self.idle:
            return None
        number = self._next
        sound = self._held.pop(number, None)
        if sound is None or len(sound) != self._size:
            sound = self._assemble(number, sound)
            number = self._next
        self._next = (number + self._step) & _MASK
        if sound is not None:
            self.starved = 0
            return sound
        self.starved += 1
        if self.starved > _STARVED:
            self.idle = True
        return None

    def _begin(self, timestamp: int) -> None:
        """Another source speaks: forget the one before it."""
        self.idle = False
        self._held.clear()
        self._next = (timestamp - _WAIT * self._step) & _MASK
        self.starved = 0
        self._look_again()

    def _look_again(self) -> None:
        self._seen = 0
        self._early = _DEEPEST * self._step

    def _ahead(self, timestamp: int) -> int:
        return ((timestamp - self._next + _HALF) & _MASK) - _HALF

    def _assemble(self, number: int, sound: bytes | None) -> bytes | None:
        """A step out of packets that are shorter or longer, or whose timestamps do not fall on steps."""
        if sound is None:
            if (found := self._nearest()) is None:
                return None
            number, sound = found
            self._next = number
        while len(sound) < self._size:
            more = self._held.pop((number + len(sound) // self._width) & _MASK, None)
            if more is None:
                return sound.ljust(self._size, self._fill)
            sound += more
        if rest := sound[self._size :]:
            self._held[(number + self._step) & _MASK] = rest
        return sound[: self._size]

    def _nearest(self) -> tuple[int, bytes] | None:
        """What begins within this step, or began before it and is not over."""
        for timestamp in sorted(self._held, key=self._ahead):
            ahead = self._ahead(timestamp)
            if ahead >= self._step:
                return None
            sound = self._held.pop(timestamp)
            if ahead >= 0:
                return timestamp, sound
            if rest := sound[-ahead * self._width :]:
                return (timestamp - ahead) & _MASK, rest
        return None
