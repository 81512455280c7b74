"""Calls out: over which lines a number leads, who may call it, and emergency calls, which always pass."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pbx_lite.calls.leg import (
    INVALID_NUMBER,
    NO_CIRCUIT,
    NO_RESPONSE,
    NOT_ALLOWED,
    OUT_OF_ORDER,
    Cause,
    Leg,
    LegState,
)
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Divert, Plan, Reachable, Refuse, Ring, Rung
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.clock import Clock
from pbx_lite.config import User
from pbx_lite.directory import AccountKind, Directory
from pbx_lite.errors import NotFound
from pbx_lite.events import EventBus, TollRefused
from pbx_lite.features.trunks.arrivals import extension_of
from pbx_lite.features.trunks.countries import Kind, country_of
from pbx_lite.features.trunks.line import Line
from pbx_lite.features.trunks.meter import Meter, Toll
from pbx_lite.features.trunks.numbers import Destination, caller_number, destination
from pbx_lite.features.trunks.outgoing import Dialler, TrunkLine
from pbx_lite.features.trunks.rights import SYSTEM, Limits, refusal

_LOGGER = logging.getLogger(__name__)
_RINGS = 180.0
"""Seconds that somebody outside is rung at most; providers give up earlier."""
_NEXT_LINE = frozenset(range(500, 600))
"""Statuses of a line that failed, not of somebody who cannot be reached."""
_FREE = frozenset({Kind.EMERGENCY, Kind.INTERNAL})
"""What no limit counts."""


@dataclass(frozen=True, slots=True)
class _Payer:
    """Whose right a call to the outside is: a user, or nobody in particular for the system."""

    title: str
    dial: tuple[str, ...] = ()
    user: User | None = None

    @property
    def name(self) -> str:
        return self.user.name if self.user is not None else ""


class Dialling:
    """`plan_emergency` belongs before all other planners, `plan` behind them."""

    def __init__(
        self,
        lines: Sequence[Line],
        *,
        directory: Directory,
        exchange: Dialler,
        switchboard: Switchboard,
        bus: EventBus,
        clock: Clock,
    ) -> None:
        self._lines = lines
        self._directory = directory
        self._exchange = exchange
        self._switchboard = switchboard
        self._bus = bus
        self._clock = clock
        self.name_of: Callable[[str], str] = lambda _: ""
        """The name of whom we know by their number in E.164."""
        self.limits = Limits(hourly=directory.calling.hourly, minutes=directory.calling.minutes)
        self.meter = Meter(self.limits, switchboard=switchboard, clock=clock, tell=self._tell_toll)

    def plan(self, attempt: Attempt) -> Plan | None:
        """Numbers outside, if whoever calls may call them; one of ours leads to whose it is at once."""
        ways = self._ways(attempt.number)
        if not ways:
            return None
        reachable = [(line, found) for line, rest in ways if (found := self._destination(line, rest)) is not None]
        if not reachable:
            # Without a prefix it need not have been meant as a number outside.
            return Refuse(cause=INVALID_NUMBER) if ways[0][1] != attempt.number else None
        payer = self._payer(attempt)
        if payer is None:
            reason = f"Somebody from outside wanted to be connected with {attempt.number}."
            self._tell_refused("", attempt.number, reason)
            return Refuse(cause=NOT_ALLOWED)
        if own := self._own(reachable[0][1]):
            return Divert(number=own)
        destinations = list(dict.fromkeys(found for _, found in reachable))
        if any(found.kind is Kind.EMERGENCY or self._refused(payer, found) for found in destinations):
            return Refuse(cause=NOT_ALLOWED)
        usable = [(line, found) for line, found in reachable if line.usable]
        if not usable:
            return Refuse(cause=OUT_OF_ORDER)
        free = [(line, found) for line, found in usable if line.free]
        if not free:
            return Refuse(cause=NO_CIRCUIT)
        return self._ring([self._reachable(line, found, payer) for line, found in free])

    def plan_emergency(self, attempt: Attempt) -> Plan | None:
        """Emergency calls pass from any phone, over any line, at whatever cost to other calls.

        Callers from outside have an emergency number of their own.
        """
        if attempt.caller.external or not (number := self._emergency_number(attempt.number)):
            return None
        payer = self._payer(attempt) or _Payer(attempt.caller.shown)
        wanted = Destination(number, Kind.EMERGENCY)
        lines = sorted(self._lines, key=lambda line: not line.usable)
        targets = [self._reachable(line, wanted, payer, make_room=self._make_room) for line in lines]
        return self._ring(targets, always=True)

    def reach(self, number: str, user: str, device: str = "") -> Reachable | None:
        """Somebody outside as a device of `user`, such as their mobile phone, with the user's own right to call it.

        None where no line leads there or the right is missing, which TollRefused tells.
        """
        payer = self._user(user)
        for line in [line for line in self._lines if line.usable and line.free]:
            found = self._destination(line, number)
            if found is None or payer is None or found.kind is Kind.EMERGENCY:
                continue
            if self._refused(payer, found):
                return None
            return self._reachable(line, found, payer, user=user, device=device or number)
        return None

    # Which number, over which line

    def _ways(self, number: str) -> list[tuple[Line, str]]:
        """The lines that a dialled number leads over, and what is left of it: those of the longest prefix.

        Numbers in international form and those of a FRITZ!Box's telephones, as displays show them, need none.
        """
        if number.startswith("+"):
            return [(line, number) for line in self._lines]
        if number.startswith("**"):
            return [(line, number) for line in self._lines if line.profile.star_codes]
        fitting = [line for line in self._lines if number.startswith(line.trunk.prefix) and number != line.trunk.prefix]
        longest = max((len(line.trunk.prefix) for line in fitting), default=0)
        return [(line, number[longest:]) for line in fitting if len(line.trunk.prefix) == longest]

    @staticmethod
    def _destination(line: Line, number: str) -> Destination | None:
        trunk, profile = line.trunk, line.profile
        found = destination(number, country=trunk.country, area=trunk.area, star_codes=profile.star_codes)
        if found is None or (found.kind is Kind.LOCAL and not found.global_ and profile.callee != "national"):
            return None  # without an area only a FRITZ!Box knows where that is
        return found

    def _own(self, found: Destination) -> str:
        """The extension that a number of ours leads to: no provider need carry that call out and in again."""
        if not found.global_:
            return ""
        matches = (line.numbers.find(found.number) for line in self._lines)
        target = next((match.target for match in matches if match is not None), "")
        return extension_of(target, self._directory) if target else ""

    def is_emergency(self, dialled: str) -> bool:
        """Whether this is an emergency number, as it is dialled here."""
        return bool(self._emergency_number(dialled))

    def _emergency_number(self, dialled: str) -> str:
        """The emergency number that this is, with or without a line's prefix; "" for none.

        Those of the file go before any extension, those of the country do not.
        """
        for line in self._lines:
            prefix = line.trunk.prefix
            rest = dialled.removeprefix(prefix) if prefix and dialled.startswith(prefix) else ""
            for number in (dialled, rest):
                if number and number in self._directory.calling.emergency:
                    return number
            ours = country_of(line.trunk.country).emergency
            if rest in ours or (dialled in ours and self._directory.by_extension(dialled) is None):
                return rest or dialled
        return ""

    # Whose right it is

    def _payer(self, attempt: Attempt) -> _Payer | None:
        """Who dialled, forwarded or transferred.  None is nobody of ours, as for callers from outside."""
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
            why = self.limits.refusal(payer.name, self._clock.time())
        if not why:
            return False
        self._tell_refused(payer.name, found.number, f"{payer.title} may not call {found.number}: {why}.")
        return True

    def _tell_refused(self, user: str, number: str, reason: str) -> None:
        _LOGGER.warning("%s", reason)
        self._tell_toll(user, number, reason)

    def _tell_toll(self, user: str, number: str, reason: str) -> None:
        self._bus.publish(TollRefused(user=user, number=number, reason=reason))

    # Ringing

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

        def spent(call: str, leg: Leg) -> None:
            if found.kind not in _FREE:
                self.meter.began(Toll(call, payer.name, payer.title, found.number, leg))

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

    def _ring(self, targets: Sequence[TrunkLine], *, always: bool = False) -> Ring:
        """Ring the first; the next one where its line fails.  An emergency call tries every line, `always`."""
        first, rest = targets[0], targets[1:]
        first.impatient = bool(rest)

        def otherwise(cause: Cause) -> Plan | None:
            failed = cause.status in _NEXT_LINE or cause is NO_RESPONSE
            if not rest or first.rang or not (failed or always):
                return None
            return self._ring(rest, always=always)

        number = first.destination.number
        callee = Party(number=number, name=self.name_of(number), trunk=first.line.name)
        return Ring(callee=callee, rungs=(Rung(target=first),), seconds=_RINGS, otherwise=otherwise)

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
