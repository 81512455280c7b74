"""Names in people's own voices: spoken at the door, kept while they are in the room."""

import asyncio
import contextlib
import secrets
from pathlib import Path

from pbx_lite.errors import MediaError, Unavailable
from pbx_lite.features.conference.entrance import NAME_SECONDS
from pbx_lite.features.conference.recordings import Record, Recorder
from pbx_lite.media.port import AudioPort
from pbx_lite.media.recording import Recording


class Names:
    """`folder` holds a name for the second in which it becomes a `Recording`."""

    def __init__(self, folder: Path, record: Record) -> None:
        self._folder = folder
        self._record = record

    async def record(self, port: AudioPort) -> Take:
        """What comes from the port is the name, until `Take.stop`.  Raises Unavailable."""
        path = self._folder / f"name-{secrets.token_hex(8)}.ogg"
        try:
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(f"Nothing can be recorded: {error.strerror}.") from None
        return Take(port, self._record(path, NAME_SECONDS + 1, lambda _: None, lambda: None), path)


class Take:
    """A name that is being spoken."""

    def __init__(self, port: AudioPort, recorder: Recorder, path: Path) -> None:
        self._port = port
        self._recorder = recorder
        self._path = path
        self._hear = recorder.hear
        port.sink = self._hear

    async def stop(self) -> Recording | None:
        """What was said, without the silence around it; None for nothing."""
        if self._port.sink == self._hear:
            self._port.sink = None
        recorded = await self._recorder.stop(trim=True)
        try:
            return None if recorded is None else await asyncio.to_thread(_read, self._path)
        finally:
            await asyncio.to_thread(_forget, self._path)


def _read(path: Path) -> Recording | None:
    try:
        return Recording.decode(path.read_bytes(), most_seconds=NAME_SECONDS + 2)
    except MediaError, OSError:
        return None


def _forget(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
