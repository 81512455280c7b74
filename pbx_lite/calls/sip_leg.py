"""A party behind SIP: one INVITE dialog and the media it agreed on."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from pbx_lite.calls.farewell import Farewells
from pbx_lite.calls.leg import (
    NO_CODEC,
    NORMAL,
    TIMED_OUT,
    Answered,
    Cause,
    Dtmf,
    EarlyMedia,
    Ended,
    LegEvent,
    LegState,
    MediaChanged,
    Ringing,
    cause_of,
    cause_told,
)
from pbx_lite.calls.referral import Referrals
from pbx_lite.errors import MediaError, NoCommonCodec, PbxError, SipError
from pbx_lite.media.dtmf import info_body, parse_info
from pbx_lite.media.port import AudioPort, Codec, VideoPort
from pbx_lite.media.quality import LineQuality
from pbx_lite.media.session import MediaSession
from pbx_lite.sip import invite_events
from pbx_lite.sip.address import Address
from pbx_lite.sip.endpoint import Credentials, Endpoint
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite import IncomingInvite, OutgoingInvite
from pbx_lite.sip.message import Headers, Response
from pbx_lite.sip.redirect import contacts_by_q, reasons_of
from pbx_lite.sip.uri import SipUri
from pbx_lite.tasks import spawn

_LOGGER = logging.getLogger(__name__)
_KEY_FRAME = (
    b'<?xml version="1.0" encoding="utf-8"?>'
    b"<media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive></media_control>"
)
"""RFC 5168: what stations without RTCP feedback understand."""


class SipLeg(ABC):
    """What incoming and outgoing legs share once there is a dialog."""

    def __init__(self, media: MediaSession, farewells: Farewells | None = None) -> None:
        self.media = media
        self.listener: Callable[[LegEvent], None] | None = None
        self.state = LegState.NEW
        self._farewells = farewells
        self._farewell = ""
        self._keys_by_info = False
        self._referrals = Referrals(self._notify)
        media.audio.on_dtmf = self._pressed
        media.on_info_key_frame = self._ask_key_frame_by_info

    @property
    def audio(self) -> AudioPort:
        return self.media.audio

    @property
    def video(self) -> VideoPort | None:
        return self.media.video

    @property
    @abstractmethod
    def session(self) -> IncomingInvite | OutgoingInvite | None:
        """The dialog, None before there is one."""

    def quality(self) -> LineQuality | None:
        return self.media.quality()

    @property
    def keys(self) -> Literal["rfc4733", "info", "inband"]:
        """Events where the SDP knows them, else INFO once the party has used it, else tones."""
        if self.media.audio.takes_events:
            return "rfc4733"
        return "info" if self._keys_by_info else "inband"

    def listen_for_keys(self) -> None:
        """Hear keys as tones where the party's SDP knows no telephone-event; SIP INFO is heard in any case."""
        if not self.media.audio.takes_events:
            spawn(self._listen_for_tones(), name="listen for tones")

    async def _listen_for_tones(self) -> None:
        await asyncio.to_thread(import_module, "numpy")  # the detector's; a first import would hold up the loop
        if self.state is not LegState.ENDED:
            self.media.audio.listen_inband()

    def silent_for(self, now: float) -> float:
        """Seconds since the last packet, RTP or RTCP; 0 before the first one and while the party holds us."""
        last = self.media.last_received
        return 0.0 if last is None or self.media.audio.held else now - last

    async def send_dtmf(self, digits: str, how: str, digit_ms: int) -> None:
        """Send keys one after the other, each `digit_ms` milliseconds including its pause.

        `how` is `rfc4733`, `info` or `inband`.  Raises SipError when the station refuses an INFO.
        """
        if how == "info":
            await self._dtmf_by_info(digits, digit_ms)
        else:
            tone = min(digit_ms // 2, 250)
            await self.media.send_dtmf(digits, inband=how == "inband", duration_ms=tone, gap_ms=digit_ms - tone)

    async def _dtmf_by_info(self, digits: str, digit_ms: int) -> None:
        for position, digit in enumerate(digits):
            if position:
                await self.media.pause(digit_ms / 1000)
            session = self.session
            if session is None or self.state is LegState.ENDED:
                raise SipError("The call ended before all keys were sent.")
            answer = await session.info("application/dtmf-relay", info_body(digit, min(digit_ms // 2, 250)))
            if answer.status >= 300:
                raise SipError(f"The station refused the key by SIP INFO: {answer.status} {answer.reason}.")

    async def notify(self, event: str, content_type: str = "", body: bytes = b"") -> None:
        """Send NOTIFY that nobody subscribed to, such as `talk` for phones that answer or hold by it.

        Raises SipError where the phone does not take it.
        """
        fields = [("Event", event), ("Subscription-State", "terminated;reason=noresource")]
        if body:
            fields.append(("Content-Type", content_type))
        answer = await self._notify(tuple(fields), body)
        if answer.status >= 300:
            raise SipError(f"The phone refused NOTIFY {event}: {answer.status} {answer.reason}.")

    def show(self, name: str, number: str) -> None:
        """Tell the phone whom it speaks with now (RFC 3325 in UPDATE); phones that take no UPDATE are not bothered."""
        session = self.session
        if session is not None and session.confirmed and session.allows("UPDATE"):
            spawn(self._show(session, self._asserted(name, number)), name="connected identity")

    def _asserted(self, name: str, number: str) -> tuple[str, str]:
        dialog = self.session.dialog if self.session is not None else None
        try:
            host = SipUri.parse(dialog.local.uri).host if dialog is not None else ""
        except SipError:
            host = ""
        uri = SipUri("sip", number, host=host or "anonymous.invalid")
        return "P-Asserted-Identity", str(NameAddr(name, str(uri)))

    async def _show(self, session: IncomingInvite | OutgoingInvite, identity: tuple[str, str]) -> None:
        try:
            await session.send("UPDATE", (identity,))
        except SipError as error:
            _LOGGER.debug("The phone was not told who it speaks with: %s", error)

    async def _notify(self, headers: tuple[tuple[str, str], ...], body: bytes) -> Response:
        if self.session is None or self.state is LegState.ENDED:
            raise SipError("The call is over.")
        return await self.session.send("NOTIFY", headers, body)

    def _pressed(self, digit: str) -> None:
        self._tell(Dtmf(digit))

    def _ask_key_frame_by_info(self) -> None:
        session = self.session
        if session is not None and self.state is LegState.ANSWERED:
            spawn(self._info_key_frame(session), name="key frame by INFO")

    async def _info_key_frame(self, session: IncomingInvite | OutgoingInvite) -> None:
        try:
            await session.info("application/media_control+xml", _KEY_FRAME)
        except SipError as error:
            _LOGGER.debug("No key frame by INFO: %s", error)

    def _tell(self, event: LegEvent) -> None:
        if self.listener is not None:
            self.listener(event)

    def _up(self) -> None:
        """The call is answered: from now on the party is owed a goodbye."""
        if self._farewells is not None and self.session is not None:
            self._farewell = self._farewells.up(self.session)

    def _end(self, cause: Cause, redirects: tuple[str, ...] = ()) -> None:
        if self.state is LegState.ENDED:
            return
        self.state = LegState.ENDED
        self._referrals.stop()
        if self._farewells is not None:
            self._farewells.over(self._farewell)
        self.media.close()
        self._tell(Ended(cause, redirects))

    def _in_dialog(self, event: invite_events.InviteEvent) -> None:
        """What may happen in a confirmed dialog, whoever began it."""
        match event:
            case invite_events.Offer(body=body):
                self._reoffered(body)
            case invite_events.Answer(body=body):
                self._late_answer(body)
            case invite_events.Info(content_type=content_type, body=body):
                if (digit := parse_info(content_type, body)) is not None:
                    self._keys_by_info = True
                    self._tell(Dtmf(digit))
                elif b"picture_fast_update" in body and (video := self.media.video) and video.on_key_frame_wanted:
                    video.on_key_frame_wanted()
            case invite_events.InDialogRequest(method="REFER"):
                self._referred(event)
            case invite_events.InDialogRequest(respond=respond):
                respond(501)
            case invite_events.Ended(reason=reason, lost=lost):
                self._end(TIMED_OUT if lost else cause_told(reason) or NORMAL)
            case _:
                pass

    def _referred(self, event: invite_events.InDialogRequest) -> None:
        if self.listener is None or self.state is not LegState.ANSWERED:
            event.respond(403)
        elif (wanted := self._referrals.take(event)) is not None:
            self._tell(wanted)

    def _reoffered(self, body: bytes) -> None:
        session = self.session
        if session is None:
            return
        before = self._flowing
        try:
            answer = self.media.answer(body) if body else self.media.offer()
        except MediaError as error:
            _LOGGER.debug("Refused an offer in the call: %s", error)
            session.refuse_offer(488)
        else:
            session.accept_offer(answer)
            self._tell_change(before)

    def _late_answer(self, body: bytes) -> bool:
        """An answer in the ACK, to the offer that an INVITE without one was given; False where it does not fit."""
        before = self._flowing
        try:
            self.media.accept(body)
        except MediaError as error:
            _LOGGER.debug("An answer in an ACK does not fit: %s", error)
            return False
        self._tell_change(before)
        return True

    @property
    def _flowing(self) -> tuple[bool, Codec | None, bool]:
        audio = self.media.audio
        return audio.held, audio.codec, self.media.video is not None

    def _tell_change(self, before: tuple[bool, Codec | None, bool]) -> None:
        if (now := self._flowing) != before and self.state is not LegState.ENDED:
            self._tell(MediaChanged(now[0]))


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
        else:
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


@dataclass(frozen=True, slots=True)
class Callee:
    """Whom an outgoing leg calls: the request URI, where its packets go, and the account that we use there, if any."""

    uri: str
    target: Address | None = None
    credentials: Credentials | None = None


class OutgoingLeg(SipLeg):
    """A party that we call.  `dial()` sends the INVITE with an offer of everything the media can do."""

    def __init__(self, media: MediaSession, farewells: Farewells | None = None) -> None:
        super().__init__(media, farewells)
        self._invite: OutgoingInvite | None = None
        self._offers = True
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
        self._described.clear()
        self._agreed, self._branch = b"", ""
        self._invite = endpoint.invite(
            callee.uri,
            target=callee.target,
            from_=caller,
            to=None,
            body=self.media.offer() if offer else b"",
            headers=tuple(headers),
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
        status, body, branch = event.status, event.body, event.early_id
        if body and (self._offers or event.reliable):
            self._described[branch] = body
            if not self._agreed and self._settled(body, branch):
                self.state = LegState.EARLY
                self._tell(EarlyMedia())
        self.rang = self.rang or status == 180 or self.state is LegState.EARLY
        if status == 180 and self.state is LegState.NEW:
            self.state = LegState.RINGING
            self._tell(Ringing())

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
        self._end(cause_of(status, reasons_of(headers)), redirects)

    def _agree(self, body: bytes) -> bool:
        try:
            self.media.accept(body)
        except PbxError as error:
            _LOGGER.debug("The callee's SDP does not fit: %s", error)
            return False
        return True
