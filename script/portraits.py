"""Faces of people who do not exist, for a home to be looked at."""

import base64
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

_SIDE = 256
_FINE = 4

type Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Looks:
    """`long` is how far the hair falls, from 0 to 1."""

    hair: Colour
    skin: Colour
    shirt: Colour
    behind: tuple[Colour, Colour]
    long: float = 0.0


PEOPLE = {
    "Anna Berger": Looks((92, 51, 23), (241, 200, 170), (38, 110, 122), ((203, 226, 214), (120, 170, 160)), long=1.0),
    "Ben Berger": Looks((48, 36, 30), (226, 178, 142), (70, 84, 120), ((226, 214, 190), (170, 148, 112))),
    "Oma Gerda": Looks((214, 214, 218), (238, 196, 172), (146, 74, 104), ((226, 210, 226), (150, 128, 168)), long=0.35),
}


def drawn(looks: Looks) -> str:
    """A JPEG in base64, as the panel sends one."""
    side = _SIDE * _FINE
    picture = Image.new("RGB", (side, side))
    pen = ImageDraw.Draw(picture)
    first, last = looks.behind
    for y in range(side):
        mixed = [round(a + (b - a) * y / side) for a, b in zip(first, last, strict=True)]
        pen.line((0, y, side, y), fill=(mixed[0], mixed[1], mixed[2]))

    def oval(x: float, y: float, width: float, height: float, colour: Colour) -> None:
        centre, middle = x * side, y * side
        box = (
            centre - width * side / 2,
            middle - height * side / 2,
            centre + width * side / 2,
            middle + height * side / 2,
        )
        pen.ellipse(box, fill=colour)

    if looks.long:
        oval(0.5, 0.46 + 0.1 * looks.long, 0.56, 0.56 + 0.24 * looks.long, looks.hair)
    shade: Colour = (looks.skin[0] - 24, looks.skin[1] - 26, looks.skin[2] - 26)
    oval(0.5, 1.06, 0.92, 0.66, looks.shirt)
    oval(0.5, 0.73, 0.2, 0.26, shade)
    oval(0.5, 0.36, 0.46, 0.42, looks.hair)
    oval(0.5, 0.46, 0.38, 0.48, looks.skin)
    pen.pieslice((0.3 * side, 0.15 * side, 0.7 * side, 0.55 * side), 186, 354, fill=looks.hair)
    for x in (0.42, 0.58):
        oval(x, 0.46, 0.045, 0.05, (52, 44, 44))
        pen.arc(
            ((x - 0.045) * side, 0.385 * side, (x + 0.045) * side, 0.45 * side),
            200,
            340,
            fill=looks.hair,
            width=side // 90,
        )
    pen.arc((0.485 * side, 0.47 * side, 0.535 * side, 0.545 * side), 20, 150, fill=shade, width=side // 110)
    pen.chord((0.43 * side, 0.545 * side, 0.57 * side, 0.635 * side), 10, 170, fill=(186, 78, 82))
    written = BytesIO()
    fine = picture.filter(ImageFilter.GaussianBlur(_FINE / 2)).resize((_SIDE, _SIDE))
    fine.save(written, "JPEG", quality=90)
    return base64.b64encode(written.getvalue()).decode()
