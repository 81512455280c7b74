"""One caller of a room, from the answer to the end: through the door, in the room, and what their keys do."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from pbx_lite.calls.attendant import Keypad, answered
from pbx_lite.calls.bridge.keys import KeySender
from pbx_lite.calls.call import Call
from pbx_lite.calls.leg import Leg
from pbx_lite.calls.party import Party
from pbx_lite.clock import Clock
from pbx_lite.config import Room as Record
from pbx_lite.errors import Conflict, NotFound, PbxError
from pbx_lite.features.conference.entrance import Entrance, Visitor
from pbx_lite.features.conference.loading import load
from pbx_lite.features.conference.menu import KEYS, LEADERS_KEYS, PATIENCE, Action, Menu
from pbx_lite.features.conference.participant import Participant
from pbx_lite.features.conference.pins import Pins, Verdict
from pbx_lite.features.conference.room import LOUDEST, Room
from pbx_lite.features.conference.rules import Refusal
from pbx_lite.media.recording import Recording
from pbx_lite.speech.parts import Digits, Name, Number, Part
from pbx_lite.speech.speech import Speaks
from pbx_lite.tasks import spawn

_LOGGER = logging.getLogger(__name__)
_ASKED = 3
"""How often somebody is told that they are invited."""
_ANSWER_SECONDS = 4.0
_FOREVER = 3600.0
_STEP = 1.5
"""What one key makes louder, or quieter."""
_REFUSED = {Refusal.LOCKED: "room_locked", Refusal.FULL: "room_full"}
_HELP = {
    Action.MUTE: "room_menu_mute",
    Action.HEAR_MORE: "room_menu_louder",
    Action.HEAR_LESS: "room_menu_quieter",
    Action.SPEAK_MORE: "room_menu_speak_louder",
    Action.SPEAK_LESS: "room_menu_speak_quieter",
    Action.LEAVE: "room_menu_leave",
    Action.LOCK: "room_menu_lock",
    Action.REMOVE_LAST: "room_menu_drop_last",
    Action.MUTE_ALL: "room_menu_mute_all",
    Action.EXTEND: "room_menu_extend",
    Action.RECORD: "room_menu_record",
    Action.HELP: "room_menu_help",
}


class House(Protocol):
    """The rooms, as one who is in one needs them."""

    def known(self, room: str) -> Record:
        """Raises NotFound for a room that is gone."""
        ...

    def live(self, room: str) -> Room | None:
        """The room, if somebody is in it."""
        ...

    def open(self, record: Record) -> Room:
        """The room, which whoever asks joins at once; needs `load`."""
        ...

    def pins(self, record: Record) -> Pins: ...

    def expects(self, room: str, call: Call, party: Party) -> bool:
        """Whether somebody who steers the room brings them; asking uses it up."""
        ...

    def knows(self, call: Call, party: Party, record: Record) -> bool:
        """Whether they need no PIN, because Home Assistant says who they are and they may steer the room."""
        ...

    def leads(self, party: Party, record: Record) -> bool:
        """Whether they lead the room without a PIN for that."""
        ...

    def language(self, party: Party) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What serves every caller."""

    house: House
    entrance: Entrance
    speech: Speaks
    clock: Clock


class Stay:
    """`await serve()` lasts as long as they are there; it is cancelled when they hang up.

    `lost` is set before that, where it was their line that failed.
    """

    def __init__(self, desk: Desk, call: Call, room: str) -> None:
        self.lost = False
        self._desk = desk
        self._call = call
        self._name = room
        self._room: Room | None = None
        self._one: Participant | None = None
        self._leg: Leg | None = None
        self._sender: KeySender | None = None
        self._out: asyncio.Future[tuple[Part, ...]] = asyncio.get_running_loop().create_future()
        self._menu = Menu(leader=False)
        self._language = ""
        self._leader = False
        self._spoken: Recording | None = None

    async def serve(self, *, invited: bool = False) -> None:
        """Answer, and let them in if they may enter."""
        desk, call = self._desk, self._call
        leg = self._leg = answered(call)
        party = self._party()
        keys = Keypad(call, leg, desk.clock)
        self._language = desk.house.language(party)
        try:
            record = desk.house.known(self._name)
            self._language = record.language or self._language
            visitor = Visitor(audio=leg.audio, keys=keys, caller=party, language=self._language)
            if not await (self._agrees(visitor, record) if invited else self._enters(visitor, record)):
                return
            record = desk.house.known(self._name)
        except NotFound:
            await self._say("room_closed")
            return
        await self._stay(record, party, keys, invited=invited)

    # At the door

    async def _enters(self, visitor: Visitor, record: Record) -> bool:
        house = self._desk.house
        pins = house.pins(record)
        brought = house.expects(record.name, self._call, visitor.caller)
        if brought or house.knows(self._call, visitor.caller, record):
            verdict = Verdict.MEMBER
        else:
            verdict = await self._desk.entrance.admit(visitor, record.name, pins)
        if verdict not in {Verdict.MEMBER, Verdict.LEADER}:
            return False
        self._leader = verdict is Verdict.LEADER or house.leads(visitor.caller, record)
        record = house.known(self._name)
        if await self._refused(invited=brought):
            return False
        if record.announce_join_leave and not record.quiet:
            self._spoken = await self._desk.entrance.name(visitor, after_pin=pins.asked)
        return True

    async def _agrees(self, visitor: Visitor, record: Record) -> bool:
        """Whether somebody who was called wants to come; a machine does not press the key."""
        self._leader = self._desk.house.leads(visitor.caller, record)
        name = Name(record.display_name, number=record.extension, room=record.name)
        for _ in range(_ASKED):
            key = await self._desk.entrance.ask(visitor, "room_invited", name)
            if (key or await visitor.keys.key(_ANSWER_SECONDS)) == "1":
                return True
        return False

    # In the room

    async def _stay(self, record: Record, party: Party, keys: Keypad, *, invited: bool) -> None:
        leg = self._leg
        await load(leg.audio.codec if leg is not None else None)
        if await self._refused(invited=invited) or leg is None:
            return
        room = self._desk.house.open(record)
        self._sender = KeySender(leg)
        one = self._one = Participant(
            leg.audio,
            party,
            on_out=self._sent_out,
            leader=self._leader,
            language=self._language,
            spoken=self._spoken,
            press=self._pass_on,
        )
        self._room, self._menu = room, Menu(leader=self._leader)
        room.join(one)
        self._call.on_change = self._changed
        self._changed()  # who was put on hold at the door is
        listening = spawn(self._listen(keys, room, one), name="keys of a room")
        try:
            parts = await self._out
        finally:
            listening.cancel()
            self._call.on_change = None
            self._sender.close()
            room.leave(one, "lost" if self.lost else "left")
        await self._say(*parts)

    async def _refused(self, *, invited: bool) -> bool:
        """Whether there is no place for them; if so, they are told."""
        room = self._desk.house.live(self._name)
        refusal = room.refusal(leader=self._leader, invited=invited) if room is not None else None
        if refusal is not None:
            await self._say(_REFUSED[refusal])
        return refusal is not None

    def _sent_out(self, _reason: str, parts: tuple[Part, ...]) -> None:
        if not self._out.done():
            self._out.set_result(parts)

    def _pass_on(self, key: str) -> None:
        if self._sender is not None:
            self._sender.press(key)

    def _changed(self) -> None:
        """They hold, or are back; or somebody else sits there now."""
        leg, room, one = self._call.origin, self._room, self._one
        if leg is None or room is None or one is None:
            return
        seat = next((seat for seat in self._call.seats if seat.leg is leg), None)
        if leg is not self._leg:
            self._leg = leg
            if self._sender is not None:
                self._sender.close()
            self._sender = KeySender(leg)
            leg.listen_for_keys()
            leg.show(room.record.display_name, room.record.extension)
            room.moved(one, leg.audio, seat.party if seat is not None else one.party)
        spawn(load(leg.audio.codec), name="load codecs")
        room.hold(one, held=seat is not None and seat.holding)

    def _party(self) -> Party:
        """Who has the leg: the caller, or somebody who was sent here by one."""
        origin = self._call.origin
        return next((seat.party for seat in self._call.seats if seat.leg is origin), self._call.caller)

    async def _say(self, *parts: Part) -> None:
        if parts and self._leg is not None:
            try:
                await self._desk.speech.say(self._leg.audio, *parts, language=self._language)
            except PbxError as error:
                _LOGGER.warning("A room could not say something: %s", error)

    # Keys

    async def _listen(self, keys: Keypad, room: Room, one: Participant) -> None:
        while True:
            key = await keys.key(PATIENCE if self._menu.waiting else _FOREVER)
            if room.record.dtmf_passthrough:
                if key:
                    room.key(one, key)
                continue
            if key:
                room.duck(one)
            action = self._menu.press(key) if key else self._menu.wait()
            if action is not None:
                self._act(action, room, one)

    def _act(self, action: Action, room: Room, one: Participant) -> None:
        try:
            _ACTIONS[action](self, room, one)
        except Conflict:
            room.tell(one, "refused")

    def _help(self, room: Room, one: Participant) -> None:
        keys = KEYS | LEADERS_KEYS if one.leader else KEYS
        parts: list[Part] = ["room_count", Number(len(room.participants))]
        for key, action in sorted(keys.items(), key=lambda each: list(_HELP).index(each[1])):
            parts += [_HELP[action], Digits(f"*{key}")]
        room.tell(one, *parts)

    def _leave(self, _room: Room, _one: Participant) -> None:
        self._sent_out("left", ())

    def _remove_last(self, room: Room, one: Participant) -> None:
        """Whoever came last and does not lead."""
        others = [each for each in room.participants if each is not one and not each.leader]
        if not others:
            raise Conflict("There is nobody to remove.")
        room.send_out(others[-1], "removed", "room_dropped")

    @staticmethod
    def _extend(room: Room, _one: Participant) -> None:
        if not room.extend():
            raise Conflict("This room has no limit.")


def _hear(factor: float) -> Callable[[Stay, Room, Participant], None]:
    return lambda _, room, one: room.set_loudness(one, one.loudness * factor)


def _speak(factor: float) -> Callable[[Stay, Room, Participant], None]:
    return lambda _, room, one: room.set_volume(one, min(LOUDEST, max(1 / LOUDEST, one.volume * factor)))


_ACTIONS: Mapping[Action, Callable[[Stay, Room, Participant], None]] = {
    Action.HELP: Stay._help,
    Action.MUTE: lambda _, room, one: room.mute(one, muted=not one.muted, by_others=False),
    Action.LEAVE: Stay._leave,
    Action.HEAR_LESS: _hear(1 / _STEP),
    Action.HEAR_MORE: _hear(_STEP),
    Action.SPEAK_LESS: _speak(1 / _STEP),
    Action.SPEAK_MORE: _speak(_STEP),
    Action.LOCK: lambda _, room, one: room.lock(locked=not room.locked),
    Action.REMOVE_LAST: Stay._remove_last,
    Action.MUTE_ALL: lambda _, room, one: room.mute_all(muted=not room.muted),
    Action.EXTEND: lambda stay, room, one: stay._extend(room, one),
    Action.RECORD: lambda _, room, one: room.take_down(on=not room.recording),
}
