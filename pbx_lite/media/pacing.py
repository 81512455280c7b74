"""How one viewer gets its pictures: on a clock of its own, no faster than a network takes them, from a key frame on."""

from collections import deque
from collections.abc import Callable

from pbx_lite.clock import Clock, Timer
from pbx_lite.media.port import AccessUnit, VideoSink

RATE = 90000  # ticks a second of every video timestamp (RFC 6184 section 8.2.1)
_WRAP = 1 << 32
_STEP = RATE // 1000  # the least distance of two pictures
_SLACK = RATE // 2  # a timeline further behind the wall clock than this starts anew

BYTES_PER_SECOND = 6_000_000
BURST = 192 * 1024  # bytes: a key frame of 1080p passes at once
MAX_QUEUED_UNITS = 600
MAX_QUEUED_BYTES = 4 * 1024 * 1024


class Timeline:
    """Timestamps that grow with the wall clock whatever the source does.

    The distances of the source are kept while they are plausible.  A source that was changed, stood still or sends
    stored pictures in one go is put back on the wall clock, so that a browser never waits for pictures it has.
    """

    def __init__(self) -> None:
        self._start: float | None = None
        self._last_in = 0
        self._last_out = 0

    def stamp(self, timestamp: int, now: float) -> int:
        """The viewer's timestamp of a picture that arrives `now` (seconds) and says `timestamp` itself."""
        if self._start is None:
            self._start = now
            out = 0
        else:
            wall = int((now - self._start) * RATE)
            step = (timestamp - self._last_in + _WRAP // 2) % _WRAP - _WRAP // 2
            out = self._last_out + step
            if step <= 0 or out > wall or out < wall - _SLACK:
                out = max(wall, self._last_out + _STEP)
        self._last_in = timestamp
        self._last_out = out
        return out


class PacedSink:
    """Passes pictures on to `sink`, starting with a key frame.

    `held` keeps them back (from the latest key frame on) until `release()`.  More than the network can take at once
    is queued and follows in small portions; a new key frame makes queued older pictures worthless, so they go.
    """

    def __init__(self, clock: Clock, sink: VideoSink, *, held: bool = False) -> None:
        self.on_key_frame_wanted: Callable[[], None] | None = None
        self.sink = sink
        self._clock = clock
        self._held = held
        self._waits_for_key = True
        self._timeline = Timeline()
        self._queue: deque[AccessUnit] = deque()
        self._queued_bytes = 0
        self._timer: Timer | None = None
        self._credit = float(BURST)
        self._credited_at = clock.time()

    def send(self, unit: AccessUnit) -> None:
        if unit.key:
            self._waits_for_key = False
            self._empty_queue()
        elif self._waits_for_key:
            return
        if not self._held and not self._queue and self._has_credit():
            self._emit(unit)
            return
        self._queue.append(unit)
        self._queued_bytes += _size(unit)
        if len(self._queue) > MAX_QUEUED_UNITS or self._queued_bytes > MAX_QUEUED_BYTES:
            self.skip_to_key_frame()
            if self.on_key_frame_wanted is not None:
                self.on_key_frame_wanted()
        elif not self._held:
            self._schedule()

    def release(self) -> None:
        """The viewer can take pictures now; asks for a key frame if there is none to start with."""
        self._held = False
        self._drain()
        if self._waits_for_key and self.on_key_frame_wanted is not None:
            self.on_key_frame_wanted()

    def expect_key_frame(self) -> None:
        """What follows is of no use before the next key frame; what is queued still goes out."""
        self._waits_for_key = True

    def skip_to_key_frame(self) -> None:
        """Nothing that is queued, nor what follows, is of use before the next key frame."""
        self._empty_queue()
        self._waits_for_key = True

    def close(self) -> None:
        self._held = True
        self.skip_to_key_frame()
        self.on_key_frame_wanted = None

    def _empty_queue(self) -> None:
        self._queue.clear()
        self._queued_bytes = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _drain(self) -> None:
        self._timer = None
        while self._queue and self._has_credit():
            unit = self._queue.popleft()
            self._queued_bytes -= _size(unit)
            self._emit(unit)
        if self._queue:
            self._schedule()

    def _schedule(self) -> None:
        if self._timer is None:
            # Portions of a quarter of the burst keep timers few and bursts small.
            wait = (BURST / 4 - self._credit) / BYTES_PER_SECOND
            self._timer = self._clock.call_later(max(0.002, wait), self._drain)

    def _has_credit(self) -> bool:
        now = self._clock.time()
        self._credit = min(BURST, self._credit + (now - self._credited_at) * BYTES_PER_SECOND)
        self._credited_at = now
        return self._credit > 0

    def _emit(self, unit: AccessUnit) -> None:
        self._credit -= _size(unit)
        timestamp = self._timeline.stamp(unit.timestamp, self._clock.time())
        self.sink(AccessUnit(unit.nals, timestamp, unit.key))


def _size(unit: AccessUnit) -> int:
    return sum(map(len, unit.nals))
