"""Tones as packets: what a caller hears while it rings, and keys for peers that know only sound (ITU-T E.180, Q.23)."""

import asyncio
import math
import random
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pbx_lite.clock import Clock
from pbx_lite.media.codecs import Encoder, Resampler, encode_samples, frame_bytes, is_g711
from pbx_lite.media.port import AudioPacket, AudioPort, Codec
from pbx_lite.media.waiting import pause

ROWS = (697, 770, 852, 941)
COLUMNS = (1209, 1336, 1477, 1633)
KEYPAD = "123A456B789C*0#D"
_FULL = 32767
_RATE = 8000
_random = random.SystemRandom()
_made: dict[tuple[Tone, Codec], tuple[bytes, ...]] = {}


@dataclass(frozen=True, slots=True)
class Tone:
    """Frequencies in Hz at `level` (of full scale, each), sounding and silent by turns of `cadence` seconds."""

    frequencies: tuple[int, ...]
    cadence: tuple[float, float]
    level: float = 0.15


RING_BACK = Tone((425,), (1.0, 4.0))
BUSY = Tone((425,), (0.5, 0.5))
SILENCE = Tone((), (1.0, 0.0))
"""For stations that hang up when they hear no packets."""


def frames(tone: Tone, codec: Codec) -> tuple[bytes, ...]:
    """The payloads, 20 ms each, of one turn of the cadence; made once, which takes some 10 ms."""
    if (made := _made.get((tone, codec))) is None:
        on, off = (round(seconds * _RATE) // 160 * 160 for seconds in tone.cadence)
        made = tuple(_encode(_samples(tone.frequencies, tone.level, on) + [0] * off, codec))
        _made[tone, codec] = made
    return made


def packets(tone: Tone, codec: Codec) -> Iterator[AudioPacket]:
    """The tone without end, a packet for each 20 ms."""
    turn = frames(tone, codec)
    timestamp = _random.getrandbits(32)
    step = codec.clock_rate // 50
    marker = True
    while True:
        for payload in turn:
            yield AudioPacket(codec, payload, timestamp, marker)
            timestamp = (timestamp + step) & 0xFFFFFFFF
            marker = False


async def play(port: AudioPort, clock: Clock, tone: Tone = RING_BACK) -> None:
    """Send the tone to `port`, in whatever codec it wants, until cancelled."""
    began = clock.time()
    count = 0
    codec: Codec | None = None
    source: Iterator[AudioPacket] = iter(())
    while True:
        if port.codec is not None:
            if port.codec != codec:
                codec = port.codec
                if (tone, codec) not in _made:
                    await asyncio.to_thread(frames, tone, codec)
                source = packets(tone, codec)
            port.send(next(source))
        count += 1
        late = clock.time() - began - count * 0.02
        if late > 1:  # the machine slept: nobody wants to hear what was missed
            began += late
            late = 0
        await pause(clock, max(0.0, -late))


def dtmf(key: str, codec: Codec | None, duration_ms: int) -> list[AudioPacket]:
    """One key as sound, in packets of 20 ms; nothing where there is no codec or no such key."""
    if codec is None or key.upper() not in KEYPAD:
        return []
    row, column = divmod(KEYPAD.index(key.upper()), 4)
    count = max(1, round(duration_ms / 20))
    samples = _samples((ROWS[row], COLUMNS[column]), 0.25, count * _RATE // 50)
    timestamp = _random.getrandbits(32)
    step = codec.clock_rate // 50
    payloads = _encode(samples, codec)
    return [
        AudioPacket(codec, payload, (timestamp + index * step) & 0xFFFFFFFF, index == 0)
        for index, payload in enumerate(payloads)
    ]


def _samples(frequencies: Sequence[int], level: float, count: int) -> list[int]:
    turns = [2 * math.pi * frequency / _RATE for frequency in frequencies]
    ramp = min(40, count // 2)  # 5 ms in and out: no click
    return [
        int(level * _FULL * min(1.0, at / ramp, (count - at) / ramp) * sum(math.sin(turn * at) for turn in turns))
        for at in range(count)
    ]


def _encode(samples: list[int], codec: Codec) -> list[bytes]:
    """Sound at 8 kHz, a whole number of 20 ms, as payloads."""
    if is_g711(codec):
        payload = encode_samples(codec, samples)
        return [payload[at : at + 160] for at in range(0, len(payload), 160)]
    sound = array("h", samples).tobytes()
    if codec.sample_rate != _RATE:
        sound = Resampler(_RATE, codec.sample_rate).convert(sound)
    size = frame_bytes(codec.sample_rate)
    sound += bytes(-len(sound) % size)
    encoder = Encoder(codec)
    return [encoder.encode(sound[at : at + size]) for at in range(0, len(sound), size)]
