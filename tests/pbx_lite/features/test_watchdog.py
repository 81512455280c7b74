import pytest

from pbx_lite.calls.leg import TIMED_OUT
from pbx_lite.events import CallEnded, RoomJoined
from pbx_lite.features.watchdog import LOOK_SECONDS, SILENT_SECONDS, UNHEARD_MOST, UNHEARD_SECONDS, Watchdog
from tests.pbx_lite.calls.test_call import Home


@pytest.fixture
def home() -> Home:
    home = Home()
    Watchdog(switchboard=home.board, bus=home.board.bus, clock=home.clock)
    return home


async def test_a_party_of_whom_nothing_is_heard_is_gone(home: Home) -> None:
    _, anna, ben = await home.up()
    ben.silent_since = home.clock.time()
    await home.clock.settle(SILENT_SECONDS - 1)
    assert anna.cause is None
    await home.clock.settle(LOOK_SECONDS + 1)
    assert [anna.cause, ben.cause] == [TIMED_OUT, TIMED_OUT]
    assert [ended.cause for ended in home.heard(CallEnded)] == [102]


async def test_who_is_heard_stays(home: Home) -> None:
    call, anna, ben = await home.up()
    for _ in range(20):
        anna.silent_since = ben.silent_since = home.clock.time()
        await home.clock.settle(SILENT_SECONDS - 1)
    assert not call.over


async def test_of_three_only_the_one_who_is_gone_leaves(home: Home) -> None:
    first, _, ben = await home.up()
    second, _, carl = await home.up("anna", "carl")
    first.merge(second, "anna")
    carl.silent_since = home.clock.time()
    await home.clock.settle(SILENT_SECONDS + LOOK_SECONDS)
    assert [seat.user for seat in first.seats] == ["anna", "ben"]
    assert (carl.cause, ben.cause) == (TIMED_OUT, None)


async def test_who_was_never_heard_and_is_gone_is_hung_up_on(home: Home) -> None:
    _, anna, ben = await home.up()
    ben.unheard_since = home.clock.time()
    ben.there = False
    await home.clock.settle(UNHEARD_SECONDS - 1)
    assert anna.cause is None
    await home.clock.settle(LOOK_SECONDS + 1)
    assert [anna.cause, ben.cause] == [TIMED_OUT, TIMED_OUT]
    assert [ended.cause for ended in home.heard(CallEnded)] == [102]


async def test_who_was_never_heard_but_is_there_is_asked_now_and_then_and_ends_at_last(home: Home) -> None:
    call, _, ben = await home.up()
    ben.unheard_since = home.clock.time()
    await home.clock.settle(UNHEARD_MOST - 1)
    assert not call.over
    assert ben.told.count("is there?") == UNHEARD_MOST // UNHEARD_SECONDS
    await home.clock.settle(LOOK_SECONDS + 1)
    assert ben.cause == TIMED_OUT


async def test_who_is_heard_while_asked_stays(home: Home) -> None:
    call, _, ben = await home.up()
    ben.unheard_since = home.clock.time()
    await home.clock.settle(UNHEARD_SECONDS + LOOK_SECONDS)
    ben.unheard_since = None
    await home.clock.settle(2 * UNHEARD_MOST)
    assert not call.over


async def test_a_clock_that_jumps_ends_no_call(home: Home) -> None:
    call, anna, ben = await home.up()
    anna.silent_since, ben.unheard_since = home.clock.time(), home.clock.time()
    home.clock.jump(3600)  # the machine was suspended
    await home.clock.settle()
    assert not call.over
    anna.silent_since, ben.unheard_since = home.clock.time(), None  # and everybody speaks on
    await home.clock.settle(LOOK_SECONDS)
    assert not call.over


async def test_nothing_wakes_up_where_nobody_speaks(home: Home) -> None:
    call, _, _ = await home.up()
    call.hang_up()
    await home.clock.settle(LOOK_SECONDS)
    assert not home.clock.pending


async def test_who_is_in_a_room_is_looked_after_too(home: Home) -> None:
    call, anna, _ = await home.up()
    home.board.bus.publish(RoomJoined(room="table", participant="1"))
    anna.silent_since = home.clock.time()
    await home.clock.settle(SILENT_SECONDS + LOOK_SECONDS)
    assert call.over
