"""The keys of `pbx.yaml` and what may stand behind each."""

import re
from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from pbx_lite.config import fields as f
from pbx_lite.config.codes import DEFAULT_CODES
from pbx_lite.config.records import EVERYONE

_WRITTEN = re.compile(r"\+?[0-9()/.-]{1,40}\*?")


def _or_everyone(value: Any) -> str:
    return EVERYONE if value == EVERYONE else f.name(value)


def _number_or_all(value: Any) -> str:
    """A number or block as people write it; empty for all that no number fits."""
    written = "".join(f.text(value).split())
    if written and not _WRITTEN.fullmatch(written):
        raise vol.Invalid("this must be a number such as +49891234, or a block such as +498912340-99 or +49891234*")
    return written


def _name_or_none(value: Any) -> str:
    return f.name(value) if value != "" else ""


_NAMES = f.each(f.name)
_NAMES_OR_EVERYONE = f.each(_or_everyone)

_CODECS = f.each(f.codec)

_ROLE = {
    vol.Optional("see"): _NAMES_OR_EVERYONE,
    vol.Optional("open"): _NAMES_OR_EVERYONE,
    vol.Optional("dial"): f.each(f.dial),
    vol.Optional("pickup"): f.yes_or_no,
    vol.Optional("rooms"): _NAMES_OR_EVERYONE,
    vol.Optional("phonebook"): f.yes_or_no,
}

_DEVICE = {
    vol.Required("name"): f.name,
    vol.Optional("account"): f.account,
    vol.Optional("extension"): f.extension,
    vol.Required("password"): f.secret,
    vol.Optional("codecs"): _CODECS,
}

_USER = {
    vol.Required("name"): f.name,
    vol.Optional("display_name"): f.filled,
    vol.Required("extension"): f.extension,
    vol.Optional("password"): f.optional_secret,
    vol.Optional("roles"): _NAMES,
    vol.Optional("devices"): f.each(vol.Schema(_DEVICE)),
    vol.Optional("mobile"): f.subscriber,
    vol.Optional("codecs"): _CODECS,
    vol.Optional("language"): f.language,
    vol.Optional("voicemail"): f.yes_or_no,
}

_BUTTON = {
    vol.Required("number"): f.dialled_number,
    vol.Required("name"): f.filled,
    vol.Optional("rings"): _NAMES_OR_EVERYONE,
}

_VIDEO = {
    vol.Optional("in_call"): f.yes_or_no,
    vol.Optional("url"): f.url("rtsp", "rtsps", "http", "https"),
    vol.Optional("image_url"): f.url("http", "https"),
    vol.Optional("username"): f.text,
    vol.Optional("password"): f.optional_secret,
    vol.Optional("early"): f.one_of("auto", "early_media", "silent_answer", "url"),
}

_OPEN: dict[str, dict[Any, Any]] = {
    "dtmf": {
        vol.Required("dtmf"): f.digits,
        vol.Optional("how"): f.one_of("rfc4733", "info", "inband"),
        vol.Optional("digit_ms"): f.whole(100, 5000),
    },
    "http": {
        vol.Required("http"): vol.All(f.filled, f.url("http", "https")),
        vol.Optional("method"): f.one_of("GET", "POST", "PUT"),
        vol.Optional("body"): f.text,
        vol.Optional("username"): f.text,
        vol.Optional("password"): f.optional_secret,
        vol.Optional("fingerprint"): f.fingerprint,
    },
    "event": {vol.Required("event"): f.yes_or_no},
}


def opening(value: Any) -> dict[str, Any]:
    """One way to open a door: `{dtmf: …}`, `{http: …}` or `{event: true}`."""
    if not isinstance(value, Mapping):
        raise vol.Invalid("this must be a mapping with dtmf, http or event")
    kinds = [kind for kind in _OPEN if kind in value]
    if len(kinds) != 1:
        raise vol.Invalid("this must have exactly one of dtmf, http and event")
    if value.get("event") is False:
        raise vol.Invalid("leave it out instead of event: false")
    checked: dict[str, Any] = vol.Schema(_OPEN[kinds[0]])(dict(value))
    return checked


_DOOR = {
    vol.Required("name"): f.name,
    vol.Optional("display_name"): f.filled,
    vol.Required("extension"): f.extension,
    vol.Optional("password"): f.optional_secret,
    vol.Optional("address"): f.address,
    vol.Optional("model"): f.name,
    vol.Optional("rings"): _NAMES_OR_EVERYONE,
    vol.Optional("buttons"): f.each(vol.Schema(_BUTTON)),
    vol.Optional("ring_seconds"): f.seconds(1, 600),
    vol.Optional("late_seconds"): f.seconds(0, 600),
    vol.Optional("video"): vol.Schema(_VIDEO),
    vol.Optional("open"): f.each(opening),
    vol.Optional("leave_message"): f.yes_or_no,
}

_ROOM = {
    vol.Required("name"): f.name,
    vol.Optional("display_name"): f.filled,
    vol.Required("extension"): f.extension,
    vol.Optional("pin"): f.pin,
    vol.Optional("admin_pin"): f.pin,
    vol.Optional("announce_join_leave"): f.yes_or_no,
    vol.Optional("announcement"): f.yes_or_no,
    vol.Optional("announce_user_count"): f.yes_or_no,
    vol.Optional("music_on_hold_when_empty"): f.yes_or_no,
    vol.Optional("music"): vol.Any("", f.name),
    vol.Optional("wait_marked"): f.yes_or_no,
    vol.Optional("end_marked"): f.yes_or_no,
    vol.Optional("startmuted"): f.yes_or_no,
    vol.Optional("quiet"): f.yes_or_no,
    vol.Optional("max_members"): f.whole(0, 1000),
    vol.Optional("minutes"): f.whole(0, 1440),
    vol.Optional("record_conference"): f.yes_or_no,
    vol.Optional("denoise"): f.yes_or_no,
    vol.Optional("talk_detection_events"): f.yes_or_no,
    vol.Optional("dtmf_passthrough"): f.yes_or_no,
    vol.Optional("language"): f.language,
    vol.Optional("video_mode"): f.not_yet("video in rooms comes later; leave video_mode out"),
}


def _as_one_room(checked: dict[str, Any]) -> dict[str, Any]:
    """`announcement`, as pascom calls it, under ConfBridge's name; PINs that cannot be told apart are a fault."""
    if "announcement" in checked:
        if "announce_join_leave" in checked:
            raise vol.Invalid("this is announce_join_leave by another name; leave one of them out", ["announcement"])
        checked["announce_join_leave"] = checked.pop("announcement")
    if checked.get("admin_pin") and checked["admin_pin"] == checked.get("pin"):
        raise vol.Invalid("this must differ from pin, which does not make a leader", ["admin_pin"])
    return checked


_TEAM = {
    vol.Required("name"): f.name,
    vol.Optional("display_name"): f.filled,
    vol.Required("extension"): f.extension,
    vol.Optional("members"): _NAMES_OR_EVERYONE,
    vol.Optional("ring_seconds"): f.seconds(1, 600),
    vol.Optional("wait_seconds"): f.seconds(0, 3600),
}

_WORKPLACE = {
    vol.Required("name"): f.name,
    vol.Optional("display_name"): f.filled,
    vol.Required("account"): f.account,
    vol.Required("password"): f.secret,
}

_TRUNK = {
    vol.Required("name"): f.name,
    vol.Optional("display_name"): f.filled,
    vol.Optional("profile"): f.name,
    vol.Optional("registrar"): f.sip_server,
    vol.Optional("address"): f.peer_address,
    vol.Optional("proxy"): f.sip_server,
    vol.Optional("transport"): f.one_of("udp", "tcp", "tls"),
    vol.Optional("username"): f.text,
    vol.Optional("auth_username"): f.text,
    vol.Optional("password"): f.optional_secret,
    vol.Optional("numbers"): f.named(f.dialled_number, f.target),
    vol.Optional("default"): f.target,
    vol.Optional("prefix"): f.trunk_prefix,
    vol.Optional("caller_number"): f.subscriber,
    vol.Optional("country"): f.country,
    vol.Optional("area"): f.area,
    vol.Optional("channels"): f.whole(0, 1000),
}

_ARRIVAL = {
    vol.Optional("number", default=""): _number_or_all,
    vol.Optional("rings"): _NAMES_OR_EVERYONE,
    vol.Optional("mailbox"): _name_or_none,
}

_CODES = {vol.Optional(feature): f.code for feature in DEFAULT_CODES}

_CALLING = {
    vol.Optional("emergency"): f.each(f.filled_subscriber),
    vol.Optional("refused"): f.each(f.international),
    vol.Optional("hourly"): f.whole(0, 100_000),
    vol.Optional("minutes"): f.whole(0, 100_000),
    vol.Optional("codes"): vol.Schema(_CODES),
    vol.Optional("journal_days"): f.whole(0, 36_500),
    vol.Optional("route_seconds"): f.seconds(0, 10),
}

DEVICE = vol.Schema(_DEVICE)
ROLE = vol.Schema(_ROLE)
LANGUAGE = vol.Schema({vol.Required("language"): f.language})
USER = vol.Schema(_USER)
DOOR = vol.Schema(_DOOR)
TEAM = vol.Schema(_TEAM)
ARRIVALS = vol.Schema({vol.Required("arrivals"): vol.All(f.each(vol.Schema(_ARRIVAL)), vol.Length(max=200))})
ROOM = vol.Schema(vol.All(vol.Schema(_ROOM), _as_one_room))

_FILE = {
    vol.Optional("name"): f.filled,
    vol.Optional("data"): f.filled,
    vol.Optional("language"): vol.All(f.filled, f.language),
    vol.Optional("music"): f.named(f.name, f.filled),
    vol.Optional("sip"): {
        vol.Optional("listen"): vol.All(f.each(f.listen), vol.Length(min=1, msg="this must not be empty")),
        vol.Optional("domain"): f.text,
        vol.Optional("public_address"): f.text,
        vol.Optional("stun"): f.server_address,
        vol.Optional("nameserver"): f.server_address,
        vol.Optional("calls_per_account"): f.whole(1, 10_000),
    },
    vol.Optional("rtp"): {vol.Optional("ports"): f.port_range},
    vol.Optional("api"): {
        vol.Optional("listen"): f.host_and_port,
        vol.Optional("phones"): f.host_and_port,
        vol.Optional("token"): f.secret,
    },
    vol.Optional("roles"): f.named(f.name, ROLE),
    vol.Optional("users"): f.each(USER),
    vol.Optional("doors"): f.each(DOOR),
    vol.Optional("rooms"): f.each(ROOM),
    vol.Optional("teams"): f.each(TEAM),
    vol.Optional("workplaces"): f.each(vol.Schema(_WORKPLACE)),
    vol.Optional("trunks"): f.each(vol.Schema(_TRUNK)),
    vol.Optional("calling"): vol.Schema(_CALLING),
}
FILE = vol.Schema(_FILE)


def known_keys() -> frozenset[str]:
    """Every key there is, for the guess at what a misspelt one meant."""
    found: set[str] = set()

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            for key, value in part.items():
                found.add(str(key))
                walk(value)

    entries = (_ROLE, _DEVICE, _USER, _BUTTON, _VIDEO, _DOOR, _ROOM, _TEAM, _WORKPLACE, _TRUNK, _CALLING, _CODES)
    for part in (_FILE, *_OPEN.values(), *entries):
        walk(part)
    return frozenset(found)
