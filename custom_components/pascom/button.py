"""Call the door without a ring, and end its call."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PascomConfigEntry
from .entity import PascomDoorEntity, add_door_entities, as_home_assistant_error
from .wire.client import PascomClient
from .wire.errors import PascomError
from .wire.models import Actor, Door

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PascomButtonDescription(ButtonEntityDescription):
    press: Callable[[PascomClient, str, Actor | None], Awaitable[None]]


DESCRIPTIONS = (
    PascomButtonDescription(
        key="call",
        translation_key="call",
        press=lambda client, door, actor: client.call_door(door, actor),
    ),
    PascomButtonDescription(
        key="end",
        translation_key="end",
        press=lambda client, door, actor: client.end_call(door, actor),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: PascomConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    add_door_entities(
        entry,
        async_add_entities,
        lambda door: [PascomButton(entry, door, description) for description in DESCRIPTIONS],
    )


class PascomButton(PascomDoorEntity, ButtonEntity):
    entity_description: PascomButtonDescription

    def __init__(self, entry: PascomConfigEntry, door: Door, description: PascomButtonDescription) -> None:
        super().__init__(entry, door, description.key)
        self.entity_description = description

    async def async_press(self) -> None:
        actor = await self._actor()
        try:
            await self.entity_description.press(self._data.client, self._door_name, actor)
        except PascomError as err:
            raise as_home_assistant_error(err) from err
