"""What entities have in common: the device they belong to, and that they are there only while the PBX is."""

from collections.abc import Callable, Iterable, Mapping

from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN, MANUFACTURER, SUBENTRY_LINE
from .coordinator import PascomConfigEntry, PascomCoordinator
from .devices import room_key, trunk_key, user_key
from .wire.errors import CannotConnect, CommandFailed, PascomError
from .wire.models import Actor, Door, User
from .wire.phone_models import Trunk
from .wire.room_models import Room

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CAMERA,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.LOCK,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
]

# Models of devices: what pickers of devices filter by.
EXTENSION = "Extension"
TRUNK = "Trunk"
ROOM = "Conference room"


class PascomEntity(CoordinatorEntity[PascomCoordinator]):
    """An entity of something that the PBX has: a door, a user, a trunk, a room."""

    _attr_has_entity_name = True

    def __init__(
        self, entry: PascomConfigEntry, device: str, key: str, *, name: str = "", model: str | None = None
    ) -> None:
        """`device` is what `Devices.identifier` takes; empty is the PBX itself, which has its device already."""
        super().__init__(entry.runtime_data.coordinator)
        self._data = entry.runtime_data
        identifier = self.coordinator.devices.identifier(device)
        self._attr_unique_id = f"{identifier[1]}-{key}"
        pbx = self.coordinator.devices.of("")
        assert pbx is not None  # it is registered before the platforms are set up
        self._attr_device_info = (
            DeviceInfo(
                identifiers={identifier}, name=name, manufacturer=MANUFACTURER, model=model, via_device_id=pbx.id
            )
            if device
            else DeviceInfo(identifiers={identifier})
        )

    async def _actor(self) -> Actor | None:
        """Who called the service that is running.

        Read it first in a service method: Home Assistant sets the context right before it calls one.
        """
        context = self._context
        try:
            return await self._data.people.actor_of(context)
        except PascomError as err:
            raise as_home_assistant_error(err) from err


class PascomDoorEntity(PascomEntity):
    """An entity of one door."""

    def __init__(self, entry: PascomConfigEntry, door: Door, key: str) -> None:
        model = None if door.model == "generic" else door.model
        super().__init__(entry, door.name, key, name=door.display_name, model=model)
        self._door_name = door.name

    @property
    def available(self) -> bool:
        return super().available and self._door_name in self.coordinator.data.doors

    @property
    def door(self) -> Door:
        return self.coordinator.data.doors[self._door_name]


class PascomUserEntity(PascomEntity):
    """An entity of one user: of their extension, whatever phones they have."""

    def __init__(self, entry: PascomConfigEntry, user: User, key: str) -> None:
        super().__init__(entry, user_key(user.name), key, name=user.display_name, model=EXTENSION)
        self._user_name = user.name

    @property
    def available(self) -> bool:
        return super().available and self._user_name in self.coordinator.shown_users

    @property
    def user(self) -> User:
        return self.coordinator.data.users[self._user_name]


class PascomTrunkEntity(PascomEntity):
    """An entity of one line to the outside."""

    def __init__(self, entry: PascomConfigEntry, trunk: Trunk, key: str) -> None:
        super().__init__(entry, trunk_key(trunk.name), key, name=trunk.display_name, model=TRUNK)
        self._trunk_name = trunk.name

    @property
    def available(self) -> bool:
        return super().available and self._trunk_name in self.coordinator.data.trunks

    @property
    def trunk(self) -> Trunk:
        return self.coordinator.data.trunks[self._trunk_name]


class PascomRoomEntity(PascomEntity):
    """An entity of one conference room."""

    def __init__(self, entry: PascomConfigEntry, room: Room, key: str) -> None:
        super().__init__(entry, room_key(room.name), key, name=room.display_name, model=ROOM)
        self._room_name = room.name

    @property
    def available(self) -> bool:
        return super().available and self._room_name in self.coordinator.data.rooms

    @property
    def room(self) -> Room:
        return self.coordinator.data.rooms[self._room_name]


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
    _add_as_they_come(
        entry,
        lambda: coordinator.shown_doors,
        make,
        lambda door, new: async_add_entities(new, config_subentry_id=coordinator.subentry_of(door)),
    )


@callback
def add_user_entities(
    entry: PascomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[User], Iterable[Entity]],
) -> None:
    """Add the entities of each user's extension, now and whenever a user appears."""
    coordinator = entry.runtime_data.coordinator
    _add_as_they_come(entry, lambda: coordinator.shown_users, make, lambda _, new: async_add_entities(new))


@callback
def add_trunk_entities(
    entry: PascomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[Trunk], Iterable[Entity]],
) -> None:
    """Add the entities of each trunk, now and whenever a trunk appears, to the subentry that made it."""
    coordinator = entry.runtime_data.coordinator
    _add_as_they_come(
        entry,
        lambda: coordinator.data.trunks,
        make,
        lambda trunk, new: async_add_entities(new, config_subentry_id=coordinator.subentry_of(trunk, SUBENTRY_LINE)),
    )


@callback
def add_room_entities(
    entry: PascomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[Room], Iterable[Entity]],
) -> None:
    """Add the entities of each conference room, now and whenever one is made."""
    coordinator = entry.runtime_data.coordinator
    _add_as_they_come(entry, lambda: coordinator.data.rooms, make, lambda _, new: async_add_entities(new))


def _add_as_they_come[T](
    entry: PascomConfigEntry,
    shown: Callable[[], Mapping[str, T]],
    make: Callable[[T], Iterable[Entity]],
    add: Callable[[str, list[Entity]], None],
) -> None:
    added: dict[str, set[str]] = {}

    @callback
    def add_new() -> None:
        records = shown()
        for gone in set(added) - set(records):
            del added[gone]
        for name, record in records.items():
            known = added.setdefault(name, set())
            new = [entity for entity in make(record) if entity.unique_id not in known]
            if new:
                known.update(str(entity.unique_id) for entity in new)
                add(name, new)

    add_new()
    entry.async_on_unload(entry.runtime_data.coordinator.async_add_listener(add_new))


def as_home_assistant_error(err: PascomError) -> HomeAssistantError:
    """The error to show for what the PBX refused; its own sentence says best what to do."""
    placeholders = {"error": err.message}
    if isinstance(err, CannotConnect):
        return HomeAssistantError(
            translation_domain=DOMAIN, translation_key="cannot_connect", translation_placeholders=placeholders
        )
    theirs = err.code in {"forbidden", "not_found", "invalid", "conflict"}
    key = "refused" if theirs else "failed"
    if isinstance(err, CommandFailed) and err.reason:
        key, placeholders = f"pbx_{err.reason}", err.values
    kind = ServiceValidationError if theirs else HomeAssistantError
    return kind(translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders)
