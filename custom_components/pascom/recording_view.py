"""Recordings and pictures of messages over HTTP: for browsers and players, with a signed address or a token."""

from http import HTTPStatus

from aiohttp import hdrs, web
from homeassistant.components.http import KEY_HASS, KEY_HASS_USER, HomeAssistantView
from yarl import URL

from .const import DOMAIN
from .extensions import loaded_entries
from .wire.errors import CannotConnect, PascomError

# What the PBX records in.  Safari plays it from version 18.4 on.
OGG = "audio/ogg"

MESSAGES = "messages"
RECORDINGS = "recordings"
PICTURES = "pictures"


def address_of(entry_id: str, kind: str, place: str, recording: str) -> str:
    """The path, to be signed by whoever hands it out; `place` is a mailbox or a room."""
    return str(URL("/api") / DOMAIN / entry_id / kind / place / recording)


class RecordingView(HomeAssistantView):
    """Hands out what the PBX gives to the one who asks, as often as in pieces."""

    url = f"/api/{DOMAIN}/{{entry_id}}/{{kind}}/{{place}}/{{recording}}"
    name = f"api:{DOMAIN}:recording"

    async def get(
        self, request: web.Request, entry_id: str, kind: str, place: str, recording: str
    ) -> web.StreamResponse:
        entries = loaded_entries(request.app[KEY_HASS])
        entry = next((entry for entry in entries if entry.entry_id == entry_id), None)
        if entry is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        data = entry.runtime_data
        try:
            actor = await data.people.actor(request[KEY_HASS_USER])
            if kind == MESSAGES:
                sound = await data.mailboxes.sound(actor, recording)
                return _served(request, sound.data, sound.content_type)
            if kind == RECORDINGS:
                sound = await data.rooms.recording(actor, place, recording)
                return _served(request, sound.data, sound.content_type)
            if kind == PICTURES and (picture := await data.mailboxes.picture(actor, recording)) is not None:
                return _served(request, picture.data, picture.content_type)
        except CannotConnect:
            return web.Response(status=HTTPStatus.BAD_GATEWAY)
        except PascomError as err:
            status = HTTPStatus.FORBIDDEN if err.code == "forbidden" else HTTPStatus.NOT_FOUND
            return web.Response(status=status, text=err.message)
        return web.Response(status=HTTPStatus.NOT_FOUND)

    async def head(
        self, request: web.Request, entry_id: str, kind: str, place: str, recording: str
    ) -> web.StreamResponse:
        return await self.get(request, entry_id, kind, place, recording)


def _served(request: web.Request, data: bytes, content_type: str) -> web.Response:
    """All of it, or the part that a player asks for when somebody moves its slider (RFC 9110 section 14)."""
    headers = {hdrs.ACCEPT_RANGES: "bytes", hdrs.CACHE_CONTROL: "private, max-age=3600"}
    try:
        asked = request.http_range
    except ValueError:
        asked = slice(None)
    if (asked.start, asked.stop) == (None, None):
        return web.Response(body=data, content_type=content_type, headers=headers)
    begin, end, _ = asked.indices(len(data))
    if begin >= end:
        headers[hdrs.CONTENT_RANGE] = f"bytes */{len(data)}"
        return web.Response(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
    headers[hdrs.CONTENT_RANGE] = f"bytes {begin}-{end - 1}/{len(data)}"
    return web.Response(
        status=HTTPStatus.PARTIAL_CONTENT, body=data[begin:end], content_type=content_type, headers=headers
    )
