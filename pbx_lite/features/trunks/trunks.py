"""The lines to the outside, as one feature."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from pbx_lite.calls.exchange import Exchange
from pbx_lite.calls.plan import Attempt, Plan, Reachable
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.clock import Clock
from pbx_lite.directory import Directory
from pbx_lite.errors import ConfigError
from pbx_lite.events import CallAnswered, CallChanged, CallEnded, Event, EventBus, TrunkChanged
from pbx_lite.features.trunks.arrivals import Arrivals, Group, Mailbox
from pbx_lite.features.trunks.dialling import Dialling
from pbx_lite.features.trunks.line import Line, Names
from pbx_lite.features.trunks.routes import Routes
from pbx_lite.sip.address import Address
from pbx_lite.sip.invite import IncomingInvite
from pbx_lite.sip.message import Request

_LOGGER = logging.getLogger(__name__)


class Trunks:
    """`start` once the endpoint listens; `serve` is for the exchange, the plans are for the switchboard.

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
        self.lines: list[Line] = []
        self.routes = Routes(bus=bus, clock=clock, seconds=directory.calling.route_seconds)
        self._clock = clock
        self._bus = bus
        self._shown: dict[str, dict[str, Any]] = {}
        for trunk in directory.trunks():
            try:
                self.lines.append(
                    Line(
                        trunk,
                        endpoint=exchange.endpoint,
                        names=names,
                        clock=clock,
                        changed=self._changed,
                        arrivals=partial(directory.arrivals_of, trunk.name),
                    )
                )
            except ConfigError as error:
                _LOGGER.warning("A trunk is left out: %s", error)
        self._arrivals = Arrivals(
            self.lines, directory=directory, exchange=exchange, switchboard=switchboard, routes=self.routes
        )
        self._dialling = Dialling(
            self.lines, directory=directory, exchange=exchange, switchboard=switchboard, bus=bus, clock=clock
        )
        self._forget = bus.listen(self._heard, CallAnswered, CallEnded, CallChanged)

    def start(self) -> None:
        for line in self.lines:
            line.start()

    def refresh(self) -> None:
        """Register every line at once: we are reached at another address now."""
        for line in self.lines:
            if line.registration is not None:
                line.registration.refresh()

    async def close(self) -> None:
        self._forget()
        self._dialling.meter.close()
        await self._arrivals.close()
        await asyncio.gather(*(line.stop() for line in self.lines))

    def states(self) -> Sequence[dict[str, Any]]:
        """The lines as clients see them."""
        return [line.shown() for line in self.lines]

    def answer_route(self, request: str, *, number: str = "", refuse: bool = False, ring: Sequence[str] = ()) -> None:
        """Raises NotFound once the call's time is over, Invalid for more than one answer."""
        self.routes.answer(request, number=number, refuse=refuse, ring=ring)

    def reach(self, number: str, user: str, device: str = "") -> Reachable | None:
        """See `Dialling.reach`."""
        return self._dialling.reach(number, user, device)

    def is_emergency(self, dialled: str) -> bool:
        """See `Dialling.is_emergency`."""
        return self._dialling.is_emergency(dialled)

    def ring_by(self, group: Group, mailbox: Mailbox) -> None:
        """Let `group` plan how several people ring together, and `mailbox` how one takes what nobody answers."""
        self._arrivals.group, self._arrivals.mailbox = group, mailbox

    def know(self, name_of: Callable[[str], str]) -> None:
        """Let those outside be named as `name_of` their number says, whether they call or are called."""
        self._arrivals.name_of = self._dialling.name_of = name_of

    def knows(self, source: Address) -> bool:
        """Whether this is an address of a provider's."""
        return any(line.is_at(source) for line in self.lines)

    def sends(self, request: Request, source: Address) -> bool:
        """Whether this INVITE is a provider's."""
        return self._arrivals.sends(request, source)

    def serve(self, invite: IncomingInvite) -> bool:
        """Whether this INVITE is a provider's; then it is served here."""
        return self._arrivals.serve(invite)

    def plan_first(self, attempt: Attempt) -> Plan | Awaitable[Plan | None] | None:
        """Calls that come in, and emergency calls."""
        return self._arrivals.plan(attempt) or self._dialling.plan_emergency(attempt)

    def plan_outside(self, attempt: Attempt) -> Plan | None:
        """Numbers outside."""
        return self._dialling.plan(attempt)

    def _heard(self, event: Event) -> None:
        match event:
            case CallAnswered():
                self._dialling.meter.changed()
            case CallEnded(call=call):
                self._dialling.meter.over(call)
                self._arrivals.over(call)
            case CallChanged():
                self._dialling.meter.changed()
                for line in self.lines:
                    self._changed(line)
            case _:
                pass

    def _changed(self, line: Line) -> None:
        """Tell of a line if what clients show of it changed."""
        shown = line.shown()
        if self._shown.get(line.name) != shown:
            self._shown[line.name] = shown
            self._bus.publish(TrunkChanged(trunk=line.name))
