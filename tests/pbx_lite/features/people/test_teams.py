"""Who of a team is rung, and who waits for it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from pbx_lite.calls.call import CallState
from pbx_lite.calls.leg import BUSY, NO_ANSWER, NORMAL, UNREACHABLE, Ended, LegState
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt
from pbx_lite.errors import NotFound
from pbx_lite.events import CallEnded, CallMissed, TeamChanged
from pbx_lite.features.people.teams import AGAIN, MOST_WAITING
from tests.pbx_lite.features.people.test_codes import FAMILY, House
from tests.support.fake_leg import FakeLeg

PATIENT = replace(FAMILY, ring_seconds=20, wait_seconds=120)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path, teams=(PATIENT,))
    yield house
    await house.stop()


async def talking(house: House) -> FakeLeg:
    """Both of the family are in a call; the leg of the one who can end it."""
    _, leg = await house.dial("101", "102")
    await house.answers("102")
    return leg


def rung(house: House) -> set[str]:
    ringing = {account for account, legs in house.legs.items() if legs[-1].state is not LegState.ENDED}
    return ringing - {"browser"}


def waiting(house: House) -> list[str]:
    return [one["number"] for one in house.teams.state("family")["waiting"]]


async def test_all_of_a_team_ring(house: House) -> None:
    await house.dial("103", "200")
    assert rung(house) == {"101", "102"}
    assert waiting(house) == []


async def test_who_rests_or_has_left_is_not_rung(house: House) -> None:
    house.teams.set_duty("family", "anna", "paused")
    await house.dial("103", "200")
    assert rung(house) == {"102"}
    assert house.teams.state("family")["duties"] == {"anna": "paused"}


async def test_a_caller_waits_with_music_while_all_are_in_calls_and_gets_the_first_who_is_free(house: House) -> None:
    ends = await talking(house)
    call, caller = await house.dial("104", "200")
    assert caller.state is LegState.ANSWERED
    assert house.music.heard_by == [caller.audio]
    assert waiting(house) == ["104"]
    ends.happens(Ended(NORMAL))
    await house.clock.settle(1)
    assert house.music.heard_by == []
    await house.answers("101")
    assert [seat.party.number for seat in call.seats] == ["104", "101"]
    assert waiting(house) == []
    assert house.legs["102"][-1].state is LegState.ENDED


async def test_whom_nobody_answers_waits_and_is_heard_of_again(house: House) -> None:
    _, caller = await house.dial("103", "200")
    await house.rings("101")
    await house.clock.settle(PATIENT.ring_seconds)
    assert waiting(house) == ["103"]
    first = house.legs["101"][-1]
    await house.clock.settle(PATIENT.ring_seconds + 1)  # those who are free ring at once
    await house.clock.settle(AGAIN + 1)
    assert house.legs["101"][-1] is not first
    assert caller.state is LegState.ANSWERED


async def test_patience_ends_and_who_was_rung_has_missed_the_call(house: House) -> None:
    call, caller = await house.dial("103", "200")
    await house.rings("101")
    await house.clock.settle(200)
    assert call.state is CallState.ENDED
    assert caller.cause is NO_ANSWER
    assert waiting(house) == []
    ended = [event for event in house.events if isinstance(event, CallEnded)]
    assert [event.answered for event in ended] == [False]


async def test_who_gives_up_leaves_the_queue_and_is_a_missed_call(house: House) -> None:
    ends = await talking(house)
    _, caller = await house.dial("104", "200")
    ends.happens(Ended(NORMAL))
    await house.clock.settle(1)
    await house.rings("101")
    caller.happens(Ended(NORMAL))
    await house.clock.settle(1)
    assert waiting(house) == []
    assert house.music.heard_by == []
    assert {event.user for event in house.events if isinstance(event, CallMissed)} == {"anna"}
    assert house.legs["101"][-1].state is LegState.ENDED


async def test_callers_are_served_in_the_order_in_which_they_came(house: House) -> None:
    ends = await talking(house)
    await house.dial("103", "200")
    await house.dial("104", "200")
    assert waiting(house) == ["103", "104"]
    ends.happens(Ended(NORMAL))
    await house.clock.settle(1)
    await house.answers("101")
    await house.clock.settle(1)
    assert waiting(house) == ["104"]
    taken = await house.answers("102")
    assert waiting(house) == []
    assert taken.state is LegState.ANSWERED


async def test_nobody_waits_for_a_team_that_everybody_has_left(house: House) -> None:
    for user in ("anna", "ben"):
        house.teams.set_duty("family", user, "out")
    _, caller = await house.dial("103", "200")
    assert caller.cause is UNREACHABLE


async def test_while_all_rest_a_caller_waits_until_one_is_back(house: House) -> None:
    for user in ("anna", "ben"):
        house.teams.set_duty("family", user, "paused")
    await house.dial("103", "200")
    assert waiting(house) == ["103"]
    house.teams.set_duty("family", "ben", "in")
    await house.clock.settle(1)
    await house.answers("102")
    assert waiting(house) == []


async def test_without_patience_a_busy_team_is_busy(tmp_path: Path) -> None:
    house = House(tmp_path, teams=(FAMILY,))
    await talking(house)
    _, caller = await house.dial("104", "200")
    assert caller.cause is BUSY
    await house.stop()


async def test_a_queue_has_an_end(house: House) -> None:
    await talking(house)
    for number in range(MOST_WAITING):
        await house.dial("104", "200")
        assert len(waiting(house)) == number + 1
    _, caller = await house.dial("104", "200")
    assert caller.cause is BUSY


async def test_what_members_say_of_themselves_survives_a_restart(tmp_path: Path) -> None:
    house = House(tmp_path, teams=(PATIENT,))
    house.teams.set_duty("family", "anna", "out")
    await house.stop()
    house = House(tmp_path, teams=(PATIENT,))
    assert house.teams.duty("family", "anna") == "out"
    assert [event.team for event in house.events if isinstance(event, TeamChanged)] == []
    await house.stop()


async def test_only_members_can_say_so(house: House) -> None:
    with pytest.raises(NotFound, match="no member of Family"):
        house.teams.set_duty("family", "carl", "out")
    with pytest.raises(NotFound):
        house.teams.set_duty("strangers", "anna", "out")


async def test_numbers_of_others_are_no_teams(house: House) -> None:
    call, _ = await house.dial("103", "101")
    assert house.teams.plan(Attempt(call=call, caller=Party(number="103"), number="101")) is None
