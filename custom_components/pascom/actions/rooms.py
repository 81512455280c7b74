"""The actions about conference rooms and what was recorded in them.  The PBX decides who may do what."""

from typing import Any

import probatio as vol
from homeassistant.core import ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonValueType

from ..chosen_rooms import ChosenRoom, all_rooms, participants_called, rooms_by_name, rooms_by_target
from ..coordinator import PascomConfigEntry
from ..extensions import by_target
from ..wire.dialled import as_number
from ..wire.errors import PascomError
from ..wire.room_models import Participant, RoomRecording
from .asked import CONF_EXTENSION, SAID, Action, Asked, Fields, invalid

CONF_ROOM = "room"
CONF_NUMBER = "number"
CONF_PARTICIPANT = "participant"
CONF_MUTED = "muted"
CONF_RECORDING = "recording"

_NUMBERS = vol.All(cv.ensure_list, [as_number])
_ROOM: Fields = {vol.Optional(CONF_ROOM): _NUMBERS, **cv.ENTITY_SERVICE_FIELDS}
_PARTICIPANTS = vol.All(cv.ensure_list, [as_number])


def _named(asked: Asked) -> list[ChosenRoom]:
    """Those that are meant, each once; nothing where none is named."""
    named, unknown = rooms_by_name(asked.hass, asked.fields.get(CONF_ROOM, ()))
    if unknown:
        raise invalid("no_room", room=", ".join(unknown))
    meant = [*rooms_by_target(asked.hass, asked.fields), *named]
    return list({(chosen.entry.entry_id, chosen.room.name): chosen for chosen in meant}.values())


def _rooms(asked: Asked) -> list[ChosenRoom]:
    """Those that are meant; where none is named, the only one that there is."""
    meant = _named(asked)
    rooms = meant or all_rooms(asked.hass)
    if not meant and len(rooms) != 1:
        raise invalid("which_room")
    return rooms


def _room(asked: Asked) -> ChosenRoom:
    rooms = _rooms(asked)
    if len(rooms) > 1:
        raise invalid("one_room")
    return rooms[0]


def _participants(asked: Asked, chosen: ChosenRoom) -> list[Participant]:
    """Those who are named, each once."""
    found: dict[str, Participant] = {}
    users = chosen.entry.runtime_data.coordinator.data.users
    for name in asked.fields.get(CONF_PARTICIPANT, ()):
        called = participants_called(chosen.room, name)
        called += [
            each for each in chosen.room.participants if each.user in users and users[each.user].extension == name
        ]
        if not called:
            raise invalid("no_participant", name=name, room=chosen.room.display_name)
        found |= {each.id: each for each in called}
    return list(found.values())


async def _invite(asked: Asked) -> ServiceResponse:
    """Numbers, and people whose devices are among the targets; who cannot be reached does not keep off the others."""
    chosen = _room(asked)
    data = chosen.entry.runtime_data
    users = data.coordinator.data.users
    numbers = [users[name].extension if name in users else name for name in asked.fields.get(CONF_NUMBER, ())]
    people = [*by_target(asked.hass, asked.fields), *asked.extensions]
    numbers += [each.user.extension for each in people if each.entry is chosen.entry]
    numbers += asked.unknown
    if not numbers:
        raise invalid("whom_to_invite")
    actor = await asked.actor(chosen.entry)
    refused: PascomError | None = None
    for number in dict.fromkeys(numbers):
        try:
            await data.rooms.invite(actor, chosen.room.name, number)
        except PascomError as err:
            refused = refused or err
    if refused is not None:
        raise refused
    return None


async def _remove(asked: Asked) -> ServiceResponse:
    chosen = _room(asked)
    actor = await asked.actor(chosen.entry)
    for participant in _participants(asked, chosen):
        await chosen.entry.runtime_data.rooms.drop(actor, chosen.room.name, participant.id)
    return None


async def _mute(asked: Asked) -> ServiceResponse:
    """Those who are named; without a name everybody, whoever comes later included."""
    muted: bool = asked.fields[CONF_MUTED]
    if CONF_PARTICIPANT not in asked.fields:
        for chosen in _rooms(asked):
            actor = await asked.actor(chosen.entry)
            await chosen.entry.runtime_data.rooms.mute_all(actor, chosen.room.name, muted=muted)
        return None
    chosen = _room(asked)
    actor = await asked.actor(chosen.entry)
    for participant in _participants(asked, chosen):
        await chosen.entry.runtime_data.rooms.mute(actor, chosen.room.name, participant.id, muted=muted)
    return None


async def _play(asked: Asked) -> ServiceResponse:
    rooms = _rooms(asked)
    said: dict[str, str] = {}
    for chosen in rooms:
        entry: PascomConfigEntry = chosen.entry
        if entry.entry_id not in said:
            said[entry.entry_id] = await asked.said(entry)
        await entry.runtime_data.rooms.play(await asked.actor(entry), chosen.room.name, said[entry.entry_id])
    return None


async def _get_recordings(asked: Asked) -> ServiceResponse:
    """Of the rooms that are meant; where none is, of all those that belong to who asks."""
    named = _named(asked)
    recordings: list[tuple[RoomRecording, ChosenRoom]] = []
    for chosen in named or all_rooms(asked.hass):
        actor = await asked.actor(chosen.entry)
        try:
            found = await chosen.entry.runtime_data.rooms.recordings(actor, chosen.room.name)
        except PascomError as err:
            if named or err.code != "forbidden":
                raise
        else:
            recordings += [(each, chosen) for each in found]
    recordings.sort(key=lambda each: each[0].at, reverse=True)
    return {"recordings": [_shown(*each) for each in recordings]}


def _shown(recording: RoomRecording, chosen: ChosenRoom) -> dict[str, JsonValueType]:
    return {
        "recording": recording.id,
        "room": chosen.room.name,
        "room_name": chosen.room.display_name,
        "at": recording.at.isoformat(),
        "seconds": recording.seconds,
    }


async def _delete_recording(asked: Asked) -> ServiceResponse:
    chosen = _room(asked)
    actor = await asked.actor(chosen.entry)
    for recording in asked.fields[CONF_RECORDING]:
        await chosen.entry.runtime_data.rooms.forget(actor, chosen.room.name, recording)
    return None


_MUTED: dict[str | vol.Marker, Any] = {vol.Optional(CONF_MUTED, default=True): cv.boolean}

ROOM_ACTIONS: dict[str, Action] = {
    "invite": Action(
        fields={**_ROOM, vol.Optional(CONF_NUMBER): _NUMBERS, vol.Optional(CONF_EXTENSION): _NUMBERS}, run=_invite
    ),
    "remove": Action(fields={**_ROOM, vol.Required(CONF_PARTICIPANT): _PARTICIPANTS}, run=_remove),
    "mute": Action(fields={**_ROOM, vol.Optional(CONF_PARTICIPANT): _PARTICIPANTS, **_MUTED}, run=_mute),
    "play": Action(fields={**_ROOM, **SAID}, run=_play),
    "get_recordings": Action(fields=_ROOM, run=_get_recordings, response=SupportsResponse.ONLY),
    "delete_recording": Action(
        fields={**_ROOM, vol.Required(CONF_RECORDING): vol.All(cv.ensure_list, [vol.Coerce(str)])},
        run=_delete_recording,
    ),
}
