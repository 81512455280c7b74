"""The header fields of one message (RFC 3261 section 7.3)."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pbx_lite.errors import ParseError

from .field_names import KEYS, LIST_FIELDS, SPELLING, key_of
from .headers import guard, split_list


class Headers:
    """An ordered multi-map: names without regard to case, compact forms known, values as written.

    Values that came in one comma-separated line count one by one, for headers that are lists.
    """

    __slots__ = ("_fields", "_keys", "views")

    def __init__(self, fields: Iterable[tuple[str, object]] = ()) -> None:
        self._keys: list[str] = []
        self._fields: list[tuple[str, str]] = []
        self.views: dict[str, Any] = {}
        """What `view` has read, by lower-case name."""
        for name, value in fields:
            self.add(name, value)

    @classmethod
    def read(cls, lines: Iterable[str]) -> tuple[Headers, ParseError | None]:
        """Take unfolded lines in; a faulty one is left out, and the last fault returned."""
        headers, fault = cls(), None
        keys, fields = headers._keys, headers._fields
        for line in lines:
            name, colon, value = line.partition(":")
            key = KEYS.get(name)
            if key is None:
                try:
                    key = key_of(name)
                except ParseError as error:
                    fault = error
                    continue
            if not colon:
                fault = ParseError(f"A header without colon: {line[:80]!r}")
                continue
            keys.append(key)
            fields.append((SPELLING.get(key) or name.strip(" \t"), value.strip(" \t")))
        return headers, fault

    def get(self, name: str) -> str | None:
        """Return the first value, of a list header the first item; None where there is none.

        Raise `ParseError` for an unbalanced list.
        """
        key = KEYS.get(name) or key_of(name)
        keys = self._keys
        if key not in keys:
            return None
        value = self._fields[keys.index(key)][1]
        if ("," in value or not value) and key in LIST_FIELDS:
            return next(iter(self.all(name)), None)
        return value

    def all(self, name: str) -> list[str]:
        """Return every value; lines of list headers are split at their commas. Raise `ParseError`."""
        key = KEYS.get(name) or key_of(name)
        if key not in self._keys:
            return []
        lines = [self._fields[index][1] for index, here in enumerate(self._keys) if here == key]
        if key not in LIST_FIELDS:
            return lines
        return [item for line in lines for item in split_list(line)]

    def count(self, name: str) -> int:
        """Return how many lines have this name."""
        return self._keys.count(KEYS.get(name) or key_of(name))

    @property
    def names(self) -> set[str]:
        """The lower-case names of all lines."""
        return set(self._keys)

    def repeated(self, names: frozenset[str]) -> str | None:
        """One of these lower-case names that has more than one line, None where there is none."""
        keys = self._keys
        if len(set(keys)) == len(keys):
            return None
        return next((name for name in names if keys.count(name) > 1), None)

    def add(self, name: str, value: object) -> None:
        """Append a value. Raise `ParseError` for a name or value that would break the message."""
        key, pair = _field(name, value)
        self._keys.append(key)
        self._fields.append(pair)
        self.views.pop(key, None)

    def set(self, name: str, value: object) -> None:
        """Replace every value of this name by one, in the place of the first."""
        key, pair = _field(name, value)
        try:
            index = self._keys.index(key)
        except ValueError:
            index = len(self._keys)
        self.remove(name)
        self._keys.insert(index, key)
        self._fields.insert(index, pair)

    def prepend(self, name: str, value: object) -> None:
        """Put a value before all others of its name."""
        key, pair = _field(name, value)
        index = self._keys.index(key) if key in self._keys else 0
        self._keys.insert(index, key)
        self._fields.insert(index, pair)
        self.views.pop(key, None)

    def remove(self, name: str) -> None:
        """Remove every value of this name, if there are any."""
        key = key_of(name)
        self.views.pop(key, None)
        if key not in self._keys:
            return
        self._fields = [field for here, field in zip(self._keys, self._fields, strict=True) if here != key]
        self._keys = [here for here in self._keys if here != key]

    def pop(self, name: str) -> str | None:
        """Remove and return the first value (of a list header the first item)."""
        values = self.all(name)
        if not values:
            return None
        self.replace_all(name, values[1:])
        return values[0]

    def replace_first(self, name: str, value: object) -> None:
        """Put another value in the place of the first (of a list header its first item)."""
        self.replace_all(name, [str(value), *self.all(name)[1:]])

    def replace_all(self, name: str, values: Iterable[object]) -> None:
        """Put these values, a line each, in the place of all of this name."""
        key = key_of(name)
        index = self._keys.index(key) if key in self._keys else len(self._keys)
        fields = [_field(name, value)[1] for value in values]
        self.remove(name)
        self._keys[index:index] = [key] * len(fields)
        self._fields[index:index] = fields

    def take(self, other: Headers, *names: str) -> None:
        """Append the other's lines of these names as they stand, name by name."""
        theirs = other._keys
        for name in names:
            wanted = KEYS.get(name) or key_of(name)
            self.views.pop(wanted, None)
            index = -1
            for _ in range(theirs.count(wanted)):
                index = theirs.index(wanted, index + 1)
                self._keys.append(wanted)
                self._fields.append(other._fields[index])

    def items(self) -> Iterator[tuple[str, str]]:
        """Give every line as it stands, names in their usual spelling."""
        return iter(self._fields)

    def check_lists(self) -> None:
        """Raise `ParseError` where a list cannot be taken apart."""
        for name, value in self._fields:
            if "," in value and ('"' in value or "<" in value) and (KEYS.get(name) or key_of(name)) in LIST_FIELDS:
                split_list(value)

    def copy(self) -> Headers:
        other = Headers()
        other._keys = self._keys.copy()
        other._fields = self._fields.copy()
        other.views = self.views.copy()
        return other

    def view[T](self, key: str, parse_value: Callable[[str], T]) -> T | None:
        """Return the first value of a lower-case name, read by `parse_value` once; None where there is none."""
        found: T | None = self.views.get(key)
        if found is not None:
            return found
        keys = self._keys
        if key not in keys:
            return None
        value = self._fields[keys.index(key)][1]
        if ("," in value or not value) and key in LIST_FIELDS:
            first = self.get(key)
            if first is None:
                return None
            value = first
        result = self.views[key] = parse_value(value)
        return result

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (KEYS.get(name) or key_of(name)) in self._keys

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._keys)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._fields == other._fields

    __hash__ = None  # type: ignore[assignment]  # mutable

    def __repr__(self) -> str:
        return f"Headers({self._fields!r})"


def _field(name: str, value: object) -> tuple[str, tuple[str, str]]:
    key = KEYS.get(name) or key_of(name)
    text = str(value)
    if "\n" in text or "\r" in text:
        guard(text)
    return key, (SPELLING.get(key) or name, text)
