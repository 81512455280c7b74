"""Music on hold: a short piece of our own that goes round, heard by all who wait, in the codec of each.

It lies beside this module encoded (`script/composing.py` makes it), so that whoever waits first hears it at once.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

from pbx_lite.clock import Clock, Timer
from pbx_lite.errors import MediaError
from pbx_lite.media.codecs import FRAME, translation
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, AudioPacket, AudioPort, Codec
from pbx_lite.tasks import spawn

_LOGGER = logging.getLogger(__name__)

HOLD = Path(__file__).parent / "hold"
FRAME_BYTES = {PCMA: 160, G722: 160, OPUS: 60}
"""What lies there: 20 ms in each codec; the other law is a table away."""
_LATE = 1.0  # seconds; nobody wants to hear what was missed while the machine slept
_MASK = 0xFFFFFFFF
_random = random.SystemRandom()

type Source = Callable[[Codec], Sequence[bytes]]
"""Gives a whole piece as payloads of 20 ms, the same ones each time.  Blocks; raises MediaError."""


class Programme(Protocol):
    """What is heard instead of the piece, as long as it has something."""

    def turn(self, codecs: Collection[Codec]) -> None: ...

    def payload(self, codec: Codec) -> bytes | None:
        """20 ms after each `turn`; empty for nothing, None where the piece is to be heard."""
        ...


def path_of(codec: Codec) -> Path:
    """Where the piece lies in this codec."""
    return HOLD / f"{codec.name.lower()}.frames"


@cache
def frames(codec: Codec) -> tuple[bytes, ...]:
    """The piece as payloads of 20 ms.  Reads a file; raises MediaError for a codec it was not made for."""
    if codec == PCMU:
        return tuple(payload.translate(translation(PCMA, PCMU)) for payload in frames(PCMA))
    if codec not in FRAME_BYTES:
        raise MediaError(f"There is no music in {codec}.")
    size = FRAME_BYTES[codec]
    try:
        data = path_of(codec).read_bytes()
    except OSError as error:
        raise MediaError(f"The music on hold cannot be read: {error.strerror}.") from error
    return tuple(data[at : at + size] for at in range(0, len(data) - size + 1, size))


class Music:
    """Plays to all ports that wait, each in its own codec; one timer for all, and none while nobody waits."""

    def __init__(self, clock: Clock, source: Source = frames, programme: Programme | None = None) -> None:
        self._clock = clock
        self._source = source
        self._programme = programme
        self._made: dict[Codec, Sequence[bytes]] = {}
        self._making: set[Codec] = set()
        self._listeners: dict[int, AudioPort] = {}
        self._timer: Timer | None = None
        self._began = 0.0
        self._count = 0
        self._start = _random.getrandbits(32)

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def play(self, port: AudioPort) -> None:
        """Let this port hear it, until `stop`."""
        self._listeners[id(port)] = port
        if self._timer is None:
            self._began = self._clock.time() - self._count * FRAME
            self._timer = self._clock.call_later(0.0, self._tick)

    def stop(self, port: AudioPort) -> None:
        self._listeners.pop(id(port), None)
        if not self._listeners and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def prepare(self, codec: Codec) -> None:
        """Have it ready in this codec."""
        try:
            self._made[codec] = await asyncio.to_thread(self._source, codec)
        except MediaError as error:
            self._made[codec] = ()
            _LOGGER.warning("Who waits hears nothing: %s", error)

    def _tick(self) -> None:
        hearing = [(port, codec) for port in self._listeners.values() if (codec := port.codec) is not None]
        codecs = {codec for _, codec in hearing}
        if self._programme is not None:
            self._programme.turn(codecs)
        packets = {codec: self._packet(codec) for codec in codecs}
        for port, codec in hearing:
            if (packet := packets[codec]) is not None:
                port.send(packet)
        self._count += 1
        if not self._listeners:
            self._timer = None
            return
        now = self._clock.time()
        if now - self._began - self._count * FRAME > _LATE:
            self._began = now - self._count * FRAME
        self._timer = self._clock.call_at(self._began + self._count * FRAME, self._tick)

    def _packet(self, codec: Codec) -> AudioPacket | None:
        payload = None if self._programme is None else self._programme.payload(codec)
        if payload is None:
            payload = self._piece(codec)
        if not payload:
            return None
        timestamp = (self._start + self._count * (codec.clock_rate // 50)) & _MASK
        return AudioPacket(codec, payload, timestamp)

    def _piece(self, codec: Codec) -> bytes:
        made = self._made.get(codec)
        if made is None and codec not in self._making:
            self._making.add(codec)
            spawn(self._make(codec), name="read music on hold")
        return made[self._count % len(made)] if made else b""

    async def _make(self, codec: Codec) -> None:
        await self.prepare(codec)
        self._making.discard(codec)
