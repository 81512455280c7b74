"""The door's picture and voice, and what is heard in a conference room."""

from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import LOGGER
from .coordinator import PascomConfigEntry
from .entity import PascomDoorEntity, PascomRoomEntity, add_door_entities, add_room_entities
from .webrtc_camera import WebRtcCamera
from .wire.errors import PascomError
from .wire.models import Actor, Door
from .wire.room_models import Room

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant, entry: PascomConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    add_door_entities(entry, async_add_entities, lambda door: [PascomCamera(entry, door)])
    add_room_entities(entry, async_add_entities, lambda room: [PascomRoomCamera(entry, room)])


class PascomCamera(PascomDoorEntity, WebRtcCamera):
    def __init__(self, entry: PascomConfigEntry, door: Door) -> None:
        super().__init__(entry, door, "camera")
        self._begin()
        self._note_door()

    @callback
    def _handle_coordinator_update(self) -> None:
        if self._door_name in self.coordinator.data.doors:
            self._note_door()
        super()._handle_coordinator_update()

    def _note_door(self) -> None:
        self._attr_is_streaming = self.door.viewers > 0
        self._note_two_way(two_way=self.door.two_way)

    async def async_camera_image(self, width: int | None = None, height: int | None = None) -> bytes | None:
        """A fresh still.  Whoever holds the camera's token may have it: Home Assistant does not say who asks."""
        if not self.door.picture:
            return None
        try:
            return (await self._data.client.image(self._door_name)).data
        except PascomError as err:
            LOGGER.debug("No still image of %s: %s", self.entity_id, err.message)
            return None

    async def _watch(self, session: str, offer: str, ice_servers: list[dict[str, Any]], actor: Actor | None) -> str:
        return await self._data.client.watch(self._door_name, session, offer, ice_servers, actor)


class PascomRoomCamera(PascomRoomEntity, WebRtcCamera):
    """Shows who is in the room and lets hear them; who speaks through it takes part."""

    def __init__(self, entry: PascomConfigEntry, room: Room) -> None:
        super().__init__(entry, room, "camera")
        self._begin()
        self._note_two_way(two_way=True)
        self._note_room()

    @callback
    def _handle_coordinator_update(self) -> None:
        if self._room_name in self.coordinator.data.rooms:
            self._note_room()
        super()._handle_coordinator_update()

    def _note_room(self) -> None:
        self._attr_is_streaming = self.room.active
        self._attr_is_recording = self.room.recording

    async def async_camera_image(self, width: int | None = None, height: int | None = None) -> bytes | None:
        """Who is in the room, drawn.  As with a door, whoever holds the camera's token may have it."""
        try:
            return (await self._data.rooms.image(self._room_name)).data
        except PascomError as err:
            LOGGER.debug("No picture of %s: %s", self.entity_id, err.message)
            return None

    async def _watch(self, session: str, offer: str, ice_servers: list[dict[str, Any]], actor: Actor | None) -> str:
        return await self._data.rooms.watch(self._room_name, session, offer, ice_servers, actor)
