"""Teams: who of them takes calls now, and who waits until somebody is free."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

from pbx_lite.calls.attendant import answered
from pbx_lite.calls.call import Call
from pbx_lite.calls.leg import BUSY, NO_ANSWER, NO_RESPONSE, REJECTED, UNREACHABLE, Cause
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Plan, Refuse, Ring, Serve
from pbx_lite.calls.search import Found
from pbx_lite.clock import Clock
from pbx_lite.config import Team
from pbx_lite.directory import AccountKind, Directory, User
from pbx_lite.errors import NotFound
from pbx_lite.events import Event, EventBus, TeamChanged, UserChanged
from pbx_lite.features.people.people import People
from pbx_lite.features.people.ringing import plan_team
from pbx_lite.features.people.settings import IN, OUT
from pbx_lite.media.port import AudioPort
from pbx_lite.values import dataclass

AGAIN = 15.0
"""Seconds until those are rung anew who did not answer; who becomes free is rung at once."""
MOST_WAITING = 20
"""Callers of one team; the next one hears that it is busy."""
_WAIT_AFTER = frozenset({BUSY, NO_ANSWER, NO_RESPONSE, REJECTED})


class Music(Protocol):
    def play(self, port: AudioPort) -> None: ...

    def stop(self, port: AudioPort) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One caller of the queue."""

    call: str
    party: Party
    since: datetime


class Teams:
    """The planner of teams' numbers.  Callers are served in the order in which they came."""

    def __init__(self, *, people: People, directory: Directory, bus: EventBus, clock: Clock, music: Music) -> None:
        self._people = people
        self._directory = directory
        self._bus = bus
        self._clock = clock
        self._music = music
        self._waiting: dict[str, list[Waiting]] = defaultdict(list)
        self._wake: dict[str, Callable[[], None]] = {}
        self._forget = bus.listen(self._heard, UserChanged)

    async def close(self) -> None:
        self._forget()

    # Being called

    def plan(self, attempt: Attempt) -> Plan | None:
        """What becomes of a call to a team; None for numbers that are no team's."""
        account = self._directory.by_extension(attempt.number)
        if account is None or account.kind is not AccountKind.TEAM:
            return None
        team = self._directory.team(account.owner)
        plan = self._ring(attempt, team)
        if attempt.direct or not team.wait_seconds or not self._staffed(team):
            return plan
        if len(self._waiting[team.name]) >= MOST_WAITING:
            return Refuse(cause=BUSY)
        queue = Serve(callee=_party_of(team), run=lambda call: self._wait(call, attempt, team.name))
        if isinstance(plan, Ring) and not self._waiting[team.name]:
            return replace(plan, otherwise=lambda cause: queue if cause in _WAIT_AFTER else None)
        return queue

    def _ring(self, attempt: Attempt, team: Team) -> Plan:
        on_duty = [user for user in self._directory.members_of(team) if self.duty(team.name, user.name) == IN]
        return plan_team(attempt, _party_of(team), map(self._people.person, on_duty), team.ring_seconds)

    def _staffed(self, team: Team) -> bool:
        """Whether there is anybody to wait for."""
        members = self._directory.members_of(team)
        return any(self.duty(team.name, user.name) != OUT and self._people.person(user).phones for user in members)

    async def _wait(self, call: Call, attempt: Attempt, name: str) -> None:
        """Music, until somebody takes the call or the team's patience ends."""
        call.served = False  # the caller waits for people: what happens to the call is as in any other
        leg = answered(call)
        caller = attempt.caller.public()
        one = Waiting(call=call.id, party=caller, since=datetime.now(UTC))
        queue = self._waiting[name]
        queue.append(one)
        self._bus.publish(TeamChanged(team=name))
        try:
            found = await self._somebody(call, attempt, name, leg.audio, lambda: queue[0] is one)
        finally:
            queue.remove(one)
            self._music.stop(leg.audio)
            self._next(name)
            self._bus.publish(TeamChanged(team=name))
        if isinstance(found, Found):
            await call.settle(found)
        else:
            call.hang_up(found)

    async def _somebody(
        self, call: Call, attempt: Attempt, name: str, port: AudioPort, first: Callable[[], bool]
    ) -> Found | Cause:
        clock, began = self._clock, self._clock.time()
        tried: frozenset[str] = frozenset()
        again = began
        while True:
            try:
                team = self._directory.team(name)
            except NotFound:
                return UNREACHABLE
            left = began + team.wait_seconds - clock.time()
            if left <= 0:
                return NO_ANSWER
            plan = self._ring(attempt, team)
            free = frozenset(rung.target.user for rung in plan.rungs) if isinstance(plan, Ring) else frozenset()
            if isinstance(plan, Ring) and first() and (free - tried or clock.time() >= again):
                self._music.stop(port)
                found = await call.find(attempt, plan=replace(plan, seconds=min(plan.seconds, left)))
                if isinstance(found, Found):
                    return found
                call.stop()
                tried, again = free, clock.time() + AGAIN
                continue
            self._music.play(port)
            await self._change(call.id, min(left, max(again - clock.time(), 0.0) or AGAIN))
            tried &= free  # who was busy in between is rung as soon as they are not

    async def _change(self, call: str, seconds: float) -> None:
        """Until somebody's state changes, at most so long."""
        changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def wake() -> None:
            if not changed.done():
                changed.set_result(None)

        timer = self._clock.call_later(seconds, wake)
        self._wake[call] = wake
        try:
            await changed
        finally:
            timer.cancel()
            del self._wake[call]

    def _next(self, name: str) -> None:
        for waiting in self._waiting[name]:
            if (wake := self._wake.get(waiting.call)) is not None:
                wake()

    def _heard(self, event: Event) -> None:
        if isinstance(event, UserChanged):
            for wake in tuple(self._wake.values()):
                wake()

    # On duty

    def duty(self, team: str, user: str) -> str:
        """`in`, `paused` or `out`."""
        return self._people.of(user).duty.get(team, IN)

    def set_duty(self, team: str, user: str, duty: str) -> None:
        """Raises NotFound where the user is none of the team."""
        record, member = self._directory.team(team), self._directory.user(user)
        if member not in self._directory.members_of(record):
            raise NotFound(f"{member.display_name} is no member of {record.display_name}.")
        kept = {name: said for name, said in self._people.of(user).duty.items() if name != team}
        self._people.change(user, duty=kept if duty == IN else {**kept, team: duty})
        self._bus.publish(TeamChanged(team=team))

    # As clients see it

    def states(self) -> Sequence[Mapping[str, Any]]:
        return [self._state(team) for team in self._directory.teams()]

    def state(self, name: str) -> Mapping[str, Any]:
        """Raises NotFound."""
        return self._state(self._directory.team(name))

    def _state(self, team: Team) -> Mapping[str, Any]:
        members: list[User] = self._directory.members_of(team)
        return {
            "name": team.name,
            "display_name": team.display_name,
            "extension": team.extension,
            "members": [user.name for user in members],
            "duties": {user.name: duty for user in members if (duty := self.duty(team.name, user.name)) != IN},
            "waiting": [
                {
                    "call": one.call,
                    "number": one.party.number,
                    "name": one.party.name,
                    "since": one.since.isoformat(timespec="milliseconds"),
                }
                for one in self._waiting[team.name]
            ],
            "provisioned": team.provisioned,
        }


def _party_of(team: Team) -> Party:
    return Party(number=team.extension, name=team.display_name)
