"""Time as an argument: whoever needs a timer takes a `Clock`, so that tests own the time.

A running asyncio event loop is a `Clock` as it stands.
"""

from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A callback that has not run yet."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """Monotonic seconds and callbacks at a time; satisfied by `asyncio.AbstractEventLoop`."""

    def time(self) -> float: ...

    def call_at(self, when: float, callback: Callable[[], object], /) -> Timer: ...

    def call_later(self, delay: float, callback: Callable[[], object], /) -> Timer: ...
