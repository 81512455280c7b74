"""The conditions: whether somebody is in a call or room, and whether phones, stations or lines are registered."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar, Unpack, override

import probatio as vol
from homeassistant.const import CONF_DEVICE_ID, CONF_OPTIONS, CONF_TARGET
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.condition import Condition, ConditionCheckParams, ConditionConfig
from homeassistant.helpers.typing import ConfigType

from .chosen_rooms import all_rooms, rooms_by_name, rooms_by_target
from .coordinator import PascomCoordinator
from .devices import trunk_key, user_key
from .extensions import (
    EVERY_CALL,
    Extension,
    by_number,
    by_target,
    chosen,
    lines_by_target,
    loaded_entries,
    targeted_identifiers,
)
from .wire.dialled import as_number
from .wire.phone_models import LineState, line_of

CONF_EXTENSION = "extension"
CONF_BEHAVIOR = "behavior"
ANY = "any"
ALL = "all"

_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_OPTIONS, default=dict): {
            vol.Optional(CONF_EXTENSION): vol.All(cv.ensure_list, [as_number]),
            vol.Optional(CONF_BEHAVIOR, default=ANY): vol.In((ANY, ALL)),
        },
        vol.Optional(CONF_TARGET): dict,
    }
)
_IN_CALL = {LineState.IN_CALL, LineState.ON_HOLD}


class _PascomCondition(Condition):
    """Whether any (or, if asked for, all) of those meant are so; while their PBX is away none of them is."""

    SCHEMA: ClassVar[vol.Schema] = _SCHEMA

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        checked: ConfigType = cls.SCHEMA(config)
        return checked

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        super().__init__(hass, config)
        options = config.options or {}
        self._numbers: list[str] = options.get(CONF_EXTENSION, [])
        self._all = options.get(CONF_BEHAVIOR, ANY) == ALL
        self._target = chosen(config.target)

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        results = list(self._results())
        return bool(results) and (all(results) if self._all else any(results))

    @abstractmethod
    def _results(self) -> Iterator[bool]:
        """One answer for each extension or line that is meant."""

    def _extensions(self) -> list[Extension]:
        """Those named; without any, everybody's."""
        if self._numbers or self._target:
            return [*by_number(self._hass, self._numbers)[0], *by_target(self._hass, self._target)]
        return [
            Extension(entry, user)
            for entry in loaded_entries(self._hass)
            for user in entry.runtime_data.coordinator.shown_users.values()
        ]


class InCall(_PascomCondition):
    """Somebody speaks, or is on hold; a phone that only rings does not count.

    A line is in a call when one goes over it, the PBX itself when there is any.
    """

    @override
    def _results(self) -> Iterator[bool]:
        for extension in self._extensions():
            coordinator = extension.entry.runtime_data.coordinator
            line = line_of(extension.user.name, coordinator.data.calls.values())
            yield coordinator.last_update_success and line.state in _IN_CALL
        for entry, trunk in lines_by_target(self._hass, self._target):
            coordinator = entry.runtime_data.coordinator
            trunks = {call.trunk for call in coordinator.data.calls.values() if call.state == "up"}
            yield coordinator.last_update_success and bool(trunks if trunk == EVERY_CALL else trunk in trunks)


class IsRegistered(_PascomCondition):
    """At least one phone of the extension is there; a door's station or a trunk may be meant too."""

    @override
    def _results(self) -> Iterator[bool]:
        named = by_number(self._hass, self._numbers)[0] if self._target else self._extensions()
        for extension in named:
            yield extension.entry.runtime_data.coordinator.last_update_success and extension.user.registered
        identifiers = targeted_identifiers(self._hass, self._target)
        for entry in loaded_entries(self._hass):
            coordinator = entry.runtime_data.coordinator
            for key, registered in _registrations(coordinator):
                if coordinator.devices.identifier(key) in identifiers:
                    yield coordinator.last_update_success and registered


def _registrations(coordinator: PascomCoordinator) -> Iterator[tuple[str, bool]]:
    """What can be registered, by what `Devices.identifier` takes."""
    data = coordinator.data
    yield from ((door.name, door.connected) for door in data.doors.values())
    yield from ((user_key(user.name), user.registered) for user in data.users.values())
    yield from ((trunk_key(trunk.name), trunk.usable) for trunk in data.trunks.values())


class RoomActive(_PascomCondition):
    """Somebody is in the room; without a choice any room counts."""

    SCHEMA = vol.Schema(
        {
            vol.Optional(CONF_OPTIONS, default=dict): {
                vol.Optional(CONF_DEVICE_ID): vol.All(cv.ensure_list, [cv.string]),
                vol.Optional(CONF_EXTENSION): vol.All(cv.ensure_list, [as_number]),
                vol.Optional(CONF_BEHAVIOR, default=ANY): vol.In((ANY, ALL)),
            }
        }
    )

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        super().__init__(hass, config)
        self._devices: list[str] = (config.options or {}).get(CONF_DEVICE_ID, [])

    @override
    def _results(self) -> Iterator[bool]:
        if self._numbers or self._devices:
            rooms = [
                *rooms_by_name(self._hass, self._numbers)[0],
                *rooms_by_target(self._hass, {CONF_DEVICE_ID: self._devices}),
            ]
        else:
            rooms = all_rooms(self._hass)
        for each in rooms:
            yield each.entry.runtime_data.coordinator.last_update_success and each.room.active


CONDITIONS: dict[str, type[Condition]] = {
    "in_call": InCall,
    "is_registered": IsRegistered,
    "room_active": RoomActive,
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    return CONDITIONS
