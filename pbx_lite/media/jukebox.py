"""The music of the house: playlists by name, each heard by all who wait, a little of it prepared ahead.

Decoding and encoding are done in a thread, five seconds at a time and only while somebody waits; what was heard is
forgotten.
"""

import asyncio
import time
from collections.abc import Collection, Mapping
from pathlib import Path

from pbx_lite.clock import Clock
from pbx_lite.media.codecs import Encoder, Resampler, frame_bytes
from pbx_lite.media.music import Music
from pbx_lite.media.playlist import Playlist
from pbx_lite.media.port import Codec
from pbx_lite.media.recording import RATE
from pbx_lite.tasks import Tasks

HOLD = "hold"
"""What everybody hears who waits, and whoever wants a playlist that is not there."""
_FRAME = RATE // 50 * 2  # bytes of 20 ms
_AHEAD = 250  # times 20 ms: when less is ready, more is prepared
_AGAIN = 800  # times 20 ms, until a folder without music is looked at again: once round of the built-in piece


class Jukebox:
    """`folders` are the playlists of the file; each folder in `own` is one too, and `own` itself is that for hold.

    Where there is no music, as in an empty folder, the built-in piece is heard.
    """

    def __init__(self, clock: Clock, folders: Mapping[str, Path], own: Path | None = None) -> None:
        self._clock = clock
        self._folders = dict(folders)
        self._own = own
        self._music: dict[str, Music] = {}
        self._playlists: list[Playlist] = []
        self._tasks = Tasks("jukebox")

    def music(self, name: str = "") -> Music:
        """What plays this playlist, the same for all who ask."""
        if not self._knows(name):
            name = HOLD
        if name not in self._music:
            playlist = Playlist(name, lambda: self._place(name), wanted=name != HOLD or name in self._folders)
            self._playlists.append(playlist)
            self._music[name] = Music(self._clock, programme=Programme(playlist, self._tasks))
        return self._music[name]

    async def close(self) -> None:
        """Nothing is read any more; who still waits hears the built-in piece."""
        for playlist in self._playlists:
            playlist.stop()
        await self._tasks.close()
        for playlist in self._playlists:
            await asyncio.to_thread(playlist.close)

    def _knows(self, name: str) -> bool:
        return name in self._folders or name in self._music or self._below(name) is not None

    def _place(self, name: str) -> Path | None:
        """Where this playlist is now."""
        return self._folders.get(name) or self._below(name) or (self._own if name == HOLD else None)

    def _below(self, name: str) -> Path | None:
        """Without a way out of the folder, whatever the name."""
        if self._own is None or not name or name.startswith(".") or Path(name).name != name:
            return None
        folder = self._own / name
        return folder if folder.is_dir() else None


class Programme:
    """One playlist as it is heard: `turn`, and then `payload`, are called every 20 ms while somebody waits.

    Reading may take seconds, as a piece that was never played is measured first; encoding goes on beside it.
    """

    def __init__(self, playlist: Playlist, tasks: Tasks) -> None:
        self._playlist = playlist
        self._tasks = tasks
        self._streams: dict[Codec, _Stream] = {}
        self._sound = b""  # from `_begin` on; `_at` is what is heard now; all in units of 20 ms
        self._begin = self._at = 0
        self._playing = self._reading = self._encoding = False
        self._rest = 0

    @property
    def _end(self) -> int:
        return self._begin + len(self._sound) // _FRAME

    def turn(self, codecs: Collection[Codec]) -> None:
        """The next 20 ms, in these codecs."""
        if self._playing:
            self._at += 1
        ready = (self._streams[codec].payload(self._at) for codec in codecs if codec in self._streams)
        self._playing = any(ready)
        self._rest = max(0, self._rest - 1)
        if not self._reading and not self._rest and self._end - self._at < _AHEAD:
            self._reading = True
            self._tasks.spawn(self._read(), name="read music")
        if self._at < self._end and not self._encoding and self._behind(codecs):
            self._encoding = True
            self._tasks.spawn(self._encode(tuple(codecs)), name="encode music")

    def payload(self, codec: Codec) -> bytes | None:
        """In this codec: empty where that will be there in a moment, None where nobody hears music of the playlist."""
        if not self._playing:
            return None
        stream = self._streams.get(codec)
        return b"" if stream is None else stream.payload(self._at)

    async def _read(self) -> None:
        try:
            sound = await asyncio.to_thread(self._playlist.read)
        finally:
            self._reading = False
        if not sound:
            self._rest = _AGAIN
        self._sound = self._sound[(self._at - self._begin) * _FRAME :] + sound
        self._begin = self._at

    def _behind(self, codecs: Collection[Codec]) -> bool:
        """Whether there is something to encode."""
        return any((stream := self._streams.get(codec)) is None or stream.until < self._end for codec in codecs)

    async def _encode(self, codecs: Collection[Codec]) -> None:
        """What is not encoded yet; streams that nobody hears any more are dropped."""
        streams, parts = [], []
        for codec in codecs:
            stream = self._streams.get(codec)
            if stream is None or stream.until < self._at:
                stream = _Stream(codec, self._at)
            streams.append(stream)
            parts.append(self._sound[(stream.until - self._begin) * _FRAME :])
        try:
            made = await asyncio.to_thread(_encoded, streams, parts)
        finally:
            self._encoding = False
        for stream, part, payloads in zip(streams, parts, made, strict=True):
            stream.forget(self._at)
            stream.payloads += payloads
            stream.until += len(part) // _FRAME
        self._streams = {stream.codec: stream for stream in streams}


def _encoded(streams: list[_Stream], parts: list[bytes]) -> list[list[bytes]]:
    return [stream.encode(part) for stream, part in zip(streams, parts, strict=True)]


class _Stream:
    """The programme in one codec up to `until`; `encode` is called in a thread, everything else beside it."""

    def __init__(self, codec: Codec, begin: int) -> None:
        self.codec = codec
        self.payloads: list[bytes] = []
        self.until = begin
        self._begin = begin
        self._encoder: Encoder | None = None
        self._resampler: Resampler | None = None
        self._left = b""

    def payload(self, at: int) -> bytes:
        place = at - self._begin
        return self.payloads[place] if 0 <= place < len(self.payloads) else b""

    def forget(self, until: int) -> None:
        gone = min(until - self._begin, len(self.payloads))
        del self.payloads[:gone]
        self._begin += gone

    def encode(self, sound: bytes) -> list[bytes]:
        """What is kept back for a moment, as filters do, comes with what follows."""
        if self._encoder is None:
            self._encoder = Encoder(self.codec)
            if self.codec.sample_rate != RATE:
                self._resampler = Resampler(RATE, self.codec.sample_rate)
        if self._resampler is not None:
            sound = self._resampler.convert(sound)
        sound = self._left + sound
        size = frame_bytes(self.codec.sample_rate)
        whole = len(sound) - len(sound) % size
        self._left = sound[whole:]
        payloads = []
        for at in range(0, whole, size):
            if payload := self._encoder.encode(sound[at : at + size]):
                payloads.append(payload)
            time.sleep(0)  # calls go on beside this thread: let them pass
        return payloads
