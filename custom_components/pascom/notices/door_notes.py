"""Notifications about doors: they ring, show the visitor, and say what became of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN, LOGGER
from ..recording_view import PICTURES, address_of
from ..wire.errors import CannotConnect, PascomError
from ..wire.models import Door, Event
from ..wire.voicemail import box_of
from .apps import App, Note, clearing
from .notes import Action, Look, box_link, does, door_link, goes_to
from .readers import Reader
from .writing_desk import Desk

# Seconds to find out what somebody may at the door; a phone that rings late is worse than one that does not.
RIGHTS_TIMEOUT = 5.0

RINGING = "ringing"
MISSED = "missed"
OVER = "over"


@dataclass(slots=True)
class _Ring:
    """One press of the bell.  `readers` are those whom it concerns, with what they may."""

    id: str
    door: str
    button: str
    state: str = RINGING
    picture: bool = False
    readers: dict[str, tuple[Reader, Mapping[str, bool]]] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        return f"pascom-{self.id}"


class DoorNotes:
    """Hears every event of the PBX, and its snapshot after a loss."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        # One for each door: the ring that is, or was last.
        self._rings: dict[str, _Ring] = {}

    @callback
    def on_event(self, event: Event) -> None:
        if (hear := _HEARD.get(event.kind)) is not None:
            hear(self, event)

    @callback
    def on_snapshot(self) -> None:
        """The PBX is back: what rang is over, or rings still; what began to ring meanwhile is told."""
        doors = self._desk.snapshot.doors
        for ring in tuple(self._rings.values()):
            door = doors.get(ring.door)
            if ring.state != RINGING or (door and door.ring and door.ring.id == ring.id and not door.ring.answered_by):
                continue
            last = door.last_ring if door else None
            if last is not None and last.id == ring.id and last.outcome == "missed":
                self._is_missed(ring)
            else:
                self._settle(ring, lambda _reader: None)
        for door in doors.values():
            if door.state == "ringing" and door.ring and not door.ring.answered_by:
                self._begin(door.name, door.ring.id, door.ring.button, door.ring.rings)

    @callback
    def close(self) -> None:
        for ring in self._rings.values():
            if ring.state == RINGING:
                self._settle(ring, lambda _reader: None)

    # What happens

    def _rang(self, event: Event) -> None:
        data = event.data
        self._begin(event.door, str(data["ring"]), str(data.get("button", "")), tuple(data.get("rings", ())))

    def _begin(self, door: str, ring: str, button: str, users: tuple[str, ...]) -> None:
        before = self._rings.get(door)
        if before is not None:
            if before.id == ring:
                return
            if before.state == RINGING:
                self._settle(before, lambda _reader: None)
        begun = self._rings[door] = _Ring(ring, door, button)
        for user in dict.fromkeys(users):
            self._desk.later(self._ring_at(begun, user), f"rings at {user}")

    async def _ring_at(self, ring: _Ring, user: str) -> None:
        reader = await self._desk.reader(user)
        if reader is None or not (reader.wants.door or reader.wants.missed):
            return
        rights = await self._rights(reader, ring.door)
        if not rights.get("see"):
            return
        ring.readers[user] = (reader, rights)
        if ring.state == RINGING:
            self._show_ringing(ring, reader, rights)
        elif ring.state == MISSED:
            self._show_missed(ring, reader)

    def _changed(self, event: Event) -> None:
        """The visitor was photographed."""
        ring, door = self._rings.get(event.door), self._desk.snapshot.doors.get(event.door)
        last = door.last_ring if door else None
        if ring is None or ring.picture or last is None or last.id != ring.id or not last.picture:
            return
        ring.picture = True
        for reader, rights in ring.readers.values():
            if ring.state == RINGING:
                self._show_ringing(ring, reader, rights, again=True)
            elif ring.state == MISSED:
                self._show_missed(ring, reader)

    def _answered(self, event: Event) -> None:
        if (ring := self._ring_of(event)) is not None:
            self._settle(ring, partial(self._told, ring, str(event.data.get("by", "")), "answered", mine=None))

    def _opened(self, event: Event) -> None:
        """Whoever opened during the ring has seen to it."""
        if (ring := self._ring_of(event)) is not None and ring.state != OVER:
            by = str(event.data.get("by", ""))
            self._settle(ring, partial(self._told, ring, by, "door_opened", mine="door_opened"))

    def _missed(self, event: Event) -> None:
        if (ring := self._ring_of(event)) is not None and ring.state == RINGING:
            self._is_missed(ring)

    def _ended(self, event: Event) -> None:
        if (ring := self._ring_of(event)) is not None and ring.state == RINGING:
            self._settle(ring, lambda _reader: None)

    def _message(self, event: Event) -> None:
        """A visitor spoke on the house's box: for all who may see that door."""
        if event.data.get("user") or not event.door:
            return
        for user in self._desk.readers.among(self._desk.snapshot.users.values()):
            self._desk.later(self._message_for(user, event), f"tells {user} of a visitor's message")

    async def _message_for(self, user: str, event: Event) -> None:
        reader = await self._desk.reader(user)
        if reader is None or not reader.wants.voicemail:
            return
        if not (await self._rights(reader, event.door)).get("see"):
            return
        message, seconds = str(event.data["message"]), round(float(event.data.get("seconds", 0)))
        picture = address_of(self._desk.entry_id, PICTURES, box_of("", event.door), message)
        look = Look(
            tag=f"pascom-message-{message}",
            link=box_link(box_of("", event.door)),
            channel=reader.say("channel_quiet"),
            icon="mdi:voicemail",
            picture=picture,
        )
        self._desk.show_all(reader, look.plain(self._name(event.door), reader.say("door_message", seconds=seconds)))

    # What is shown

    def _show_ringing(self, ring: _Ring, reader: Reader, rights: Mapping[str, bool], *, again: bool = False) -> None:
        if not reader.wants.door:
            return
        message = reader.say("door_rings_at", button=ring.button) if ring.button else reader.say("door_rings")
        look = self._look(ring, reader, "channel_door")

        critical = reader.wants.critical
        for app in reader.apps:
            if again and critical and app.apple:
                continue  # it would stand beside the first
            actions = self._actions(ring, reader, rights, app)
            note = look.loud(self._name(ring.door), message, actions, again=again, critical=critical)
            self._desk.show_on(app, note)

    def _actions(self, ring: _Ring, reader: Reader, rights: Mapping[str, bool], app: App) -> list[Action]:
        door = self._desk.snapshot.doors.get(ring.door)
        offers, actions = self._desk.offers, []
        if rights.get("talk") and (door is None or door.two_way):
            actions.append(goes_to(reader.say("answer"), door_link(ring.door, answer=ring.id)))
        if rights.get("open") and door is not None and door.opening != "none":
            token = offers.make(app, ring.id, "open", partial(self._open, ring, reader, app))
            actions.append(does(reader.say("open"), token, guarded=True))
        token = offers.make(app, ring.id, "decline", partial(self._decline, ring, reader))
        actions.append(does(reader.say("decline"), token))
        return actions

    def _is_missed(self, ring: _Ring) -> None:
        self._desk.offers.withdraw(ring.id)
        ring.state = MISSED
        for reader, _rights in ring.readers.values():
            self._show_missed(ring, reader)

    def _show_missed(self, ring: _Ring, reader: Reader) -> None:
        if reader.wants.missed:
            note = self._look(ring, reader, "channel_quiet").quiet(self._name(ring.door), reader.say("door_missed"))
        else:
            note = clearing(ring.tag)
        self._desk.show_all(reader, note, critical=reader.wants.critical)

    def _settle(self, ring: _Ring, told: Callable[[Reader], Note | None]) -> None:
        """It rings no more: everybody's notification goes, or says in its place what became of it."""
        rang = ring.state == RINGING
        ring.state = OVER
        self._desk.offers.withdraw(ring.id)
        for reader, _rights in ring.readers.values():
            if rang and not reader.wants.door:
                continue
            self._desk.show_all(reader, told(reader) or clearing(ring.tag), critical=reader.wants.critical)

    def _told(self, ring: _Ring, by: str, what: str, reader: Reader, *, mine: str | None) -> Note | None:
        """What others did; what one did oneself needs no words, but for `mine`."""
        if by == reader.user:
            message = reader.say(mine) if mine else ""
        elif by in self._desk.snapshot.users:
            message = reader.say(f"{what}_by", by=self._desk.snapshot.display_name_of(by))
        else:
            message = reader.say(what)
        if not message:
            return None
        return self._look(ring, reader, "channel_quiet").quiet(self._name(ring.door), message, stays=False)

    def _look(self, ring: _Ring, reader: Reader, channel: str) -> Look:
        picture = self._picture(ring) if ring.picture else ""
        return Look(
            tag=ring.tag,
            link=door_link(ring.door),
            channel=reader.say(channel),
            icon="mdi:doorbell-video",
            picture=picture,
        )

    def _picture(self, ring: _Ring) -> str:
        """A path that the app asks for as its user: what passes through a push service opens nothing by itself."""
        unique_id = f"{self._desk.coordinator.devices.identifier(ring.door)[1]}-last_visitor"
        registry = er.async_get(self._desk.hass)
        entity = registry.async_get_entity_id("image", DOMAIN, unique_id)
        return f"/api/image_proxy/{entity}?ring={ring.id}" if entity else ""

    def _name(self, door: str) -> str:
        known: Door | None = self._desk.snapshot.doors.get(door)
        return known.display_name if known else door

    # What people press

    async def _open(self, ring: _Ring, reader: Reader, app: App) -> None:
        try:
            await self._desk.ask(reader, "door/open", door=ring.door)
        except PascomError as err:
            LOGGER.info("%s was not opened from %s: %s", ring.door, app.name, err.message)
            reason = _REASONS.get(err.code, "away" if isinstance(err, CannotConnect) else "")
            words = reader.say("not_opened", reason=reader.say(reason) if reason else err.message)
            look = Look(
                tag=f"{ring.tag}-opening",
                link=door_link(ring.door),
                channel=reader.say("channel_quiet"),
                icon="mdi:door-closed-lock",
            )
            self._desk.show_on(app, look.plain(self._name(ring.door), words))

    async def _decline(self, ring: _Ring, reader: Reader) -> None:
        """Not for this person; elsewhere it goes on ringing."""
        ring.readers.pop(reader.user, None)
        self._desk.show_all(reader, clearing(ring.tag))

    # Private

    def _ring_of(self, event: Event) -> _Ring | None:
        ring = self._rings.get(event.door)
        return ring if ring is not None and ring.id == event.data.get("ring") else None

    async def _rights(self, reader: Reader, door: str) -> Mapping[str, Any]:
        try:
            may = await self._desk.ask(reader, "user/rights", timeout=RIGHTS_TIMEOUT)
        except PascomError as err:
            LOGGER.warning(
                "Nobody could say what %s may at %s; they are not notified: %s", reader.user, door, err.message
            )
            return {}
        rights: Mapping[str, Any] = may["doors"].get(door, {})
        return rights


_REASONS = {"forbidden": "not_allowed"}

_HEARD: dict[str, Callable[[DoorNotes, Event], None]] = {
    "door_rang": DoorNotes._rang,
    "door_changed": DoorNotes._changed,
    "door_answered": DoorNotes._answered,
    "door_opened": DoorNotes._opened,
    "door_missed": DoorNotes._missed,
    "door_ended": DoorNotes._ended,
    "voicemail_received": DoorNotes._message,
}
