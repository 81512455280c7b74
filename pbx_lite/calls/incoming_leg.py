"""A party that called us."""

from pbx_lite.calls.farewell import Farewells
from pbx_lite.calls.leg import NO_CODEC, NORMAL, Cause, LegState, cause_told
from pbx_lite.calls.sip_leg import SipLeg
from pbx_lite.errors import MediaError, NoCommonCodec
from pbx_lite.media.port import Codec
from pbx_lite.media.session import MediaSession
from pbx_lite.sip import invite_events
from pbx_lite.sip.invite import IncomingInvite


class IncomingLeg(SipLeg):
    """A party that called us."""

    def __init__(self, invite: IncomingInvite, media: MediaSession, farewells: Farewells | None = None) -> None:
        super().__init__(media, farewells)
        self._invite = invite
        self._answer: bytes | None = None
        self._answer_sent = False
        self._late = not self.offers_media  # the answer is still to come
        self._identity: tuple[tuple[str, str], ...] = ()
        self.reliable = False
        """Early media is announced reliably (RFC 3262) to callers who can: phones and gateways, not every door."""
        invite.listener = self._happened
        if invite.ended:  # the caller gave up before anybody listened
            self._end(NORMAL)

    @property
    def session(self) -> IncomingInvite:
        return self._invite

    def negotiate(self, first: Codec | None = None) -> None:
        """Answer the offer, or make one where the INVITE brought none.  Raises NoCommonCodec.

        May be called again until an answer was sent: with `first`, the codec that the other side of the call chose,
        the caller gets that if it offered it, and nothing has to be converted.
        """
        if self._answer_sent or self.state is LegState.ENDED:
            return
        self.media.prefer(first)
        offered = self._invite.request.body
        try:
            self._answer = self.media.answer(offered) if offered else self.media.offer()
        except NoCommonCodec:
            raise
        except MediaError as error:  # no SDP at all: the caller's fault as well
            raise NoCommonCodec(error.message) from error

    def prefer(self, codec: Codec | None) -> None:
        if (
            codec is not None
            and codec != self.media.audio.codec
            and self.offers_media
            and self.state in {LegState.NEW, LegState.RINGING}
        ):
            self.negotiate(codec)

    @property
    def offers_media(self) -> bool:
        """Whether the caller sent its SDP, so that media may flow before the answer."""
        return bool(self._invite.request.body)

    def ring(self) -> None:
        if self.state is LegState.NEW:
            self.state = LegState.RINGING
            if self._late and self._invite.requires_reliable:
                self._offer_early(180)
            else:
                self._invite.progress(180, headers=self._identity)

    def early_media(self) -> None:
        """A caller without an offer of its own gets ours early only where it can answer that: in a PRACK."""
        if self.state not in {LegState.NEW, LegState.RINGING} or self._answer is None:
            return
        if not self._late:
            self.state = LegState.EARLY
            self._answer_sent = True
            self._invite.progress(183, body=self._answer, headers=self._identity, reliable=self.reliable)
        elif self._invite.takes_reliable and not self._answer_sent:
            self.state = LegState.EARLY
            self._offer_early(183)
        else:
            self.ring()

    def _offer_early(self, status: int) -> None:
        self._answer_sent = True
        self._invite.progress(status, body=self._answer or b"", headers=self._identity, reliable=True)

    def answer(self) -> None:
        if self.state in {LegState.ANSWERED, LegState.ENDED} or self._answer is None:
            return
        self.state = LegState.ANSWERED
        self._answer_sent = True
        self._invite.accept(self._answer, self._identity)
        self._up()

    def show(self, name: str, number: str) -> None:
        """Before the answer the identity goes with the next response."""
        if self.state is LegState.ANSWERED:
            super().show(name, number)
        elif not self.outside:
            self._identity = (self._asserted(name, number),)

    def hangup(self, cause: Cause = NORMAL) -> None:
        if self.state is LegState.ENDED:
            return
        if self.state is LegState.ANSWERED:
            self._invite.bye(cause.reason())
        else:
            self._invite.reject(cause.status, headers=[("Reason", cause.reason())])
        self._end(cause)

    def _happened(self, event: invite_events.InviteEvent) -> None:
        match event:
            case invite_events.Cancelled(reason=reason):
                self._end(cause_told(reason) or NORMAL)
            case invite_events.Accepted(body=body):
                self._acknowledged(body)
            case invite_events.Answer(body=body):
                self._acknowledged(body)
            case _:
                self._in_dialog(event)

    def _acknowledged(self, body: bytes) -> None:
        """Our offer has its answer in the ACK or PRACK, or the call has no media; one in a re-INVITE changes less."""
        if body and self._late_answer(body):
            self._late = False
        elif self._late:
            self.hangup(NO_CODEC)
