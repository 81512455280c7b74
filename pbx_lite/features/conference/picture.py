"""The moving picture of a room for those who watch it by a browser: drawn when something changed, encoded once for all.

Nothing is drawn while nobody watches.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from pbx_lite.clock import Clock, Timer
from pbx_lite.features.conference.scene import Scene
from pbx_lite.media.port import AccessUnit, VideoPort
from pbx_lite.media.video import VideoHub
from pbx_lite.tasks import Tasks

if TYPE_CHECKING:
    from pbx_lite.media.drawing.canvas import Pixels
    from pbx_lite.media.drawing.slides import SlideEncoder

INTERVAL = 1.0
"""Seconds between two pictures, however much changes."""
IDLE = 2.0
"""Seconds after which the same picture is sent again: who joins gets what is cached, and a lost packet heals."""


class RoomPicture:
    """`scene` tells what is to be seen now, `changed` has to be called when that is something else."""

    def __init__(self, scene: Callable[[], Scene], clock: Clock) -> None:
        self._scene = scene
        self._clock = clock
        self._hub = VideoHub(clock)
        self._hub.on_first_viewer = self._start
        self._hub.on_last_viewer = self._stop
        self._hub.on_key_frame_wanted = self._want_key_frame
        self._tasks = Tasks("room picture")
        self._timer: Timer | None = None
        self._painting: asyncio.Task[None] | None = None
        self._brush: _Brush | None = None
        self._key = self._dirty = False
        self._painted = float("-inf")
        self._still: tuple[Scene, bytes] | None = None

    @property
    def viewers(self) -> int:
        return self._hub.viewers

    def show(self, port: VideoPort) -> Callable[[], None]:
        """Let this party see the room until the returned function is called."""
        stop = self._hub.watch(port.send)
        port.on_key_frame_wanted = lambda: self._hub.want_key_frame(port.send)

        def end() -> None:
            port.on_key_frame_wanted = None
            stop()

        return end

    def changed(self) -> None:
        self._dirty = True
        if self._brush is not None:
            self._paint_at(self._painted + INTERVAL)

    async def image(self) -> bytes:
        """A JPEG of now."""
        scene = self._scene()
        if self._still is None or self._still[0] != scene:
            self._still = scene, await asyncio.to_thread(_jpeg, scene)
        return self._still[1]

    async def close(self) -> None:
        self._stop()
        await self._tasks.close()

    def _start(self) -> None:
        self._brush = _Brush()
        self._key = True
        self._paint_at(self._clock.time())

    def _stop(self) -> None:
        self._brush = None
        self._hub.forget()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _want_key_frame(self) -> None:
        """The hub asks once a second at most."""
        self._key = True
        if self._brush is not None:
            self._paint_at(self._clock.time())

    def _paint_at(self, when: float) -> None:
        if self._painting is not None:
            return  # what has changed meanwhile is seen when it is done
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.call_later(max(0.0, when - self._clock.time()), self._begin)

    def _begin(self) -> None:
        self._timer = None
        if self._brush is not None:
            self._painting = self._tasks.spawn(self._paint(self._brush), name="paint")

    async def _paint(self, brush: _Brush) -> None:
        key, self._key, self._dirty = self._key, False, False
        self._painted = self._clock.time()
        try:
            unit = await asyncio.to_thread(brush.paint, self._scene(), self._painted, key=key)
        finally:
            self._painting = None
            if self._brush is not None:
                now = self._clock.time()
                soon = now if self._key else self._painted + (INTERVAL if self._dirty else IDLE)
                self._paint_at(soon)
        if unit is not None and self._brush is brush:
            self._hub.feed(unit)


class _Brush:
    """Draws and encodes, in a thread, one picture after the other."""

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._pixels: Pixels | None = None
        self._encoder: SlideEncoder | None = None

    def paint(self, scene: Scene, now: float, *, key: bool) -> AccessUnit | None:
        from pbx_lite.features.conference.card import draw
        from pbx_lite.media.drawing.slides import SlideEncoder

        if self._encoder is None:
            self._encoder = SlideEncoder()
        if self._pixels is None or scene != self._scene:
            self._scene, self._pixels = scene, draw(scene)
        return self._encoder.encode(self._pixels, now, key=key)


def _jpeg(scene: Scene) -> bytes:
    from pbx_lite.features.conference.card import draw
    from pbx_lite.media.drawing.slides import jpeg

    return jpeg(draw(scene))
