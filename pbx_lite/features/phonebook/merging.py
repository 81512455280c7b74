"""What an import makes of a book: who is new, who has changed, and who was there already."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pbx_lite.features.phonebook.contact import MOST_CONTACTS, MOST_NUMBERS, TEXTS, name_of
from pbx_lite.features.phonebook.draft import Draft, Faults
from pbx_lite.features.phonebook.names import Key, keys_of
from pbx_lite.store.phonebook import Contact


@dataclass(slots=True)
class Merged:
    """`changed` holds pairs of before and after; `same` counts those who brought nothing new."""

    added: list[Contact] = field(default_factory=list)
    changed: list[tuple[Contact, Contact]] = field(default_factory=list)
    same: int = 0


def merge(
    book: Sequence[Contact], drafts: Iterable[Draft | None], faults: Faults, *, owner: str, key: Key
) -> Generator[None, None, Merged]:
    """Two are one where they have the same name and a number in common, or no number and the same address.

    What stands in the book stays; what it lacks is filled in.  Yields after each step.
    """
    contacts = list(book)
    places: dict[tuple[str, str], int] = {}
    for place, contact in enumerate(book):
        for mark in _marks(contact, key):
            places.setdefault(mark, place)
        yield
    same = 0
    for draft in drafts:
        yield
        brought = draft.contact(owner, faults) if draft is not None else None
        if draft is None or brought is None:
            continue
        known = next((places[mark] for mark in _marks(brought, key) if mark in places), None)
        place = len(contacts) if known is None else known
        if known is not None:
            before = contacts[place]
            contacts[place] = after = _completed(before, brought, key)
            same += after == before or place >= len(book)
        elif len(contacts) < MOST_CONTACTS:
            contacts.append(brought)
        else:
            faults.add(draft.line, f"The phonebook is full: it holds {MOST_CONTACTS} contacts.")
            continue
        for mark in _marks(contacts[place], key):
            places.setdefault(mark, place)
    changed: list[tuple[Contact, Contact]] = []
    for before, after in zip(book, contacts, strict=False):
        yield
        if after != before:
            changed.append((before, replace(after, revision=before.revision + 1)))
    return Merged(contacts[len(book) :], changed, same)


def _marks(contact: Contact, key: Key) -> Iterator[tuple[str, str]]:
    name = name_of(contact).casefold()
    keys = keys_of(contact, key)
    for each in keys or [f"@{contact.email.casefold()}"]:
        yield name, each


def _completed(contact: Contact, brought: Contact, key: Key) -> Contact:
    known = {key(number) for _, number in contact.numbers}
    numbers = [*contact.numbers, *(pair for pair in brought.numbers if key(pair[1]) not in known)]
    texts = {each: getattr(contact, each) or getattr(brought, each) for each in (*TEXTS, "note")}
    return replace(contact, numbers=tuple(numbers[:MOST_NUMBERS]), **texts)
