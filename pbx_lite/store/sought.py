"""Search by parts of words in any order: `And Muster` finds Max-Andreas Mustermann, `mueller` finds Müller."""

import re
import unicodedata

_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "đ": "dj",
        "ł": "l",
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
    }
)
_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_BETWEEN = re.compile(r"[\s,;:.()/'\"„“”«»@-]+")
_NO_DIGIT = re.compile(r"[^\d+]")
_NUMBER = re.compile(r"\+?\d+")
_GROUPED = re.compile(r"[\s()/.-]")
_MOST_PARTS = 8


def folded(text: str) -> str:
    """Lower case, without accents and marks."""
    lower = text.lower().translate(_LETTERS)
    if lower.isascii():
        return lower
    return "".join(letter for letter in unicodedata.normalize("NFD", lower) if not unicodedata.combining(letter))


def sought(*texts: str) -> str:
    """What is searched of one entry: its words, each after a space, and the digits of each text."""
    whole = " ".join(filter(None, texts)).lower()
    plain = _words(whole)
    found = [plain]
    if not whole.isascii() and (other := _words(unicodedata.normalize("NFC", whole).translate(_SPELLED))) != plain:
        found.append(other)
    found.extend(f" {digits}" for text in texts if (digits := _NO_DIGIT.sub("", text)) not in {"", "+"})
    return "\n".join(found)


def parts(question: str) -> list[list[str]]:
    """What has to be in an entry, each part as one of its spellings.  `0049` is `+49`."""
    number = _GROUPED.sub("", question)
    if _NUMBER.fullmatch(number):
        if number.startswith("00") and len(number) > 2:
            return [[f"+{number[2:]}"]]
        # The zero before an area code is missing where the country stands before it.
        return [[number, number[1:]] if number.startswith("0") and len(number) > 4 else [number]]
    return [[part] for part in _BETWEEN.split(folded(question)) if part][:_MOST_PARTS]


def is_name(question: str) -> bool:
    """Whether a name is asked for, and no number."""
    return _NUMBER.fullmatch(_GROUPED.sub("", question)) is None


def conditions(column: str, question: str) -> tuple[list[str], list[str]]:
    """What holds in SQL where everything asked for is in this column of ours, and the values to be bound."""
    found = parts(question)
    return (
        ["(" + " OR ".join(f"instr({column}, ?)" for _ in spellings) + ")" for spellings in found],
        [each for spellings in found for each in spellings],
    )


def _words(text: str) -> str:
    return f" {_BETWEEN.sub(' ', folded(text)).strip()}"
