"""Still pictures from a stream: a group of pictures decoded, its last one as JPEG."""

import asyncio
import threading
from fractions import Fraction
from typing import TYPE_CHECKING

from pbx_lite.errors import MediaError
from pbx_lite.media.h264 import to_annex_b
from pbx_lite.media.port import AccessUnit

if TYPE_CHECKING:
    import av

MAX_AT_ONCE = 2
_QUALITY = 4  # MJPEG's quantiser: 2 is best, 31 worst

_slots = threading.BoundedSemaphore(MAX_AT_ONCE)


async def jpeg(*units: AccessUnit) -> bytes:
    """The last of these pictures, the first of which is a key frame; decoded in a thread.

    Raises MediaError if they cannot be decoded.
    """
    if not units:
        raise MediaError("There is no picture yet")
    return await asyncio.get_running_loop().run_in_executor(None, _jpeg, units)


def _jpeg(units: tuple[AccessUnit, ...]) -> bytes:
    import av

    with _slots:
        decoder = av.CodecContext.create("h264", "r")
        decoder.thread_count = 1
        frame: av.VideoFrame | None = None
        try:
            for packet in (*(av.Packet(to_annex_b(unit.nals)) for unit in units), None):
                for decoded in decoder.decode(packet):
                    frame = decoded
        except av.FFmpegError as error:
            if frame is None:
                raise MediaError("The door's picture cannot be decoded") from error
        if frame is None:
            raise MediaError("The door's picture cannot be decoded")
        return _encode(frame)


def _encode(frame: av.VideoFrame) -> bytes:
    import av

    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height = frame.width, frame.height
    encoder.pix_fmt = "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    encoder.options = {"qmin": str(_QUALITY), "qmax": str(_QUALITY)}
    picture = frame.reformat(format="yuvj420p", dst_color_range="JPEG")
    picture.pts = 0
    picture.pict_type = av.video.frame.PictureType.NONE
    return b"".join(bytes(packet) for part in (picture, None) for packet in encoder.encode(part))
