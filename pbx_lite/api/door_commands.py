"""What a client may ask of doors."""

from collections.abc import Mapping
from typing import Any

from pbx_lite.api import schema
from pbx_lite.api.command import Ask, command
from pbx_lite.api.payload import jpeg
from pbx_lite.api.presentation import account_shown, door_shown, stamp
from pbx_lite.config.runtime import door_mapping
from pbx_lite.errors import Forbidden
from pbx_lite.events import DoorOpenFailed


@command("door/open", schema.DOOR)
async def open_door(ask: Ask) -> dict[str, Any]:
    """A refusal is an event too, so that the log keeps who tried."""
    directory, door = ask.services.directory, ask["door"]
    try:
        by = ask.by
        directory.require(by, "open", door)
    except Forbidden as error:
        who = directory.home_user(ask.actor.ha_user) if ask.actor else None
        name = who.name if who else (ask.actor.name or ask.actor.ha_user if ask.actor else "system")
        ask.services.bus.publish(DoorOpenFailed(door=directory.door(door).name, by=name, how="", error=error.message))
        raise
    how = await ask.services.doorbell.open(door, by)
    return {"how": how, "by": by.name if by else "system"}


@command("door/rights", schema.DOOR)
async def rights(ask: Ask) -> dict[str, bool]:
    """What the person may do; one who is not linked may nothing."""
    directory = ask.services.directory
    door = directory.door(ask["door"]).name
    user = directory.home_user(ask.actor.ha_user) if ask.actor else None
    nobody = ask.actor is not None and user is None
    return {
        "see": not nobody and directory.may(user, "see", door),
        "talk": not nobody and directory.may(user, "talk", door),
        "open": not nobody and directory.may(user, "open", door),
    }


@command("door/call", schema.DOOR, right="talk")
async def call(ask: Ask) -> dict[str, Any]:
    await ask.services.doorbell.call(ask["door"], ask.by)
    return {}


@command("door/end", schema.DOOR, right="talk")
async def end(ask: Ask) -> dict[str, Any]:
    await ask.services.doorbell.end(ask["door"], ask.by)
    return {}


@command("door/watch", schema.WATCH, right="see")
async def watch(ask: Ask) -> dict[str, Any]:
    return {"answer": await ask.sessions.watch(ask["door"], ask.by, ask.fields)}


@command("webrtc/candidate", schema.CANDIDATE)
async def candidate(ask: Ask) -> dict[str, Any]:
    await ask.sessions.candidate(ask.fields)
    return {}


@command("webrtc/close", schema.SESSION)
async def close_session(ask: Ask) -> dict[str, Any]:
    await ask.sessions.close_session(ask["session"])
    return {}


@command("door/image", schema.DOOR, right="see")
async def image(ask: Ask) -> dict[str, Any]:
    return jpeg(await ask.services.doorbell.image(ask["door"], ask.by))


@command("door/last_visitor", schema.DOOR, right="see")
async def last_visitor(ask: Ask) -> dict[str, Any] | None:
    kept = ask.services.visitors.last_picture(ask["door"])
    return None if kept is None else {**jpeg(kept[0]), "at": stamp(kept[1])}


@command("door/visitor", schema.VISITOR, right="see")
async def visitor(ask: Ask) -> dict[str, Any] | None:
    """Who rang once, by the id of the ring in the door's log."""
    kept = await ask.services.visitors.picture(ask["door"], ask["entry"])
    return None if kept is None else jpeg(kept)


@command("door/log", schema.LOG)
async def log(ask: Ask) -> dict[str, Any]:
    """The entries of one door, or of all that the person may see; of doors that are gone for the system alone.

    `next` is the `before` of the following page.
    """
    directory, by, door = ask.services.directory, ask.by, ask.fields.get("door")
    if door is not None:
        directory.require(by, "see", door)
    limit = ask["limit"]
    entries = await ask.services.visitors.entries(door, limit, ask["before"])
    after = entries[-1]["id"] if len(entries) == limit else None
    return {"entries": [entry for entry in entries if directory.may(by, "see", entry["door"])], "next": after}


@command("profile/list")
async def profiles(ask: Ask) -> dict[str, Any]:
    return {"profiles": [dict(profile) for profile in ask.services.profiles]}


@command("door/add", schema.ADD_DOOR, admin=True)
async def add(ask: Ask) -> dict[str, Any]:
    door = await ask.services.directory.add_door(_as_configured(ask.fields, {}))
    return {
        "door": door_shown(ask.services, door),
        "account": account_shown(ask.services, door.extension, door.password),
    }


@command("door/update", schema.UPDATE_DOOR, admin=True)
async def update(ask: Ask) -> dict[str, Any]:
    fields = {key: value for key, value in ask.fields.items() if key not in {"door", "revision"}}
    old = ask.services.directory.door(ask["door"])
    door = await ask.services.directory.update_door(
        old.name, _as_configured(fields, door_mapping(old)["video"]), revision=ask.fields.get("revision")
    )
    return {"door": door_shown(ask.services, door)}


@command("door/remove", schema.DOOR, admin=True)
async def remove(ask: Ask) -> dict[str, Any]:
    await ask.services.directory.remove_door(ask["door"])
    ask.services.visitors.forget_door(ask["door"])
    return {}


@command("door/account", schema.DOOR, admin=True)
async def account(ask: Ask) -> dict[str, Any]:
    door = ask.services.directory.door(ask["door"])
    return {"account": account_shown(ask.services, door.extension, door.password)}


def _as_configured(fields: Mapping[str, Any], video: Mapping[str, Any]) -> dict[str, Any]:
    """The command's flat fields as a door in pbx.yaml; those of the picture over what it had."""
    configured = {key: value for key, value in fields.items() if key not in schema.VIDEO_KEYS}
    changes = {schema.VIDEO_KEYS[key]: value for key, value in fields.items() if key in schema.VIDEO_KEYS}
    if changes:
        configured["video"] = {**video, **changes}
    return configured
