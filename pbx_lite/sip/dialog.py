"""Dialogs: who talks to whom in which order, and the way there (RFC 3261 section 12)."""

import secrets
from collections.abc import Iterable
from enum import Enum, auto

from pbx_lite.errors import ParseError
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.message import Headers, Request, Response
from pbx_lite.sip.uri import SipUri

TARGET_REFRESH = frozenset({"INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY", "REFER"})
"""Requests whose Contact, and that of their 2xx, replaces the remote target."""


class DialogState(Enum):
    EARLY = auto()
    CONFIRMED = auto()
    TERMINATED = auto()


class Dialog:
    """One dialog from our side.  `local` and `remote` carry the tags; `target` is the peer's Contact URI."""

    __slots__ = ("call_id", "local", "local_seq", "remote", "remote_seq", "routes", "state", "target")

    def __init__(
        self,
        *,
        call_id: str,
        local: NameAddr,
        remote: NameAddr,
        target: str,
        routes: tuple[str, ...] = (),
        local_seq: int = 0,
        remote_seq: int | None = None,
        state: DialogState = DialogState.EARLY,
    ) -> None:
        self.call_id = call_id
        self.local = local
        self.remote = remote
        self.target = target
        self.routes = routes
        self.local_seq = local_seq
        self.remote_seq = remote_seq
        self.state = state

    @classmethod
    def of_server(cls, request: Request, tag: str) -> Dialog:
        """The dialog that answering `request` with `tag` makes (section 12.1.1).  Raises ParseError."""
        contact = request.contact
        return cls(
            call_id=request.call_id,
            local=request.to.with_tag(tag),
            remote=request.from_,
            target=contact.uri if contact is not None else request.from_.uri,
            routes=tuple(request.headers.all("record-route")),
            local_seq=secrets.randbits(16),
            remote_seq=request.cseq.number,
        )

    @classmethod
    def of_client(cls, request: Request, response: Response) -> Dialog:
        """The dialog that `response` makes at the sender of `request` (section 12.1.2).  Raises ParseError."""
        contact = response.contact
        return cls(
            call_id=request.call_id,
            local=request.from_,
            remote=response.to,
            target=contact.uri if contact is not None else request.uri,
            routes=tuple(reversed(response.headers.all("record-route"))),
            local_seq=request.cseq.number,
        )

    @classmethod
    def of_answer(cls, response: Response) -> Dialog:
        """The dialog that an answer to an INVITE of ours makes, when that is forgotten already.  Raises ParseError."""
        contact = response.contact
        return cls(
            call_id=response.call_id,
            local=response.from_,
            remote=response.to,
            target=contact.uri if contact is not None else response.to.uri,
            routes=tuple(reversed(response.headers.all("record-route"))),
            local_seq=response.cseq.number,
        )

    @property
    def local_tag(self) -> str:
        return self.local.tag or ""

    @property
    def remote_tag(self) -> str:
        """Empty for peers of RFC 2543."""
        return self.remote.tag or ""

    def confirm(self, response: Response) -> None:
        """Our INVITE got its 2xx: take its route set and target, whatever earlier responses said (section 13.2.2.4)."""
        self.state = DialogState.CONFIRMED
        self.routes = tuple(reversed(response.headers.all("record-route")))
        self.refresh(response)

    def refresh(self, message: Request | Response) -> None:
        """Take the Contact of a target refresh request or of its 2xx as the remote target, if SIP can go there."""
        contact = message.contact
        if contact is not None and contact.uri[:5].lower().startswith(("sip:", "sips:")):
            self.target = contact.uri

    def takes(self, request: Request) -> bool:
        """Whether a request comes in order (section 12.2.2); notes its number.  ACK and CANCEL have none."""
        number = request.cseq.number
        if request.method in {"ACK", "CANCEL"}:
            return True
        if self.remote_seq is not None and number <= self.remote_seq:
            return False
        self.remote_seq = number
        return True

    def request(
        self, method: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b"", *, seq: int | None = None
    ) -> Request:
        """Build the next request of the dialog, with its routes (section 12.2.1.1).

        `seq` is given for ACK, which has the number of its INVITE.  Via and Contact are added by the sender.
        """
        if seq is None:
            self.local_seq += 1
            seq = self.local_seq
        uri, routes = self._way()
        built = Headers()
        built.add("Max-Forwards", "70")
        for route in routes:
            built.add("Route", route)
        built.add("From", self.local)
        built.add("To", self.remote)
        built.add("Call-ID", self.call_id)
        built.add("CSeq", f"{seq} {method}")
        for name, value in headers:
            built.add(name, value)
        return Request(method, uri, built, body)

    def _way(self) -> tuple[str, tuple[str, ...]]:
        """Request-URI and Route values; a strict router comes into the Request-URI."""
        if not self.routes:
            return self.target, ()
        first = NameAddr.parse(self.routes[0]).uri
        if is_loose(first):
            return self.target, self.routes
        return first, (*self.routes[1:], f"<{self.target}>")


def is_loose(uri: str) -> bool:
    """Whether the router at this URI is a loose one (has `lr`)."""
    try:
        return SipUri.parse(uri).lr
    except ParseError:
        return True
