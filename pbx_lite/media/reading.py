"""What FFmpeg finds at a URL, as access units: passed on where they are H.264 a browser can show, encoded where not.

Everything here blocks and runs in a thread of its own.
"""

import contextlib
import time
from collections.abc import Iterator
from fractions import Fraction
from urllib.parse import urlsplit

import av
from av.container import InputContainer
from av.video.frame import PictureType
from av.video.stream import VideoStream

from pbx_lite.errors import MediaError
from pbx_lite.media.h264 import ParameterSets, parse_extradata, split_annex_b, split_avcc
from pbx_lite.media.port import AccessUnit

OPEN_SECONDS = 6.0
READ_SECONDS = 4.0
POLL_SECONDS = 0.3  # between two JPEGs
MAX_ENCODED_RATE = 15.0  # pictures a second
KEY_EVERY = 30  # encoded pictures
MAX_WIDTH, MAX_HEIGHT = 1280, 960  # pixels of encoded pictures
RATE = 90000

# FFmpeg reads this much before it gives the first picture.  RTSP's description names the codec, HTTP's does not.
_HTTP = {"probesize": "200000", "analyzeduration": "300000", "fpsprobesize": "0"}
_RTSP = {
    "probesize": "32",
    "analyzeduration": "1",
    "fpsprobesize": "0",
    "rtsp_transport": "tcp",
    "allowed_media_types": "video",
}
# Whatever a camera sends or redirects to, it never makes FFmpeg open a file of this machine.
_PROTOCOLS = "http,https,tcp,tls,udp,rtp,rtsp,rtsps,crypto"
_SCHEMES = {"http", "https", "rtsp", "rtsps"}
_STILLS = {"jpeg_pipe", "image2", "image2pipe", "png_pipe", "webp_pipe"}


class Source:
    """An open URL.  `pause` is how long to wait before opening it again: stills are fetched several times a second."""

    def __init__(self, container: InputContainer, url: str, encoder: PictureEncoder) -> None:
        self._container = container
        self._url = url
        self._encoder = encoder
        stream = next(iter(container.streams.video), None)
        if stream is None:
            raise MediaError(f"{_name(url)} sends no video")
        self._stream = stream
        self._still = container.format.name in _STILLS
        self.pause = POLL_SECONDS if self._still else 0.0

    def units(self) -> Iterator[AccessUnit]:
        """The pictures until the source ends; raises MediaError if it fails."""
        try:
            if self._stream.codec_context.name == "h264":
                yield from self._pass_on()
            yield from self._encode()
        except av.FFmpegError as error:
            raise MediaError(_sentence(error, self._url)) from error
        if not self._still:
            raise MediaError(f"{_name(self._url)} has ended the video")

    def _pass_on(self) -> Iterator[AccessUnit]:
        """H.264 as it comes; returns where B-frames turn up, whose order no browser takes in WebRTC."""
        length_size, known = parse_extradata(self._stream.codec_context.extradata or b"")
        sets = ParameterSets(known)
        base = self._stream.time_base or Fraction(1, RATE)
        last: int | None = None
        for packet in self._container.demux(self._stream):
            data = bytes(packet)
            if not data:
                continue
            stamp = packet.pts if packet.pts is not None else packet.dts
            timestamp = int(stamp * base * RATE) if stamp is not None else (last or 0)
            if last is not None and timestamp < last and not packet.is_keyframe:
                return
            last = timestamp
            unit = sets.unit(split_avcc(data, length_size) if length_size else split_annex_b(data), timestamp)
            if unit is not None:
                yield unit

    def _encode(self) -> Iterator[AccessUnit]:
        last = 0.0
        stands_alone = self._stream.codec_context.name in {"mjpeg", "png", "webp"}
        started = stands_alone
        for packet in self._container.demux(self._stream):
            started = started or packet.is_keyframe
            now = time.monotonic()
            too_soon = now - last < 1 / MAX_ENCODED_RATE
            if not started or (stands_alone and too_soon):
                continue
            for frame in _decode(packet):
                if not too_soon:
                    last = now
                    yield from self._encoder.encode(frame, now)


class PictureEncoder:
    """Pictures of any format as baseline H.264, timestamped by the clock of their arrival."""

    def __init__(self) -> None:
        self._codec: av.VideoCodecContext | None = None
        self._sets = ParameterSets()
        self._count = 0

    def encode(self, frame: av.VideoFrame, now: float) -> Iterator[AccessUnit]:
        """`now` in seconds."""
        width, height = _fit(frame.width, frame.height)
        if self._codec is None or (self._codec.width, self._codec.height) != (width, height):
            self._codec = _h264_encoder(width, height)
            self._count = 0
        picture = frame.reformat(width, height, "yuv420p", dst_color_range="MPEG")
        picture.pts = int(now * RATE)
        picture.time_base = Fraction(1, RATE)
        picture.pict_type = PictureType.I if self._count % KEY_EVERY == 0 else PictureType.NONE
        self._count += 1
        for packet in self._codec.encode(picture):
            unit = self._sets.unit(split_annex_b(bytes(packet)), picture.pts)
            if unit is not None:
                yield unit


@contextlib.contextmanager
def open_source(address: str, url: str, encoder: PictureEncoder) -> Iterator[Source]:
    """Open `address`, which may hold an account; sentences name `url` only.  Raises MediaError.

    `encoder` is for sources that are no H.264; it outlives them, so that stills fetched one by one make one video.
    """
    scheme = urlsplit(url).scheme.lower()
    if scheme not in _SCHEMES:
        raise MediaError(f"A picture comes from http, https or rtsp, not from {scheme or url}")
    options = {"protocol_whitelist": _PROTOCOLS, **(_RTSP if scheme.startswith("rtsp") else _HTTP)}
    try:
        container = av.open(address, options=options, timeout=(OPEN_SECONDS, READ_SECONDS))
    except (av.FFmpegError, OSError, ValueError) as error:
        raise MediaError(_sentence(error, url)) from error
    try:
        yield Source(container, url, encoder)
    finally:
        container.close()


def _decode(packet: av.Packet[VideoStream]) -> list[av.VideoFrame]:
    """A damaged picture is none."""
    try:
        return packet.decode()
    except av.InvalidDataError:
        return []


def _h264_encoder(width: int, height: int) -> av.VideoCodecContext:
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.time_base = Fraction(1, RATE)
    codec.framerate = Fraction(int(MAX_ENCODED_RATE), 1)
    codec.thread_count = 1
    codec.options = {
        "profile": "baseline",
        "preset": "ultrafast",
        "tune": "zerolatency",
        "crf": "27",
        "maxrate": "2500000",
        "bufsize": "2500000",
        "g": "10000",  # key frames are set by picture, not by time
        "forced-idr": "1",
    }
    return codec


def _fit(width: int, height: int) -> tuple[int, int]:
    shrink = min(1.0, MAX_WIDTH / width, MAX_HEIGHT / height)
    return max(16, int(width * shrink) & ~1), max(16, int(height * shrink) & ~1)


def _name(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"The camera at {host or url}"


def _sentence(error: Exception, url: str) -> str:
    """What a person can do about it."""
    name, path = _name(url), urlsplit(url).path or "/"
    if isinstance(error, av.HTTPUnauthorizedError):
        return f"{name} refuses the user name or password"
    if isinstance(error, av.HTTPForbiddenError):
        return f"{name} does not allow this user to see its picture"
    if isinstance(error, av.HTTPNotFoundError):
        return f"{name} has no picture at {path}"
    if isinstance(error, (av.HTTPClientError, av.HTTPServerError)):
        return f"{name} answers with an error"
    if isinstance(error, av.InvalidDataError):
        return f"{name} sends something that is no video"
    if isinstance(error, av.DemuxerNotFoundError):
        return f"{name} sends a kind of video that is not known here"
    return f"{name} does not answer"
