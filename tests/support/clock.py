"""A clock that stands still until it is told to go: satisfies `pbx_lite.clock.Clock`."""

import asyncio
import heapq
import itertools
from collections.abc import Callable


class FakeTimer:
    """One callback of a `FakeClock`; `when` is its time in seconds."""

    def __init__(self, when: float, callback: Callable[[], object]) -> None:
        self.when = when
        self.cancelled = False
        self._callback = callback

    def cancel(self) -> None:
        self.cancelled = True

    def run(self) -> None:
        if not self.cancelled:
            self.cancelled = True
            self._callback()


class FakeClock:
    """Seconds that pass only in `advance` and `settle`.

    Callbacks run in order of their time, those of one time in the order they were asked for, and `time()` is each
    callback's own time while it runs, so that a machine which re-arms its timer behaves as it would in real time.
    """

    def __init__(self, start: float = 1000.0) -> None:
        self._now = start
        self._order = itertools.count()
        self._timers: list[tuple[float, int, FakeTimer]] = []

    def time(self) -> float:
        return self._now

    def call_at(self, when: float, callback: Callable[[], object], /) -> FakeTimer:
        timer = FakeTimer(when, callback)
        heapq.heappush(self._timers, (when, next(self._order), timer))
        return timer

    def call_later(self, delay: float, callback: Callable[[], object], /) -> FakeTimer:
        return self.call_at(self._now + delay, callback)

    @property
    def pending(self) -> list[FakeTimer]:
        """The timers that would still run, the next one first."""
        return [timer for _, _, timer in sorted(self._timers, key=lambda entry: entry[:2]) if not timer.cancelled]

    @property
    def next_deadline(self) -> float | None:
        return self.pending[0].when if self.pending else None

    def advance(self, seconds: float) -> None:
        """Let time pass, running what falls due on the way."""
        until = self._now + seconds
        while self._timers and self._timers[0][0] <= until:
            when, _, timer = heapq.heappop(self._timers)
            self._now = max(self._now, when)
            timer.run()
        self._now = until

    def jump(self, seconds: float) -> None:
        """Time passes unseen, as while a machine sleeps: what fell due meanwhile runs, late, with the next advance."""
        self._now += seconds

    def run_next(self) -> None:
        """Jump to the next timer and run it; fails if there is none."""
        when = self.next_deadline
        assert when is not None, "no timer is pending"
        self.advance(max(0.0, when - self._now))

    async def settle(self, seconds: float = 0.0, *, turns: int = 10) -> None:
        """`advance`, giving tasks of the event loop `turns` turns before it and after every callback."""
        until = self._now + seconds
        await _turns(turns)
        while self._timers and self._timers[0][0] <= until:
            when, _, timer = heapq.heappop(self._timers)
            self._now = max(self._now, when)
            timer.run()
            await _turns(turns)
        self._now = until

    async def sleep(self, seconds: float) -> None:
        """What `asyncio.sleep` is on the loop's clock."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def wake() -> None:
            if not woken.done():
                woken.set_result(None)

        timer = self.call_later(seconds, wake)
        try:
            await woken
        finally:
            timer.cancel()


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)
