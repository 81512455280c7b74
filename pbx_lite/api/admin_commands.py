"""What only administrators ask: records as they are set, to be changed, and the log.  No secret is among it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pbx_lite.api import schema
from pbx_lite.api.command import Ask, command
from pbx_lite.api.facade import there
from pbx_lite.api.presentation import stamp
from pbx_lite.config import Door, Open, OpenDtmf, OpenHttp


@command("door/settings", schema.DOOR, admin=True)
async def door_settings(ask: Ask) -> dict[str, Any]:
    """What `door/update` changes: fields by its names, but of passwords and codes whether there is one."""
    directory = ask.services.directory
    door = directory.door(ask["door"])
    return {
        "settings": {
            "name": door.name,
            "display_name": door.display_name,
            "extension": door.extension,
            "model": door.model,
            "address": door.address,
            "rings": list(door.rings),
            "buttons": [{"number": each.number, "name": each.name, "rings": list(each.rings)} for each in door.buttons],
            "ring_seconds": door.ring_seconds,
            "late_seconds": door.late_seconds,
            "leave_message": door.leave_message,
            "open": [_opening(way) for way in door.open],
            **_pictures(door),
            "provisioned": door.provisioned,
        },
        "revision": directory.revisions.of(door),
    }


@command("user/settings", schema.USER, admin=True)
async def user_settings(ask: Ask) -> dict[str, Any]:
    """What `user/update` changes, and the phones that have accounts of their own."""
    directory, people = ask.services.directory, ask.services.people
    user = directory.user(ask["user"])
    own: Mapping[str, Any] = people.settings(user.name) if people is not None else {}
    return {
        "settings": {
            "name": user.name,
            "display_name": user.display_name,
            "extension": user.extension,
            "roles": list(user.roles),
            "mobile": own.get("mobile") or user.mobile,
            "language": user.language,
            "voicemail": user.voicemail,
            "has_account": bool(user.password),
            "devices": [
                {"name": each.name, "account": each.account, "provisioned": each.provisioned} for each in user.devices
            ],
            "ha_user": directory.ha_user_of(user.name),
            "provisioned": user.provisioned,
        },
        "revision": directory.revisions.of(user),
    }


@command("log/read", schema.LOG_LINES, admin=True)
async def read_log(ask: Ask) -> dict[str, Any]:
    """The newest lines that fit; with `wait` (seconds) and none that fit yet, the next that do."""
    log = there(ask.services.log)
    wanted = {key: ask[key] for key in ("after", "level", "part", "text", "limit")}
    ends = ask.services.clock() + ask["wait"]
    while True:
        last = log.last
        lines = log.read(**wanted)
        left = ends - ask.services.clock()
        if lines or left <= 0:
            break
        if log.last == last:
            await log.more(left)
    return {
        "lines": [
            {"id": each.id, "at": stamp(each.at), "level": each.level, "part": each.part, "text": each.text}
            for each in lines
        ],
        "last": last,
        "parts": log.parts(),
    }


def _opening(way: Open) -> dict[str, Any]:
    match way:
        case OpenDtmf():
            return {"kind": "dtmf", "how": way.how, "digit_ms": way.digit_ms}
        case OpenHttp():
            # The rest of the address may be what opens.
            host = urlsplit(way.url).hostname or ""
            return {"kind": "http", "host": host, "method": way.method, "username": way.username}
        case _:
            return {"kind": "event"}


def _pictures(door: Door) -> dict[str, Any]:
    video = door.video
    return {
        "video_url": _without_account(video.url),
        "image_url": _without_account(video.image_url),
        "username": video.username,
        "has_password": bool(video.password),
        "in_call": video.in_call,
        "early": video.early,
    }


def _without_account(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if "@" in parts.netloc else url
