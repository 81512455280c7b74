"""Gives memory back that a busy hour took: the C library keeps what is freed, in the hope that it is wanted again."""

import asyncio
from collections.abc import Callable

from pbx_lite.clock import Clock, Timer
from pbx_lite.events import CallEnded, Event, EventBus
from pbx_lite.tasks import Tasks

MANY_CALLS = 100
QUIET_SECONDS = 35.0
"""Without a call; a little more than the 32 that SIP remembers one."""


def trim() -> None:
    """Where there is glibc; other libraries give it back by themselves, or have no way to."""
    import ctypes  # for this alone: it is large, and most homes never get here

    if (malloc_trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        malloc_trim(0)


class Tidying:
    """Tidies up once, in a thread, when it is quiet after many calls."""

    def __init__(self, *, bus: EventBus, clock: Clock, tidy: Callable[[], None] = trim) -> None:
        self._clock = clock
        self._tidy = tidy
        self._tasks = Tasks("tidying")
        self._calls = 0
        self._last = 0.0
        self._timer: Timer | None = None
        self._forget = bus.listen(self._heard, CallEnded)

    async def close(self) -> None:
        self._forget()
        if self._timer is not None:
            self._timer.cancel()
        await self._tasks.close()

    def _heard(self, event: Event) -> None:
        if isinstance(event, CallEnded):
            self._calls += 1
            self._last = self._clock.time()
            if self._calls >= MANY_CALLS and self._timer is None:
                self._timer = self._clock.call_at(self._last + QUIET_SECONDS, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._clock.time() < self._last + QUIET_SECONDS:
            self._timer = self._clock.call_at(self._last + QUIET_SECONDS, self._look)
            return
        self._calls = 0
        self._tasks.spawn(asyncio.to_thread(self._tidy), name="give memory back")
