"""Which conference rooms are meant: by target (device, entity, area, label), by name or by number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.core import HomeAssistant, callback

from .coordinator import PascomConfigEntry
from .devices import room_key
from .extensions import loaded_entries, targeted_identifiers
from .wire.room_models import Participant, Room


@dataclass(frozen=True, slots=True)
class ChosenRoom:
    """A room of one of the PBXs that are set up."""

    entry: PascomConfigEntry
    room: Room


@callback
def all_rooms(hass: HomeAssistant) -> list[ChosenRoom]:
    return [
        ChosenRoom(entry, room)
        for entry in loaded_entries(hass)
        for room in entry.runtime_data.coordinator.data.rooms.values()
    ]


@callback
def rooms_by_target(hass: HomeAssistant, target: Mapping[str, Any]) -> list[ChosenRoom]:
    """The rooms that a target means; what else it means is left out."""
    identifiers = targeted_identifiers(hass, target)
    return [
        chosen
        for chosen in all_rooms(hass)
        if chosen.entry.runtime_data.coordinator.devices.identifier(room_key(chosen.room.name)) in identifiers
    ]


@callback
def rooms_by_name(hass: HomeAssistant, names: Iterable[str]) -> tuple[list[ChosenRoom], list[str]]:
    """The rooms with these names or extensions, and what is none."""
    found, unknown = [], []
    for name in names:
        matches = [chosen for chosen in all_rooms(hass) if is_called(chosen.room, name)]
        found += matches[:1]
        if not matches:
            unknown.append(name)
    return found, unknown


def is_called(room: Room, name: str) -> bool:
    return name in {room.name, room.extension} or name.casefold() == room.display_name.casefold()


def participants_called(room: Room, name: str) -> list[Participant]:
    """Those in the room with this id, number, user name or name."""
    return [
        each
        for each in room.participants
        if name in {each.id, each.number, each.user} or (each.name and name.casefold() == each.name.casefold())
    ]
