"""A text-to-speech engine for the tests, in Home Assistant's own process: whatever it is to say, it hums.

And a speech-to-text engine, which knows how long somebody spoke.
"""

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import discovery
from homeassistant.helpers.typing import ConfigType

DOMAIN = "test_voice"
CONFIG_SCHEMA = cv.empty_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Let speech-to-text find its engine, which takes none from YAML any more."""
    hass.async_create_task(discovery.async_load_platform(hass, Platform.STT, DOMAIN, {}, config), "test ear")
    return True
