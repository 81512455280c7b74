"""When memory is given back: once it is quiet after many calls, and not before."""

import threading
from collections.abc import AsyncIterator

import pytest

from pbx_lite.events import CallEnded, EventBus
from pbx_lite.features.tidying import MANY_CALLS, QUIET_SECONDS, Tidying, trim
from tests.support.clock import FakeClock


class Home:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.bus = EventBus()
        self.done = threading.Semaphore(0)
        self.count = 0
        self.tidying = Tidying(bus=self.bus, clock=self.clock, tidy=self.tidy)

    def tidy(self) -> None:
        self.count += 1
        self.done.release()

    def calls(self, count: int) -> None:
        for number in range(count):
            self.bus.publish(CallEnded(call=str(number), cause=16))


@pytest.fixture
async def home() -> AsyncIterator[Home]:
    home = Home()
    yield home
    await home.tidying.close()


async def test_memory_is_given_back_once_it_is_quiet_after_many_calls(home: Home) -> None:
    home.calls(MANY_CALLS)
    home.clock.advance(QUIET_SECONDS - 1)
    home.calls(1)
    home.clock.advance(QUIET_SECONDS - 1)
    assert home.count == 0

    await home.clock.settle(1)
    assert home.done.acquire(timeout=20)
    assert home.count == 1
    assert not home.clock.pending


async def test_a_home_with_few_calls_has_nothing_to_give_back(home: Home) -> None:
    home.calls(MANY_CALLS - 1)

    assert not home.clock.pending


def test_giving_back_works_here_or_does_nothing() -> None:
    trim()
