"""What the demo door plays and hears: a soft melody out, loudness and a recording in.  16-bit samples at 8 kHz."""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 8000
FRAME = 160
"""Samples in a packet of 20 ms."""

type Samples = NDArray[np.int16]

# Hertz and seconds; a pause follows before it starts again.
_MELODY = (
    (659.26, 0.28),
    (523.25, 0.28),
    (587.33, 0.28),
    (392.0, 0.56),
    (0.0, 0.2),
    (392.0, 0.28),
    (587.33, 0.28),
    (659.26, 0.28),
    (523.25, 0.56),
)
_PAUSE = 2.5


def melody() -> list[Samples]:
    """One round of the melody in frames of 20 ms."""
    parts = [_note(hertz, seconds) for hertz, seconds in (*_MELODY, (0.0, _PAUSE))]
    samples = np.concatenate(parts)
    whole = len(samples) // FRAME * FRAME
    return list(samples[:whole].reshape(-1, FRAME))


def tone(hertz: float) -> list[Samples]:
    """A second of one steady tone, which joins itself without a click for whole hertz."""
    samples = (np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE) * 0.3 * 32767).astype(np.int16)
    return list(samples.reshape(-1, FRAME))


def loudness(samples: NDArray[np.int32] | Samples) -> int:
    """0 for silence to 100 for full scale, in steps that match the ear."""
    if not len(samples):
        return 0
    power = float(np.mean(samples.astype(np.float64) ** 2))
    return 0 if power < 1 else max(0, min(100, round(100 + 10 * np.log10(power / 32768**2) * 1.6)))


class Recording:
    """What the door hears, as a WAV file; closed with `close`."""

    def __init__(self, path: Path) -> None:
        self._wave = wave.open(str(path), "wb")  # noqa: SIM115  closed by the owner
        self._wave.setnchannels(1)
        self._wave.setsampwidth(2)
        self._wave.setframerate(RATE)

    def add(self, samples: Samples) -> None:
        self._wave.writeframes(samples.astype("<i2").tobytes())

    def close(self) -> None:
        self._wave.close()


def _note(hertz: float, seconds: float) -> Samples:
    t = np.arange(round(RATE * seconds)) / RATE
    fade = np.exp(-t * 4)
    samples: Samples = (np.sin(2 * np.pi * hertz * t) * fade * 0.25 * 32767).astype(np.int16)
    return samples
