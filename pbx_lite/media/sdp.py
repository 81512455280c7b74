"""Session descriptions (RFC 4566, 4585 for feedback, 3605 and 5761 for RTCP): read generously, written strictly.

Who may say what to whom is `negotiation`.  `parse` raises `MediaError` and nothing else, for any bytes.
"""

from collections.abc import Iterable
from dataclasses import field

from pbx_lite.errors import MediaError
from pbx_lite.media import srtp
from pbx_lite.media.srtp import Crypto
from pbx_lite.values import dataclass

MAX_SIZE = 64 * 1024
MAX_MEDIA = 16
MAX_FORMATS = 64
DIRECTIONS = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})
RTP_PROFILES = frozenset({"RTP/AVP", "RTP/AVPF"})
SECURE_PROFILES = frozenset({"RTP/SAVP", "RTP/SAVPF"})

_STATIC = {  # RFC 3551 table 4 and 5: formats that need no rtpmap
    0: ("PCMU", 8000, 1),
    3: ("GSM", 8000, 1),
    4: ("G723", 8000, 1),
    8: ("PCMA", 8000, 1),
    9: ("G722", 8000, 1),
    13: ("CN", 8000, 1),
    18: ("G729", 8000, 1),
    26: ("JPEG", 90000, 1),
    31: ("H261", 90000, 1),
    34: ("H263", 90000, 1),
}


@dataclass(frozen=True, slots=True)
class Format:
    """One payload type of an m-line with its rtpmap, fmtp and rtcp-fb; `feedback` holds such as `nack pli`."""

    payload_type: int
    name: str
    clock_rate: int
    channels: int = 1
    fmtp: str = ""
    feedback: tuple[str, ...] = ()

    def parameter(self, name: str) -> str | None:
        """A `name=value` of the fmtp, whatever its case and spacing."""
        for part in self.fmtp.split(";"):
            key, equals, value = part.partition("=")
            if equals and key.strip().lower() == name:
                return value.strip()
        return None


@dataclass(frozen=True, slots=True)
class Media:
    """One m-line.  `host` is empty where the session's applies; port 0 says refused."""

    kind: str
    port: int
    protocol: str = "RTP/AVP"
    formats: tuple[Format, ...] = ()
    host: str = ""
    direction: str = "sendrecv"
    rtcp_port: int = 0
    rtcp_mux: bool = False
    ptime: int = 0
    maxptime: int = 0
    crypto: tuple[Crypto, ...] = ()
    raw_formats: str = ""

    def refused(self) -> Media:
        """The same line with port 0, as an answer must echo it (RFC 3264 section 6)."""
        return Media(self.kind, 0, self.protocol, raw_formats=self.raw_formats or self._format_list())

    def _format_list(self) -> str:
        return " ".join(str(form.payload_type) for form in self.formats)

    def lines(self) -> Iterable[str]:
        yield f"m={self.kind} {self.port} {self.protocol} {self.raw_formats or self._format_list() or '0'}"
        if not self.port:
            return
        if self.host:
            yield f"c={_connection(self.host)}"
        if self.rtcp_port and self.rtcp_port != self.port + 1:
            yield f"a=rtcp:{self.rtcp_port}"
        for form in self.formats:
            channels = f"/{form.channels}" if form.channels > 1 else ""
            yield f"a=rtpmap:{form.payload_type} {form.name}/{form.clock_rate}{channels}"
            if form.fmtp:
                yield f"a=fmtp:{form.payload_type} {form.fmtp}"
            for feedback in form.feedback:
                yield f"a=rtcp-fb:{form.payload_type} {feedback}"
        for crypto in self.crypto:
            yield f"a=crypto:{crypto.encode()}"
        if self.ptime:
            yield f"a=ptime:{self.ptime}"
        if self.maxptime:
            yield f"a=maxptime:{self.maxptime}"
        if self.rtcp_mux:
            yield "a=rtcp-mux"
        yield f"a={self.direction}"


@dataclass(frozen=True, slots=True)
class Description:
    """A whole session description; `host` is the session's connection address, empty if it gives none."""

    media: tuple[Media, ...]
    host: str
    session_id: int = 0
    version: int = 0

    def host_of(self, media: Media) -> str:
        return media.host or self.host

    def encode(self) -> bytes:
        where = _connection(self.host)
        lines = ["v=0", f"o=- {self.session_id} {self.version} {where}", "s=-", f"c={where}", "t=0 0"]
        for media in self.media:
            lines.extend(media.lines())
        return "\r\n".join((*lines, "")).encode()


def parse(data: bytes) -> Description:
    """Read a description; what is unknown is skipped, what makes no sense raises MediaError."""
    if len(data) > MAX_SIZE:
        raise MediaError("The session description is too large")
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").lstrip()
    if not text.startswith("v="):
        raise MediaError("Not a session description")
    reader = _Reader()
    for line in text.split("\n"):
        if line[1:2] == "=":
            reader.read(line[0], line[2:].strip())
    return reader.description()


@dataclass(slots=True)
class _OpenMedia:
    """An m-line whose attributes are still coming."""

    kind: str
    port: int
    protocol: str
    raw_formats: str
    payload_types: list[int]
    direction: str
    host: str = ""
    rtcp_port: int = 0
    rtcp_mux: bool = False
    ptime: int = 0
    maxptime: int = 0
    crypto: tuple[Crypto, ...] = ()
    rtpmaps: dict[int, tuple[str, int, int]] = field(default_factory=dict)
    fmtps: dict[int, str] = field(default_factory=dict)
    feedback: dict[int | None, list[str]] = field(default_factory=dict)

    def closed(self) -> Media:
        formats = []
        for number in self.payload_types:
            known = self.rtpmaps.get(number) or _STATIC.get(number)
            if known is not None:
                feedback = (*self.feedback.get(None, ()), *self.feedback.get(number, ())) if self.feedback else ()
                formats.append(Format(number, *known, fmtp=self.fmtps.get(number, ""), feedback=feedback))
        return Media(
            self.kind,
            self.port,
            self.protocol,
            tuple(formats),
            self.host,
            self.direction,
            self.rtcp_port,
            self.rtcp_mux,
            self.ptime,
            self.maxptime,
            self.crypto,
            self.raw_formats,
        )


class _Reader:
    def __init__(self) -> None:
        self._host = ""
        self._direction = "sendrecv"
        self._session_id = 0
        self._version = 0
        self._open: list[_OpenMedia] = []

    def description(self) -> Description:
        media = tuple(entry.closed() for entry in self._open)
        return Description(media, self._host, self._session_id, self._version)

    def read(self, kind: str, value: str) -> None:
        if kind == "m":
            self._media(value)
        elif kind == "c":
            self._connection(value)
        elif kind == "a":
            name, _, rest = value.partition(":")
            self._attribute(name.strip().lower(), rest.strip())
        elif kind == "o" and not self._open:
            parts = value.split()
            if len(parts) >= 3:
                self._session_id, self._version = _number(parts[1]) or 0, _number(parts[2]) or 0

    def _media(self, value: str) -> None:
        parts = value.split()
        if len(parts) < 3 or len(self._open) >= MAX_MEDIA:
            raise MediaError("A session description with a faulty m-line")
        port = _number(parts[1].partition("/")[0])
        if port is None or port > 65535:
            raise MediaError("A session description with a faulty port")
        numbers = [number for part in parts[3 : 3 + MAX_FORMATS] if (number := _number(part)) is not None]
        known = [number for number in dict.fromkeys(numbers) if number < 128]
        self._open.append(
            _OpenMedia(parts[0].lower(), port, parts[2], " ".join(parts[3:]), known, direction=self._direction)
        )

    def _connection(self, value: str) -> None:
        parts = value.split()
        if len(parts) < 3:
            return
        host = parts[2].partition("/")[0]
        if self._open:
            self._open[-1].host = host
        else:
            self._host = host

    def _attribute(self, name: str, value: str) -> None:
        if name in DIRECTIONS:
            self._turn(name)
        if not self._open:
            return
        entry = self._open[-1]
        head, _, rest = value.partition(" ")
        number = _number(head)
        if name == "rtpmap" and number is not None:
            if (mapped := _rtpmap(rest)) is not None:
                entry.rtpmaps[number] = mapped
        elif name == "fmtp" and number is not None:
            entry.fmtps[number] = rest.strip()
        elif name == "rtcp-fb" and (number is not None or head == "*"):
            feedback = entry.feedback.setdefault(number, [])
            if len(feedback) < 16:
                feedback.append(" ".join(rest.lower().split()))
        elif name == "rtcp" and number is not None and number < 65536:
            entry.rtcp_port = number
        else:
            _describe(entry, name, value, number)

    def _turn(self, direction: str) -> None:
        if self._open:
            self._open[-1].direction = direction
        else:
            self._direction = direction


def _describe(entry: _OpenMedia, name: str, value: str, number: int | None) -> None:
    """What is said of a whole m-line."""
    if name == "rtcp-mux":
        entry.rtcp_mux = True
    elif name == "ptime" and number is not None and number <= 200:
        entry.ptime = number
    elif name == "maxptime" and number is not None and 10 <= number <= 200:
        entry.maxptime = number
    elif name == "crypto" and len(entry.crypto) < srtp.MOST and (crypto := srtp.parse(value)) is not None:
        entry.crypto = (*entry.crypto, crypto)


def _rtpmap(value: str) -> tuple[str, int, int] | None:
    parts = value.strip().split("/")
    rate = _number(parts[1]) if len(parts) > 1 else None
    if not parts[0] or not rate or rate > 1_000_000:
        return None
    channels = _number(parts[2]) if len(parts) > 2 else None
    return parts[0], rate, min(channels or 1, 8)


def _number(text: str) -> int | None:
    """A short run of ASCII digits; anything else is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else None


def _connection(host: str) -> str:
    return f"IN IP{6 if ':' in host else 4} {host}"
