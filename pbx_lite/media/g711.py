"""G.711 for many streams at once, by tables (numpy; load it in a thread)."""

import numpy as np
from numpy.typing import NDArray

from pbx_lite.media.codecs import decoded_samples
from pbx_lite.media.port import PCMA, PCMU, Codec

type Samples = NDArray[np.int16]
type Codes = NDArray[np.uint8]


def _ulaw() -> Codes:
    samples = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.abs(samples), 32635) + 132
    segment = np.searchsorted([256 << step for step in range(7)], magnitude, side="right")
    code = np.where(samples < 0, 0x80, 0) | segment << 4 | magnitude >> segment + 3 & 0x0F
    return np.asarray(~code & 0xFF, dtype=np.uint8)


def _alaw() -> Codes:
    samples = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.where(samples >= 0, samples, ~samples) >> 4
    segment = np.searchsorted([32 << step for step in range(7)], magnitude * 2, side="right")
    step = magnitude >> np.maximum(segment - 1, 0)
    code = np.where(samples >= 0, 0x80, 0) | segment << 4 | step & 0x0F
    return np.asarray(code ^ 0x55, dtype=np.uint8)


DECODE: dict[Codec, Samples] = {law: np.array(decoded_samples(law), dtype=np.int16) for law in (PCMU, PCMA)}
"""The sample of each of the 256 codes."""
ENCODE: dict[Codec, Codes] = {PCMU: _ulaw(), PCMA: _alaw()}
"""The code of each sample, found by the sample's bits as an unsigned number."""


def decode(law: Codec, payloads: list[bytes], size: int = 160) -> Samples:
    """Payloads of one size, a row for each."""
    return DECODE[law].take(np.frombuffer(b"".join(payloads), np.uint8)).reshape(len(payloads), size)


def encode(law: Codec, sound: Samples) -> bytes:
    """All rows, one behind the other."""
    return ENCODE[law].take(sound.view(np.uint16)).tobytes()
