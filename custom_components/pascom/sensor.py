"""What a person's phones do and with whom, how busy a line is, new messages, and who is in a conference room."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PascomConfigEntry
from .entity import (
    PascomDoorEntity,
    PascomEntity,
    PascomRoomEntity,
    PascomTrunkEntity,
    PascomUserEntity,
    add_door_entities,
    add_room_entities,
    add_trunk_entities,
    add_user_entities,
)
from .wire.models import Door, User
from .wire.phone_models import Line, LineState, Trunk, line_of
from .wire.room_models import Participant, Room

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class TrunkSensorDescription(SensorEntityDescription):
    value: Callable[[Trunk], int]
    attributes: Callable[[Trunk], Mapping[str, Any]]


CALL = SensorEntityDescription(
    key="call",
    translation_key="call",
    device_class=SensorDeviceClass.ENUM,
    options=[LineState.IDLE, LineState.DIALLING, LineState.RINGING, LineState.IN_CALL, LineState.ON_HOLD],
)

CALLS = SensorEntityDescription(
    key="calls",
    translation_key="channels",
    state_class=SensorStateClass.MEASUREMENT,
)

TRUNKS = (
    TrunkSensorDescription(
        key="channels",
        translation_key="channels",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda trunk: trunk.in_use,
        attributes=lambda trunk: {"channels": trunk.channels},
    ),
)

VOICEMAIL = SensorEntityDescription(
    key="voicemail",
    translation_key="voicemail",
    state_class=SensorStateClass.MEASUREMENT,
)

DOOR_MESSAGES = SensorEntityDescription(
    key="messages",
    translation_key="messages",
    state_class=SensorStateClass.MEASUREMENT,
)

PARTICIPANTS = SensorEntityDescription(
    key="participants",
    translation_key="participants",
    state_class=SensorStateClass.MEASUREMENT,
)


async def async_setup_entry(
    hass: HomeAssistant, entry: PascomConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    if entry.runtime_data.coordinator.data.connects_people:
        async_add_entities([PascomCallsSensor(entry)])
    add_user_entities(entry, async_add_entities, lambda user: [PascomCallSensor(entry, user)])
    add_user_entities(
        entry,
        async_add_entities,
        lambda user: [] if user.voicemail_enabled is None else [PascomVoicemailSensor(entry, user)],
    )
    add_door_entities(
        entry,
        async_add_entities,
        # Doors may be allowed to take messages later.
        lambda door: [] if door.voicemail is None else [PascomDoorMessagesSensor(entry, door)],
    )
    add_room_entities(entry, async_add_entities, lambda room: [PascomParticipantsSensor(entry, room)])
    add_trunk_entities(
        entry,
        async_add_entities,
        lambda trunk: [PascomTrunkSensor(entry, trunk, description) for description in TRUNKS],
    )


class PascomCallsSensor(PascomEntity, SensorEntity):
    """How many calls there are, on the device of the PBX itself."""

    entity_description = CALLS

    def __init__(self, entry: PascomConfigEntry) -> None:
        super().__init__(entry, "", CALLS.key)

    @property
    def native_value(self) -> int:
        return len(self.coordinator.data.calls)


class PascomCallSensor(PascomUserEntity, SensorEntity):
    """Of several calls of a user it shows the one that concerns them most."""

    entity_description = CALL

    def __init__(self, entry: PascomConfigEntry, user: User) -> None:
        super().__init__(entry, user, CALL.key)

    @property
    def _line(self) -> Line:
        return line_of(self._user_name, self.coordinator.data.calls.values())

    @property
    def native_value(self) -> str:
        return self._line.state.value

    @property
    def extra_state_attributes(self) -> Mapping[str, Any]:
        line = self._line
        if line.call is None or line.peer is None:
            return {}
        since = line.call.answered or line.call.started
        return {
            "number": line.peer.number,
            "name": line.peer.name,
            "direction": "outgoing" if line.outgoing else "incoming",
            "trunk": line.call.trunk,
            "since": since.isoformat() if since else None,
            "call": line.call.id,
        }


class PascomTrunkSensor(PascomTrunkEntity, SensorEntity):
    entity_description: TrunkSensorDescription

    def __init__(self, entry: PascomConfigEntry, trunk: Trunk, description: TrunkSensorDescription) -> None:
        super().__init__(entry, trunk, description.key)
        self.entity_description = description

    @property
    def native_value(self) -> int:
        return self.entity_description.value(self.trunk)

    @property
    def extra_state_attributes(self) -> Mapping[str, Any]:
        return self.entity_description.attributes(self.trunk)


class PascomVoicemailSensor(PascomUserEntity, SensorEntity):
    """How many messages in the user's box are new."""

    entity_description = VOICEMAIL

    def __init__(self, entry: PascomConfigEntry, user: User) -> None:
        super().__init__(entry, user, VOICEMAIL.key)

    @property
    def native_value(self) -> int:
        return self.user.voicemail


class PascomDoorMessagesSensor(PascomDoorEntity, SensorEntity):
    """How many messages of visitors are new."""

    entity_description = DOOR_MESSAGES

    def __init__(self, entry: PascomConfigEntry, door: Door) -> None:
        super().__init__(entry, door, DOOR_MESSAGES.key)

    @property
    def available(self) -> bool:
        return super().available and self.door.voicemail is not None

    @property
    def native_value(self) -> int | None:
        return self.door.voicemail


class PascomParticipantsSensor(PascomRoomEntity, SensorEntity):
    """How many are in the room, and who."""

    entity_description = PARTICIPANTS
    _unrecorded_attributes = frozenset({"participants"})

    def __init__(self, entry: PascomConfigEntry, room: Room) -> None:
        super().__init__(entry, room, PARTICIPANTS.key)

    @property
    def native_value(self) -> int:
        return len(self.room.participants)

    @property
    def extra_state_attributes(self) -> Mapping[str, Any]:
        participants = self.room.participants
        return {
            "names": [participant.title for participant in participants],
            "participants": [_shown(participant) for participant in participants],
        }


def _shown(participant: Participant) -> dict[str, Any]:
    """Not whether they talk: that would write a state with every word; the event entity tells it."""
    return {
        "id": participant.id,
        "name": participant.name,
        "number": participant.number,
        "user": participant.user,
        "leader": participant.leader,
        "muted": participant.muted,
        "since": participant.since.isoformat() if participant.since else None,
    }
