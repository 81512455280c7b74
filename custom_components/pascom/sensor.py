"""What a person's phones do and with whom, and how busy a line is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PascomConfigEntry
from .entity import PascomEntity, PascomTrunkEntity, PascomUserEntity, add_trunk_entities, add_user_entities
from .models import User
from .phone_models import Line, LineState, Trunk, line_of

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class TrunkSensorDescription(SensorEntityDescription):
    value: Callable[[Trunk], int]
    attributes: Callable[[Trunk], Mapping[str, Any]]


CALL = SensorEntityDescription(
    key="call",
    translation_key="call",
    device_class=SensorDeviceClass.ENUM,
    options=[LineState.IDLE, LineState.DIALLING, LineState.RINGING, LineState.IN_CALL, LineState.ON_HOLD],
)

CALLS = SensorEntityDescription(
    key="calls",
    translation_key="channels",
    state_class=SensorStateClass.MEASUREMENT,
)

TRUNKS = (
    TrunkSensorDescription(
        key="channels",
        translation_key="channels",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda trunk: trunk.in_use,
        attributes=lambda trunk: {"channels": trunk.channels},
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: PascomConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    if entry.runtime_data.coordinator.data.connects_people:
        async_add_entities([PascomCallsSensor(entry)])
    add_user_entities(entry, async_add_entities, lambda user: [PascomCallSensor(entry, user)])
    add_trunk_entities(
        entry,
        async_add_entities,
        lambda trunk: [PascomTrunkSensor(entry, trunk, description) for description in TRUNKS],
    )


class PascomCallsSensor(PascomEntity, SensorEntity):
    """How many calls there are, on the device of the PBX itself."""

    entity_description = CALLS

    def __init__(self, entry: PascomConfigEntry) -> None:
        super().__init__(entry, "", CALLS.key)

    @property
    def native_value(self) -> int:
        return len(self.coordinator.data.calls)


class PascomCallSensor(PascomUserEntity, SensorEntity):
    """Of several calls of a user it shows the one that concerns them most."""

    entity_description = CALL

    def __init__(self, entry: PascomConfigEntry, user: User) -> None:
        super().__init__(entry, user, CALL.key)

    @property
    def _line(self) -> Line:
        return line_of(self._user_name, self.coordinator.data.calls.values())

    @property
    def native_value(self) -> str:
        return self._line.state.value

    @property
    def extra_state_attributes(self) -> Mapping[str, Any]:
        line = self._line
        if line.call is None or line.peer is None:
            return {}
        since = line.call.answered or line.call.started
        return {
            "number": line.peer.number,
            "name": line.peer.name,
            "direction": "outgoing" if line.outgoing else "incoming",
            "trunk": line.call.trunk,
            "since": since.isoformat() if since else None,
            "call": line.call.id,
        }


class PascomTrunkSensor(PascomTrunkEntity, SensorEntity):
    entity_description: TrunkSensorDescription

    def __init__(self, entry: PascomConfigEntry, trunk: Trunk, description: TrunkSensorDescription) -> None:
        super().__init__(entry, trunk, description.key)
        self.entity_description = description

    @property
    def native_value(self) -> int:
        return self.entity_description.value(self.trunk)

    @property
    def extra_state_attributes(self) -> Mapping[str, Any]:
        return self.entity_description.attributes(self.trunk)
