"""The recording that is made of a room while people are in it."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pbx_lite.errors import PbxError
from pbx_lite.events import EventBus, RecordingFailed, RoomRecorded
from pbx_lite.features.conference.recordings import MOST_SECONDS, Record, Recorder, Recordings
from pbx_lite.tasks import Tasks, spawn

if TYPE_CHECKING:
    from pbx_lite.media.mixer import Mixer

_LOGGER = logging.getLogger(__name__)


class Tape:
    """`on` says that what is said is recorded; `changed(on)` hears of every change, whatever the reason."""

    def __init__(
        self,
        room: str,
        mixer: Mixer,
        *,
        recordings: Recordings,
        record: Record,
        bus: EventBus,
        changed: Callable[[bool], None],
    ) -> None:
        self.on = False
        self._room = room
        self._mixer = mixer
        self._recordings = recordings
        self._record = record
        self._bus = bus
        self._changed = changed
        self._tasks = Tasks("tape")
        self._finishing: set[asyncio.Task[None]] = set()
        self._recorder: Recorder | None = None
        self._path = Path()

    async def close(self) -> None:
        """Returns when all is on the disk."""
        self.stop()
        await self._tasks.close()
        if self._finishing:
            await asyncio.wait(self._finishing)

    def start(self) -> None:
        if not self.on:
            self.on = True
            self._changed(True)
            self._tasks.spawn(self._begin(), name="begin")

    def stop(self) -> None:
        if self.on:
            self.on = False
            self._rewind()
            self._changed(False)

    def _rewind(self) -> None:
        """What was recorded until now is one recording."""
        self._mixer.tap = None
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            task = spawn(self._finish(recorder, self._path), name="finish a recording")
            self._finishing.add(task)
            task.add_done_callback(self._finishing.discard)

    def _full(self) -> None:
        """Go on with another one."""
        if self.on:
            self._rewind()
            self._tasks.spawn(self._begin(), name="begin")

    async def _begin(self) -> None:
        try:
            path = await self._recordings.begin(self._room)
        except PbxError as error:
            self._failed(error.message)
            return
        try:
            recorder = self._record(path, MOST_SECONDS, self._failed, self._full)
        except PbxError as error:
            self._recordings.end(path)
            self._failed(error.message)
            return
        if not self.on or self._recorder is not None:  # stopped meanwhile, or begun twice
            self._recordings.end(path)
            await recorder.stop()
            return
        self._recorder = recorder
        self._path = path
        self._mixer.tap = recorder.take

    async def _finish(self, recorder: Recorder, path: Path) -> None:
        try:
            recorded = await recorder.stop()
        finally:
            self._recordings.end(path)
        if recorded is not None:
            self._bus.publish(RoomRecorded(room=self._room, recording=path.stem, seconds=round(recorded.seconds, 1)))

    def _failed(self, why: str) -> None:
        """The disk is full, say: people talk on, and it is told once."""
        if not self.on:
            return
        _LOGGER.warning("The recording of the room %s ended: %s", self._room, why)
        self._bus.publish(RecordingFailed(where=self._room, error=why))
        self.stop()
