"""What was recorded in rooms: Ogg Opus files in a folder for each room, and a tape that is being recorded."""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from pbx_lite.errors import Conflict, NotFound, Unavailable
from pbx_lite.media.port import AudioPacket

_LOGGER = logging.getLogger(__name__)
MOST_SECONDS = 4 * 3600.0
"""Of one recording; what follows is another one."""
_FORMAT = "%Y%m%dT%H%M%S"
_ID = re.compile(r"\d{8}T\d{6}(-\d{1,3})?")
_ROOM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PAGE = 65536 + 512
_RATE = 48000
"""Of Opus' granule positions (RFC 7845 section 4)."""


class Recorded(Protocol):
    @property
    def path(self) -> Path: ...

    @property
    def seconds(self) -> float: ...


class Recorder(Protocol):
    """Writes what it is given, in a thread: packets of one port, or 20 ms of a mix at a time."""

    def hear(self, packet: AudioPacket, /) -> None: ...

    def take(self, pcm: bytes, /) -> None: ...

    async def stop(self, *, trim: bool = False) -> Recorded | None: ...


type Failed = Callable[[str], None]
type Full = Callable[[], None]
type Record = Callable[[Path, float, Failed, Full], Recorder]
"""A recorder for this file, for so many seconds at most; hears why it cannot go on, and that it is full."""


class Recordings:
    """`folder` has one for each room.  All of it happens in threads; raises NotFound and Unavailable."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writing: set[Path] = set()

    async def begin(self, room: str) -> Path:
        """A file that is not there yet, and counts as being written until `end`."""
        try:
            path = await asyncio.to_thread(self._free, room)
        except OSError as error:
            raise Unavailable(f"Nothing can be recorded: {error.strerror or type(error).__name__}.") from None
        self._writing.add(path)
        return path

    def end(self, path: Path) -> None:
        self._writing.discard(path)

    async def list(self, room: str) -> Sequence[Mapping[str, Any]]:
        """Newest first."""
        return await asyncio.to_thread(self._list, room)

    async def read(self, room: str, recording: str) -> bytes:
        path = self._path(room, recording)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except OSError:
            raise NotFound("There is no such recording.") from None

    async def forget(self, room: str, recording: str) -> None:
        path = self._path(room, recording)
        if path in self._writing:
            raise Conflict("This is being recorded now.")
        try:
            await asyncio.to_thread(path.unlink)
        except OSError:
            raise NotFound("There is no such recording.") from None

    def _free(self, room: str) -> Path:
        folder = self._of(room)
        folder.mkdir(parents=True, exist_ok=True)
        stamp = datetime.now(UTC).strftime(_FORMAT)
        names = [stamp, *(f"{stamp}-{number}" for number in range(2, 100))]
        paths = (folder / f"{name}.ogg" for name in names)
        return next(path for path in paths if not path.exists() and path not in self._writing)

    def _list(self, room: str) -> Sequence[Mapping[str, Any]]:
        try:
            paths = [path for path in self._of(room).glob("*.ogg") if _ID.fullmatch(path.stem)]
        except OSError:
            return []
        found = [(path, _seconds_of(path)) for path in sorted(paths, reverse=True) if path not in self._writing]
        return [
            {"id": path.stem, "at": _time_of(path.stem), "seconds": round(seconds, 1)}
            for path, seconds in found
            if seconds is not None
        ]

    def _of(self, room: str) -> Path:
        if not _ROOM.fullmatch(room):
            raise NotFound(f"There is no room named {room}.")
        return self._folder / room

    def _path(self, room: str, recording: str) -> Path:
        if not _ID.fullmatch(recording):
            raise NotFound("There is no such recording.")
        return self._of(room) / f"{recording}.ogg"


def _time_of(name: str) -> datetime:
    try:
        return datetime.strptime(name[:15], _FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def _seconds_of(path: Path) -> float | None:
    """By the last page's granule position (RFC 3533 section 6); None for what is no such file."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _PAGE))
            tail = file.read()
    except OSError:
        return None
    at = tail.rfind(b"OggS")
    if at < 0 or len(tail) < at + 14:
        return None
    return max(0, int.from_bytes(tail[at + 6 : at + 14], "little", signed=True)) / _RATE
