"""What a contact is made of, and how it is shown."""

from collections.abc import Iterable, Mapping
from typing import Any

from pbx_lite.errors import Invalid
from pbx_lite.store.phonebook import Contact

LABELS = ("mobile", "home", "work", "fax", "other")
TEXTS = ("first", "last", "company", "email")
MOST_CONTACTS = 10_000
"""In one book."""
MOST_NUMBERS = 10
"""Of one contact."""
LONGEST_TEXT = 200
LONGEST_NUMBER = 64
LONGEST_NOTE = 2000
_JOINERS = "\u200c\u200d"
"""Persian and emoji are written with them; nobody sees them, and nothing is hidden by them."""


def name_of(contact: Contact) -> str:
    """What displays show: the person, else the company, else the first number."""
    person = f"{contact.first} {contact.last}".strip()
    return person or contact.company or next((number for _, number in contact.numbers), "") or contact.email


def contact_shown(contact: Contact) -> dict[str, Any]:
    """As the API has it."""
    return {
        "id": contact.id,
        "book": "private" if contact.owner else "company",
        "name": name_of(contact),
        "first": contact.first,
        "last": contact.last,
        "company": contact.company,
        "numbers": [{"label": label, "number": number} for label, number in contact.numbers],
        "email": contact.email,
        "note": contact.note,
        "revision": contact.revision,
    }


def one_line(text: str) -> str:
    """Text as a display has it: without breaks, control characters and spaces that nobody sees."""
    text = " ".join(text.split())
    if not text.isprintable():
        text = " ".join("".join(char for char in text if char.isprintable() or char in _JOINERS).split())
    return text


def some_lines(text: str) -> str:
    """A note: its line breaks stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(one_line(line) for line in lines).strip()


def checked_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a client sent of a contact, tidied.  Raises Invalid for a number without a digit."""
    tidy: dict[str, Any] = {key: one_line(fields[key]) for key in TEXTS if key in fields}
    if "note" in fields:
        tidy["note"] = some_lines(fields["note"])
    if "numbers" in fields:
        tidy["numbers"] = tuple((each["label"], _number(each["number"])) for each in fields["numbers"])
    return tidy


def require_somebody(contact: Contact) -> Contact:
    """Raises Invalid for a contact that nobody could find."""
    if not name_of(contact):
        raise Invalid("A contact needs a name, a company, a number or an address.")
    return contact


def without_doubles(numbers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Each number as it stands once, under the label that came first."""
    found: dict[str, str] = {}
    for label, number in numbers:
        found.setdefault(number, label)
    return tuple((label, number) for number, label in found.items())


def _number(text: str) -> str:
    number = one_line(text)
    if not any(char.isdigit() or char in "*#" for char in number):
        raise Invalid(f"numbers: {number[:40]!r} is no number")
    return number
