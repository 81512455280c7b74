"""Those who are in rooms by a browser: they watch and listen; the first sound of a microphone makes them take part."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from pbx_lite import config
from pbx_lite.calls.party import Party
from pbx_lite.calls.webrtc.session import State
from pbx_lite.calls.webrtc_leg import WebRtcSession
from pbx_lite.clock import Clock, Timer
from pbx_lite.directory import User
from pbx_lite.errors import Busy, Conflict, NotFound, PbxError
from pbx_lite.events import DirectoryChanged, Event, EventBus, RoomEvent
from pbx_lite.features.conference.loading import load
from pbx_lite.features.conference.participant import Participant
from pbx_lite.features.conference.picture import RoomPicture
from pbx_lite.features.conference.room import Room
from pbx_lite.features.conference.rules import Refusal
from pbx_lite.features.conference.scene import Person, Scene
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, AudioPacket
from pbx_lite.speech.parts import Part
from pbx_lite.speech.speech import Speaks
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)

type OnEnd = Callable[[str, str], None]

GRACE = 8.0
"""Seconds somebody stays without a browser: the stock player closes its session and opens a new one to talk."""
MOST_VIEWERS = 32
"""Of one room."""
_CODECS = (OPUS, G722, PCMU, PCMA)
_SYSTEM = "Home Assistant"
_REFUSED = {Refusal.LOCKED: "{} is locked.", Refusal.FULL: "{} is full."}
_SENT_OUT = {
    "room_dropped": "You were removed from {}.",
    "room_leader_left": "Everybody had to leave {}, since nobody leads it any more.",
    "room_time_over": "The time of {} is over.",
}
_CLOSED = "{} was closed."


class House(Protocol):
    """The rooms."""

    def known(self, room: str) -> config.Room:
        """Raises NotFound for a room that is gone."""
        ...

    def live(self, room: str) -> Room | None:
        """The room, if somebody is in it."""
        ...

    def open(self, record: config.Room) -> Room:
        """The room, which whoever asks joins at once; needs `load`."""
        ...

    def leads(self, party: Party, record: config.Room) -> bool:
        """Whether they lead the room without a PIN for that."""
        ...


class Rights(Protocol):
    """Who may look into which room."""

    def user(self, name: str) -> User:
        """Raises NotFound."""
        ...

    def may_room(self, user: User | None, room: str) -> bool: ...


class Viewer:
    """One browser.  `user` is None for the system; `one` is what it is in the room while it takes part."""

    __slots__ = ("entering", "hears", "media", "on_end", "one", "ready", "room", "session", "stop_picture", "user")

    def __init__(self, session: str, room: str, user: User | None, media: WebRtcSession, on_end: OnEnd) -> None:
        self.session = session
        self.room = room
        self.user = user
        self.media = media
        self.on_end = on_end
        self.stop_picture: Callable[[], None] | None = None
        self.hears: Room | None = None
        self.one: Participant | None = None
        self.entering = self.ready = False

    def look_away(self) -> None:
        stop, self.stop_picture = self.stop_picture, None
        if stop is not None:
            stop()


class Audience:
    """`language` is that of what is written in pictures where the room has none of its own."""

    def __init__(
        self,
        *,
        house: House,
        rights: Rights,
        speech: Speaks,
        bus: EventBus,
        clock: Clock,
        language: str = "en",
        make_media: Callable[[], WebRtcSession] | None = None,
    ) -> None:
        self._house = house
        self._rights = rights
        self._speech = speech
        self._clock = clock
        self._language = language
        self._make_media = make_media or (lambda: WebRtcSession(clock=clock, audio_codecs=_CODECS))
        self._viewers: dict[str, Viewer] = {}
        self._left: dict[Participant, tuple[Room, Timer]] = {}
        self._pictures: dict[str, RoomPicture] = {}
        self._tasks = Tasks("audience of rooms")
        self._forget = bus.listen(self._heard, RoomEvent, DirectoryChanged)

    async def close(self) -> None:
        self._forget()
        await asyncio.gather(
            *(self._leave(each, "closed", "The PBX is stopping.") for each in tuple(self._viewers.values()))
        )
        for one in tuple(self._left):
            self._gone(one, "ended")
        for picture in self._pictures.values():
            await picture.close()
        await self._tasks.close()

    # What `rooms.Audience` says

    async def watch(
        self,
        room: str,
        by: User | None,
        *,
        session: str,
        offer: str,
        ice_servers: Sequence[dict[str, Any]],
        on_end: OnEnd,
    ) -> str:
        """The SDP answer.  Raises Busy, Conflict, MediaError, NotFound."""
        record = self._house.known(room)
        if session in self._viewers:
            raise Conflict("This session exists already.")
        if len(self._of(room)) >= MOST_VIEWERS:
            raise Busy(f"{MOST_VIEWERS} browsers are in {record.display_name} already.")
        media = self._make_media()
        viewer = self._viewers[session] = Viewer(session, room, by, media, on_end)
        # Shown before it is answered: the picture is drawn while the browser finds its way.
        viewer.stop_picture = self._picture(room).show(media.video)
        media.audio.sink = lambda packet: self._spoke(viewer, packet)
        try:
            answer = await media.answer(offer, ice_servers)
        except BaseException:
            await self.close_session(session)
            raise
        if session not in self._viewers:
            raise Conflict("The session was closed before it began.")
        if not media.has_video:
            viewer.look_away()
        media.on_state = lambda state: self._browser_is(viewer, state)
        self._browser_is(viewer, media.state)
        self._tasks.spawn(self._begin_to_listen(viewer), name="listen")
        return answer

    async def candidate(self, session: str, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None) -> None:
        """Those of unknown sessions are late and harmless."""
        if (viewer := self._viewers.get(session)) is not None:
            await viewer.media.add_candidate(candidate, sdp_mid, sdp_m_line_index)

    async def close_session(self, session: str) -> None:
        if (viewer := self._viewers.get(session)) is not None:
            await self._leave(viewer)

    async def image(self, room: str, by: User | None) -> bytes:
        self._house.known(room)
        return await self._picture(room).image()

    # Listening

    async def _begin_to_listen(self, viewer: Viewer) -> None:
        await load(viewer.media.audio.codec)
        viewer.ready = True
        self._listen(viewer)

    def _listen(self, viewer: Viewer) -> None:
        """Hear the room, as far as somebody is in it.  Who comes to a locked room waits outside."""
        room, audio = self._house.live(viewer.room), viewer.media.audio
        if viewer.hears is not None and viewer.hears is not room:
            self._deafen(viewer)
        if room is None or viewer.hears is room or viewer.one is not None or room.locked:
            return
        if not viewer.ready or viewer.media.state != "connected" or audio.codec is None:
            return
        sink = audio.sink
        room.mixer.add(audio, muted=True)
        audio.sink = sink  # what its microphone gives is nothing for the mixer yet
        viewer.hears = room
        self._picture(viewer.room).changed()

    def _deafen(self, viewer: Viewer) -> None:
        room, viewer.hears = viewer.hears, None
        if room is not None:
            sink = viewer.media.audio.sink
            room.mixer.remove(viewer.media.audio)
            viewer.media.audio.sink = sink
            self._picture(viewer.room).changed()

    # Taking part

    def _spoke(self, viewer: Viewer, _: AudioPacket) -> None:
        """A microphone was heard."""
        if not viewer.entering:
            viewer.entering = True
            self._tasks.spawn(self._enter(viewer), name="enter")

    async def _enter(self, viewer: Viewer) -> None:
        try:
            await load(viewer.media.audio.codec)
            if self._viewers.get(viewer.session) is viewer:
                self._join(viewer)
        except PbxError as error:
            viewer.media.audio.sink = None
            await self._leave(viewer, error.code, error.message)

    def _join(self, viewer: Viewer) -> None:
        """Raises Busy, Conflict and NotFound."""
        record = self._house.known(viewer.room)
        self._deafen(viewer)
        viewer.media.audio.sink = None
        party = _party(viewer.user)
        for one, (room, timer) in self._left.items():
            if one.party == party and room.name == viewer.room:
                timer.cancel()
                del self._left[one]
                viewer.one, one.on_out = one, lambda reason, parts: self._sent_out(viewer, reason, parts)
                room.moved(one, viewer.media.audio, party)
                return
        live = self._house.live(viewer.room)
        leader = self._house.leads(party, record)
        refusal = live.refusal(leader=leader) if live is not None else None
        if refusal is not None:
            kind = Busy if refusal is Refusal.FULL else Conflict
            raise kind(_REFUSED[refusal].format(record.display_name))
        language = viewer.user.language if viewer.user is not None else ""
        viewer.one = Participant(
            viewer.media.audio,
            party,
            on_out=lambda reason, parts: self._sent_out(viewer, reason, parts),
            leader=leader,
            language=language,
        )
        self._house.open(record).join(viewer.one)

    def _sent_out(self, viewer: Viewer, reason: str, parts: tuple[Part, ...]) -> None:
        viewer.one = None
        self._tasks.spawn(self._bid_farewell(viewer, reason, parts), name="farewell")

    async def _bid_farewell(self, viewer: Viewer, reason: str, parts: tuple[Part, ...]) -> None:
        """They are told why, and what their microphone gives is heard by nobody."""
        words = next((_SENT_OUT[part] for part in parts if isinstance(part, str) and part in _SENT_OUT), _CLOSED)
        try:
            name = self._house.known(viewer.room).display_name
        except NotFound:
            name = "This room"
        language = viewer.user.language if viewer.user is not None else ""
        try:
            await self._speech.say(viewer.media.audio, *parts, language=language)
        except PbxError as error:
            _LOGGER.warning("A room could not say something: %s", error)
        finally:
            await self._leave(viewer, reason, words.format(name))

    # Leaving

    async def _leave(self, viewer: Viewer, code: str = "", message: str = "", *, lost: bool = False) -> None:
        """End a session; with a code its client is told why.

        Whoever closed it, or `lost` the connection, may come back for a while and is in the room until then.
        """
        if self._viewers.get(viewer.session) is not viewer:
            return
        del self._viewers[viewer.session]
        viewer.look_away()
        self._deafen(viewer)
        viewer.media.audio.sink = None
        room, one, viewer.one = self._house.live(viewer.room), viewer.one, None
        if one is not None and room is not None:
            one.on_out = lambda *_: self._gone(one)
            wait = GRACE if lost or not code else 0.0
            timer = self._clock.call_later(wait, lambda: self._gone(one, "lost" if lost else "left"))
            self._left[one] = room, timer
        if code:
            viewer.on_end(code, message)
        await viewer.media.close()

    def _gone(self, one: Participant, reason: str = "left") -> None:
        """The grace is over, or the room has sent them out meanwhile."""
        left = self._left.pop(one, None)
        if left is not None:
            room, timer = left
            timer.cancel()
            room.leave(one, reason)

    def _browser_is(self, viewer: Viewer, state: State) -> None:
        if self._viewers.get(viewer.session) is not viewer:
            return
        if state == "connected":
            self._listen(viewer)
        elif state in {"failed", "closed"}:
            message = "The connection to the browser was lost."
            self._tasks.spawn(self._leave(viewer, "connection_lost", message, lost=True), name="lost browser")

    # What happens

    def _heard(self, event: Event) -> None:
        match event:
            case RoomEvent(room=room):
                for viewer in self._of(room):
                    self._listen(viewer)
                if (picture := self._pictures.get(room)) is not None:
                    picture.changed()
            case DirectoryChanged():
                self._look_up()
            case _:
                pass

    def _look_up(self) -> None:
        """Rooms may be gone, and rights."""
        for viewer in tuple(self._viewers.values()):
            try:
                record = self._house.known(viewer.room)
                user = self._rights.user(viewer.user.name) if viewer.user is not None else None
                if self._rights.may_room(user, viewer.room):
                    continue
                code, message = "forbidden", f"You may not use {record.display_name} any more."
            except NotFound as error:
                code, message = error.code, error.message
            self._tasks.spawn(self._leave(viewer, code, message), name="send away")
        for room, picture in tuple(self._pictures.items()):
            try:
                self._house.known(room)
                picture.changed()
            except NotFound:
                del self._pictures[room]
                self._tasks.spawn(picture.close(), name="close a picture")

    # What is seen

    def _of(self, room: str) -> list[Viewer]:
        return [viewer for viewer in self._viewers.values() if viewer.room == room]

    def _picture(self, room: str) -> RoomPicture:
        if room not in self._pictures:
            self._pictures[room] = RoomPicture(lambda: self._scene(room), self._clock)
        return self._pictures[room]

    def _scene(self, room: str) -> Scene:
        try:
            record = self._house.known(room)
        except NotFound:
            return Scene(title=room, language=self._language)
        live = self._house.live(room)
        state: Mapping[str, Any] = live.state() if live is not None else {}
        since: datetime | None = state.get("since")
        return Scene(
            title=record.display_name,
            extension=record.extension,
            people=tuple(
                Person(
                    name=each["name"],
                    number=each["number"],
                    leader=each["leader"],
                    talking=each["talking"],
                    muted=each["muted"],
                )
                for each in state.get("participants", ())
            ),
            listening=sum(live is not None and viewer.hears is live for viewer in self._of(room)),
            # The clock of the machine may have been set back meanwhile.
            minutes=max(0, int((datetime.now(UTC) - since).total_seconds() // 60)) if since is not None else 0,
            locked=state.get("locked", False),
            recording=state.get("recording", False),
            muted=state.get("muted", False),
            language=record.language or self._language,
        )


def _party(user: User | None) -> Party:
    if user is None:
        return Party(number="", name=_SYSTEM)
    return Party(number=user.extension, name=user.display_name, user=user.name)
