"""What `script/letters` runs: draws every letter and sign in Chromium and keeps them in one picture."""

import asyncio
import base64
import json
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.support.browser import chromium

FONTS = Path("/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF")
WEIGHTS = ("Regular", "Medium")
SIZE = 64
ICON_SIZE = 2 * SIZE
WIDTH = 2048
LEVELS = 16
_FLOOR = 4
"""Shades from 0 to 255 below which there is nothing."""

_RANGES = ((0x20, 0x7F), (0xA0, 0xAD), (0xAE, 0x180), (0x400, 0x460))
_SINGLE = (0x490, 0x491, 0x218, 0x219, 0x21A, 0x21B, 0x1E9E, 0x20AC, 0x2116, 0x2122)
_PUNCTUATION = (0x2010, 0x2013, 0x2014, 0x2018, 0x2019, 0x201A, 0x201C, 0x201D, 0x201E, 0x2022, 0x2026, 0x2039, 0x203A)
LETTERS = [chr(code) for each in _RANGES for code in range(*each)] + [chr(each) for each in _SINGLE + _PUNCTUATION]
"""Latin-1, Latin Extended-A, Cyrillic and what names are punctuated by."""
_CYRILLIC = range(0x410, 0x450)
KERNED = [
    each
    for each in LETTERS
    if (each.isalpha() and ord(each) < 0x100) or ord(each) in _CYRILLIC or each in ".,-\u2019čćđšž"
]

SIGNS = Path(__file__).with_name("signs.json")
"""From Material Design Icons (Google and the Pictogrammers, Apache License 2.0): paths in a square of 24."""

# Draws one thing white on black and gives its shades: [left, top, columns, base64 of the bytes, advance].
_DRAW = """async ([fonts, size, iconSize, weights, letters, kerned, icons]) => {
  for (const [name, data] of Object.entries(fonts)) {
    const face = new FontFace(name, `url(data:font/ttf;base64,${data})`);
    await face.load();
    document.fonts.add(face);
  }
  const side = 3 * size, origin = size;
  const canvas = new OffscreenCanvas(side, side);
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  const shades = (paint) => {
    pen.fillStyle = "black";
    pen.fillRect(0, 0, side, side);
    pen.fillStyle = "white";
    paint();
    const pixels = pen.getImageData(0, 0, side, side).data;
    let text = "";
    for (let at = 0; at < pixels.length; at += 4) text += String.fromCharCode(pixels[at]);
    return btoa(text);
  };
  const drawn = {}, kerning = {};
  for (const weight of weights) {
    pen.font = `${size}px ${weight}`;
    pen.fontKerning = "normal";
    drawn[weight] = {};
    for (const letter of letters)
      drawn[weight][letter] = [shades(() => pen.fillText(letter, origin, 2 * size)), pen.measureText(letter).width];
    kerning[weight] = {};
    const wide = (text) => pen.measureText(text).width;
    for (const one of kerned) for (const other of kerned) {
      const nearer = Math.round(wide(one + other) - wide(one) - wide(other));
      if (nearer) kerning[weight][one + other] = nearer;
    }
  }
  drawn.icons = {};
  for (const [name, path] of Object.entries(icons))
    drawn.icons[name] = [shades(() => {
      pen.save();
      pen.translate(origin, origin);
      pen.scale(iconSize / 24, iconSize / 24);
      pen.fill(new Path2D(path));
      pen.restore();
    }), iconSize];
  return [drawn, kerning];
}"""

type Shades = NDArray[np.uint8]


async def draw() -> tuple[dict[str, dict[str, tuple[str, float]]], dict[str, dict[str, int]]]:
    fonts = {weight: base64.b64encode((FONTS / f"Roboto-{weight}.ttf").read_bytes()).decode() for weight in WEIGHTS}
    async with chromium() as browser:
        page = await browser.new_page()
        drawn: Any = await page.evaluate(
            _DRAW, [fonts, SIZE, ICON_SIZE, WEIGHTS, LETTERS, KERNED, json.loads(SIGNS.read_text())]
        )
        return drawn[0], drawn[1]


def keep(drawn: dict[str, dict[str, tuple[str, float]]], kerning: dict[str, dict[str, int]], folder: Path) -> None:
    """`letters.png` has the shades, `letters.json` where in it each glyph is.

    A glyph is [x, y, width, height, left, top, advance]; `left` and `top` from the pen at the base line, for icons
    from their upper left corner.
    """
    cut: list[tuple[str, str, Shades, int, int, float]] = []
    for group, glyphs in drawn.items():
        base = SIZE if group == "icons" else 2 * SIZE
        for glyph, (data, advance) in glyphs.items():
            shades = np.frombuffer(base64.b64decode(data), np.uint8).reshape(3 * SIZE, 3 * SIZE)
            rows, columns = (np.flatnonzero((shades > _FLOOR).any(axis=axis)) for axis in (1, 0))
            box = (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1) if rows.size else (base, base, SIZE, SIZE)
            top, bottom, left, right = map(int, box)
            cut.append((group, glyph, shades[top:bottom, left:right], left - SIZE, top - base, advance))
    places: dict[str, dict[str, list[float]]] = {group: {} for group in drawn}
    x = y = tall = 0
    placed: list[tuple[int, int, Shades]] = []
    for group, glyph, shades, left, top, advance in sorted(cut, key=lambda each: -each[2].shape[0]):
        height, width = shades.shape
        if x + width > WIDTH:
            x, y, tall = 0, y + tall, 0
        tall = max(tall, height)
        places[group][glyph] = [x, y, width, height, left, top, round(advance, 2)]
        placed.append((x, y, shades))
        x += width
    sheet = np.zeros((y + tall, WIDTH), np.uint8)
    for x, y, shades in placed:
        sheet[y : y + shades.shape[0], x : x + shades.shape[1]] = shades
    (folder / "letters.png").write_bytes(png(sheet))
    described = {
        "size": SIZE,
        "icon_size": ICON_SIZE,
        **{group: dict(sorted(glyphs.items())) for group, glyphs in places.items()},
        "kerning": kerning,
    }
    (folder / "letters.json").write_text(
        json.dumps(described, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"
    )


def png(sheet: Shades) -> bytes:
    """Grey, four bits a pixel: sixteen shades are enough for what is made smaller afterwards."""
    levels = np.round(sheet / 255 * (LEVELS - 1)).astype(np.uint8)
    packed = levels[:, ::2] << 4 | levels[:, 1::2]
    rows = np.hstack([np.zeros((len(packed), 1), np.uint8), packed])

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", sheet.shape[1], sheet.shape[0], 4, 0, 0, 0, 0)
    data = zlib.compress(rows.tobytes(), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


if __name__ == "__main__":
    keep(*asyncio.run(draw()), Path(sys.argv[1]))
