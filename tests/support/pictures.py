"""Moving pictures for fake stations and cameras: H.264 access units and JPEGs with a bar that wanders."""

import io
import re
from fractions import Fraction
from functools import cache

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pbx_lite.media.port import AccessUnit

FPS = 10
TICKS = 90_000 // FPS


def picture(number: int, *, width: int = 320, height: int = 240) -> NDArray[np.uint8]:
    """RGB; the bar's place tells the number."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 2] = np.linspace(40, 200, width, dtype=np.uint8)
    at = number * 16 % width
    pixels[:, at : at + 16] = (255, 220, 0)
    return pixels


@cache
def units(count: int = 20, *, key_every: int = 10, width: int = 320, height: int = 240) -> tuple[AccessUnit, ...]:
    """Baseline H.264 at 10 pictures a second, timestamps from 0; key units begin with SPS and PPS."""
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, FPS), Fraction(FPS, 1)
    encoder.profile = "Baseline"
    encoder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "x264-params": f"keyint={key_every}:min-keyint={key_every}:scenecut=0:repeat-headers=1:sliced-threads=0",
    }
    packets = []
    for number in range(count):
        frame = av.VideoFrame.from_ndarray(picture(number, width=width, height=height), format="rgb24")
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    return tuple(_unit(bytes(packet), number * TICKS) for number, packet in enumerate(packets))


def jpeg(number: int = 0, *, width: int = 320, height: int = 240) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture(number, width=width, height=height)).save(buffer, "JPEG")
    return buffer.getvalue()


def _unit(annex_b: bytes, timestamp: int) -> AccessUnit:
    nals = tuple(nal for nal in re.split(rb"\x00\x00\x00?\x01", annex_b) if nal and nal[0] & 31 in {1, 5, 7, 8})
    return AccessUnit(nals, timestamp, key=any(nal[0] & 31 == 5 for nal in nals))
