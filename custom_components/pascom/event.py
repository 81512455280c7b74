"""What happens at the door, as a doorbell event, in a person's calls, and in a conference room."""

from typing import Any

from homeassistant.components.event import DoorbellEventType, EventDeviceClass, EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PascomConfigEntry
from .entity import (
    PascomDoorEntity,
    PascomRoomEntity,
    PascomUserEntity,
    add_door_entities,
    add_room_entities,
    add_user_entities,
)
from .wire.call_book import ANSWERED, DTMF, ENDED, INCOMING, MISSED, VOICEMAIL, Happening
from .wire.models import Door, Event, User
from .wire.room_models import Room

PARALLEL_UPDATES = 0

# The PBX's event, the entity's event type, and the fields that travel with it.
_TYPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "door_rang": (DoorbellEventType.RING, ("ring", "button")),
    "door_answered": ("answered", ("ring", "button", "device")),
    "door_missed": ("missed", ("ring", "button")),
    "door_opened": ("opened", ("ring", "how")),
    "door_ended": ("ended", ("ring", "button")),
    "voicemail_received": ("message", ("message", "seconds")),
}
_OF_PARTICIPANTS = ("name", "number", "user")
_ROOM_TYPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "room_joined": ("joined", (*_OF_PARTICIPANTS, "leader")),
    "room_left": ("left", (*_OF_PARTICIPANTS, "reason", "seconds")),
    "room_talking": ("talking", _OF_PARTICIPANTS),
    "room_recorded": ("recorded", ("recording", "seconds")),
}

DOORBELL = EventEntityDescription(
    key="doorbell",
    translation_key="doorbell",
    device_class=EventDeviceClass.DOORBELL,
    event_types=[name for name, _ in _TYPES.values()],
)

CALLS = EventEntityDescription(
    key="calls",
    translation_key="calls",
    event_types=[INCOMING, ANSWERED, ENDED, MISSED, DTMF, VOICEMAIL],
)

CONFERENCE = EventEntityDescription(
    key="conference",
    translation_key="conference",
    event_types=[name for name, _ in _ROOM_TYPES.values()],
)


async def async_setup_entry(
    hass: HomeAssistant, entry: PascomConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    add_door_entities(entry, async_add_entities, lambda door: [PascomDoorbell(entry, door)])
    add_user_entities(entry, async_add_entities, lambda user: [PascomCalls(entry, user)])
    add_room_entities(entry, async_add_entities, lambda room: [PascomConference(entry, room)])


class PascomDoorbell(PascomDoorEntity, EventEntity):
    entity_description = DOORBELL

    def __init__(self, entry: PascomConfigEntry, door: Door) -> None:
        super().__init__(entry, door, DOORBELL.key)

    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.listen_to_door(self._door_name, self._hear))

    @callback
    def _hear(self, event: Event) -> None:
        if (known := _TYPES.get(event.kind)) is None:
            return
        event_type, fields = known
        attributes: dict[str, Any] = {name: event.data[name] for name in fields if event.data.get(name)}
        if by := event.data.get("by"):
            attributes["by"] = self.coordinator.display_name_of(by)
        if rings := event.data.get("rings"):
            attributes["rings"] = [self.coordinator.display_name_of(user) for user in rings]
        self._trigger_event(event_type, attributes)
        self.async_write_ha_state()


class PascomCalls(PascomUserEntity, EventEntity):
    entity_description = CALLS

    def __init__(self, entry: PascomConfigEntry, user: User) -> None:
        super().__init__(entry, user, CALLS.key)

    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.listen_to_user(self._user_name, self._hear))

    @callback
    def _hear(self, happening: Happening) -> None:
        self._trigger_event(happening.kind, dict(happening.data))
        self.async_write_ha_state()


class PascomConference(PascomRoomEntity, EventEntity):
    """Who comes, goes and speaks."""

    entity_description = CONFERENCE

    def __init__(self, entry: PascomConfigEntry, room: Room) -> None:
        super().__init__(entry, room, CONFERENCE.key)

    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.listen_to_room(self._room_name, self._hear))

    @callback
    def _hear(self, event: Event) -> None:
        if event.kind not in _ROOM_TYPES or event.data.get("talking") is False:
            return
        event_type, fields = _ROOM_TYPES[event.kind]
        self._trigger_event(event_type, {name: event.data[name] for name in fields if event.data.get(name)})
        self.async_write_ha_state()
