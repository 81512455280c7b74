"""The header fields of one message (RFC 3261 section 7.3)."""

from collections.abc import Callable, Iterable, Iterator, Set
from typing import Any

from pbx_lite.errors import ParseError

from .field_names import LIST_FIELDS, NAMES, SINGLE_FIELDS, name_of
from .headers import guard, split_list


class Headers:
    """A multi-map in the order in which names first came: names without regard to case, compact forms known.

    Values stand as they were written; those that came in one comma-separated line count one by one, for headers that
    are lists.  Nearly every name has one line: `_first` holds that, `_more` the lines behind it.
    """

    __slots__ = ("_first", "_more", "views")

    def __init__(self, fields: Iterable[tuple[str, object]] = ()) -> None:
        self._first: dict[str, str] = {}
        self._more: dict[str, list[str]] = {}
        self.views: dict[str, Any] = {}
        """What `view` has read, by the usual name."""
        for name, value in fields:
            self.add(name, value)

    @classmethod
    def read(cls, lines: Iterable[str]) -> tuple[Headers, ParseError | None]:
        """Take unfolded lines in; a faulty one is left out, and the last fault returned."""
        headers, fault = cls(), None
        first = headers._first
        for line in lines:
            written, colon, value = line.partition(":")
            name = NAMES.get(written)
            if name is None or not colon:
                try:
                    name = name_of(written)
                except ParseError as error:
                    fault = error
                    continue
                if not colon:
                    fault = ParseError(f"A header without colon: {line[:80]!r}")
                    continue
            if name not in first:
                first[name] = value.strip(" \t")
                continue
            if name in SINGLE_FIELDS:
                fault = ParseError(f"More than one {name}")
            headers._more.setdefault(name, []).append(value.strip(" \t"))
        return headers, fault

    def get(self, name: str) -> str | None:
        """Return the first value, of a list header the first item; None where there is none.

        Raise `ParseError` for an unbalanced list.
        """
        name = NAMES.get(name) or name_of(name)
        value = self._first.get(name)
        if value is not None and ("," in value or not value) and name in LIST_FIELDS:
            return next(iter(self.all(name)), None)
        return value

    def all(self, name: str) -> list[str]:
        """Return every value; lines of list headers are split at their commas. Raise `ParseError`."""
        name = NAMES.get(name) or name_of(name)
        first = self._first.get(name)
        if first is None:
            return []
        if name in self._more:
            lines = [first, *self._more[name]]
            return [item for line in lines for item in split_list(line)] if name in LIST_FIELDS else lines
        return split_list(first) if name in LIST_FIELDS else [first]

    def count(self, name: str) -> int:
        """Return how many lines have this name."""
        name = NAMES.get(name) or name_of(name)
        return len(self._more.get(name, ())) + 1 if name in self._first else 0

    @property
    def names(self) -> Set[str]:
        """The names of all lines in their usual spelling."""
        return self._first.keys()

    def add(self, name: str, value: object) -> None:
        """Append a value. Raise `ParseError` for a name or value that would break the message."""
        name = NAMES.get(name) or name_of(name)
        text = str(value)
        if not text.isprintable():
            guard(text)
        if name not in self._first:
            self._first[name] = text
        else:
            self._more.setdefault(name, []).append(text)

    def set(self, name: str, value: object) -> None:
        """Replace every value of this name by one, in the place of the first."""
        name, text = _field(name, value)
        self._first[name] = text
        self._more.pop(name, None)
        self.views.pop(name, None)

    def prepend(self, name: str, value: object) -> None:
        """Put a value before all others of its name, of a new name before all lines."""
        name, text = _field(name, value)
        if name in self._first:
            self._more.setdefault(name, []).insert(0, self._first[name])
            self._first[name] = text
            self.views.pop(name, None)
        else:
            self._first = {name: text, **self._first}

    def remove(self, name: str) -> None:
        """Remove every value of this name, if there are any."""
        name = NAMES.get(name) or name_of(name)
        self._first.pop(name, None)
        self._more.pop(name, None)
        self.views.pop(name, None)

    def pop(self, name: str) -> str | None:
        """Remove and return the first value (of a list header the first item)."""
        values = self.all(name)
        if not values:
            return None
        self.replace_all(name, values[1:])
        return values[0]

    def replace_first(self, name: str, value: object) -> None:
        """Put another value in the place of the first (of a list header its first item)."""
        self.replace_all(name, (value, *self.all(name)[1:]))

    def replace_all(self, name: str, values: Iterable[object]) -> None:
        """Put these values, a line each, in the place of all of this name."""
        name = NAMES.get(name) or name_of(name)
        texts = [_field(name, value)[1] for value in values]
        if not texts:
            self.remove(name)
            return
        self.set(name, texts[0])
        if len(texts) > 1:
            self._more[name] = texts[1:]

    def take(self, other: Headers, names: Iterable[str]) -> None:
        """Take the other's lines of these names (in their usual spelling) as they stand, in the place of ours."""
        first, more, views = other._first, other._more, other.views
        for name in names:
            if name in first:
                self._first[name] = first[name]
                if name in more:
                    self._more[name] = more[name].copy()
                if name in views:
                    self.views[name] = views[name]

    def items(self) -> Iterator[tuple[str, str]]:
        """Give every line as it stands, names in their usual spelling; those of one name follow each other."""
        if not self._more:
            return iter(self._first.items())
        more = self._more
        return iter([(name, text) for name, first in self._first.items() for text in (first, *more.get(name, ()))])

    def encode(self, length: int) -> str:
        """Write every line, Content-Length as that of a body of so many bytes."""
        self._first["Content-Length"] = str(length)
        return "\r\n".join([f"{name}: {text}" for name, text in self.items()])

    def check_lists(self) -> None:
        """Raise `ParseError` where a list cannot be taken apart."""
        for name in LIST_FIELDS.intersection(self._first):
            for value in (self._first[name], *self._more.get(name, ())):
                if "," in value and ('"' in value or "<" in value):
                    split_list(value)

    def copy(self) -> Headers:
        other = Headers()
        other._first = self._first.copy()
        other._more = {name: lines.copy() for name, lines in self._more.items()}
        other.views = self.views.copy()
        return other

    def view[T](self, name: str, parse_value: Callable[[str], T]) -> T | None:
        """Read the first value of a usual name by `parse_value`, for `views` to keep; None where there is none."""
        value = self._first.get(name)
        if value is not None and ("," in value or not value) and name in LIST_FIELDS:
            value = self.get(name)
        if value is None:
            return None
        read = self.views[name] = parse_value(value)
        return read

    def __contains__(self, name: str) -> bool:
        return (NAMES.get(name) or name_of(name)) in self._first

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return self.items()

    def __len__(self) -> int:
        return len(self._first) + sum(map(len, self._more.values()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._first == other._first and self._more == other._more

    __hash__ = None  # type: ignore[assignment]  # mutable

    def __repr__(self) -> str:
        return f"Headers({list(self.items())!r})"


def _field(name: str, value: object) -> tuple[str, str]:
    text = str(value)
    return NAMES.get(name) or name_of(name), text if text.isprintable() else guard(text)
