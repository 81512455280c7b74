"""One source of pictures, many viewers: nothing is encoded, and a new viewer sees its first picture at once."""

import logging
from collections.abc import Callable
from functools import partial

from pbx_lite.clock import Clock, Timer
from pbx_lite.media.pacing import PacedSink
from pbx_lite.media.port import AccessUnit, VideoSink

_LOGGER = logging.getLogger(__name__)

MAX_CACHED_UNITS = 400
MAX_CACHED_BYTES = 3 * 1024 * 1024
FRESH = 5.0  # seconds without pictures after which the cached ones show the past
KEY_FRAME_INTERVAL = 1.0  # seconds between two requests to the source


class VideoHub:
    """The pictures of one door.

    `on_first_viewer` and `on_last_viewer` tell the source when it is needed; `on_key_frame_wanted` asks it for a key
    frame and is None where a source cannot be asked: its viewers then get the cached group of pictures again.
    """

    def __init__(self, clock: Clock) -> None:
        self.on_first_viewer: Callable[[], None] | None = None
        self.on_last_viewer: Callable[[], None] | None = None
        self.on_key_frame_wanted: Callable[[], None] | None = None
        self._clock = clock
        self._viewers: dict[object, PacedSink] = {}
        self._wanting: set[VideoSink] = set()
        self._group: list[AccessUnit] = []
        self._group_bytes = 0
        self._group_cut = False
        self._fed_at = -FRESH
        self._asked_at = -KEY_FRAME_INTERVAL
        self._ask_later: Timer | None = None

    @property
    def viewers(self) -> int:
        return len(self._viewers)

    @property
    def group(self) -> tuple[AccessUnit, ...]:
        """The pictures from the last key frame until now; empty if the source is silent.

        Only the key frame is left of a group that grew too long to keep.
        """
        if self._clock.time() - self._fed_at > FRESH:
            return ()
        return tuple(self._group)

    @property
    def last_key(self) -> AccessUnit | None:
        """The newest key frame, None if the source is silent."""
        group = self.group
        return group[0] if group else None

    def feed(self, unit: AccessUnit) -> None:
        """A picture from the source."""
        self._fed_at = self._clock.time()
        self._cache(unit)
        if unit.key:
            self._stop_asking()
        for viewer in tuple(self._viewers.values()):
            _pass(viewer, unit)

    def forget(self) -> None:
        """The source has ended: nobody may see its last pictures as if they were now."""
        self._group = []
        self._group_bytes = 0
        for viewer in self._viewers.values():
            viewer.skip_to_key_frame()

    def watch(self, sink: VideoSink) -> Callable[[], None]:
        """Send `sink` everything from the last key frame on, until the returned function is called."""
        ticket = object()
        viewer = PacedSink(self._clock, sink)
        viewer.on_key_frame_wanted = partial(self.want_key_frame, sink)
        first = not self._viewers
        self._viewers[ticket] = viewer
        if first and self.on_first_viewer is not None:
            self.on_first_viewer()
        self._replay(viewer)

        def stop() -> None:
            if self._viewers.pop(ticket, None) is None:
                return
            viewer.close()
            if not self._viewers:
                self._stop_asking()
                if self.on_last_viewer is not None:
                    self.on_last_viewer()

        return stop

    def want_key_frame(self, viewer: VideoSink | None = None) -> None:
        """A viewer (its sink) cannot go on without a key frame; the source is asked at most once a second."""
        if viewer is not None:
            self._wanting.add(viewer)
        if self._ask_later is not None:
            return
        wait = self._asked_at + KEY_FRAME_INTERVAL - self._clock.time()
        if wait > 0:
            self._ask_later = self._clock.call_later(wait, self._ask)
        else:
            self._ask()

    def _ask(self) -> None:
        self._ask_later = None
        self._asked_at = self._clock.time()
        wanting, self._wanting = self._wanting, set()
        if self.on_key_frame_wanted is not None:
            self.on_key_frame_wanted()
        elif not self._group_cut:
            for viewer in tuple(self._viewers.values()):
                if viewer.sink in wanting:
                    self._replay(viewer)

    def _stop_asking(self) -> None:
        self._wanting.clear()
        if self._ask_later is not None:
            self._ask_later.cancel()
            self._ask_later = None

    def _replay(self, viewer: PacedSink) -> None:
        group = self.group
        for unit in group:
            _pass(viewer, unit)
        if not group or self._group_cut:
            # The pictures between the cached key frame and now are gone, and what follows builds on them.
            viewer.expect_key_frame()
            if self.on_key_frame_wanted is not None:
                self.want_key_frame(viewer.sink)

    def _cache(self, unit: AccessUnit) -> None:
        if unit.key:
            self._group = [unit]
            self._group_bytes = 0
            self._group_cut = False
        elif self._group and not self._group_cut:
            self._group.append(unit)
        self._group_bytes += sum(map(len, unit.nals))
        if len(self._group) > MAX_CACHED_UNITS or self._group_bytes > MAX_CACHED_BYTES:
            del self._group[1:]
            self._group_cut = True


def _pass(viewer: PacedSink, unit: AccessUnit) -> None:
    try:
        viewer.send(unit)
    except Exception:
        _LOGGER.exception("A viewer failed on a picture")
