"""Calls in: whose line an INVITE came over, who calls, and where that goes."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from pbx_lite.calls.exchange import Exchange
from pbx_lite.calls.identity import caller_of
from pbx_lite.calls.leg import BUSY, NO_CIRCUIT, NO_CODEC, OUT_OF_ORDER, REJECTED, UNALLOCATED, UNREACHABLE, LegState
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Divert, Plan, Refuse, Ring, Rung
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.config import EVERYONE, Arrival
from pbx_lite.directory import Directory, User
from pbx_lite.errors import MediaError, NoCommonCodec
from pbx_lite.features.trunks.blocks import Match
from pbx_lite.features.trunks.line import Line
from pbx_lite.features.trunks.numbers import caller_number
from pbx_lite.features.trunks.routes import Routes
from pbx_lite.sip.address import Address
from pbx_lite.sip.invite import IncomingInvite
from pbx_lite.sip.message import Request
from pbx_lite.tasks import Tasks

type Group = Callable[[Attempt, Party, Sequence[User]], Plan]
"""How several people ring together, whatever they set for themselves."""
type Mailbox = Callable[[Attempt, User], tuple[float, Plan] | None]
"""After how many seconds somebody's mailbox takes a call, and how; None where it takes none."""

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A call that came in over a line, until it is planned."""

    line: Line
    match: Match


class Arrivals:
    """`serve` takes INVITEs of providers, `plan` says where their calls go."""

    def __init__(
        self,
        lines: Sequence[Line],
        *,
        directory: Directory,
        exchange: Exchange,
        switchboard: Switchboard,
        routes: Routes,
    ) -> None:
        self.name_of: Callable[[str], str] = lambda _: ""
        """The name of whom we know by their number; what a provider says of it comes second."""
        self.group: Group = lambda _attempt, _called, _users: Refuse(cause=UNREACHABLE)
        self.mailbox: Mailbox = lambda _attempt, _user: None
        self._lines = lines
        self._directory = directory
        self._exchange = exchange
        self._switchboard = switchboard
        self._routes = routes
        self._tasks = Tasks("trunk calls")
        self._waiting: dict[str, _Arrival] = {}

    async def close(self) -> None:
        await self._tasks.close()

    def serve(self, invite: IncomingInvite) -> bool:
        """Whether this INVITE is a provider's; then it is served here."""
        request = invite.request
        sent = self._senders(request, invite.source)
        if not sent:
            return False
        # Several accounts at one provider: the one whose Contact it is, else the one that has the number.
        line = max(sent, key=lambda each: (each.is_for_account(request), bool(each.called(request).target)))
        if not line.free:
            invite.reject(BUSY.status, headers=[("Reason", NO_CIRCUIT.reason())])
            return True
        line.reserve()
        self._tasks.spawn(self._admit(invite, line), name=f"over {line.name}")
        return True

    def sends(self, request: Request, source: Address) -> bool:
        """Whether this INVITE is a provider's."""
        return bool(self._lines) and bool(self._senders(request, source))

    def plan(self, attempt: Attempt) -> Awaitable[Plan | None] | None:
        """Where a call goes that has just come in; None for all others."""
        arrival = self._waiting.pop(attempt.call.id, None)
        return None if arrival is None else self._route(attempt, arrival)

    def over(self, call: str) -> None:
        """The call ended, perhaps before anybody planned it."""
        self._waiting.pop(call, None)

    def _senders(self, request: Request, source: Address) -> list[Line]:
        sent = [line for line in self._lines if line.is_from(request, source)]
        return [] if sent and self._exchange.registrar.knows(source) else sent

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
        leg.reliable = leg.outside = True
        said = caller_of(invite.request, trusted=True, trunk=line.name, sources=line.profile.sources)
        number = said.number if said.private else caller_number(said.number, country=line.trunk.country)
        name = said.name if said.private else self.name_of(number) or said.name
        caller = Party(number=number, name=name, trunk=line.name, private=said.private)
        match = line.called(invite.request)
        call = self._switchboard.incoming(leg, caller, match.number)
        self._waiting[call.id] = _Arrival(line, match)
        line.carry(leg, call)

    async def _route(self, attempt: Attempt, arrival: _Arrival) -> Plan | None:
        """None where the number is an extension too."""
        line, match = arrival.line, arrival.match
        caller = attempt.caller.public()
        answer = await self._routes.ask(
            trunk=line.name, number=match.number, caller=caller.number, caller_name=caller.name, default=match.target
        )
        if answer.refuse:
            return Refuse(cause=REJECTED)
        if answer.ring:
            return self._ring(answer.ring)
        said = line.arrival(match.written) if not answer.number else None
        if said is not None:
            together = self._together(attempt, said, Party(number=match.number, name=line.title))
            if together is not None:
                return together
        target = answer.number or match.target
        if not target:
            return Refuse(cause=UNALLOCATED)
        number = extension_of(target, self._directory)
        return Divert(number=number) if number != attempt.number else None

    def _together(self, attempt: Attempt, said: Arrival, called: Party) -> Plan | None:
        """How several ring at one number of ours, and whose mailbox comes then; None where it leads to one alone."""
        users = {user.name: user for user in self._directory.users()}
        box = self.mailbox(attempt, users[said.mailbox]) if said.mailbox in users else None
        if box is None and len(said.rings) == 1 and EVERYONE not in said.rings:
            return None
        if said.rings == (said.mailbox,):
            return None  # Their own mailbox takes what they do not answer, as they set it.
        people = {EVERYONE: list(users.values())} | {name: [user] for name, user in users.items()}
        teams = {team.name: self._directory.members_of(team) for team in self._directory.teams()}
        rung = (user for name in said.rings for user in (teams | people).get(name, ()))
        chosen = {user.name: user for user in rung}
        plan = self.group(attempt, called, list(chosen.values()))
        if box is None:
            return plan
        seconds, taking = box
        return replace(plan, seconds=seconds, otherwise=lambda _: taking) if isinstance(plan, Ring) else taking

    def _ring(self, users: Sequence[str]) -> Plan:
        phones = [phone for user in dict.fromkeys(users) for phone in self._exchange.phones_of(user)]
        if not phones:
            return Refuse(cause=UNREACHABLE)
        callee = self._switchboard.party_of(users[0]) or Party(number=users[0])
        return Ring(callee=callee, rungs=tuple(Rung(target=phone) for phone in phones))


def extension_of(target: str, directory: Directory) -> str:
    """The extension of the user, team, room or door of this name; what is no name is an extension."""
    everything = (directory.users(), directory.teams(), directory.rooms(), directory.doors())
    return next((each.extension for kind in everything for each in kind if each.name == target), target)
