"""Where the sounds of pieces lie: those that came with the PBX, and those that somebody put in their place.  Blocks."""

import logging
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pbx_lite.errors import Invalid, MediaError
from pbx_lite.media.recording import Recording
from pbx_lite.speech.loudness import level, trim
from pbx_lite.speech.opus_file import encode

_LOGGER = logging.getLogger(__name__)

BUILT_IN = Path(__file__).parent / "sounds"
MOST_SECONDS = 60.0
MOST_BYTES = 8 << 20
"""Of a file that replaces a sound."""
_ENDING = ".opus"


class Shelf:
    """`folder` holds `<language>/<key>.opus`, each in place of the built-in one; it need not be there."""

    def __init__(self, folder: Path, built_in: Path = BUILT_IN) -> None:
        self._folder = folder
        self._built_in = built_in
        self._broken: set[Path] = set()

    def load(self, language: str, key: str) -> bytes | None:
        """Samples at 16 kHz, None where there is no such sound."""
        return self.replacement(language, key) or self._decode(self._built_in / language / (key + _ENDING))

    def replacement(self, language: str, key: str) -> bytes | None:
        return self._decode(self._path(language, key))

    def replace(self, language: str, key: str, data: bytes) -> None:
        """Any usual sound file.  Raises MediaError for one that is none, Invalid for one that is too large."""
        if len(data) > MOST_BYTES:
            raise Invalid(f"sound: a prompt has up to {MOST_BYTES >> 20} MB")
        sound = trim(Recording.decode(data, most_seconds=MOST_SECONDS).sound)
        if not sound:
            raise MediaError("There is nothing but silence in this file.")
        path = self._path(language, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(encode(level(sound)))
                file.flush()
                os.fsync(file.fileno())
            Path(unfinished).replace(path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        self._broken.discard(path)

    def restore(self, language: str, key: str) -> None:
        """Back to the built-in one."""
        self._path(language, key).unlink(missing_ok=True)

    def replaced(self, language: str) -> dict[str, datetime]:
        """Key to the time of the file."""
        return {_key(path): datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in self._files(language)}

    def state(self) -> tuple[int, ...]:
        """Another one whenever a file was put in or taken out."""
        return tuple(_changed(folder) for folder in (self._folder, *self._folders()))

    def _folders(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return sorted(path for path in self._folder.iterdir() if path.is_dir())

    def _files(self, language: str) -> Iterator[Path]:
        folder = self._folder / language
        if folder.is_dir():
            yield from sorted(path for path in folder.iterdir() if path.suffix == _ENDING and path.name[0] != ".")

    def _path(self, language: str, key: str) -> Path:
        return self._folder / language / (key.replace(":", "-", 1) + _ENDING)

    def _decode(self, path: Path) -> bytes | None:
        """A file that cannot be played is named once and then passed over."""
        try:
            return Recording.decode(path.read_bytes(), most_seconds=MOST_SECONDS).sound
        except FileNotFoundError:
            return None
        except (MediaError, OSError) as error:
            if path not in self._broken:
                self._broken.add(path)
                _LOGGER.warning("The prompt %s cannot be played: %s", path, error)
            return None


def _key(path: Path) -> str:
    kind, dash, name = path.stem.partition("-")
    return f"{kind}:{name}" if dash and kind in {"name", "room"} else path.stem


def _changed(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0
