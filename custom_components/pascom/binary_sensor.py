"""Whether stations, phones and lines are there, and whether somebody rings, is in a call or in a conference room."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PascomConfigEntry
from .entity import (
    PascomDoorEntity,
    PascomRoomEntity,
    PascomTrunkEntity,
    PascomUserEntity,
    add_door_entities,
    add_room_entities,
    add_trunk_entities,
    add_user_entities,
)
from .wire.models import Door, User
from .wire.phone_models import Trunk
from .wire.room_models import Room

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PascomBinarySensorDescription[T](BinarySensorEntityDescription):
    is_on: Callable[[T], bool]
    attributes: Callable[[T], Mapping[str, Any]] | None = None


DOORS: tuple[PascomBinarySensorDescription[Door], ...] = (
    PascomBinarySensorDescription(
        key="connected",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on=lambda door: door.connected,
    ),
    PascomBinarySensorDescription(
        key="ringing",
        translation_key="ringing",
        is_on=lambda door: door.state == "ringing",
    ),
)

USERS: tuple[PascomBinarySensorDescription[User], ...] = (
    PascomBinarySensorDescription(
        key="registered",
        translation_key="registered",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on=lambda user: user.registered,
        attributes=lambda user: {"devices": [device.name for device in user.devices if device.registered]},
    ),
    PascomBinarySensorDescription(
        key="in_call",
        translation_key="in_call",
        is_on=lambda user: user.in_call,
    ),
)

TRUNKS: tuple[PascomBinarySensorDescription[Trunk], ...] = (
    PascomBinarySensorDescription(
        key="registered",
        translation_key="trunk",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on=lambda trunk: trunk.usable,
        attributes=lambda trunk: {"state": trunk.state, "reason": trunk.reason},
    ),
)

ROOMS: tuple[PascomBinarySensorDescription[Room], ...] = (
    PascomBinarySensorDescription(
        key="active",
        translation_key="active",
        is_on=lambda room: room.active,
        attributes=lambda room: {"since": room.since.isoformat() if room.since else None},
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: PascomConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    add_door_entities(
        entry, async_add_entities, lambda door: [DoorBinarySensor(entry, door, description) for description in DOORS]
    )
    add_user_entities(
        entry, async_add_entities, lambda user: [UserBinarySensor(entry, user, description) for description in USERS]
    )
    add_trunk_entities(
        entry,
        async_add_entities,
        lambda trunk: [TrunkBinarySensor(entry, trunk, description) for description in TRUNKS],
    )
    add_room_entities(
        entry, async_add_entities, lambda room: [RoomBinarySensor(entry, room, description) for description in ROOMS]
    )


class DoorBinarySensor(PascomDoorEntity, BinarySensorEntity):
    entity_description: PascomBinarySensorDescription[Door]

    def __init__(self, entry: PascomConfigEntry, door: Door, description: PascomBinarySensorDescription[Door]) -> None:
        super().__init__(entry, door, description.key)
        self.entity_description = description

    @property
    def is_on(self) -> bool:
        return self.entity_description.is_on(self.door)


class UserBinarySensor(PascomUserEntity, BinarySensorEntity):
    entity_description: PascomBinarySensorDescription[User]

    def __init__(self, entry: PascomConfigEntry, user: User, description: PascomBinarySensorDescription[User]) -> None:
        super().__init__(entry, user, description.key)
        self.entity_description = description

    @property
    def is_on(self) -> bool:
        return self.entity_description.is_on(self.user)

    @property
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        attributes = self.entity_description.attributes
        return attributes(self.user) if attributes else None


class TrunkBinarySensor(PascomTrunkEntity, BinarySensorEntity):
    entity_description: PascomBinarySensorDescription[Trunk]

    def __init__(
        self, entry: PascomConfigEntry, trunk: Trunk, description: PascomBinarySensorDescription[Trunk]
    ) -> None:
        super().__init__(entry, trunk, description.key)
        self.entity_description = description

    @property
    def is_on(self) -> bool:
        return self.entity_description.is_on(self.trunk)

    @property
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        attributes = self.entity_description.attributes
        return attributes(self.trunk) if attributes else None


class RoomBinarySensor(PascomRoomEntity, BinarySensorEntity):
    entity_description: PascomBinarySensorDescription[Room]

    def __init__(self, entry: PascomConfigEntry, room: Room, description: PascomBinarySensorDescription[Room]) -> None:
        super().__init__(entry, room, description.key)
        self.entity_description = description

    @property
    def is_on(self) -> bool:
        return self.entity_description.is_on(self.room)

    @property
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        attributes = self.entity_description.attributes
        return attributes(self.room) if attributes else None
