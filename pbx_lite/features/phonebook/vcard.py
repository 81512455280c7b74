"""vCards as telephones and programs write them: 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350), read leniently, written as 3.0.

What a line means is said by the line itself, not by the card's version: exports mix them.  A card that is broken costs
itself alone, and its line is told.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pbx_lite.features.phonebook.contact import name_of, one_line
from pbx_lite.features.phonebook.draft import Draft, Faults, split_name
from pbx_lite.features.phonebook.labels import label_of
from pbx_lite.store.phonebook import Contact

_FOLD = 75
"""Octets of a line (RFC 2426 section 2.6)."""
_LONGEST_LINE = 32_768
"""Characters; only pictures, which are left out, have more."""
_MOST_PROPERTIES = 500
_LINE_END = re.compile(r"\r\n|\r|\n")
_HEAD = re.compile(r'((?:[^":]|"[^"]*")*):(.*)', re.DOTALL)
"""Name and parameters, in which a colon stands between quotes, and the value."""
_PARAMETER = re.compile(r'((?:[^";]|"[^"]*")*)(?:;|\Z)')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SEPARATOR = re.compile(r"(?<!\\)((?:\\\\)*);")
_APPLE = re.compile(r"_\$!<(.*)>!\$_")
_PICTURES = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})
_TYPES = {"mobile": "CELL", "home": "HOME,VOICE", "work": "WORK,VOICE", "fax": "FAX", "other": "VOICE"}


@dataclass(slots=True)
class _Property:
    line: int
    group: str
    name: str
    types: set[str]
    encoding: str
    charset: str
    value: str

    def text(self) -> str:
        return _unescaped(self._decoded(self.value))

    def parts(self) -> list[str]:
        """The components of a structured value, which semicolons separate."""
        return [_unescaped(self._decoded(part)) for part in _separated(self.value)]

    def _decoded(self, value: str) -> str:
        if self.encoding == "QUOTED-PRINTABLE":
            return _characters(quopri.decodestring(value.encode("utf-8", "replace")), self.charset)
        if self.encoding in {"B", "BASE64"}:
            try:
                return _characters(base64.b64decode("".join(value.split())), self.charset)
            except binascii.Error, ValueError:
                return ""
        return value


@dataclass(slots=True)
class _Card:
    line: int
    properties: list[_Property] = field(default_factory=list)


def read(text: str, faults: Faults) -> Iterator[Draft | None]:
    """Everybody in a file; groups are nobody."""
    for card in _cards(text, faults):
        yield _draft(card) if card is not None else None


def write(contacts: Iterable[Contact]) -> str:
    return "".join(f"{_folded(line)}\r\n" for contact in contacts for line in _lines(contact))


# Reading


def _cards(text: str, faults: Faults) -> Iterator[_Card | None]:
    stack = _Stack(faults)
    for number, line in _unfolded(text):
        done: _Card | None = None
        match line.strip().upper():
            case "BEGIN:VCARD":
                done = stack.begins(number)
            case "END:VCARD":
                done = stack.ends(number)
            case _:
                stack.has(number, line[:_LONGEST_LINE])
        yield done
    if (left := stack.unfinished()) is not None:
        yield left


class _Stack:
    """The card that is read, and how deep in others within it one is: secretaries' (`AGENT`), who are left out."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._card: _Card | None = None
        self._depth = 0
        self._agent = False

    def begins(self, line: int) -> _Card | None:
        if self._card is not None and (self._depth or self._agent):
            self._depth += 1
            return None
        before, self._card, self._agent = self.unfinished(), _Card(line), False
        return before

    def ends(self, line: int) -> _Card | None:
        if self._depth:
            self._depth -= 1
            return None
        done, self._card = self._card, None
        if done is None:
            self._faults.add(line, "This card ends without having begun.")
        return done

    def has(self, line: int, text: str) -> None:
        if self._card is None:
            self._faults.add(line, "This belongs to no card.")
        elif not self._depth:
            known, prop = self._card.properties, _property(line, text)
            if prop is not None:
                self._agent = prop.name == "AGENT" and not prop.value.strip()
                if len(known) < _MOST_PROPERTIES:
                    known.append(prop)
            elif not (known and known[-1].name in _PICTURES):
                self._faults.add(line, f"{text[:40]!r} cannot be understood.")

    def unfinished(self) -> _Card | None:
        if self._card is not None:
            self._faults.add(self._card.line, "This card has no end.")
        return self._card


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Logical lines that are not empty, each with the number of its first line."""
    begun, pieces = 0, [""]
    quoted = soft = False
    for number, line in enumerate(_split(text.removeprefix("\ufeff")), start=1):
        if soft:
            pieces.append(line)
        elif line[:1] in {" ", "\t"} and any(pieces):
            pieces.append(line[1:])
        else:
            if whole := "".join(pieces):
                yield begun, whole
            begun, pieces = number, [line]
            quoted = "QUOTED-PRINTABLE" in line.partition(":")[0].upper()
        soft = quoted and pieces[-1].endswith("=")
        if soft:
            pieces[-1] = pieces[-1][:-1]
    if whole := "".join(pieces):
        yield begun, whole


def _split(text: str) -> Iterator[str]:
    """One line after the other: all of a large file at once are felt in calls."""
    begun = 0
    for end in _LINE_END.finditer(text):
        yield text[begun : end.start()]
        begun = end.end()
    yield text[begun:]


def _property(number: int, line: str) -> _Property | None:
    found = _HEAD.fullmatch(line)
    if found is None:
        return None
    head, value = found.groups()
    name, *parameters = [part for part in _PARAMETER.findall(head) if part] or [""]
    group, _, name = name.strip().upper().rpartition(".")
    types: set[str] = set()
    encoding = charset = ""
    for parameter in parameters:
        key, equals, said = parameter.partition("=")
        key, said = key.strip().upper(), said.strip().strip('"')
        if not equals:
            key, said = ("ENCODING", key) if key in {"QUOTED-PRINTABLE", "BASE64", "B"} else ("TYPE", key)
        match key:
            case "TYPE":
                types.update(each.strip().strip('"').lower() for each in said.split(","))
            case "ENCODING":
                encoding = said.upper()
            case "CHARSET":
                charset = said
            case _:
                pass
    return _Property(number, group, name, types, encoding, charset, value)


def _draft(card: _Card) -> Draft | None:
    draft = Draft(line=card.line)
    said = {prop.group: prop.text() for prop in card.properties if prop.group and prop.name == "X-ABLABEL"}
    full = nick = ""
    notes: list[str] = []
    emails: list[tuple[bool, str]] = []
    for prop in card.properties:
        match prop.name:
            case "N":
                last, first, middle, prefix, suffix, *_ = (*prop.parts(), *[""] * 5)
                draft.first = one_line(f"{prefix} {first} {middle}")
                draft.last = one_line(f"{last} {suffix}")
            case "FN":
                full = full or one_line(prop.text())
            case "NICKNAME":
                nick = nick or one_line(prop.text())
            case "ORG":
                draft.company = draft.company or next(filter(None, map(one_line, prop.parts())), "")
            case "TEL":
                own = said.get(prop.group, "")
                apple = _APPLE.fullmatch(own)
                words = prop.types | {(apple[1] if apple is not None else own).lower()}
                draft.numbers.append((label_of(words), _number(prop.text())))
            case "EMAIL":
                emails.append(("pref" not in prop.types, one_line(prop.text())))
            case "NOTE":
                notes.append(prop.text())
            case "KIND" | "X-ADDRESSBOOKSERVER-KIND" if prop.value.strip().lower() == "group":
                return None
            case _:
                pass
    draft.email = min(emails, default=(True, ""), key=lambda each: each[0])[1]
    draft.note = "\n".join(filter(None, notes))
    if not draft.first and not draft.last:
        # Who has no name is called by something else of theirs.
        others = {draft.company, draft.email, *(one_line(number) for _, number in draft.numbers)}
        draft.first, draft.last = split_name(full if full not in others else nick)
    return draft


def _number(text: str) -> str:
    """A number, or a tel URI (RFC 3966)."""
    scheme, colon, rest = text.strip().partition(":")
    return rest.partition(";")[0] if colon and scheme.lower() in {"tel", "sip", "callto"} else text


def _separated(value: str) -> list[str]:
    parts = _SEPARATOR.split(value)
    # What stands before a semicolon may end with escaped backslashes, which belong to it.
    return [f"{part}{slashes}" for part, slashes in zip(parts[::2], [*parts[1::2], ""], strict=True)]


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(_meant, text) if "\\" in text else text


def _meant(found: re.Match[str]) -> str:
    char = found[1]
    return "\n" if char in "nN" else char if char in ",;:\\" else found[0]


def _characters(data: bytes, charset: str) -> str:
    """Text in the encoding that is said, else in one of the two that there are."""
    for name in (charset, "utf-8"):
        try:
            return data.decode(name)
        except LookupError, ValueError:
            continue
    return data.decode("cp1252", "replace")


# Writing


def _lines(contact: Contact) -> Iterator[str]:
    yield "BEGIN:VCARD"
    yield "VERSION:3.0"
    yield f"N:{_escaped(contact.last)};{_escaped(contact.first)};;;"
    yield f"FN:{_escaped(name_of(contact))}"
    if contact.company:
        yield f"ORG:{_escaped(contact.company)}"
    for label, number in contact.numbers:
        yield f"TEL;TYPE={_TYPES[label]}:{_escaped(number)}"
    if contact.email:
        yield f"EMAIL;TYPE=INTERNET:{_escaped(contact.email)}"
    if contact.note:
        yield f"NOTE:{_escaped(contact.note)}"
    yield "END:VCARD"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace(",", "\\,").replace(";", "\\;")


def _folded(line: str) -> str:
    """Lines of 75 octets; no character is cut in two."""
    if len(line) * 4 <= _FOLD or len(line.encode()) <= _FOLD:
        return line
    pieces, piece, size = [], "", 0
    for char in line:
        octets = len(char.encode())
        if size + octets > _FOLD:
            pieces.append(piece)
            piece, size = "", 1  # the space before what goes on
        piece += char
        size += octets
    return "\r\n ".join([*pieces, piece])
