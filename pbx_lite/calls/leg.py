"""What a call needs of a party, whatever carries it."""

from collections.abc import Callable
from enum import Enum
from typing import Literal, Protocol

from pbx_lite.errors import ParseError
from pbx_lite.media.port import AudioPort, Codec, VideoPort
from pbx_lite.media.quality import LineQuality
from pbx_lite.sip.headers import split_list
from pbx_lite.values import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a call ends: Q.850's number, the SIP status that says so before an answer, and the words."""

    q850: int
    status: int
    text: str
    elsewhere: bool = False

    def reason(self) -> str:
        """The Reason header's value (RFC 3326)."""
        if self.elsewhere:
            return f'SIP;cause=200;text="{self.text}"'
        return f'Q.850;cause={self.q850};text="{self.text}"'


UNALLOCATED = Cause(1, 404, "Unallocated number")
NO_ROUTE = Cause(3, 404, "No route to destination")
NORMAL = Cause(16, 487, "Normal call clearing")
BUSY = Cause(17, 486, "User busy")
NO_RESPONSE = Cause(18, 408, "No user responding")
NO_ANSWER = Cause(19, 480, "No answer")
UNREACHABLE = Cause(20, 480, "Subscriber absent")
REJECTED = Cause(21, 603, "Call rejected")
MOVED = Cause(22, 410, "Number changed")
REDIRECTED = Cause(23, 480, "Redirection to new destination")
ROUTING = Cause(25, 483, "Exchange routing error")
ELSEWHERE = Cause(26, 487, "Call completed elsewhere", elsewhere=True)
OUT_OF_ORDER = Cause(27, 503, "Destination out of order")
INVALID_NUMBER = Cause(28, 484, "Invalid number format")
UNSPECIFIED = Cause(31, 480, "Normal, unspecified")
NO_CIRCUIT = Cause(34, 503, "No circuit available")
NETWORK = Cause(38, 503, "Network out of order")
TEMPORARY = Cause(41, 503, "Temporary failure")
CONGESTION = Cause(42, 503, "Switching equipment congestion")
NOT_ALLOWED = Cause(57, 403, "Not authorised")
NOT_IMPLEMENTED = Cause(79, 501, "Service not implemented")
NO_CODEC = Cause(88, 488, "Incompatible destination")
TIMED_OUT = Cause(102, 504, "Recovery on timer expiry")
INTERWORKING = Cause(127, 500, "Interworking, unspecified")

_BY_NUMBER = {
    cause.q850: cause
    for cause in (
        UNALLOCATED, NO_ROUTE, NORMAL, BUSY, NO_RESPONSE, NO_ANSWER, UNREACHABLE, REJECTED, MOVED, REDIRECTED, ROUTING,
        ELSEWHERE, OUT_OF_ORDER, INVALID_NUMBER, UNSPECIFIED, NO_CIRCUIT, NETWORK, TEMPORARY, CONGESTION, NOT_ALLOWED,
        NOT_IMPLEMENTED, NO_CODEC, TIMED_OUT, INTERWORKING,
    )
}  # fmt: skip

_BY_STATUS = {  # RFC 3398 section 8.2.6.1, but for what SIP phones mean by 408 and 480
    400: TEMPORARY, 401: REJECTED, 402: REJECTED, 403: REJECTED, 404: UNALLOCATED, 405: NOT_IMPLEMENTED,
    406: NO_CODEC, 407: REJECTED, 408: NO_RESPONSE, 410: MOVED, 415: NO_CODEC, 416: INVALID_NUMBER,
    480: UNREACHABLE, 481: TEMPORARY, 482: ROUTING, 483: ROUTING, 484: INVALID_NUMBER, 485: UNALLOCATED, 486: BUSY,
    487: NORMAL, 488: NO_CODEC, 491: TEMPORARY, 500: TEMPORARY, 501: NOT_IMPLEMENTED, 502: OUT_OF_ORDER, 503: NETWORK,
    504: TIMED_OUT, 600: BUSY, 603: REJECTED, 604: UNALLOCATED, 606: NO_CODEC, 607: REJECTED, 608: REJECTED,
}  # fmt: skip
_VAGUE = frozenset({400, 480, 487, 500, 502, 503, 504})
"""Statuses that gateways use for many things: a Reason header beside them says which."""


def cause_of(status: int, reason: str = "") -> Cause:
    """The cause that a final SIP status of 300 to 699 stands for; a Reason beside it (RFC 6432) may say more."""
    if 300 <= status < 400:
        return REDIRECTED
    if status in _VAGUE and (told := cause_told(reason)) is not None:
        return told
    return _BY_STATUS.get(status, INTERWORKING)


def cause_told(reason: str) -> Cause | None:
    """The cause in Reason values (RFC 3326) as BYE and CANCEL bring them, Q.850's first; None without a known one."""
    try:
        values = sorted(split_list(reason), key=lambda value: not value.upper().startswith("Q.850"))
    except ParseError:
        return None
    return next((cause for value in values if (cause := _told(value)) is not None), None)


def _told(value: str) -> Cause | None:
    protocol, _, rest = value.partition(";")
    number = dict(_field(part) for part in rest.split(";")).get("cause", "")
    if not (number.isascii() and number.isdigit() and len(number) <= 3):
        return None
    match protocol.strip().upper():
        case "Q.850":
            return _BY_NUMBER.get(int(number)) or _of_class(int(number))
        case "SIP":
            return ELSEWHERE if number == "200" else _BY_STATUS.get(int(number))
        case _:
            return None


def _of_class(number: int) -> Cause | None:
    """A number without a name of its own here is that of the last row of its class (Q.850 section 2.2.5)."""
    if not 0 < number < 128:
        return None
    known = _CLASSES[number >> 4]
    return Cause(number, known.status, known.text)


_CLASSES = (UNSPECIFIED, UNSPECIFIED, TEMPORARY, NOT_ALLOWED, NOT_IMPLEMENTED, NO_CODEC, INTERWORKING, INTERWORKING)


def _field(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip().lower(), value.strip().strip('"')


class LegState(Enum):
    NEW = "new"
    RINGING = "ringing"
    EARLY = "early"
    ANSWERED = "answered"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Ringing:
    """The party's device rings."""


@dataclass(frozen=True, slots=True)
class EarlyMedia:
    """The party's sound or picture may flow although nobody has answered."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody took the call."""


@dataclass(frozen=True, slots=True)
class Dtmf:
    """A key was pressed, however it was carried."""

    digit: str


@dataclass(frozen=True, slots=True)
class MediaChanged:
    """The party put us on hold or took us back (`held`, None: as it was), or agreed on another codec or picture."""

    held: bool | None


@dataclass(frozen=True, slots=True)
class TransferRequested:
    """The party asks that we call `target` in its place (REFER).

    `replaces` is that of RFC 3891 for an attended transfer, empty for a blind one.  `progress(status)` tells the party
    how it goes, from 100 to the first final status; it has to be called with one.
    """

    target: str
    replaces: str
    progress: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Ended:
    """The party is gone; nothing follows.  `redirects` are the URIs of a 3xx, best first."""

    cause: Cause
    redirects: tuple[str, ...] = ()


type LegEvent = Ringing | EarlyMedia | Answered | Dtmf | MediaChanged | TransferRequested | Ended


class Sight(Enum):
    """What a party can see of the other one: nothing, perhaps something, or a camera that is on."""

    NOTHING = "nothing"
    POSSIBLE = "possible"
    SHOWN = "shown"


class Leg(Protocol):
    """One party of a call.  `listener` hears what the party does; commands never block."""

    listener: Callable[[LegEvent], None] | None
    state: LegState

    @property
    def audio(self) -> AudioPort: ...

    @property
    def video(self) -> VideoPort | None: ...

    @property
    def filming(self) -> bool:
        """Whether a camera was switched on in the call, for pictures that the other party was not offered yet."""
        ...

    def see(self, sight: Sight) -> None:
        """There is this to be seen of the other party now; whoever can be shown pictures is offered them."""
        ...

    def ring(self) -> None: ...

    def early_media(self) -> None: ...

    def answer(self) -> None: ...

    def hangup(self, cause: Cause = NORMAL) -> None: ...

    def prefer(self, codec: Codec | None) -> None:
        """Agree on this codec where that is still open, so that nothing has to be converted."""
        ...

    def show(self, name: str, number: str) -> None:
        """Tell the party's display whom they are connected with now, where it can be told."""
        ...

    def quality(self) -> LineQuality | None:
        """What the party's sound was like until now, None where nothing is known."""
        ...

    @property
    def keys(self) -> Literal["rfc4733", "info", "inband"]:
        """How this party sends keys and is best sent them."""
        ...

    def listen_for_keys(self) -> None:
        """Hear keys as tones where the party has no other way to send them."""
        ...

    def silent_for(self, now: float) -> float:
        """Seconds since anything came from the party's media; 0 where none is expected, or none ever came."""
        ...

    def unheard_for(self, now: float) -> float:
        """Seconds that the party's media has been expected and nothing of it ever came; 0 where anything did."""
        ...

    async def is_there(self) -> bool:
        """Whether the party's device still knows of the call, asked in its signalling; that may take half a minute."""
        ...

    async def send_dtmf(self, digits: str, how: str, digit_ms: int) -> None: ...
