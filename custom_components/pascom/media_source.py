"""Voicemail, messages of visitors and recordings of conference rooms in the media browser.

Whoever browses or plays sees and hears what the PBX lets them: their own box, the doors that they see, the rooms that
are theirs.  Where nobody stands behind the request, as in an automation, it is the system, which may all.
"""

from collections.abc import Awaitable
from datetime import datetime
from typing import TYPE_CHECKING

from homeassistant.components.http import KEY_HASS_USER, current_request
from homeassistant.components.media_player import BrowseError, MediaClass, MediaType
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
)
from homeassistant.components.websocket_api import current_connection
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import PascomConfigEntry
from .extensions import loaded_entries
from .recording_view import MESSAGES, OGG, PICTURES, RECORDINGS, address_of
from .wire.errors import CommandFailed, PascomError
from .wire.models import Actor
from .wire.voicemail import box_of

if TYPE_CHECKING:
    from homeassistant.auth.models import User

# What is looked at on one page; a mailbox holds no more than a person ever listens to.
_MOST = 200


async def async_get_media_source(hass: HomeAssistant) -> MediaSource:
    return PascomMediaSource(hass)


class PascomMediaSource(MediaSource):
    """`entry`, `entry/messages/box`, `entry/messages/box/message`, and so with the recordings of rooms."""

    name = "pascom"

    def __init__(self, hass: HomeAssistant) -> None:
        super().__init__(DOMAIN)
        self._hass = hass

    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        entry_id, _, path = (item.identifier or "").partition("/")
        entries = loaded_entries(self._hass)
        if not entry_id and len(entries) != 1:
            return _folder("", "pascom", [_folder(entry.entry_id, entry.title) for entry in entries])
        entry = entries[0] if not entry_id else self._entry(entry_id, BrowseError)
        try:
            if not path:
                return await self._overview(entry)
            kind, _, name = path.partition("/")
            if kind == MESSAGES:
                return await self._messages(entry, name)
            if kind == RECORDINGS and name in entry.runtime_data.coordinator.data.rooms:
                return await self._recordings(entry, name)
        except PascomError as err:
            raise BrowseError(err.message) from err
        raise BrowseError(f"There is no {path}.")

    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        """Checked now, and again when it is fetched; a player that an automation starts fetches it as the system."""
        entry_id, kind, place, recording = [*(item.identifier or "").split("/"), "", "", ""][:4]
        entry = self._entry(entry_id, Unresolvable)
        try:
            actor = await self._actor(entry)
            if kind == MESSAGES:
                known = {message.id for message in await entry.runtime_data.mailboxes.messages(actor, place)}
            elif kind == RECORDINGS:
                known = {each.id for each in await entry.runtime_data.rooms.recordings(actor, place)}
            else:
                known = set()
        except PascomError as err:
            raise Unresolvable(err.message) from err
        if recording not in known:
            raise Unresolvable("This recording is gone.")
        return PlayMedia(address_of(entry_id, kind, place, recording), OGG)

    # What there is

    async def _overview(self, entry: PascomConfigEntry) -> BrowseMediaSource:
        data, snapshot = entry.runtime_data, entry.runtime_data.coordinator.data
        actor = await self._actor(entry)
        people = [
            user
            for user in snapshot.users.values()
            if user.voicemail_enabled is not None and (actor is None or user.ha_user == actor.ha_user)
        ]
        folders = [
            _folder(_join(entry.entry_id, MESSAGES, box_of(user.name, "")), _counted(user.display_name, user.voicemail))
            for user in people
        ]
        for door in snapshot.doors.values():
            box = box_of("", door.name)
            if door.voicemail is not None and await _is_given(data.mailboxes.messages(actor, box)):
                title = _counted(door.display_name, door.voicemail)
                folders.append(_folder(_join(entry.entry_id, MESSAGES, box), title))
        rooms = [
            _folder(_join(entry.entry_id, RECORDINGS, room.name), room.display_name)
            for room in snapshot.rooms.values()
            if await _is_given(data.rooms.recordings(actor, room.name))
        ]
        return _folder(entry.entry_id, entry.title, [*folders, *rooms])

    async def _messages(self, entry: PascomConfigEntry, box: str) -> BrowseMediaSource:
        snapshot = entry.runtime_data.coordinator.data
        messages = await entry.runtime_data.mailboxes.messages(await self._actor(entry), box)
        children = [
            _recording(
                _join(entry.entry_id, MESSAGES, box, message.id),
                f"{'' if message.heard else '• '}{_when(message.at)}  {message.title}  {_length(message.seconds)}",
                address_of(entry.entry_id, PICTURES, box, message.id) if message.picture else None,
            )
            for message in messages[:_MOST]
        ]
        door = snapshot.doors.get(box.removeprefix(box_of("", "")))
        title = door.display_name if door else snapshot.display_name_of(box)
        return _folder(_join(entry.entry_id, MESSAGES, box), title, children)

    async def _recordings(self, entry: PascomConfigEntry, room: str) -> BrowseMediaSource:
        recordings = await entry.runtime_data.rooms.recordings(await self._actor(entry), room)
        children = [
            _recording(
                _join(entry.entry_id, RECORDINGS, room, recording.id),
                f"{_when(recording.at)}  {_length(recording.seconds)}",
            )
            for recording in recordings[:_MOST]
        ]
        title = entry.runtime_data.coordinator.data.rooms[room].display_name
        return _folder(_join(entry.entry_id, RECORDINGS, room), title, children)

    # Who asks

    def _entry(self, entry_id: str, error: type[BrowseError | Unresolvable]) -> PascomConfigEntry:
        entry = next((entry for entry in loaded_entries(self._hass) if entry.entry_id == entry_id), None)
        if entry is None:
            raise error("This PBX is not set up here.")
        return entry

    async def _actor(self, entry: PascomConfigEntry) -> Actor | None:
        user = who_asks()
        return None if user is None else await entry.runtime_data.people.actor(user)


def who_asks() -> User | None:
    """The user of the WebSocket or HTTP request that this runs in; None in an automation."""
    if (connection := current_connection.get()) is not None:
        return connection.user
    if (request := current_request.get()) is not None:
        user: User | None = request.get(KEY_HASS_USER)
        return user
    return None


async def _is_given(asked: Awaitable[object]) -> bool:
    """Whether the PBX answers; one that is away is no refusal."""
    try:
        await asked
    except CommandFailed:
        return False
    return True


def _join(*parts: str) -> str:
    return "/".join(parts)


def _folder(identifier: str, title: str, children: list[BrowseMediaSource] | None = None) -> BrowseMediaSource:
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=identifier,
        media_class=MediaClass.DIRECTORY,
        media_content_type=MediaType.MUSIC,
        title=title,
        can_play=False,
        can_expand=True,
        children=children,
        children_media_class=MediaClass.DIRECTORY,
    )


def _recording(identifier: str, title: str, thumbnail: str | None = None) -> BrowseMediaSource:
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=identifier,
        media_class=MediaClass.MUSIC,
        media_content_type=OGG,
        title=title,
        can_play=True,
        can_expand=False,
        thumbnail=thumbnail,
    )


def _counted(name: str, new: int) -> str:
    return f"{name} ({new})" if new else name


def _when(at: datetime) -> str:
    return dt_util.as_local(at).strftime("%Y-%m-%d %H:%M")


def _length(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}"
