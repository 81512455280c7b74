"""One timer of the clock for deadlines that mostly move away before they are due."""

from collections.abc import Callable

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
