"""A text becomes something that the PBX can fetch, with whatever voice Home Assistant has."""

import sys
from types import ModuleType
from typing import Any
from unittest.mock import Mock

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from custom_components.pascom.actions.announcement import spoken


@pytest.fixture
def tts(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Home Assistant's text-to-speech, with one engine."""
    module: Any = ModuleType("homeassistant.components.tts")
    for name in ("FORMAT", "SAMPLE_RATE", "SAMPLE_CHANNELS", "SAMPLE_BYTES"):
        setattr(module, f"ATTR_PREFERRED_{name}", f"preferred_{name.lower()}")
    module.async_default_engine = Mock(return_value="tts.home")
    module.generate_media_source_id = Mock(return_value="media-source://tts/tts.home?message=x")
    monkeypatch.setitem(sys.modules, "homeassistant.components.tts", module)
    monkeypatch.setattr("homeassistant.components.tts", module, raising=False)
    hass.config.components.add("tts")
    return module


async def test_a_voice_is_asked_for_what_phones_can_play(hass: HomeAssistant, tts: Any) -> None:
    assert await spoken(hass, "Dinner", engine=None, language="de") == "media-source://tts/tts.home?message=x"
    options = tts.generate_media_source_id.call_args.kwargs["options"]
    assert options == {
        "preferred_format": "wav",
        "preferred_sample_rate": 16000,
        "preferred_sample_channels": 1,
        "preferred_sample_bytes": 2,
    }


async def test_without_a_voice_it_says_so(hass: HomeAssistant, tts: Any) -> None:
    tts.async_default_engine.return_value = None
    with pytest.raises(ServiceValidationError) as error:
        await spoken(hass, "Dinner", engine=None, language=None)
    assert error.value.translation_key == "no_tts"
    tts.generate_media_source_id.side_effect = HomeAssistantError("Language xx is not supported")
    with pytest.raises(ServiceValidationError) as error:
        await spoken(hass, "Dinner", engine="tts.home", language="xx")
    assert error.value.translation_placeholders == {"error": "Language xx is not supported"}
