"""Who calls, as SIP says it: From, P-Asserted-Identity, Privacy and Diversion, written and read.

What a caller says of itself is shown only where nobody better is asked: a trusted side, such as a trunk, asserts its
callers (RFC 3325); from everybody else those headers are not read, and to them they are not sent.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal

from pbx_lite.calls.party import ANONYMOUS, Party
from pbx_lite.errors import ParseError
from pbx_lite.sip.headers import NameAddr, split_list
from pbx_lite.sip.message import Request
from pbx_lite.sip.uri import SipUri
from pbx_lite.values import dataclass

LONGEST_NUMBER = 64
LONGEST_NAME = 64
MOST_READ = 10
ANONYMOUS_FROM = NameAddr("Anonymous", "sip:anonymous@anonymous.invalid")
"""RFC 3323 section 4.1.1.3."""

type Assertion = Literal["P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID"]
type Source = Literal["p-asserted-identity", "p-preferred-identity", "remote-party-id", "from"]

SOURCES: tuple[Source, ...] = ("p-asserted-identity", "p-preferred-identity", "remote-party-id", "from")
"""Where a trusted side tells its caller, best first."""

_NOBODY = frozenset({"anonymous", "unknown", "unavailable", "restricted", "private", "withheld", "anonym"})
_PRIVATE = frozenset({"id", "user", "header", "full"})
_SEPARATORS = str.maketrans("", "", " -.()/")
_DIALLABLE = re.compile(r"\+?[0-9*#]+")
_CAUSES = {
    "unconditional": 302,
    "user-busy": 486,
    "no-answer": 408,
    "deflection": 480,
    "unavailable": 503,
    "unknown": 404,
}
"""RFC 5806's reasons as the cause of a History-Info entry (RFC 4458)."""


@dataclass(frozen=True, slots=True)
class Introduction:
    """How an INVITE of ours says who calls."""

    from_: NameAddr
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How one line wants its callers told.

    `asserts` is the header for the caller's identity, None for From alone; `trusted` lines get it for private callers
    too, with Privacy.  `anonymous_host` replaces `anonymous.invalid` where a provider wants its own domain there;
    `history` adds History-Info to Diversion.
    """

    asserts: Assertion | None = None
    trusted: bool = False
    anonymous_host: str = ""
    history: bool = False


PLAIN = Manner()
"""For phones and everybody else who is not trusted: From alone, and nobody's number where it is private."""
TRUSTED = Manner(asserts="P-Asserted-Identity", trusted=True)


def introduce(
    caller: Party,
    host: str,
    manner: Manner = PLAIN,
    *,
    diverted: Iterable[str] = (),
    reason: str = "unconditional",
    target: str = "",
) -> Introduction:
    """From and further headers of an INVITE of `caller`, whose number is at `host`.

    `diverted` are the numbers that passed the call on, what was dialled first, `reason` the last one's (RFC 5806), and
    `target` the number that is called now.  Whatever the caller is called: lines and lengths stay within bounds.
    """
    identity = NameAddr(_clean_name(caller.name), str(SipUri(user=caller.number[:LONGEST_NUMBER], host=host)))
    headers: list[tuple[str, str]] = []
    from_ = identity
    if caller.private:
        from_ = ANONYMOUS_FROM
        if manner.anonymous_host:
            from_ = replace(from_, uri=str(SipUri(user="anonymous", host=manner.anonymous_host)))
        headers.append(("Privacy", "id"))
    if manner.asserts is not None and (manner.trusted or not caller.private) and caller.number != ANONYMOUS.number:
        headers.append(_assertion(manner.asserts, identity, private=caller.private))
    if passed := tuple(diverted):
        headers += _diversions(passed, host, reason)
        if manner.history:
            headers += _history((*passed, target), host, reason)
    return Introduction(from_, tuple(headers))


def caller_of(request: Request, *, trusted: bool, trunk: str = "", sources: Iterable[Source] = SOURCES) -> Party:
    """The caller of an INVITE: from a trusted side the first of `sources` that names one, else From alone.

    Who wants to be nobody is: the number is forgotten here and reaches no display and no journal.
    """
    if is_private(request):
        return replace(ANONYMOUS, trunk=trunk)
    named = _from(request)
    for source in sources if trusted else ("from",):
        if source != "from" and source not in request.headers:
            continue
        for address in _stated(request, source):
            number = number_of(address)
            if not number:
                continue
            if number.lower() in _NOBODY:
                return replace(ANONYMOUS, trunk=trunk)
            name = _clean_name(address.display_name)
            if not name and named is not None and number_of(named) == number:
                name = _clean_name(named.display_name)
            return Party(number=number, name="" if _bare(name) == _bare(number) else name, trunk=trunk)
    return replace(ANONYMOUS, trunk=trunk)


def is_private(request: Request) -> bool:
    """Whether the caller wants to be told to nobody: Privacy, an anonymous From, or the privacy of Remote-Party-ID."""
    wanted = (request.headers.get("privacy") or "").lower()
    if wanted and not _PRIVATE.isdisjoint(wanted.replace(",", ";").replace(" ", "").split(";")):
        return True
    address = _from(request)
    if address is None:
        return True
    try:
        uri = address.sip_uri
    except ParseError:
        return False
    if uri.host == "anonymous.invalid" or uri.user.lower() in _NOBODY:
        # Providers that withhold From may still assert the caller to those they trust; then Privacy says so too.
        return not any(name in request.headers for name in SOURCES[:2])
    return any((each.param("privacy") or "off").lower() not in {"off", "no", "none"} for each in _remote_party(request))


def diverted_by(request: Request) -> tuple[str, ...]:
    """The numbers that passed this call on before it came to us, the first one first."""
    numbers = [number_of(each) for each in _addresses(request, "diversion")][::-1]
    if not numbers:
        entries = _addresses(request, "history-info")[:-1]  # the last one is where it goes now: we
        numbers = [number_of(each) for each in entries]
    return tuple(number for number in numbers if number)


def number_of(address: NameAddr) -> str:
    """The number or name in a SIP or tel URI, without what only eyes need; empty where there is none, or a huge one."""
    try:
        user = address.sip_uri.user.partition(";")[0]
    except ParseError:
        return ""
    plain = user.translate(_SEPARATORS)
    if _DIALLABLE.fullmatch(plain):
        user = plain
    return user if 0 < len(user) <= LONGEST_NUMBER and user.isprintable() else ""


def _stated(request: Request, source: Source) -> Iterator[NameAddr]:
    if source == "from":
        if (address := _from(request)) is not None:
            yield address
    elif source == "remote-party-id":
        yield from _remote_party(request)
    else:
        yield from _addresses(request, source)


def _from(request: Request) -> NameAddr | None:
    try:
        return request.from_
    except ParseError:
        return None


def _addresses(request: Request, name: str) -> list[NameAddr]:
    """The readable values of a header that is a list."""
    try:
        values = request.headers.all(name)
    except ParseError:
        return []
    return list(_read(values[:MOST_READ]))


def _remote_party(request: Request) -> list[NameAddr]:
    """The calling parties of the old draft's header, which is a list although few know."""
    try:
        values = [value for line in request.headers.all("remote-party-id") for value in split_list(line)]
    except ParseError:
        return []
    return [each for each in _read(values[:MOST_READ]) if (each.param("party") or "calling").lower() == "calling"]


def _read(values: Iterable[str]) -> Iterator[NameAddr]:
    for value in values:
        try:
            yield NameAddr.parse(value)
        except ParseError:
            continue


def _assertion(name: Assertion, identity: NameAddr, *, private: bool) -> tuple[str, str]:
    if name == "Remote-Party-ID":
        return name, f"{identity};party=calling;screen=yes;privacy={'full' if private else 'off'}"
    return name, str(identity)


def _diversions(passed: tuple[str, ...], host: str, reason: str) -> list[tuple[str, str]]:
    """RFC 5806: who passed it on last stands first."""
    reasons = [*("unconditional" for _ in passed[1:]), reason]
    return [
        ("Diversion", f"<{SipUri(user=number[:LONGEST_NUMBER], host=host)}>;reason={why};counter=1")
        for number, why in reversed(list(zip(passed, reasons, strict=True)))
    ]


def _history(numbers: tuple[str, ...], host: str, reason: str) -> list[tuple[str, str]]:
    """RFC 7044: the way of the call, the first target first; `cause` stands in what a target was passed on to."""
    headers = []
    index = ""
    for position, number in enumerate(numbers):
        uri = SipUri(user=number[:LONGEST_NUMBER], host=host)
        index = f"{index}.1" if index else "1"
        if position:
            cause = _CAUSES.get(reason if position == len(numbers) - 1 else "unconditional", 404)
            uri = uri.with_params(cause=str(cause))
        moved = f";mp={index.rpartition('.')[0]}" if position else ""
        headers.append(("History-Info", f"<{uri}>;index={index}{moved}"))
    return headers


def _clean_name(name: str) -> str:
    """A display name without what no display can show: control characters, and marks that turn its direction."""
    if not name.isascii() or not name.isprintable():
        name = "".join(char for char in name if unicodedata.category(char)[0] != "C")
    return " ".join(name.split())[:LONGEST_NAME].rstrip()


def _bare(text: str) -> str:
    return text.translate(_SEPARATORS)
