"""The actions about mailboxes: their messages, the sound of these and what they say, and how a box is set up.

Who asks hears their own box, and those of doors they may see; an automation acts as the system, which may all.
"""

import asyncio
import re
from pathlib import Path

import probatio as vol
from homeassistant.core import HomeAssistant, ServiceResponse, SupportsResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonValueType

from ..const import DOMAIN, LOGGER
from ..coordinator import PascomConfigEntry
from ..extensions import loaded_entries, targeted_identifiers
from ..wire.room_models import Sound, VoiceMessage
from ..wire.voicemail import box_of
from . import transcript, voicemail_files
from .asked import CONF_LANGUAGE, CONF_MESSAGE, PBX, SAID, WHO, Action, Asked, Fields, invalid
from .fetched import sound_of

CONF_ONLY_NEW = "only_new"
CONF_HEARD = "heard"
CONF_FOLDER = "folder"
CONF_STT = "stt_entity_id"
CONF_RESET = "reset"
CONF_SECONDS = "seconds"
CONF_PIN = "pin"

_MESSAGES: Fields = {vol.Required(CONF_MESSAGE): vol.All(cv.ensure_list, [vol.Coerce(str)]), **PBX}
_MESSAGE: Fields = {vol.Required(CONF_MESSAGE): vol.Coerce(str), **PBX}


def shown(message: VoiceMessage, box: str) -> dict[str, JsonValueType]:
    return {
        "message": message.id,
        "box": box,
        "caller": message.caller,
        "caller_name": message.caller_name,
        "at": message.at.isoformat(),
        "seconds": message.seconds,
        "heard": message.heard,
        "picture": message.picture,
    }


async def _get(asked: Asked) -> ServiceResponse:
    """Messages of people and doors that are meant; where none is, of who asks."""
    doors = _doors(asked)
    people = await asked.people() if asked.extensions or asked.unknown or not doors else []
    boxes = [(extension.entry, box_of(extension.user.name, "")) for extension in people]
    boxes += [(entry, box_of("", door)) for entry, door in doors]
    messages: list[JsonValueType] = []
    for entry, box in boxes:
        actor = await asked.actor(entry)
        found = await entry.runtime_data.mailboxes.messages(actor, box)
        messages += [shown(each, box) for each in found if not (asked.fields[CONF_ONLY_NEW] and each.heard)]
    return {"messages": messages}


def _doors(asked: Asked) -> list[tuple[PascomConfigEntry, str]]:
    identifiers = targeted_identifiers(asked.hass, asked.fields)
    return [
        (entry, door)
        for entry in loaded_entries(asked.hass)
        for door in entry.runtime_data.coordinator.data.doors
        if entry.runtime_data.coordinator.devices.identifier(door) in identifiers
    ]


async def _mark(asked: Asked) -> ServiceResponse:
    entry = asked.entry
    actor = await asked.actor(entry)
    for message in asked.fields[CONF_MESSAGE]:
        await entry.runtime_data.mailboxes.mark(actor, message, heard=asked.fields[CONF_HEARD])
    return None


async def _delete(asked: Asked) -> ServiceResponse:
    entry = asked.entry
    actor = await asked.actor(entry)
    for message in asked.fields[CONF_MESSAGE]:
        await entry.runtime_data.mailboxes.remove(actor, message)
        try:
            await asyncio.to_thread(voicemail_files.forget, voicemail_files.own_folder(asked.hass), message)
        except OSError as err:
            # The message is gone; the copy goes when it is old.
            LOGGER.warning("The recording of a deleted message is still there: %s", err)
    return None


async def _sound_of(asked: Asked) -> Sound:
    entry = asked.entry
    return await entry.runtime_data.mailboxes.sound(await asked.actor(entry), asked.fields[CONF_MESSAGE])


async def _get_sound(asked: Asked) -> ServiceResponse:
    """Writes the recording where other integrations may read it, as a notification with an attachment does."""
    hass = asked.hass
    folder = Path(asked.fields.get(CONF_FOLDER) or voicemail_files.own_folder(hass))
    file = voicemail_files.file_in(folder, asked.fields[CONF_MESSAGE])
    # The check asks the file system where a link leads.
    if not await hass.async_add_executor_job(hass.config.is_allowed_path, str(file)):
        raise invalid("folder_not_allowed", folder=str(folder))
    sound = await _sound_of(asked)
    try:
        await asyncio.to_thread(voicemail_files.write, file, sound.data)
    except OSError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="not_written", translation_placeholders={"error": str(err)}
        ) from err
    return {"path": str(file), "media_content_id": _media_id(hass, file), "content_type": sound.content_type}


def _media_id(hass: HomeAssistant, file: Path) -> str | None:
    """As a mail's attachment wants it; None for a file that is not among the media."""
    for name, folder in hass.config.media_dirs.items():
        if file.is_relative_to(folder):
            return f"media-source://media_source/{name}/{file.relative_to(folder).as_posix()}"
    return None


async def _transcribe(asked: Asked) -> ServiceResponse:
    engine = transcript.engine_of(asked.hass, asked.fields.get(CONF_STT))
    sound = await _sound_of(asked)
    text = await transcript.written(asked.hass, engine, sound.data, language=asked.fields.get(CONF_LANGUAGE))
    return {"text": text}


async def _set_greeting(asked: Asked) -> ServiceResponse:
    people = await asked.people()
    sound = None if asked.fields[CONF_RESET] else await sound_of(asked.hass, await asked.media())
    for extension in people:
        actor = await asked.actor(extension.entry)
        await extension.entry.runtime_data.mailboxes.set_greeting(actor, extension.user.name, sound)
    return None


async def _set_mailbox(asked: Asked) -> ServiceResponse:
    fields = {key: asked.fields[key] for key in (CONF_SECONDS, CONF_PIN) if key in asked.fields}
    if not fields:
        raise invalid("nothing_to_set")
    # Nobody shares a PIN with others by an area chosen in haste.
    people = [await asked.person()] if fields.get(CONF_PIN) else await asked.people()
    for extension in people:
        actor = await asked.actor(extension.entry)
        await extension.entry.runtime_data.mailboxes.set(actor, extension.user.name, **fields)
    return None


def _pin(value: object) -> str:
    """Templates make integers of digits.  What it raises does not repeat the PIN: it may be logged."""
    pin = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else None
    if pin is None or not re.fullmatch(r"([0-9]{4,10})?", pin):
        raise vol.Invalid("a PIN has 4 to 10 digits in quotes, or is empty for none")
    return pin


VOICEMAIL_ACTIONS: dict[str, Action] = {
    "get_voicemail": Action(
        fields={**WHO, **PBX, vol.Optional(CONF_ONLY_NEW, default=False): cv.boolean},
        run=_get,
        response=SupportsResponse.ONLY,
    ),
    "mark_voicemail": Action(fields={**_MESSAGES, vol.Optional(CONF_HEARD, default=True): cv.boolean}, run=_mark),
    "delete_voicemail": Action(fields=_MESSAGES, run=_delete),
    "get_voicemail_sound": Action(
        fields={**_MESSAGE, vol.Optional(CONF_FOLDER): cv.string}, run=_get_sound, response=SupportsResponse.ONLY
    ),
    "transcribe_voicemail": Action(
        fields={
            **_MESSAGE,
            vol.Optional(CONF_STT): cv.entity_domain("stt"),
            vol.Optional(CONF_LANGUAGE): cv.string,
        },
        run=_transcribe,
        response=SupportsResponse.ONLY,
    ),
    "set_greeting": Action(
        fields={**WHO, **PBX, **SAID, vol.Optional(CONF_RESET, default=False): cv.boolean}, run=_set_greeting
    ),
    "set_mailbox": Action(
        fields={
            **WHO,
            **PBX,
            vol.Optional(CONF_SECONDS): vol.All(vol.Coerce(float), vol.Range(1, 300)),
            vol.Optional(CONF_PIN): _pin,
        },
        run=_set_mailbox,
    ),
}
