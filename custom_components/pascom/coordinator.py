"""Holds what the PBX tells and passes it on: pushed, never polled."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from . import routing
from .const import (
    DOMAIN,
    EVENT_DOOR_OPEN_REQUESTED,
    LOGGER,
    MODE_LOCAL,
    SIGNAL_NEWS,
    SIGNAL_TOLD,
    SUBENTRY_DOOR,
)
from .devices import Devices, room_key, shown_users
from .local.server import Server
from .people import People
from .wire.call_book import VOICEMAIL, CallBook, Happening, ringing_now
from .wire.client import PascomClient
from .wire.errors import CertificateChanged, Incompatible, PascomError, Unauthorized
from .wire.models import Door, Event, Snapshot, User
from .wire.phone_models import Call, Trunk
from .wire.phones import Phones
from .wire.room_models import Room
from .wire.rooms import Rooms
from .wire.voicemail import Mailboxes, Prompts, box_of

# A PBX that starts next to us is up within a second; a remote one may have a slow link.
FIRST_SNAPSHOT_TIMEOUT = 15.0

# What trying again does not heal.
_LASTING = (Unauthorized, CertificateChanged, Incompatible)

type PascomConfigEntry = ConfigEntry[PascomData]
type EventListener = Callable[[Event], None]
type UserListener = Callable[[Happening], None]


class Notices(Protocol):
    """What tells the app in a pocket."""

    def state(self) -> dict[str, Any]: ...

    async def stop(self) -> None: ...


@dataclass(slots=True, kw_only=True)
class PascomData:
    """What a config entry keeps while it is loaded."""

    client: PascomClient
    coordinator: PascomCoordinator
    people: People
    phones: Phones
    rooms: Rooms
    mailboxes: Mailboxes
    prompts: Prompts
    server: Server | None = None
    notifications: Notices = field(init=False)

    @property
    def mode(self) -> str:
        return str(self.coordinator.config_entry.data["mode"])

    @property
    def local(self) -> bool:
        return self.mode == MODE_LOCAL


class PascomCoordinator(DataUpdateCoordinator[Snapshot]):
    """The snapshot, kept up to date by events; `last_update_success` is whether the PBX is there."""

    config_entry: PascomConfigEntry

    def __init__(self, hass: HomeAssistant, entry: PascomConfigEntry) -> None:
        super().__init__(
            hass, LOGGER, config_entry=entry, name=f"PBX {entry.title}", update_interval=None, always_update=True
        )
        self._first: asyncio.Future[Snapshot] = hass.loop.create_future()
        # By the name of the door, or the key of the room.
        self._event_listeners: dict[str, list[EventListener]] = {}
        self._session_listeners: dict[str, Callable[[str, str], None]] = {}
        self._rings_heard: dict[str, str] = {}
        self._book = CallBook()
        self._user_listeners: dict[str, list[UserListener]] = {}
        self.devices = Devices(hass, entry)
        # Doors whose "add" dialog is still open get their device when it closes.
        self._being_added: set[str] = set()
        self._known_before: list[set[str]] = []

    async def _async_update_data(self) -> Snapshot:
        """The first snapshot, or what went wrong; later ones are pushed."""
        try:
            async with asyncio.timeout(FIRST_SNAPSHOT_TIMEOUT):
                await asyncio.shield(self._first)
                return self.data  # by now with what was told since
        except (Unauthorized, CertificateChanged) as err:
            raise ConfigEntryAuthFailed(translation_domain=DOMAIN, translation_key=err.code) from err
        except Incompatible as err:
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="incompatible",
                translation_placeholders={"error": err.message},
            ) from err
        except PascomError as err:
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="cannot_connect",
                translation_placeholders={"error": err.message},
            ) from err
        except TimeoutError as err:
            raise UpdateFailed(
                translation_domain=DOMAIN, translation_key="cannot_connect", translation_placeholders={"error": "-"}
            ) from err

    # What the client tells

    @callback
    def on_connected(self, snapshot: Snapshot) -> None:
        """A fresh snapshot, the first or after a loss: whatever rang in between is told now."""
        returned = self._first.done() and not self.last_update_success
        if not self._first.done():
            self.data = snapshot
            self._first.set_result(snapshot)
            self._book.begin(snapshot)
            self._rings_heard = {door.name: door.ring.id for door in snapshot.doors.values() if door.ring}
            return
        rang = set(self.data.calls)
        self._book.begin(snapshot)
        self._apply(snapshot)
        if returned:
            self.logger.info("%s is back", self.name)
        for event in ringing_now(call for call in snapshot.calls.values() if call.id not in rang):
            self._tell_call(event)
        for door in snapshot.doors.values():
            if door.ring and door.state == "ringing" and self._rings_heard.get(door.name) != door.ring.id:
                self._tell_door(_ring_event(door))

    @callback
    def on_disconnected(self, reason: PascomError) -> None:
        if not self._first.done():
            # Connecting is tried again within the time that set-up grants, except where trying again is no use.
            if isinstance(reason, _LASTING):
                self._first.set_exception(reason)
                self._first.exception()
            return
        if self.last_update_success:
            # One line for the loss; async_set_update_error would log an error even for a planned restart.
            self.logger.warning("%s is away: %s", self.name, reason.message)
            self.last_exception = reason
            self.last_update_success = False
            self._end_sessions()
            self.async_update_listeners()
        if isinstance(reason, Unauthorized | CertificateChanged):
            self.config_entry.async_start_reauth(self.hass)

    @callback
    def on_event(self, event: Event) -> None:
        if (heard := _HEARD.get(event.kind)) is not None:
            heard(self, event)
        elif event.call:
            self._tell_call(event)
        elif event.door:
            self._tell_door(event)

    @callback
    def _end_session(self, event: Event) -> None:
        if ended := self._session_listeners.pop(event.data["session"], None):
            ended(event.data["code"], event.data["message"])

    @callback
    def _tell(self, event: Event) -> None:
        async_dispatcher_send(self.hass, SIGNAL_TOLD, self.config_entry.entry_id, event)

    # Who hears it

    @callback
    def listen_to_door(self, door: str, listener: EventListener) -> CALLBACK_TYPE:
        """Hear of every ring, answer, opening … at `door`."""
        listeners = self._event_listeners.setdefault(door, [])
        listeners.append(listener)
        return lambda: listeners.remove(listener)

    @callback
    def listen_to_room(self, room: str, listener: EventListener) -> CALLBACK_TYPE:
        """Hear who joins `room`, leaves it, speaks in it …"""
        return self.listen_to_door(room_key(room), listener)

    @callback
    def listen_to_user(self, user: str, listener: UserListener) -> CALLBACK_TYPE:
        """Hear of every call that rings for this user, is answered, ended …"""
        listeners = self._user_listeners.setdefault(user, [])
        listeners.append(listener)
        return lambda: listeners.remove(listener)

    @callback
    def listen_to_session(self, session: str, ended: Callable[[str, str], None]) -> CALLBACK_TYPE:
        """Hear (code, message) when the PBX ends this WebRTC session, or is gone itself."""
        self._session_listeners[session] = ended
        return lambda: self.forget_session(session)

    def forget_session(self, session: str) -> None:
        self._session_listeners.pop(session, None)

    def subentry_of(self, name: str, kind: str = SUBENTRY_DOOR) -> str | None:
        """The id of the subentry that made this door or line, None for one that the PBX has by itself."""
        return next(
            (
                subentry.subentry_id
                for subentry in self.config_entry.subentries.values()
                if subentry.subentry_type == kind and subentry.unique_id == name
            ),
            None,
        )

    @property
    def shown_doors(self) -> dict[str, Door]:
        """The doors that have a device: all but those that a dialog is just adding."""
        shown = set(self.data.doors) - self._being_added
        for known in self._known_before:
            shown &= known
        return {name: door for name, door in self.data.doors.items() if name in shown}

    @contextmanager
    def adding(self) -> Iterator[Callable[[str], None]]:
        """While a door is being added nothing new is shown; the door that is then named stays so until `end_adding`.

        The PBX may tell of it before it answers.
        """
        self._known_before.append(set(self.data.doors))
        try:
            yield self._being_added.add
        finally:
            self._known_before.pop()
            self.async_update_listeners()

    @callback
    def end_adding(self, door: str) -> None:
        if door in self._being_added:
            self._being_added.discard(door)
            self.async_update_listeners()

    @property
    def shown_users(self) -> dict[str, User]:
        return shown_users(self.data)

    def display_name_of(self, user: str) -> str:
        return self.data.display_name_of(user)

    # Private

    @callback
    def _apply(self, snapshot: Snapshot) -> None:
        """A snapshot that may have other doors, people or lines in it."""
        before = self.devices.identifiers(self.data)
        self._book.follow(snapshot)
        self.async_set_updated_data(snapshot)
        if before - self.devices.identifiers(snapshot):
            self.devices.remove_stale(snapshot)
        self.devices.rename(snapshot)

    @callback
    def _change_call(self, event: Event) -> None:
        if (state := event.data.get("state")) is None:
            self.async_set_updated_data(self.data.without_call(event.call))
            return
        call = Call.from_wire(state)
        self._book.see(call)
        self.async_set_updated_data(self.data.with_call(call))

    @callback
    def _tell_call(self, event: Event) -> None:
        happenings, news = self._book.hear(event)
        for happening in happenings:
            for listener in tuple(self._user_listeners.get(happening.user, ())):
                listener(happening)
        for told in news:
            async_dispatcher_send(self.hass, SIGNAL_NEWS, self.config_entry.entry_id, told)

    @callback
    def _tell_door(self, event: Event) -> None:
        if event.kind == "door_rang":
            self._rings_heard[event.door] = event.data["ring"]
        self._tell_listeners(event.door, event)

    @callback
    def _tell_room(self, event: Event) -> None:
        self._tell_listeners(room_key(event.room), event)
        self._tell(event)

    @callback
    def _tell_message(self, event: Event) -> None:
        """Somebody left a message: in a person's box, or at a door."""
        fields = {"message": "message", "caller": "number", "caller_name": "name", "seconds": "seconds"}
        if user := str(event.data.get("user", "")):
            data = {shown: event.data[told] for told, shown in fields.items() if event.data.get(told)}
            for listener in tuple(self._user_listeners.get(user, ())):
                listener(Happening(user=user, kind=VOICEMAIL, data=data))
        else:
            self._tell_listeners(event.door, event)
        self._tell(Event(kind=event.kind, data={**event.data, "box": box_of(user, event.door)}))

    @callback
    def _tell_listeners(self, key: str, event: Event) -> None:
        for listener in tuple(self._event_listeners.get(key, ())):
            listener(event)

    @callback
    def _request_route(self, event: Event) -> None:
        """Let automations decide where a call from outside goes; where none does, it goes on at once."""
        if not routing.ask(self.hass, self.config_entry.entry_id, event):
            self.hass.async_create_task(self._route_as_always(str(event.data["request"])), f"{DOMAIN} routes nothing")

    async def _route_as_always(self, request: str) -> None:
        try:
            await self.config_entry.runtime_data.phones.route(None, request)
        except PascomError as err:
            self.logger.debug("%s did not wait for us: %s", self.name, err.message)

    @callback
    def _end_sessions(self) -> None:
        ended, self._session_listeners = self._session_listeners, {}
        for tell in ended.values():
            tell("unavailable", "The connection to the PBX is lost.")

    @callback
    def _request_open(self, event: Event) -> None:
        """Hand a door whose opening is an event to Home Assistant, under the name of who asked."""
        device = self.devices.of(event.door)
        by = str(event.data.get("by", ""))
        user = self.data.users.get(by)
        self.hass.bus.async_fire(
            EVENT_DOOR_OPEN_REQUESTED,
            {
                "device_id": device.id if device else None,
                "door": event.door,
                "by": self.display_name_of(by),
                "ring": event.data.get("ring", ""),
            },
            context=Context(user_id=user.ha_user if user else None),
        )


# What is no plain news of a door or a call.
_HEARD: dict[str, Callable[[PascomCoordinator, Event], None]] = {
    "door_changed": lambda self, event: self.async_set_updated_data(
        self.data.with_door(Door.from_wire(event.data["state"]))
    ),
    "user_changed": lambda self, event: self.async_set_updated_data(
        self.data.with_user(User.from_wire(event.data["state"]))
    ),
    "trunk_changed": lambda self, event: self.async_set_updated_data(
        self.data.with_trunk(Trunk.from_wire(event.data["state"]))
    ),
    "room_changed": lambda self, event: self.async_set_updated_data(
        self.data.with_room(Room.from_wire(event.data["state"]))
    ),
    "directory_changed": lambda self, event: self._apply(Snapshot.from_wire(event.data["snapshot"])),
    "call_changed": PascomCoordinator._change_call,
    "session_ended": PascomCoordinator._end_session,
    "door_open_requested": PascomCoordinator._request_open,
    "route_requested": PascomCoordinator._request_route,
    "message_received": PascomCoordinator._tell,
    "recording_failed": PascomCoordinator._tell,
    "room_joined": PascomCoordinator._tell_room,
    "room_left": PascomCoordinator._tell_room,
    "room_talking": PascomCoordinator._tell_room,
    "room_recorded": PascomCoordinator._tell_room,
    "voicemail_received": PascomCoordinator._tell_message,
    "toll_refused": PascomCoordinator._tell,
}


def _ring_event(door: Door) -> Event:
    """The ring that a door is in, as its event would have told it."""
    assert door.ring is not None
    return Event(
        kind="door_rang",
        data={
            "kind": "door_rang",
            "door": door.name,
            "ring": door.ring.id,
            "button": door.ring.button,
            "rings": list(door.ring.rings),
            "at": door.ring.since.isoformat(),
        },
    )
