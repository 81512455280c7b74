"""Letters and signs: drawn once by `script/letters`, made smaller for any size.  For a thread: it reads files."""

import json
import unicodedata
import zlib
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

type Shades = NDArray[np.float32]
"""Rows and columns from 0, nothing, to 1."""
type Weight = Literal["Regular", "Medium"]

MISSING = "\N{REPLACEMENT CHARACTER}"
_ABOVE, _BELOW = 72, 20
"""Rows above and below the base line of what is drawn at full size: capital letters may have two marks."""
_PAD = 4
_LEFT_OUT = {"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me", "So", "Sk"}
"""Categories of characters without which words can be read as well: marks, smileys."""
_BOX = (40, 46)


@dataclass(frozen=True, slots=True)
class Glyph:
    """`left` and `top` count from the pen at the base line, `advance` is how far the pen goes."""

    shades: Shades
    left: int
    top: int
    advance: float


@dataclass(frozen=True, slots=True)
class Sheet:
    size: int
    icon_size: int
    weights: dict[str, dict[str, Glyph]]
    icons: dict[str, Glyph]
    kerning: dict[str, dict[str, int]]


def readable(words: str) -> str:
    """The words in letters that there are: marks that are unknown are left out, strange letters become `MISSING`."""
    return " ".join("".join(_letter(each) for each in unicodedata.normalize("NFC", words)).split())


@lru_cache(256)
def line(words: str, size: int, weight: Weight) -> tuple[Shades, int, int]:
    """The words as shades, what lies left of the pen's start, and what is above the base line; in pixels."""
    sheet, text = _sheet(), readable(words)
    scale = size / sheet.size
    pens, end = _pens(text, weight)
    width = int(end) + 2 * _PAD + sheet.size
    shades = np.zeros((_ABOVE + _BELOW, width), np.float32)
    for letter, pen in zip(text, pens, strict=True):
        glyph = _glyph(letter, weight)
        rows, columns = glyph.shades.shape
        top, left = _ABOVE + glyph.top, round(pen) + glyph.left + _PAD
        area = shades[max(0, top) : top + rows, max(0, left) : left + columns]
        np.maximum(area, glyph.shades[rows - area.shape[0] :, columns - area.shape[1] :], out=area)
    return _resized(shades, scale), round(_PAD * scale), round(_ABOVE * scale)


def width_of(words: str, size: int, weight: Weight = "Regular") -> int:
    """Pixels from the pen's start to its end."""
    return round(_pens(readable(words), weight)[1] * size / _sheet().size)


@lru_cache(64)
def icon(name: str, size: int) -> Shades:
    sheet = _sheet()
    glyph = sheet.icons[name]
    whole = np.zeros((sheet.icon_size, sheet.icon_size), np.float32)
    rows, columns = glyph.shades.shape
    whole[glyph.top : glyph.top + rows, glyph.left : glyph.left + columns] = glyph.shades
    return _resized(whole, size / sheet.icon_size)


def _letter(letter: str) -> str:
    if letter.isspace():
        return " "
    known = _sheet().weights["Regular"]
    if letter in known:
        return letter
    bare = "".join(each for each in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(each))
    if bare and all(each in known for each in bare):
        return bare
    return "" if unicodedata.category(letter) in _LEFT_OUT else MISSING


def _pens(text: str, weight: Weight) -> tuple[list[float], float]:
    """Where the pen is for each letter, and at the end; at full size."""
    kerning = _sheet().kerning[weight]
    nearer = [kerning.get(one + other, 0) for one, other in pairwise(f"\0{text}")]
    pens, pen = [], 0.0
    for letter, less in zip(text, nearer, strict=True):
        pens.append(pen + less)
        pen += less + _glyph(letter, weight).advance
    return pens, pen


def _glyph(letter: str, weight: Weight) -> Glyph:
    return _box() if letter == MISSING else _sheet().weights[weight][letter]


@cache
def _box() -> Glyph:
    """What stands for a letter that there is none for."""
    width, height = _BOX
    shades = np.ones((height, width - 10), np.float32)
    shades[4:-4, 4:-4] = 0
    return Glyph(shades, 5, -height, width)


@cache
def _sheet() -> Sheet:
    folder = Path(__file__).parent
    described = json.loads((folder / "letters.json").read_text("utf-8"))
    shades = _read((folder / "letters.png").read_bytes())

    def glyphs(group: str) -> dict[str, Glyph]:
        return {name: _cut(shades, place) for name, place in described[group].items()}

    kerning = described["kerning"]
    weights = {weight: glyphs(weight) for weight in kerning}
    return Sheet(described["size"], described["icon_size"], weights, glyphs("icons"), kerning)


def _cut(shades: Shades, place: list[Any]) -> Glyph:
    x, y, width, height, left, top, advance = place
    return Glyph(shades[y : y + height, x : x + width], left, top, advance)


def _read(png: bytes) -> Shades:
    """A picture as `script/letters` writes it: grey, four bits a pixel, rows without a filter."""
    width, height = (int.from_bytes(png[at : at + 4]) for at in (16, 20))
    size = int.from_bytes(png[33:37])
    rows = np.frombuffer(zlib.decompress(png[41 : 41 + size]), np.uint8).reshape(height, 1 + width // 2)[:, 1:]
    levels = np.stack([rows >> 4, rows & 15], axis=2).reshape(height, width)
    shades: Shades = (levels / 15).astype(np.float32)
    return shades


def _resized(shades: Shades, scale: float) -> Shades:
    if scale == 1:
        return shades
    rows, columns = (_weights(count, max(1, round(count * scale)), scale) for count in shades.shape)
    smaller: Shades = np.clip(rows @ shades @ columns.T, 0, 1)
    return smaller


@lru_cache(128)
def _weights(before: int, after: int, scale: float) -> Shades:
    """How much each of the pixels `before` counts for each `after`: the share that it covers, or between neighbours."""
    reach = max(1.0, 0.5 + 0.5 / scale)
    middle = (np.arange(after)[:, None] + 0.5) / scale
    away = np.abs(np.arange(before)[None, :] + 0.5 - middle)
    weights = np.clip(reach - away, 0, 1)
    total = weights.sum(axis=1, keepdims=True)
    shares: Shades = (weights / np.where(total > 0, total, 1)).astype(np.float32)
    return shares
