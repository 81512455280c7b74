"""What the demo door sees: a visitor, a clock and how the door is doing; drawn, then encoded as H.264."""

import math
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pbx_lite.demo.letters import text
from pbx_lite.media.h264 import ParameterSets, split_annex_b
from pbx_lite.media.port import AccessUnit

if TYPE_CHECKING:
    from av import VideoFrame
    from av.video.codeccontext import VideoCodecContext

WIDTH, HEIGHT, RATE = 960, 544, 15
CLOCK_RATE = 90_000
_WALL, _BRICK = (151, 92, 74), (120, 70, 56)
_SKIN, _COAT, _HAIR = (232, 190, 160), (38, 70, 110), (66, 42, 28)

type Picture = NDArray[np.uint8]


class Scene:
    """Draws one picture after another: 960 x 544, red, green, blue."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._street = _street()
        self._rows, self._columns = np.ogrid[:HEIGHT, :WIDTH]

    def draw(self, number: int, words: str, now: datetime) -> Picture:
        """Picture `number` of the stream, `words` in its lower bar."""
        picture = self._street.copy()
        sway = math.sin(number / RATE * 1.3)
        self._visitor(picture, WIDTH // 2 + round(26 * sway), HEIGHT - 70 + round(5 * math.sin(number / RATE * 2.6)))
        picture[HEIGHT - 48 :] //= 3
        _write(picture, self._name, 20, 18, 4)
        _write(picture, now.strftime("%Y-%m-%d %H:%M:%S"), WIDTH - 20 - 19 * 18, 24, 3)
        _write(picture, words, 20, HEIGHT - 38, 4)
        # One tick of a second hand shows that the picture is alive.
        along = number % RATE * (WIDTH - 40) // RATE
        picture[HEIGHT - 6 : HEIGHT - 2, 20 : 20 + along] = (90, 200, 120)
        return picture

    def _visitor(self, picture: Picture, x: int, y: int) -> None:
        self._ellipse(picture, (x, y + 40), (150, 190), _COAT)
        self._ellipse(picture, (x, y - 205), (62, 78), _HAIR)
        self._ellipse(picture, (x, y - 190), (52, 68), _SKIN)
        for side in (-20, 20):
            self._ellipse(picture, (x + side, y - 200), (6, 6), (30, 30, 30))
        self._ellipse(picture, (x, y - 158), (18, 5), (160, 70, 70))

    def _ellipse(
        self, picture: Picture, centre: tuple[int, int], half: tuple[int, int], colour: tuple[int, int, int]
    ) -> None:
        (x, y), (width, height) = centre, half
        top, left = max(0, y - height), max(0, x - width)
        bottom, right = min(HEIGHT, y + height + 1), min(WIDTH, x + width + 1)
        rows, columns = self._rows[top:bottom], self._columns[:, left:right]
        inside = ((columns - x) / width) ** 2 + ((rows - y) / height) ** 2 <= 1
        picture[top:bottom, left:right][inside] = colour


class Encoder:
    """H.264 constrained baseline without delay; every NAL unit of a picture comes out at once."""

    def __init__(self) -> None:
        self._context = _open_encoder()
        self._sets = ParameterSets()
        self._wanted = True

    def want_key_frame(self) -> None:
        self._wanted = True

    def encode(self, picture: Picture, number: int) -> AccessUnit | None:
        """The access unit of picture `number`."""
        import av

        frame: VideoFrame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
        frame.pts = number
        frame.time_base = Fraction(1, RATE)
        if self._wanted:
            frame.pict_type = av.video.frame.PictureType.I
            self._wanted = False
        data = b"".join(bytes(packet) for packet in self._context.encode(frame))
        return self._sets.unit(split_annex_b(data), number * CLOCK_RATE // RATE)


def jpeg(picture: Picture) -> bytes:
    """The picture as a still image."""
    import av

    context = av.CodecContext.create("mjpeg", "w")
    context.width, context.height, context.pix_fmt, context.time_base = WIDTH, HEIGHT, "yuvj420p", Fraction(1, RATE)
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuvj420p")
    return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])


def _open_encoder() -> VideoCodecContext:
    import av

    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt, context.time_base = WIDTH, HEIGHT, "yuv420p", Fraction(1, RATE)
    context.framerate = Fraction(RATE, 1)
    context.bit_rate = 1_200_000
    context.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "forced-idr": "1",
        "x264-params": f"keyint={RATE * 4}:scenecut=0:repeat-headers=1:threads=1",
    }
    return context


def _street() -> Picture:
    """Brick wall, evening sky through the gate, paved step."""
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    picture[:] = _WALL
    for course, top in enumerate(range(0, HEIGHT, 24)):
        picture[top : top + 2] = _BRICK
        for left in range(course % 2 * 32, WIDTH, 64):
            picture[top : top + 24, left : left + 2] = _BRICK
    fade = np.linspace(0, 1, 330)[:, None]
    sky = (np.array((72, 118, 178)) * (1 - fade) + np.array((246, 190, 140)) * fade).astype(np.uint8)
    picture[40:370, 250:710] = sky[:, None]
    picture[370 : HEIGHT - 60, 250:710] = (96, 128, 82)
    picture[HEIGHT - 90 :] = (128, 126, 122)
    return picture


def _write(picture: Picture, words: str, x: int, y: int, scale: int) -> None:
    mask = text(words, scale)
    for shift, colour in ((scale // 2, (0, 0, 0)), (0, (255, 255, 255))):
        area = picture[y + shift : y + shift + mask.shape[0], x + shift : x + shift + mask.shape[1]]
        area[mask[: area.shape[0], : area.shape[1]]] = colour
