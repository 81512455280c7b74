"""The devices of a PBX: one for itself, and one for each door, person, line and room that it has."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import DOMAIN
from .wire.models import Snapshot, User


def user_key(user: str) -> str:
    """What stands for a user where a door stands by its name; no door's name has a colon."""
    return f"user:{user}"


def trunk_key(trunk: str) -> str:
    return f"trunk:{trunk}"


def room_key(room: str) -> str:
    return f"room:{room}"


def shown_users(snapshot: Snapshot) -> dict[str, User]:
    """The users that have a device: all, where the PBX tells of their phones."""
    return {name: user for name, user in snapshot.users.items() if user.phones}


class Devices:
    """Those of one config entry, in Home Assistant's registry."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._names: dict[str, str] = {}

    def identifier(self, key: str = "") -> tuple[str, str]:
        """Of the device of a door (by its name), of others (by their keys), or of the PBX itself."""
        root = self._entry.unique_id or self._entry.entry_id
        return (DOMAIN, f"{root}-{key}" if key else root)

    def identifiers(self, snapshot: Snapshot) -> set[tuple[str, str]]:
        """Of everything that has a device, and of the PBX itself."""
        return {
            self.identifier(),
            *(self.identifier(door) for door in snapshot.doors),
            *(self.identifier(user_key(user)) for user in shown_users(snapshot)),
            *(self.identifier(trunk_key(trunk)) for trunk in snapshot.trunks),
            *(self.identifier(room_key(room)) for room in snapshot.rooms),
        }

    def of(self, key: str) -> dr.DeviceEntry | None:
        registry = dr.async_get(self._hass)
        return registry.async_get_device_by_identifier(self.identifier(key), self._entry.entry_id)

    @callback
    def rename(self, snapshot: Snapshot) -> None:
        """Let devices be called as the PBX calls what they stand for; a name that the owner gave stays."""
        registry = dr.async_get(self._hass)
        names = {
            **{door.name: door.display_name for door in snapshot.doors.values()},
            **{user_key(user.name): user.display_name for user in snapshot.users.values()},
            **{trunk_key(trunk.name): trunk.display_name for trunk in snapshot.trunks.values()},
            **{room_key(room.name): room.display_name for room in snapshot.rooms.values()},
        }
        renamed, self._names = names.items() - self._names.items(), names
        for key, name in renamed:
            if (device := self.of(key)) is not None and device.name != name:
                registry.async_update_device(device.id, name=name)

    @callback
    def remove_stale(self, snapshot: Snapshot) -> None:
        """Forget the devices of doors, people, lines and rooms that the PBX no longer has."""
        registry = dr.async_get(self._hass)
        known = self.identifiers(snapshot)
        for device in dr.async_entries_for_config_entry(registry, self._entry.entry_id):
            if not device.identifiers & known:
                registry.async_remove_device(device.id)
