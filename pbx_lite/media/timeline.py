"""Timestamps of changing sources on one line that only goes forward.

A peer sees one stream for the whole call, although its sound comes from a tone, then from one phone, then another.
"""

_HALF = 0x80000000
_MASK = 0xFFFFFFFF
_SLACK = 2.0  # seconds that a source's timestamps may run ahead of the time that has passed
_BACK = 1.0


class Timeline:
    """Maps source timestamps of `rate` ticks a second to outgoing ones that begin at `start`.

    `offset` is what is added to those of the present source, None before it speaks; `seen` is the last of them.
    """

    __slots__ = ("last", "last_time", "offset", "rate", "seen")

    def __init__(self, rate: int, start: int) -> None:
        self.rate = rate
        self.offset: int | None = None
        self.seen = 0
        self.last = start & _MASK
        self.last_time: float | None = None

    def map(self, timestamp: int, now: float) -> tuple[int, bool]:
        """(outgoing timestamp, whether the line was joined anew: first packet, or another source)."""
        last_time = self.last_time
        if last_time is None:
            self.offset = self.last - timestamp
            self.last_time = now
            self.seen = timestamp
            return self.last, True
        jumped = self.offset is None
        if not jumped:
            step = ((timestamp - self.seen + _HALF) & _MASK) - _HALF
            jumped = step < -_BACK * self.rate or step > (now - last_time + _SLACK) * self.rate
        if jumped:
            passed = max(now - last_time, 0.02)
            self.offset = self.last + round(passed * self.rate) - timestamp
        assert self.offset is not None
        mapped = (timestamp + self.offset) & _MASK
        if jumped or (mapped - self.last) & _MASK < _HALF:  # a late packet does not turn the line back
            self.last, self.last_time, self.seen = mapped, now, timestamp
        return mapped, jumped

    def at(self, now: float) -> int:
        """The outgoing timestamp of this moment."""
        if self.last_time is None:
            return self.last
        return (self.last + round((now - self.last_time) * self.rate)) & _MASK

    def skip_to(self, timestamp: int, now: float) -> None:
        """Something of our own took the line up to here; the next source joins behind it."""
        self.last, self.last_time, self.offset = timestamp & _MASK, now, None
