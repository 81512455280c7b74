"""What a page of the panel reads and changes of its user's preferences; everybody has their own alone."""

from typing import Any

import probatio as vol
from homeassistant.components import websocket_api as ha_websocket
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from ..preferences import PREFERENCES
from .answers import Refused, answering
from .pages import all_pages


@callback
def register(hass: HomeAssistant) -> None:
    ha_websocket.async_register_command(hass, get)
    ha_websocket.async_register_command(hass, change)
    ha_websocket.async_register_command(hass, seen)

    @callback
    def tell(user: str) -> None:
        """Who moves a switch on one device finds it moved on all."""
        for pages in all_pages(hass):
            pages.tell_preferences(user, hass.data[PREFERENCES].of(user).to_wire())

    hass.data[PREFERENCES].listen(tell)


@ha_websocket.websocket_command({vol.Required("type"): f"{DOMAIN}/preferences/get"})
@ha_websocket.async_response
@answering
async def get(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    kept = hass.data[PREFERENCES].of(connection.user.id)
    connection.send_result(msg["id"], {"preferences": kept.to_wire()})


@ha_websocket.websocket_command(
    {vol.Required("type"): f"{DOMAIN}/preferences/set", vol.Required("changes"): {str: object}}
)
@ha_websocket.async_response
@answering
async def change(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """All of the changes are taken, or none."""
    try:
        changed = hass.data[PREFERENCES].change(connection.user.id, msg["changes"])
    except vol.Invalid as err:
        raise Refused("invalid", "panel_preferences", error=str(err)) from err
    connection.send_result(msg["id"], {"preferences": changed.to_wire()})


@ha_websocket.websocket_command({vol.Required("type"): f"{DOMAIN}/preferences/seen"})
@ha_websocket.async_response
@answering
async def seen(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """The journal is looked at, by our clock: a tablet's own may be wrong."""
    changed = hass.data[PREFERENCES].look_at_journal(connection.user.id)
    connection.send_result(msg["id"], {"preferences": changed.to_wire()})
