"""Sound from one codec to another, packet by packet."""

import asyncio
import sys
from importlib import import_module

from pbx_lite.errors import MediaError
from pbx_lite.media.codecs import Decoder, Encoder, Resampler, frame_bytes, is_g711, translation
from pbx_lite.media.port import AudioPacket, Codec

_MASK = 0xFFFFFFFF
_HALF = 0x80000000
_LONGEST_GAP = 10  # seconds; more is another source


def ready(source: Codec, target: Codec) -> bool:
    """Whether a Transcoder of these can be made at once; otherwise `load` has to be awaited first."""
    return "av" in sys.modules or (is_g711(source) and is_g711(target))


async def load() -> None:
    """Load FFmpeg in a thread: it takes a tenth of a second, in which no other call would be heard."""
    await asyncio.to_thread(import_module, "av")


class Transcoder:
    """Converts one stream; make a new one for each.  G.711's two laws are a table, all else is decoded.

    Decoded sound leaves in packets of 20 ms whatever came in.  A hole in the stream stays a hole of the same length,
    so that the listener conceals it; late packets are left out.
    """

    def __init__(self, source: Codec, target: Codec) -> None:
        self._source = source
        self._target = target
        self._table: bytes | None = None
        self._chain: _Chain | None = None
        if is_g711(source) and is_g711(target):
            self._table = translation(source, target)
        elif source != target:
            self._chain = _Chain(source, target)

    def convert(self, packet: AudioPacket) -> list[AudioPacket]:
        """The packets of the target codec that this one completes; sound that cannot be decoded is dropped."""
        if packet.codec != self._source:
            return []
        if self._table is not None:
            payload = packet.payload.translate(self._table)
            return [AudioPacket(self._target, payload, packet.timestamp, packet.marker)]
        if self._chain is None:
            return [packet]
        return self._chain.convert(packet)


class _Chain:
    def __init__(self, source: Codec, target: Codec) -> None:
        self._source = source
        self._target = target
        self._decoder = Decoder(source)
        self._encoder = Encoder(target)
        self._resampler: Resampler | None = None
        self._frame = frame_bytes(target.sample_rate)
        self._waiting = b""
        self._expected: int | None = None
        self._timestamp = 0
        self._start()

    def _start(self) -> None:
        self._waiting = b""
        if self._source.sample_rate == self._target.sample_rate:
            return
        self._resampler = Resampler(self._source.sample_rate, self._target.sample_rate)
        # The filter keeps its first samples to itself; silence in their place gives 20 ms out for each 20 ms in.
        silence = bytes(frame_bytes(self._source.sample_rate))
        held = self._frame - len(self._resampler.convert(silence))
        self._waiting = bytes(max(held, 0))

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
            sound = self._decoder.decode(packet.payload)
        except MediaError:
            return []
        ticks = len(sound) // 2 * self._source.clock_rate // self._source.sample_rate
        self._expected = (packet.timestamp + ticks) & _MASK
        self._waiting += sound if self._resampler is None else self._resampler.convert(sound)
        return self._cut(marker=marker)

    def _cut(self, *, marker: bool) -> list[AudioPacket]:
        packets = []
        while len(self._waiting) >= self._frame:
            frame, self._waiting = self._waiting[: self._frame], self._waiting[self._frame :]
            payload = self._encoder.encode(frame)
            if payload:
                packets.append(AudioPacket(self._target, payload, self._timestamp, marker))
                marker = False
            self._timestamp = (self._timestamp + self._target.clock_rate // 50) & _MASK
        return packets
