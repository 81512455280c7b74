"""Sound that can be recognised: tones as G.711, and how much of a tone is in what was heard (Goertzel).

Written apart from the product's codecs, so that an error there shows here.
"""

import numpy as np
from numpy.typing import NDArray

RATE = 8000
FRAME = 160
"""Samples of 20 ms."""


def sine(hertz: float, *, milliseconds: int = 1000, amplitude: float = 0.5) -> NDArray[np.int16]:
    """A tone as 16-bit samples at 8 kHz."""
    t = np.arange(RATE * milliseconds // 1000)
    return (np.sin(2 * np.pi * hertz * t / RATE) * amplitude * 32767).astype(np.int16)


def frames(samples: NDArray[np.int16], *, law: str = "PCMU") -> list[bytes]:
    """The samples as payloads of 20 ms in G.711."""
    payload = encode(samples, law=law)
    return [payload[at : at + FRAME] for at in range(0, len(payload) - FRAME + 1, FRAME)]


def encode(samples: NDArray[np.int16], *, law: str = "PCMU") -> bytes:
    """G.711 by looking for the nearest of the 256 values: slow, plain and right."""
    table = _TABLES[law]
    order = np.argsort(table, kind="stable")
    values = table[order]
    at = np.clip(np.searchsorted(values, samples), 1, 255)
    nearer = np.where(samples - values[at - 1] <= values[at] - samples, at - 1, at)
    return bytes(order[nearer].astype(np.uint8))


def decode(payload: bytes, *, law: str = "PCMU") -> NDArray[np.int32]:
    return _TABLES[law][np.frombuffer(payload, np.uint8)]


def share_of(hertz: float, samples: NDArray[np.int32]) -> float:
    """The share of the sound's energy that lies at this frequency: 1.0 for the pure tone, 0.0 in silence."""
    total = float(np.sum(samples.astype(np.float64) ** 2))
    if total == 0:
        return 0.0
    t = np.arange(len(samples))
    along = np.sum(samples * np.exp(-2j * np.pi * hertz * t / RATE))
    return float(min(1.0, 2 * abs(along) ** 2 / (len(samples) * total)))


def _mu_law() -> NDArray[np.int32]:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    exponent, mantissa = (code >> 4) & 7, code & 15
    magnitude = (((mantissa << 3) + 132) << exponent) - 132
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int32)


def _a_law() -> NDArray[np.int32]:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    exponent, mantissa = (code >> 4) & 7, code & 15
    low = (mantissa << 4) + 8
    magnitude = np.where(exponent == 0, low, (low + 256) << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int32)


_TABLES = {"PCMU": _mu_law(), "PCMA": _a_law()}
