"""A party that we call."""

import logging
from collections.abc import Callable, Iterable
from functools import partial

from pbx_lite.calls.farewell import Farewells
from pbx_lite.calls.leg import NO_CODEC, NORMAL, Answered, Cause, EarlyMedia, LegState, Ringing, cause_of
from pbx_lite.calls.sip_leg import SipLeg
from pbx_lite.errors import MediaError, PbxError
from pbx_lite.media.port import Codec
from pbx_lite.media.session import MediaSession
from pbx_lite.sip import invite_events
from pbx_lite.sip.address import Address
from pbx_lite.sip.endpoint import Credentials, Endpoint
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite import OutgoingInvite
from pbx_lite.sip.message import Headers
from pbx_lite.sip.redirect import contacts_by_q, reasons_of
from pbx_lite.values import dataclass

_LOGGER = logging.getLogger(__name__)
_NOT_ACCEPTABLE = frozenset({488, 606})


@dataclass(frozen=True, slots=True)
class Callee:
    """Whom an outgoing leg calls: the request URI, where its packets go, and the account that we use there, if any.

    `routes` are the proxies on the way, as the callee's registration came (RFC 3327).
    """

    uri: str
    target: Address | None = None
    credentials: Credentials | None = None
    routes: tuple[str, ...] = ()


class OutgoingLeg(SipLeg):
    """A party that we call.  `dial()` sends the INVITE with an offer of everything the media can do."""

    def __init__(self, media: MediaSession, farewells: Farewells | None = None) -> None:
        super().__init__(media, farewells)
        self._invite: OutgoingInvite | None = None
        self._offers = True
        self._dial_again: Callable[[], None] | None = None
        self._described: dict[str, bytes] = {}  # the SDP of each branch of a fork
        self._agreed: bytes = b""  # the one that media follows
        self._branch = ""  # the one it is of
        self.rang = False
        """Whether the callee rang or spoke, which a leg that ended says no more."""
        self.on_redirect: Callable[[tuple[str, ...]], bool] | None = None
        """Asked what becomes of a 3xx; True where it has dialled again, else the redirection is told to nobody."""

    @property
    def session(self) -> OutgoingInvite | None:
        return self._invite

    def dial(
        self,
        endpoint: Endpoint,
        callee: Callee,
        caller: NameAddr,
        headers: Iterable[tuple[str, str]] = (),
        *,
        offer: bool = True,
    ) -> None:
        """Without `offer` the callee makes one.  May be called again where the callee sent us somewhere else."""
        self._offers = offer
        self._dial_again = partial(self.dial, endpoint, callee, caller, tuple(headers), offer=offer)
        self._described.clear()
        self._agreed, self._branch = b"", ""
        self._invite = endpoint.invite(
            callee.uri,
            target=callee.target,
            from_=caller,
            to=None,
            body=self.media.offer() if offer else b"",
            headers=(*(("Route", route) for route in callee.routes), *headers),
            credentials=callee.credentials,
            listener=self._happened,
        )

    def prefer(self, codec: Codec | None) -> None:
        """Nothing to do: what we offered is under way."""

    def ring(self) -> None:
        """Nothing to do: the callee rings by itself."""

    def early_media(self) -> None:
        """Nothing to do: only the callee can give early media."""

    def answer(self) -> None:
        """Nothing to do: only the callee can answer."""

    def hangup(self, cause: Cause = NORMAL) -> None:
        if self.state is LegState.ENDED:
            return
        if self._invite is not None:
            if self.state is LegState.ANSWERED:
                self._invite.bye(cause.reason())
            else:
                self._invite.cancel(cause.reason())
        self._end(cause)

    def _part(self) -> None:
        super()._part()
        self._dial_again = self.on_redirect = None

    def _happened(self, event: invite_events.InviteEvent) -> None:
        match event:
            case invite_events.Progress():
                self._progress(event)
            case invite_events.Accepted(body=body, early_id=branch):
                self._accepted(body, branch)
            case invite_events.Failed(status=status, headers=headers):
                self._failed(status, headers)
            case invite_events.Offer(early_id=branch) if branch not in {"", self._branch}:
                self._refuse_offer()  # of a branch that is not heard
            case _:
                self._in_dialog(event)

    def _refuse_offer(self) -> None:
        if self._invite is not None:
            self._invite.refuse_offer(488)

    def _progress(self, event: invite_events.Progress) -> None:
        body, branch = event.body, event.early_id
        if event.status == 180 and self.state is LegState.NEW:
            self.rang = True
            self.state = LegState.RINGING
            self._tell(Ringing())
        if not body or not (self._offers or event.reliable) or self.state is LegState.ENDED:
            return
        self._described[branch] = body
        if not self._agreed and self._settled(body, branch):
            self.rang = True
            self.state = LegState.EARLY
            self._tell(EarlyMedia())

    def _accepted(self, body: bytes, branch: str) -> None:
        if self.state is LegState.ENDED:
            return
        if self.state is LegState.ANSWERED:  # the ACK of a re-INVITE without an offer
            if body:
                self._late_answer(body)
            return
        self.state = LegState.ANSWERED
        if not self._settled(body or self._described.get(branch, b""), branch):
            self.hangup(NO_CODEC)
            return
        self._described.clear()
        self._up()
        self._tell(Answered())

    def _settled(self, body: bytes, branch: str) -> bool:
        """Let media follow this branch, the one that answers at the end; False where there is nothing to agree on."""
        if not body or (body != self._agreed and not (self._agree(body) if self._offers else self._counter(body))):
            return False
        self._agreed, self._branch = body, branch
        return True

    def _counter(self, offer: bytes) -> bool:
        """Answer the callee's offer, in its PRACK or ACK."""
        try:
            answer = self.media.answer(offer)
        except MediaError as error:
            _LOGGER.debug("The callee's offer does not fit: %s", error)
            return False
        if self._invite is not None:
            self._invite.accept_offer(answer)
        return True

    def _failed(self, status: int, headers: Headers) -> None:
        redirects = contacts_by_q(headers) if 300 <= status < 400 else ()
        if redirects and self.on_redirect is not None:
            if self.on_redirect(redirects):
                return
            redirects = ()
        if status in _NOT_ACCEPTABLE and self._offers and self._dial_again is not None and self.media.insist():
            self._dial_again()  # phones that must encrypt refuse what may
            return
        self._end(cause_of(status, reasons_of(headers)), redirects)

    def _agree(self, body: bytes) -> bool:
        try:
            self.media.accept(body)
        except PbxError as error:
            _LOGGER.debug("The callee's SDP does not fit: %s", error)
            return False
        return True
