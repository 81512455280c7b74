"""What an administrator's page reads and changes of those who come new: Home Assistant itself keeps that."""

from typing import Any

import probatio as vol
from homeassistant.components import websocket_api as ha_websocket
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from ..const import CONF_AUTO_LINK, CONF_NEW_ROLES, CONF_NO_ACCESS, DOMAIN
from .administration import Administration
from .answers import WHICH, Refused, answering, entry_of

_NAME = vol.All(str, vol.Length(min=1, max=64))


@callback
def register(hass: HomeAssistant) -> None:
    for command in (get, change, admit):
        ha_websocket.async_register_command(hass, command)


@ha_websocket.websocket_command({vol.Required("type"): f"{DOMAIN}/newcomers/get", **WHICH})
@ha_websocket.async_response
@answering
async def get(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Whether they get an extension by themselves, in which roles, and from whom one was taken."""
    connection.send_result(msg["id"], _settings(_options(hass, connection, msg)))


@ha_websocket.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/newcomers/set",
        vol.Optional("auto"): bool,
        vol.Optional("roles"): vol.All([_NAME], vol.Length(max=64)),
        **WHICH,
    }
)
@ha_websocket.async_response
@answering
async def change(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    options = dict(_options(hass, connection, msg))
    keys = {"auto": CONF_AUTO_LINK, "roles": CONF_NEW_ROLES}
    options |= {kept: msg[key] for key, kept in keys.items() if key in msg}
    hass.config_entries.async_update_entry(entry_of(hass, msg), options=options)
    connection.send_result(msg["id"], _settings(options))


@ha_websocket.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/newcomers/admit",
        vol.Required("ha_user"): vol.All(str, vol.Length(min=1, max=64)),
        **WHICH,
    }
)
@ha_websocket.async_response
@answering
async def admit(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Give somebody the next free extension, with the roles of those who come new."""
    _options(hass, connection, msg)
    entry = entry_of(hass, msg)
    if entry.state is not ConfigEntryState.LOADED:
        raise Refused("unavailable", "panel_not_loaded", pbx=entry.title)
    user = await hass.auth.async_get_user(msg["ha_user"])
    if user is None or user.system_generated or not user.is_active:
        raise Refused("not_found", "panel_person")
    made = await entry.runtime_data.people.admit(user)
    Administration(hass, entry).let_in(user.id)
    connection.send_result(
        msg["id"], {"user": made.name, "display_name": made.display_name, "extension": made.extension}
    )


def _options(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> dict[str, Any]:
    if not connection.user.is_admin:
        raise Refused("forbidden", "panel_admin")
    return dict(entry_of(hass, msg).options)


def _settings(options: dict[str, Any]) -> dict[str, Any]:
    return {
        "auto": bool(options.get(CONF_AUTO_LINK, True)),
        "roles": list(options.get(CONF_NEW_ROLES, [])),
        "kept_out": list(options.get(CONF_NO_ACCESS, [])),
    }
