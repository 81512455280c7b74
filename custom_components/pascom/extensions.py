"""Whose extensions and which lines are meant: by target (device, entity, area, label) or by number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from .const import DOMAIN
from .coordinator import PascomConfigEntry
from .devices import trunk_key, user_key
from .wire.models import User

# Stands where a trunk would: the target is the PBX itself.
EVERY_CALL = "*"


@dataclass(frozen=True, slots=True)
class Extension:
    """A user of one of the PBXs that are set up."""

    entry: PascomConfigEntry
    user: User


@callback
def loaded_entries(hass: HomeAssistant) -> list[PascomConfigEntry]:
    return hass.config_entries.async_loaded_entries(DOMAIN)


def chosen(target: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """A target without what is empty in it: a picker in which nothing is chosen means everything."""
    return {key: value for key, value in (target or {}).items() if value}


@callback
def _devices(hass: HomeAssistant, target: Mapping[str, Any]) -> set[str]:
    """The ids of all devices that a target means, by themselves or through an entity, area, floor or label."""
    selection = TargetSelection(dict(target))
    if not selection.has_any_target:
        return set()
    # An extension may be meant by a diagnostic entity too: "registered" is one.
    selected = async_extract_referenced_entity_ids(hass, selection, primary_entities_only=False)
    entities = er.async_get(hass)
    found = (entities.async_get(entity_id) for entity_id in selected.referenced | selected.indirectly_referenced)
    return selected.referenced_devices | {entity.device_id for entity in found if entity and entity.device_id}


@callback
def by_target(hass: HomeAssistant, target: Mapping[str, Any]) -> list[Extension]:
    """The extensions that a target means; what else it means is left out."""
    identifiers = targeted_identifiers(hass, target)
    return [
        Extension(entry, user)
        for entry in loaded_entries(hass)
        for user in entry.runtime_data.coordinator.shown_users.values()
        if entry.runtime_data.coordinator.devices.identifier(user_key(user.name)) in identifiers
    ]


@callback
def lines_by_target(hass: HomeAssistant, target: Mapping[str, Any]) -> list[tuple[PascomConfigEntry, str]]:
    """The lines to the outside that a target means, and `*` of each PBX that it means as a whole."""
    identifiers = targeted_identifiers(hass, target)
    meant = []
    for entry in loaded_entries(hass):
        coordinator = entry.runtime_data.coordinator
        if coordinator.devices.identifier() in identifiers:
            meant.append((entry, EVERY_CALL))
        trunks = coordinator.data.trunks
        meant += [(entry, trunk) for trunk in trunks if coordinator.devices.identifier(trunk_key(trunk)) in identifiers]
    return meant


@callback
def targeted_identifiers(hass: HomeAssistant, target: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The identifiers of all devices that a target means, by themselves or through an entity, area, floor or label."""
    registry = dr.async_get(hass)
    devices = [device for key in _devices(hass, target) if (device := registry.async_get(key))]
    return {identifier for device in devices for identifier in device.identifiers}


@callback
def by_number(hass: HomeAssistant, numbers: Iterable[str]) -> tuple[list[Extension], list[str]]:
    """The extensions with these numbers (or names), and the numbers that nobody has."""
    found, unknown = [], []
    for number in numbers:
        matches = [
            Extension(entry, user)
            for entry in loaded_entries(hass)
            for user in entry.runtime_data.coordinator.data.users.values()
            if number in {user.extension, user.name}
        ]
        found += matches[:1]
        if not matches:
            unknown.append(number)
    return found, unknown
