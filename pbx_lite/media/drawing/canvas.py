"""A picture in red, green and blue on which smooth shapes, words and signs are put; sizes in pixels."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pbx_lite.media.drawing.letters import Shades, Weight, icon, line, width_of

type Colour = tuple[int, int, int]
type Pixels = NDArray[np.uint8]

ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Box:
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2

    def inner(self, by: int) -> Box:
        return Box(self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)


class Canvas:
    """`pixels` is the picture.  What reaches beyond its edges is left out."""

    def __init__(self, width: int, height: int, ground: Colour) -> None:
        self.pixels: Pixels = np.full((height, width, 3), ground, np.uint8)

    def box(self, box: Box, colour: Colour, *, radius: float = 0, opacity: float = 1) -> None:
        """Rounded by `radius`."""
        self._put(_rounded(box.width, box.height, radius) * np.float32(opacity), box.x, box.y, colour)

    def frame(self, box: Box, colour: Colour, *, radius: float, thickness: int) -> None:
        shades = _rounded(box.width, box.height, radius).copy()
        inner = _rounded(box.width - 2 * thickness, box.height - 2 * thickness, radius - thickness)
        shades[thickness:-thickness, thickness:-thickness] -= inner
        self._put(shades, box.x, box.y, colour)

    def circle(self, x: int, y: int, radius: int, colour: Colour) -> None:
        self.box(Box(x - radius, y - radius, 2 * radius, 2 * radius), colour, radius=radius)

    def ring(self, x: int, y: int, radius: int, colour: Colour, *, thickness: int) -> None:
        """Inside of the radius."""
        self.frame(Box(x - radius, y - radius, 2 * radius, 2 * radius), colour, radius=radius, thickness=thickness)

    def text(self, x: int, base: int, words: str, size: int, colour: Colour, *, weight: Weight = "Regular") -> int:
        """From `x` on, standing on the line `base`; tells where it ends."""
        shades, left, above = line(words, size, weight)
        self._put(shades, x - left, base - above, colour)
        return x + width_of(words, size, weight)

    def centred(self, x: int, base: int, words: str, size: int, colour: Colour, *, weight: Weight = "Regular") -> None:
        self.text(x - width_of(words, size, weight) // 2, base, words, size, colour, weight=weight)

    def icon(self, x: int, y: int, name: str, size: int, colour: Colour) -> None:
        """`x` and `y` are its upper left corner."""
        self._put(icon(name, size), x, y, colour)

    def _put(self, shades: Shades, x: int, y: int, colour: Colour) -> None:
        height, width = self.pixels.shape[:2]
        top, left = max(0, y), max(0, x)
        bottom, right = min(height, y + shades.shape[0]), min(width, x + shades.shape[1])
        if top >= bottom or left >= right:
            return
        area = self.pixels[top:bottom, left:right]
        share = shades[top - y : bottom - y, left - x : right - x]
        full = np.round(share * 256).astype(np.int32)[:, :, None]
        area[:] = area + ((np.array(colour, np.int32) - area) * full + 128 >> 8)


def shortened(words: str, size: int, weight: Weight, most: int) -> str:
    """The words, or as many of their letters as have room before three dots."""
    if width_of(words, size, weight) <= most:
        return words
    fits = 0
    while fits < len(words) and width_of(words[: fits + 1].rstrip() + ELLIPSIS, size, weight) <= most:
        fits += 1
    return words[:fits].rstrip() + ELLIPSIS


@lru_cache(64)
def _rounded(width: int, height: int, radius: float) -> Shades:
    """A box with smooth round corners."""
    radius = max(0.5, radius)  # what is sharper than half a pixel has no corners to smooth
    across = np.abs(np.arange(width, dtype=np.float32) + 0.5 - width / 2) - (width / 2 - radius)
    down = np.abs(np.arange(height, dtype=np.float32) + 0.5 - height / 2) - (height / 2 - radius)
    away = np.hypot(np.maximum(across, 0)[None, :], np.maximum(down, 0)[:, None])
    shades: Shades = np.clip(radius + 0.5 - away, 0, 1)
    return shades
