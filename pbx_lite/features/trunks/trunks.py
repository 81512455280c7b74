"""The lines to the outside: who calls in over them and where that goes, who may call out and over which."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pbx_lite.calls.exchange import Exchange
from pbx_lite.calls.identity import caller_of
from pbx_lite.calls.leg import (
    BUSY,
    INVALID_NUMBER,
    NO_CIRCUIT,
    NO_CODEC,
    NO_RESPONSE,
    NO_ROUTE,
    NOT_ALLOWED,
    OUT_OF_ORDER,
    REJECTED,
    UNALLOCATED,
    UNREACHABLE,
    Cause,
    LegState,
)
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Divert, Plan, Reachable, Refuse, Ring, Rung
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.clock import Clock
from pbx_lite.config import User
from pbx_lite.directory import AccountKind, Directory
from pbx_lite.errors import ConfigError, MediaError, NoCommonCodec, NotFound
from pbx_lite.events import CallAnswered, CallChanged, CallEnded, Event, EventBus, TollRefused, TrunkChanged
from pbx_lite.features.trunks.blocks import Match
from pbx_lite.features.trunks.countries import Kind, country_of
from pbx_lite.features.trunks.line import Line, Names
from pbx_lite.features.trunks.numbers import Destination, caller_number, destination
from pbx_lite.features.trunks.outgoing import TrunkLine
from pbx_lite.features.trunks.rights import SYSTEM, Limits, refusal
from pbx_lite.features.trunks.routes import Answer, Routes
from pbx_lite.sip.address import Address
from pbx_lite.sip.invite import IncomingInvite
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)
_RINGS = 180.0
"""Seconds that somebody outside is rung at most; providers give up earlier."""
_NEXT_LINE = frozenset(range(500, 600))
"""Statuses of a line that failed, not of somebody who cannot be reached."""
_FREE = frozenset({Kind.EMERGENCY, Kind.INTERNAL})
"""What no limit counts."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A call that came in over a line, until it is planned."""

    line: Line
    match: Match


@dataclass(frozen=True, slots=True)
class _Payer:
    """Whose right a call to the outside is: a user, or nobody in particular for the system."""

    title: str
    dial: tuple[str, ...] = ()
    user: User | None = None

    @property
    def name(self) -> str:
        return self.user.name if self.user is not None else ""


class Trunks:
    """The feature.  `start` once the endpoint listens; `serve` is for the exchange, the plans for the switchboard.

    `plan_first` belongs before all other planners, `plan_outside` behind them.
    """

    def __init__(
        self,
        *,
        directory: Directory,
        exchange: Exchange,
        switchboard: Switchboard,
        bus: EventBus,
        clock: Clock,
        names: Names,
    ) -> None:
        self._directory = directory
        self._exchange = exchange
        self._switchboard = switchboard
        self._bus = bus
        self._clock = clock
        self._tasks = Tasks("trunks")
        self._arriving: dict[str, _Arrival] = {}
        self._shown: dict[str, dict[str, Any]] = {}
        rules = directory.calling
        self._limits = Limits(hourly=rules.hourly, minutes=rules.minutes)
        self.routes = Routes(bus=bus, clock=clock, seconds=rules.route_seconds)
        self.lines: list[Line] = []
        for trunk in directory.trunks():
            try:
                self.lines.append(
                    Line(trunk, endpoint=exchange.endpoint, names=names, clock=clock, changed=self._changed)
                )
            except ConfigError as error:
                _LOGGER.warning("A trunk is left out: %s", error)
        self._forget = bus.listen(self._heard)

    def start(self) -> None:
        for line in self.lines:
            line.start()

    async def close(self) -> None:
        self._forget()
        await self._tasks.close()
        await asyncio.gather(*(line.stop() for line in self.lines))

    # For the API and other features

    def states(self) -> Sequence[dict[str, Any]]:
        return [line.shown() for line in self.lines]

    def answer_route(self, request: str, *, number: str = "", refuse: bool = False, ring: Sequence[str] = ()) -> None:
        """Raises NotFound once the call's time is over, Invalid for more than one answer."""
        self.routes.answer(request, number=number, refuse=refuse, ring=ring)

    def reach(self, number: str, user: str, device: str = "") -> Reachable | None:
        """Somebody outside as a device of `user`, such as their mobile phone, with the user's own right to call it.

        None where no line leads there or the right is missing, which TollRefused tells.
        """
        payer = self._user(user)
        lines = [line for line in self.lines if line.usable] or self.lines
        for line in lines:
            found = self._destination(line, number)
            if found is None or payer is None or found.kind is Kind.EMERGENCY:
                continue
            if self._refused(payer, found):
                return None
            return self._reachable(line, found, payer, user=user, device=device or number)
        return None

    def knows(self, source: Address) -> bool:
        """Whether this is an address of a provider's."""
        return any(line.is_at(source) for line in self.lines)

    # Calls in

    def serve(self, invite: IncomingInvite) -> bool:
        """Whether this INVITE is a provider's; then it is served here."""
        if not self.lines or self._exchange.registrar.knows(invite.source):
            return False
        request = invite.request
        sent = [line for line in self.lines if line.is_from(request, invite.source)]
        if not sent:
            return False
        # Several accounts at one provider: the one whose Contact it is, else the one that has the number.
        line = max(sent, key=lambda each: (each.is_for_account(request), bool(each.called(request).target)))
        if not line.free:
            invite.reject(BUSY.status, headers=[("Reason", NO_CIRCUIT.reason())])
            return True
        line.reserve()
        self._tasks.spawn(self._admit(invite, line), name=f"call over {line.name}")
        return True

    async def _admit(self, invite: IncomingInvite, line: Line) -> None:
        try:
            leg = await self._exchange.incoming_leg(invite, video=False, codecs=line.profile.codecs)
        except NoCommonCodec:
            line.release()
            invite.reject(NO_CODEC.status, headers=[("Reason", NO_CODEC.reason())])
            return
        except MediaError as error:
            line.release()
            _LOGGER.warning("A call over %s was refused: %s", line.name, error)
            invite.reject(OUT_OF_ORDER.status, headers=[("Retry-After", "10")])
            return
        except BaseException:
            line.release()
            raise
        if leg.state is LegState.ENDED:
            line.release()
            return
        leg.reliable = True
        said = caller_of(invite.request, trusted=True, trunk=line.name, sources=line.profile.sources)
        match = line.called(invite.request)
        number = said.number if said.private else caller_number(said.number, country=line.trunk.country)
        caller = Party(number=number, name=said.name, trunk=line.name, private=said.private)
        call = self._switchboard.incoming(leg, caller, match.number)
        self._arriving[call.id] = _Arrival(line, match)
        line.carry(leg, call)

    async def _arrive(self, attempt: Attempt, arrival: _Arrival) -> Plan | None:
        """Where a call from outside goes; None where its number is an extension too."""
        line, match = arrival.line, arrival.match
        caller = attempt.caller.public()
        answer = await self.routes.ask(
            trunk=line.name, number=match.number, caller=caller.number, caller_name=caller.name, default=match.target
        )
        if answer.refuse:
            return Refuse(cause=REJECTED)
        if answer.ring:
            return self._ring_users(answer)
        target = answer.number or match.target
        if not target:
            return Refuse(cause=UNALLOCATED)
        number = self._number_of(target)
        return Divert(number=number) if number != attempt.number else None

    def _ring_users(self, answer: Answer) -> Plan:
        phones = [phone for user in dict.fromkeys(answer.ring) for phone in self._exchange.phones_of(user)]
        if not phones:
            return Refuse(cause=UNREACHABLE)
        callee = self._switchboard.party_of(answer.ring[0]) or Party(number=answer.ring[0])
        return Ring(callee=callee, rungs=tuple(Rung(target=phone) for phone in phones))

    def _number_of(self, target: str) -> str:
        """The extension of whatever has this name; what is no name is an extension."""
        directory = self._directory
        everything = (directory.users(), directory.teams(), directory.rooms(), directory.doors())
        return next((each.extension for kind in everything for each in kind if each.name == target), target)

    # Calls out

    def plan_first(self, attempt: Attempt) -> Plan | Awaitable[Plan | None] | None:
        """The planner before all others: calls that come in, and emergency calls."""
        arrival = self._arriving.pop(attempt.call.id, None)
        if arrival is not None:
            return self._arrive(attempt, arrival)
        if attempt.caller.external or not self.lines:
            return None
        return self._plan_emergency(attempt)

    def _plan_emergency(self, attempt: Attempt) -> Plan | None:
        """Emergency calls pass from any phone, over any line, at whatever cost to other calls."""
        number = self._emergency_number(attempt.number)
        if not number:
            return None
        lines = sorted(self.lines, key=lambda line: not line.usable)
        wanted = Destination(number, Kind.EMERGENCY)
        payer = self._payer(attempt)
        targets = [
            self._reachable(line, wanted, payer or _Payer("Somebody"), make_room=self._make_room) for line in lines
        ]
        return self._ring(Party(number=number, trunk=lines[0].name), targets, always=True)

    def _emergency_number(self, dialled: str) -> str:
        """The emergency number that this is, with or without a line's prefix; "" for none.

        Those of the file go before any extension, those of the country do not.
        """
        for line in self.lines:
            prefix = line.trunk.prefix
            rest = dialled.removeprefix(prefix) if prefix and dialled.startswith(prefix) else ""
            for number in (dialled, rest):
                if number and number in self._directory.calling.emergency:
                    return number
            ours = country_of(line.trunk.country).emergency
            if rest in ours or (dialled in ours and self._directory.by_extension(dialled) is None):
                return rest or dialled
        return ""

    def _make_room(self, line: Line) -> None:
        """End a call so that an emergency call has its channel: one that only rings, else the one that began last."""
        victims = [each for each in line.carried if not each.urgent]
        if not victims:
            return
        victim = max(victims, key=lambda each: (each.leg.state is not LegState.ANSWERED, each.call.started))
        seated = self._switchboard.seat_of(victim.leg)
        call = seated[0] if seated is not None else victim.call
        _LOGGER.warning("A call over %s is ended for an emergency call", line.name)
        call.hang_up(NO_CIRCUIT)

    def plan_outside(self, attempt: Attempt) -> Plan | None:
        """The planner after all others: numbers outside, if whoever calls may call them."""
        ways = self._ways(attempt.number)
        if not ways:
            return None
        payer = self._payer(attempt)
        if payer is None:
            self._tell_refused(
                "", attempt.number, f"A caller from outside wanted to be connected with {attempt.number}."
            )
            return Refuse(cause=NOT_ALLOWED)
        reachable: list[tuple[Line, Destination]] = []
        for line, rest in ways:
            found = self._destination(line, rest)
            if found is not None:
                reachable.append((line, found))
        if not reachable:
            return Refuse(cause=INVALID_NUMBER)
        kinds = {found.kind for _, found in reachable}
        if Kind.EMERGENCY in kinds or any(self._refused(payer, found) for found in {found for _, found in reachable}):
            return Refuse(cause=NOT_ALLOWED)
        usable = [(line, found) for line, found in reachable if line.usable]
        if not usable:
            return Refuse(cause=OUT_OF_ORDER if self.lines else NO_ROUTE)
        first, found = usable[0]
        targets = [self._reachable(line, found, payer) for line, found in usable]
        return self._ring(Party(number=found.number, trunk=first.name), targets)

    def _ways(self, number: str) -> list[tuple[Line, str]]:
        """The lines that a dialled number leads over, and what is left of it: those of the longest prefix."""
        if number.startswith("+"):
            return [(line, number) for line in self.lines]
        fitting = [line for line in self.lines if number.startswith(line.trunk.prefix) and number != line.trunk.prefix]
        longest = max((len(line.trunk.prefix) for line in fitting), default=0)
        return [(line, number[longest:]) for line in fitting if len(line.trunk.prefix) == longest]

    def _destination(self, line: Line, number: str) -> Destination | None:
        trunk, profile = line.trunk, line.profile
        found = destination(number, country=trunk.country, area=trunk.area, star_codes=profile.star_codes)
        if found is None or (found.kind is Kind.LOCAL and not found.global_ and profile.callee != "national"):
            return None  # without an area only a FRITZ!Box knows where that is
        return found

    def _payer(self, attempt: Attempt) -> _Payer | None:
        """Whose right it is: who dialled, forwarded or transferred.  None is nobody's, as of callers from outside."""
        account = attempt.account
        if account is not None and account.kind is AccountKind.USER:
            return self._user(account.owner)
        if account is None and attempt.caller.external:
            return None
        if attempt.caller.user and (account is None or account.kind is AccountKind.WORKPLACE):
            return self._user(attempt.caller.user)
        if account is not None:
            return _Payer(account.display_name or account.name)
        return _Payer("Home Assistant", SYSTEM) if attempt.leg is None else _Payer(attempt.caller.shown)

    def _user(self, name: str) -> _Payer | None:
        try:
            user = self._directory.user(name)
        except NotFound:
            return None
        roles = [role for role in self._directory.roles() if role.name in user.roles]
        return _Payer(user.display_name, tuple(word for role in roles for word in role.dial), user)

    def _refused(self, payer: _Payer, found: Destination) -> bool:
        """Whether this may not be called; if so, that is told."""
        why = refusal(found, payer.dial, self._directory.calling)
        if not why and found.kind not in _FREE:
            why = self._limits.refusal(payer.name, self._clock.time())
        if not why:
            return False
        self._tell_refused(payer.name, found.number, f"{payer.title} may not call {found.number}: {why}.")
        return True

    def _tell_refused(self, user: str, number: str, reason: str) -> None:
        _LOGGER.warning("%s", reason)
        self._bus.publish(TollRefused(user=user, number=number, reason=reason))

    def _reachable(
        self,
        line: Line,
        found: Destination,
        payer: _Payer,
        *,
        user: str = "",
        device: str = "",
        make_room: Callable[[Line], None] | None = None,
    ) -> TrunkLine:
        def allowed(number: str) -> bool:
            there = self._destination(line, caller_number(number, country=line.trunk.country))
            return there is not None and not self._refused(payer, there)

        def spent(call: str) -> None:
            if found.kind not in _FREE:
                self._limits.began(payer.name, call, self._clock.time())

        names = (payer.user.name, payer.user.extension) if payer.user is not None else ()
        return TrunkLine(
            self._exchange,
            line,
            found,
            number=line.numbers.number_of(names) or line.caller_number,
            user=user,
            device=device,
            allowed=allowed,
            spent=spent,
            make_room=make_room,
        )

    def _ring(self, callee: Party, targets: Sequence[TrunkLine], *, always: bool = False) -> Ring:
        """Ring the first; the next one where its line fails.  An emergency call tries every line, `always`."""
        first, rest = targets[0], targets[1:]

        def otherwise(cause: Cause) -> Plan | None:
            failed = cause.status in _NEXT_LINE or cause is NO_RESPONSE
            if not rest or first.rang or not (failed or always):
                return None
            return self._ring(Party(number=callee.number, trunk=rest[0].line.name), rest, always=always)

        return Ring(callee=callee, rungs=(Rung(target=first),), seconds=_RINGS, otherwise=otherwise)

    # What happens

    def _heard(self, event: Event) -> None:
        now = self._clock.time()
        match event:
            case CallAnswered(call=call):
                self._limits.answered(call, now)
            case CallEnded(call=call):
                self._limits.ended(call, now)
                self._arriving.pop(call, None)
            case CallChanged():
                self._count()
            case _:
                pass

    def _count(self) -> None:
        for line in self.lines:
            self._changed(line)

    def _changed(self, line: Line) -> None:
        """Tell of a line if what clients show of it changed."""
        shown = line.shown()
        if self._shown.get(line.name) != shown:
            self._shown[line.name] = shown
            self._bus.publish(TrunkChanged(trunk=line.name))
