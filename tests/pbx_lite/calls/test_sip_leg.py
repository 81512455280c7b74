"""A party behind SIP: what its dialog says becomes what a call understands, and the other way round."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from pbx_lite.calls.leg import (
    ELSEWHERE,
    NO_CODEC,
    NORMAL,
    REJECTED,
    Answered,
    Dtmf,
    EarlyMedia,
    Ended,
    LegState,
    Ringing,
)
from pbx_lite.calls.sip_leg import Callee, IncomingLeg, OutgoingLeg
from pbx_lite.errors import MediaError, NoCommonCodec, SipError
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite_events import Accepted, Cancelled, Failed, InDialogRequest, Info, Offer, Progress
from pbx_lite.sip.invite_events import Ended as DialogEnded
from pbx_lite.sip.message import Response
from tests.support.fake_leg import FakeAudio, FakeVideo

OFFER, ANSWER = b"their offer", b"our answer"


class Media:
    """A media session that agrees to everything but `nonsense`."""

    def __init__(self) -> None:
        self.audio = FakeAudio()
        self.audio.held = False  # type: ignore[attr-defined]
        self.audio.takes_events = True  # type: ignore[attr-defined]
        self.listening = asyncio.Event()
        self.audio.listen_inband = self.listening.set  # type: ignore[attr-defined]
        self.video = FakeVideo()
        self.on_info_key_frame: Callable[[], None] | None = None
        self.last_received: float | None = None
        self.accepted: list[bytes] = []
        self.keys: list[tuple[str, bool, int, int]] = []
        self.pauses: list[float] = []
        self.closed = False

    def offer(self) -> bytes:
        return b"our offer"

    def answer(self, offer: bytes) -> bytes:
        if offer == b"nonsense":
            raise NoCommonCodec("Nothing in common")
        return ANSWER

    def accept(self, answer: bytes) -> None:
        if answer == b"nonsense":
            raise MediaError("Not an answer")
        self.accepted.append(answer)

    async def send_dtmf(self, digits: str, *, inband: bool, duration_ms: int, gap_ms: int) -> None:
        self.keys.append((digits, inband, duration_ms, gap_ms))

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def close(self) -> None:
        self.closed = True


class Invite:
    """An INVITE in either direction; `done` is what the leg made of it."""

    def __init__(self, body: bytes = OFFER) -> None:
        self.request = SimpleNamespace(body=body)
        self.listener: Callable[[Any], None] | None = None
        self.done: list[tuple[Any, ...]] = []
        self.info_status = 200

    def progress(self, status: int, *, body: bytes = b"") -> None:
        self.done.append(("progress", status, body))

    def accept(self, body: bytes) -> None:
        self.done.append(("accept", body))

    def reject(self, status: int, headers: Any = ()) -> None:
        self.done.append(("reject", status, dict(headers)))

    def bye(self, reason: str = "") -> None:
        self.done.append(("bye", reason))

    def cancel(self, reason: str = "") -> None:
        self.done.append(("cancel", reason))

    def accept_offer(self, body: bytes) -> None:
        self.done.append(("accept offer", body))

    def refuse_offer(self, status: int) -> None:
        self.done.append(("refuse offer", status))

    async def info(self, content_type: str, body: bytes) -> Response:
        self.done.append(("info", content_type, body))
        return Response(self.info_status)


class Endpoint:
    """Hands out one invite and lets the test play the other side through its listener."""

    def __init__(self) -> None:
        self.sent = Invite()
        self.arguments: dict[str, Any] = {}

    def invite(self, uri: str, **arguments: Any) -> Invite:
        self.arguments = {"uri": uri, **arguments}
        return self.sent


def incoming(body: bytes = OFFER) -> tuple[IncomingLeg, Invite, Media, list[Any]]:
    invite, media = Invite(body), Media()
    heard: list[Any] = []
    leg = IncomingLeg(invite, media)  # type: ignore[arg-type]
    leg.negotiate()
    leg.listener = heard.append
    return leg, invite, media, heard


def outgoing() -> tuple[OutgoingLeg, Endpoint, Callable[[Any], None], list[Any]]:
    endpoint, media = Endpoint(), Media()
    heard: list[Any] = []
    leg = OutgoingLeg(media)  # type: ignore[arg-type]
    leg.listener = heard.append
    leg.dial(endpoint, Callee("sip:101@192.0.2.1"), NameAddr("Front door", "sip:150@pbx"))  # type: ignore[arg-type]
    return leg, endpoint, endpoint.arguments["listener"], heard


def test_early_media_carries_the_answer_and_the_200_repeats_it() -> None:
    leg, invite, _, _ = incoming()
    leg.ring()
    leg.early_media()
    leg.answer()

    assert invite.done == [("progress", 180, b""), ("progress", 183, ANSWER), ("accept", ANSWER)]


def test_an_answered_leg_is_not_answered_twice() -> None:
    leg, invite, _, _ = incoming()
    leg.answer()
    leg.answer()

    assert invite.done == [("accept", ANSWER)]


def test_before_the_answer_hanging_up_refuses_and_afterwards_it_says_goodbye() -> None:
    early, refused, _, _ = incoming()
    early.hangup(REJECTED)
    late, answered, media, heard = incoming()
    late.answer()
    late.hangup(NORMAL)

    assert refused.done == [("reject", 603, {"Reason": 'Q.850;cause=21;text="Call rejected"'})]
    assert answered.done[-1] == ("bye", 'Q.850;cause=16;text="Normal call clearing"')
    assert heard == [Ended(NORMAL)]
    assert media.closed


def test_a_caller_who_gives_up_ends_the_leg() -> None:
    leg, invite, media, heard = incoming()
    assert invite.listener is not None
    invite.listener(Cancelled())

    assert heard == [Ended(NORMAL)]
    assert media.closed
    assert leg.state is LegState.ENDED


def test_an_invite_without_an_offer_is_offered_everything_and_answered_in_the_ack() -> None:
    leg, invite, media, _ = incoming(b"")
    leg.answer()
    assert invite.listener is not None
    invite.listener(Accepted(b"their answer"))

    assert invite.done == [("accept", b"our offer")]
    assert media.accepted == [b"their answer"]


def test_an_answer_in_the_ack_that_makes_no_sense_ends_the_call() -> None:
    leg, invite, _, heard = incoming(b"")
    leg.answer()
    assert invite.listener is not None
    invite.listener(Accepted(b"nonsense"))

    assert heard == [Ended(NO_CODEC)]


def test_what_the_callee_does_is_told_in_order() -> None:
    leg, _, happens, heard = outgoing()
    happens(Progress(180))
    happens(Progress(183, body=b"early"))
    happens(Accepted(b"final"))

    assert heard == [Ringing(), EarlyMedia(), Answered()]
    assert leg.media.accepted == [b"early", b"final"]  # type: ignore[attr-defined]


def test_a_callee_that_refuses_ends_the_leg_with_its_cause() -> None:
    _, _, happens, heard = outgoing()
    happens(Failed(603))

    assert heard == [Ended(REJECTED)]


def test_a_callee_whose_answer_does_not_fit_is_hung_up_on() -> None:
    _, endpoint, happens, heard = outgoing()
    happens(Accepted(b"nonsense"))

    assert endpoint.sent.done[0][0] == "bye"
    assert heard == [Ended(NO_CODEC)]


def test_a_ringing_callee_is_cancelled_with_the_reason() -> None:
    leg, endpoint, happens, _ = outgoing()
    happens(Progress(180))
    leg.hangup(ELSEWHERE)

    assert endpoint.sent.done == [("cancel", 'SIP;cause=200;text="Call completed elsewhere"')]


def test_a_new_offer_in_the_call_is_answered_or_refused() -> None:
    leg, invite, _, _ = incoming()
    leg.answer()
    assert invite.listener is not None
    invite.listener(Offer("INVITE", b"hold"))
    invite.listener(Offer("UPDATE", b"nonsense"))
    invite.listener(Offer("INVITE", b""))

    assert invite.done[1:] == [("accept offer", ANSWER), ("refuse offer", 488), ("accept offer", b"our offer")]


def test_keys_come_by_info_as_by_sound() -> None:
    _, invite, media, heard = incoming()
    assert invite.listener is not None
    assert media.audio.on_dtmf is not None
    invite.listener(Info("application/dtmf-relay", b"Signal=5\r\nDuration=100\r\n"))
    media.audio.on_dtmf("#")

    assert heard == [Dtmf("5"), Dtmf("#")]


def test_a_wish_for_a_key_frame_by_info_is_passed_on() -> None:
    _, invite, media, _ = incoming()
    wanted: list[bool] = []
    media.video.on_key_frame_wanted = lambda: wanted.append(True)
    assert invite.listener is not None
    invite.listener(Info("application/media_control+xml", b"<picture_fast_update/>"))

    assert wanted == [True]


def test_a_transfer_is_refused_for_now_and_a_goodbye_ends_the_leg() -> None:
    _, invite, _, heard = incoming()
    statuses: list[int] = []
    assert invite.listener is not None
    invite.listener(InDialogRequest("REFER", None, lambda status, *_, **__: statuses.append(status)))  # type: ignore[arg-type]
    invite.listener(DialogEnded())

    assert statuses == [501]
    assert heard == [Ended(NORMAL)]


@pytest.mark.parametrize(("how", "inband"), [("rfc4733", False), ("inband", True)])
async def test_keys_are_sent_at_the_pace_asked_for(how: str, inband: bool) -> None:
    leg, _, media, _ = incoming()
    await leg.send_dtmf("00#", how, 500)

    assert media.keys == [("00#", inband, 250, 250)]


async def test_tones_are_listened_to_where_a_phone_has_no_other_way_and_only_there() -> None:
    modern, _, modern_media, _ = incoming()
    modern.listen_for_keys()
    old, _, old_media, _ = incoming()
    old_media.audio.takes_events = False  # type: ignore[attr-defined]
    old.listen_for_keys()
    async with asyncio.timeout(10):
        await old_media.listening.wait()

    assert not modern_media.listening.is_set()


async def test_keys_by_info_are_sent_one_by_one_with_pauses() -> None:
    leg, invite, media, _ = incoming()
    leg.answer()
    await leg.send_dtmf("0#", "info", 500)

    assert [done[2] for done in invite.done if done[0] == "info"] == [
        b"Signal=0\r\nDuration=250\r\n",
        b"Signal=#\r\nDuration=250\r\n",
    ]
    assert media.pauses == [0.5]


async def test_a_station_that_refuses_a_key_is_an_error_that_says_so() -> None:
    leg, invite, _, _ = incoming()
    leg.answer()
    invite.info_status = 415

    with pytest.raises(SipError, match="415"):
        await leg.send_dtmf("1", "info", 500)


async def test_a_station_without_feedback_is_asked_for_a_key_frame_by_info() -> None:
    leg, invite, media, _ = incoming()
    leg.answer()
    assert media.on_info_key_frame is not None
    media.on_info_key_frame()
    await asyncio.sleep(0)

    assert invite.done[-1][:2] == ("info", "application/media_control+xml")


def test_silence_is_counted_from_the_last_packet_and_not_while_on_hold() -> None:
    leg, _, media, _ = incoming()
    before = leg.silent_for(100.0)
    media.last_received = 90.0
    while_talking = leg.silent_for(100.0)
    media.audio.held = True  # type: ignore[attr-defined]

    assert (before, while_talking, leg.silent_for(100.0)) == (0.0, 10.0, 0.0)
