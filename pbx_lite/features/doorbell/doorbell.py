"""The doors as one feature: what the API may ask, what stations and phones may dial."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from pbx_lite.calls.call import Call
from pbx_lite.calls.exchange import Exchange
from pbx_lite.calls.leg import NOT_ALLOWED, Leg, TransferRequested
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Plan, Refuse, Serve
from pbx_lite.calls.switchboard import party_of_account
from pbx_lite.calls.webrtc_leg import WebRtcSession, prepare
from pbx_lite.clock import Clock
from pbx_lite.config import Door, OpenDtmf, OpenEvent, OpenHttp, User
from pbx_lite.directory import Account, AccountKind, Directory
from pbx_lite.errors import Busy, Conflict, Forbidden, NotFound, PbxError, Unavailable
from pbx_lite.events import (
    AccountRegistered,
    AccountUnregistered,
    DirectoryChanged,
    DoorChanged,
    DoorOpenFailed,
    Event,
    EventBus,
)
from pbx_lite.features.doorbell.audience import OnEnd, Viewer
from pbx_lite.features.doorbell.door_call import DoorCall
from pbx_lite.features.doorbell.door_line import DoorLine, LineHooks
from pbx_lite.features.doorbell.http import StationHttp
from pbx_lite.features.doorbell.opening import Opener
from pbx_lite.features.doorbell.passing import Passing
from pbx_lite.features.doorbell.profiles import profile_of, with_defaults
from pbx_lite.features.doorbell.ring import Ring, RingState
from pbx_lite.media.snapshot import jpeg
from pbx_lite.sip.address import Address
from pbx_lite.sip.invite import IncomingInvite
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)
VIEWERS_PER_DOOR = 32
FIRST_PICTURE = 6.0
"""Seconds that a still picture may take to come."""


class Visitors(Protocol):
    """What is kept of earlier rings."""

    def last_ring(self, door: str) -> dict[str, Any] | None: ...

    def last_picture(self, door: str) -> tuple[bytes, datetime] | None: ...

    async def keep_picture(self, door: str, ring: str, picture: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at a door whom nobody answered in time."""

    door: Door
    ring: str
    leg: Leg
    taken: Callable[[], bool]
    """Whether somebody speaks with them after all."""


async def _no_message(_: Visitor) -> bool:
    return False


class Doorbell:
    """Rights are asked of the directory for every look, talk and opening; `None` as a user is the system.

    `leave_message` may be set by whoever lets visitors leave one; it tells whether one could be left.
    """

    def __init__(
        self,
        *,
        directory: Directory,
        exchange: Exchange,
        bus: EventBus,
        clock: Clock,
        visitors: Visitors,
        web: StationHttp,
    ) -> None:
        self.leave_message: Callable[[Visitor], Awaitable[bool]] = _no_message
        self._directory = directory
        self._exchange = exchange
        self._bus = bus
        self._clock = clock
        self._visitors = visitors
        self._web = web
        self._lines: dict[str, DoorLine] = {}
        self._openers: dict[str, Opener] = {}
        self._sessions: dict[str, DoorLine] = {}
        self._tasks = Tasks("doorbell")
        self._passing = Passing(
            exchange.switchboard, lambda user: directory.by_extension(user.extension), self._stranger
        )
        exchange.callers[AccountKind.DOOR] = self._station_calls
        exchange.destinations[AccountKind.DOOR] = self._phone_calls
        self._forget = bus.listen(self._heard, DirectoryChanged, AccountRegistered, AccountUnregistered)
        self._refresh()

    async def close(self) -> None:
        """End every door's call and session."""
        self._forget()
        await asyncio.gather(*(line.close() for line in self._lines.values()))
        await self._tasks.close()

    # What the API asks

    async def open(self, door: str, by: User | None) -> str:
        """Open for `by`; how it was done.  Raises Forbidden, Unavailable; either is logged."""
        line = self._line(door)
        ring = line.call.ring.id if line.call is not None and line.call.ring is not None else ""
        if not self._directory.may(by, "open", door):
            name = by.name if by else "system"
            error = f"{name} may not open {line.door.display_name}: no role of theirs allows it."
            self._bus.publish(DoorOpenFailed(door=door, ring=ring, by=name, how="", error=error))
            raise Forbidden(error)
        return await self._openers[door].open(line.door, by.name if by else "system", line.dtmf_call(), ring=ring)

    async def call(self, door: str, by: User | None) -> None:
        """Call the door; the phones of `by` ring to speak with it."""
        self._must_see(door, by)
        await self._line(door).call_for(by)

    async def end(self, door: str, by: User | None) -> None:
        """End the door's ring or call."""
        self._must_see(door, by)
        line = self._line(door)
        if line.call is None:
            raise Conflict(f"{line.door.display_name} is not in a call.")
        line.call.hang_up(by.name if by else "system")

    async def watch(
        self,
        door: str,
        by: User | None,
        session: str,
        offer: str,
        ice_servers: Sequence[Mapping[str, Any]],
        on_end: OnEnd,
    ) -> str:
        """Show the door to a browser; the SDP answer.  `on_end` hears a code and a sentence if the PBX ends it."""
        self._must_see(door, by)
        line = self._line(door)
        if session in self._sessions:
            raise Conflict("This session exists already.")
        if len(line.audience) >= VIEWERS_PER_DOOR:
            raise Busy(f"{VIEWERS_PER_DOOR} viewers look at {line.door.display_name} already.")
        media = WebRtcSession(clock=self._clock)
        self._sessions[session] = line
        # Joined before it is answered: the picture is fetched, or the door called, while the browser finds its way.
        line.audience.join(Viewer(session, by, media, on_end))
        try:
            answer = await media.answer(offer, ice_servers)
        except BaseException:
            await self.close_session(session)
            raise
        if session not in self._sessions:
            raise Conflict("The session was closed before it began.")
        media.on_state = lambda state: self._browser_is(session, state)
        return answer

    async def candidate(self, session: str, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None) -> None:
        """One more address of the browser (trickle ICE); those of unknown sessions are late and harmless."""
        line = self._sessions.get(session)
        if line is not None and (viewer := line.audience.find(session)) is not None:
            await viewer.media.add_candidate(candidate, sdp_mid, sdp_m_line_index)

    async def close_session(self, session: str) -> None:
        line = self._sessions.pop(session, None)
        if line is not None:
            await line.audience.leave(session)

    async def image(self, door: str, by: User | None) -> bytes:
        """A JPEG of now where it costs no call, else of the last visitor.  Raises Unavailable."""
        self._must_see(door, by)
        line = self._line(door)
        if line.picture.now:
            return await jpeg(*line.picture.now)
        if (url := line.door.video.image_url) != "":
            return await self._fetch(line, url)
        if not line.picture.needs_call and line.picture.possible:
            return await jpeg(*await line.picture.next(FIRST_PICTURE))
        if (kept := self._visitors.last_picture(door)) is not None:
            return kept[0]
        raise Unavailable(f"{line.door.display_name} gives pictures only in a call, and nobody has rung yet.")

    def state(self, door: str) -> dict[str, Any]:
        """The door as the API shows it."""
        line = self._line(door)
        return {
            "name": line.door.name,
            "display_name": line.door.display_name,
            "extension": line.door.extension,
            "model": line.door.model,
            "provisioned": line.door.provisioned,
            "connected": line.connected,
            "state": line.state,
            "ring": _shown_ring(line),
            "buttons": [{"number": button.number, "name": button.name} for button in line.door.buttons],
            "viewers": len(line.audience),
            "opening": _opening(line.door),
            "picture": line.picture.possible,
            "two_way": True,
            "last_ring": self._visitors.last_ring(door),
        }

    # What stations and phones do

    def _station_calls(self, invite: IncomingInvite, account: Account, number: str) -> None:
        self._lines[account.owner].rung(invite, number)

    def _phone_calls(self, invite: IncomingInvite, account: Account, door: str) -> None:
        user = self._user_of(account)
        if user is None or not self._directory.may(user, "talk", door):
            invite.reject(NOT_ALLOWED.status)
            return
        self._lines[door].phone_calls(invite, user)

    def plan(self, attempt: Attempt) -> Plan | None:
        """Calls that come to a door otherwise: forwarded, transferred, or from a line whose number is the door's.

        Who passes a call on needs the right themselves; a line's number is the administrator's own word.
        """
        account = self._directory.by_extension(attempt.number)
        if account is None or account.kind is not AccountKind.DOOR:
            return None
        user = self._user_of(attempt.account) if attempt.account is not None else None
        outside = attempt.account is None and attempt.caller.external
        if not outside and (user is None or not self._directory.may(user, "talk", account.owner)):
            return Refuse(cause=NOT_ALLOWED)
        name = user.name if user is not None else self._stranger(attempt.caller)
        line = self._lines[account.owner]
        return Serve(callee=party_of_account(account), run=lambda call: self._hand_over(call, line, name))

    @staticmethod
    async def _hand_over(call: Call, line: DoorLine, name: str) -> None:
        """The call's party leaves it for the door's own call."""
        seat = next((seat for seat in call.seats if seat.leg is call.origin), None)
        if seat is not None:
            call.release(seat)
            await line.leg_joins(seat.leg, name)

    def _stranger(self, party: Party) -> str:
        """What somebody outside is called: never as a person of the house is, who may open the door and call others."""
        number = party.public().number
        return "" if any(user.name == number for user in self._directory.users()) else number

    def _user_of(self, account: Account) -> User | None:
        return self._directory.user(account.owner) if account.kind is AccountKind.USER else None

    def _keyed(self, door: Door, user: str, _ring: str) -> None:
        """The code was typed on a phone in the door's call."""
        if not any(record.name == user for record in self._directory.users()):
            error = "Somebody outside typed the code; only people of this home open by keys."
            self._bus.publish(DoorOpenFailed(door=door.name, by=user, how="", error=error))
            return
        self._tasks.spawn(self._open_by_key(door.name, self._directory.user(user)), name="open by key")

    async def _open_by_key(self, door: str, user: User) -> None:
        try:
            await self.open(door, user)
        except PbxError as error:
            _LOGGER.warning("%s could not open %s by phone: %s", user.name, door, error)

    # The picture and the message of a visitor

    async def _message(self, door: Door, call: DoorCall) -> bool:
        ring = call.ring.id if call.ring is not None else ""
        return await self.leave_message(Visitor(door, ring, call.leg, lambda: call.talker is not None))

    def _pass_on(self, door: Door, call: DoorCall, user: str, wish: TransferRequested) -> None:
        """Only people of the house do, with their own rights."""
        known = next((record for record in self._directory.users() if record.name == user), None)
        if known is None:
            wish.progress(NOT_ALLOWED.status)
        else:
            self._passing.begin(door, call, known, wish)

    def _rang(self, door: Door, ring: Ring) -> None:
        self._tasks.spawn(self._keep_picture(self._lines[door.name], ring), name=f"picture of {ring.id}")
        self._tasks.spawn(prepare(), name="load WebRTC")

    async def _keep_picture(self, line: DoorLine, ring: Ring) -> None:
        try:
            if line.door.video.image_url:
                picture = await self._fetch(line, line.door.video.image_url)
            else:
                picture = await jpeg(*await line.picture.next(FIRST_PICTURE))
            await self._visitors.keep_picture(line.door.name, ring.id, picture)
        except PbxError as error:
            _LOGGER.info("No picture of the visitor at %s: %s", line.door.name, error)
        else:
            self._bus.publish(DoorChanged(door=line.door.name, ring=ring.id))

    async def _fetch(self, line: DoorLine, url: str) -> bytes:
        video = line.door.video
        _, picture = await self._web.fetch_image(url, username=video.username, password=video.password)
        return picture

    # Bookkeeping

    def _browser_is(self, session: str, state: str) -> None:
        if state in {"failed", "closed"} and session in self._sessions:
            line = self._sessions.pop(session)
            message = "The connection to the browser was lost."
            self._tasks.spawn(line.audience.leave(session, "connection_lost", message), name="lost browser")

    def _heard(self, event: Event) -> None:
        if isinstance(event, DirectoryChanged):
            self._refresh()
        elif isinstance(event, AccountRegistered | AccountUnregistered):
            account = self._directory.by_account(event.account)
            if account is not None and account.kind is AccountKind.DOOR:
                self._refresh()
                self._bus.publish(DoorChanged(door=account.owner))

    def _refresh(self) -> None:
        """Follow the directory: lines of new and changed doors begin, of removed ones end.

        Where a station is fills in what its model knows, so that its first registration may complete it.
        """
        doors = {door.name: with_defaults(door, self._host_of(door)) for door in self._directory.doors()}
        for name, line in list(self._lines.items()):
            if doors.get(name) != line.door:
                del self._lines[name]
                del self._openers[name]
                self._tasks.spawn(line.close(), name=f"close {name}")
        hooks = LineHooks(
            people=self._people, keyed=self._keyed, rang=self._rang, message=self._message, transfer=self._pass_on
        )
        for name, door in doors.items():
            if name not in self._lines:
                profile = profile_of(door.model)
                self._lines[name] = line = DoorLine(
                    door, profile, exchange=self._exchange, bus=self._bus, clock=self._clock, hooks=hooks
                )
                self._openers[name] = Opener(web=self._web, bus=self._bus, call_for_dtmf=line.call_for_dtmf)

    def _host_of(self, door: Door) -> str:
        """The station's address: the fixed one, else where it registered from, else empty."""
        if door.address:
            return Address.parse(door.address).host
        bindings = self._exchange.registrar.bindings_of(door.extension)
        return bindings[0].source.host if bindings else ""

    def _people(self, names: tuple[str, ...], door: Door) -> tuple[str, ...]:
        return tuple(user.name for user in self._directory.people_of(names, door.name))

    def _line(self, door: str) -> DoorLine:
        line = self._lines.get(door)
        if line is None:
            raise NotFound(f"There is no door named {door}.")
        return line

    def _must_see(self, door: str, by: User | None) -> None:
        if not self._directory.may(by, "see", door):
            name = by.name if by else "system"
            raise Forbidden(f"{name} may not see door {door}: no role of theirs allows it.")


def _shown_ring(line: DoorLine) -> dict[str, Any] | None:
    ring = line.call.ring if line.call is not None else None
    if ring is None or ring.state is RingState.ENDED:
        return None
    return {
        "id": ring.id,
        "button": ring.button,
        "since": ring.since.astimezone(UTC).isoformat(timespec="milliseconds"),
        "answered_by": ring.answered_by,
        "rings": list(ring.rings),
    }


_OPENINGS: dict[type, str] = {OpenDtmf: "dtmf", OpenHttp: "http", OpenEvent: "event"}


def _opening(door: Door) -> str:
    return _OPENINGS[type(door.open[0])] if door.open else "none"
