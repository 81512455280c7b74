"""What a call needs of a party, whatever carries it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from pbx_lite.media.port import AudioPort, VideoPort


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


NORMAL = Cause(16, 487, "Normal call clearing")
BUSY = Cause(17, 486, "User busy")
NO_ANSWER = Cause(19, 480, "No answer")
REJECTED = Cause(21, 603, "Call rejected")
UNREACHABLE = Cause(20, 480, "Subscriber absent")
NO_CODEC = Cause(88, 488, "Incompatible destination")
OUT_OF_ORDER = Cause(27, 503, "Destination out of order")
ELSEWHERE = Cause(26, 487, "Call completed elsewhere", elsewhere=True)

_CAUSES = {486: BUSY, 600: BUSY, 603: REJECTED, 403: REJECTED, 488: NO_CODEC, 480: UNREACHABLE, 404: UNREACHABLE}


def cause_of(status: int) -> Cause:
    """The cause that a final SIP status of 300 to 699 stands for."""
    return _CAUSES.get(status, OUT_OF_ORDER)


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
    """The party put us on hold or took us back (`held`), or agreed on another codec or picture."""

    held: bool


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


class Leg(Protocol):
    """One party of a call.  `listener` hears what the party does; commands never block."""

    listener: Callable[[LegEvent], None] | None
    state: LegState

    @property
    def audio(self) -> AudioPort: ...

    @property
    def video(self) -> VideoPort | None: ...

    def ring(self) -> None: ...

    def early_media(self) -> None: ...

    def answer(self) -> None: ...

    def hangup(self, cause: Cause = NORMAL) -> None: ...

    def listen_for_keys(self) -> None:
        """Hear keys as tones where the party has no other way to send them."""
        ...

    def silent_for(self, now: float) -> float:
        """Seconds since anything came from the party's media; 0 where nothing is expected of it."""
        ...

    async def send_dtmf(self, digits: str, how: str, digit_ms: int) -> None: ...
