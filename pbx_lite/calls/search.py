"""Looks for somebody who takes a call: plans the number, rings what the plan says, follows what passes it on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from pbx_lite.calls.fork import Fork, ForkHooks, RingingDevice, number_of
from pbx_lite.calls.leg import ELSEWHERE, NORMAL, REDIRECTED, REJECTED, ROUTING, UNALLOCATED, Cause, Leg
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import MOST_DIVERSIONS, Attempt, Divert, Plan, Planner, Refuse, Ring, Rung, Serve
from pbx_lite.clock import Clock
from pbx_lite.directory import Account
from pbx_lite.tasks import Tasks
from pbx_lite.values import dataclass

_LOGGER = logging.getLogger(__name__)


class Numbers(Protocol):
    """What a search asks: the planners, whose a number is, and who knows whom."""

    @property
    def planners(self) -> list[Planner]: ...

    def account_of(self, number: str) -> Account | None: ...

    def known_to(self, user: str, party: Party) -> Party:
        """Somebody, by the name that `user` has for them."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody took the call; `picked_up` where it did not ring for them."""

    leg: Leg
    user: str
    device: str
    callee: Party
    picked_up: bool = False


@dataclass(frozen=True, slots=True)
class SearchHooks:
    """What the call hears while the search goes on."""

    planned: Callable[[Party], None]
    ringing: Callable[[RingingDevice], None]
    early: Callable[[RingingDevice], None]
    unheard: Callable[[], None]
    """What rang until now has stopped; something else may follow."""
    silent: Callable[[RingingDevice], None]
    """A device that spoke before its answer has gone, others ring on."""
    fewer: Callable[[], None]
    """Something rings no longer, and the search goes on."""


type Outcome = Found | Serve | Cause


class Search:
    """`await run(attempt)` gives who took the call, the service that takes it, or why nobody does.

    `rang` holds the users whose devices rang, `declined` those who said no, `numbers` what was looked for, in order.
    """

    def __init__(self, numbers: Numbers, *, clock: Clock, tasks: Tasks, hooks: SearchHooks) -> None:
        self.rang: dict[str, str] = {}
        self.declined: set[str] = set()
        self.numbers: list[str] = []
        self._numbers = numbers
        self._clock = clock
        self._tasks = tasks
        self._hooks = hooks
        self._fork: Fork | None = None
        self._outcome: asyncio.Future[Found | Cause] | None = None
        self._redirects: tuple[str, ...] = ()
        self._stopped = False

    @property
    def devices(self) -> list[RingingDevice]:
        """What rings now."""
        return list(self._fork.devices) if self._fork is not None else []

    async def run(self, attempt: Attempt, plan: Plan | None = None) -> Outcome:
        """Begins with `plan` if there is one, else asks the planners."""
        if plan is None:
            plan = await self._plan(attempt)
        while True:
            match plan:
                case None:
                    return UNALLOCATED
                case Refuse(cause=cause):
                    return cause
                case Serve():
                    self._hooks.planned(plan.callee)
                    return plan
                case Divert(number=number):
                    if number in {attempt.number, *attempt.diverted} or len(attempt.diverted) >= MOST_DIVERSIONS:
                        return ROUTING
                    # Who passes a call on does so with their own rights and at their own cost.
                    account = self._numbers.account_of(attempt.number) or attempt.account
                    attempt = replace(
                        attempt, number=number, account=account, diverted=(*attempt.diverted, attempt.number)
                    )
                    plan = await self._plan(attempt)
                case Ring():
                    found = await self._ring(attempt, plan)
                    if isinstance(found, Found):
                        return found
                    plan = self._next(plan, found)
                    if isinstance(plan, Ring | Divert):
                        self._hooks.fewer()

    def stop(self, cause: Cause = NORMAL) -> None:
        """Everything stops ringing; `run` is expected to be cancelled."""
        self._stopped = True
        if self._fork is not None:
            self._fork.stop(cause)
        self._fork = None

    def take(self, found: Found) -> None:
        """Somebody takes the call who was not asked: pickup."""
        if self._outcome is not None and not self._outcome.done():
            if self._fork is not None:
                self._fork.stop(ELSEWHERE)
            self._outcome.set_result(found)

    def join(self, rung: Rung) -> None:
        """One more device rings."""
        if self._fork is not None:
            self._fork.add(rung)

    # Inside

    async def _plan(self, attempt: Attempt) -> Plan | None:
        self.numbers.append(attempt.number)
        for planner in self._numbers.planners:
            plan = planner(attempt)
            if isinstance(plan, Awaitable):
                plan = await plan
            if plan is not None:
                return plan
        return None

    async def _ring(self, attempt: Attempt, plan: Ring) -> Found | Cause:
        self._hooks.planned(plan.callee)
        self._outcome = outcome = asyncio.get_running_loop().create_future()

        def answered(device: RingingDevice) -> None:
            if not outcome.done():
                outcome.set_result(Found(device.leg, device.user, device.device, plan.callee))

        def failed(cause: Cause, redirects: tuple[str, ...]) -> None:
            self._redirects = redirects
            if not outcome.done():
                outcome.set_result(cause)

        hooks = ForkHooks(
            ringing=self._ringing,
            early=self._hooks.early,
            silent=self._hooks.silent,
            fewer=self._hooks.fewer,
            answered=answered,
            failed=failed,
        )
        fork = self._fork = Fork(
            attempt, plan, clock=self._clock, tasks=self._tasks, hooks=hooks, known_to=self._numbers.known_to
        )
        await fork.start()
        try:
            found: Found | Cause = await outcome
        except asyncio.CancelledError:
            fork.stop()
            raise
        if self._fork is fork:
            self._fork = None
        if isinstance(found, Cause):
            if found is REJECTED:
                self.declined |= self.rang.keys() | {rung.target.user for rung in plan.rungs}
            self._hooks.unheard()
        return found

    def _next(self, plan: Ring, cause: Cause) -> Plan | None:
        """After nobody took it: where the device itself sent us, else what the plan says, else the end."""
        if cause is REDIRECTED:
            for uri in self._redirects:
                if number := number_of(uri):
                    return Divert(number=number, reason="deflection")
        after = plan.otherwise(cause) if plan.otherwise is not None else None
        return after or Refuse(cause=cause)

    def _ringing(self, device: RingingDevice) -> None:
        if device.user:
            self.rang.setdefault(device.user, device.device)
        self._hooks.ringing(device)
