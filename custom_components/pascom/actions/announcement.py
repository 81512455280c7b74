"""What phones are to say, as an address that the PBX can fetch."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ..const import DOMAIN
from ..local.from_entry import LOCALHOST

# What a phone's codecs carry, without another conversion on the way.
_SAMPLE_RATE = 16000


async def spoken(
    hass: HomeAssistant,
    message: str,
    *,
    engine: str | None,
    language: str | None,
    voice: str | None = None,
    converted: bool = True,
) -> str:
    """The media id of a text that Home Assistant speaks, `converted` to what phones play or as the engine gives it.

    Raises ServiceValidationError where it has no voice.
    """
    if "tts" not in hass.config.components:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_tts")
    from homeassistant.components import tts  # with its requirements only where somebody has set it up

    if (engine or tts.async_default_engine(hass)) is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_tts")
    options: dict[str, Any] = {}
    if converted:
        options = {
            tts.ATTR_PREFERRED_FORMAT: "wav",
            tts.ATTR_PREFERRED_SAMPLE_RATE: _SAMPLE_RATE,
            tts.ATTR_PREFERRED_SAMPLE_CHANNELS: 1,
            tts.ATTR_PREFERRED_SAMPLE_BYTES: 2,
        }
    if voice is not None:
        options[tts.ATTR_VOICE] = voice
    try:
        return tts.generate_media_source_id(hass, message, engine=engine, language=language, options=options)
    except HomeAssistantError as err:
        raise _unusable(err) from err


async def address_of(hass: HomeAssistant, media: str, *, pbx_is_here: bool) -> str:
    """Where the PBX fetches a media id or URL.  Raises ServiceValidationError for what cannot be played."""
    from homeassistant.components import media_source
    from homeassistant.components.media_player import async_process_play_media_url

    try:
        if media_source.is_media_source_id(media):
            media = (await media_source.async_resolve_media(hass, media, None)).url
        api: Any = hass.config.api
        if media.startswith("/") and pbx_is_here and api is not None and not api.use_ssl:
            # Home Assistant's own name for itself may not be known, or not reachable, on this machine.
            signed = async_process_play_media_url(hass, media, allow_relative_url=True)
            return f"http://{LOCALHOST}:{api.port}{signed}"
        return async_process_play_media_url(hass, media)
    except (HomeAssistantError, ValueError) as err:
        raise _unusable(err) from err


def _unusable(err: Exception) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key="media_unusable", translation_placeholders={"error": str(err)}
    )
