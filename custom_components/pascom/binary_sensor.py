"""Whether the station is reachable, and whether somebody stands before it."""

from collections.abc import Callable
from dataclasses import dataclass

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PascomConfigEntry
from .entity import PascomDoorEntity, add_door_entities
from .models import Door

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PascomBinarySensorDescription(BinarySensorEntityDescription):
    is_on: Callable[[Door], bool]


DESCRIPTIONS = (
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


async def async_setup_entry(
    hass: HomeAssistant, entry: PascomConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    add_door_entities(
        entry,
        async_add_entities,
        lambda door: [PascomBinarySensor(entry, door, description) for description in DESCRIPTIONS],
    )


class PascomBinarySensor(PascomDoorEntity, BinarySensorEntity):
    entity_description: PascomBinarySensorDescription

    def __init__(self, entry: PascomConfigEntry, door: Door, description: PascomBinarySensorDescription) -> None:
        super().__init__(entry, door, description.key)
        self.entity_description = description

    @property
    def is_on(self) -> bool:
        return self.entity_description.is_on(self.door)
