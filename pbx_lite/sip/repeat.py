"""Sending the same again until somebody says that it came: 2xx until ACK, reliable 1xx until PRACK."""

from collections.abc import Callable

from pbx_lite.clock import Clock, Timer
from pbx_lite.sip.transaction import Timers


class Repetition:
    """Calls `send` after T1, then at doubled intervals, and `give_up` after 64*T1 (RFC 3261 section 13.3.1.4).

    `capped`: no interval is longer than T2 (2xx are so, reliable 1xx are not: RFC 3262 section 3).  The intervals are
    added up rather than looked up, so that a clock that jumps ends nothing early.
    """

    __slots__ = ("_cap", "_clock", "_give_up", "_interval", "_left", "_send", "_timer")

    def __init__(
        self,
        clock: Clock,
        timers: Timers,
        *,
        send: Callable[[], None],
        give_up: Callable[[], None],
        capped: bool = True,
    ) -> None:
        self._clock = clock
        self._send = send
        self._give_up = give_up
        self._cap = timers.t2 if capped else timers.patience
        self._interval = timers.t1
        self._left = timers.patience - timers.t1
        self._timer: Timer | None = clock.call_later(self._interval, self._due)

    @property
    def running(self) -> bool:
        return self._timer is not None

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self) -> None:
        if self._left <= 0:
            self._timer = None
            self._give_up()
            return
        self._interval = min(self._interval * 2, self._cap, self._left)
        self._left -= self._interval
        self._timer = self._clock.call_later(self._interval, self._due)
        self._send()
