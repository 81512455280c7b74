"""Everyone who looks at one door in a browser: what they see and hear, and how a microphone takes the call."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pbx_lite.calls.webrtc_leg import WebRtcSession
from pbx_lite.clock import Clock, Timer
from pbx_lite.config import User
from pbx_lite.errors import Conflict, PbxError
from pbx_lite.features.doorbell.door_call import DoorCall, Purpose
from pbx_lite.features.doorbell.picture import DoorPicture
from pbx_lite.media.port import AudioPacket, AudioSink
from pbx_lite.tasks import Tasks

type OnEnd = Callable[[str, str], None]

GRACE = 8.0
"""Seconds a call outlives its last browser: the stock player closes its session and opens a new one to talk."""


@dataclass(slots=True, eq=False)
class Viewer:
    """`user` is None for the system.  `on_end` tells the client a code and a sentence when the PBX ends the session."""

    session: str
    user: User | None
    media: WebRtcSession
    on_end: OnEnd
    stop_picture: Callable[[], None] | None = None
    spoke: bool = False

    @property
    def name(self) -> str:
        return self.user.name if self.user else "system"

    def stop(self) -> None:
        if self.stop_picture is not None:
            self.stop_picture()
            self.stop_picture = None
        self.media.audio.sink = None


class Audience:
    """`current` gives the door's call of the moment, `reach` calls the door, `changed` tells that something did."""

    def __init__(
        self,
        picture: DoorPicture,
        *,
        clock: Clock,
        current: Callable[[], DoorCall | None],
        reach: Callable[[], Awaitable[DoorCall]],
        changed: Callable[[], None],
    ) -> None:
        self._picture = picture
        self._clock = clock
        self._current = current
        self._reach = reach
        self._changed = changed
        self._viewers: dict[str, Viewer] = {}
        self._tasks = Tasks("audience")
        self._grace: Timer | None = None
        self._calling = False

    def __len__(self) -> int:
        return len(self._viewers)

    def find(self, session: str) -> Viewer | None:
        return self._viewers.get(session)

    async def close(self) -> None:
        for session in list(self._viewers):
            await self.leave(session, "closed", "The PBX is stopping.")
        self._cancel_grace()
        await self._tasks.close()

    def join(self, viewer: Viewer) -> None:
        """Show the picture at once, and let the first sound of the viewer's microphone answer."""
        self._cancel_grace()
        self._viewers[viewer.session] = viewer
        viewer.stop_picture = self._picture.show(viewer.media.video)
        viewer.media.audio.sink = self._listener(viewer)
        call = self._current()
        if call is not None:
            call.listeners.add(viewer.media.audio)
        elif self._picture.needs_call:
            self._tasks.spawn(self._look(viewer), name="look")
        self._changed()

    async def leave(self, session: str, code: str = "", message: str = "") -> None:
        """Close one browser's session; with a code its client is told why."""
        viewer = self._viewers.pop(session, None)
        if viewer is None:
            return
        viewer.stop()
        call = self._current()
        if call is not None:
            call.listeners.remove(viewer.media.audio)
        if code:
            viewer.on_end(code, message)
        self.release(GRACE)
        self._changed()
        await viewer.media.close()

    def call_begins(self, call: DoorCall) -> None:
        """Everybody hears the door from the start."""
        for viewer in self._viewers.values():
            call.listeners.add(viewer.media.audio)

    def call_ended(self, call: DoorCall, why: str) -> None:
        """Whoever talked, or never got to see the door, is sent away with a sentence; others await the next ring."""
        self._cancel_grace()
        for viewer in list(self._viewers.values()):
            if viewer.spoke or (self._picture.needs_call and call.never_up):
                self._tasks.spawn(self.leave(viewer.session, "ended", why), name="end session")
            else:
                viewer.media.audio.sink = self._listener(viewer)

    def call_replaced(self) -> None:
        """The bell was pressed while they looked: everybody stays, and the first sound answers."""
        self._cancel_grace()
        for viewer in self._viewers.values():
            viewer.media.audio.sink = self._listener(viewer)

    def release(self, seconds: float) -> None:
        """End the call in `seconds` unless somebody needs it by then."""
        if self._current() is None or self._needed():
            return
        self._cancel_grace()
        self._grace = self._clock.call_later(seconds, self._grace_over)

    def _listener(self, viewer: Viewer) -> AudioSink:
        return lambda packet: self._spoke(viewer, packet)

    async def _look(self, viewer: Viewer) -> None:
        try:
            call = await self._reach()
        except PbxError as error:
            await self.leave(viewer.session, error.code, error.message)
        else:
            call.listeners.add(viewer.media.audio)

    def _spoke(self, viewer: Viewer, packet: AudioPacket) -> None:
        """A microphone was heard: answer, or call the door first and then speak."""
        call = self._current()
        if call is None:
            if not self._calling:
                self._calling = True
                self._tasks.spawn(self._look_and_speak(viewer), name="talk")
            return
        try:
            call.answer_by_browser(viewer.user, viewer.media.audio)
        except Conflict as error:
            viewer.media.audio.sink = None
            self._tasks.spawn(self.leave(viewer.session, error.code, error.message), name="refuse")
        else:
            viewer.spoke = True
            if (sink := viewer.media.audio.sink) is not None:
                sink(packet)
            self._changed()

    async def _look_and_speak(self, viewer: Viewer) -> None:
        try:
            await self._look(viewer)
        finally:
            self._calling = False

    def _needed(self) -> bool:
        """Whether anything but a browser that just left keeps the call."""
        call = self._current()
        if call is None:
            return False
        if call.talker is not None:
            talks = any(viewer.name == call.talker.name for viewer in self._viewers.values())
            return call.talker.leg is not None or talks
        return call.purpose is Purpose.RING or bool(self._viewers)

    def _grace_over(self) -> None:
        self._grace = None
        call = self._current()
        if call is not None and not self._needed():
            call.hang_up(call.talker.name if call.talker else "")

    def _cancel_grace(self) -> None:
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None
