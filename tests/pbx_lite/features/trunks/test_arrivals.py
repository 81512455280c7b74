"""Calls that come in over a line."""

from types import SimpleNamespace
from typing import Any

import pytest

from pbx_lite.calls.leg import REJECTED, UNALLOCATED, UNREACHABLE, LegState
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Divert, Plan, Refuse, Ring
from pbx_lite.config import Config, Room, Secret, Team, Trunk, User
from pbx_lite.directory import Directory
from pbx_lite.errors import MediaError, NoCommonCodec
from pbx_lite.events import EventBus, RouteRequested
from pbx_lite.features.trunks.arrivals import Arrivals, extension_of
from pbx_lite.features.trunks.line import Line
from pbx_lite.features.trunks.routes import Routes
from pbx_lite.sip.address import Address
from pbx_lite.sip.message import Request
from tests.pbx_lite.sip.doubles import Party as SipParty
from tests.pbx_lite.sip.doubles import Wire
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeLeg

PROVIDER = Address("udp", "192.0.2.9", 5060)
DIRECTORY = Directory(
    Config(
        users=(User(name="anna", display_name="Anna", extension="101", password=Secret("p")),),
        teams=(Team(name="all", display_name="All", extension="199", members=("anna",)),),
        rooms=(Room(name="table", display_name="Table", extension="800"),),
    )
)


class Invite:
    def __init__(self, to: str = "+49891", source: Address = PROVIDER, uri: str = "sip:pbx@192.0.2.1") -> None:
        fields = [("To", f"<sip:{to}@x>"), ("From", '"Otto" <sip:030111@x>;tag=1')]
        self.request = Request("INVITE", uri, fields)
        self.source = source
        self.answers: list[tuple[int, dict[str, str]]] = []

    def reject(self, status: int, headers: Any = ()) -> None:
        self.answers.append((status, dict(headers)))


class Names:
    async def resolve(self, address: Address) -> list[Address]:
        return [address]


class Gate:
    """Arrivals with a line, and everything around them played by hand."""

    def __init__(self, *, seconds: float = 0.0, **fields: Any) -> None:
        self.clock = FakeClock()
        self.calls: list[tuple[Party, str]] = []
        self.legs: list[Any] = []
        self.fails: Exception | None = None
        self.gives_up = False
        self.phones: dict[str, list[Any]] = {}
        self.known: set[Address] = set()
        self.asked: list[RouteRequested] = []
        bus = EventBus()
        bus.listen(lambda event: self.asked.append(event) if isinstance(event, RouteRequested) else None)
        endpoint = SipParty(Wire(self.clock), "udp:192.0.2.1:5060").endpoint
        usual: dict[str, Any] = {"name": "line", "registrar": "sip:192.0.2.9", "username": "pbx"}
        trunk = Trunk(**usual | {"numbers": (("+49891", "anna"), ("+49892", "110"))} | fields)
        self.line = Line(trunk, endpoint=endpoint, names=Names(), clock=self.clock, changed=lambda _: None)
        self.routes = Routes(bus=bus, clock=self.clock, seconds=seconds, listening=lambda: True)
        exchange: Any = SimpleNamespace(
            incoming_leg=self._leg,
            registrar=SimpleNamespace(knows=self.known.__contains__),
            phones_of=lambda user: self.phones.get(user, []),
        )
        switchboard: Any = SimpleNamespace(
            incoming=self._incoming, party_of=lambda user: Party(number="101", user=user) if user == "anna" else None
        )
        self.arrivals = Arrivals(
            [self.line], directory=DIRECTORY, exchange=exchange, switchboard=switchboard, routes=self.routes
        )

    async def _leg(self, _invite: Any, **_: Any) -> Any:
        if self.fails is not None:
            raise self.fails
        self.legs.append(FakeLeg())
        if self.gives_up:
            self.legs[-1].hangs_up()
        return self.legs[-1]

    def _incoming(self, leg: Any, caller: Party, number: str) -> Any:
        self.calls.append((caller, number))
        return SimpleNamespace(id=f"call{len(self.calls)}", origin=leg)

    def attempt(self, number: str, call: str = "call1") -> Attempt:
        caller = self.calls[0][0] if self.calls else Party(number="x")
        fake: Any = SimpleNamespace(id=call, origin=FakeLeg())
        return Attempt(call=fake, caller=caller, number=number)

    async def plan(self, number: str) -> Plan | None:
        planning = self.arrivals.plan(self.attempt(number))
        assert planning is not None
        return await planning


async def test_a_call_is_let_in_as_whoever_calls():
    gate = Gate()
    assert gate.arrivals.serve(Invite())  # type: ignore[arg-type]
    await gate.clock.settle()
    assert gate.calls == [(Party(number="+4930111", name="Otto", trunk="line"), "+49891")]
    assert gate.line.in_use == 1
    gate.legs[0].hangs_up()
    assert gate.line.in_use == 0


async def test_what_is_not_the_providers_is_left_to_others():
    gate = Gate()
    assert not gate.arrivals.serve(Invite(source=Address("udp", "192.0.2.66", 5060)))  # type: ignore[arg-type]
    gate.known.add(PROVIDER)  # one of our phones is there
    assert not gate.arrivals.serve(Invite())  # type: ignore[arg-type]
    await gate.clock.settle()
    assert not gate.calls


async def test_a_full_line_is_busy():
    gate = Gate(channels=1)
    invites = [Invite(), Invite()]
    for invite in invites:
        assert gate.arrivals.serve(invite)  # type: ignore[arg-type]
    await gate.clock.settle()
    assert invites[0].answers == []
    assert invites[1].answers == [(486, {"Reason": 'Q.850;cause=34;text="No circuit available"'})]


@pytest.mark.parametrize(("error", "status"), [(NoCommonCodec("x"), 488), (MediaError("x"), 503)])
async def test_a_call_without_media_is_refused_and_takes_no_channel(error, status):
    gate = Gate(channels=1)
    gate.fails = error
    invite = Invite()
    gate.arrivals.serve(invite)  # type: ignore[arg-type]
    await gate.clock.settle()
    assert [answer for answer, _ in invite.answers] == [status]
    assert gate.line.in_use == 0
    assert not gate.calls


async def test_whoever_gives_up_at_once_is_no_call():
    gate = Gate(channels=1)
    gate.gives_up = True
    gate.arrivals.serve(Invite())  # type: ignore[arg-type]
    await gate.clock.settle()
    assert not gate.calls
    assert gate.line.in_use == 0
    assert gate.legs[0].state is LegState.ENDED


async def test_the_number_leads_to_an_extension_once():
    gate = Gate()
    gate.arrivals.serve(Invite())  # type: ignore[arg-type]
    await gate.clock.settle()
    plan = await gate.plan("+49891")
    assert isinstance(plan, Divert)
    assert plan.number == "101"
    assert gate.arrivals.plan(gate.attempt("101")) is None


async def test_only_calls_that_came_in_are_planned_here():
    gate = Gate()
    assert gate.arrivals.plan(gate.attempt("101")) is None
    gate.arrivals.serve(Invite())  # type: ignore[arg-type]
    await gate.clock.settle()
    gate.arrivals.over("call1")
    assert gate.arrivals.plan(gate.attempt("+49891")) is None


async def test_a_number_that_leads_nowhere_is_unallocated():
    gate = Gate()
    gate.arrivals.serve(Invite("+4999"))  # type: ignore[arg-type]
    await gate.clock.settle()
    plan = await gate.plan("+4999")
    assert isinstance(plan, Refuse)
    assert plan.cause is UNALLOCATED


async def test_a_number_that_is_an_extension_too_is_planned_by_others():
    gate = Gate(username="620", numbers=(("620", "620"),))
    gate.arrivals.serve(Invite("620", uri="sip:620@192.0.2.1"))  # type: ignore[arg-type]
    await gate.clock.settle()
    assert await gate.plan("620") is None


@pytest.mark.parametrize(
    ("answer", "cause"),
    [({"refuse": True}, REJECTED), ({"ring": ["anna"]}, UNREACHABLE)],
)
async def test_an_automation_may_refuse_and_may_find_nobody(answer, cause):
    gate = Gate(seconds=2)
    plan = await _answered(gate, **answer)
    assert isinstance(plan, Refuse)
    assert plan.cause is cause


async def test_an_automation_may_ring_people_or_name_a_number():
    gate = Gate(seconds=2)
    phone = SimpleNamespace(user="anna", device="101")
    gate.phones["anna"] = [phone]
    plan = await _answered(gate, ring=["anna", "anna"])
    assert isinstance(plan, Ring)
    assert [rung.target for rung in plan.rungs] == [phone]
    assert plan.callee.user == "anna"
    plan = await _answered(Gate(seconds=2), number="all")
    assert isinstance(plan, Divert)
    assert plan.number == "199"


async def _answered(gate: Gate, **answer: Any) -> Plan | None:
    gate.arrivals.serve(Invite())  # type: ignore[arg-type]
    await gate.clock.settle()
    planning = gate.arrivals._tasks.spawn(gate.plan("+49891"), name="plan")
    await gate.clock.settle()
    gate.routes.answer(gate.asked[0].request, **answer)
    return await planning


@pytest.mark.parametrize(
    ("target", "extension"), [("anna", "101"), ("all", "199"), ("table", "800"), ("102", "102"), ("+4930", "+4930")]
)
def test_names_stand_for_extensions(target, extension):
    assert extension_of(target, DIRECTORY) == extension
