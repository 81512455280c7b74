"""Which people's extensions are meant: by target (device, entity, area, label) or by the number in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from .const import DOMAIN
from .coordinator import PascomConfigEntry, user_key
from .models import User


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
def targeted_devices(hass: HomeAssistant, target: Mapping[str, Any]) -> set[str]:
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
    registry = dr.async_get(hass)
    devices = [device for key in targeted_devices(hass, target) if (device := registry.async_get(key))]
    identifiers = {identifier for device in devices for identifier in device.identifiers}
    return [
        Extension(entry, user)
        for entry in loaded_entries(hass)
        for user in entry.runtime_data.coordinator.shown_users.values()
        if entry.runtime_data.coordinator.device_identifier(user_key(user.name)) in identifiers
    ]


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
