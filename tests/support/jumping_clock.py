"""The clock of a machine that sleeps: it runs as the event loop's does, until it jumps ahead."""

import asyncio
from collections.abc import Callable


class JumpingTimer:
    def __init__(self, clock: JumpingClock, when: float, callback: Callable[[], object]) -> None:
        self.when = when
        self._clock = clock
        self._callback = callback
        self._handle = self._armed()

    def cancel(self) -> None:
        self._handle.cancel()
        self._clock.timers.discard(self)

    def rearm(self) -> None:
        self._handle.cancel()
        self._handle = self._armed()

    def _armed(self) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_at(self.when - self._clock.ahead, self._run)

    def _run(self) -> None:
        self._clock.timers.discard(self)
        self._callback()


class JumpingClock:
    """Satisfies `pbx_lite.clock.Clock`."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.timers: set[JumpingTimer] = set()

    def time(self) -> float:
        return asyncio.get_running_loop().time() + self.ahead

    def call_at(self, when: float, callback: Callable[[], object], /) -> JumpingTimer:
        timer = JumpingTimer(self, when, callback)
        self.timers.add(timer)
        return timer

    def call_later(self, delay: float, callback: Callable[[], object], /) -> JumpingTimer:
        return self.call_at(self.time() + delay, callback)

    def jump(self, seconds: float) -> None:
        """So much time has passed, and nobody noticed: what fell due meanwhile runs now."""
        self.ahead += seconds
        for timer in sorted(self.timers, key=lambda each: each.when):
            timer.rearm()
