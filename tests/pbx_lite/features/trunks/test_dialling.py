"""Which numbers lead outside, over which line, and who may call them."""

from types import SimpleNamespace
from typing import Any

import pytest

from pbx_lite.calls.leg import (
    BUSY,
    INVALID_NUMBER,
    NETWORK,
    NO_ANSWER,
    NO_CIRCUIT,
    NO_RESPONSE,
    NOT_ALLOWED,
    OUT_OF_ORDER,
    LegState,
)
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Divert, Plan, Refuse, Ring
from pbx_lite.config import Calling, Config, Door, Role, Secret, Team, Trunk, User, Workplace
from pbx_lite.directory import Directory
from pbx_lite.events import Event, EventBus, TollRefused
from pbx_lite.features.trunks.dialling import Dialling
from pbx_lite.features.trunks.line import Carried, Line, LineState
from pbx_lite.features.trunks.outgoing import TrunkLine
from pbx_lite.sip.address import Address
from tests.pbx_lite.sip.doubles import Party as SipParty
from tests.pbx_lite.sip.doubles import Wire
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeLeg

USERS = (
    User(name="anna", display_name="Anna", extension="101", password=Secret("p"), roles=("usual",)),
    User(name="ben", display_name="Ben", extension="102", password=Secret("p"), roles=("usual", "rich")),
    User(name="child", display_name="Child", extension="103", password=Secret("p"), roles=("none",)),
)
ROLES = (
    Role(name="usual"),
    Role(name="rich", dial=("international",)),
    Role(name="none", dial=()),
)
LINE = Trunk(name="line", registrar="sip:192.0.2.9", username="a", area="89", numbers=(("+498912345*", "*"),))


class Names:
    async def resolve(self, address: Address) -> list[Address]:
        return [address]


class Office:
    """`plan(number, by)` is what becomes of a number; `told` are the refusals."""

    def __init__(self, *trunks: Trunk, calling: Calling | None = None) -> None:
        self.clock = FakeClock()
        config = Config(
            users=USERS,
            roles=ROLES,
            doors=(Door(name="front", display_name="Front", extension="150", password=Secret("p")),),
            teams=(Team(name="all", display_name="All", extension="199", members=("anna",)),),
            workplaces=(Workplace(name="hall", display_name="Hall", account="hall", password=Secret("p")),),
            calling=calling or Calling(),
        )
        self.directory = Directory(config)
        endpoint = SipParty(Wire(self.clock), "udp:192.0.2.1:5060").endpoint
        self.lines = [
            Line(trunk, endpoint=endpoint, names=Names(), clock=self.clock, changed=lambda _: None)
            for trunk in trunks or (LINE,)
        ]
        for line in self.lines:
            line.state = LineState.REGISTERED
        self.told: list[TollRefused] = []
        bus = EventBus()
        bus.listen(self._hear)
        self.seats: dict[Any, Any] = {}
        self.dialling = Dialling(
            self.lines,
            directory=self.directory,
            exchange=SimpleNamespace(),
            switchboard=SimpleNamespace(seat_of=self.seats.get),  # type: ignore[arg-type]
            bus=bus,
            clock=self.clock,
        )

    def _hear(self, event: Event) -> None:
        if isinstance(event, TollRefused):
            self.told.append(event)

    def attempt(self, number: str, by: str = "anna", **fields: Any) -> Attempt:
        account = self.directory.by_account({"anna": "101", "ben": "102", "child": "103"}.get(by, by))
        usual: dict[str, Any] = {
            "call": SimpleNamespace(id="c", origin=FakeLeg()),
            "caller": Party(number="101", name="Anna", user=by),
            "number": number,
            "account": account,
        }
        return Attempt(**usual | fields)

    def plan(self, number: str, by: str = "anna", **fields: Any) -> Plan | None:
        return self.dialling.plan(self.attempt(number, by, **fields))

    def emergency(self, number: str, by: str = "anna", **fields: Any) -> Plan | None:
        return self.dialling.plan_emergency(self.attempt(number, by, **fields))


def ways(plan: Plan | None) -> list[str]:
    """The line and number that a plan rings first, and those after it as its line fails each time."""
    found = []
    while isinstance(plan, Ring):
        target = plan.rungs[0].target
        assert isinstance(target, TrunkLine)
        found.append(f"{target.line.name} {target.destination.number}")
        plan = plan.otherwise(OUT_OF_ORDER) if plan.otherwise else None
    return found


def cause(plan: Plan | None) -> Any:
    assert isinstance(plan, Refuse)
    return plan.cause


@pytest.mark.parametrize(
    ("number", "way"),
    [
        ("0030123456", ["line +4930123456"]),
        ("0777777", ["line +4989777777"]),
        ("+4930123456", ["line +4930123456"]),
        ("0115", ["line 115"]),
        ("101", []),
        ("0", []),
        ("", []),
        ("*100", []),
    ],
)
def test_the_prefix_leads_outside(number, way):
    assert ways(Office().plan(number)) == way


def test_the_callee_is_outside_whatever_was_dialled():
    plan = Office().plan("0030123456")
    assert isinstance(plan, Ring)
    assert plan.callee == Party(number="+4930123456", trunk="line")


def test_behind_a_prefix_something_has_to_be_a_number():
    assert cause(Office().plan("0*21*1#")) is INVALID_NUMBER
    assert cause(Office().plan("0+")) is INVALID_NUMBER


def test_without_a_prefix_only_numbers_lead_outside():
    office = Office(Trunk(name="line", registrar="sip:192.0.2.9", username="a", prefix="", area="89"))
    assert ways(office.plan("030123456")) == ["line +4930123456"]
    assert office.plan("nobody") is None
    assert office.plan("*100") is None


def test_the_longest_prefix_chooses_the_line():
    office = Office(
        LINE,
        Trunk(name="work", registrar="sip:192.0.2.8", username="b", prefix="09", area="89"),
        Trunk(name="spare", registrar="sip:192.0.2.7", username="c", area="40"),
    )
    assert ways(office.plan("09030123456")) == ["work +4930123456"]
    assert ways(office.plan("0777777")) == ["line +4989777777", "spare +4940777777"]
    assert ways(office.plan("+4930123456")) == ["line +4930123456", "work +4930123456", "spare +4930123456"]


@pytest.mark.parametrize(
    ("cause_", "next_"),
    [(OUT_OF_ORDER, True), (NETWORK, True), (NO_RESPONSE, True), (NO_CIRCUIT, True), (BUSY, False), (NO_ANSWER, False)],
)
def test_only_a_line_that_fails_makes_way_for_the_next(cause_, next_):
    office = Office(LINE, Trunk(name="spare", registrar="sip:192.0.2.7", username="c"))
    plan = office.plan("0030123456")
    assert isinstance(plan, Ring)
    assert plan.otherwise is not None
    assert (plan.otherwise(cause_) is not None) is next_


def test_lines_that_are_not_there_or_full_are_passed_over():
    office = Office(LINE, Trunk(name="spare", registrar="sip:192.0.2.7", username="c", channels=1))
    office.lines[0].state = LineState.FAILED
    assert ways(office.plan("0030123456")) == ["spare +4930123456"]
    office.lines[1].reserve()
    assert cause(office.plan("0030123456")) is NO_CIRCUIT
    office.lines[1].state = LineState.REGISTERING
    assert cause(office.plan("0030123456")) is OUT_OF_ORDER


def test_a_number_of_ours_leads_to_whose_it_is():
    trunk = Trunk(name="line", registrar="sip:192.0.2.9", numbers=(("+49891", "anna"), ("+498955*", "*")), area="89")
    office = Office(trunk)
    for number, extension in (("0089551", "1"), ("0004989551", "1"), ("+498955102", "102")):
        plan = office.plan(number)
        assert isinstance(plan, Divert)
        assert plan.number == extension


def test_a_local_number_needs_an_area_unless_a_fritzbox_knows_it():
    plain = Trunk(name="line", registrar="sip:192.0.2.9", username="a")
    assert cause(Office(plain).plan("0123456")) is INVALID_NUMBER
    box = Trunk(name="box", registrar="sip:192.0.2.9", username="a", profile="fritzbox")
    assert ways(Office(box).plan("0123456")) == ["box 123456"]
    assert ways(Office(box).plan("0**610")) == ["box **610"]


def test_a_fritzboxs_telephone_is_called_back_as_the_display_shows_it():
    box = Trunk(name="box", registrar="sip:192.0.2.9", username="a", profile="fritzbox")
    assert ways(Office(LINE, box).plan("**610")) == ["box **610"]
    assert Office(LINE).plan("**610") is None
    assert Office(LINE, box).plan("**701") is None


# Rights


@pytest.mark.parametrize(
    ("by", "number", "allowed"),
    [
        ("anna", "0030123456", True),
        ("anna", "00043151551", False),
        ("ben", "00043151551", True),
        ("ben", "0030123456", True),
        ("child", "0030123456", False),
        ("front", "0030123456", False),
        ("150", "0030123456", False),
    ],
)
def test_what_somebody_may_call_is_what_any_of_their_roles_allows(by, number, allowed):
    office = Office()
    plan = office.plan(number, by)
    assert isinstance(plan, Ring) is allowed
    assert len(office.told) == (not allowed)


def test_the_refusal_is_told_once_in_a_sentence():
    office = Office(LINE, Trunk(name="spare", registrar="sip:192.0.2.7", username="c"))
    assert cause(office.plan("00043151551")) is NOT_ALLOWED
    (told,) = office.told
    assert (told.user, told.number) == ("anna", "+43151551")
    assert told.reason == "Anna may not call +43151551: numbers abroad are not allowed."


def test_a_caller_from_outside_has_no_right_but_that_of_who_passes_the_call_on():
    office = Office()
    otto = Party(number="+4930", trunk="line")
    assert cause(office.plan("+4930123456", caller=otto, account=None)) is NOT_ALLOWED
    assert office.told[0].user == ""
    assert ways(office.plan("+4930123456", caller=otto)) == ["line +4930123456"]
    assert cause(office.plan("+43151551", caller=otto)) is NOT_ALLOWED
    team = office.directory.by_extension("199")
    assert cause(office.plan("+4930123456", caller=otto, account=team)) is NOT_ALLOWED


def test_whoever_sits_at_a_shared_phone_calls_with_their_own_right():
    office = Office()
    assert ways(office.plan("0030123456", "hall", caller=Party(number="101", user="anna")))
    assert cause(office.plan("0030123456", "hall", caller=Party(number="hall"))) is NOT_ALLOWED


def test_home_assistant_calls_in_nobodys_name():
    office = Office()
    call = SimpleNamespace(id="c", origin=None)
    nobody = Party(number="home")
    assert ways(office.plan("00043151551", call=call, caller=nobody, account=None))
    assert cause(office.plan("00900123456", call=call, caller=nobody, account=None)) is NOT_ALLOWED
    assert "Home Assistant may not" in office.told[0].reason
    anna = Party(number="101", user="anna")
    assert cause(office.plan("00043151551", call=call, caller=anna, account=None)) is NOT_ALLOWED


def test_the_limit_of_an_hour_holds_over_all_numbers():
    office = Office(calling=Calling(hourly=1))
    assert ways(office.plan("0030123456"))
    office.dialling.limits.began("anna", "c", office.clock.time())
    assert cause(office.plan("0040123456")) is NOT_ALLOWED
    assert ways(office.plan("0030123456", "ben"))
    office.clock.advance(3601)
    assert ways(office.plan("0040123456"))


# The number that is shown


@pytest.mark.parametrize(
    ("trunk", "shown"),
    [
        (LINE, "+498912345101"),
        (Trunk(name="l", registrar="sip:192.0.2.9", caller_number="089777", area="89"), "+4989777"),
        (Trunk(name="l", registrar="sip:192.0.2.9", numbers=(("+4989777", "ben"),)), "+4989777"),
        (Trunk(name="l", registrar="sip:192.0.2.9"), ""),
    ],
)
def test_ones_own_number_is_shown_else_that_of_the_line(trunk, shown):
    plan = Office(trunk).plan("+4930123456")
    assert isinstance(plan, Ring)
    target = plan.rungs[0].target
    assert isinstance(target, TrunkLine)
    assert target.number == shown


# Emergency


@pytest.mark.parametrize("by", ["anna", "child", "hall", "150"])
@pytest.mark.parametrize("number", ["110", "112", "0112"])
def test_emergency_numbers_pass_from_every_phone(by, number):
    office = Office(calling=Calling(hourly=1, minutes=1))
    office.dialling.limits.began(by, "other", office.clock.time())
    assert ways(office.emergency(number, by)) == [f"line {number[-3:]}"]
    assert not office.told


def test_emergency_calls_try_every_line_those_that_are_there_first():
    office = Office(LINE, Trunk(name="spare", registrar="sip:192.0.2.7", username="c", channels=1))
    office.lines[0].state = LineState.FAILED
    office.lines[1].reserve()
    plan = office.emergency("112")
    assert ways(plan) == ["spare 112", "line 112"]
    assert isinstance(plan, Ring)
    assert plan.otherwise is not None
    assert plan.otherwise(BUSY) is not None


def test_nobody_from_outside_makes_emergency_calls_here():
    office = Office()
    otto = Party(number="+4930", trunk="line")
    assert office.emergency("112", caller=otto, account=None) is None
    assert office.emergency("112", caller=otto) is None
    assert cause(office.plan("0112", caller=otto)) is NOT_ALLOWED


def test_the_emergency_numbers_of_the_country_count_too():
    vienna = Trunk(name="line", registrar="sip:192.0.2.9", username="a", country="43")
    assert ways(Office(vienna).emergency("0144")) == ["line 144"]
    assert ways(Office(vienna).emergency("133")) == ["line 133"]
    assert Office(LINE).emergency("133") is None


def test_an_extension_goes_before_an_emergency_number_that_the_file_does_not_name():
    vienna = Trunk(name="line", registrar="sip:192.0.2.9", username="a", country="43")
    office = Office(vienna)
    office.directory._accounts.by_extension["144"] = office.directory._accounts.by_extension["101"]
    assert office.emergency("144") is None
    assert ways(office.emergency("0144")) == ["line 144"]


def test_without_lines_there_is_nothing_to_plan():
    office = Office()
    office.lines.clear()
    assert office.emergency("112") is None
    assert office.plan("0030123456") is None
    assert office.dialling.reach("+49171", "anna") is None


class Talk:
    """A call over a line that can be ended."""

    def __init__(self, started: float, *, answered: bool) -> None:
        self.started = started
        self.leg = FakeLeg()
        self.leg.state = LegState.ANSWERED if answered else LegState.RINGING

    def hang_up(self, _cause: object) -> None:
        self.leg.hangs_up()


@pytest.mark.parametrize(
    ("talks", "ended"),
    [
        ([(1, True), (2, True)], 1),
        ([(1, True), (2, True), (0, False)], 2),
        ([(1, False), (2, False)], 1),
    ],
)
def test_room_for_an_emergency_call_is_made_where_it_hurts_least(talks, ended):
    office = Office()
    made = [Talk(started, answered=answered) for started, answered in talks]
    line = office.lines[0]
    for talk in made:
        line._carried.append(Carried(talk.leg, talk))
    urgent = Talk(9, answered=False)
    line._carried.append(Carried(urgent.leg, urgent, urgent=True))
    office.dialling._make_room(line)
    assert [talk.leg.state is LegState.ENDED for talk in made] == [index == ended for index in range(len(made))]
    assert urgent.leg.state is not LegState.ENDED


def test_where_emergency_calls_alone_are_there_none_of_them_is_ended():
    office = Office()
    urgent = Talk(9, answered=True)
    office.lines[0]._carried.append(Carried(urgent.leg, urgent, urgent=True))
    office.dialling._make_room(office.lines[0])
    assert urgent.leg.state is LegState.ANSWERED


# Mobile phones


def test_a_mobile_phone_is_reached_with_its_owners_right():
    office = Office()
    target = office.dialling.reach("0171 1234567", "anna")
    assert isinstance(target, TrunkLine)
    assert (target.user, target.device, target.destination.number) == ("anna", "0171 1234567", "+491711234567")
    assert office.dialling.reach("0171 1234567", "child") is None
    assert [told.user for told in office.told] == ["child"]
    assert office.dialling.reach("0171 1234567", "nobody") is None
    assert office.dialling.reach("112", "anna") is None
    assert office.dialling.reach("what?", "anna") is None
