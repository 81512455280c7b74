"""Real H.264 for tests, encoded once per size."""

from fractions import Fraction
from functools import cache

import av

from pbx_lite.media.h264 import split_annex_b


@cache
def encoded(
    width: int = 320, height: int = 240, frames: int = 6, slices: int = 1, profile: str = "baseline"
) -> tuple[tuple[bytes, ...], ...]:
    """The NAL units of each picture; the first is a key picture with SPS and PPS."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height = width, height
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {
        "tune": "zerolatency",
        "preset": "ultrafast",
        "profile": profile,
        "slices": str(slices),
        "threads": "1",
    }
    pictures: list[tuple[bytes, ...]] = []
    for number in range(frames):
        frame = av.VideoFrame(width, height, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes((at * (number + 3)) % 251 for at in range(plane.buffer_size)))
        frame.pts = number
        pictures.extend(tuple(split_annex_b(bytes(packet))) for packet in encoder.encode(frame))
    return tuple(pictures)
