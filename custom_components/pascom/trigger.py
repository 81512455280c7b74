"""The triggers: what happens in calls, rooms and mailboxes, a call that may be routed, a door that is to be opened."""

from abc import abstractmethod
from collections import deque
from collections.abc import Mapping
from typing import Any, ClassVar, override

import probatio as vol
from homeassistant.const import CONF_DEVICE_ID, CONF_OPTIONS, CONF_TARGET
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.trigger import Trigger, TriggerActionRunner, TriggerConfig
from homeassistant.helpers.typing import ConfigType

from . import routing
from .const import EVENT_DOOR_OPEN_REQUESTED, SIGNAL_NEWS, SIGNAL_TOLD
from .devices import room_key, user_key
from .extensions import EVERY_CALL, by_target, chosen, lines_by_target, loaded_entries
from .wire.call_book import CALL_ANSWERED, CALL_ENDED, CALL_MISSED, CALL_STARTED, DTMF_RECEIVED, News
from .wire.dialled import as_number, matches
from .wire.models import Event as PbxEvent
from .wire.models import Snapshot

CONF_NUMBER = "number"
CONF_EXTENSION = "extension"
CONF_DIRECTION = "direction"
CONF_DIGIT = "digit"
CONF_CALLER = "caller"

DIRECTIONS = ("internal", "inbound", "outbound")

# Calls whose start was told already, of those that a trigger remembers: more than ever ring at once.
_REMEMBERED = 200

_NUMBERS = vol.All(cv.ensure_list, [as_number])
_CALL_OPTIONS: dict[str | vol.Marker, Any] = {
    vol.Optional(CONF_NUMBER): _NUMBERS,
    vol.Optional(CONF_EXTENSION): _NUMBERS,
    vol.Optional(CONF_DIRECTION): vol.All(cv.ensure_list, [vol.In(DIRECTIONS)]),
}


def _schema(options: Mapping[str | vol.Marker, Any], *, target: bool = False) -> vol.Schema:
    fields: dict[vol.Marker, Any] = {vol.Optional(CONF_OPTIONS, default=dict): dict(options)}
    if target:
        fields[vol.Optional(CONF_TARGET)] = dict
    return vol.Schema(fields)


class _PascomTrigger(Trigger):
    SCHEMA: ClassVar[vol.Schema]

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        checked: ConfigType = cls.SCHEMA(config)
        return checked

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        super().__init__(hass, config)
        self._options: Mapping[str, Any] = config.options or {}
        self._target = chosen(config.target)


class DoorOpenRequested(_PascomTrigger):
    """Fires for every door, or for those of the option `device_id`."""

    SCHEMA = _schema({vol.Optional(CONF_DEVICE_ID): vol.All(cv.ensure_list, [cv.string])})

    @override
    async def async_attach_runner(self, run_action: TriggerActionRunner, did_not_trigger: Any = None) -> CALLBACK_TYPE:
        devices: list[str] = self._options.get(CONF_DEVICE_ID, [])

        @callback
        def fired(event: Event) -> None:
            if not devices or event.data["device_id"] in devices:
                by = event.data["by"]
                run_action(dict(event.data), f"opening of {event.data['door']} asked by {by}", event.context)

        return self._hass.bus.async_listen(EVENT_DOOR_OPEN_REQUESTED, fired)


class CallTrigger(_PascomTrigger):
    """Fires for every call, or for those of these extensions and lines, of these numbers, in these directions."""

    SCHEMA = _schema(_CALL_OPTIONS, target=True)
    KIND: ClassVar[str]
    WORDS: ClassVar[str]

    @override
    async def async_attach_runner(self, run_action: TriggerActionRunner, did_not_trigger: Any = None) -> CALLBACK_TYPE:
        told: deque[str] = deque(maxlen=_REMEMBERED)

        @callback
        def heard(entry_id: str, news: News) -> None:
            call = news.data["call"]
            if news.kind != self.KIND or not self._concerns(entry_id, news) or not self._matches(news.data):
                return
            if news.kind == CALL_STARTED:
                # A start is told again for each user whose phone begins to ring.
                if call in told:
                    return
                told.append(call)
            data = news.data
            caller = data["caller_name"] or data["caller"]
            run_action(dict(data), f"{self.WORDS}: {caller} and {data['callee_name'] or data['number']}", None)

        return async_dispatcher_connect(self._hass, SIGNAL_NEWS, heard)

    def _concerns(self, entry_id: str, news: News) -> bool:
        """Whether it is about an extension, a line or a PBX that is waited for."""
        wanted: list[str] = self._options.get(CONF_EXTENSION, [])
        if not wanted and not self._target:
            return not news.joined
        data = next((entry.runtime_data for entry in loaded_entries(self._hass) if entry.entry_id == entry_id), None)
        users = data.coordinator.data.users if data else {}
        if any(user.name in news.users for user in users.values() if {user.extension, user.name} & set(wanted)):
            return True
        # A team or a room has an extension too, and no user.
        if not news.joined and any(
            news.data[key] in wanted for key in ("number", "caller", "extension") if key in news.data
        ):
            return True
        if any(
            meant.entry.entry_id == entry_id and meant.user.name in news.users
            for meant in by_target(self._hass, self._target)
        ):
            return True
        return not news.joined and any(
            entry.entry_id == entry_id and trunk in {EVERY_CALL, news.data["trunk"]}
            for entry, trunk in lines_by_target(self._hass, self._target)
        )

    def _matches(self, data: Mapping[str, Any]) -> bool:
        directions: list[str] = self._options.get(CONF_DIRECTION, [])
        if directions and data["direction"] not in directions:
            return False
        return matches(self._options.get(CONF_NUMBER, []), (data["caller"], data["number"]))


class CallStarted(CallTrigger):
    KIND = CALL_STARTED
    WORDS = "call started"


class CallAnswered(CallTrigger):
    KIND = CALL_ANSWERED
    WORDS = "call answered"


class CallEnded(CallTrigger):
    KIND = CALL_ENDED
    WORDS = "call ended"


class CallMissed(CallTrigger):
    KIND = CALL_MISSED
    WORDS = "call missed"


class DtmfReceived(CallTrigger):
    """Fires for every key, or for those of the option `digit`."""

    SCHEMA = _schema({**_CALL_OPTIONS, vol.Optional(CONF_DIGIT): _NUMBERS}, target=True)
    KIND = DTMF_RECEIVED
    WORDS = "key pressed"

    @override
    def _matches(self, data: Mapping[str, Any]) -> bool:
        digits: list[str] = self._options.get(CONF_DIGIT, [])
        return (not digits or data["digit"] in digits) and super()._matches(data)


class RouteRequested(_PascomTrigger):
    """Fires for every call from outside that may be routed, or for those to or from these numbers."""

    SCHEMA = _schema({vol.Optional(CONF_NUMBER): _NUMBERS, vol.Optional(CONF_CALLER): _NUMBERS})

    @override
    async def async_attach_runner(self, run_action: TriggerActionRunner, did_not_trigger: Any = None) -> CALLBACK_TYPE:
        @callback
        def asked(entry_id: str, request: PbxEvent) -> bool:
            data = {key: value for key, value in request.data.items() if key not in {"kind", "at"}}
            number, caller = str(data["number"]), str(data["caller"])
            wanted = matches(self._options.get(CONF_NUMBER, []), (number,))
            if wanted := wanted and matches(self._options.get(CONF_CALLER, []), (caller,)):
                run_action({**data, "config_entry_id": entry_id}, f"call of {caller} to {number}", None)
            return wanted

        return routing.listen(self._hass, asked)


class _HeardTrigger(_PascomTrigger):
    """Fires for an event of one kind, for all or for those of the chosen devices and numbers."""

    SCHEMA = _schema(
        {vol.Optional(CONF_DEVICE_ID): vol.All(cv.ensure_list, [cv.string]), vol.Optional(CONF_EXTENSION): _NUMBERS}
    )
    KIND: ClassVar[str]

    @override
    async def async_attach_runner(self, run_action: TriggerActionRunner, did_not_trigger: Any = None) -> CALLBACK_TYPE:
        @callback
        def heard(entry_id: str, event: PbxEvent) -> None:
            entries = loaded_entries(self._hass)
            entry = next((each for each in entries if each.entry_id == entry_id), None)
            if event.kind != self.KIND or entry is None:
                return
            coordinator = entry.runtime_data.coordinator
            key, names = self._about(coordinator.data, event)
            device = coordinator.devices.of(key)
            devices: list[str] = self._options.get(CONF_DEVICE_ID, [])
            extensions: list[str] = self._options.get(CONF_EXTENSION, [])
            chosen = (device is not None and device.id in devices) or not names.isdisjoint(extensions)
            if chosen or not (devices or extensions):
                told = {key: value for key, value in event.data.items() if key not in {"kind", "at"}}
                where = {"config_entry_id": entry_id, "device_id": device.id if device else None}
                data = {**told, **self._facts(coordinator.data, event), **where}
                run_action(data, self._words(data), None)

        return async_dispatcher_connect(self._hass, SIGNAL_TOLD, heard)

    @abstractmethod
    def _about(self, snapshot: Snapshot, event: PbxEvent) -> tuple[str, set[str]]:
        """The key of the device that it is about, and what may stand in the option `extension` for it."""

    @abstractmethod
    def _facts(self, snapshot: Snapshot, event: PbxEvent) -> dict[str, Any]:
        """What the event does not say by itself."""

    @abstractmethod
    def _words(self, data: Mapping[str, Any]) -> str:
        """What the automation's trace says."""


class RoomJoined(_HeardTrigger):
    KIND = "room_joined"
    WORDS: ClassVar[str] = "joined"

    @override
    def _about(self, snapshot: Snapshot, event: PbxEvent) -> tuple[str, set[str]]:
        room = snapshot.rooms.get(event.room)
        return room_key(event.room), {room.name, room.extension, room.display_name} if room else {event.room}

    @override
    def _facts(self, snapshot: Snapshot, event: PbxEvent) -> dict[str, Any]:
        """The room's new state comes in a moment; until then its participants are counted with this one."""
        room = snapshot.rooms.get(event.room)
        user = snapshot.users.get(str(event.data.get("user", "")))
        others = {each.id for each in room.participants} - {event.data.get("participant")} if room else set()
        return {
            "room_name": room.display_name if room else event.room,
            "room_extension": room.extension if room else "",
            "extension": user.extension if user else "",
            "participants": len(others) + (self.KIND == RoomJoined.KIND),
        }

    @override
    def _words(self, data: Mapping[str, Any]) -> str:
        return f"{data.get('name') or data.get('number') or '?'} {self.WORDS} {data['room_name']}"


class RoomLeft(RoomJoined):
    KIND = "room_left"
    WORDS = "left"


class VoicemailReceived(_HeardTrigger):
    KIND = "voicemail_received"

    @override
    def _about(self, snapshot: Snapshot, event: PbxEvent) -> tuple[str, set[str]]:
        if user := str(event.data.get("user", "")):
            known = snapshot.users.get(user)
            return user_key(user), {user, known.extension} if known else {user}
        known_door = snapshot.doors.get(event.door)
        return event.door, {event.door, known_door.extension} if known_door else {event.door}

    @override
    def _facts(self, snapshot: Snapshot, event: PbxEvent) -> dict[str, Any]:
        user = snapshot.users.get(str(event.data.get("user", "")))
        door = snapshot.doors.get(event.door)
        return {
            "name": user.display_name if user else door.display_name if door else "",
            "extension": user.extension if user else door.extension if door else "",
        }

    @override
    def _words(self, data: Mapping[str, Any]) -> str:
        return f"message of {data.get('caller_name') or data.get('caller') or '?'} for {data['name']}"


class _ToldTrigger(_PascomTrigger):
    """Fires for one kind of the PBX's events that are no part of a call."""

    KIND: ClassVar[str]
    # The field that names the user it is about.
    USER: ClassVar[str]

    @override
    async def async_attach_runner(self, run_action: TriggerActionRunner, did_not_trigger: Any = None) -> CALLBACK_TYPE:
        @callback
        def heard(entry_id: str, event: PbxEvent) -> None:
            if event.kind == self.KIND:
                users = next(
                    (
                        entry.runtime_data.coordinator.data.users
                        for entry in loaded_entries(self._hass)
                        if entry.entry_id == entry_id
                    ),
                    {},
                )
                user = users.get(str(event.data.get(self.USER, "")))
                about = {"name": user.display_name if user else "", "extension": user.extension if user else ""}
                data = {key: value for key, value in event.data.items() if key not in {"kind", "at"}} | about
                if self._matches(data):
                    run_action(data, self._words(data), None)

        return async_dispatcher_connect(self._hass, SIGNAL_TOLD, heard)

    def _matches(self, data: Mapping[str, Any]) -> bool:
        wanted: list[str] = self._options.get(CONF_EXTENSION, [])
        return not wanted or data["extension"] in wanted or data.get(self.USER) in wanted

    @abstractmethod
    def _words(self, data: Mapping[str, Any]) -> str:
        """What the automation's trace says."""


class MessageReceived(_ToldTrigger):
    """A text that a phone sent to Home Assistant; what people write to each other is theirs."""

    SCHEMA = _schema({vol.Optional(CONF_EXTENSION): _NUMBERS})
    KIND = "message_received"
    USER = "sender_user"

    @override
    def _matches(self, data: Mapping[str, Any]) -> bool:
        return data.get("to") == "home" and super()._matches(data)

    @override
    def _words(self, data: Mapping[str, Any]) -> str:
        return f"message of {data['name'] or data['sender']}"


class TollRefused(_ToldTrigger):
    """A call to the outside that was refused: no right, too many of them, or too expensive."""

    SCHEMA = _schema({vol.Optional(CONF_EXTENSION): _NUMBERS})
    KIND = "toll_refused"
    USER = "user"

    @override
    def _words(self, data: Mapping[str, Any]) -> str:
        return f"call of {data['name'] or data['user']} to {data['number']} refused"


TRIGGERS: dict[str, type[Trigger]] = {
    "door_open_requested": DoorOpenRequested,
    CALL_STARTED: CallStarted,
    CALL_ANSWERED: CallAnswered,
    CALL_ENDED: CallEnded,
    CALL_MISSED: CallMissed,
    DTMF_RECEIVED: DtmfReceived,
    "route_requested": RouteRequested,
    "message_received": MessageReceived,
    "toll_refused": TollRefused,
    RoomJoined.KIND: RoomJoined,
    RoomLeft.KIND: RoomLeft,
    VoicemailReceived.KIND: VoicemailReceived,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    return TRIGGERS
