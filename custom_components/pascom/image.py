"""The last visitor: the picture that the PBX took at the ring."""

from homeassistant.components.image import ImageEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PascomConfigEntry
from .entity import PascomDoorEntity, add_door_entities, as_home_assistant_error
from .wire.errors import PascomError
from .wire.models import Door

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant, entry: PascomConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    add_door_entities(entry, async_add_entities, lambda door: [PascomLastVisitor(hass, entry, door)])


class PascomLastVisitor(PascomDoorEntity, ImageEntity):
    _attr_translation_key = "last_visitor"
    _attr_content_type = "image/jpeg"

    def __init__(self, hass: HomeAssistant, entry: PascomConfigEntry, door: Door) -> None:
        PascomDoorEntity.__init__(self, entry, door, "last_visitor")
        ImageEntity.__init__(self, hass)
        self._picture: tuple[str, bytes] | None = None
        self._note_ring()

    async def async_image(self) -> bytes | None:
        ring = self.door.last_ring.id if self.door.last_ring else ""
        if self._picture is not None and self._picture[0] == ring:
            return self._picture[1]
        try:
            picture = await self._data.client.last_visitor(self._door_name)
        except PascomError as err:
            raise as_home_assistant_error(err) from err
        if picture is None:
            return None
        self._attr_content_type = picture.content_type
        if self.door.last_ring and self.door.last_ring.picture:
            self._picture = (ring, picture.data)
        return picture.data

    @callback
    def _handle_coordinator_update(self) -> None:
        if self._door_name in self.coordinator.data.doors:
            self._note_ring()
        super()._handle_coordinator_update()

    def _note_ring(self) -> None:
        """The state is the time of the newest picture; a ring without one leaves the picture before it."""
        if (last := self.door.last_ring) and last.picture:
            self._attr_image_last_updated = last.at
