"""What kind of number it is, from the words that programs put beside it, in English and German."""

from collections.abc import Iterable

_PARTS = (
    ("fax", ("fax",)),
    ("mobile", ("mobil", "cell", "handy", "iphone", "natel")),
    (
        "work",
        ("work", "business", "office", "company", "assistant", "arbeit", "büro", "buero", "gesch", "dienst", "firma"),
    ),
    ("home", ("home", "privat", "zuhause", "zu hause")),
)


def label_of(words: Iterable[str]) -> str:
    """The label of a number with these words in lower case: a fax at work is a fax."""
    text = " ".join(words)
    return next((label for label, parts in _PARTS if any(part in text for part in parts)), "other")
