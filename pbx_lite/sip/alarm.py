"""Deadlines that mostly move away before they are due: one of one owner, or those of thousands with one timer."""

import heapq
from collections.abc import Callable, Hashable
from itertools import count

from pbx_lite.clock import Clock, Timer


class Alarm:
    """Calls `ring` at the deadline or, where that has moved meanwhile, earlier: then `ring` sets it anew."""

    __slots__ = ("_at", "_clock", "_ring", "_timer")

    def __init__(self, clock: Clock, ring: Callable[[], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._timer: Timer | None = None
        self._at = 0.0

    def set(self, deadline: float | None) -> None:
        """Ring at the deadline; None means never, though a timer that runs may still ring."""
        if deadline is None:
            return
        if self._timer is not None:
            if self._at <= deadline:
                return
            self._timer.cancel()
        self._at = deadline
        self._timer = self._clock.call_at(deadline, self._due)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self) -> None:
        self._timer = None
        self._ring()


class Alarms[K: Hashable]:
    """The deadlines of many, by key, with a single timer of the clock: a timer for each would outweigh what it is for.

    `ring(key)` is called at its deadline or, where that has moved meanwhile, earlier: then `ring` sets it anew.
    """

    def __init__(self, clock: Clock, ring: Callable[[K], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._times: dict[K, float] = {}
        self._heap: list[tuple[float, int, K]] = []  # what is not in `_times` at this time is stale
        self._order = count()
        self._timer: Timer | None = None
        self._at = 0.0

    def set(self, key: K, deadline: float | None) -> None:
        """Ring at the deadline; None means never, though an earlier deadline may still ring."""
        if deadline is None or self._times.get(key, deadline + 1) <= deadline:
            return
        self._times[key] = deadline
        heapq.heappush(self._heap, (deadline, next(self._order), key))
        if len(self._heap) > 64 + 2 * len(self._times):
            self._heap = [(at, next(self._order), key) for key, at in self._times.items()]
            heapq.heapify(self._heap)
        self._arm()

    def stop(self, key: K) -> None:
        if self._times.pop(key, None) is not None and not self._times:
            self.close()

    def close(self) -> None:
        """Nothing rings any more."""
        self._times.clear()
        self._heap.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        first = self._heap[0][0]
        if self._timer is not None:
            if self._at <= first:
                return
            self._timer.cancel()
        self._at = first
        self._timer = self._clock.call_at(first, self._due)

    def _due(self) -> None:
        rung = self._timer
        now = self._at = max(self._at, self._clock.time())  # what is set meanwhile need not arm the timer
        try:
            while self._heap and self._heap[0][0] <= now:
                at, _, key = heapq.heappop(self._heap)
                if self._times.get(key) == at:
                    del self._times[key]
                    self._ring(key)
        finally:
            if self._timer is rung:
                self._timer = None
            if self._times:
                self._arm()
            else:
                self._heap.clear()
