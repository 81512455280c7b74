"""Draws who is in a room.  Slow, and needs numpy: for a thread."""

import zlib
from collections.abc import Sequence

from pbx_lite.features.conference.scene import Person, Scene, initials
from pbx_lite.media.drawing.canvas import Box, Canvas, Colour, Pixels, shortened
from pbx_lite.media.drawing.letters import MISSING, Weight, readable, width_of

WIDTH, HEIGHT = 1280, 720

_GROUND = (18, 20, 23)
_CARD, _TALKING_CARD = (37, 40, 46), (30, 54, 48)
_WHITE, _TEXT, _FAINT = (255, 255, 255), (238, 239, 241), (170, 175, 183)
_TALKS, _MUTED, _LEADS, _RECORDS, _LOCKED = (
    (67, 206, 143),
    (255, 110, 104),
    (255, 193, 80),
    (226, 62, 56),
    (255, 193, 80),
)
_CIRCLES: Sequence[Colour] = (
    (3, 136, 209), (123, 91, 214), (0, 137, 123), (216, 92, 40), (194, 60, 118), (84, 110, 196), (86, 139, 47),
    (160, 96, 60), (0, 131, 160), (171, 71, 188),
)  # fmt: skip

_MARGIN, _GAP, _HEADER = 48, 20, 176
_GRIDS = ((1, 1, 1), (2, 2, 1), (3, 3, 1), (4, 2, 2), (6, 3, 2), (9, 3, 3), (12, 3, 4))
"""Up to how many cards, in how many columns and rows."""
_WIDEST, _TALLEST = 620, 430
"""Pixels of a card: one alone does not fill the picture."""
_SMALLER, _SPACING = 0.84, 1.2

type _Line = tuple[str, int, Colour, Weight]


def draw(scene: Scene) -> Pixels:
    canvas = Canvas(WIDTH, HEIGHT, _GROUND)
    _header(canvas, scene)
    if scene.people:
        _people(canvas, scene)
    else:
        _empty(canvas, scene)
    return canvas.pixels


def _header(canvas: Canvas, scene: Scene) -> None:
    right = _badges(canvas, scene)
    title = shortened(readable(scene.title), 58, "Medium", right - _MARGIN - 30)
    canvas.text(_MARGIN, 86, title, 58, _TEXT, weight="Medium")
    x = _MARGIN
    facts = (
        ("phone", scene.extension),
        ("people", str(len(scene.people)) if scene.people else ""),
        ("listening", str(scene.listening) if scene.listening else ""),
        ("time", scene.time),
    )
    for sign, words in facts:
        if words:
            canvas.icon(x, 106, sign, 42, _FAINT)
            x = canvas.text(x + 51, 141, words, 40, _FAINT) + 38


def _badges(canvas: Canvas, scene: Scene) -> int:
    """Signs in the corner; tells where they begin."""
    right, top, height = WIDTH - _MARGIN, 40, 60
    if scene.recording:
        width = 74 + width_of("REC", 32, "Medium")
        box = Box(right - width, top, width, height)
        canvas.box(box, _RECORDS, radius=height / 2)
        canvas.circle(box.x + 31, box.middle[1], 11, _WHITE)
        canvas.text(box.x + 52, top + 42, "REC", 32, _WHITE, weight="Medium")
        right = box.x - 16
    for shown, sign, colour in ((scene.locked, "lock", _LOCKED), (scene.muted, "muted", _MUTED)):
        if shown:
            canvas.circle(right - height // 2, top + height // 2, height // 2, _CARD)
            canvas.icon(right - height // 2 - 19, top + 11, sign, 38, colour)
            right -= height + 16
    return right


def _empty(canvas: Canvas, scene: Scene) -> None:
    x, y = WIDTH // 2, 358
    canvas.circle(x, y, 118, _CARD)
    canvas.icon(x - 72, y - 74, "nobody", 144, _FAINT)
    canvas.centred(x, y + 196, scene.nobody, 48, _FAINT)


def _people(canvas: Canvas, scene: Scene) -> None:
    shown, more = scene.shown, scene.more
    boxes = _boxes(len(shown) + bool(more))
    for person, box in zip(shown, boxes, strict=False):
        _card(canvas, person, box)
    if more:
        canvas.box(boxes[-1], _CARD, radius=24, opacity=0.55)
        x, y = boxes[-1].middle
        canvas.centred(x, y + 12, more, 36, _FAINT)


def _boxes(count: int) -> list[Box]:
    """As many cards in rows, all of one size, the last row in the middle."""
    _, columns, rows = next(grid for grid in _GRIDS if count <= grid[0])
    room, tall = WIDTH - 2 * _MARGIN, HEIGHT - _HEADER - _MARGIN
    width = min(_WIDEST, (room - (columns - 1) * _GAP) // columns)
    height = min(_TALLEST, (tall - (rows - 1) * _GAP) // rows)
    top = _HEADER + (tall - rows * height - (rows - 1) * _GAP) // 2
    boxes = []
    for at in range(count):
        row, column = divmod(at, columns)
        inside = min(columns, count - row * columns)
        left = (WIDTH - inside * width - (inside - 1) * _GAP) // 2 if rows == 1 or inside == columns else _MARGIN
        boxes.append(Box(left + column * (width + _GAP), top + row * (height + _GAP), width, height))
    return boxes


def _card(canvas: Canvas, person: Person, box: Box) -> None:
    canvas.box(box, _TALKING_CARD if person.talking else _CARD, radius=24)
    if person.talking:
        canvas.frame(box, _TALKS, radius=24, thickness=4)
    name, number = _called(person)
    if box.width < 2 * box.height:
        _upright(canvas, person, box, name, number)
    else:
        _lying(canvas, person, box, name, number)


def _upright(canvas: Canvas, person: Person, box: Box, name: str, number: str) -> None:
    """The circle above the words."""
    size = 48 if box.height > 300 else 38
    lines = _lines(name, number, size, box.width - 44)
    tall, gap = _tall(lines), round(size * 0.55)
    radius = min(112, (box.height - round(size * 2.2) - gap - 30) // 2)
    x, top = box.middle[0], box.y + (box.height - 2 * radius - gap - tall) // 2 + 4
    _circle(canvas, person, x, top + radius, radius, name)
    top += 2 * radius + gap
    for words, size, colour, weight in lines:
        canvas.centred(x, top + round(size * 0.82), words, size, colour, weight=weight)
        top += round(size * _SPACING)


def _lying(canvas: Canvas, person: Person, box: Box, name: str, number: str) -> None:
    """The circle beside the words."""
    size = 48 if box.height > 200 else 37 if box.height > 120 else 35
    radius = min(84, round(box.height * 0.36))
    margin = min(round(box.height * 0.16), 36)
    x, y = box.x + margin + radius, box.middle[1]
    _circle(canvas, person, x, y, radius, name)
    left = x + radius + round(size * 0.6)
    lines = _lines(name, number, size, box.x + box.width - 16 - left)
    top = y - _tall(lines) // 2
    for words, size, colour, weight in lines:
        canvas.text(left, top + round(size * 0.82), words, size, colour, weight=weight)
        top += round(size * _SPACING)


def _lines(name: str, number: str, size: int, room: int) -> list[_Line]:
    """The name and the number below it; a long name is smaller, or has both lines."""
    for each in (size, round(size * _SMALLER)):
        if width_of(name, each, "Medium") <= room:
            return [
                (name, each, _TEXT, "Medium"),
                *([(number, round(size * 0.78), _FAINT, "Regular")] if number else ()),
            ]
    first, second = _halves(name, each, room)
    return [(shortened(part, each, "Medium", room), each, _TEXT, "Medium") for part in (first, second) if part]


def _halves(name: str, size: int, room: int) -> tuple[str, str]:
    """As many words as fit into the first line, one at least, and the others."""
    words = name.split()
    fits = 1
    while fits < len(words) and width_of(" ".join(words[: fits + 1]), size, "Medium") <= room:
        fits += 1
    return " ".join(words[:fits]), " ".join(words[fits:])


def _tall(lines: Sequence[_Line]) -> int:
    return sum(round(size * _SPACING) for _, size, _, _ in lines)


def _circle(canvas: Canvas, person: Person, x: int, y: int, radius: int, name: str) -> None:
    colour = _CIRCLES[zlib.crc32((person.name or person.number).encode()) % len(_CIRCLES)]
    canvas.circle(x, y, radius, colour)
    letters = initials(name)
    if letters:
        size = min(80, round(radius * 0.78))
        canvas.centred(x, y + round(size * 0.357), letters, size, _WHITE, weight="Medium")
    else:
        size = round(radius * 1.2)
        canvas.icon(x - size // 2, y - size // 2, "somebody", size, _WHITE)
    if person.talking:
        canvas.ring(x, y, radius + 9, _TALKS, thickness=4)
    if person.leader:
        _sign(canvas, x + round(radius * 0.8), y - round(radius * 0.8), radius, "leader", _LEADS)
    if person.muted:
        _sign(canvas, x + round(radius * 0.8), y + round(radius * 0.8), radius, "muted", _MUTED)


def _sign(canvas: Canvas, x: int, y: int, radius: int, name: str, colour: Colour) -> None:
    """A small one at the edge of a circle."""
    disc = max(19, round(radius * 0.3))
    size = round(disc * 1.3)
    canvas.circle(x, y, disc + 4, _CARD)
    canvas.circle(x, y, disc, (22, 24, 28))
    canvas.icon(x - size // 2, y - size // 2, name, size, colour)


def _called(person: Person) -> tuple[str, str]:
    """What stands on the card: the name, and the number below; the number alone where the name cannot be written."""
    name, number = readable(person.name), readable(person.number)
    if not name or (number and 2 * name.count(MISSING) > len(name)):
        return number, ""
    return name, number if number != name else ""
