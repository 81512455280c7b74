"""How users, doors, calls, lines, roles and events look on the wire.  tests/wire/ holds an example of each."""

import dataclasses
import re
from datetime import UTC, datetime
from typing import Any

from pbx_lite.api.call_facade import CallSeen
from pbx_lite.api.facade import Services, there
from pbx_lite.api.room_facade import DOOR_BOX
from pbx_lite.calls.browsers import News, Rang
from pbx_lite.calls.party import Party
from pbx_lite.config import Door, OpenDtmf, OpenEvent, OpenHttp, Role, Secret
from pbx_lite.config.runtime import ROOM_OPTIONS
from pbx_lite.directory import Directory, Room, User
from pbx_lite.errors import NotFound
from pbx_lite.events import (
    CallChanged,
    DirectoryChanged,
    DoorChanged,
    Event,
    RoomChanged,
    TeamChanged,
    TrunkChanged,
    UserChanged,
)

_OPENINGS: dict[type, str] = {OpenDtmf: "dtmf", OpenHttp: "http", OpenEvent: "event"}


def snapshot(services: Services) -> dict[str, Any]:
    """All that a client shows; events change it from then on."""
    identity, directory, people = services.identity, services.directory, services.people
    return {
        "name": identity.name,
        "instance": identity.instance,
        "version": identity.version,
        "users": [user_shown(services, user) for user in directory.users()],
        "doors": [door_shown(services, door) for door in directory.doors()],
        "rooms": [room_shown(services, room) for room in directory.rooms()],
        "calls": [call_shown(services, call) for call in services.calls.calls()] if services.calls else [],
        "trunks": [dict(trunk) for trunk in services.trunks.states()] if services.trunks else [],
        "teams": [dict(team) for team in services.teams.states()] if services.teams else [],
        "workplaces": [dict(workplace) for workplace in people.workplaces()] if people else [],
    }


def user_shown(services: Services, user: User) -> dict[str, Any]:
    """The directory's view of a user, and how they can be reached over it."""
    boxes = services.mailboxes
    shown = {
        "name": user.name,
        "display_name": user.display_name,
        "extension": user.extension,
        "ha_user": services.directory.ha_user_of(user.name),
        "provisioned": user.provisioned,
        "roles": list(user.roles),
        "registered": False,
        "devices": [],
        "do_not_disturb": False,
        "availability": "available",
        "availability_text": "",
        "idle": False,
        "profile": "",
        "profiles": [],
        "in_call": services.calls is not None and services.calls.busy(user.name),
        "ringing": False,
        "language": user.language,
        "voicemail": boxes.count(user.name)[0] if boxes else 0,
        "voicemail_enabled": boxes.settings(user.name)["enabled"] if boxes else None,
    }
    return {**shown, **(services.people.state(user.name) if services.people else {})}


def call_shown(services: Services, call: CallSeen) -> dict[str, Any]:
    """A call with everyone in it: those who speak first, then those whose devices ring, each person once."""
    holding = [seat for seat in call.seats if seat.holding]
    parties = []
    for seat in call.seats:
        state = "holding" if seat.holding else "held" if holding else "up"
        parties.append(_party_shown(seat.party, seat.device, caller=seat.caller, state=state))
    rung: set[str] = set()
    for device in call.ringing:
        if device.user not in rung:
            rung.add(device.user)
            party = _rung(services, call, device.user)
            caller = bool(device.user) and device.user == call.caller.user and not call.seats
            parties.append(_party_shown(party, device.device, caller=caller, state="ringing"))
    return {
        "id": call.id,
        "state": call.state.value,
        "direction": call.direction,
        "trunk": call.trunk,
        "number": call.number,
        "started": stamp(call.started_at),
        "answered": stamp(call.answered_at) if call.answered_at is not None else None,
        "parties": parties,
    }


def takes_part(call: CallSeen, user: str) -> bool:
    """Whether this user is in the call, began it, or is rung by it."""
    return bool(user) and (
        user == call.caller.user
        or any(seat.party.user == user for seat in call.seats)
        or any(device.user == user for device in call.ringing)
    )


def _rung(services: Services, call: CallSeen, user: str) -> Party:
    if not user:
        return call.callee
    try:
        record = services.directory.user(user)
    except NotFound:
        return call.callee
    return Party(number=record.extension, name=record.display_name, user=user)


def _party_shown(party: Party, device: str, *, caller: bool, state: str) -> dict[str, Any]:
    seen = party.public()
    return {
        "number": seen.number,
        "name": seen.name,
        "user": seen.user,
        "device": "" if seen.private else device,
        "role": "caller" if caller else "callee",
        "state": state,
        "external": party.external,
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
        "voicemail": _left_at(services, door),
    }
    return {**shown, **services.doorbell.state(door.name)}


def _left_at(services: Services, door: Door) -> int | None:
    """New messages of visitors, None where they cannot leave any."""
    if services.mailboxes is None:
        return None
    new, heard = services.mailboxes.count(DOOR_BOX + door.name)
    return new if door.leave_message or new or heard else None


def room_shown(services: Services, room: Room) -> dict[str, Any]:
    """The directory's view of a room without its PINs, that of the conference over it."""
    state = dict(services.rooms.state(room.name)) if services.rooms else {}
    people = [{**each, "since": stamp(each["since"])} for each in state.get("participants", ())]
    since = state.get("since")
    return {
        "name": room.name,
        "display_name": room.display_name,
        "extension": room.extension,
        "provisioned": room.provisioned,
        "has_pin": bool(services.directory.pin_of(room.name)),
        "has_admin_pin": bool(services.directory.admin_pin_of(room.name)),
        "options": {option: getattr(room, option) for option in ROOM_OPTIONS},
        **{key: state.get(key, False) for key in ("active", "locked", "muted", "recording")},
        "since": stamp(since) if since is not None else None,
        "participants": people,
    }


def role_shown(directory: Directory, role: Role) -> dict[str, Any]:
    return {
        "name": role.name,
        "see": list(role.see),
        "open": list(role.open),
        "dial": list(role.dial),
        "pickup": role.pickup,
        "rooms": list(role.rooms),
        "phonebook": role.phonebook,
        "provisioned": role.provisioned,
        "revision": directory.revisions.of(role),
    }


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
    """None for an event about a door, user or line that is gone."""
    shown: dict[str, Any] = {"kind": kind_of(type(event))}
    for field in dataclasses.fields(event):
        shown[field.name] = _plain(getattr(event, field.name))
    try:
        match event:
            case DoorChanged():
                shown["state"] = door_shown(services, services.directory.door(event.door))
            case DirectoryChanged():
                shown["snapshot"] = snapshot(services)
            case RoomChanged():
                shown["state"] = room_shown(services, services.directory.room(event.room))
            case CallChanged():
                shown["state"] = _state_of(services, event.call)
            case UserChanged():
                shown["state"] = user_shown(services, services.directory.user(event.user))
            case TeamChanged():
                shown["state"] = dict(there(services.teams).state(event.team))
            case TrunkChanged():
                trunks = services.trunks.states() if services.trunks else ()
                shown["state"] = dict(next(trunk for trunk in trunks if trunk["name"] == event.trunk))
            case _:
                pass
    except NotFound, StopIteration:
        return None
    shown["at"] = stamp(services.wall())
    return shown


def _state_of(services: Services, call: str) -> dict[str, Any] | None:
    """None once the call is over."""
    try:
        return call_shown(services, services.calls.call(call)) if services.calls is not None else None
    except NotFound:
        return None


def _plain(value: Any) -> Any:
    """A field of an event as JSON has it."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return value


def kind_of(event: type[Event]) -> str:
    """`DoorRang` as `door_rang`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__).lower()


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def news_shown(user: str, device: str, news: News) -> dict[str, Any]:
    """What one page of a user is told of one of its calls."""
    kind = "phone_rang" if isinstance(news, Rang) else "phone_changed"
    return {"kind": kind, "user": user, "device": device, **dataclasses.asdict(news)}
