"""SIP messages: bytes in, requests and responses out, and back (RFC 3261 sections 7 and 8).

`parse` takes the message apart into lines; what the lines say is read when asked for. A request whose faults leave it
answerable is returned, and `check` raises what to answer.
"""

import re
from collections.abc import Iterable
from typing import NoReturn

from pbx_lite.errors import ParseError

from .header_map import Headers
from .headers import CSeq, NameAddr, Via, guard, is_token, parse_number, read_seconds
from .reasons import REASONS
from .uri import SipUri

__all__ = [
    "MAX_HEADERS",
    "MAX_MESSAGE",
    "MAX_SEPARATORS",
    "REASONS",
    "Headers",
    "Request",
    "Response",
    "SipMessage",
    "check",
    "frame_length",
    "parse",
    "response",
]

MAX_MESSAGE = 65536
MAX_HEADERS = 256
# Commas and semicolons in all headers: far beyond what is ever sent, and no datagram costs more than milliseconds.
MAX_SEPARATORS = 1000

_FOLD = re.compile(r"\r\n[ \t]++")
_END = b"\r\n\r\n"
_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6][0-9]{2}) (.*)", re.IGNORECASE | re.DOTALL)
_VERSION = re.compile(r"SIP/[0-9]+\.[0-9]+", re.IGNORECASE)
_MANDATORY = frozenset({"Via", "From", "To", "Call-ID", "CSeq"})
_RETURNED = ("Via", "From", "To", "Call-ID", "CSeq", "Record-Route")
_NONE: frozenset[str] = frozenset()


class _Message:
    """What requests and responses share. Each property raises `ParseError` where its header is faulty."""

    __slots__ = ("body", "headers")

    def __init__(self, headers: Headers | Iterable[tuple[str, object]], body: bytes) -> None:
        self.headers = headers if isinstance(headers, Headers) else Headers(headers)
        self.body = body

    @property
    def via(self) -> Via:
        """The top Via."""
        return self.headers.views.get("Via") or self.headers.view("Via", Via.parse) or _missing("Via")

    @property
    def vias(self) -> list[Via]:
        values = self.headers.all("via")
        return [self.via] if len(values) == 1 else [Via.parse(value) for value in values]

    @property
    def cseq(self) -> CSeq:
        return self.headers.views.get("CSeq") or self.headers.view("CSeq", CSeq.parse) or _missing("CSeq")

    @property
    def call_id(self) -> str:
        return self.headers.views.get("Call-ID") or self.headers.view("Call-ID", str) or _missing("Call-ID")

    @property
    def from_(self) -> NameAddr:
        return self.headers.views.get("From") or self.headers.view("From", NameAddr.parse) or _missing("From")

    @property
    def to(self) -> NameAddr:
        return self.headers.views.get("To") or self.headers.view("To", NameAddr.parse) or _missing("To")

    @property
    def contact(self) -> NameAddr | None:
        """The first Contact, if any."""
        return self.headers.views.get("Contact") or self.headers.view("Contact", NameAddr.parse)

    @property
    def contacts(self) -> list[NameAddr]:
        values = self.headers.all("contact")
        if len(values) == 1 and (only := self.contact) is not None:
            return [only]
        return [NameAddr.parse(value) for value in values]

    @property
    def routes(self) -> list[NameAddr]:
        return [NameAddr.parse(value) for value in self.headers.all("route")]

    @property
    def record_routes(self) -> list[NameAddr]:
        return [NameAddr.parse(value) for value in self.headers.all("record-route")]

    @property
    def max_forwards(self) -> int | None:
        return self.headers.views.get("Max-Forwards") or self.headers.view("Max-Forwards", parse_number)

    @property
    def expires(self) -> int | None:
        """Seconds, at most 2**32 - 1; None also for a value that is no number (RFC 3261 section 10.2.1.1)."""
        value = self.headers.get("expires")
        return read_seconds(value) if value is not None else None

    @property
    def content_type(self) -> str:
        """The media type in lower case without parameters, "" where there is none."""
        value = self.headers.get("content-type")
        return value.partition(";")[0].strip(" \t").lower() if value else ""

    def tokens(self, name: str) -> frozenset[str]:
        """The items of Require, Supported, Allow and their kind, as written but for parameters."""
        items = self.headers.all(name)
        return frozenset([item.partition(";")[0].strip(" \t") for item in items]) if items else _NONE

    def _encode(self, start: str) -> bytes:
        text = f"{guard(start)}\r\n{self.headers.encode(len(self.body))}\r\n\r\n"
        return text.encode("utf-8", "replace") + self.body


class Request(_Message):
    """A request. `version` and `fault` are of interest to `check` alone."""

    __slots__ = ("fault", "method", "uri", "version")

    def __init__(
        self, method: str, uri: str, headers: Headers | Iterable[tuple[str, object]] = (), body: bytes = b""
    ) -> None:
        super().__init__(headers, body)
        self.method = method
        self.uri = uri
        self.version = "SIP/2.0"
        self.fault: ParseError | None = None

    def encode(self) -> bytes:
        """Write the message; Content-Length is always that of the body. Raise `ParseError` for a line break inside."""
        return self._encode(f"{self.method} {self.uri} {self.version}")

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.uri}>"


class Response(_Message):
    __slots__ = ("reason", "status")

    def __init__(
        self,
        status: int,
        reason: str | None = None,
        headers: Headers | Iterable[tuple[str, object]] = (),
        body: bytes = b"",
    ) -> None:
        super().__init__(headers, body)
        self.status = status
        self.reason = REASONS.get(status, "") if reason is None else reason

    def encode(self) -> bytes:
        """Write the message; Content-Length is always that of the body. Raise `ParseError` for a line break inside."""
        return self._encode(f"SIP/2.0 {self.status} {self.reason}")

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.reason}>"


type SipMessage = Request | Response


def parse(data: bytes, *, stream: bool = False) -> SipMessage:
    """Read one message: a datagram, or what `frame_length` cut out of a stream. Raise `ParseError` alone.

    What is raised is not worth an answer: no SIP at all, or a faulty response. A request with faults comes back, for
    `check` to raise them. In datagrams, bytes beyond Content-Length are cut off (RFC 3261 section 18.3).
    """
    if len(data) > MAX_MESSAGE:
        raise ParseError("The message is too large", 513)
    data = data.lstrip(b"\r\n")
    end = data.find(_END)
    if end < 0:
        raise ParseError("The headers do not end")
    lines = _lines(data[:end])
    start = lines[0]
    message = _parse_status_line(start) if start[:4].upper() == "SIP/" else _parse_request_line(start)
    message.headers, fault = Headers.read(lines[1:])
    fault = fault or _parse_body(message, data[end + 4 :], stream)
    if isinstance(message, Request):
        message.fault = message.fault or fault
        return message
    if fault is not None:
        raise fault
    _check_fields(message)
    return message


def frame_length(buffer: bytes | bytearray) -> int | None:
    """Return how many bytes of a stream the first message takes, None while it is incomplete (RFC 3261 section 18.3).

    The buffer must not begin with keep-alive line ends. Raise `ParseError` where the stream cannot be followed any
    further: headers without end, no or a faulty Content-Length, a message too large.
    """
    end = buffer.find(_END, 0, MAX_MESSAGE)
    if end < 0:
        if len(buffer) >= MAX_MESSAGE:
            raise ParseError("The headers do not end", 513)
        return None
    headers, _ = Headers.read(_lines(bytes(buffer[:end]))[1:])
    lengths = {parse_number(value) for value in headers.all("content-length")}
    if len(lengths) != 1:
        raise ParseError("A message in a stream needs one Content-Length")
    total = end + 4 + lengths.pop()
    if total > MAX_MESSAGE:
        raise ParseError("The message is too large", 513)
    return total if len(buffer) >= total else None


def check(request: Request) -> None:
    """Raise `ParseError` with the status to answer where a request must be refused (RFC 3261 section 8.2, RFC 4475).

    After it, the properties of the message, its lists and the URIs in its addresses can be read without fear.
    """
    if request.version.upper() != "SIP/2.0":
        raise ParseError(f"Version not supported: {request.version[:20]}", 505)
    if request.fault is not None:
        raise request.fault
    if SipUri.parse(request.uri).headers:
        raise ParseError("A Request-URI with headers")
    _check_fields(request)
    if request.cseq.method != request.method:
        raise ParseError("CSeq names another method")
    if request.via.branch == "z9hG4bK":
        raise ParseError("A branch that is the magic cookie alone")
    if (hops := request.max_forwards) is not None and hops > 255:
        raise ParseError("Max-Forwards out of range")


def response(
    request: Request,
    status: int,
    reason: str | None = None,
    *,
    to_tag: str | None = None,
    headers: Iterable[tuple[str, object]] = (),
    body: bytes = b"",
) -> Response:
    """Build an answer as RFC 3261 section 8.2.6 says: Via, From, To, Call-ID, CSeq and Record-Route are the request's.

    `to_tag` is added where To has none. Works for faulty requests too, as far as they go.
    """
    answer = Response(status, reason, body=body)
    theirs, ours = request.headers, answer.headers
    ours.take(theirs, _RETURNED)
    if to_tag and status > 100 and not _has_tag(request):
        ours.set("To", f"{ours.get('to') or ''};tag={to_tag}")
    if status == 100 and (stamp := theirs.get("timestamp")):
        ours.add("Timestamp", stamp)
    for name, value in headers:
        ours.add(name, value)
    return answer


def _lines(head: bytes) -> list[str]:
    """Decode and unfold. Text that is not UTF-8 is taken as Latin-1, as older door stations send it."""
    try:
        text = head.decode()
    except UnicodeDecodeError:
        text = head.decode("latin-1")
    if "\r\n " in text or "\r\n\t" in text:
        text = _FOLD.sub(" ", text)
    lines = text.split("\r\n")
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
        raise ParseError("Line ends that are not CR LF")
    if len(lines) > MAX_HEADERS + 1:
        raise ParseError("Too many headers", 513)
    if text.count(",") + text.count(";") > MAX_SEPARATORS:
        raise ParseError("Too many values and parameters", 513)
    return lines


def _parse_status_line(line: str) -> Response:
    match = _STATUS_LINE.fullmatch(line)
    if match is None:
        raise ParseError(f"Not a status line: {line[:80]!r}")
    return Response(int(match[1]), match[2])


def _parse_request_line(line: str) -> Request:
    parts = line.split(" ")
    if len(parts) == 3 and parts[2] == "SIP/2.0" and parts[0] and parts[1]:
        request = Request(parts[0], parts[1])
        if not (parts[0].isascii() and parts[0].isalpha()) and not is_token(parts[0]):
            request.fault = ParseError("A method that is not a token")
        return request
    words = line.split()
    if len(words) < 3 or not _VERSION.fullmatch(words[-1]) or not is_token(words[0]):
        raise ParseError(f"Not a request line: {line[:80]!r}")
    request = Request(words[0], " ".join(words[1:-1]))
    request.version = words[-1]
    if len(parts) != 3:
        request.fault = ParseError("Stray white space in the request line")
    return request


def _parse_body(message: Request | Response, rest: bytes, stream: bool) -> ParseError | None:
    message.body = rest
    try:
        value = message.headers.get("content-length")
        if value is None:
            return ParseError("A message in a stream needs a Content-Length") if stream else None
        length = parse_number(value)
    except ParseError as error:
        return error
    if length > len(rest):
        return ParseError("The body is shorter than Content-Length")
    message.body = rest[:length]
    return None


def _check_fields(message: Request | Response) -> None:
    """Raise `ParseError` for what requests and responses may both be missing or have wrong."""
    headers = message.headers
    names = headers.names
    if not names >= _MANDATORY:
        _missing(min(_MANDATORY - names))
    call_id = message.call_id
    if " " in call_id or not call_id.isprintable():
        raise ParseError("Faulty Call-ID")
    headers.check_lists()
    for via in message.vias or _missing("Via"):
        if via.protocol != "SIP/2.0":
            raise ParseError("Via names another protocol")
    _ = message.cseq, message.from_, message.to
    if "Contact" in names:
        _ = message.contacts
    if "Route" in names:
        _ = message.routes
    if "Record-Route" in names:
        _ = message.record_routes


def _has_tag(request: Request) -> bool:
    try:
        return request.to.tag is not None
    except ParseError:
        return False


def _missing(name: str) -> NoReturn:
    raise ParseError(f"Missing {name}")
