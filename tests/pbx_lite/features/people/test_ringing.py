"""Who rings, and what comes when nobody takes it."""

from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from pbx_lite.calls.leg import BUSY, NO_ANSWER, NO_RESPONSE, OUT_OF_ORDER, REJECTED, UNREACHABLE, Cause, Leg
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Divert, Plan, Refuse, Ring, Scope, Serve
from pbx_lite.directory import Account, AccountKind
from pbx_lite.features.people.ringing import Device, Person, plan_person, plan_team
from pbx_lite.features.people.settings import Forwarding, Profile, Rule, Settings

BEN = Party(number="102", name="Ben", user="ben")
OUTSIDE = Party(number="+4930123", trunk="line")


@dataclass(frozen=True)
class Phone:
    account: str
    user: str = "anna"

    @property
    def device(self) -> str:
        return self.account

    async def ring(self, attempt: Attempt) -> Leg:
        raise NotImplementedError


HALL, KITCHEN, CELL = Phone("101"), Phone("101-kitchen"), Phone("+49171555777")
ANNA = Person(
    party=Party(number="101", name="Anna", user="anna"),
    numbers=frozenset({"101", "111"}),
    devices=(Device(name="phone", account="101"), Device(name="kitchen", account="101-kitchen")),
    phones=(HALL, KITCHEN),
    mobile=lambda: CELL,
)


def attempt(caller: Party = BEN, number: str = "101", **more: Any) -> Attempt:
    return Attempt(call=cast("Any", None), caller=caller, number=number, **more)


def anna(*, busy: bool = False, phones: tuple[Phone, ...] = (HALL, KITCHEN), **settings: Any) -> Person:
    return replace(ANNA, settings=Settings(**settings), busy=busy, phones=phones)


def rung(plan: Plan) -> list[tuple[str, float, float | None]]:
    assert isinstance(plan, Ring)
    return [(each.target.device, each.after, each.seconds) for each in plan.rungs]


def test_every_phone_rings_at_once() -> None:
    plan = plan_person(attempt(), ANNA)
    assert rung(plan) == [("101", 0, None), ("101-kitchen", 0, None)]
    assert isinstance(plan, Ring)
    assert (plan.callee, plan.seconds) == (ANNA.party, 60)


def test_a_profile_says_which_device_rings_when_for_each_kind_of_call() -> None:
    profile = Profile(
        name="away",
        internal=(Rule(device="kitchen", seconds=10),),
        external=(Rule(device="phone"), Rule(device="mobile", after=8, seconds=20), Rule(device="gone")),
        team=(),
    )
    person = anna(profiles=(profile,), profile="away")
    assert rung(plan_person(attempt(), person)) == [("101-kitchen", 0, 10)]
    assert rung(plan_person(attempt(OUTSIDE, scope=Scope.EXTERNAL), person)) == [
        ("101", 0, None),
        ("+49171555777", 8, 20),
    ]
    assert plan_person(attempt(scope=Scope.TEAM), person) == Refuse(cause=BUSY)


def test_a_shared_phone_rings_for_whoever_is_logged_in_unless_a_profile_names_it() -> None:
    desk = Phone("desk-1")
    there = replace(
        ANNA, devices=(*ANNA.devices, Device(name="desk", account="desk-1", lent=True)), phones=(*ANNA.phones, desk)
    )
    silent = Settings(profiles=(Profile(name="x", internal=(Rule(device="kitchen"),)),), profile="x")
    assert rung(plan_person(attempt(), replace(there, settings=silent))) == [
        ("101-kitchen", 0, None),
        ("desk-1", 0, None),
    ]
    late = Settings(profiles=(Profile(name="x", internal=(Rule(device="desk", after=9),)),), profile="x")
    assert rung(plan_person(attempt(), replace(there, settings=late))) == [("desk-1", 9, None)]


def test_who_calls_from_their_mobile_phone_does_not_make_it_ring() -> None:
    profile = Profile(name="out", external=(Rule(device="mobile"), Rule(device="phone")))
    own = Party(number="0171555777", trunk="line")
    plan = plan_person(attempt(own, scope=Scope.EXTERNAL), anna(profiles=(profile,), profile="out"))
    assert rung(plan) == [("101", 0, None)]


def test_nobody_registered_is_unreachable() -> None:
    assert plan_person(attempt(), anna(phones=())) == Refuse(cause=UNREACHABLE)


@pytest.mark.parametrize("settings", [{"do_not_disturb": True}, {"busy": True, "call_waiting": False}])
def test_do_not_disturb_and_busy_are_busy_or_go_where_busy_calls_go(settings: dict[str, Any]) -> None:
    assert plan_person(attempt(), anna(**settings)) == Refuse(cause=BUSY)
    forwarded = plan_person(attempt(), anna(forwarding=Forwarding(busy="103"), **settings))
    assert isinstance(forwarded, Divert)
    assert forwarded.number == "103"


def test_a_second_call_rings_where_call_waiting_is_on() -> None:
    assert isinstance(plan_person(attempt(), anna(busy=True)), Ring)


def test_doors_and_direct_attempts_ring_whatever_is_set() -> None:
    person = anna(do_not_disturb=True)
    assert isinstance(plan_person(attempt(Party(number="150", door="front")), person), Ring)
    stubborn = anna(do_not_disturb=True, busy=True, call_waiting=False, forwarding=Forwarding(always="103"))
    assert rung(plan_person(attempt(direct=True), stubborn)) == [("101", 0, None), ("101-kitchen", 0, None)]
    assert plan_person(attempt(direct=True), anna(phones=())) == Refuse(cause=UNREACHABLE)


def test_a_phones_own_extension_rings_that_phone() -> None:
    person = anna(forwarding=Forwarding(always="103"), profiles=(Profile(name="x", internal=()),), profile="x")
    assert rung(plan_person(attempt(number="111"), person, account="101-kitchen")) == [("101-kitchen", 0, None)]
    assert plan_person(attempt(), anna(do_not_disturb=True), account="101-kitchen") == Refuse(cause=BUSY)


def test_calls_are_forwarded_always() -> None:
    person = anna(forwarding=Forwarding(always="103"), do_not_disturb=True)
    assert plan_person(attempt(), person) == Divert(number="103", reason="unconditional")


@pytest.mark.parametrize(
    ("caller", "more"),
    [
        (Party(number="103", user="carl"), {}),
        (BEN, {"diverted": ("103", "104")}),
    ],
)
def test_a_forwarding_that_leads_back_is_not_followed(caller: Party, more: dict[str, Any]) -> None:
    assert isinstance(plan_person(attempt(caller, **more), anna(forwarding=Forwarding(always="103"))), Ring)
    assert isinstance(plan_person(attempt(), anna(forwarding=Forwarding(always="111"))), Ring)
    mobile = Party(number="+49171555777", trunk="line")
    assert isinstance(plan_person(attempt(mobile), anna(forwarding=Forwarding(always="0171555777"))), Ring)


@pytest.mark.parametrize(
    ("cause", "number"),
    [(BUSY, "103"), (REJECTED, "103"), (NO_ANSWER, "104"), (UNREACHABLE, "104"), (OUT_OF_ORDER, None)],
)
def test_what_comes_after_depends_on_why_nobody_took_it(cause: Cause, number: str | None) -> None:
    forwarding = Forwarding(busy="103", no_answer="104", seconds=15)
    plan = plan_person(attempt(), anna(forwarding=forwarding))
    assert isinstance(plan, Ring)
    assert plan.seconds == 15
    assert plan.otherwise is not None
    after = plan.otherwise(cause)
    assert (after.number if isinstance(after, Divert) else None) == number


def test_where_one_phone_is_busy_while_others_ring_nobody_answered() -> None:
    forwarding = Forwarding(no_answer="104")
    several, one = anna(forwarding=forwarding), anna(forwarding=forwarding, phones=(HALL,))
    after = []
    for person in (several, one):
        plan = plan_person(attempt(), person)
        assert isinstance(plan, Ring)
        assert plan.otherwise is not None
        after.append(plan.otherwise(BUSY))
    assert after == [Divert(number="104", reason="no-answer"), None]


def test_without_a_phone_the_call_goes_where_unanswered_calls_go() -> None:
    plan = plan_person(attempt(), anna(phones=(), forwarding=Forwarding(no_answer="104")))
    assert plan == Divert(number="104", reason="no-answer")


def test_who_calls_themselves_reaches_their_other_phones() -> None:
    account = Account(kind=AccountKind.USER, owner="anna", name="101")
    person = anna(do_not_disturb=True, busy=True, forwarding=Forwarding(always="103"))
    assert rung(plan_person(attempt(ANNA.party, account=account), person)) == [("101-kitchen", 0, None)]
    alone = replace(person, phones=(HALL,))
    assert plan_person(attempt(ANNA.party, account=account), alone) == Refuse(cause=BUSY)


TEAM = Party(number="200", name="Family")
CARL = Person(
    party=Party(number="103", user="carl"),
    numbers=frozenset({"103"}),
    devices=(Device(name="phone", account="103"),),
    phones=(Phone("103", "carl"),),
)


def test_all_of_a_team_ring_who_are_free() -> None:
    carl = replace(
        CARL, settings=Settings(profiles=(Profile(name="x", team=(Rule(device="phone", after=5),)),), profile="x")
    )
    plan = plan_team(attempt(number="200"), TEAM, [ANNA, carl], 30)
    assert rung(plan) == [("101", 0, None), ("101-kitchen", 0, None), ("103", 5, None)]
    assert isinstance(plan, Ring)
    assert (plan.callee, plan.seconds) == (TEAM, 30)


@pytest.mark.parametrize(
    "left_out",
    [
        anna(do_not_disturb=True),
        anna(busy=True),
        anna(forwarding=Forwarding(always="104")),
        anna(profiles=(Profile(name="x", team=()),), profile="x"),
    ],
)
def test_who_wants_no_call_is_left_out_of_the_team(left_out: Person) -> None:
    assert rung(plan_team(attempt(number="200"), TEAM, [left_out, CARL], 30)) == [("103", 0, None)]
    assert plan_team(attempt(number="200"), TEAM, [left_out], 30) == Refuse(cause=BUSY)


def test_a_member_who_calls_the_team_does_not_ring() -> None:
    assert rung(plan_team(attempt(ANNA.party, number="200"), TEAM, [ANNA, CARL], 30)) == [("103", 0, None)]
    assert plan_team(attempt(ANNA.party, number="200"), TEAM, [ANNA], 30) == Refuse(cause=UNREACHABLE)
    assert plan_team(attempt(number="200"), TEAM, [replace(ANNA, phones=())], 30) == Refuse(cause=UNREACHABLE)


BOX = Serve(callee=ANNA.party, run=cast("Any", None))


def boxed(person: Person, caller: Party = BEN, **more: Any) -> Plan:
    return plan_person(attempt(caller, **more), person, mailbox=(25.0, BOX))


def test_a_mailbox_takes_what_nobody_answers_and_what_could_not_be_passed_on() -> None:
    plan = boxed(anna())
    assert isinstance(plan, Ring)
    assert plan.seconds == 25
    assert plan.otherwise is not None
    for cause in (NO_ANSWER, NO_RESPONSE, BUSY, REJECTED, UNREACHABLE):
        assert plan.otherwise(cause) is BOX
    assert plan.otherwise(OUT_OF_ORDER) is None
    assert boxed(anna(phones=())) is BOX
    assert boxed(anna(do_not_disturb=True)) is BOX
    assert boxed(anna(busy=True, call_waiting=False)) is BOX


def test_forwarding_goes_before_a_mailbox() -> None:
    away = anna(do_not_disturb=True, forwarding=Forwarding(busy="102", no_answer="103", seconds=12))
    assert boxed(away, OUTSIDE) == Divert(number="102", reason="do-not-disturb")
    assert boxed(away) is BOX, "it would lead back to Ben"
    there = boxed(anna(forwarding=Forwarding(no_answer="103", seconds=12)))
    assert isinstance(there, Ring)
    assert there.seconds == 12
    assert there.otherwise is not None
    assert there.otherwise(NO_ANSWER) == Divert(number="103", reason="no-answer")


def test_a_call_that_has_to_reach_a_phone_reaches_no_mailbox() -> None:
    assert boxed(anna(phones=()), direct=True) == Refuse(cause=UNREACHABLE)
    plan = boxed(anna(), direct=True)
    assert isinstance(plan, Ring)
    assert plan.otherwise is None
