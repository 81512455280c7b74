"""Ogg Opus of a spoken piece: the same samples give the same bytes.  Blocks: it belongs in a thread."""

import io

from pbx_lite.media.recording import RATE

BITS = 10_000
"""A second of speech, wideband."""


def encode(sound: bytes) -> bytes:
    """16-bit mono at `RATE`."""
    import av

    target = io.BytesIO()
    options = {"fflags": "+bitexact", "page_duration": "20000000"}
    with av.open(target, mode="w", format="ogg", options=options) as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = BITS
        stream.codec_context.options = {"application": "voip", "frame_duration": "60", "vbr": "on"}
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(sound) // 2)
        frame.planes[0].update(sound)
        frame.rate = RATE
        frame.pts = 0
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return target.getvalue()
