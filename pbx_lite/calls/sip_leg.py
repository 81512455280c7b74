"""A party behind SIP: one INVITE dialog and the media it agreed on."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module

from pbx_lite.calls.farewell import Farewells
from pbx_lite.calls.leg import (
    NO_CODEC,
    NORMAL,
    Answered,
    Cause,
    Dtmf,
    EarlyMedia,
    Ended,
    LegEvent,
    LegState,
    Ringing,
    cause_of,
)
from pbx_lite.errors import MediaError, PbxError, SipError
from pbx_lite.media.dtmf import info_body, parse_info
from pbx_lite.media.port import AudioPort, Codec, VideoPort
from pbx_lite.media.quality import LineQuality
from pbx_lite.media.session import MediaSession
from pbx_lite.sip import invite_events
from pbx_lite.sip.address import Address
from pbx_lite.sip.endpoint import Credentials, Endpoint
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite import IncomingInvite, OutgoingInvite
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

    def prefer(self, codec: Codec | None) -> None:
        """Only who calls us can still be answered in another codec."""

    def quality(self) -> LineQuality | None:
        return self.media.quality()

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

    def _end(self, cause: Cause) -> None:
        if self.state is LegState.ENDED:
            return
        self.state = LegState.ENDED
        if self._farewells is not None:
            self._farewells.over(self._farewell)
        self.media.close()
        self._tell(Ended(cause))

    def _in_dialog(self, event: invite_events.InviteEvent) -> None:
        """What may happen in a confirmed dialog, whoever began it."""
        match event:
            case invite_events.Offer(body=body):
                self._reoffered(body)
            case invite_events.Info(content_type=content_type, body=body):
                if (digit := parse_info(content_type, body)) is not None:
                    self._tell(Dtmf(digit))
                elif b"picture_fast_update" in body and (video := self.media.video) and video.on_key_frame_wanted:
                    video.on_key_frame_wanted()
            case invite_events.InDialogRequest(respond=respond):
                respond(501)
            case invite_events.Ended():
                self._end(NORMAL)
            case _:
                pass

    def _reoffered(self, body: bytes) -> None:
        session = self.session
        if session is None:
            return
        try:
            answer = self.media.answer(body) if body else self.media.offer()
        except MediaError as error:
            _LOGGER.debug("Refused an offer in the call: %s", error)
            session.refuse_offer(488)
        else:
            session.accept_offer(answer)


class IncomingLeg(SipLeg):
    """A party that called us."""

    def __init__(self, invite: IncomingInvite, media: MediaSession, farewells: Farewells | None = None) -> None:
        super().__init__(media, farewells)
        self._invite = invite
        self._answer: bytes | None = None
        invite.listener = self._happened

    @property
    def session(self) -> IncomingInvite:
        return self._invite

    def negotiate(self) -> None:
        """Answer the offer, or make one where the INVITE brought none.  Raises NoCommonCodec."""
        offered = self._invite.request.body
        self._answer = self.media.answer(offered) if offered else self.media.offer()

    def prefer(self, codec: Codec | None) -> None:
        if codec is not None and self.offers_media and self.state in {LegState.NEW, LegState.RINGING}:
            self.media.prefer(codec)
            self.negotiate()

    @property
    def offers_media(self) -> bool:
        """Whether the caller sent its SDP, so that media may flow before the answer."""
        return bool(self._invite.request.body)

    def ring(self) -> None:
        if self.state is LegState.NEW:
            self.state = LegState.RINGING
            self._invite.progress(180)

    def early_media(self) -> None:
        if self.state in {LegState.NEW, LegState.RINGING} and self._answer is not None:
            self.state = LegState.EARLY
            self._invite.progress(183, body=self._answer)

    def answer(self) -> None:
        if self.state in {LegState.ANSWERED, LegState.ENDED} or self._answer is None:
            return
        self.state = LegState.ANSWERED
        self._invite.accept(self._answer)
        self._up()

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
            case invite_events.Cancelled():
                self._end(NORMAL)
            case invite_events.Accepted(body=body):
                self._late_answer(body)
            case _:
                self._in_dialog(event)

    def _late_answer(self, body: bytes) -> None:
        """The caller's SDP came in its ACK (RFC 3264 allows it after an INVITE without an offer)."""
        if not body:
            return
        try:
            self.media.accept(body)
        except MediaError:
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
        self._agreed = False

    @property
    def session(self) -> OutgoingInvite | None:
        return self._invite

    def dial(
        self, endpoint: Endpoint, callee: Callee, caller: NameAddr, headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        self._invite = endpoint.invite(
            callee.uri,
            target=callee.target,
            from_=caller,
            to=None,
            body=self.media.offer(),
            headers=tuple(headers),
            credentials=callee.credentials,
            listener=self._happened,
        )

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
            case invite_events.Progress(status=status, body=body):
                self._progress(status, body)
            case invite_events.Accepted(body=body):
                self._accepted(body)
            case invite_events.Failed(status=status):
                self._end(cause_of(status))
            case _:
                self._in_dialog(event)

    def _progress(self, status: int, body: bytes) -> None:
        if body and not self._agreed and self._agree(body):
            self.state = LegState.EARLY
            self._tell(EarlyMedia())
        if status == 180 and self.state is LegState.NEW:
            self.state = LegState.RINGING
            self._tell(Ringing())

    def _accepted(self, body: bytes) -> None:
        if self.state in {LegState.ANSWERED, LegState.ENDED}:
            return
        self.state = LegState.ANSWERED
        if (body and not self._agree(body)) or not self._agreed:
            self.hangup(NO_CODEC)
            return
        self._up()
        self._tell(Answered())

    def _agree(self, body: bytes) -> bool:
        try:
            self.media.accept(body)
        except PbxError as error:
            _LOGGER.debug("The callee's SDP does not fit: %s", error)
            return False
        self._agreed = True
        return True
