"""Drawn pictures as H.264 and JPEG.  Slow: for a thread."""

from fractions import Fraction

import av
from av.video.frame import PictureType

from pbx_lite.media.drawing.canvas import Pixels
from pbx_lite.media.h264 import ParameterSets, split_annex_b
from pbx_lite.media.port import AccessUnit

RATE = 90000
KEY_EVERY = 30
"""Pictures; a viewer who joins is sent all since the last key frame."""
_JPEG_QUALITY = "3"  # MJPEG's quantiser: 2 is best, 31 worst


class SlideEncoder:
    """Baseline H.264 of pictures that change now and then, all of one size (even numbers of pixels)."""

    def __init__(self) -> None:
        self._codec: av.VideoCodecContext | None = None
        self._sets = ParameterSets()
        self._since_key = 0

    def encode(self, pixels: Pixels, now: float, *, key: bool) -> AccessUnit | None:
        """`now` in seconds, later with each picture."""
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(
            format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
        )
        if self._codec is None:
            self._codec = _encoder(frame.width, frame.height)
            key = True
        key = key or self._since_key >= KEY_EVERY - 1
        self._since_key = 0 if key else self._since_key + 1
        frame.pts, frame.time_base = int(now * RATE), Fraction(1, RATE)
        frame.pict_type = PictureType.I if key else PictureType.NONE
        data = b"".join(bytes(packet) for packet in self._codec.encode(frame))
        return self._sets.unit(split_annex_b(data), frame.pts & 0xFFFFFFFF)


def jpeg(pixels: Pixels) -> bytes:
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuvj420p", dst_color_range="JPEG")
    codec = av.CodecContext.create("mjpeg", "w")
    codec.width, codec.height, codec.pix_fmt = frame.width, frame.height, "yuvj420p"
    codec.time_base = Fraction(1, 25)
    codec.thread_count = 1
    codec.options = {"qmin": _JPEG_QUALITY, "qmax": _JPEG_QUALITY}
    frame.pts, frame.pict_type = 0, PictureType.NONE
    return b"".join(bytes(packet) for part in (frame, None) for packet in codec.encode(part))


def _encoder(width: int, height: int) -> av.VideoCodecContext:
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.time_base, codec.framerate = Fraction(1, RATE), Fraction(1, 1)
    codec.color_primaries = codec.color_trc = codec.colorspace = 1  # BT.709
    codec.thread_count = 1
    codec.options = {
        "profile": "baseline",
        "level": "3.1",
        "preset": "veryfast",
        "tune": "zerolatency",
        "crf": "20",
        "g": "10000",  # key frames are set by picture, not by time
        "forced-idr": "1",
        "x264-params": "scenecut=0:aq-mode=1:rc-lookahead=0",
    }
    return codec
