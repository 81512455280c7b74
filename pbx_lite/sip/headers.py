"""Typed views of header values: addresses, Via, CSeq, parameters and lists (RFC 3261 sections 20 and 25)."""

import re
from functools import lru_cache

from pbx_lite.errors import ParseError
from pbx_lite.values import dataclass

from .uri import Params, SipUri

_WORD = r"[A-Za-z0-9.!%*_+`'~-]++"
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
# Values may hold more than the grammar allows, as branches in base64 do; only what separates is forbidden.
_PARAM = re.compile(
    rf'[ \t]*+;[ \t]*+(?:({_WORD})[ \t]*+(?:=[ \t]*+({_QUOTED}|[^\s;,"<>\x00-\x1f\x7f]*+)[ \t]*+)?)?', re.DOTALL
)
_ITEM = re.compile(rf'(?:[^",<]++|{_QUOTED}|<[^<>]*+>)++', re.DOTALL)
# Unquoted names hold more than tokens where people wrote them: "Haustür (links)". Commas not: RFC 4475 3.1.2.15.
_BRACKETED = re.compile(
    rf'[ \t]*+(?:({_QUOTED})[ \t]*+|([^"<>,;:\\\x00-\x08\x0a-\x1f\x7f]*+))<([^<>\s"]*+)>[ \t]*+', re.DOTALL
)
_BARE = re.compile(r'[ \t]*+([A-Za-z][A-Za-z0-9+.-]*+:[^\s<>",;?]*+|\*)[ \t]*+')
_VIA = re.compile(
    rf"[ \t]*+({_WORD})[ \t]*+/[ \t]*+({_WORD})[ \t]*+/[ \t]*+({_WORD})[ \t]++"
    r"(\[[0-9A-Fa-f:.]++\]|[A-Za-z0-9_.-]++)[ \t]*+(?::[ \t]*+([0-9]{1,5})[ \t]*+)?"
)
_FIELD = re.compile(rf'[ \t]*+({_WORD})[ \t]*+=[ \t]*+({_QUOTED}|[^\s",<>]*+)[ \t]*+(?:,|\Z)', re.DOTALL)
_CSEQ = re.compile(rf"([0-9]++)[ \t]++({_WORD})")
_ONLY_WORD = re.compile(_WORD)
_SCHEMES = ("sip:", "sips:", "tel:")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_TO_QUOTE = str.maketrans(
    {char: f"\\{char}" for char in ('"', "\\", "\x7f", *map(chr, range(32)))} | {"\r": None, "\n": None, "\t": "\t"}
)


@dataclass(frozen=True, slots=True)
class NameAddr:
    """The value of From, To, Contact, Route and their kind: `"Anna" <sip:anna@home>;tag=1`.

    `display_name` is unquoted, `uri` as written (`*` in a Contact that removes all), `params` have quotes as written.
    """

    display_name: str
    uri: str
    params: Params = ()

    @classmethod
    def parse(cls, text: str) -> NameAddr:
        """Take one value apart. Raise `ParseError`, also for a SIP URI that is none; any other scheme is fine."""
        # Every message of a dialog brings the same two; long ones would only fill the memory.
        return _parse_again(text) if len(text) < 120 else _parse(text)

    def __str__(self) -> str:
        if self.uri == "*":
            return "*"
        name = f"{quote(self.display_name)} " if self.display_name else ""
        return f"{name}<{self.uri}>{join_params(self.params)}"

    def param(self, name: str) -> str | None:
        """Return a parameter's value without quotes, "" for one without value, None where it is absent."""
        return find_param(self.params, name)

    @property
    def tag(self) -> str | None:
        return find_param(self.params, "tag")

    @property
    def expires(self) -> int | None:
        """The seconds of a Contact; None where it says none or nothing readable."""
        value = find_param(self.params, "expires")
        return read_seconds(value) if value else None

    @property
    def sip_uri(self) -> SipUri:
        """The URI taken apart. Raise `ParseError`."""
        return SipUri.parse(self.uri)

    def with_param(self, name: str, value: str | None) -> NameAddr:
        """Return a copy with one parameter set, or removed where None."""
        return NameAddr(self.display_name, self.uri, replace_param(self.params, name, value))

    def with_tag(self, tag: str | None) -> NameAddr:
        return self.with_param("tag", tag)


def _parse(text: str) -> NameAddr:
    if match := _BRACKETED.match(text):
        quoted, plain, uri = match.groups()
        name = unquote(quoted) if quoted else plain.strip()
    elif match := _BARE.match(text):
        name, uri = "", match[1]
    else:
        raise ParseError(f"Not an address: {text[:80]!r}")
    if uri[:5].lower().startswith(_SCHEMES):
        SipUri.parse(uri)
    end = match.end()
    return NameAddr(name, uri, parse_params(text, end) if end < len(text) else ())


_parse_again = lru_cache(maxsize=512)(_parse)


@dataclass(frozen=True, slots=True)
class Via:
    """One hop (RFC 3261 section 20.42). `host` is without the brackets of IPv6; `transport` in upper case."""

    transport: str
    host: str
    port: int | None = None
    params: Params = ()
    protocol: str = "SIP/2.0"

    @classmethod
    def parse(cls, text: str) -> Via:
        """Take one value apart. Raise `ParseError`."""
        match = _VIA.match(text)
        if match is None:
            raise ParseError(f"Not a Via: {text[:80]!r}")
        name, version, transport, host, port = match.groups()
        end = match.end()
        params = parse_params(text, end) if end < len(text) else ()
        if host[0] == "[":
            host = host[1:-1]
        number = None if port is None else int(port)
        if number is not None and not 0 < number < 65536:
            raise ParseError(f"A port out of range: {port}")
        return cls(transport.upper(), host, number, params, f"{name}/{version}".upper())

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        return f"{self.protocol}/{self.transport} {host}{port}{join_params(self.params)}"

    def param(self, name: str) -> str | None:
        """Return a parameter's value without quotes, "" for one without value, None where it is absent."""
        return find_param(self.params, name)

    @property
    def branch(self) -> str:
        """The branch, "" where there is none."""
        return find_param(self.params, "branch") or ""

    @property
    def received(self) -> str | None:
        """The source address that the receiver noted, without brackets (RFC 5118 section 4.5)."""
        value = find_param(self.params, "received")
        return value.strip("[]") if value else None

    @property
    def rport(self) -> int | None:
        """The source port that the receiver noted (RFC 3581); None also where it was only asked for."""
        value = find_param(self.params, "rport")
        return int(value) if value and value.isascii() and value.isdigit() and len(value) < 6 else None

    @property
    def wants_rport(self) -> bool:
        return find_param(self.params, "rport") is not None

    def with_param(self, name: str, value: str | None) -> Via:
        """Return a copy with one parameter set, or removed where None."""
        return Via(self.transport, self.host, self.port, replace_param(self.params, name, value), self.protocol)


@dataclass(frozen=True, slots=True)
class CSeq:
    """RFC 3261 section 20.16: the number is below 2**31."""

    number: int
    method: str

    @classmethod
    def parse(cls, text: str) -> CSeq:
        """Raise `ParseError`."""
        return _parse_cseq(text)

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


@lru_cache(maxsize=256)  # most are one of a dozen
def _parse_cseq(text: str) -> CSeq:
    match = _CSEQ.fullmatch(text)
    if match is None:
        raise ParseError(f"Not a CSeq: {text[:40]!r}")
    return CSeq(parse_number(match[1], below=2**31), match[2])


def parse_number(text: str, *, below: int = 2**32) -> int:
    """Read plain ASCII digits, leading zeros allowed. Raise `ParseError`, also where the number is not `below`."""
    if not (text.isascii() and text.isdigit()):
        raise ParseError(f"Not a number: {text[:40]!r}")
    number = int(text if len(text) <= 10 else text.lstrip("0")[:11] or "0")
    if number >= below:
        raise ParseError(f"A number out of range: {text[:40]!r}")
    return number


def read_seconds(text: str) -> int | None:
    """Read an expiry: at most 2**32 - 1, None for what is no number, so that the default holds (RFC 3261 10.2.1.1)."""
    if not (text.isascii() and text.isdigit()):
        return None
    return int(text) if len(text) <= 10 and int(text) < 2**32 else 2**32 - 1


def split_list(text: str) -> list[str]:
    """Split at commas outside quotes and angle brackets; empty items are left out. Raise `ParseError`."""
    if "," not in text:
        text = text.strip(" \t")
        return [text] if text else []
    items: list[str] = []
    position, end = 0, len(text)
    while position < end:
        if text[position] == ",":
            position += 1
            continue
        match = _ITEM.match(text, position)
        if match is None or (match.end() < end and text[match.end()] != ","):
            raise ParseError(f"Unbalanced quotes or brackets: {text[:80]!r}")
        if item := match[0].strip(" \t"):
            items.append(item)
        position = match.end()
    return items


def parse_params(text: str, position: int = 0) -> Params:
    """Read `;name=value;name` from `position` to the end. Raise `ParseError` for anything else, empty names too.

    One empty parameter at the very end passes: several door stations end their Contact with a semicolon.
    """
    pairs: list[tuple[str, str]] = []
    end = len(text)
    while position < end:
        match = _PARAM.match(text, position)
        if match is None or (match[1] is None and match.end() < end):
            raise ParseError(f"Faulty parameters: {text[:80]!r}")
        if match[1] is not None:
            pairs.append((match[1].lower(), match[2] or ""))
        position = match.end()
    return tuple(pairs)


def join_params(params: Params) -> str:
    """Write parameters as `;name=value;name`."""
    return "".join([f";{name}={value}" if value else f";{name}" for name, value in params])


def find_param(params: Params, name: str) -> str | None:
    """Return the unquoted value of the first parameter of this (lower case) name."""
    for key, value in params:
        if key == name:
            return unquote(value) if value[:1] == '"' else value
    return None


def replace_param(params: Params, name: str, value: str | None) -> Params:
    """Return the parameters with one set in its place (or at the end), or removed where None."""
    if value is None:
        return tuple(pair for pair in params if pair[0] != name)
    if any(key == name for key, _ in params):
        return tuple((key, value if key == name else old) for key, old in params)
    return (*params, (name, value))


def quote(text: str) -> str:
    """Write a quoted-string; line ends, which none can hold, are left out."""
    return f'"{text.translate(_TO_QUOTE)}"'


def unquote(text: str) -> str:
    """Read a quoted-string, or give any other text back as it is."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    text = text[1:-1]
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def parse_credentials(text: str) -> tuple[str, dict[str, str]]:
    """Read `Digest realm="a", qop="auth"` as its scheme (lower case) and its fields. Raise `ParseError`."""
    scheme, _, rest = text.strip(" \t").partition(" ")
    if not is_token(scheme):
        raise ParseError(f"Not a challenge nor credentials: {text[:80]!r}")
    fields: dict[str, str] = {}
    position = 0
    while (match := _FIELD.match(rest, position)) is not None and (name := match[1].lower()) not in fields:
        fields[name] = unquote(match[2])
        position = match.end()
    if position < len(rest):  # unusual, or faulty
        fields = _parse_fields(rest)
    return scheme.lower(), fields


def _parse_fields(rest: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for item in split_list(rest):
        name, equals, value = (part.strip(" \t") for part in item.partition("="))
        is_open = value[:1] == '"' and (len(value) < 2 or value[-1] != '"')
        if not equals or is_open or not is_token(name) or name.lower() in fields:
            raise ParseError(f"Faulty challenge or credentials: {rest[:80]!r}")
        fields[name.lower()] = unquote(value)
    return fields


def is_token(text: str) -> bool:
    """Whether the text is a token of RFC 3261 section 25.1."""
    return _ONLY_WORD.fullmatch(text) is not None


def guard(value: str) -> str:
    """Return a value that may stand in a header. Raise `ParseError` for one that would begin a header of its own."""
    if "\n" in value or "\r" in value:
        raise ParseError("A header value may not hold line breaks")
    return value
