"""The shapes of what clients send.  Details of doors and users are checked by the configuration's own tables."""

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from pbx_lite.config.faults import from_voluptuous
from pbx_lite.errors import Invalid

SDP_LIMIT = 128 * 1024

type Fields = dict[Any, Any]


def text(limit: int, *, empty: bool = False) -> vol.All:
    return vol.All(
        str, vol.Length(min=0 if empty else 1, max=limit, msg=f"this must be text of up to {limit} characters")
    )


NAME = text(64)
LINE = text(200)
NAMES = [NAME]

FRAME = vol.Schema(
    {
        vol.Required("id"): int,
        vol.Required("type"): text(64),
        vol.Optional("as"): {
            vol.Required("ha_user"): LINE,
            vol.Optional("name", default=""): text(200, empty=True),
            vol.Optional("admin", default=False): bool,
        },
    },
    extra=vol.ALLOW_EXTRA,
)
"""What every frame of a client has; the rest is its command's."""

AUTH_FRAME = vol.Schema({vol.Required("token"): text(512)})
PAIR_FRAME = vol.Schema({vol.Required("code"): text(32), vol.Optional("client", default="A client"): LINE})

DOOR: Fields = {vol.Required("door"): NAME}
VISITOR: Fields = {**DOOR, vol.Required("entry"): vol.All(int, vol.Range(1, 2**53))}
LOG: Fields = {
    vol.Optional("door"): vol.Any(NAME, None),
    vol.Optional("before", default=None): vol.Any(vol.All(int, vol.Range(1, 2**53)), None),
    vol.Optional("limit", default=100): vol.All(int, vol.Range(1, 500)),
}

ICE_SERVER = {
    vol.Required("urls"): vol.Any(LINE, vol.All([LINE], vol.Length(max=20))),
    vol.Optional("username"): vol.Any(text(512, empty=True), None),
    vol.Optional("credential"): vol.Any(text(512, empty=True), None),
}
WATCHING: Fields = {
    vol.Required("session"): text(128),
    vol.Required("offer"): text(SDP_LIMIT),
    vol.Optional("ice_servers", default=list): vol.All([ICE_SERVER], vol.Length(max=20)),
}
"""What a browser begins a session with."""
WATCH: Fields = {**DOOR, **WATCHING}
CANDIDATE: Fields = {
    vol.Required("session"): text(128),
    vol.Required("candidate"): text(2048, empty=True),
    vol.Optional("sdp_mid", default=None): vol.Any(text(64, empty=True), None),
    vol.Optional("sdp_m_line_index", default=None): vol.Any(vol.All(int, vol.Range(0, 64)), None),
}
SESSION: Fields = {vol.Required("session"): text(128)}

AS_IT_IS = object
_DOOR_DETAILS: Fields = {
    vol.Optional(key): AS_IT_IS
    for key in (
        "display_name",
        "extension",
        "model",
        "rings",
        "buttons",
        "address",
        "open",
        "ring_seconds",
        "late_seconds",
        "leave_message",
    )
}
_VIDEO_DETAILS: Fields = {
    vol.Optional("video_url"): AS_IT_IS,
    vol.Optional("image_url"): AS_IT_IS,
    vol.Optional("username"): AS_IT_IS,
    vol.Optional("password"): AS_IT_IS,
    vol.Optional("in_call"): AS_IT_IS,
    vol.Optional("early"): AS_IT_IS,
}
VIDEO_KEYS = {
    "video_url": "url",
    "image_url": "image_url",
    "username": "username",
    "password": "password",
    "in_call": "in_call",
    "early": "early",
}
"""Fields of a command and the keys of `video:` in pbx.yaml.  The account is the station's, for its pictures."""

ADD_DOOR: Fields = {vol.Optional("name"): NAME, **_DOOR_DETAILS, **_VIDEO_DETAILS}
SEEN: Fields = {vol.Optional("revision"): text(32)}
"""Which state of the record the change is made of; left out, whatever it is by now."""
UPDATE_DOOR: Fields = {**DOOR, **SEEN, **_DOOR_DETAILS, **_VIDEO_DETAILS}

USER: Fields = {vol.Required("user"): NAME}
_USER_DETAILS: Fields = {
    vol.Optional(key): AS_IT_IS
    for key in ("display_name", "extension", "roles", "devices", "mobile", "codecs", "language", "voicemail")
}
ADD_USER: Fields = {vol.Optional("name"): NAME, **_USER_DETAILS}
UPDATE_USER: Fields = {**USER, **SEEN, **_USER_DETAILS}
LINK: Fields = {
    vol.Required("ha_user"): LINE,
    vol.Optional("name", default=""): text(200, empty=True),
    vol.Required("user"): vol.Any(NAME, None),
    vol.Optional("roles"): NAMES,
}
UNLINK: Fields = {vol.Required("ha_user"): LINE}

ROLE: Fields = {vol.Required("role"): NAME}
SAVE_ROLE: Fields = {
    **ROLE,
    **SEEN,
    vol.Optional("see", default=list): NAMES,
    vol.Optional("open", default=list): NAMES,
    **{vol.Optional(key): AS_IT_IS for key in ("dial", "pickup", "rooms", "phonebook")},
}

TEAM: Fields = {vol.Required("team"): NAME}
_TEAM_DETAILS: Fields = {
    vol.Optional(key): AS_IT_IS for key in ("display_name", "extension", "members", "ring_seconds", "wait_seconds")
}
ADD_TEAM: Fields = {vol.Optional("name"): NAME, **_TEAM_DETAILS}
UPDATE_TEAM: Fields = {**TEAM, **SEEN, **_TEAM_DETAILS}
TRUNK: Fields = {vol.Required("trunk"): NAME}
SET_ARRIVALS: Fields = {**TRUNK, **SEEN, vol.Required("arrivals"): AS_IT_IS}

NUMBER = text(128)
_WHO: Fields = {vol.Optional("user"): NAME}
CALL: Fields = {vol.Required("call"): NAME, **_WHO}
DIAL: Fields = {
    vol.Required("number"): NUMBER,
    **_WHO,
    vol.Optional("device", default=""): text(64, empty=True),
    vol.Optional("auto_answer", default=False): bool,
}
KEYS = vol.All(str, vol.Match(r"\A[0-9A-Da-d*#]{1,32}\Z", msg="these must be up to 32 keys of 0-9, A-D, * and #"))
SEND_DTMF: Fields = {**CALL, vol.Required("digits"): KEYS}
TRANSFER: Fields = {
    **CALL,
    vol.Optional("number"): NUMBER,
    vol.Optional("to_call"): NAME,
}
CONFERENCE: Fields = {**CALL, vol.Required("other"): NAME}
REMOVE_PARTY: Fields = {**CALL, vol.Required("number"): NUMBER}
ANNOUNCE: Fields = {
    vol.Required("targets"): vol.All([NAME], vol.Length(min=1, max=200, msg="name 1 to 200 targets")),
    vol.Required("url"): text(4096),
}
JOURNAL: Fields = {
    **_WHO,
    vol.Optional("way", default=""): vol.In(("", "in", "out", "missed")),
    vol.Optional("number", default=""): text(64, empty=True),
    vol.Optional("direction", default=""): vol.In(("", "internal", "inbound", "outbound")),
    vol.Optional("outcome", default=""): vol.In(("", "answered", "missed", "busy", "refused", "failed", "cancelled")),
    vol.Optional("before", default=None): vol.Any(vol.All(int, vol.Range(1, 2**53)), None),
    vol.Optional("limit", default=50): vol.All(int, vol.Range(1, 500)),
}

DUTY: Fields = {**TEAM, **_WHO, vol.Required("duty"): vol.In(("in", "paused", "out"))}
SET_USER: Fields = {
    **USER,
    vol.Optional("do_not_disturb"): bool,
    vol.Optional("availability"): vol.In(("available", "busy", "away")),
    vol.Optional("availability_text"): text(60, empty=True),
    vol.Optional("idle"): bool,
    vol.Optional("call_waiting"): bool,
    vol.Optional("profile"): NAME,
    vol.Optional("mobile"): vol.Any(text(64, empty=True), None),
    vol.Optional("pin"): text(12, empty=True),
    vol.Optional("language"): text(16, empty=True),
}
ADD_DEVICE: Fields = {**USER, vol.Required("device"): NAME, vol.Optional("codecs"): NAMES}
REMOVE_DEVICE: Fields = {**USER, vol.Required("device"): NAME}
WORKPLACE: Fields = {vol.Required("workplace"): NAME, **_WHO}
_RUNGS = vol.All(
    [
        {
            vol.Required("device"): text(64),
            vol.Optional("after", default=0): vol.All(vol.Any(int, float), vol.Range(0, 600)),
            vol.Optional("seconds", default=None): vol.Any(vol.All(vol.Any(int, float), vol.Range(1, 600)), None),
        }
    ],
    vol.Length(max=20),
)
SET_FOLLOW_ME: Fields = {
    **USER,
    vol.Required("profile"): NAME,
    **{vol.Optional(scope): vol.Any(None, _RUNGS) for scope in ("internal", "external", "team")},
    vol.Optional("outgoing"): text(64, empty=True),
    vol.Optional("remove"): bool,
}
FORWARD: Fields = {
    **USER,
    **{vol.Optional(key): text(64, empty=True) for key in ("always", "busy", "no_answer")},
    vol.Optional("seconds"): vol.All(vol.Any(int, float), vol.Range(1, 600)),
}
MESSAGE: Fields = {vol.Required("to"): NAME, vol.Required("text"): text(4096)}
ANSWER_ROUTE: Fields = {
    vol.Required("request"): NAME,
    vol.Optional("number"): NUMBER,
    vol.Optional("refuse"): bool,
    vol.Optional("ring"): vol.All([NAME], vol.Length(min=1, max=50)),
}
PROVISION: Fields = {
    **_WHO,
    vol.Optional("device", default=""): text(64, empty=True),
    vol.Optional("workplace"): NAME,
    vol.Required("model"): NAME,
}
RESTART: Fields = {**USER, vol.Optional("device", default=""): text(64, empty=True)}

LOG_LINES: Fields = {
    vol.Optional("after", default=0): vol.All(int, vol.Range(0, 2**53)),
    vol.Optional("level", default="info"): vol.In(("debug", "info", "warning", "error")),
    vol.Optional("part", default=""): text(64, empty=True),
    vol.Optional("text", default=""): text(100, empty=True),
    vol.Optional("limit", default=200): vol.All(int, vol.Range(1, 500)),
    vol.Optional("wait", default=0): vol.All(vol.Any(int, float), vol.Range(0, 25)),
}


def checked(schema: vol.Schema, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Raises Invalid with every fault."""
    try:
        result: dict[str, Any] = schema(dict(fields))
    except vol.Invalid as error:
        raise Invalid("; ".join(fault.message for fault in from_voluptuous(error))) from None
    return result
