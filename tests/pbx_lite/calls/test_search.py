"""A number becomes somebody who takes the call."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from pbx_lite.calls.fork import RingingDevice
from pbx_lite.calls.leg import (
    BUSY,
    NO_ANSWER,
    REDIRECTED,
    REJECTED,
    ROUTING,
    UNALLOCATED,
    Cause,
    Ended,
    Leg,
    Ringing,
)
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Divert, Plan, Planner, Refuse, Ring, Rung, Serve
from pbx_lite.calls.search import Found, Outcome, Search, SearchHooks
from pbx_lite.directory import Account, AccountKind
from pbx_lite.tasks import Tasks
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeLeg

ANNA = Account(kind=AccountKind.USER, owner="anna", name="101", extension="101")
BEN = Account(kind=AccountKind.USER, owner="ben", name="102", extension="102")


@dataclass
class Device:
    user: str
    device: str = "desk"
    legs: list[FakeLeg] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)

    async def ring(self, attempt: Attempt) -> Leg:
        self.attempts.append(attempt)
        self.legs.append(FakeLeg())
        return self.legs[-1]


class World:
    """Numbers, their plans, and what a search tells."""

    def __init__(self, **plans: Plan | Callable[[Attempt], Plan | None]) -> None:
        self.planners: list[Planner] = [self._plan]
        self.told: list[str] = []
        self.clock = FakeClock()
        self.asked: list[Attempt] = []
        self._plans = plans
        hooks = SearchHooks(
            planned=lambda callee: self.told.append(f"planned {callee.number}"),
            ringing=self._ringing,
            early=lambda _: self.told.append("early"),
            unheard=lambda: self.told.append("unheard"),
            silent=lambda _: self.told.append("silent"),
            fewer=lambda: self.told.append("fewer"),
        )
        self.search = Search(self, clock=self.clock, tasks=Tasks("test"), hooks=hooks)

    def account_of(self, number: str) -> Account | None:
        return {"101": ANNA, "102": BEN}.get(number)

    def known_to(self, user: str, party: Party) -> Party:
        return party

    def _plan(self, attempt: Attempt) -> Plan | None:
        self.asked.append(attempt)
        plan = self._plans.get(f"n{attempt.number}")
        return plan(attempt) if callable(plan) else plan

    def _ringing(self, device: RingingDevice) -> None:
        self.told.append(f"ringing {device.user}")

    def begin(self, number: str) -> asyncio.Task[Outcome]:
        attempt = Attempt(call=None, caller=Party(number="101"), number=number, account=ANNA)  # type: ignore[arg-type]
        return asyncio.get_running_loop().create_task(self.search.run(attempt))

    async def turns(self) -> None:
        await self.clock.settle()


def ring(*devices: Device, seconds: float = 30, otherwise: Callable[[Cause], Plan | None] | None = None) -> Ring:
    return Ring(
        callee=Party(number="102"),
        rungs=tuple(Rung(target=device) for device in devices),
        seconds=seconds,
        otherwise=otherwise,
    )


async def test_a_number_that_no_planner_knows_is_unallocated() -> None:
    assert await World().begin("999") is UNALLOCATED


async def test_the_first_plan_counts_and_an_awaited_one_is_waited_for() -> None:
    world = World(n102=Refuse(cause=BUSY))

    async def later(_: Attempt) -> Plan | None:
        await asyncio.sleep(0)
        return Refuse(cause=REJECTED)

    world.planners.insert(0, later)
    assert await world.begin("102") is REJECTED


async def test_who_answers_is_found() -> None:
    device = Device("ben")
    world = World(n102=ring(device))
    outcome = world.begin("102")
    await world.turns()
    device.legs[0].happens(Ringing())
    device.legs[0].answers()
    found = await outcome
    assert isinstance(found, Found)
    assert (found.user, found.device, found.leg) == ("ben", "desk", device.legs[0])
    assert world.told == ["planned 102", "ringing ben"]
    assert world.search.rang == {"ben": "desk"}


async def test_what_nobody_answers_goes_where_the_plan_says() -> None:
    desk, other = Device("ben"), Device("carl")
    world = World(
        n102=ring(desk, seconds=10, otherwise=lambda cause: Divert(number="103") if cause is NO_ANSWER else None),
        n103=ring(other),
    )
    outcome = world.begin("102")
    await world.clock.settle(10)
    await world.turns()
    other.legs[0].answers()
    assert isinstance(await outcome, Found)
    assert other.attempts[0].diverted == ("102",)
    assert other.attempts[0].account is BEN, "who passes a call on pays for it"
    assert "unheard" in world.told


@pytest.mark.parametrize("number", ["102", "103"])
async def test_diversions_in_a_circle_end(number: str) -> None:
    world = World(n102=Divert(number="103"), n103=Divert(number="102"))
    assert await world.begin(number) is ROUTING


async def test_a_chain_of_diversions_has_an_end() -> None:
    chain: dict[str, Plan] = {f"n{number}": Divert(number=str(number + 1)) for number in range(200, 220)}
    world = World(**chain)
    assert await world.begin("200") is ROUTING
    assert len(world.asked) <= 6


async def test_a_device_that_redirects_names_the_next_number() -> None:
    desk, other = Device("ben"), Device("carl")
    world = World(n102=ring(desk), n103=ring(other))
    outcome = world.begin("102")
    await world.turns()
    desk.legs[0].happens(Ended(REDIRECTED, ("sip:103@pbx",)))
    await world.turns()
    other.legs[0].answers()
    assert isinstance(await outcome, Found)


@pytest.mark.parametrize("uri", ["mailto:x@y", "sip:pbx", "", "sip:102@pbx"])
async def test_a_redirection_to_nowhere_or_to_itself_ends_the_call(uri: str) -> None:
    desk = Device("ben")
    world = World(n102=ring(desk))
    outcome = world.begin("102")
    await world.turns()
    desk.legs[0].happens(Ended(REDIRECTED, (uri,)))
    assert await outcome in {REDIRECTED, ROUTING}


async def test_who_declines_has_not_missed_the_call() -> None:
    device = Device("ben")
    world = World(n102=ring(device))
    outcome = world.begin("102")
    await world.turns()
    device.legs[0].happens(Ringing())
    device.legs[0].happens(Ended(REJECTED))
    assert await outcome is REJECTED
    assert world.search.declined == {"ben"}


async def test_a_service_takes_the_call() -> None:
    async def run(_: object) -> None: ...

    plan = Serve(callee=Party(number="*43", name="Echo"), run=run)
    world = World(n43=plan)
    assert await world.begin("43") is plan


async def test_somebody_who_was_not_asked_may_take_it() -> None:
    device, leg = Device("ben"), FakeLeg()
    world = World(n102=ring(device))
    outcome = world.begin("102")
    await world.turns()
    world.search.take(Found(leg, "carl", "kitchen", Party(number="103")))
    found = await outcome
    assert isinstance(found, Found)
    assert found.leg is leg
    assert device.legs[0].cause is not None
    assert device.legs[0].cause.elsewhere


async def test_a_search_that_is_cancelled_silences_what_rings() -> None:
    device = Device("ben")
    world = World(n102=ring(device))
    outcome = world.begin("102")
    await world.turns()
    outcome.cancel()
    with pytest.raises(asyncio.CancelledError):
        await outcome
    assert device.legs[0].cause is not None
    assert not world.clock.pending
