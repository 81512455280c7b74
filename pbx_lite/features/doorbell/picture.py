"""Where a door's picture comes from: its call while there is one with video, else its URL while somebody looks.

Where neither gives one, a still is shown: the stock player lets nobody speak without moving video, and whoever goes on
looking when a call has ended shall not take its last picture for now.
"""

import asyncio
from collections.abc import Callable

from pbx_lite.clock import Clock
from pbx_lite.config import Door
from pbx_lite.errors import Unavailable
from pbx_lite.media.player import UrlVideo
from pbx_lite.media.port import AccessUnit, VideoPort, VideoSink
from pbx_lite.media.still import StillVideo
from pbx_lite.media.video import VideoHub


class DoorPicture:
    def __init__(self, door: Door, clock: Clock) -> None:
        self._door = door
        self._hub = VideoHub(clock)
        self._port: VideoPort | None = None
        self._from_call = False
        self._url: UrlVideo | None = None
        self._source: UrlVideo | StillVideo
        video = door.video
        if address := video.url or (video.image_url if not video.in_call else ""):
            self._url = UrlVideo(address, self._feed_from_source, username=video.username, password=video.password)
            self._source = self._url
        else:
            self._source = StillVideo(self._feed_from_source, clock)
        if not self.needs_call:  # else the first viewer has the door called
            self._hub.on_first_viewer = self._start_source
        self._hub.on_last_viewer = self._source.stop

    @property
    def possible(self) -> bool:
        """Whether this door can be seen at all."""
        return self._door.video.in_call or self._url is not None

    @property
    def needs_call(self) -> bool:
        """The picture comes in a call alone, so that looking means calling the door."""
        return self._url is None and self._door.video.in_call

    @property
    def trouble(self) -> str:
        """Why the URL gives no picture just now, as a sentence; empty while it does."""
        return self._url.error.message if self._url is not None and self._url.error is not None else ""

    @property
    def now(self) -> tuple[AccessUnit, ...]:
        """The pictures from the last key frame until now, empty while nothing flows."""
        return self._hub.group

    async def next(self, seconds: float) -> tuple[AccessUnit, ...]:
        """The pictures of now; looks for as long as it takes, but no longer than `seconds`.  Raises Unavailable."""
        if self.now:
            return self.now
        seen = asyncio.Event()
        stop = self.watch(lambda _: seen.set())
        try:
            async with asyncio.timeout(seconds):
                await seen.wait()
        except TimeoutError:
            raise Unavailable(self.trouble or f"{self._door.display_name} gives no picture just now.") from None
        finally:
            stop()
        return self.now

    def watch(self, sink: VideoSink) -> Callable[[], None]:
        """Send `sink` the pictures, a stored key frame first, until the returned function is called."""
        return self._hub.watch(sink)

    def show(self, port: VideoPort) -> Callable[[], None]:
        """`watch` for a party that may also ask for key frames."""
        stop = self._hub.watch(port.send)
        port.on_key_frame_wanted = lambda: self._hub.want_key_frame(port.send)

        def end() -> None:
            port.on_key_frame_wanted = None
            stop()

        return end

    def use_call(self, port: VideoPort) -> None:
        """The door's call has video: it is there at once, and one picture of one door is enough."""
        if self._port is port:
            return
        self._port = port
        port.sink = self._feed_from_call
        self._hub.on_key_frame_wanted = port.want_key_frame
        port.want_key_frame()

    def leave_call(self) -> None:
        if self._port is None:
            return
        self._port.sink = None
        self._port = None
        self._from_call = False
        self._hub.on_key_frame_wanted = None
        self._hub.forget()
        if self._hub.viewers:
            self._start_source()

    async def close(self) -> None:
        await self._source.close()

    def _start_source(self) -> None:
        if not self._from_call:
            self._source.start()

    def _feed_from_call(self, unit: AccessUnit) -> None:
        """From the first picture on the call is the source; a station may agree on video and send none."""
        if not self._from_call:
            if not unit.key:
                return  # it would build on a picture of another source
            self._from_call = True
            self._hub.forget()
            self._source.stop()
        self._hub.feed(unit)

    def _feed_from_source(self, unit: AccessUnit) -> None:
        if not self._from_call:
            self._hub.feed(unit)
