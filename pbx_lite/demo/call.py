"""The sound and picture of one call of the demo door."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from itertools import count, cycle
from pathlib import Path

import numpy as np

from pbx_lite.demo.picture import RATE, Encoder, Scene
from pbx_lite.demo.sound import FRAME, Recording, Samples, loudness
from pbx_lite.demo.status import Teller
from pbx_lite.media import codecs
from pbx_lite.media.port import PCMA, PCMU, AccessUnit, AudioPacket, Codec
from pbx_lite.media.port_pool import PortPool
from pbx_lite.media.session import MediaSession
from pbx_lite.tasks import Tasks

_PACKET = 0.02
_LEVEL_EVERY = 10  # packets


class CallMedia:
    """`await open()`, offer or answer through `session`, `start()`; `await close()` ends all of it."""

    def __init__(
        self, pool: PortPool, host: str, *, teller: Teller, scene: Scene, on_key: Callable[[str], None]
    ) -> None:
        loop = asyncio.get_running_loop()
        self.session = MediaSession(pool, host, clock=loop, codecs=(PCMA, PCMU), video=True)
        self._teller = teller
        self._scene = scene
        self._tasks = Tasks("demo door call")
        self._encoder = Encoder()
        self._recording: Recording | None = None
        self._decoders: dict[Codec, codecs.Decoder] = {}
        self._heard = 0
        self._started = False
        self.session.audio.on_dtmf = on_key
        self.session.audio.sink = self._hear
        assert self.session.video is not None
        self.session.video.on_key_frame_wanted = self._encoder.want_key_frame

    async def open(self) -> None:
        await self.session.open()

    def want_key_frame(self) -> None:
        self._encoder.want_key_frame()

    def start(self, voice: list[Samples], record: Path | None) -> None:
        """Send picture and sound from now on, once; `record` is where what is heard is kept."""
        if self._started:
            return
        self._started = True
        self._recording = Recording(record) if record is not None else None
        self._tasks.spawn(self._show(), name="picture")
        self._tasks.spawn(self._play(voice), name="sound")

    async def close(self) -> None:
        self.session.close()
        await self._tasks.close()
        if self._recording is not None:
            self._recording.close()
        self._teller.change(level=0)

    async def _show(self) -> None:
        async for number in _ticks(1 / RATE):
            if (video := self.session.video) is None:
                return
            unit = await asyncio.to_thread(self._draw, number)
            if unit is not None:
                video.send(unit)

    def _draw(self, number: int) -> AccessUnit | None:
        picture = self._scene.draw(number, self._teller.status.words(), datetime.now())  # noqa: DTZ005  a wall clock
        return self._encoder.encode(picture, number)

    async def _play(self, voice: list[Samples]) -> None:
        payloads: Iterator[bytes] | None = None
        codec: Codec | None = None
        async for number in _ticks(_PACKET):
            wanted = self.session.audio.codec
            if wanted is None:
                continue
            if payloads is None or wanted != codec:
                codec, encoder = wanted, codecs.Encoder(wanted)
                payloads = cycle([encoder.encode(frame.astype("<i2").tobytes()) for frame in voice])
            self.session.audio.send(AudioPacket(wanted, next(payloads), number * FRAME))

    def _hear(self, packet: AudioPacket) -> None:
        decoder = self._decoders.setdefault(packet.codec, codecs.Decoder(packet.codec))
        samples = np.frombuffer(decoder.decode(packet.payload), "<i2")
        if self._recording is not None:
            self._recording.add(samples)
        self._heard += 1
        if self._heard % _LEVEL_EVERY == 0:
            self._teller.change(level=loudness(samples))


async def _ticks(seconds: float) -> AsyncIterator[int]:
    """0, 1, 2 … at even times; late ones are not made up for."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    for number in count():
        yield number
        due = max(due + seconds, loop.time() - seconds)
        await asyncio.sleep(due - loop.time())
