"""Whether somebody speaks, told packet by packet (sans-I/O): G.711 by a table, all else once its decoder is loaded."""

import sys
from array import array
from functools import cache

from pbx_lite.errors import MediaError
from pbx_lite.media.codecs import Decoder, decoded_samples, is_g711
from pbx_lite.media.port import AudioPacket, Codec

_QUIETEST, _NOISIEST = 50.0, 150.0
"""Mean levels, of 32768: what is below is silence, and no line is noisier."""
_ABOVE = 3.0
_RISE = 1.01


class Silence:
    """`since` is when something was last heard; sound that cannot be judged counts as heard."""

    def __init__(self, now: float) -> None:
        self.since = now
        self._floor = _QUIETEST / _ABOVE
        self._codec: Codec | None = None
        self._decoder: Decoder | None = None

    def hear(self, packet: AudioPacket, now: float) -> None:
        level = self._level(packet)
        # Noise that grows is believed slowly, one that falls at once.
        self._floor = min(self._floor * _RISE, level + 1.0, _NOISIEST)
        if level > max(self._floor * _ABOVE, _QUIETEST):
            self.since = now

    def _level(self, packet: AudioPacket) -> float:
        codec, payload, *_ = packet
        if not payload:
            return 0.0
        if is_g711(codec):
            return sum(map(_levels(codec).__getitem__, payload)) / len(payload)
        if "av" not in sys.modules:
            return _NOISIEST * _ABOVE + 1.0
        try:
            if self._decoder is None or codec != self._codec:
                self._codec, self._decoder = codec, Decoder(codec)
            samples = array("h", self._decoder.decode(payload))
        except MediaError:
            return 0.0
        return sum(map(abs, samples)) / len(samples) if samples else 0.0


@cache
def _levels(codec: Codec) -> list[int]:
    return list(map(abs, decoded_samples(codec)))
