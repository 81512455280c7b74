"""Music on hold: a short piece of our own that goes round, encoded once for each codec and shared by all who wait.

It is composed from numbers when somebody first waits, in pure Python: sixteen seconds of broken chords cost less memory
than numpy, and nobody has a claim on them.
"""

import asyncio
import cmath
import logging
import math
import random
import time
from array import array
from collections.abc import Callable, Iterator
from functools import cache
from itertools import accumulate, repeat
from operator import mul

from pbx_lite.clock import Clock, Timer
from pbx_lite.media.codecs import Encoder, Resampler, encode_samples, frame_bytes, is_g711
from pbx_lite.media.port import AudioPacket, AudioPort, Codec
from pbx_lite.tasks import spawn

_LOGGER = logging.getLogger(__name__)

_RATE = 8000
_FRAME = 0.02
_LATE = 1.0  # seconds; nobody wants to hear what was missed while the machine slept
_MASK = 0xFFFFFFFF
_random = random.SystemRandom()

_CHORDS = (  # as MIDI notes: C, A minor, F, G, E minor, A minor, D minor, G
    (48, 60, 64, 67, 71),
    (45, 60, 64, 67, 69),
    (41, 57, 60, 64, 69),
    (43, 59, 62, 65, 71),
    (40, 59, 64, 67, 71),
    (45, 60, 64, 69, 72),
    (38, 57, 62, 65, 69),
    (43, 59, 62, 67, 71),
)
_FIGURE = (1, 2, 3, 4, 3, 2, 4, 3)  # which of a chord's notes, an eighth each
_EIGHTH = 0.25  # seconds
_HARMONICS = ((1, 1.0), (2, 0.35), (3, 0.12))
_LEVEL = 2600  # of 32767 for each note: some -20 dB all together
_SUSTAIN = 1.6  # seconds until a note has died away

type Source = Callable[[], array[int]]
"""Gives a whole piece at 8000 samples a second."""

_encoded: dict[tuple[Source, Codec], tuple[bytes, ...]] = {}


@cache
def compose() -> array[int]:
    """The piece at 8000 samples a second, 16-bit; its end leads into its beginning.

    Its highest harmonic is below 1.6 kHz, so that wideband listeners miss nothing.
    """
    length = round(len(_CHORDS) * len(_FIGURE) * _EIGHTH * _RATE)
    piece = [0.0] * length
    notes: dict[int, list[float]] = {}
    for start, pitch, strength in _score():
        if pitch not in notes:
            notes[pitch] = _note(pitch)
        note = [strength * sample for sample in notes[pitch]]
        at = round(start * _RATE)
        fits = min(len(note), length - at)
        piece[at : at + fits] = map(float.__add__, piece[at : at + fits], note, strict=False)
        if rest := note[fits:]:
            piece[: len(rest)] = map(float.__add__, piece[: len(rest)], rest, strict=True)
        time.sleep(0)  # this is a thread beside calls: let them pass
    return array("h", map(int, piece))


def frames(codec: Codec, source: Source = compose) -> tuple[bytes, ...]:
    """The piece as payloads of 20 ms; made once for each codec, which takes up to a second.

    Raises MediaError for a codec that there is no encoder for.
    """
    if (made := _encoded.get((source, codec))) is None:
        made = _encoded[source, codec] = tuple(_encode(source, codec))
    return made


class Music:
    """Plays to all ports that wait, each in its own codec; one timer for all, and none while nobody waits."""

    def __init__(self, clock: Clock, source: Source = compose) -> None:
        self._clock = clock
        self._source = source
        self._listeners: dict[int, AudioPort] = {}
        self._making: set[Codec] = set()
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
            self._began = self._clock.time() - self._count * _FRAME
            self._timer = self._clock.call_later(0.0, self._tick)

    def stop(self, port: AudioPort) -> None:
        self._listeners.pop(id(port), None)
        if not self._listeners and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def prepare(self, codec: Codec) -> None:
        """Have it ready in this codec."""
        await asyncio.to_thread(frames, codec, self._source)

    def _tick(self) -> None:
        packets: dict[Codec, AudioPacket | None] = {}
        for port in tuple(self._listeners.values()):
            codec = port.codec
            if codec is None:
                continue
            if codec not in packets:
                packets[codec] = self._packet(codec)
            if (packet := packets[codec]) is not None:
                port.send(packet)
        self._count += 1
        now = self._clock.time()
        if now - self._began - self._count * _FRAME > _LATE:
            self._began = now - self._count * _FRAME
        self._timer = self._clock.call_at(self._began + self._count * _FRAME, self._tick)

    def _packet(self, codec: Codec) -> AudioPacket | None:
        made = _encoded.get((self._source, codec))
        if made is None:
            if codec not in self._making:
                self._making.add(codec)
                spawn(self._make(codec), name="encode music on hold")
            return None
        timestamp = (self._start + self._count * (codec.clock_rate // 50)) & _MASK
        return AudioPacket(codec, made[self._count % len(made)], timestamp)

    async def _make(self, codec: Codec) -> None:
        await self.prepare(codec)
        self._making.discard(codec)


def _score() -> Iterator[tuple[float, int, float]]:
    """(seconds from the start, MIDI note, strength) of every note."""
    for bar, chord in enumerate(_CHORDS):
        begin = bar * len(_FIGURE) * _EIGHTH
        yield begin, chord[0], 1.2
        for eighth, which in enumerate(_FIGURE):
            yield begin + eighth * _EIGHTH, chord[which], 0.8 if eighth % 4 == 0 else 0.6


def _note(pitch: int) -> list[float]:
    """One note: three harmonics that swell for 15 ms and die away, the higher ones first."""
    hertz = 440.0 * 2 ** ((pitch - 69) / 12)
    length = round(_SUSTAIN * _RATE)
    note = [0.0] * length
    for number, share in _HARMONICS:
        # A point that turns and draws nearer: its powers are the wave, at a third of what sines and exponentials cost.
        step = cmath.exp(complex(-3.2 * number**0.5 / length, 2 * math.pi * hertz * number / _RATE))
        begin = complex(share * _LEVEL)
        wave = [point.imag for point in accumulate(repeat(step, length - 1), mul, initial=begin)]
        note[:] = map(float.__add__, note, wave, strict=True)
        time.sleep(0)
    for ends, seconds in ((1, 0.015), (-1, 0.1)):
        ramp = round(seconds * _RATE)
        for at in range(ramp):
            note[at if ends > 0 else -1 - at] *= at / ramp
    return note


def _encode(source: Source, codec: Codec) -> Iterator[bytes]:
    samples = source()
    if is_g711(codec):
        for at in range(0, len(samples) - 159, 160):
            yield encode_samples(codec, samples[at : at + 160])
            time.sleep(0)
        return
    sound = samples.tobytes()
    if codec.sample_rate != _RATE:
        sound = Resampler(_RATE, codec.sample_rate).convert(sound)
    size = frame_bytes(codec.sample_rate)
    encoder = Encoder(codec)
    for at in range(0, len(sound) - size + 1, size):
        if payload := encoder.encode(sound[at : at + size]):
            yield payload
