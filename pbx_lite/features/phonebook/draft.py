"""What a file says of somebody, made a contact within our bounds; what cannot be is told, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pbx_lite.features.phonebook.contact import (
    LONGEST_NOTE,
    LONGEST_NUMBER,
    LONGEST_TEXT,
    MOST_NUMBERS,
    TEXTS,
    name_of,
    one_line,
    some_lines,
    without_doubles,
)
from pbx_lite.store.phonebook import Contact

MOST_FAULTS = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """What could not be taken over, and the line where that stands in the file, from 1 on."""

    line: int
    text: str


class Faults:
    """The first hundred are kept; the last entry counts the others."""

    def __init__(self) -> None:
        self._kept: list[Fault] = []
        self._more = 0
        self._at = 0

    def add(self, line: int, text: str) -> None:
        if len(self._kept) < MOST_FAULTS:
            self._kept.append(Fault(line, text))
        else:
            self._more += 1
            self._at = self._at or line

    def all(self) -> list[Fault]:
        more = [Fault(self._at, f"{self._more} more lines could not be taken over as they are.")] if self._more else []
        return self._kept + more


@dataclass(slots=True, kw_only=True)
class Draft:
    """Somebody as a file has them, beginning at `line`; texts are as long as they like."""

    line: int
    first: str = ""
    last: str = ""
    company: str = ""
    email: str = ""
    note: str = ""
    numbers: list[tuple[str, str]] = field(default_factory=list)

    def contact(self, owner: str, faults: Faults) -> Contact | None:
        """None, and a fault, where there is nothing that somebody could be found by."""
        texts: dict[str, Any] = {
            key: self._short(key, one_line(getattr(self, key)), LONGEST_TEXT, faults) for key in TEXTS
        }
        note = self._short("note", some_lines(self.note), LONGEST_NOTE, faults)
        numbers = without_doubles(self._numbers(faults))
        if len(numbers) > MOST_NUMBERS:
            faults.add(self.line, f"There are {len(numbers)} numbers; the first {MOST_NUMBERS} are kept.")
        contact = Contact(owner=owner, **texts, note=note, numbers=numbers[:MOST_NUMBERS])
        if not name_of(contact):
            faults.add(self.line, "There is neither a name nor a number.")
            return None
        return contact

    def _numbers(self, faults: Faults) -> Iterator[tuple[str, str]]:
        for label, text in self.numbers:
            number = one_line(text)
            if not number:
                continue
            if len(number) > LONGEST_NUMBER or not _is_number(number):
                faults.add(self.line, f"{number[:40]!r} is no number.")
            else:
                yield label, number

    def _short(self, key: str, text: str, most: int, faults: Faults) -> str:
        if len(text) <= most:
            return text
        faults.add(self.line, f"{key}: the text is longer than {most} characters and was cut.")
        return text[:most].rstrip()


def _is_number(text: str) -> bool:
    """Whether a file means a number: letters may say what to press later, but there are more digits than that."""
    digits = sum(char.isdigit() or char in "*#" for char in text)
    return 0 < digits >= sum(char.isalpha() for char in text)


def split_name(text: str) -> tuple[str, str]:
    """First and last name of a name in one piece: `Anna Maria Berger`, or `Berger, Anna Maria`."""
    text = one_line(text)
    last, comma, first = text.partition(",")
    if comma and first.strip() and last.strip():
        return first.strip(), last.strip()
    first, _, last = text.rpartition(" ")
    return (first, last) if first else (last, "")
