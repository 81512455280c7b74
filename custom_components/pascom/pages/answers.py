"""How a page is told that it may not, or that the PBX will not: a code, and a sentence with its key."""

from functools import wraps
from typing import Any

import probatio as vol
from homeassistant.auth.models import User as HassUser
from homeassistant.components.websocket_api import ActiveConnection, AsyncWebSocketCommandHandler
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.typing import VolDictType

from ..const import DOMAIN
from ..coordinator import PascomConfigEntry
from ..wire.errors import CannotConnect, CommandFailed, PascomError

# Which PBX is meant, where there are several.
WHICH: VolDictType = {vol.Optional("entry_id"): vol.All(str, vol.Length(max=64))}


class Refused(HomeAssistantError):
    """What is refused before the PBX is asked: `code` as one of the PBX's."""

    def __init__(self, code: str, key: str, **placeholders: str) -> None:
        super().__init__(translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders)
        self.code = code


def answering(function: AsyncWebSocketCommandHandler) -> AsyncWebSocketCommandHandler:
    """Let refusals cross with their code and sentence."""

    @wraps(function)
    async def answer(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
        try:
            _require_person(connection.user)
            await function(hass, connection, msg)
        except Refused as err:
            connection.send_error(
                msg["id"],
                err.code,
                str(err),
                translation_domain=DOMAIN,
                translation_key=err.translation_key,
                translation_placeholders=err.translation_placeholders,
            )
        except PascomError as err:
            code, (key, placeholders) = _code(err), _words(err)
            connection.send_error(
                msg["id"],
                code,
                err.message,
                translation_domain=DOMAIN if key else None,
                translation_key=key,
                translation_placeholders=placeholders,
            )

    return answer


def entry_of(hass: HomeAssistant, msg: dict[str, Any]) -> PascomConfigEntry:
    """The PBX that is meant: the one that is named, else the only one."""
    entries = entries_of(hass)
    if (wanted := msg.get("entry_id")) is not None:
        entries = [entry for entry in entries if entry.entry_id == wanted]
    if not entries:
        raise Refused("not_found", "panel_no_pbx")
    if len(entries) > 1:
        raise Refused("invalid", "panel_which_pbx")
    return entries[0]


def entries_of(hass: HomeAssistant) -> list[PascomConfigEntry]:
    return hass.config_entries.async_entries(DOMAIN, include_ignore=False, include_disabled=False)


def _require_person(user: HassUser) -> None:
    """To the PBX anybody else would be the system, which may all."""
    if user.system_generated:
        raise Refused("forbidden", "panel_person")


def _words(err: PascomError) -> tuple[str | None, dict[str, str] | None]:
    """The key of the sentence in the user's language, and what stands in it; None for one in English alone."""
    if isinstance(err, CannotConnect):
        return "panel_away", {}
    if isinstance(err, CommandFailed) and err.reason:
        return f"pbx_{err.reason}", err.values
    return None, None


def _code(err: PascomError) -> str:
    """The PBX's codes, of which one says that it cannot be asked."""
    return "unavailable" if isinstance(err, CannotConnect) else err.code
