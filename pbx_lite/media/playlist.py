"""A folder of music, one piece after another and round again: decoded a little at a time, each as loud as the others.

Everything here blocks: it belongs in a thread, one at a time.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pbx_lite.errors import MediaError
from pbx_lite.media.recording import FORMATS, RATE, opened

if TYPE_CHECKING:
    import av
    from av.container import InputContainer

_LOGGER = logging.getLogger(__name__)

READ_SECONDS = 5.0
"""Of sound that `read` gives at a time."""
_MEASURED = 600.0
"""Seconds of a piece that its loudness is taken from."""
_PATIENCE = 4.0
"""Seconds that measuring may take; what was heard until then counts."""
_SHORTEST = 1.0
"""Seconds; what is over before that would have us open files all the time."""
_FORMATS = f"{FORMATS},ape,avi,dsf,dts,eac3,flv,mpc,mpc8,mpeg,mpegts,tak,tta,voc,wv"
_BESIDE = frozenset({".cue", ".gif", ".jpeg", ".jpg", ".m3u", ".m3u8", ".nfo", ".pls", ".png", ".webp"})
"""What lies beside music without being any."""

_NO_MUSIC = "There is no music in the playlist %s: those who wait hear the built-in piece. Put sound files into %s."
_LEFT_OUT = "%s in the playlist %s is left out: %s Convert it to MP3, or remove it."

type Places = Callable[[], Path | None]
"""Where the music is now, None for nowhere."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A file as it was when it was measured; without `gain` (dB) it cannot be played."""

    size: int
    changed: int
    gain: float | None


class Playlist:
    """`read` gives what comes next.  A file that cannot be played is named once, and again when it was changed.

    With `wanted`, it is told once where there is nothing to play.
    """

    def __init__(self, name: str, place: Places, *, wanted: bool = True) -> None:
        self._name = name
        self._place = place
        self._told = not wanted
        self._known: dict[Path, _Known] = {}
        self._last: Path | None = None
        self._sound: Iterator[bytes] | None = None
        self._left = b""
        self._closing = False

    def read(self) -> bytes:
        """The next `READ_SECONDS`, 16 bits, mono, at `RATE`; empty where there is nothing that can be played."""
        size = round(READ_SECONDS * RATE) * 2
        sound = bytearray(self._left)
        nothing = 0
        while len(sound) < size and nothing < 2 and not self._closing:
            piece = self._sound = self._sound or self._next()
            if piece is None:
                break
            if more := next(piece, b""):
                sound += more
                nothing = 0
            else:
                self._sound = None
                nothing += 1
        if self._closing:
            return b""
        self._left = bytes(sound[size:])
        del sound[size:]
        return bytes(sound) + bytes(-len(sound) % (RATE // 50 * 2))

    def stop(self) -> None:
        """Let a `read` that goes on in another thread end soon."""
        self._closing = True

    def close(self) -> None:
        self._closing = True
        self._sound = None

    def _next(self) -> Iterator[bytes] | None:
        """The piece after the last one, the first one after all of them."""
        files = self._files()
        self._known = {path: known for path, known in self._known.items() if path in files}
        at = 0 if self._last is None else sum(_order(path) <= _order(self._last) for path in files)
        for path in (*files[at:], *files[:at]):
            if (gain := self._gain(path)) is not None:
                self._last = path
                return self._play(path, gain)
            if self._closing:
                return None
        if not self._told:
            self._told = True
            _LOGGER.warning(_NO_MUSIC, self._name, self._place())
        return None

    def _files(self) -> list[Path]:
        folder = self._place()
        if folder is None:
            return []
        try:
            return sorted((path for path in folder.iterdir() if _plays(path)), key=_order)
        except OSError:
            return []

    def _gain(self, path: Path) -> float | None:
        """What is to be done to this file, None where it cannot be played."""
        try:
            now = path.stat()
        except OSError:
            return None
        known = self._known.get(path)
        if known is None or (known.size, known.changed) != (now.st_size, now.st_mtime_ns):
            gain = None
            try:
                gain = self._measure(path)
            except MediaError as error:
                _LOGGER.warning(_LEFT_OUT, path.name, self._name, error)
            if self._closing:
                return None
            known = self._known[path] = _Known(now.st_size, now.st_mtime_ns, gain)
        return known.gain

    def _measure(self, path: Path) -> float:
        """Raises MediaError."""
        from pbx_lite.media.loudness import Meter

        meter, samples, until = Meter(), 0, time.monotonic() + _PATIENCE
        for frame in self._decode(path):
            meter.feed(frame)
            samples += frame.samples
            if samples > _MEASURED * RATE or (samples > _SHORTEST * RATE and time.monotonic() > until):
                break
        if not samples:
            raise MediaError("This is no sound file that can be played.")
        if samples < _SHORTEST * RATE:
            raise MediaError("It lasts less than a second.")
        if meter.loudness is None:
            raise MediaError("There is nothing to be heard in it.")
        return meter.gain

    def _play(self, path: Path, gain: float) -> Iterator[bytes]:
        from pbx_lite.media.loudness import Leveller

        leveller = Leveller(gain)
        try:
            for frame in self._decode(path):
                yield from leveller.level(frame)
        except MediaError as error:
            _LOGGER.debug("%s in the playlist %s ends early: %s", path.name, self._name, error)
        yield from leveller.level(None)

    def _decode(self, path: Path) -> Iterator[av.AudioFrame]:
        """The sound as the filters want it, damaged places left out.  Raises MediaError where there is none."""
        import av

        try:
            with path.open("rb") as file, opened(file, _FORMATS) as container:
                yield from self._frames(container)
        except OSError as error:
            if isinstance(error, av.FFmpegError):
                raise MediaError("This is no sound file that can be played.") from error
            raise MediaError(f"It cannot be read ({error.strerror}).") from error
        except (av.FFmpegError, ValueError, EOFError) as error:
            raise MediaError("This is no sound file that can be played.") from error

    def _frames(self, container: InputContainer) -> Iterator[av.AudioFrame]:
        import av

        from pbx_lite.media.loudness import resampler

        stream = next(iter(container.streams.audio), None)
        if stream is None:
            raise MediaError("There is no sound in it.")
        shape, convert = None, resampler()
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except av.InvalidDataError:
                continue
            for frame in frames:
                if shape != (shape := (frame.format.name, frame.layout.name, frame.sample_rate)):
                    convert = resampler()
                frame.pts = None
                yield from convert.resample(frame)
            if self._closing:
                return
            time.sleep(0)  # this is a thread beside calls: let them pass
        if shape is not None:
            yield from convert.resample(None)


def _plays(path: Path) -> bool:
    return not path.name.startswith(".") and path.suffix.lower() not in _BESIDE and path.is_file()


def _order(path: Path) -> tuple[str, str]:
    return path.name.casefold(), path.name
