"""The shapes of what clients send about rooms, mailboxes and spoken words; rooms are checked by the configuration."""

import voluptuous as vol

from pbx_lite.api.schema import AS_IT_IS, LINE, NAME, NUMBER, SEEN, WATCHING, Fields, text
from pbx_lite.config.runtime import ROOM_OPTIONS

SOUND_LIMIT = 10 * 1024 * 1024
"""Bytes of a sound that a client sends, decoded."""
_SOUND = vol.Any(
    vol.All(str, vol.Length(min=1, max=4 * (SOUND_LIMIT // 3 + 1), msg="a sound has up to 10 MB")),
    None,
    msg="this must be a sound of up to 10 MB in base64, or null",
)

ROOM: Fields = {vol.Required("room"): NAME}
_PARTICIPANT: Fields = {**ROOM, vol.Required("participant"): NAME}
_DETAILS: Fields = {
    vol.Optional(key): AS_IT_IS
    for key in ("display_name", "extension", "pin", "admin_pin", "announcement", "video_mode", *ROOM_OPTIONS)
}
ADD_ROOM: Fields = {vol.Optional("name"): NAME, **_DETAILS}
UPDATE_ROOM: Fields = {**ROOM, **SEEN, **_DETAILS}
MUTE: Fields = {**_PARTICIPANT, vol.Required("muted"): bool}
MUTE_ALL: Fields = {**ROOM, vol.Required("muted"): bool}
VOLUME: Fields = {**_PARTICIPANT, vol.Required("volume"): vol.All(vol.Any(int, float), vol.Range(0, 4))}
DROP: Fields = _PARTICIPANT
LOCK: Fields = {**ROOM, vol.Required("locked"): bool}
RECORD: Fields = {**ROOM, vol.Required("on"): bool}
EXPECT: Fields = {**ROOM, vol.Required("call"): NAME}
INVITE: Fields = {**ROOM, vol.Required("number"): NUMBER}
PLAY: Fields = {**ROOM, vol.Required("url"): text(4096)}
WATCH_ROOM: Fields = {**ROOM, **WATCHING}
RECORDING: Fields = {**ROOM, vol.Required("recording"): LINE}

_WHO: Fields = {vol.Optional("user"): NAME}
BOX: Fields = {vol.Optional("box"): LINE}
MESSAGE: Fields = {vol.Required("message"): LINE}
MARK: Fields = {**MESSAGE, vol.Required("heard"): bool}
MAILBOX: Fields = _WHO
GREETING: Fields = {**_WHO, vol.Required("data"): _SOUND}
SET_MAILBOX: Fields = {
    **_WHO,
    vol.Optional("enabled"): bool,
    vol.Optional("seconds"): vol.All(vol.Any(int, float), vol.Range(1, 300)),
    vol.Optional("pin"): text(12, empty=True),
}

_LANGUAGE = text(16)
WANTED: Fields = {vol.Required("language"): _LANGUAGE}
PROMPTS: Fields = {vol.Optional("language"): _LANGUAGE}
REPLACE: Fields = {
    vol.Required("language"): _LANGUAGE,
    vol.Required("key"): LINE,
    vol.Required("data"): _SOUND,
}
