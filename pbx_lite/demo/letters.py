"""Capital letters and digits as 5 x 7 pixels, so that the demo picture needs no font of the machine."""

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 5, 7

# One hexadecimal pair per row, top to bottom; bit 4 is the leftmost pixel.
_GLYPHS = {
    "A": "0E11111F111111", "B": "1E11111E11111E", "C": "0E11101010110E", "D": "1E11111111111E", "E": "1F10101E10101F",
    "F": "1F10101E101010", "G": "0E11101711110F", "H": "1111111F111111", "I": "0E04040404040E", "J": "0702020202120C",
    "K": "11121418141211", "L": "1010101010101F", "M": "111B1515111111", "N": "11191513111111", "O": "0E11111111110E",
    "P": "1E11111E101010", "Q": "0E11111115120D", "R": "1E11111E141211", "S": "0F10100E01011E", "T": "1F040404040404",
    "U": "1111111111110E", "V": "11111111110A04", "W": "11111115151B11", "X": "11110A040A1111", "Y": "11110A04040404",
    "Z": "1F01020408101F", "0": "0E11131519110E", "1": "040C040404040E", "2": "0E11010608101F", "3": "1F02040201110E",
    "4": "02060A121F0202", "5": "1F101E0101110E", "6": "0608101E11110E", "7": "1F010204080808", "8": "0E11110E11110E",
    "9": "0E11110F01020C", ":": "00040400040400", "-": "0000001F000000", ".": "00000000000C0C", " ": "00000000000000",
}  # fmt: skip


def text(words: str, scale: int) -> NDArray[np.bool_]:
    """The words as a mask of rows and columns; what has no glyph is left blank."""
    glyphs = [_glyph(letter) for letter in words.upper()]
    line = np.concatenate(glyphs, axis=1) if glyphs else np.zeros((HEIGHT, 0), np.bool_)
    return np.kron(line, np.ones((scale, scale), np.bool_)).astype(np.bool_)


def _glyph(letter: str) -> NDArray[np.bool_]:
    rows = np.frombuffer(bytes.fromhex(_GLYPHS.get(letter, _GLYPHS[" "])), np.uint8)
    # Six columns: the blank one on the left goes to the right, behind the glyph.
    pixels = (rows[:, None] >> np.arange(WIDTH, -1, -1)) & 1
    return np.roll(pixels, -1, axis=1).astype(np.bool_)
