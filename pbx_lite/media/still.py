"""The picture of a door that has none: Home Assistant's player needs moving video before it lets anyone speak."""

import asyncio
from collections.abc import Callable

from pbx_lite.clock import Clock, Timer
from pbx_lite.media.port import AccessUnit, VideoSink
from pbx_lite.tasks import Tasks

WIDTH, HEIGHT = 320, 180
INTERVAL = 1.0  # seconds between two of the same picture; each is a key frame


class StillVideo:
    """A dark field with a loudspeaker on it, once a second between `start` and `stop`.

    Encoded once, in a thread, when somebody looks for the first time.
    """

    def __init__(self, sink: VideoSink, clock: Clock, *, make: Callable[[], tuple[bytes, ...]] | None = None) -> None:
        self._sink = sink
        self._clock = clock
        self._make = make or _picture
        self._nals: tuple[bytes, ...] = ()
        self._timer: Timer | None = None
        self._tasks = Tasks("still picture")
        self._wanted = False

    def start(self) -> None:
        """Somebody looks."""
        if self._wanted:
            return
        self._wanted = True
        if self._nals:
            self._send()
        else:
            self._tasks.spawn(self._begin(), name="encode")

    def stop(self) -> None:
        """Nobody looks."""
        self._wanted = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def close(self) -> None:
        self.stop()
        await self._tasks.close()

    async def _begin(self) -> None:
        if not self._nals:
            self._nals = await asyncio.get_running_loop().run_in_executor(None, self._make)
        if self._wanted and self._timer is None:
            self._send()

    def _send(self) -> None:
        self._timer = self._clock.call_later(INTERVAL, self._send)
        ticks = int(self._clock.time() * 90000) & 0xFFFFFFFF
        self._sink(AccessUnit(self._nals, ticks, key=True))


def _picture() -> tuple[bytes, ...]:
    import av
    import numpy as np

    from pbx_lite.media.reading import PictureEncoder

    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    across, down = columns - WIDTH / 2, rows - HEIGHT / 2
    distance = np.hypot(across + 6, down)
    cone = (across > -34) & (across < -4) & (np.abs(down) < 12 + np.clip(across + 22, 0, None))
    waves = np.isin((distance // 8).astype(int), (3, 5)) & (across > 6) & (np.abs(down) < across)
    field = np.full((HEIGHT, WIDTH, 3), 28, np.uint8)
    field[cone | waves] = 150
    frame = av.VideoFrame.from_ndarray(field, format="rgb24")
    return next(iter(PictureEncoder().encode(frame, 0.0))).nals
