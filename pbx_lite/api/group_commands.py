"""What administrators ask of rooms, teams and lines as a whole: how they are set, and where calls from outside ring."""

from dataclasses import asdict
from typing import Any

from pbx_lite.api import room_schema, schema
from pbx_lite.api.command import Ask, command
from pbx_lite.config import Arrival, Team
from pbx_lite.config.runtime import ROOM_OPTIONS, arrival_mapping


@command("room/settings", room_schema.ROOM, admin=True)
async def room_settings(ask: Ask) -> dict[str, Any]:
    """What `room/update` changes; of PINs whether there are any, `room/pin` tells them."""
    directory = ask.services.directory
    room = directory.room(ask["room"])
    return {
        "settings": {
            "name": room.name,
            "display_name": room.display_name,
            "extension": room.extension,
            "has_pin": bool(directory.pin_of(room.name)),
            "has_admin_pin": bool(room.admin_pin),
            **{option: getattr(room, option) for option in ROOM_OPTIONS},
            "provisioned": room.provisioned,
        },
        "revision": directory.revisions.of(room),
    }


@command("team/settings", schema.TEAM, admin=True)
async def team_settings(ask: Ask) -> dict[str, Any]:
    """What `team/update` changes."""
    directory = ask.services.directory
    team = directory.team(ask["team"])
    return {"settings": _team_shown(team), "revision": directory.revisions.of(team)}


@command("team/add", schema.ADD_TEAM, admin=True)
async def add_team(ask: Ask) -> dict[str, Any]:
    return {"team": _team_shown(await ask.services.directory.add_team(ask.fields))}


@command("team/update", schema.UPDATE_TEAM, admin=True)
async def update_team(ask: Ask) -> dict[str, Any]:
    fields = {key: value for key, value in ask.fields.items() if key not in {"team", "revision"}}
    team = await ask.services.directory.update_team(ask["team"], fields, revision=ask.fields.get("revision"))
    return {"team": _team_shown(team)}


@command("team/remove", schema.TEAM, admin=True)
async def remove_team(ask: Ask) -> dict[str, Any]:
    await ask.services.directory.remove_team(ask["team"])
    return {}


@command("trunk/arrivals", schema.TRUNK, admin=True)
async def arrivals(ask: Ask) -> dict[str, Any]:
    """Where calls over a line go: as somebody said so far, and as the file says, where all but `default` is fixed."""
    directory = ask.services.directory
    name = ask["trunk"]
    said = directory.arrivals_of(name)
    trunk = next((each for each in directory.trunks() if each.name == name), None)
    return {
        "settings": _arrivals_shown(said),
        "fixed": [{"number": number, "target": target} for number, target in trunk.numbers] if trunk else [],
        "default": trunk.default if trunk else "",
        "revision": directory.revisions.of(said),
    }


@command("trunk/set_arrivals", schema.SET_ARRIVALS, admin=True)
async def set_arrivals(ask: Ask) -> dict[str, Any]:
    """Holds from the next call on; may be said of a line before it is there."""
    directory = ask.services.directory
    said = await directory.set_arrivals(ask["trunk"], ask["arrivals"], revision=ask.fields.get("revision"))
    return {"settings": _arrivals_shown(said), "revision": directory.revisions.of(said)}


def _team_shown(team: Team) -> dict[str, Any]:
    return {**asdict(team), "members": list(team.members)}


def _arrivals_shown(said: tuple[Arrival, ...]) -> dict[str, Any]:
    return {"arrivals": [arrival_mapping(each) for each in said]}
