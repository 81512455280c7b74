"""How users, doors, roles and events look on the wire.  tests/wire/ holds an example of each."""

import dataclasses
import re
from datetime import UTC, datetime
from typing import Any

from pbx_lite.api.facade import Services
from pbx_lite.config import Door, OpenDtmf, OpenEvent, OpenHttp, Role, Secret
from pbx_lite.directory import Directory, User
from pbx_lite.errors import NotFound
from pbx_lite.events import DirectoryChanged, DoorChanged, Event

_OPENINGS: dict[type, str] = {OpenDtmf: "dtmf", OpenHttp: "http", OpenEvent: "event"}


def snapshot(services: Services) -> dict[str, Any]:
    """All that a client shows; events change it from then on."""
    identity, directory = services.identity, services.directory
    return {
        "name": identity.name,
        "instance": identity.instance,
        "version": identity.version,
        "users": [user_shown(directory, user) for user in directory.users()],
        "doors": [door_shown(services, door) for door in directory.doors()],
        "rooms": [],
    }


def user_shown(directory: Directory, user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "display_name": user.display_name,
        "extension": user.extension,
        "ha_user": directory.ha_user_of(user.name),
        "provisioned": user.provisioned,
        "roles": list(user.roles),
    }


def door_shown(services: Services, door: Door) -> dict[str, Any]:
    """The directory's view of a door, the doorbell's over it."""
    shown = {
        "name": door.name,
        "display_name": door.display_name,
        "extension": door.extension,
        "model": door.model,
        "provisioned": door.provisioned,
        "connected": False,
        "state": "idle",
        "ring": None,
        "buttons": [{"number": button.number, "name": button.name} for button in door.buttons],
        "viewers": 0,
        "opening": _OPENINGS[type(door.open[0])] if door.open else "none",
        "picture": door.video.in_call or bool(door.video.url or door.video.image_url),
        "two_way": True,
        "last_ring": services.visitors.last_ring(door.name),
    }
    return {**shown, **services.doorbell.state(door.name)}


def role_shown(role: Role) -> dict[str, Any]:
    return {"name": role.name, "see": list(role.see), "open": list(role.open), "provisioned": role.provisioned}


def account_shown(services: Services, username: str, password: Secret) -> dict[str, Any]:
    """The one place where a SIP password leaves the PBX: for an administrator to type into a station."""
    access = services.sip_access()
    return {
        "server": access.server,
        "port": access.port,
        "transports": list(access.transports),
        "username": username,
        "password": str(password),
    }


def event_shown(services: Services, event: Event) -> dict[str, Any] | None:
    """None for an event about a door that is gone."""
    shown: dict[str, Any] = {"kind": kind_of(type(event))}
    for field in dataclasses.fields(event):
        value = getattr(event, field.name)
        shown[field.name] = list(value) if isinstance(value, tuple) else value
    try:
        if isinstance(event, DoorChanged):
            shown["state"] = door_shown(services, services.directory.door(event.door))
        elif isinstance(event, DirectoryChanged):
            shown["snapshot"] = snapshot(services)
    except NotFound:
        return None
    shown["at"] = stamp(services.wall())
    return shown


def kind_of(event: type[Event]) -> str:
    """`DoorRang` as `door_rang`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__).lower()


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
