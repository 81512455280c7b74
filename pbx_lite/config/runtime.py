"""Records that are made while the PBX runs: checked by the same tables as the file's, kept as plain JSON values."""

from collections.abc import Callable, Mapping
from typing import Any

import voluptuous as vol

from pbx_lite.config import build, schema
from pbx_lite.config.build import (
    ROOM_OPTIONS,
    arrival_mapping,
    device_mapping,
    door_mapping,
    role_mapping,
    room_mapping,
    team_mapping,
    user_mapping,
)
from pbx_lite.config.faults import from_voluptuous
from pbx_lite.config.records import Arrival, Device, Door, Role, Room, Team, User
from pbx_lite.errors import Invalid

__all__ = [
    "ROOM_OPTIONS",
    "arrival_mapping",
    "device_mapping",
    "door_mapping",
    "parse_arrivals",
    "parse_device",
    "parse_door",
    "parse_language",
    "parse_role",
    "parse_room",
    "parse_team",
    "parse_user",
    "role_mapping",
    "room_mapping",
    "team_mapping",
    "user_mapping",
]


def parse_user(fields: Mapping[str, Any]) -> User:
    """Raises Invalid with every fault."""
    return build.user(_checked(schema.USER, fields), provisioned=False)


def parse_device(fields: Mapping[str, Any], extension: str) -> Device:
    """A further phone of the user with this extension.  Raises Invalid with every fault."""
    return build.device(_checked(schema.DEVICE, fields), extension, provisioned=False)


def parse_door(fields: Mapping[str, Any]) -> Door:
    """Raises Invalid with every fault."""
    return build.door(_checked(schema.DOOR, fields), provisioned=False)


def parse_room(fields: Mapping[str, Any]) -> Room:
    """Raises Invalid with every fault."""
    return build.room(_checked(schema.ROOM, fields), provisioned=False)


def parse_team(fields: Mapping[str, Any]) -> Team:
    """Raises Invalid with every fault."""
    return build.team(_checked(schema.TEAM, fields), provisioned=False)


def parse_arrivals(arrivals: object) -> tuple[Arrival, ...]:
    """Where calls to a line's numbers go, each number once.  Raises Invalid with every fault."""
    checked = _checked(schema.ARRIVALS, {"arrivals": arrivals})["arrivals"]
    found = {each["number"]: build.arrival(each) for each in checked}
    if len(found) < len(checked):
        raise Invalid("arrivals: a number is there twice")
    return tuple(found.values())


def parse_language(value: object) -> str:
    """One that the PBX speaks, or empty.  Raises Invalid."""
    language: str = _checked(schema.LANGUAGE, {"language": value})["language"]
    return language


def parse_role(name: str, fields: Mapping[str, Any]) -> Role:
    """Raises Invalid with every fault."""
    return build.role(name, _checked(schema.ROLE, fields), provisioned=False)


def _checked(check: Callable[[Any], Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    try:
        checked: dict[str, Any] = check(dict(fields))
    except vol.Invalid as error:
        raise Invalid("; ".join(fault.message for fault in from_voluptuous(error))) from None
    return checked
