"""How pages set their user's picture, and how browsers get those of everybody."""

from http import HTTPStatus
from typing import Any

import probatio as vol
from aiohttp import hdrs, web
from homeassistant.components import websocket_api as ha_websocket
from homeassistant.components.http import KEY_HASS, HomeAssistantView
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from .answers import Refused, answering
from .pages import all_pages
from .pictures import ADDRESS, MOST, PICTURES, NoPicture


@callback
def register(hass: HomeAssistant) -> None:
    ha_websocket.async_register_command(hass, change)
    hass.http.register_view(PictureView())


@ha_websocket.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/picture/set",
        vol.Required("data"): vol.Any(None, vol.All(str, vol.Length(max=MOST * 4 // 3 + 4))),
        vol.Optional("initials", default=False): bool,
    }
)
@ha_websocket.async_response
@answering
async def change(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Show this face from now on; without data the one that Home Assistant has of the person, or `initials`."""
    pictures, user = hass.data[PICTURES], connection.user.id
    try:
        if msg["data"] is None:
            await pictures.remove(user, initials=msg["initials"])
        else:
            await pictures.put(user, msg["data"])
    except NoPicture as err:
        raise Refused("invalid", "panel_picture", error=str(err)) from err
    url = pictures.url_of(user)
    connection.send_result(msg["id"], {"url": url})
    for pages in all_pages(hass):
        pages.tell_picture(user, url)


class PictureView(HomeAssistantView):
    """Pictures have no header that says who asks for them; their names are secrets."""

    url = f"{ADDRESS}{{name}}"
    name = f"api:{DOMAIN}:picture"
    requires_auth = False

    async def get(self, request: web.Request, name: str) -> web.StreamResponse:
        file = request.app[KEY_HASS].data[PICTURES].file(name)
        if file is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        headers = {
            hdrs.CACHE_CONTROL: "private, max-age=31536000, immutable",
            hdrs.CONTENT_TYPE: "image/jpeg",
            "X-Content-Type-Options": "nosniff",
        }
        return web.FileResponse(file, headers=headers)
