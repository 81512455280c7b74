"""A piece of sound from a file, decoded once, encoded once for each codec, and played to many in step.

`decode` and `frames` block: they belong in a thread.
"""

import io
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from pbx_lite.clock import Clock, Timer
from pbx_lite.errors import MediaError
from pbx_lite.media.codecs import FRAME, Encoder, Resampler, frame_bytes
from pbx_lite.media.port import AudioPacket, AudioPort, Codec

if TYPE_CHECKING:
    from av.container import InputContainer

RATE = 16_000
"""Of the decoded sound: as much as a telephone can tell."""
DECODE_SECONDS = 10.0
"""What a decoder may take for one file."""
FORMATS = "aac,ac3,aiff,amr,au,caf,flac,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,ogg,opus,w64,wav,asf"
"""No playlists: they would open further addresses."""
_MASK = 0xFFFFFFFF
_random = random.SystemRandom()


def opened(file: BinaryIO, formats: str = FORMATS) -> InputContainer:
    """A file of one of these formats, which opens no other one.  Raises FFmpeg's errors, OSError, ValueError."""
    import av

    def open_nothing(url: str, *_: Any) -> NoReturn:
        raise OSError(f"A file that names another one: {url[:80]}")

    return av.open(file, mode="r", container_options={"format_whitelist": formats}, io_open=open_nothing)


class Recording:
    """Sound at `RATE`, 16 bits, mono."""

    def __init__(self, sound: bytes) -> None:
        self._sound = sound
        self._made: dict[Codec, tuple[bytes, ...]] = {}
        self._making = Lock()

    @classmethod
    def decode(cls, data: bytes, *, most_seconds: float) -> Recording:
        """Any usual sound file.  Raises MediaError with a sentence."""
        import av

        until = time.monotonic() + DECODE_SECONDS
        sound = bytearray()
        try:
            with opened(io.BytesIO(data)) as container:
                stream = next(iter(container.streams.audio), None)
                if stream is None:
                    raise MediaError("There is no sound in this file.")
                resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
                for frame in container.decode(stream):
                    for converted in resampler.resample(frame):
                        sound += bytes(converted.planes[0])[: converted.samples * 2]
                    if len(sound) > most_seconds * RATE * 2:
                        raise MediaError(f"This sound lasts longer than {most_seconds:g} seconds.")
                    if time.monotonic() > until:
                        raise MediaError("This sound takes too long to decode.")
                for converted in resampler.resample(None):
                    sound += bytes(converted.planes[0])[: converted.samples * 2]
        except (av.FFmpegError, OSError, ValueError, EOFError) as error:
            raise MediaError("This is no sound file that can be played.") from error
        if not sound:
            raise MediaError("There is no sound in this file.")
        return cls(bytes(sound))

    @property
    def sound(self) -> bytes:
        """The samples, in the machine's byte order."""
        return self._sound

    @property
    def seconds(self) -> float:
        return len(self._sound) / (RATE * 2)

    def frames(self, codec: Codec) -> tuple[bytes, ...]:
        """The payloads, 20 ms each; made once however many ask.  Raises MediaError where there is no encoder."""
        with self._making:
            if (made := self._made.get(codec)) is None:
                made = self._made[codec] = tuple(self._encode(codec))
            return made

    def ready(self, codec: Codec) -> bool:
        return codec in self._made

    def _encode(self, codec: Codec) -> list[bytes]:
        sound = self._sound
        if codec.sample_rate != RATE:
            sound = Resampler(RATE, codec.sample_rate).convert(sound)
        size = frame_bytes(codec.sample_rate)
        sound += bytes(-len(sound) % size)
        encoder = Encoder(codec)
        payloads: list[bytes] = []
        for at in range(0, len(sound), size):
            if payload := encoder.encode(sound[at : at + size]):
                payloads.append(payload)
            time.sleep(0)  # this is a thread beside calls: let them pass
        return payloads


@dataclass(eq=False, slots=True)
class _Hearing:
    port: AudioPort
    codec: Codec
    frames: tuple[bytes, ...]
    done: Callable[[], None]
    timestamp: int
    position: int = 0


class Playback:
    """Plays to all ports with one timer, and none while nobody hears."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hearing: list[_Hearing] = []
        self._timer: Timer | None = None
        self._next = 0.0

    def play(self, port: AudioPort, codec: Codec, frames: tuple[bytes, ...], done: Callable[[], None]) -> None:
        """From the beginning; `done` is called after the last packet, and not after `stop`."""
        self._hearing.append(_Hearing(port, codec, frames, done, _random.getrandbits(32)))
        if self._timer is None:
            self._next = self._clock.time()
            self._timer = self._clock.call_later(0.0, self._tick)

    def stop(self, port: AudioPort) -> None:
        self._hearing = [each for each in self._hearing if each.port is not port]

    def _tick(self) -> None:
        over = []
        for each in self._hearing:
            if each.position < len(each.frames):
                payload = each.frames[each.position]
                each.port.send(AudioPacket(each.codec, payload, each.timestamp, each.position == 0))
                each.timestamp = (each.timestamp + each.codec.clock_rate // 50) & _MASK
                each.position += 1
            else:
                over.append(each)
        if over:
            self._hearing = [each for each in self._hearing if each not in over]
            for each in over:
                each.done()
        if not self._hearing:
            self._timer = None
            return
        # After a machine that slept, go on from now: nobody wants to hear everything at once.
        self._next = max(self._next + FRAME, self._clock.time() - 1.0)
        self._timer = self._clock.call_at(self._next, self._tick)
