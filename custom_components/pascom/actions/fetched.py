"""A sound as bytes, wherever it comes from: spoken by Home Assistant, among its media, or at an address."""

import asyncio
from pathlib import Path

from aiohttp import ClientError, ClientTimeout
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..const import DOMAIN
from .announcement import address_of

# The PBX takes no larger sound.
MOST_BYTES = 10 * 1024 * 1024

_SPOKEN = "media-source://tts/"
_TIMEOUT = ClientTimeout(total=30)
_CHUNK = 64 * 1024


async def speech(hass: HomeAssistant, media: str) -> bytes:
    """What a voice says, by the media id of a text.  Raises HomeAssistantError, and ValueError for silence."""
    from homeassistant.components import tts  # it is set up: there is such an id

    _, sound = await tts.async_get_media_source_audio(hass, media)
    if not sound:
        raise ValueError("The voice said nothing.")
    return sound


async def sound_of(hass: HomeAssistant, media: str) -> bytes:
    """The sound of a media id or URL, of up to MOST_BYTES.

    Raises ServiceValidationError with a sentence for what cannot be had, or is larger.
    """
    try:
        if media.startswith(_SPOKEN):
            sound = await speech(hass, media)
        else:
            sound = await _fetched(hass, media)
    except ServiceValidationError:
        raise
    except (HomeAssistantError, ClientError, OSError, ValueError) as err:
        raise _not_fetched(str(err) or type(err).__name__) from err
    if len(sound) > MOST_BYTES:
        raise _not_fetched(f"It is larger than {MOST_BYTES // (1024 * 1024)} MB.")
    return sound


async def _fetched(hass: HomeAssistant, media: str) -> bytes:
    """As `sound_of`, but a byte more where it is larger."""
    from homeassistant.components import media_source

    if media_source.is_media_source_id(media):
        found = await media_source.async_resolve_media(hass, media, None)
        if found.path is not None:
            return await asyncio.to_thread(_read, found.path)
        media = found.url
    address = await address_of(hass, media, pbx_is_here=True)
    sound = bytearray()
    async with async_get_clientsession(hass).get(address, timeout=_TIMEOUT) as response:
        if response.status != 200:
            # Not what aiohttp says: the address may be signed.
            raise ValueError(f"HTTP {response.status}")
        async for chunk in response.content.iter_chunked(_CHUNK):
            sound += chunk
            if len(sound) > MOST_BYTES:
                break
    return bytes(sound)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _not_fetched(error: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key="not_fetched", translation_placeholders={"error": error}
    )
