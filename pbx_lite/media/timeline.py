"""Timestamps of changing sources on one line that only goes forward.

A peer sees one stream for the whole call, although its sound comes from a tone, then from one phone, then another.
"""

_HALF = 0x80000000
_MASK = 0xFFFFFFFF
_SLACK = 2.0  # seconds that a source's timestamps may run ahead of the time that has passed
_BACK = 1.0


class Timeline:
    """Maps source timestamps of `rate` ticks a second to outgoing ones that begin at `start`."""

    __slots__ = ("_offset", "_seen", "last", "last_time", "rate")

    def __init__(self, rate: int, start: int) -> None:
        self.rate = rate
        self._offset: int | None = None
        self._seen = 0
        self.last = start & _MASK
        self.last_time: float | None = None

    def map(self, timestamp: int, now: float) -> tuple[int, bool]:
        """(outgoing timestamp, whether the line was joined anew: first packet, or another source)."""
        last_time = self.last_time
        if last_time is None:
            self._offset = self.last - timestamp
            self.last_time = now
            self._seen = timestamp
            return self.last, True
        jumped = self._offset is None
        if not jumped:
            step = ((timestamp - self._seen + _HALF) & _MASK) - _HALF
            jumped = step < -_BACK * self.rate or step > (now - last_time + _SLACK) * self.rate
        if jumped:
            passed = max(now - last_time, 0.02)
            self._offset = self.last + round(passed * self.rate) - timestamp
        assert self._offset is not None
        mapped = (timestamp + self._offset) & _MASK
        if jumped or (mapped - self.last) & _MASK < _HALF:  # a late packet does not turn the line back
            self.last, self.last_time, self._seen = mapped, now, timestamp
        return mapped, jumped

    def at(self, now: float) -> int:
        """The outgoing timestamp of this moment."""
        if self.last_time is None:
            return self.last
        return (self.last + round((now - self.last_time) * self.rate)) & _MASK

    def skip_to(self, timestamp: int, now: float) -> None:
        """Something of our own took the line up to here; the next source joins behind it."""
        self.last, self.last_time, self._offset = timestamp & _MASK, now, None
