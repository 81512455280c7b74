"""What a page of the panel asks of Home Assistant: to be told what happens, and to ask the PBX as its user.

The PBX decides what each user may; here only stands what a page has no reason to ask at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import probatio as vol
from homeassistant.auth.models import User as HassUser
from homeassistant.components import web_rtc, websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.json import json_bytes
from homeassistant.util.hass_dict import HassKey

from .actions.announcement import address_of
from .const import DOMAIN, LOGGER
from .coordinator import PascomConfigEntry
from .pages.administration import Administration
from .pages.answers import WHICH, Refused, answering, entries_of, entry_of
from .pages.pages import MOST_PAGES, pages_of
from .webrtc_camera import ice_servers_on_wire
from .wire.client import SLOW_COMMAND_TIMEOUT
from .wire.connection import COMMAND_TIMEOUT
from .wire.errors import PascomError
from .wire.phones import ANNOUNCE_TIMEOUT
from .wire.rooms import SLOW_TIMEOUT

# Commands of one user under way; the candidates of a session wait for its answer.
MOST_ASKED = 64
# Bytes of what a page asks; an offer is the largest, files and a spoken greeting are larger than anything else.
MOST_SAID = 256 * 1024
# A phonebook of 2 MB, whose characters may take more than one byte; Home Assistant takes no more from a page.
MOST_WRITTEN = 4 * 1024 * 1024
MOST_SPOKEN = 4 * 1024 * 1024
_MOST_FIELDS = 32
# The PBX takes 128 characters, of which Home Assistant's id of the user takes some.
_MOST_OF_SESSION = 64
# A page may wait 25 seconds for the next line of the log.
LOG_TIMEOUT = 40.0
# What the frame has besides the command's own fields, and what the client calls its own.
_RESERVED = frozenset({"id", "type", "as", "actor", "timeout", "kind", "self"})


@dataclass(frozen=True, slots=True)
class _Command:
    timeout: float = COMMAND_TIMEOUT
    most: int = MOST_SAID
    # Begins a WebRTC session; one that is watched ends with the page's connection, one that talks survives a reload.
    session: bool = False
    watched: bool = False
    # For administrators of Home Assistant; what it changes is followed in the config entry.
    admin: bool = False
    # Fields that the frame to the PBX has for itself, and what the PBX calls them.
    called: Mapping[str, str] = field(default_factory=dict)


_PLAIN = _Command()
_SLOW = _Command(SLOW_COMMAND_TIMEOUT)
_TALK = _Command(SLOW_COMMAND_TIMEOUT, session=True)
_WATCH = _Command(SLOW_COMMAND_TIMEOUT, session=True, watched=True)
_ADMIN = _Command(admin=True)

COMMANDS: dict[str, _Command] = {
    **dict.fromkeys(("phone/dial", "phone/connect", "phone/take"), _TALK),
    **dict.fromkeys(("phone/answer", "phone/reject", "phone/hang_up", "phone/dtmf", "phone/film"), _PLAIN),
    **dict.fromkeys(
        (
            "call/dial",
            "call/list",
            "call/hang_up",
            "call/answer",
            "call/hold",
            "call/resume",
            "call/send_dtmf",
            "call/transfer",
            "call/conference",
            "call/remove",
        ),
        _PLAIN,
    ),
    "call/announce": _Command(ANNOUNCE_TIMEOUT),
    "door/watch": _WATCH,
    **dict.fromkeys(("door/open", "door/call", "door/image"), _SLOW),
    **dict.fromkeys(("door/end", "door/rights", "door/last_visitor", "door/visitor", "door/log"), _PLAIN),
    **dict.fromkeys(("webrtc/candidate", "webrtc/close"), _Command(SLOW_COMMAND_TIMEOUT, session=True)),
    "journal/list": _PLAIN,
    **dict.fromkeys(("user/set", "user/follow_me", "user/set_follow_me", "user/forward", "user/rights"), _PLAIN),
    "team/duty": _PLAIN,
    "room/watch": _WATCH,
    **dict.fromkeys(("room/invite", "room/play", "room/recording"), _Command(SLOW_TIMEOUT)),
    **dict.fromkeys(
        (
            "room/expect",
            "room/mute",
            "room/mute_all",
            "room/volume",
            "room/drop",
            "room/lock",
            "room/record",
            "room/image",
            "room/recordings",
            "room/forget_recording",
        ),
        _PLAIN,
    ),
    **dict.fromkeys(
        (
            "voicemail/list",
            "voicemail/picture",
            "voicemail/mark",
            "voicemail/remove",
            "voicemail/settings",
            "voicemail/set",
        ),
        _PLAIN,
    ),
    **dict.fromkeys(("voicemail/sound", "voicemail/greeting"), _SLOW),
    **dict.fromkeys(("phonebook/list", "phonebook/names", "phonebook/add"), _PLAIN),
    **dict.fromkeys(("phonebook/update", "phonebook/remove"), _Command(called={"id": "contact"})),
    "phonebook/import": _Command(SLOW_COMMAND_TIMEOUT, most=MOST_WRITTEN),
    "phonebook/export": _SLOW,
    "voicemail/set_greeting": _Command(SLOW_COMMAND_TIMEOUT, most=MOST_SPOKEN),
    **dict.fromkeys(("door/add", "door/update", "door/remove", "door/settings", "door/account"), _ADMIN),
    **dict.fromkeys(("user/list", "user/add", "user/update", "user/remove", "user/settings", "user/account"), _ADMIN),
    **dict.fromkeys(("user/link", "user/unlink", "user/add_device", "user/remove_device", "provision/link"), _ADMIN),
    "provision/restart": _Command(SLOW_COMMAND_TIMEOUT, admin=True),
    **dict.fromkeys(("role/list", "role/save", "role/remove", "profile/list", "server/info"), _ADMIN),
    **dict.fromkeys(("room/add", "room/update", "room/remove", "room/settings", "room/pin"), _ADMIN),
    **dict.fromkeys(("team/add", "team/update", "team/remove", "team/settings"), _ADMIN),
    **dict.fromkeys(("trunk/arrivals", "trunk/set_arrivals"), _ADMIN),
    "log/read": _Command(LOG_TIMEOUT, admin=True),
}

# What begins a session says which relays the PBX uses: Home Assistant's, whatever the page would like.
_BEGINNING = frozenset(name for name, command in COMMANDS.items() if command.session) - {
    "webrtc/candidate",
    "webrtc/close",
}

_ASKED: HassKey[dict[str, int]] = HassKey(f"{DOMAIN}_asked")

_NAME = vol.All(str, vol.Length(min=1, max=64))


@callback
def register(hass: HomeAssistant) -> None:
    websocket_api.async_register_command(hass, subscribe)
    websocket_api.async_register_command(hass, ask)
    websocket_api.async_register_command(hass, tell_idle)
    websocket_api.async_register_command(hass, tell_pbxs)


@websocket_api.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/subscribe",
        vol.Required("device"): _NAME,
        vol.Optional("rings", default=True): bool,
        **WHICH,
    }
)
@websocket_api.async_response
@answering
async def subscribe(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Tell this page what its user may hear, and let it ring as a phone of theirs while it is subscribed."""
    pages = pages_of(hass, entry_of(hass, msg).entry_id)
    if pages.count(connection.user) >= MOST_PAGES:
        raise Refused("busy", "panel_too_many_pages")
    connection.send_result(msg["id"])
    connection.subscriptions[msg["id"]] = pages.open(
        connection.user,
        msg["device"],
        rings=msg["rings"],
        send=lambda message: connection.send_event(msg["id"], message),
        owner=connection,
    )


@websocket_api.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/ask",
        vol.Required("command"): vol.All(str, vol.Length(max=64)),
        vol.Optional("fields", default=dict): dict,
        **WHICH,
    }
)
@websocket_api.async_response
@answering
async def ask(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Ask the PBX on behalf of the user."""
    name = msg["command"]
    if (command := COMMANDS.get(name)) is None:
        raise Refused("unknown_command", "panel_unknown_command", command=name)
    if command.admin and not connection.user.is_admin:
        raise Refused("forbidden", "panel_admin")
    fields = _fields(command, msg["fields"])
    entry = entry_of(hass, msg)
    if entry.state is not ConfigEntryState.LOADED:
        raise Refused("unavailable", "panel_not_loaded", pbx=entry.title)
    asked, user = hass.data.setdefault(_ASKED, {}), connection.user
    if asked.get(user.id, 0) >= MOST_ASKED:
        raise Refused("busy", "panel_too_much")
    asked[user.id] = asked.get(user.id, 0) + 1
    try:
        asker = _Asker(hass, entry, connection)
        connection.send_result(msg["id"], await asker.ask(name, command, fields))
    finally:
        asked[user.id] -= 1
        if not asked[user.id]:
            del asked[user.id]


@websocket_api.websocket_command(
    {vol.Required("type"): f"{DOMAIN}/idle", vol.Required("idle"): bool, **WHICH},
)
@websocket_api.async_response
@answering
async def tell_idle(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Say whether somebody sits at this page: who has left all of theirs is shown as away."""
    pages_of(hass, entry_of(hass, msg).entry_id).tell_idle(connection, idle=msg["idle"])
    connection.send_result(msg["id"])


@websocket_api.websocket_command({vol.Required("type"): f"{DOMAIN}/pbxs"})
@websocket_api.async_response
@answering
async def tell_pbxs(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Which PBXs there are to choose from: a page uses one, best one that knows its user."""
    user = connection.user
    pbxs = [
        {"entry_id": entry.entry_id, "name": entry.title, "linked": pages_of(hass, entry.entry_id).knows(user)}
        for entry in entries_of(hass)
    ]
    connection.send_result(msg["id"], {"pbxs": pbxs})


class _Asker:
    """Asks one thing for one connection.  Sessions are their user's: their names mean nothing to others."""

    def __init__(self, hass: HomeAssistant, entry: PascomConfigEntry, connection: ActiveConnection) -> None:
        self._hass = hass
        self._entry_id = entry.entry_id
        self._administration = Administration(hass, entry)
        self._data = entry.runtime_data
        self._connection = connection

    @property
    def _user(self) -> HassUser:
        return self._connection.user

    async def ask(self, name: str, command: _Command, fields: dict[str, Any]) -> Any:
        """Raises PascomError and Refused."""
        if command.admin:
            return await self._administration.carry_out(name, fields, lambda: self._run(name, command, fields))
        if not command.session:
            return await self._run(name, command, await self._reachable(fields))
        session = fields.get("session")
        if not isinstance(session, str) or not 0 < len(session) <= _MOST_OF_SESSION:
            raise Refused("invalid", "panel_session")
        fields = {**fields, "session": f"{self._user.id}.{session}"}
        if name in _BEGINNING:
            fields["ice_servers"] = ice_servers_on_wire(web_rtc.async_get_ice_servers(self._hass))
        if command.watched:
            return await self._watch(name, command, fields, session)
        if name == "webrtc/close":
            self._forget(fields["session"])
        return await self._run(name, command, fields)

    async def _reachable(self, fields: dict[str, Any]) -> dict[str, Any]:
        """A sound from where this user could get it, too: the web or Home Assistant's media, no file of the PBX."""
        if not isinstance(media := fields.get("url"), str):
            return fields
        url = await address_of(self._hass, media, pbx_is_here=self._data.local)
        if not url.lower().startswith(("http://", "https://")):
            raise Refused("invalid", "panel_url")
        return {**fields, "url": url}

    async def _run(self, name: str, command: _Command, fields: dict[str, Any]) -> Any:
        data = self._data
        actor = await data.people.actor(self._user)
        return await data.client.command(name, actor=actor, timeout=command.timeout, **fields)

    async def _watch(self, name: str, command: _Command, fields: dict[str, Any], session: str) -> Any:
        """Watch until the page or the PBX ends it, or the browser is gone."""
        full, key = fields["session"], self._key(fields["session"])
        connection, open_sessions = self._connection, self._connection.subscriptions
        if key in open_sessions:
            raise Refused("conflict", "panel_session_exists")

        def ended(code: str, message: str) -> None:
            open_sessions.pop(key, None)
            event = {"kind": "session_ended", "session": session, "code": code, "message": message}
            pages_of(self._hass, self._entry_id).tell(connection, event)

        forget = self._data.coordinator.listen_to_session(full, ended)

        def close() -> None:
            forget()
            self._hass.async_create_background_task(self._close(full), f"{DOMAIN} closes a session")

        open_sessions[key] = close
        try:
            answer = await self._run(name, command, fields)
        except BaseException:
            forget()
            open_sessions.pop(key, None)
            raise
        if open_sessions.get(key) is not close:
            # The browser went while the PBX had not got the session yet.
            await self._close(full)
        return answer

    def _forget(self, full: str) -> None:
        self._connection.subscriptions.pop(self._key(full), None)
        self._data.coordinator.forget_session(full)

    def _key(self, full: str) -> str:
        return f"{self._entry_id}/{full}"

    async def _close(self, full: str) -> None:
        try:
            await self._data.client.close_session(full)
        except PascomError as err:
            LOGGER.debug("Session %s not closed: %s", full, err.message)


def _fields(command: _Command, fields: dict[Any, Any]) -> dict[str, Any]:
    """The command's own fields, as the PBX calls them; their content is for the PBX to check."""
    fields = {command.called.get(name, name): value for name, value in fields.items()}
    if len(fields) > _MOST_FIELDS or not all(isinstance(name, str) and name.isidentifier() for name in fields):
        raise Refused("invalid", "panel_fields")
    if _RESERVED & set(fields):
        raise Refused("invalid", "panel_fields")
    if len(json_bytes(fields)) > command.most:
        raise Refused("invalid", "panel_too_large")
    return fields
