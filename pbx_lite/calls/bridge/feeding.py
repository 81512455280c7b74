"""Sound from one port to others, converted where their codecs differ."""

import asyncio
from collections.abc import Callable

from pbx_lite.media.port import AudioPacket, AudioPort, Codec
from pbx_lite.media.transcode import Transcoder, load, ready
from pbx_lite.tasks import spawn

_loading: list[asyncio.Task[None]] = []


def feed(target: AudioPort) -> Callable[[AudioPacket], None]:
    """A sink that sends to `target` in the codec it wants at that moment.

    The codec may change while the call is up, so each packet is looked at; equal codecs cost one comparison.  The first
    conversion of all has to wait for FFmpeg; what comes until then is not heard.
    """
    converter: Transcoder | None = None
    between: tuple[Codec, Codec] | None = None

    def sink(packet: AudioPacket) -> None:
        nonlocal converter, between
        wanted = target.codec
        if wanted is None or wanted == packet.codec:
            if wanted is not None:
                target.send(packet)
            return
        if converter is None or between != (packet.codec, wanted):
            if not ready(packet.codec, wanted):
                _load()
                return
            converter, between = Transcoder(packet.codec, wanted), (packet.codec, wanted)
        for converted in converter.convert(packet):
            target.send(converted)

    return sink


def _load() -> None:
    """Once, however many wait for it."""
    if not _loading:
        _loading.append(spawn(load(), name="load FFmpeg"))
        _loading[0].add_done_callback(lambda _: _loading.clear())


class Listeners:
    """Everyone who hears one party: a sink that passes on to each, in the codec each wants."""

    def __init__(self) -> None:
        self._sinks: dict[int, Callable[[AudioPacket], None]] = {}

    def add(self, port: AudioPort) -> None:
        self._sinks.setdefault(id(port), feed(port))

    def remove(self, port: AudioPort) -> None:
        self._sinks.pop(id(port), None)

    def __call__(self, packet: AudioPacket) -> None:
        for sink in tuple(self._sinks.values()):
            sink(packet)
