"""Sound written to Ogg Opus files while it comes, in one thread for all who record.

A file gets its name only when it is complete and on the disk, so that a power failure leaves no half one.
"""

import asyncio
import logging
import os
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pbx_lite.clock import Clock
from pbx_lite.errors import MediaError
from pbx_lite.media.codecs import Decoder, Resampler
from pbx_lite.media.port import AudioPacket, Codec
from pbx_lite.media.recording import RATE

if TYPE_CHECKING:
    import av

_LOGGER = logging.getLogger(__name__)

_FRAME = RATE // 50 * 2
"""Bytes of 20 ms."""
_BITS = 20_000
_BATCH = 25
"""Packets that are handed to the thread together: half a second."""
_MOST_WAITING = 40
"""Batches; what comes while the disk is behind by more is left out."""
_LONGEST_GAP = 10.0
"""Seconds of silence for what did not come; a longer jump of timestamps is another source, not a pause."""
_QUIETEST, _LOUDEST = 250, 2000
"""Of 32768: what is below is never speech, what is above always is."""
_MARGIN = 15
"""Frames that are kept before the first word and after the last."""
_HALF = 1 << 31
_MASK = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Recorded:
    """A complete file."""

    path: Path
    seconds: float


class Recorder:
    """Give it packets of one port (`hear`) or 20 ms of 16-bit mono at 16 kHz (`take`), then `stop` it.

    `on_failed` hears a sentence, once, where nothing can be written any more; what was written until then is kept.
    `on_full` hears that `most_seconds` are recorded; what comes later is left out.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        most_seconds: float,
        on_failed: Callable[[str], None] = lambda _: None,
        on_full: Callable[[], None] = lambda: None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._began = clock.time()
        self._on_failed = on_failed
        self._on_full = on_full
        self._file = _File(path, round(most_seconds * 50), self._failed, self._full)
        self._thread = _threads.take()
        self._batch: list[AudioPacket | bytes] = []
        self._waiting = 0
        self._dropped = False
        self._stopped: asyncio.Future[Recorded | None] | None = None

    def hear(self, packet: AudioPacket) -> None:
        """The sink of a port."""
        self._add(packet)

    def take(self, pcm: bytes) -> None:
        """The tap of a mixer."""
        self._add(pcm)

    async def stop(self, *, trim: bool = False) -> Recorded | None:
        """Complete the file; None where there is nothing in it.  `trim` cuts silence at both ends."""
        if self._stopped is None:
            self._hand_over()
            self._stopped = self._loop.run_in_executor(self._thread, self._file.finish, trim)
            self._stopped.add_done_callback(lambda _: _threads.give_back())
        return await asyncio.shield(self._stopped)

    def _add(self, sound: AudioPacket | bytes) -> None:
        if self._stopped is not None or self._file.over:
            return
        self._batch.append(sound)
        if len(self._batch) >= _BATCH:
            self._hand_over()

    def _hand_over(self) -> None:
        batch, self._batch = self._batch, []
        if not batch:
            return
        if self._waiting >= _MOST_WAITING:
            if not self._dropped:
                self._dropped = True
                _LOGGER.warning("The disk is too slow for %s; some of it is left out", self._file.path.name)
            return
        self._waiting += 1
        self._loop.run_in_executor(self._thread, self._file.write, batch).add_done_callback(self._written)

    def _written(self, _: asyncio.Future[None]) -> None:
        self._waiting -= 1

    def _failed(self, error: str) -> None:
        with suppress(RuntimeError):  # the loop has ended before the thread
            self._loop.call_soon_threadsafe(self._on_failed, error)

    def _full(self) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._on_full)


class _Threads:
    """One thread as long as anybody records."""

    def __init__(self) -> None:
        self._users = 0
        self._executor: ThreadPoolExecutor | None = None

    def take(self) -> Executor:
        if self._executor is None:
            self._executor = ThreadPoolExecutor(1, "recorder")
        self._users += 1
        return self._executor

    def give_back(self) -> None:
        self._users -= 1
        if self._users == 0 and self._executor is not None:
            self._executor.shutdown(wait=False)
            self._executor = None


_threads = _Threads()


class _File:
    """What happens in the thread.  `over` is true once nothing more is taken."""

    def __init__(self, path: Path, most: int, failed: Callable[[str], None], full: Callable[[], None]) -> None:
        self.path = path
        self.over = False
        self._part = path.with_name(path.name + ".part")
        self._most = most
        self._tell_failed = failed
        self._tell_full = full
        self._sound = _Sound()
        self._rest = b""
        self._levels = array("H")
        self._broken = False
        self._target: Any = None
        self._container: av.container.OutputContainer | None = None
        self._stream: av.AudioStream | None = None

    def write(self, batch: list[AudioPacket | bytes]) -> None:
        for each in batch:
            for pcm in [each] if isinstance(each, bytes) else self._sound.of(each):
                self._rest += pcm
        while len(self._rest) >= _FRAME and not self.over:
            frame, self._rest = self._rest[:_FRAME], self._rest[_FRAME:]
            self._encode(frame)

    def finish(self, trim: bool) -> Recorded | None:
        if self._rest and not self.over:
            self._encode(self._rest + bytes(-len(self._rest) % _FRAME))
        self.over = True
        if self._container is None:
            return None
        complete = self._close()
        words = self._words() if trim and complete else (0, len(self._levels))
        try:
            if not words[1] or (self._broken and self._part.stat().st_size < 1024):
                self._part.unlink(missing_ok=True)
                return None
            if words != (0, len(self._levels)):
                self._cut(*words)
            self._part.rename(self.path)
            _sync(self.path.parent)
        except (OSError, MediaError) as error:
            self._fail(error)
            with suppress(OSError):
                self._part.unlink(missing_ok=True)
            return None
        return Recorded(self.path, (words[1] - words[0]) / 50)

    # Writing

    def _encode(self, frame: bytes) -> None:
        try:
            if self._container is None:
                self._begin()
            self._mux(frame)
        except (OSError, MediaError) as error:
            self._fail(error)
            return
        samples = array("h", frame)
        highest, lowest = max(samples), min(samples)
        self._levels.append(min(max(highest, -lowest), 0x7FFF))
        if len(self._levels) >= self._most:
            self.over = True
            self._tell_full()

    def _begin(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._target = self._part.open("wb")
        self._container, self._stream = _opus(self._target)

    def _mux(self, frame: bytes) -> None:
        import av

        assert self._container is not None
        assert self._stream is not None
        sound = av.AudioFrame(format="s16", layout="mono", samples=len(frame) // 2)
        sound.planes[0].update(frame + bytes(sound.planes[0].buffer_size - len(frame)))
        sound.sample_rate = RATE
        sound.pts = len(self._levels) * (_FRAME // 2)
        try:
            self._container.mux(self._stream.encode(sound))
        except av.FFmpegError as error:
            raise MediaError(str(error)) from error

    def _close(self) -> bool:
        """Whether everything is on the disk."""
        import av

        assert self._container is not None
        assert self._stream is not None
        try:
            if not self._broken:
                self._container.mux(self._stream.encode(None))
            self._container.close()
            self._target.flush()
            os.fsync(self._target.fileno())
        except (OSError, av.FFmpegError) as error:
            self._fail(error)
        finally:
            with suppress(OSError):
                self._target.close()
        return not self._broken

    def _fail(self, error: Exception) -> None:
        self.over = True
        if self._broken:
            return
        self._broken = True
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        _LOGGER.warning("%s cannot be recorded any further: %s", self.path.name, why)
        self._tell_failed(f"The recording stopped: {why}.")

    # Silence

    def _words(self) -> tuple[int, int]:
        """The frames from the first word to the last, with a margin; (0, 0) where nobody spoke."""
        floor = sorted(self._levels)[len(self._levels) // 10] if self._levels else 0
        gate = min(max(3 * floor, _QUIETEST), _LOUDEST)
        spoken = [at for at, level in enumerate(self._levels) if level > gate]
        if not spoken:
            return 0, 0
        return max(spoken[0] - _MARGIN, 0), min(spoken[-1] + 1 + _MARGIN, len(self._levels))

    def _cut(self, first: int, last: int) -> None:
        """Keep these frames alone: a packet is 20 ms, so nothing is encoded again."""
        import av

        whole = self._part.with_suffix(".whole")
        self._part.rename(whole)
        try:
            with av.open(str(whole)) as source, self._part.open("wb") as target:
                container, stream = _opus(target)
                for at, packet in enumerate(source.demux(source.streams.audio[0])):
                    if packet.size and first <= at < last:
                        packet.pts = packet.dts = (at - first) * (packet.duration or 0)
                        packet.stream = stream
                        container.mux(packet)
                container.close()
                target.flush()
                os.fsync(target.fileno())
        except av.FFmpegError as error:
            raise MediaError(str(error)) from error
        finally:
            whole.unlink(missing_ok=True)


class _Sound:
    """Packets as sound at `RATE`, whatever their codec; what is missing between them becomes silence."""

    def __init__(self) -> None:
        self._codec: Codec | None = None
        self._decoder: Decoder | None = None
        self._resampler: Resampler | None = None
        self._expected: int | None = None

    def of(self, packet: AudioPacket) -> Iterator[bytes]:
        codec = packet.codec
        if codec != self._codec:
            self._codec, self._expected = codec, None
            self._decoder = Decoder(codec)
            self._resampler = Resampler(codec.sample_rate, RATE) if codec.sample_rate != RATE else None
        assert self._decoder is not None
        try:
            sound = self._decoder.decode(packet.payload)
        except MediaError:
            return
        if self._expected is not None:
            gap = ((packet.timestamp - self._expected + _HALF) & _MASK) - _HALF
            if -codec.clock_rate < gap < 0:
                return  # late, or twice
            if 0 < gap <= _LONGEST_GAP * codec.clock_rate:
                yield bytes(gap * RATE // codec.clock_rate * 2)
        self._expected = (packet.timestamp + len(sound) // 2 * codec.clock_rate // codec.sample_rate) & _MASK
        yield self._resampler.convert(sound) if self._resampler is not None else sound


def _opus(target: Any) -> tuple[av.container.OutputContainer, av.AudioStream]:
    import av

    container = av.open(target, mode="w", format="ogg")
    stream = container.add_stream("libopus", rate=RATE, layout="mono")
    assert isinstance(stream, av.AudioStream)
    stream.bit_rate = _BITS
    stream.codec_context.options = {"application": "voip", "frame_duration": "20"}
    return container, stream


def _sync(folder: Path) -> None:
    """The name of a new file is safe only once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
