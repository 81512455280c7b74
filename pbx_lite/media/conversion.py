"""Sound from one codec to another by way of samples (numpy and FFmpeg: load it in a thread)."""

import numpy as np

from pbx_lite.errors import MediaError
from pbx_lite.media import g711
from pbx_lite.media.codecs import Decoder, Encoder, frame_bytes, is_g711
from pbx_lite.media.g711 import Samples
from pbx_lite.media.port import AudioPacket, Codec
from pbx_lite.media.resample import Rates, limited

_MASK = 0xFFFFFFFF
_HALF = 0x80000000
_LONGEST_GAP = 10  # seconds; more is another source


class Conversion:
    """One stream that is decoded, resampled and encoded; what leaves is cut into packets of 20 ms."""

    def __init__(self, source: Codec, target: Codec) -> None:
        self._source = source
        self._target = target
        self._decoder = None if is_g711(source) else Decoder(source)
        self._encoder = None if is_g711(target) else Encoder(target)
        self._rates: Rates | None = None
        self._frame = frame_bytes(target.sample_rate)
        self._waiting = b""
        self._expected: int | None = None
        self._timestamp = 0
        self._start()

    def convert(self, packet: AudioPacket) -> list[AudioPacket]:
        marker = packet.marker
        if self._expected is None:
            marker = True
            self._timestamp = packet.timestamp * self._target.clock_rate // self._source.clock_rate & _MASK
        else:
            gap = ((packet.timestamp - self._expected + _HALF) & _MASK) - _HALF
            if abs(gap) > _LONGEST_GAP * self._source.clock_rate:
                self._start()
                marker, gap = True, 0
            if gap < 0:
                return []
            self._timestamp = (self._timestamp + gap * self._target.clock_rate // self._source.clock_rate) & _MASK
        try:
            sound = self._decode(packet.payload)
        except MediaError:
            return []
        ticks = len(sound) * self._source.clock_rate // self._source.sample_rate
        self._expected = (packet.timestamp + ticks) & _MASK
        self._waiting += (sound if self._rates is None else limited(self._rates.convert(sound))).tobytes()
        return self._cut(marker=marker)

    def _start(self) -> None:
        self._waiting = b""
        if self._source.sample_rate != self._target.sample_rate:
            self._rates = Rates(self._source.sample_rate, self._target.sample_rate)

    def _decode(self, payload: bytes) -> Samples:
        if self._decoder is None:
            return g711.decode(self._source, [payload], len(payload)).ravel()
        return np.frombuffer(self._decoder.decode(payload), np.int16)

    def _encode(self, sound: bytes) -> bytes:
        if self._encoder is None:
            return g711.encode(self._target, np.frombuffer(sound, np.int16))
        return self._encoder.encode(sound)

    def _cut(self, *, marker: bool) -> list[AudioPacket]:
        packets = []
        while len(self._waiting) >= self._frame:
            frame, self._waiting = self._waiting[: self._frame], self._waiting[self._frame :]
            if payload := self._encode(frame):
                packets.append(AudioPacket(self._target, payload, self._timestamp, marker))
                marker = False
            self._timestamp = (self._timestamp + self._target.clock_rate // 50) & _MASK
        return packets
