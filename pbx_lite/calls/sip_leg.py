"""A party behind SIP: one INVITE dialog and the media it agreed on."""

import logging
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Literal

from pbx_lite.calls.farewell import Farewells
from pbx_lite.calls.leg import (
    NORMAL,
    TIMED_OUT,
    Cause,
    Dtmf,
    Ended,
    LegEvent,
    LegState,
    MediaChanged,
    Sight,
    cause_told,
)
from pbx_lite.calls.referral import Referrals
from pbx_lite.calls.showing import Showing
from pbx_lite.errors import MediaError, SipError
from pbx_lite.media.dtmf import info_body, parse_info
from pbx_lite.media.port import AudioPort, Codec, VideoPort
from pbx_lite.media.quality import LineQuality
from pbx_lite.media.session import MediaSession
from pbx_lite.sip import invite_events
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite import IncomingInvite, OutgoingInvite
from pbx_lite.sip.message import Response
from pbx_lite.sip.uri import SipUri
from pbx_lite.tasks import spawn

_LOGGER = logging.getLogger(__name__)
_KEY_FRAME = (
    b'<?xml version="1.0" encoding="utf-8"?>'
    b"<media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive></media_control>"
)
"""RFC 5168: what stations without RTCP feedback understand."""
_GONE = frozenset({408, 481})
"""What a phone answers in a dialog that is over for it (RFC 3261 section 12.2.1.2)."""
_OFFERS_VIDEO = re.compile(rb"^m=video [1-9]", re.MULTILINE)


class SipLeg(ABC):
    """What incoming and outgoing legs share once there is a dialog."""

    def __init__(self, media: MediaSession, farewells: Farewells | None = None) -> None:
        self.media = media
        self.listener: Callable[[LegEvent], None] | None = None
        self.state = LegState.NEW
        self._farewells = farewells
        self._farewell = ""
        self.patient = False
        """Somebody holds the party's phone, and hangs up by hand should the PBX die within a second of the answer."""
        self.outside = False
        """The party is at the other end of a line: it is not told whom of the house it speaks with."""
        self._keys_by_info = False
        self._not_due: float | None = None  # when its sound was last not to come, or somebody first missed it
        self._referrals = Referrals()
        self._showing = Showing(media, self._talks, self._late_answer)
        media.audio.on_dtmf = self._pressed
        media.on_info_key_frame = self._ask_key_frame_by_info

    @property
    def audio(self) -> AudioPort:
        return self.media.audio

    @property
    def video(self) -> VideoPort | None:
        return self.media.video

    @property
    def filming(self) -> bool:
        """What a phone shows it has offered by its SDP."""
        return False

    def see(self, sight: Sight) -> None:
        if not self.outside:
            self._showing.see(sight)

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
            self.media.audio.listen_inband()

    def silent_for(self, now: float) -> float:
        """Seconds since the last packet, RTP or RTCP; 0 before the first one and while none is due.

        Whoever comes back from hold has been silent since then; how long that is, is told to the looks' accuracy.
        """
        last = self.media.last_received
        if last is None or not self._is_due(now):
            return 0.0
        return now - (last if self._not_due is None else max(last, self._not_due))

    def unheard_for(self, now: float) -> float:
        if self.state is not LegState.ANSWERED or self.media.last_received is not None or not self._is_due(now):
            return 0.0
        if self._not_due is None:
            self._not_due = now
        return now - self._not_due

    def _is_due(self, now: float) -> bool:
        """Whether the party is to be heard now."""
        if self.media.audio.one_way:
            self._not_due = now
            return False
        return True

    async def is_there(self) -> bool:
        """Whether the phone answers OPTIONS in the dialog: it refuses, or says nothing, where it knows of no call."""
        session = self.session
        if session is None or self.state is LegState.ENDED:
            return False
        try:
            answer = await session.send("OPTIONS")
        except SipError as error:
            _LOGGER.debug("No answer in a call: %s", error)
            return False
        return answer.status not in _GONE

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
        if session is not None and not self.outside and session.confirmed and session.allows("UPDATE"):
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
            self._farewell = self._farewells.up(self.session, soon=self.patient)
        self._showing.check()

    def _end(self, cause: Cause, redirects: tuple[str, ...] = ()) -> None:
        if self.state is LegState.ENDED:
            return
        self.state = LegState.ENDED
        self._referrals.stop()
        if self._farewells is not None:
            self._farewells.over(self._farewell)
        self.media.close()
        self._tell(Ended(cause, redirects))
        self._part()

    def _part(self) -> None:
        """Let go of whoever could call back, so that all of it is freed at once and not at the next collection."""
        self.listener = None
        self._showing.end()
        self.media.audio.on_dtmf = None
        self.media.on_info_key_frame = None
        if self.session is not None:
            self.session.listener = None

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
        elif (wanted := self._referrals.take(event, self._notify)) is not None:
            self._tell(wanted)

    def _reoffered(self, body: bytes) -> None:
        session = self.session
        if session is None:
            return
        before = self._flowing
        try:
            if self._showing.welcome and _OFFERS_VIDEO.search(body):
                self.media.add_video()
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

    def _talks(self) -> IncomingInvite | OutgoingInvite | None:
        return self.session if self.state is LegState.ANSWERED else None

    @property
    def _flowing(self) -> tuple[bool, Codec | None, bool]:
        audio = self.media.audio
        return audio.held, audio.codec, self.media.video is not None

    def _tell_change(self, before: tuple[bool, Codec | None, bool]) -> None:
        if (now := self._flowing) != before and self.state is not LegState.ENDED:
            self._tell(MediaChanged(now[0]))
