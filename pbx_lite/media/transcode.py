"""Sound from one codec to another, packet by packet."""

import asyncio
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from pbx_lite.media.codecs import is_g711, translation
from pbx_lite.media.port import AudioPacket, Codec

if TYPE_CHECKING:
    from pbx_lite.media.conversion import Conversion

_NEEDED = ("av", "pbx_lite.media.conversion")


def ready(source: Codec, target: Codec) -> bool:
    """Whether a Transcoder of these can be made at once; otherwise `load` has to be awaited first."""
    return (is_g711(source) and is_g711(target)) or all(name in sys.modules for name in _NEEDED)


async def load() -> None:
    """Load FFmpeg and numpy in a thread: it takes half a second, in which no other call would be heard."""
    for name in _NEEDED:
        await asyncio.to_thread(import_module, name)


class Transcoder:
    """Converts one stream; make a new one for each.  G.711's two laws are a table, all else is decoded.

    Decoded sound leaves in packets of 20 ms whatever came in.  A hole in the stream stays a hole of the same length,
    so that the listener conceals it; late packets are left out.
    """

    def __init__(self, source: Codec, target: Codec) -> None:
        self._source = source
        self._target = target
        self._table: bytes | None = None
        self._conversion: Conversion | None = None
        if is_g711(source) and is_g711(target):
            self._table = translation(source, target)
        elif source != target:
            from pbx_lite.media.conversion import Conversion

            self._conversion = Conversion(source, target)

    def convert(self, packet: AudioPacket) -> list[AudioPacket]:
        """The packets of the target codec that this one completes; sound that cannot be decoded is dropped."""
        if packet.codec != self._source:
            return []
        if self._table is not None:
            payload = packet.payload.translate(self._table)
            return [AudioPacket(self._target, payload, packet.timestamp, packet.marker)]
        if self._conversion is None:
            return [packet]
        return self._conversion.convert(packet)
