"""The action that lets Home Assistant's voice speak everything that the PBX says."""

from collections.abc import Iterator, Mapping

import probatio as vol
from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant, ServiceResponse, SupportsResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import language as language_util

from ..const import DOMAIN
from ..coordinator import PascomConfigEntry
from ..wire.errors import CannotConnect, PascomError
from .announcement import spoken
from .asked import CONF_LANGUAGE, CONF_TTS, PBX, Action, Asked, invalid
from .fetched import speech

CONF_VOICE_LANGUAGE = "voice_language"
CONF_VOICE = "voice"
CONF_RESET = "reset"

# A voice that fails so often at the beginning will not speak the rest either.
_HOPELESS = 5
# The notification is written anew after so many.
_TOLD_EVERY = 10


async def _make_prompts(asked: Asked) -> ServiceResponse:
    """One by one, for every sentence; what fails keeps the voice that it has."""
    entry = asked.entry
    actor = await asked.actor(entry)
    language: str = asked.fields[CONF_LANGUAGE]
    prompts = entry.runtime_data.prompts
    if asked.fields[CONF_RESET]:
        keys = await prompts.replaced(actor, language)
        for key in keys:
            await prompts.replace(actor, language, key, None)
        return {"made": 0, "reset": len(keys), "failed": {}}
    wanted = await prompts.wanted(actor, language)
    voice_language = await _voice_language(asked)
    words = await _words(asked.hass)
    made, failed = 0, dict[str, str]()
    for number, (key, text) in enumerate(wanted.items(), 1):
        try:
            sound = await _speak(asked, text, voice_language)
            await prompts.replace(actor, language, key, sound)
        except CannotConnect:
            raise
        except (HomeAssistantError, PascomError, ValueError, TimeoutError) as err:
            failed[key] = str(err) or type(err).__name__
            if not made and len(failed) == min(_HOPELESS, len(wanted)):
                raise invalid("voice_fails", error=failed[key]) from err
        else:
            made += 1
        if number % _TOLD_EVERY == 0 or number == len(wanted):
            _tell(asked.hass, words, entry, language, made=made, of=len(wanted), failed=failed)
    return {"made": made, "reset": 0, "failed": dict(failed)}


async def _voice_language(asked: Asked) -> str:
    """What the engine calls the language: it may know "de-DE" where "de" is meant."""
    wanted: str = asked.fields.get(CONF_VOICE_LANGUAGE) or asked.fields[CONF_LANGUAGE]
    refused: ServiceValidationError | None = None
    for language in _spellings(asked.hass, wanted):
        try:
            await _said(asked, ".", language)
        except ServiceValidationError as err:
            if err.translation_key == "no_tts":
                raise
            refused = refused or err
        else:
            return language
    assert refused is not None
    raise refused


def _spellings(hass: HomeAssistant, language: str) -> Iterator[str]:
    yield language
    from homeassistant.components import tts  # it is set up: there was a voice

    known = tts.async_get_text_to_speech_languages(hass)
    yield from language_util.matches(language, known, country=hass.config.country)


async def _said(asked: Asked, text: str, language: str) -> str:
    fields = asked.fields
    return await spoken(asked.hass, text, engine=fields.get(CONF_TTS), language=language, voice=fields.get(CONF_VOICE))


async def _speak(asked: Asked, text: str, language: str) -> bytes:
    return await speech(asked.hass, await _said(asked, text, language))


async def _words(hass: HomeAssistant) -> Mapping[str, str]:
    """What the notification says, in the language of Home Assistant; English where we do not speak it."""
    found = await async_get_translations(hass, hass.config.language, "common", [DOMAIN])
    prefix = f"component.{DOMAIN}.common."
    return {key.removeprefix(prefix): text for key, text in found.items() if key.startswith(prefix)}


def _tell(
    hass: HomeAssistant,
    words: Mapping[str, str],
    entry: PascomConfigEntry,
    language: str,
    *,
    made: int,
    of: int,
    failed: dict[str, str],
) -> None:
    """How far it is, as a notification that the next one replaces."""
    told = [words["prompts_made"].format(made=made, of=of, language=language)]
    if failed:
        key, error = next(iter(failed.items()))
        told.append(words["prompts_failed"].format(count=len(failed), key=key, error=error))
    persistent_notification.async_create(
        hass,
        " ".join(told),
        title=words["prompts_title"].format(pbx=entry.title),
        notification_id=f"{DOMAIN}_prompts_{entry.entry_id}_{language}",
    )


PROMPT_ACTIONS: dict[str, Action] = {
    "make_prompts": Action(
        fields={
            **PBX,
            vol.Required(CONF_LANGUAGE): cv.string,
            vol.Optional(CONF_TTS): cv.entity_domain("tts"),
            vol.Optional(CONF_VOICE_LANGUAGE): cv.string,
            vol.Optional(CONF_VOICE): cv.string,
            vol.Optional(CONF_RESET, default=False): cv.boolean,
        },
        run=_make_prompts,
        response=SupportsResponse.OPTIONAL,
    ),
}
