"""What happens at the door, as a doorbell event."""

from typing import Any

from homeassistant.components.event import DoorbellEventType, EventDeviceClass, EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PascomConfigEntry
from .entity import PascomDoorEntity, add_door_entities
from .models import Door, Event

PARALLEL_UPDATES = 0

# The PBX's event, the entity's event type, and the fields that travel with it.
_TYPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "door_rang": (DoorbellEventType.RING, ("ring", "button")),
    "door_answered": ("answered", ("ring", "button", "device")),
    "door_missed": ("missed", ("ring", "button")),
    "door_opened": ("opened", ("ring", "how")),
    "door_ended": ("ended", ("ring", "button")),
}

DOORBELL = EventEntityDescription(
    key="doorbell",
    translation_key="doorbell",
    device_class=EventDeviceClass.DOORBELL,
    event_types=[name for name, _ in _TYPES.values()],
)


async def async_setup_entry(
    hass: HomeAssistant, entry: PascomConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    add_door_entities(entry, async_add_entities, lambda door: [PascomDoorbell(entry, door)])


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
