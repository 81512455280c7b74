"""One call, from its first ring to its end."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from pbx_lite.calls.call import Call, CallState
from pbx_lite.calls.leg import (
    BUSY,
    NORMAL,
    OUT_OF_ORDER,
    REJECTED,
    Cause,
    Dtmf,
    Ended,
    Leg,
    MediaChanged,
    Ringing,
    TransferRequested,
)
from pbx_lite.calls.party import ANONYMOUS, Party
from pbx_lite.calls.plan import Attempt, Plan, Ring, Rung, Serve
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.config import Config, Secret, User
from pbx_lite.directory import Directory
from pbx_lite.errors import Conflict, Unavailable
from pbx_lite.events import (
    CallAnswered,
    CallChanged,
    CallDtmf,
    CallEnded,
    CallHeld,
    CallMissed,
    CallResumed,
    CallStarted,
    Event,
    EventBus,
)
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeLeg

PEOPLE = tuple(
    User(name=name, display_name=name.capitalize(), extension=extension, password=Secret("p"))
    for name, extension in (("anna", "101"), ("ben", "102"), ("carl", "103"))
)
DIRECTORY = Directory(Config(users=PEOPLE))


class Home:
    """A switchboard; each user has one device, whose legs are kept in `legs`."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.events: list[Event] = []
        bus = EventBus()
        bus.listen(lambda event: None if isinstance(event, CallChanged) else self.events.append(event))
        self.board = Switchboard(directory=DIRECTORY, bus=bus, clock=self.clock)
        self.board.planners.append(self._plan)
        self.legs: dict[str, FakeLeg] = {}
        self.plans: dict[str, Plan] = {}
        self.attempts: list[Attempt] = []

    def _plan(self, attempt: Attempt) -> Plan | None:
        self.attempts.append(attempt)
        if attempt.number in self.plans:
            return self.plans[attempt.number]
        user = next((user for user in PEOPLE if user.extension == attempt.number), None)
        if user is None:
            return None
        party = self.board.party_of(user.name)
        assert party is not None
        return Ring(callee=party, rungs=(Rung(target=self.device(user.name)),), seconds=30)

    def device(self, user: str) -> Device:
        return Device(self, user)

    def dial(self, user: str, number: str, leg: FakeLeg | None = None) -> tuple[Call, FakeLeg]:
        leg = leg or FakeLeg()
        party = self.board.party_of(user) or ANONYMOUS
        return self.board.incoming(leg, party, number), leg

    async def up(self, caller: str = "anna", callee: str = "ben") -> tuple[Call, FakeLeg, FakeLeg]:
        """A call that was answered, with both legs."""
        number = next(user.extension for user in PEOPLE if user.name == callee)
        call, origin = self.dial(caller, number)
        await self.clock.settle()
        self.legs[callee].happens(Ringing())
        self.legs[callee].answers()
        await self.clock.settle()
        return call, origin, self.legs[callee]

    def heard[E: Event](self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


class Device:
    def __init__(self, home: Home, user: str) -> None:
        self._home = home
        self.user = user
        self.device = f"{user}'s phone"

    async def ring(self, _: Attempt) -> Leg:
        leg = self._home.legs[self.user] = FakeLeg()
        return leg


@pytest.fixture
def home() -> Home:
    return Home()


async def test_a_call_is_told_from_its_start_to_its_end(home: Home) -> None:
    call, _, ben = await home.up()
    await home.clock.settle(12.5)
    ben.hangs_up()
    (started,), (answered,), (ended,) = home.heard(CallStarted), home.heard(CallAnswered), home.heard(CallEnded)
    assert (started.caller_user, started.number, started.callee_name) == ("anna", "102", "Ben")
    assert (answered.by, answered.number, answered.device) == ("ben", "102", "ben's phone")
    assert (ended.by, ended.seconds, ended.answered, ended.cause) == ("ben", 12.5, True, 16)
    assert home.events[-1] is ended
    assert call.over
    assert not home.board.calls


async def test_the_others_are_hung_up_on_when_one_leaves(home: Home) -> None:
    _, anna, ben = await home.up()
    anna.hangs_up()
    assert ben.cause is NORMAL


async def test_a_caller_who_gives_up_is_missed_by_those_who_rang(home: Home) -> None:
    call, anna = home.dial("anna", "102")
    await home.clock.settle()
    home.legs["ben"].happens(Ringing())
    anna.happens(Ended(NORMAL))
    await home.clock.settle()
    assert [missed.user for missed in home.heard(CallMissed)] == ["ben"]
    assert home.legs["ben"].cause is NORMAL
    assert call.over


async def test_who_declines_has_not_missed_it(home: Home) -> None:
    _, anna = home.dial("anna", "102")
    await home.clock.settle()
    home.legs["ben"].happens(Ringing())
    home.legs["ben"].happens(Ended(REJECTED))
    await home.clock.settle()
    assert anna.cause is REJECTED
    assert not home.heard(CallMissed)


async def test_a_private_caller_is_anonymous_in_every_event(home: Home) -> None:
    secret = Party(number="+49891234", name="Someone", trunk="line", private=True)
    home.board.incoming(FakeLeg(), secret, "102")
    await home.clock.settle()
    (started,) = home.heard(CallStarted)
    assert (started.caller, started.caller_name) == ("anonymous", "Anonymous")
    assert started.direction == "inbound"


async def test_hold_by_the_phone_and_by_us_is_told_once(home: Home) -> None:
    call, anna, _ = await home.up()
    anna.happens(MediaChanged(held=True))
    seat = call.seat_of("anna")
    assert seat is not None
    call.hold(seat)
    assert [held.by for held in home.heard(CallHeld)] == ["anna"]
    anna.happens(MediaChanged(held=False))
    assert [resumed.by for resumed in home.heard(CallResumed)] == ["anna"]


async def test_keys_are_told_with_who_pressed_them(home: Home) -> None:
    _, _, ben = await home.up()
    ben.happens(Dtmf("5"))
    (key,) = home.heard(CallDtmf)
    assert (key.digit, key.user, key.number) == ("5", "ben", "102")


async def test_a_service_hears_the_keys_and_ends_the_call_when_it_is_done(home: Home) -> None:
    keys: list[str] = []
    done = asyncio.Event()

    async def run(call: Call) -> None:
        assert call.origin is not None
        call.origin.answer()
        call.on_key = keys.append
        await done.wait()

    home.plans["*43"] = Serve(callee=Party(number="*43", name="Echo"), run=run)
    _, anna = home.dial("anna", "*43")
    await home.clock.settle()
    anna.happens(Dtmf("1"))
    done.set()
    await home.clock.settle()
    assert keys == ["1"]
    assert anna.cause is NORMAL


async def test_a_service_that_cannot_ends_the_call_with_a_cause(home: Home) -> None:
    async def run(_: Call) -> None:
        raise Unavailable("Not today.")

    home.plans["*43"] = Serve(callee=Party(number="*43"), run=run)
    _, anna = home.dial("anna", "*43")
    await home.clock.settle()
    assert anna.cause is OUT_OF_ORDER


async def test_a_service_is_cancelled_when_its_caller_hangs_up(home: Home) -> None:
    ended: list[str] = []

    async def run(_: Call) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append("cancelled")

    home.plans["*43"] = Serve(callee=Party(number="*43"), run=run)
    _, anna = home.dial("anna", "*43")
    await home.clock.settle()
    anna.happens(Ended(NORMAL))
    await home.clock.settle()
    assert ended == ["cancelled"]


def progress() -> tuple[list[int], Callable[[int], None]]:
    told: list[int] = []
    return told, told.append


async def test_a_transfer_goes_on_under_the_same_id_with_who_is_left(home: Home) -> None:
    call, anna, ben = await home.up()
    told, tell = progress()
    seat = call.seat_of("ben")
    assert seat is not None
    call.transfer(seat, "103", tell)
    await home.clock.settle()
    assert home.attempts[-1].caller.user == "anna"
    home.legs["carl"].happens(Ringing())
    home.legs["carl"].answers()
    await home.clock.settle()
    assert told == [180, 200]
    assert ben.cause is NORMAL
    assert [each.user for each in call.seats] == ["anna", "carl"]
    assert "show Carl 103" in anna.told
    assert call.state is CallState.UP


async def test_a_refused_transfer_leaves_the_two_as_they_were(home: Home) -> None:
    call, _, ben = await home.up()
    told, tell = progress()
    seat = call.seat_of("ben")
    assert seat is not None
    call.transfer(seat, "103", tell)
    await home.clock.settle()
    home.legs["carl"].happens(Ended(BUSY))
    await home.clock.settle()
    assert told == [486]
    assert ben.cause is None
    assert [each.user for each in call.seats] == ["anna", "ben"]


async def test_who_transfers_and_hangs_up_is_rung_again_when_the_target_refuses(home: Home) -> None:
    call, anna, ben = await home.up()
    seat = call.seat_of("ben")
    assert seat is not None
    call.transfer(seat, "103")
    await home.clock.settle()
    ben.hangs_up()
    assert anna.cause is None, "the call must not end while the transfer goes on"
    home.legs["carl"].happens(Ended(BUSY))
    await home.clock.settle()
    again = home.legs["ben"]
    assert again is not ben
    assert home.attempts[-1].direct
    again.answers()
    await home.clock.settle()
    assert [each.user for each in call.seats] == ["anna", "ben"]


async def test_a_caller_who_hangs_up_amid_a_transfer_ends_it_all(home: Home) -> None:
    call, anna, ben = await home.up()
    seat = call.seat_of("ben")
    assert seat is not None
    call.transfer(seat, "103")
    await home.clock.settle()
    anna.hangs_up()
    await home.clock.settle()
    assert call.over
    assert ben.cause is NORMAL
    assert home.legs["carl"].cause is NORMAL


async def test_only_a_call_between_two_that_is_up_can_be_transferred(home: Home) -> None:
    call, _ = home.dial("anna", "102")
    await home.clock.settle()
    seat = call.seat_of("anna")
    assert seat is not None
    with pytest.raises(Conflict):
        call.transfer(seat, "103")


async def test_an_attended_transfer_joins_the_far_ends(home: Home) -> None:
    first, anna, ben = await home.up("anna", "ben")
    second, bens_other = home.dial("ben", "103")
    await home.clock.settle()
    home.legs["carl"].answers()
    await home.clock.settle()
    one, two = first.seat_of("ben"), second.seat_of("ben")
    assert one is not None
    assert two is not None
    home.board.connect(first, one, second, two)
    assert [seat.user for seat in first.seats] == ["anna", "carl"]
    assert (ben.cause, bens_other.cause) == (NORMAL, NORMAL)
    assert anna.cause is home.legs["carl"].cause is None
    assert second.over
    assert "show Anna 101" in home.legs["carl"].told


async def test_an_attended_transfer_to_somebody_who_still_rings(home: Home) -> None:
    first, anna, ben = await home.up("anna", "ben")
    second, bens_other = home.dial("ben", "103")
    await home.clock.settle()
    home.legs["carl"].happens(Ringing())
    one, two = first.seat_of("ben"), second.seat_of("ben")
    assert one is not None
    assert two is not None
    home.board.connect(first, one, second, two)
    assert (ben.cause, bens_other.cause) == (NORMAL, NORMAL)
    home.legs["carl"].answers()
    await home.clock.settle()
    assert [seat.user for seat in second.seats] == ["anna", "carl"]
    assert anna.cause is None


async def test_pickup_takes_a_ringing_call(home: Home) -> None:
    call, _ = home.dial("anna", "102")
    await home.clock.settle()
    picker = FakeLeg()
    party = home.board.party_of("carl")
    assert party is not None

    async def run(own: Call) -> None:
        home.board.adopt(call, picker, party, "kitchen")

    home.plans["*8"] = Serve(callee=Party(number="*8"), run=run)
    home.board.incoming(picker, party, "*8")
    await home.clock.settle()
    assert [seat.user for seat in call.seats] == ["anna", "carl"]
    assert picker.cause is None
    assert home.legs["ben"].cause is not None
    assert home.legs["ben"].cause.elsewhere
    assert list(home.board.calls.values()) == [call]


async def test_who_takes_over_a_call_from_outside_sees_their_own_name_for_the_caller(home: Home) -> None:
    home.board.own_name = lambda number, user: "Mama" if (number, user) == ("+4930111", "carl") else ""
    outside = Party(number="+4930111", name="Frau Berger", trunk="line")
    call = home.board.incoming(FakeLeg(), outside, "102")
    await home.clock.settle()
    picker = FakeLeg()
    party = home.board.party_of("carl")
    assert party is not None
    call.take(picker, party)
    await home.clock.settle()
    assert "show Mama +4930111" in picker.told
    replaced = FakeLeg()
    (seat,) = [seat for seat in call.seats if seat.user == "carl"]
    ben = home.board.party_of("ben")
    assert ben is not None
    call.replace(seat, replaced, ben)
    assert "show Frau Berger +4930111" in replaced.told
    assert home.board.known_to("carl", replace(outside, private=True)).name == "Frau Berger"
    assert home.board.known_to("carl", Party(number="+4930111")).name == ""


async def test_a_call_that_rings_no_longer_cannot_be_picked_up(home: Home) -> None:
    call, _, _ = await home.up()
    with pytest.raises(Conflict):
        call.take(FakeLeg(), Party(number="103"))


async def test_three_in_one_call_and_the_initiator_removes_one(home: Home) -> None:
    first, anna, ben = await home.up("anna", "ben")
    second, annas_other = home.dial("anna", "103")
    await home.clock.settle()
    home.legs["carl"].answers()
    await home.clock.settle()
    first.merge(second, "anna")
    assert sorted(seat.user for seat in first.seats) == ["anna", "ben", "carl"]
    assert annas_other.cause is NORMAL
    seat = first.seat_of("ben")
    assert seat is not None
    first.remove(seat)
    assert ben.cause is NORMAL
    assert [seat.user for seat in first.seats] == ["anna", "carl"]
    assert anna.cause is None
    assert anna.told[-1].endswith("103"), "the display shows who is left"


async def test_what_a_phone_asks_by_refer_is_refused_where_nobody_serves_it(home: Home) -> None:
    told, tell = progress()
    _, _, ben = await home.up()
    ben.happens(TransferRequested("sip:103@pbx", "", tell))
    assert told == [501]


async def test_click_to_dial_calls_the_number_once_the_own_phone_was_answered(home: Home) -> None:
    party = home.board.party_of("anna")
    assert party is not None
    call = home.board.place([home.device("anna")], party, "102")
    await home.clock.settle()
    assert "ben" not in home.legs
    home.legs["anna"].answers()
    await home.clock.settle()
    home.legs["ben"].answers()
    await home.clock.settle()
    assert [seat.user for seat in call.seats] == ["anna", "ben"]
    assert len(home.heard(CallStarted)) == 1


@pytest.mark.parametrize("cause", [BUSY, REJECTED])
async def test_click_to_dial_ends_where_the_own_phone_is_not_answered(home: Home, cause: Cause) -> None:
    party = home.board.party_of("anna")
    assert party is not None
    call = home.board.place([home.device("anna")], party, "102")
    await home.clock.settle()
    home.legs["anna"].happens(Ended(cause))
    await home.clock.settle()
    assert call.over
    assert not home.heard(CallMissed)
