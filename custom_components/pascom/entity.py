"""What every entity of a door has in common: its device, and that it is there only while the PBX is."""

from collections.abc import Callable, Iterable

from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .client import CannotConnect, PascomError
from .const import DOMAIN, MANUFACTURER
from .coordinator import PascomConfigEntry, PascomCoordinator
from .models import Actor, Door

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CAMERA,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.LOCK,
]


class PascomDoorEntity(CoordinatorEntity[PascomCoordinator]):
    """An entity of one door."""

    _attr_has_entity_name = True

    def __init__(self, entry: PascomConfigEntry, door: Door, key: str) -> None:
        super().__init__(entry.runtime_data.coordinator)
        self._data = entry.runtime_data
        self._door_name = door.name
        identifier = self.coordinator.device_identifier(door.name)
        self._attr_unique_id = f"{identifier[1]}-{key}"
        self._attr_device_info = DeviceInfo(
            identifiers={identifier},
            name=door.display_name,
            manufacturer=MANUFACTURER,
            model=None if door.model == "generic" else door.model,
        )

    @property
    def available(self) -> bool:
        return super().available and self._door_name in self.coordinator.data.doors

    @property
    def door(self) -> Door:
        return self.coordinator.data.doors[self._door_name]

    async def _actor(self) -> Actor | None:
        """Who called the service that is running.

        Read it first in a service method: Home Assistant sets the context right before it calls one.
        """
        context = self._context
        try:
            return await self._data.people.actor_of(context)
        except PascomError as err:
            raise as_home_assistant_error(err) from err


@callback
def add_door_entities(
    entry: PascomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[Door], Iterable[Entity]],
) -> None:
    """Add the entities of each door, now and whenever a door appears, to the subentry that made it.

    `make` is asked again as the door changes: it may have more to show then.
    """
    coordinator = entry.runtime_data.coordinator
    added: dict[str, set[str]] = {}

    @callback
    def add_new() -> None:
        doors = coordinator.shown_doors
        for gone in set(added) - set(doors):
            del added[gone]
        for door in doors.values():
            known = added.setdefault(door.name, set())
            new = [entity for entity in make(door) if entity.unique_id not in known]
            if new:
                known.update(str(entity.unique_id) for entity in new)
                async_add_entities(new, config_subentry_id=coordinator.subentry_of(door.name))

    add_new()
    entry.async_on_unload(coordinator.async_add_listener(add_new))


def as_home_assistant_error(err: PascomError) -> HomeAssistantError:
    """The error to show for what the PBX refused; its own sentence says best what to do."""
    placeholders = {"error": err.message}
    if isinstance(err, CannotConnect):
        return HomeAssistantError(
            translation_domain=DOMAIN, translation_key="cannot_connect", translation_placeholders=placeholders
        )
    if err.code in {"forbidden", "not_found", "invalid", "conflict"}:
        return ServiceValidationError(
            translation_domain=DOMAIN, translation_key="refused", translation_placeholders=placeholders
        )
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key="failed", translation_placeholders=placeholders
    )
