"""What a client may ask of conference rooms: people of those in their roles, administrators and the system of all."""

from typing import Any

from pbx_lite.api import room_schema as schema
from pbx_lite.api.command import Ask, command
from pbx_lite.api.facade import there
from pbx_lite.api.payload import jpeg, sound
from pbx_lite.api.presentation import room_shown, stamp
from pbx_lite.api.room_facade import Rooms
from pbx_lite.directory import User

# Rooms that come and go


@command("room/add", schema.ADD_ROOM, admin=True)
async def add(ask: Ask) -> dict[str, Any]:
    room = await ask.services.directory.add_room(ask.fields)
    return {"room": room_shown(ask.services, room), **_pins(ask, room.name)}


@command("room/update", schema.UPDATE_ROOM, admin=True)
async def update(ask: Ask) -> dict[str, Any]:
    fields = {key: value for key, value in ask.fields.items() if key not in {"room", "revision"}}
    room = await ask.services.directory.update_room(ask["room"], fields, revision=ask.fields.get("revision"))
    return {"room": room_shown(ask.services, room), **_pins(ask, room.name)}


@command("room/remove", schema.ROOM, admin=True)
async def remove(ask: Ask) -> dict[str, Any]:
    await ask.services.directory.remove_room(ask["room"])
    return {}


@command("room/pin", schema.ROOM, admin=True)
async def pin(ask: Ask) -> dict[str, Any]:
    """The one place, beside the making and changing of a room, where its PINs leave the PBX."""
    return _pins(ask, ask["room"])


# Who is in it


@command("room/mute", schema.MUTE)
async def mute(ask: Ask) -> dict[str, Any]:
    rooms, room, _ = _steering(ask)
    rooms.mute(room, ask["participant"], muted=ask["muted"])
    return {}


@command("room/mute_all", schema.MUTE_ALL)
async def mute_all(ask: Ask) -> dict[str, Any]:
    rooms, room, _ = _steering(ask)
    rooms.mute_all(room, muted=ask["muted"])
    return {}


@command("room/volume", schema.VOLUME)
async def volume(ask: Ask) -> dict[str, Any]:
    rooms, room, _ = _steering(ask)
    rooms.set_volume(room, ask["participant"], float(ask["volume"]))
    return {}


@command("room/drop", schema.DROP)
async def drop(ask: Ask) -> dict[str, Any]:
    rooms, room, _ = _steering(ask)
    rooms.drop(room, ask["participant"])
    return {}


@command("room/lock", schema.LOCK)
async def lock(ask: Ask) -> dict[str, Any]:
    rooms, room, _ = _steering(ask)
    rooms.lock(room, locked=ask["locked"])
    return {}


@command("room/expect", schema.EXPECT)
async def expect(ask: Ask) -> dict[str, Any]:
    """The parties of one's call are about to come, by a transfer or by dialling: they are asked for no PIN."""
    rooms, room, by = _steering(ask)
    rooms.expect(room, ask["call"], by)
    return {}


@command("room/invite", schema.INVITE)
async def invite(ask: Ask) -> dict[str, Any]:
    rooms, room, by = _steering(ask)
    await rooms.invite(room, ask.to_dial(ask["number"]), by)
    return {}


# What is heard and seen


@command("room/play", schema.PLAY)
async def play(ask: Ask) -> dict[str, Any]:
    rooms, room, _ = _steering(ask)
    await rooms.play(room, ask.sound())
    return {}


@command("room/watch", schema.WATCH_ROOM)
async def watch(ask: Ask) -> dict[str, Any]:
    _, room, by = _steering(ask)
    return {"answer": await ask.sessions.watch_room(room, by, ask.fields)}


@command("room/image", schema.ROOM)
async def image(ask: Ask) -> dict[str, Any]:
    rooms, room, by = _steering(ask)
    return jpeg(await rooms.image(room, by))


@command("room/record", schema.RECORD)
async def record(ask: Ask) -> dict[str, Any]:
    rooms, room, _ = _steering(ask)
    rooms.record(room, on=ask["on"])
    return {}


@command("room/recordings", schema.ROOM)
async def recordings(ask: Ask) -> dict[str, Any]:
    rooms, room, _ = _steering(ask)
    return {"recordings": [{**each, "at": stamp(each["at"])} for each in await rooms.recordings(room)]}


@command("room/recording", schema.RECORDING)
async def recording(ask: Ask) -> dict[str, Any]:
    rooms, room, _ = _steering(ask)
    return await sound(await rooms.recording(room, ask["recording"]))


@command("room/forget_recording", schema.RECORDING)
async def forget_recording(ask: Ask) -> dict[str, Any]:
    rooms, room, _ = _steering(ask)
    await rooms.forget_recording(room, ask["recording"])
    return {}


def _steering(ask: Ask) -> tuple[Rooms, str, User | None]:
    """The rooms, the name of the one that is meant, and who asks.  Raises Forbidden and NotFound.

    An administrator who is no user here acts as the system does.
    """
    directory = ask.services.directory
    if ask.actor is not None and ask.actor.admin:
        by = directory.home_user(ask.actor.ha_user)
        directory.room(ask["room"])
    else:
        by = ask.by
        directory.require_room(by, ask["room"])
    return there(ask.services.rooms), ask["room"], by


def _pins(ask: Ask, room: str) -> dict[str, str]:
    directory = ask.services.directory
    return {"pin": str(directory.pin_of(room)), "admin_pin": str(directory.admin_pin_of(room))}
