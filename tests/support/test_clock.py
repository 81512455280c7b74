import asyncio

from pbx_lite.clock import Clock
from pbx_lite.tasks import spawn
from tests.support.clock import FakeClock


def test_a_fake_clock_is_a_clock() -> None:
    clock: Clock = FakeClock(start=5.0)
    assert clock.time() == 5.0


def test_callbacks_run_in_order_of_their_time_and_see_it() -> None:
    clock = FakeClock(start=0.0)
    seen: list[tuple[str, float]] = []
    clock.call_later(2, lambda: seen.append(("second", clock.time())))
    clock.call_later(1, lambda: seen.append(("first", clock.time())))
    clock.call_at(2, lambda: seen.append(("third", clock.time())))
    clock.advance(1.5)
    assert seen == [("first", 1.0)]
    clock.advance(10)
    assert seen == [("first", 1.0), ("second", 2.0), ("third", 2.0)]
    assert clock.time() == 11.5


def test_a_cancelled_callback_does_not_run() -> None:
    clock = FakeClock()
    seen: list[int] = []
    clock.call_later(1, lambda: seen.append(1)).cancel()
    assert clock.next_deadline is None
    clock.advance(2)
    assert not seen


def test_a_callback_that_rearms_itself_runs_again_within_one_advance() -> None:
    clock = FakeClock(start=0.0)
    seen: list[float] = []

    def tick() -> None:
        seen.append(clock.time())
        clock.call_later(1, tick)

    clock.call_later(1, tick)
    clock.advance(3.5)
    assert seen == [1.0, 2.0, 3.0]


async def test_settling_gives_tasks_their_turn_between_callbacks() -> None:
    clock = FakeClock(start=0.0)
    seen: list[float] = []

    async def twice() -> None:
        await clock.sleep(1)
        seen.append(clock.time())
        await clock.sleep(1)
        seen.append(clock.time())

    task = spawn(twice(), name="twice")
    await clock.settle(5)
    await asyncio.wait_for(task, 1)
    assert seen == [1.0, 2.0]
