"""Calls steered from outside, on a switchboard whose phones are played by hand."""

from collections.abc import Sequence

import pytest

from pbx_lite.calls.call import Call, CallState
from pbx_lite.calls.dialled import dialled_number
from pbx_lite.calls.leg import BUSY, NORMAL, REJECTED, Ended, LegState, Ringing
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Reachable, Ring, Rung
from pbx_lite.errors import Conflict, Invalid, NotFound, PbxError, Unavailable
from pbx_lite.events import CallEnded, CallMissed, CallTransferred
from pbx_lite.features.calling import Calling
from tests.pbx_lite.calls.test_call import DIRECTORY, Home
from tests.support.fake_leg import FakeLeg

OUTSIDE = Party(number="+4989123", name="Dr. Huber", trunk="line")


class Desk(Home):
    """The home with what steers its calls; Carl has no phone."""

    def __init__(self) -> None:
        super().__init__()
        self.calling = Calling(
            switchboard=self.board, people=self, directory=DIRECTORY, bus=self.board.bus, clock=self.clock
        )

    def origins(self, user: str, device: str = "") -> Sequence[Reachable]:
        if device and device != "phone":
            raise NotFound(f"There is no device named {device}.")
        return [] if user == "carl" else [self.device(user)]

    async def from_outside(self, callee: str = "anna") -> tuple[Call, FakeLeg]:
        """A call from outside that `callee` took; the leg is that of the caller."""
        leg = FakeLeg()
        call = self.board.incoming(leg, OUTSIDE, {"anna": "101", "ben": "102"}[callee])
        await self.clock.settle()
        self.legs[callee].answers()
        await self.clock.settle()
        return call, leg


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_the_callers_phone_rings_first_then_the_number(desk: Desk) -> None:
    call = await desk.calling.dial("anna", "102")
    await desk.clock.settle()
    assert "ben" not in desk.legs
    desk.legs["anna"].answers()
    await desk.clock.settle()
    desk.legs["ben"].answers()
    await desk.clock.settle()
    assert call.state is CallState.UP
    assert [seat.user for seat in call.seats] == ["anna", "ben"]


async def test_only_the_callers_own_phone_answers_by_itself(desk: Desk) -> None:
    await desk.calling.dial("anna", "102", auto_answer=True)
    await desk.clock.settle()
    desk.legs["anna"].answers()
    await desk.clock.settle()
    (attempt,) = desk.attempts
    assert (attempt.auto_answer, attempt.direct) == (False, False)
    assert attempt.account is not None
    assert attempt.account.owner == "anna"


@pytest.mark.parametrize(
    ("user", "number", "device", "kind"),
    [
        ("nobody", "102", "", NotFound),
        ("anna", "102", "boat", NotFound),
        ("carl", "102", "", Unavailable),
        ("anna", "", "", Invalid),
        ("anna", "sip:102@elsewhere.example", "", Invalid),
        ("anna", "10 2\r\nX: y", "", Invalid),
    ],
)
async def test_what_cannot_be_dialled_is_told_at_once(
    desk: Desk, user: str, number: str, device: str, kind: type[PbxError]
) -> None:
    with pytest.raises(kind):
        await desk.calling.dial(user, number, device=device)
    assert not desk.board.calls


@pytest.mark.parametrize(
    ("typed", "dialled"),
    [("+49 (89) 123-45", "+498912345"), ("tel:+4989", "+4989"), ("*8", "*8"), ("089/123", "089123")],
)
def test_numbers_are_dialled_however_they_are_written(typed: str, dialled: str) -> None:
    assert dialled_number(typed) == dialled


async def test_hanging_up_ends_the_users_call(desk: Desk) -> None:
    call, _, ben = await desk.up()
    desk.calling.hang_up(call.id, "anna")
    assert ben.cause is NORMAL
    assert desk.heard(CallEnded)[0].by == "anna"


async def test_hanging_up_for_nobody_ends_it_for_all(desk: Desk) -> None:
    call, anna, ben = await desk.up()
    desk.calling.hang_up(call.id, "")
    assert (anna.cause, ben.cause) == (NORMAL, NORMAL)


async def test_hanging_up_before_the_own_phone_was_answered_takes_the_call_back(desk: Desk) -> None:
    call = await desk.calling.dial("anna", "102")
    await desk.clock.settle()
    desk.calling.hang_up(call.id, "anna")
    assert desk.legs["anna"].state is LegState.ENDED
    assert call.over


async def test_hanging_up_what_rings_declines_it(desk: Desk) -> None:
    call, anna = desk.dial("anna", "102")
    await desk.clock.settle()
    desk.legs["ben"].happens(Ringing())
    desk.calling.hang_up(call.id, "ben")
    await desk.clock.settle()
    assert anna.cause is REJECTED


async def test_one_of_several_who_declines_leaves_the_others_ringing(desk: Desk) -> None:
    rungs = (Rung(target=desk.device("ben")), Rung(target=desk.device("carl")))
    desk.plans["160"] = Ring(callee=Party(number="160"), rungs=rungs)
    call, anna = desk.dial("anna", "160")
    await desk.clock.settle()
    desk.calling.hang_up(call.id, "ben")
    await desk.clock.settle()
    assert [device.user for device in call.ringing] == ["carl"]
    assert anna.cause is None
    with pytest.raises(Conflict, match="does not ring any more"):
        desk.calling.hang_up(call.id, "ben")


async def test_hold_and_resume_are_on_the_users_side(desk: Desk) -> None:
    call, _, _ = await desk.up()
    desk.calling.hold(call.id, "ben")
    assert [seat.holding for seat in call.seats] == [False, True]
    desk.calling.resume(call.id, "ben")
    assert [seat.holding for seat in call.seats] == [False, False]


async def test_who_is_meant_need_not_be_said_where_only_one_of_us_is_in_the_call(desk: Desk) -> None:
    call, _ = await desk.from_outside()
    desk.calling.hold(call.id, "")
    assert [seat.user for seat in call.seats if seat.holding] == ["anna"]
    between_two, _, _ = await desk.up()
    with pytest.raises(Invalid, match="say for whom"):
        desk.calling.hold(between_two.id, "")


async def test_keys_go_to_those_whom_the_user_speaks_with(desk: Desk) -> None:
    call, anna, ben = await desk.up()
    await desk.calling.send_dtmf(call.id, "anna", "12#")
    assert [told for told in ben.told if told.startswith("dtmf")] == ["dtmf 12# rfc4733 250"]
    assert not [told for told in anna.told if told.startswith("dtmf")]


async def test_keys_for_nobody_go_outside(desk: Desk) -> None:
    call, outside = await desk.from_outside()
    await desk.calling.send_dtmf(call.id, "", "5")
    assert [told for told in outside.told if told.startswith("dtmf")] == ["dtmf 5 rfc4733 250"]
    between_two, _, _ = await desk.up("ben", "carl")
    with pytest.raises(Conflict, match="nobody in this call"):
        await desk.calling.send_dtmf(between_two.id, "", "5")


async def test_a_blind_transfer_has_the_rights_of_who_asks(desk: Desk) -> None:
    call, outside = await desk.from_outside()
    desk.calling.transfer(call.id, "anna", "102")
    await desk.clock.settle()
    account = desk.attempts[-1].account
    assert account is not None
    assert account.owner == "anna"
    desk.legs["ben"].answers()
    await desk.clock.settle()
    assert [seat.party.shown for seat in call.seats] == ["Dr. Huber", "Ben"]
    assert desk.legs["anna"].state is LegState.ENDED
    assert outside.cause is None


async def test_an_attended_transfer_leaves_the_others_with_each_other(desk: Desk) -> None:
    first, outside = await desk.from_outside()
    desk.calling.hold(first.id, "anna")
    second, anna, ben = await desk.up()
    desk.calling.connect(first.id, "anna", second.id)
    assert [seat.party.shown for seat in first.seats] == ["Dr. Huber", "Ben"]
    assert not any(seat.holding for seat in first.seats)
    assert (anna.cause, outside.cause, ben.cause) == (NORMAL, None, None)
    assert second.over
    assert desk.heard(CallTransferred)[0].attended


@pytest.mark.parametrize("ringing_first", [False, True])
async def test_a_call_may_be_joined_with_one_that_only_rings(desk: Desk, *, ringing_first: bool) -> None:
    first, outside = await desk.from_outside()
    second, _ = desk.dial("anna", "102")
    await desk.clock.settle()
    desk.legs["ben"].happens(Ringing())
    calls = (second, first) if ringing_first else (first, second)
    desk.calling.connect(calls[0].id, "anna", calls[1].id)
    desk.legs["ben"].answers()
    await desk.clock.settle()
    (left,) = desk.board.calls.values()
    assert {seat.party.shown for seat in left.seats} == {"Dr. Huber", "Ben"}
    assert outside.cause is None


async def test_only_who_is_in_both_calls_joins_them(desk: Desk) -> None:
    first, _ = await desk.from_outside()
    second, _, _ = await desk.up("ben", "carl")
    with pytest.raises(Conflict, match="in both calls"):
        desk.calling.connect(first.id, "anna", second.id)
    with pytest.raises(Conflict, match="two calls"):
        desk.calling.conference(first.id, "anna", first.id)


async def test_two_calls_become_a_conference_from_which_one_is_sent_away(desk: Desk) -> None:
    first, outside = await desk.from_outside()
    desk.calling.hold(first.id, "anna")
    second, _, ben = await desk.up()
    desk.calling.conference(first.id, "anna", second.id)
    (call,) = desk.board.calls.values()
    assert {seat.party.shown for seat in call.seats} == {"Dr. Huber", "Anna", "Ben"}
    desk.calling.remove(call.id, "anna", "+49 89 123")
    assert outside.cause is NORMAL
    assert {seat.party.shown for seat in call.seats} == {"Anna", "Ben"}
    with pytest.raises(NotFound, match="not in this call"):
        desk.calling.remove(call.id, "anna", "+49 89 123")
    desk.calling.remove(call.id, "anna", "ben")
    assert ben.cause is NORMAL
    assert call.over


@pytest.mark.parametrize("what", ["hold", "resume"])
async def test_what_is_not_answered_is_not_steered(desk: Desk, what: str) -> None:
    call, _ = desk.dial("anna", "102")
    with pytest.raises(Conflict, match="not answered"):
        getattr(desk.calling, what)(call.id, "anna")
    with pytest.raises(NotFound, match="no such call"):
        getattr(desk.calling, what)("nothing", "anna")


async def test_who_is_in_no_call_steers_none(desk: Desk) -> None:
    call, _, _ = await desk.up()
    with pytest.raises(Conflict, match="Carl is not in this call"):
        desk.calling.hold(call.id, "carl")


async def test_a_device_without_sip_cannot_be_told_to_answer(desk: Desk) -> None:
    call, _ = desk.dial("anna", "102")
    await desk.clock.settle()
    with pytest.raises(Unavailable, match="The phone of Ben cannot be told to answer"):
        await desk.calling.answer(call.id, "ben")
    with pytest.raises(Conflict, match="does not ring"):
        await desk.calling.answer(call.id, "carl")


async def test_a_call_that_was_given_away_while_it_rang_comes_back_when_nobody_takes_it(desk: Desk) -> None:
    first, outside = await desk.from_outside()
    second, anna = desk.dial("anna", "102")
    await desk.clock.settle()
    desk.legs["ben"].happens(Ringing())
    desk.calling.connect(first.id, "anna", second.id)
    assert anna.state is LegState.ENDED
    desk.legs["ben"].happens(Ended(BUSY))
    await desk.clock.settle()
    assert [device.user for device in second.ringing] == ["anna"]
    desk.legs["anna"].answers()
    await desk.clock.settle()
    assert {seat.party.shown for seat in second.seats} == {"Dr. Huber", "Anna"}
    assert outside.cause is None
    assert [missed.user for missed in desk.heard(CallMissed)] == ["ben"]


async def test_it_comes_back_once_and_then_ends(desk: Desk) -> None:
    first, outside = await desk.from_outside()
    second, _ = desk.dial("anna", "102")
    await desk.clock.settle()
    desk.calling.connect(first.id, "anna", second.id)
    desk.legs["ben"].happens(Ended(BUSY))
    await desk.clock.settle()
    desk.legs["anna"].happens(Ended(BUSY))
    await desk.clock.settle()
    assert second.over
    assert outside.cause is BUSY
