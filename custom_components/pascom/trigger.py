"""The trigger `pascom.door_open_requested`: a door whose opening is an event is to be opened."""

from typing import Any, override

import probatio as vol
from homeassistant.const import CONF_DEVICE_ID, CONF_OPTIONS
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.trigger import Trigger, TriggerActionRunner, TriggerConfig
from homeassistant.helpers.typing import ConfigType

from .const import EVENT_DOOR_OPEN_REQUESTED

_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_OPTIONS, default=dict): {
            vol.Optional(CONF_DEVICE_ID): vol.All(cv.ensure_list, [cv.string]),
        }
    }
)


class DoorOpenRequested(Trigger):
    """Fires for every door, or for those of the option `device_id`."""

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        checked: ConfigType = _SCHEMA(config)
        return checked

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        super().__init__(hass, config)
        self._devices: list[str] = (config.options or {}).get(CONF_DEVICE_ID, [])

    @override
    async def async_attach_runner(self, run_action: TriggerActionRunner, did_not_trigger: Any = None) -> CALLBACK_TYPE:
        @callback
        def fired(event: Event) -> None:
            if not self._devices or event.data["device_id"] in self._devices:
                by = event.data["by"]
                run_action(dict(event.data), f"opening of {event.data['door']} asked by {by}", event.context)

        return self._hass.bus.async_listen(EVENT_DOOR_OPEN_REQUESTED, fired)


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    return {"door_open_requested": DoorOpenRequested}
