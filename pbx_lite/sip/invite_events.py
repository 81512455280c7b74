"""What an INVITE and the session it makes tell their listener."""

from collections.abc import Iterable
from dataclasses import field
from typing import Protocol

from pbx_lite.sip.message import Headers, Request
from pbx_lite.values import dataclass


class Respond(Protocol):
    """Answers one request, once; later calls do nothing."""

    def __call__(
        self, status: int, reason: str | None = None, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class InviteEvent:
    """The root of all of these."""


@dataclass(frozen=True, slots=True)
class Progress(InviteEvent):
    """A provisional answer above 100.  `early_id` tells the branches of a forked INVITE apart.

    Where our INVITE had no offer, `body` is one; that of a `reliable` answer (RFC 3262) is answered with
    `accept_offer`, while this is told.
    """

    status: int
    reason: str = ""
    body: bytes = b""
    headers: Headers = field(default_factory=Headers)
    early_id: str = ""
    reliable: bool = False


@dataclass(frozen=True, slots=True)
class Accepted(InviteEvent):
    """The session is up.  Outgoing: `body` is the answer (or offer) of the 200; incoming: that of the caller's ACK."""

    body: bytes = b""
    headers: Headers = field(default_factory=Headers)
    early_id: str = ""


@dataclass(frozen=True, slots=True)
class Failed(InviteEvent):
    """An outgoing INVITE ended without a session: 300 to 699; 408 without an answer, 503 without a way there."""

    status: int
    reason: str = ""
    headers: Headers = field(default_factory=Headers)


@dataclass(frozen=True, slots=True)
class Cancelled(InviteEvent):
    """The caller gave up before the answer.  `reason` is the value of its Reason header, if any (RFC 3326)."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Offer(InviteEvent):
    """A re-INVITE, UPDATE or PRACK with an offer; a re-INVITE without body asks for one.

    Answered with `accept_offer` or `refuse_offer`.  `early_id` is that of Progress, empty after the answer: before
    it, any branch of a fork may offer.
    """

    method: str
    body: bytes = b""
    early_id: str = ""


@dataclass(frozen=True, slots=True)
class Answer(InviteEvent):
    """An answer that comes by itself: in the PRACK, to an offer of ours in a provisional answer (RFC 3262 section 5).

    Or our last offer was sent again, to refresh the session, and is answered otherwise than before.
    """

    body: bytes


@dataclass(frozen=True, slots=True)
class Info(InviteEvent):
    """An INFO, answered 200 already."""

    content_type: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class InDialogRequest(InviteEvent):
    """Any other request in the dialog (REFER, NOTIFY, MESSAGE …); `respond` has to be called."""

    method: str
    request: Request
    respond: Respond


@dataclass(frozen=True, slots=True)
class Ended(InviteEvent):
    """The session is over by a BYE or because the other side is gone (`lost`).

    `reason` holds the values of Reason, where it is lost a sentence.
    """

    reason: str = ""
    lost: bool = False
