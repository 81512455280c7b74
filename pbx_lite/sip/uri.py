"""SIP, SIPS and tel URIs (RFC 3261 section 19.1, RFC 3966)."""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import quote, unquote_to_bytes

from pbx_lite.errors import ParseError
from pbx_lite.values import dataclass

type Params = tuple[tuple[str, str], ...]
"""Parameters in their order: names in lower case, values as written; a parameter without value has ""."""

_SAFE_IN_USER = "-_.!~*'()&=+$,;?/"
_SAFE_IN_USERINFO = "-_.!~*'()&=+$,"
_SIP = re.compile(
    r"""(?P<scheme>sips?):
    (?:(?P<user>(?:[\w.!~*'()&=+$,;?/#-]++|%[0-9a-f]{2})++)(?::(?P<password>(?:[\w.!~*'()&=+$,-]++|%[0-9a-f]{2})*+))?@)?
    (?P<host>[a-z0-9_.-]++|\[[0-9a-f:.]++\])
    (?::(?P<port>[0-9]{1,5}))?
    (?P<params>(?:;[^;?\s"<>@\x00-\x1f\x7f]++)*+)
    (?:\?(?P<headers>[^\s"<>@\x00-\x1f\x7f]*+))?""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_TEL = re.compile(r"""tel:(?P<number>[0-9a-f*#+().\-]++)(?P<params>(?:;[^;?\s"<>@\x00-\x1f\x7f]++)*+)""", re.IGNORECASE)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_MUST_AGREE = ("user", "ttl", "method", "maddr", "transport")


@dataclass(frozen=True, slots=True, eq=False)
class SipUri:
    """A URI taken apart. `user` and `password` are unescaped, `host` is without the brackets of IPv6.

    A tel URI has its number in `user` and an empty `host`. Two URIs are equal by RFC 3261 section 19.1.4.
    """

    scheme: str = "sip"
    user: str = ""
    password: str = ""
    host: str = ""
    port: int | None = None
    params: Params = ()
    headers: Params = ()

    @classmethod
    def parse(cls, text: str) -> SipUri:
        """Raise `ParseError`: 416 for a scheme that is not ours, else 400."""
        # The same few URIs come again and again; long ones would only fill the memory.
        return _parse_again(text) if len(text) < 100 else _parse(text)

    def __str__(self) -> str:
        if self.scheme == "tel":
            return f"tel:{self.user}{_join_params(self.params)}"
        text = f"{self.scheme}:"
        if self.user:
            text += quote(self.user, safe=_SAFE_IN_USER)
            if self.password:
                text += ":" + quote(self.password, safe=_SAFE_IN_USERINFO)
            text += "@"
        text += f"[{self.host}]" if ":" in self.host else self.host
        if self.port is not None:
            text += f":{self.port}"
        text += _join_params(self.params)
        if self.headers:
            text += "?" + "&".join(f"{name}={value}" for name, value in self.headers)
        return text

    def param(self, name: str) -> str | None:
        """Return the parameter's value, "" for one without value, None where it is absent."""
        return next((value for key, value in self.params if key == name), None)

    @property
    def transport(self) -> str | None:
        """The transport parameter in lower case."""
        value = self.param("transport")
        return value.lower() if value else None

    @property
    def lr(self) -> bool:
        """Whether the URI is of a loose router (RFC 3261 section 19.1.1)."""
        return any(key == "lr" for key, _ in self.params)

    @property
    def maddr(self) -> str | None:
        return self.param("maddr")

    def with_params(self, **params: str | None) -> SipUri:
        """Return a copy with these parameters set, or removed where None."""
        kept = tuple(pair for pair in self.params if pair[0] not in params)
        added = tuple((name, value) for name, value in params.items() if value is not None)
        return SipUri(self.scheme, self.user, self.password, self.host, self.port, kept + added, self.headers)

    def aor(self) -> str:
        """Return the address of record: scheme, user and host alone (RFC 3261 section 10.3)."""
        return str(SipUri(self.scheme, self.user, "", self.host))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SipUri):
            return NotImplemented
        if (self.scheme, self.user, self.password, self.port) != (other.scheme, other.user, other.password, other.port):
            return False
        if self.host.lower() != other.host.lower():
            return False
        mine, theirs = dict(_folded(self.params)), dict(_folded(other.params))
        if any(mine.get(name) != theirs.get(name) for name in _MUST_AGREE):
            return False
        if any(theirs[name] != value for name, value in mine.items() if name in theirs):
            return False
        return sorted(_folded(self.headers)) == sorted(_folded(other.headers))

    def __hash__(self) -> int:
        return hash((self.scheme, self.user, self.password, self.host.lower(), self.port))


def _parse(text: str) -> SipUri:
    match = _SIP.fullmatch(text)
    if match is None:
        return _parse_tel(text)
    scheme, user, password, host, port, params, headers = match.groups()
    if port is not None and not 0 < int(port) < 65536:
        raise ParseError(f"A port out of range: {port}")
    return SipUri(
        scheme.lower(),
        unescape(user) if user else "",
        unescape(password) if password else "",
        _ipv6(host[1:-1]) if host[0] == "[" else host.lower(),
        int(port) if port is not None else None,
        parse_params(params) if params else (),
        _parse_headers(headers) if headers else (),
    )


def _parse_tel(text: str) -> SipUri:
    if match := _TEL.fullmatch(text):
        return SipUri("tel", match["number"], params=parse_params(match["params"]))
    scheme = _SCHEME.match(text)
    if scheme and scheme[1].lower() not in {"sip", "sips", "tel"}:
        raise ParseError(f"The scheme of a URI is not supported: {scheme[1][:40]!r}", 416)
    raise ParseError(f"Not a SIP URI: {text[:80]!r}")


_parse_again = lru_cache(maxsize=8192)(_parse)


def unescape(text: str) -> str:
    """Undo %XX escapes; bytes that are not UTF-8 are read as Latin-1, so that different escapes stay different."""
    if "%" not in text:
        return text
    raw = unquote_to_bytes(text)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def parse_params(text: str) -> Params:
    """Take `;name=value;name` apart. Raise `ParseError` for an empty or doubled name."""
    pairs = []
    seen = set()
    for part in text.split(";")[1:]:
        name, _, value = part.partition("=")
        name = name.lower()
        if not name or name in seen or _ESCAPE.search(part):
            raise ParseError(f"Faulty URI parameters: {text[:80]!r}")
        seen.add(name)
        pairs.append((name, value))
    return tuple(pairs)


def _parse_headers(text: str) -> Params:
    if _ESCAPE.search(text):
        raise ParseError(f"A faulty escape in the headers of a URI: {text[:80]!r}")
    pairs = []
    for part in text.split("&"):
        name, equals, value = part.partition("=")
        if not name or not equals:
            raise ParseError(f"Faulty headers in a URI: {text[:80]!r}")
        pairs.append((name.lower(), value))
    return tuple(pairs)


def _join_params(params: Params) -> str:
    return "".join(f";{name}={value}" if value else f";{name}" for name, value in params)


def _folded(pairs: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return ((name, unescape(value).lower()) for name, value in pairs)


def _ipv6(text: str) -> str:
    """Normalise; the grammar of RFC 3261 allowed a colon too many before IPv4 (RFC 5118 section 4.10)."""
    if "." in text:
        text = text.replace(":::", "::")
    try:
        return IPv6Address(text).compressed
    except AddressValueError as error:
        raise ParseError(f"Not an IPv6 address: {text[:60]!r}") from error
