"""All conference rooms: who dials one is led there, and clients steer them (`api.room_facade.Rooms`)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from pbx_lite import config
from pbx_lite.calls.browsers import ACCOUNT
from pbx_lite.calls.call import Call
from pbx_lite.calls.dialled import dialled_number
from pbx_lite.calls.guessing import Guessing
from pbx_lite.calls.leg import TIMED_OUT
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Plan, Serve
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.directory import Account, AccountKind, User
from pbx_lite.errors import Busy, Conflict, MediaError, NotFound, Unavailable
from pbx_lite.events import CallEnded, DirectoryChanged, Event
from pbx_lite.features.conference.entrance import Entrance, RecordName
from pbx_lite.features.conference.expected import Expected, guests_of
from pbx_lite.features.conference.loading import load
from pbx_lite.features.conference.participant import Participant
from pbx_lite.features.conference.pins import Pins
from pbx_lite.features.conference.room import Fittings, Room
from pbx_lite.features.conference.rules import Refusal
from pbx_lite.features.conference.stay import Desk, Stay
from pbx_lite.media.recording import Recording
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)

MOST_INVITED = 20
"""People who are being called into rooms at the same time."""
MOST_SECONDS = 300.0
"""Of a sound that is played into a room."""

type OnEnd = Callable[[str, str], None]


class RoomDirectory(Protocol):
    """The rooms that exist and who may do what."""

    def room(self, name: str) -> config.Room:
        """Raises NotFound."""
        ...

    def user(self, name: str) -> User: ...

    def by_extension(self, extension: str) -> Account | None: ...

    def pin_of(self, room: str) -> str:
        """The PIN, generated or not; empty for free entry.  Raises NotFound."""
        ...

    def may_room(self, user: User | None, room: str) -> bool:
        """Whether this one steers the room."""
        ...


class Audience(Protocol):
    """Those who are in rooms by a browser."""

    async def watch(
        self,
        room: str,
        by: User | None,
        *,
        session: str,
        offer: str,
        ice_servers: Sequence[dict[str, Any]],
        on_end: OnEnd,
    ) -> str: ...

    async def candidate(
        self, session: str, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None
    ) -> None: ...

    async def close_session(self, session: str) -> None: ...

    async def image(self, room: str, by: User | None) -> bytes: ...

    async def close(self) -> None: ...


class Rooms:
    """`audience` is set by whoever lets browsers take part.  Rooms exist while somebody is in them."""

    def __init__(
        self,
        *,
        directory: RoomDirectory,
        switchboard: Switchboard,
        fittings: Fittings,
        record_name: RecordName,
        fetch: Callable[[str], Awaitable[bytes]],
    ) -> None:
        self.audience: Audience | None = None
        self._directory = directory
        self._switchboard = switchboard
        self._fittings = fittings
        self._fetch = fetch
        self._live: dict[str, Room] = {}
        self._stays: dict[str, Stay] = {}
        self._tasks = Tasks("rooms")
        self._closing: set[asyncio.Task[None]] = set()
        self._invited = 0
        self._expected = Expected()
        entrance = Entrance(speech=fittings.speech, guessing=Guessing(), record_name=record_name, clock=fittings.clock)
        self._desk = Desk(house=self, entrance=entrance, speech=fittings.speech, clock=fittings.clock)
        self._forget = fittings.bus.listen(self._heard, DirectoryChanged, CallEnded)

    async def close(self) -> None:
        """Everybody goes; returns when what was recorded is on the disk."""
        self._forget()
        if self.audience is not None:
            await self.audience.close()
        for room in tuple(self._live.values()):
            room.end("room_closed")
        if self._closing:
            await asyncio.wait(self._closing)
        await self._tasks.close()

    # Being dialled

    def plan(self, attempt: Attempt) -> Plan | None:
        """Rooms answer their extension; None for all other numbers."""
        account = self._directory.by_extension(attempt.number)
        if account is None or account.kind is not AccountKind.ROOM:
            return None
        self._tasks.spawn(load(), name="load the mixer")
        callee = Party(number=account.extension, name=account.display_name, room=account.owner)
        return Serve(callee=callee, run=lambda call: self._attend(call, account.owner))

    async def _attend(self, call: Call, room: str, *, invited: bool = False) -> None:
        stay = self._stays[call.id] = Stay(self._desk, call, room)
        try:
            await stay.serve(invited=invited)
        finally:
            del self._stays[call.id]

    # What `stay.House` says

    def known(self, room: str) -> config.Room:
        return self._directory.room(room)

    def live(self, room: str) -> Room | None:
        return self._live.get(room)

    def open(self, record: config.Room) -> Room:
        if (room := self._live.get(record.name)) is None:
            room = self._live[record.name] = Room(record, self._fittings, on_empty=self._emptied)
        return room

    def pins(self, record: config.Room) -> Pins:
        return Pins(member=self._directory.pin_of(record.name), leader=record.admin_pin)

    def expects(self, room: str, call: Call, party: Party) -> bool:
        return self._expected.comes(room, guests_of(call.id, party.user), self._fittings.clock.time())

    def knows(self, call: Call, party: Party, record: config.Room) -> bool:
        """From a page of their own; where a PIN makes leaders, it is asked for."""
        seat = call.seat_of(party.user) if party.user else None
        by_page = seat is not None and seat.device.startswith(f"{ACCOUNT}:")
        return by_page and self.leads(party, record)

    def leads(self, party: Party, record: config.Room) -> bool:
        """Where no PIN makes leaders, those of the house are who may steer the room."""
        return not record.admin_pin and bool(party.user) and self._may(party.user, record.name)

    def language(self, party: Party) -> str:
        user = self._user(party.user)
        return user.language if user is not None else ""

    # What `api.room_facade.Rooms` says

    def state(self, room: str) -> Mapping[str, Any]:
        self._directory.room(room)
        if (live := self._live.get(room)) is not None:
            return live.state()
        return {
            "active": False,
            "locked": False,
            "muted": False,
            "recording": False,
            "since": None,
            "participants": [],
        }

    def mute(self, room: str, participant: str, *, muted: bool) -> None:
        live, one = self._find(room, participant)
        live.mute(one, muted=muted)

    def mute_all(self, room: str, *, muted: bool) -> None:
        self._busy(room).mute_all(muted=muted)

    def set_volume(self, room: str, participant: str, volume: float) -> None:
        live, one = self._find(room, participant)
        live.set_volume(one, volume)

    def drop(self, room: str, participant: str) -> None:
        live, one = self._find(room, participant)
        live.send_out(one, "removed", "room_dropped")

    def lock(self, room: str, *, locked: bool) -> None:
        self._busy(room).lock(locked=locked)

    def record(self, room: str, *, on: bool) -> None:
        self._busy(room).take_down(on=on)

    def expect(self, room: str, call: str, by: User | None) -> None:
        """Let the parties of this call of `by` in without a PIN, as soon as they come.  Raises NotFound."""
        found = self._switchboard.calls.get(call)
        if found is None or (by is not None and found.seat_of(by.name) is None):
            raise NotFound("There is no such call.")
        name = self._directory.room(room).name
        for seat in found.seats:
            self._expected.expect(name, guests_of(found.id, seat.user), self._fittings.clock.time())

    async def invite(self, room: str, number: str, by: User | None) -> None:
        """Raises Unavailable with what became of it where it does not ring, Busy where too many are being called."""
        record = self._directory.room(room)
        dialled = dialled_number(number)
        live = self._live.get(room)
        if live is not None and live.refusal(invited=True) is Refusal.FULL:
            raise Busy(f"{record.display_name} is full.")
        if self._invited >= MOST_INVITED:
            raise Busy("Too many people are being called already.")
        account = self._directory.by_extension(by.extension) if by is not None else None
        rings: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        caller = Party(number=record.extension, name=record.display_name, room=record.name)

        def ring(_: int) -> None:
            if not rings.done():
                rings.set_result(None)

        def ended(event: Event) -> None:
            if isinstance(event, CallEnded) and event.call == call.id and not rings.done():
                rings.set_exception(Unavailable(f"{number} cannot be reached: {event.reason}."))

        self._invited += 1
        forget = self._fittings.bus.listen(ended)
        try:
            call = self._switchboard.invite(
                caller, dialled, lambda call: self._take(call, room, ring), account=account, hear=ring
            )
            await rings
        finally:
            forget()
            self._invited -= 1

    async def _take(self, call: Call, room: str, ring: Callable[[int], None]) -> None:
        """Some answer without ringing."""
        ring(180)
        await self._attend(call, room, invited=True)

    async def play(self, room: str, url: str) -> None:
        self._busy(room)
        data = await self._fetch(url)
        try:
            recording = await asyncio.to_thread(Recording.decode, data, most_seconds=MOST_SECONDS)
        except MediaError as error:
            raise Unavailable(error.message) from None
        self._busy(room).play(recording)

    async def recordings(self, room: str) -> Sequence[Mapping[str, Any]]:
        return await self._fittings.recordings.list(self._directory.room(room).name)

    async def recording(self, room: str, recording: str) -> bytes:
        return await self._fittings.recordings.read(self._directory.room(room).name, recording)

    async def forget_recording(self, room: str, recording: str) -> None:
        await self._fittings.recordings.forget(self._directory.room(room).name, recording)

    async def watch(
        self,
        room: str,
        by: User | None,
        *,
        session: str,
        offer: str,
        ice_servers: Sequence[dict[str, Any]],
        on_end: OnEnd,
    ) -> str:
        return await self._browsers().watch(
            room, by, session=session, offer=offer, ice_servers=ice_servers, on_end=on_end
        )

    async def candidate(self, session: str, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None) -> None:
        await self._browsers().candidate(session, candidate, sdp_mid, sdp_m_line_index)

    async def close_session(self, session: str) -> None:
        await self._browsers().close_session(session)

    async def image(self, room: str, by: User | None) -> bytes:
        return await self._browsers().image(room, by)

    # Inside

    def _browsers(self) -> Audience:
        if self.audience is None:
            raise Unavailable("This PBX was built without what lets browsers into rooms.")
        return self.audience

    def _busy(self, room: str) -> Room:
        """The room, if somebody is in it."""
        record = self._directory.room(room)
        if (live := self._live.get(room)) is None:
            raise Conflict(f"Nobody is in {record.display_name}.")
        return live

    def _find(self, room: str, participant: str) -> tuple[Room, Participant]:
        live = self._busy(room)
        return live, live.find(participant)

    def _emptied(self, room: Room) -> None:
        if self._live.get(room.name) is room:
            del self._live[room.name]
        task = self._tasks.spawn(room.close(), name=f"close {room.name}")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _heard(self, event: Event) -> None:
        match event:
            case DirectoryChanged():
                for room in tuple(self._live.values()):
                    self._look_up(room)
            case CallEnded(cause=TIMED_OUT.q850, call=call) if (stay := self._stays.get(call)) is not None:
                stay.lost = True
            case _:
                pass

    def _look_up(self, room: Room) -> None:
        """The directory says something else about a room in which people are, or nothing any more."""
        try:
            record = self._directory.room(room.name)
        except NotFound:
            room.end("room_closed")
            return
        if record != room.record:
            room.adopt(record)

    def _user(self, name: str) -> User | None:
        try:
            return self._directory.user(name) if name else None
        except NotFound:
            return None

    def _may(self, user: str, room: str) -> bool:
        record = self._user(user)
        return record is not None and self._directory.may_room(record, room)
