"""An action that was called: with which fields, whom it means, and on whose behalf."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import probatio as vol
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv

from ..const import DOMAIN
from ..coordinator import PascomConfigEntry, PascomData
from ..extensions import Extension, loaded_entries
from ..wire.dialled import as_number
from ..wire.models import Actor
from ..wire.phone_models import Line, LineState, lines_of
from .announcement import address_of, spoken

CONF_EXTENSION = "extension"
CONF_CALL = "call"
CONF_MESSAGE = "message"
CONF_TTS = "tts_entity_id"
CONF_LANGUAGE = "language"
CONF_MEDIA = "media"
CONF_MEDIA_ID = "media_content_id"
CONF_PBX = "config_entry_id"

type Fields = dict[str | vol.Marker, Any]
type Handler = Callable[[Asked], Awaitable[ServiceResponse]]

WHO: Fields = {
    vol.Optional(CONF_EXTENSION): vol.All(cv.ensure_list, [as_number]),
    **cv.ENTITY_SERVICE_FIELDS,
}
PBX: Fields = {vol.Optional(CONF_PBX): cv.string}
# A text to speak, or a file.
SAID: Fields = {
    vol.Exclusive(CONF_MESSAGE, "what"): cv.string,
    vol.Exclusive(CONF_MEDIA, "what"): vol.Schema({vol.Required(CONF_MEDIA_ID): cv.string}, extra=vol.ALLOW_EXTRA),
    vol.Exclusive(CONF_MEDIA_ID, "what"): cv.string,
    vol.Optional(CONF_TTS): cv.entity_domain("tts"),
    vol.Optional(CONF_LANGUAGE): cv.string,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """An action that was called: what with, for whom, and on whose behalf."""

    hass: HomeAssistant
    call: ServiceCall
    extensions: list[Extension]
    unknown: list[str]

    @property
    def fields(self) -> Mapping[str, Any]:
        return self.call.data

    async def actor(self, entry: PascomConfigEntry) -> Actor | None:
        return await entry.runtime_data.people.actor_of(self.call.context)

    @property
    def entry(self) -> PascomConfigEntry:
        """The PBX that is meant: of the extension, the one that is named, or the only one."""
        if self.extensions:
            return self.extensions[0].entry
        entries = loaded_entries(self.hass)
        if (wanted := self.fields.get(CONF_PBX)) is not None:
            entries = [entry for entry in entries if entry.entry_id == wanted]
        if (call := self.fields.get(CONF_CALL)) is not None and len(entries) > 1:
            entries = [entry for entry in entries if call in entry.runtime_data.coordinator.data.calls]
        if not entries:
            raise invalid("no_pbx")
        if len(entries) > 1:
            raise invalid("which_pbx")
        return entries[0]

    async def media(self) -> str:
        """The media id or URL of what is to be heard: a text as Home Assistant speaks it, or a file."""
        media: str | None = self.fields.get(CONF_MEDIA, {}).get(CONF_MEDIA_ID) or self.fields.get(CONF_MEDIA_ID)
        if media is not None:
            return media
        if not self.fields.get(CONF_MESSAGE):
            raise invalid("nothing_to_say")
        return await spoken(
            self.hass,
            self.fields[CONF_MESSAGE],
            engine=self.fields.get(CONF_TTS),
            language=self.fields.get(CONF_LANGUAGE),
        )

    async def said(self, entry: PascomConfigEntry) -> str:
        """Where the PBX fetches what is to be heard."""
        return await address_of(self.hass, await self.media(), pbx_is_here=entry.runtime_data.local)

    async def people(self) -> list[Extension]:
        """The extensions that are meant; where none is named, that of who asks."""
        if self.unknown:
            raise invalid("no_extension", extension=", ".join(self.unknown))
        if self.extensions:
            return self.extensions
        entry = self.entry
        actor = await self.actor(entry)
        user = entry.runtime_data.coordinator.data.user_of(actor.ha_user) if actor else None
        if user is None:
            raise invalid("whose_extension")
        return [Extension(entry, user)]

    async def person(self) -> Extension:
        people = await self.people()
        if len(people) > 1:
            raise invalid("one_extension")
        return people[0]

    async def lines(self, *states: LineState) -> list[tuple[PascomData, str, Line]]:
        """The call of each extension that is meant, with the user's name.

        Those that have none in these states are left out, but at least one must have.
        """
        people = await self.people()
        wanted = self.fields.get(CONF_CALL)
        found = []
        for extension in people:
            data = extension.entry.runtime_data
            calls = data.coordinator.data.calls.values()
            lines = [line for line in lines_of(extension.user.name, calls) if line.state in states]
            if wanted is not None:
                lines = [line for line in lines if line.call and line.call.id == wanted]
            if lines:
                found.append((data, extension.user.name, lines[0]))
        if not found:
            raise invalid("no_call", name=", ".join(extension.user.display_name for extension in people))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    fields: Fields
    run: Handler
    response: SupportsResponse = SupportsResponse.NONE


def invalid(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders or None
    )
