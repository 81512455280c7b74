"""Two ports joined: sound by relay or by conversion, pictures as they are."""

from collections.abc import Callable

from pbx_lite.calls.bridge.feeding import feed
from pbx_lite.media.audio_stream import AudioStream
from pbx_lite.media.port import AudioPort, VideoPort

type Undo = Callable[[], None]


def join_sound(first: AudioPort, second: AudioPort) -> Undo:
    """Let them hear each other until the returned function is called.

    Whether a packet is relayed or converted is decided anew for each, so that a codec may change while they speak.
    """
    first.sink, second.sink = feed(second), feed(first)
    sinks = (first.sink, second.sink)
    relay: Undo | None = None
    if isinstance(first, AudioStream) and isinstance(second, AudioStream):
        relay = first.join(second)

    def undo() -> None:
        if relay is not None:
            relay()
        for port, sink in zip((first, second), sinks, strict=True):
            if port.sink is sink:
                port.sink = None

    return undo


def join_pictures(first: VideoPort, second: VideoPort) -> Undo:
    """Let them see each other; each is asked for a key frame, now and whenever the other wants one."""
    for source, target in ((first, second), (second, first)):
        source.sink = target.send
        target.on_key_frame_wanted = source.want_key_frame
    for port in (first, second):
        port.want_key_frame()

    def undo() -> None:
        for port in (first, second):
            port.sink = port.on_key_frame_wanted = None

    return undo
