"""Whose number it is: the names of one book by its numbers, in memory, because every call asks."""

from collections.abc import Callable, Iterable

from pbx_lite.features.phonebook.contact import name_of
from pbx_lite.store.phonebook import Contact

type Key = Callable[[str], str]
"""What all ways of writing a number have in common; "" for what is no number."""


class Names:
    """Names and numbers alone, some 300 bytes for each contact; where several have a number, the oldest names it."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._ids: dict[str, int | tuple[int, ...]] = {}

    def __len__(self) -> int:
        """Contacts, those without a number too."""
        return len(self._names)

    def find(self, key: str) -> str:
        """The name, "" where nobody has this number."""
        found = self._ids.get(key)
        if found is None:
            return ""
        return self._names[found if isinstance(found, int) else found[0]]

    def keys(self, ids: frozenset[int]) -> list[str]:
        """The numbers of these contacts."""
        if not ids:
            return []
        return [
            key
            for key, found in self._ids.items()
            if (found in ids if isinstance(found, int) else not ids.isdisjoint(found))
        ]

    def learn(self, contact: Contact, keys: Iterable[str]) -> None:
        self._names[contact.id] = name_of(contact)
        for key in keys:
            before = _several(self._ids.get(key))
            if contact.id not in before:
                after = tuple(sorted((*before, contact.id)))
                self._ids[key] = after if len(after) > 1 else contact.id

    def forget(self, contact: Contact, keys: Iterable[str]) -> None:
        """A contact as it was learnt."""
        self._names.pop(contact.id, None)
        for key in keys:
            left = tuple(each for each in _several(self._ids.get(key)) if each != contact.id)
            if left:
                self._ids[key] = left if len(left) > 1 else left[0]
            else:
                self._ids.pop(key, None)


def keys_of(contact: Contact, key: Key) -> list[str]:
    """The numbers of a contact as they are looked for, each once.  Fax numbers too: faxes call."""
    return list(dict.fromkeys(filter(None, (key(number) for _, number in contact.numbers))))


def _several(ids: int | tuple[int, ...] | None) -> tuple[int, ...]:
    return () if ids is None else (ids,) if isinstance(ids, int) else ids
