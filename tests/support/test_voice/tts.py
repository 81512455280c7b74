"""Two seconds of 1000 Hz as a WAV file."""

import io
import math
import struct
import wave
from typing import Any

from homeassistant.components.tts import Provider, TtsAudioType
from homeassistant.core import HomeAssistant
from homeassistant.helpers.typing import ConfigType, DiscoveryInfoType

HERTZ = 1000
SECONDS = 2
RATE = 16000


async def async_get_engine(hass: HomeAssistant, config: ConfigType, discovery_info: DiscoveryInfoType | None) -> Voice:
    return Voice()


class Voice(Provider):
    name = "Test voice"

    @property
    def default_language(self) -> str:
        return "en"

    @property
    def supported_languages(self) -> list[str]:
        return ["en"]

    def get_tts_audio(self, message: str, language: str, options: dict[str, Any]) -> TtsAudioType:
        samples = [round(10000 * math.sin(2 * math.pi * HERTZ * n / RATE)) for n in range(RATE * SECONDS)]
        written = io.BytesIO()
        with wave.open(written, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
        return "wav", written.getvalue()
