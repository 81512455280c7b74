"""Cutting silence off and making all voices equally loud: 16-bit mono at 16 kHz, in pure Python, for a few seconds."""

import math
from array import array
from operator import mul

from pbx_lite.media.recording import RATE

SPEECH_DB = -22.0
"""Level of speech while somebody speaks, of full scale: some 4 dB above ITU-T P.56's, as prompts are in the trade."""
PEAK_DB = -1.5
_FRAME = RATE // 50
_SILENT_DB = -45.0
"""Below the loudest frame: not speech."""
_NOTHING = 33.0
"""RMS, -60 dB: what a codec makes of silence stays below."""
_KEPT = 0.03
"""Seconds of silence that stay at both ends."""


def trim(sound: bytes) -> bytes:
    """Without the silence at both ends; empty where there is nothing else."""
    levels = _levels(sound)
    if not levels or (loudest := max(levels)) < _NOTHING:
        return b""
    least = loudest * 10 ** (_SILENT_DB / 20)
    speaks = [at for at, level in enumerate(levels) if level > least]
    kept = round(_KEPT * RATE)
    first = max(0, speaks[0] * _FRAME - kept)
    last = (speaks[-1] + 1) * _FRAME + kept
    return sound[first * 2 : last * 2]


def level(sound: bytes) -> bytes:
    """As loud as all other prompts; no peak above `PEAK_DB`."""
    rms = speech_rms(sound)
    if rms < _NOTHING:
        return sound
    samples = array("h", sound)
    peak = max(*samples, -min(samples))
    factor = min(_full(SPEECH_DB) / rms, _full(PEAK_DB) / peak)
    return array("h", [round(sample * factor) for sample in samples]).tobytes()


def speech_rms(sound: bytes) -> float:
    """Of the frames in which somebody speaks; 0 for silence."""
    levels = _levels(sound)
    if not levels or (loudest := max(levels)) == 0:
        return 0.0
    active = [level for level in levels if level > loudest * 0.1]
    return math.sqrt(sum(map(mul, active, active, strict=True)) / len(active))


def _levels(sound: bytes) -> list[float]:
    """RMS of each 20 ms."""
    samples = array("h", sound[: len(sound) & ~1])
    frames = (samples[at : at + _FRAME] for at in range(0, len(samples), _FRAME))
    return [math.sqrt(sum(map(mul, frame, frame, strict=True)) / len(frame)) for frame in frames]


def _full(decibel: float) -> float:
    return float(32767 * 10 ** (decibel / 20))
