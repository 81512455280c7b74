"""The phonebook of a FRITZ!Box as it saves it: XML, with a `contact` for each person."""

from collections.abc import Iterator
from xml.parsers.expat import ExpatError, ParserCreate

from pbx_lite.features.phonebook.contact import one_line
from pbx_lite.features.phonebook.draft import Draft, Faults, split_name
from pbx_lite.features.phonebook.labels import label_of

_TEXTS = frozenset({"realName", "number", "email"})
_AT_ONCE = 4096


def read(text: str, faults: Faults) -> Iterator[Draft | None]:
    """Everybody in it, up to where it is broken; numbers within the box (`**620`) too."""
    reader = _Reader()
    data = text.removeprefix("\ufeff").lstrip().encode("utf-8", "replace")
    try:
        for start in range(0, len(data), _AT_ONCE):
            reader.parser.Parse(data[start : start + _AT_ONCE], False)
            yield None
            yield from reader.taken()
        reader.parser.Parse(b"", True)
    except ExpatError as error:
        faults.add(error.lineno, "The file cannot be read from here on: it is broken, or not of a FRITZ!Box.")
    except _NotOfABox as error:
        faults.add(error.line, "This file is not of a FRITZ!Box.")
    yield from reader.taken()


class _NotOfABox(Exception):
    """It declares entities, which may be larger than any file."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line


class _Reader:
    """Hears what expat finds."""

    def __init__(self) -> None:
        self._found: list[Draft] = []
        # What the declaration says of the encoding is past: this is text.
        self.parser = ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._declares
        self.parser.StartElementHandler = self._begins
        self.parser.EndElementHandler = self._ends
        self.parser.CharacterDataHandler = self._has
        self._draft: Draft | None = None
        self._label = ""
        self._pieces: list[str] | None = None

    def taken(self) -> list[Draft]:
        """Who was found since this was asked last."""
        found, self._found = self._found, []
        return found

    def _declares(self, *_: object) -> None:
        raise _NotOfABox(self.parser.CurrentLineNumber)

    def _begins(self, name: str, attributes: dict[str, str]) -> None:
        if name == "contact":
            self._draft = Draft(line=self.parser.CurrentLineNumber)
        elif name in _TEXTS:
            self._label = label_of([attributes.get("type", "").casefold()])
            self._pieces = []

    def _has(self, text: str) -> None:
        if self._pieces is not None:
            self._pieces.append(text)

    def _ends(self, name: str) -> None:
        draft = self._draft
        if name == "contact" and draft is not None:
            self._found.append(draft)
            self._draft = None
        if name not in _TEXTS or self._pieces is None:
            return
        text, self._pieces = one_line("".join(self._pieces)), None
        if draft is None:
            return
        match name:
            case "realName":
                draft.first, draft.last = split_name(text)
            case "number":
                draft.numbers.append((self._label, text))
            case _:
                draft.email = draft.email or text
