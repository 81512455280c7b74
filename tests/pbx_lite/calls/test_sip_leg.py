"""A party behind SIP: what its dialog says becomes what a call understands, and the other way round."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from pbx_lite.calls.leg import (
    BUSY,
    ELSEWHERE,
    NO_CODEC,
    NORMAL,
    REDIRECTED,
    REJECTED,
    TIMED_OUT,
    Answered,
    Dtmf,
    EarlyMedia,
    Ended,
    LegState,
    MediaChanged,
    Ringing,
    TransferRequested,
)
from pbx_lite.calls.sip_leg import Callee, IncomingLeg, OutgoingLeg
from pbx_lite.errors import MediaError, NoCommonCodec, SipError
from pbx_lite.media.port import PCMA, Codec
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite_events import Accepted, Answer, Cancelled, Failed, InDialogRequest, Info, Offer, Progress
from pbx_lite.sip.invite_events import Ended as DialogEnded
from pbx_lite.sip.message import Headers, Request, Response
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
        self.preferred: Codec | None = None

    def offer(self) -> bytes:
        return b"our offer"

    def prefer(self, first: Codec | None) -> None:
        self.preferred = first

    def answer(self, offer: bytes) -> bytes:
        if offer == b"nonsense":
            raise NoCommonCodec("Nothing in common")
        if offer == b"garbage":
            raise MediaError("Not a session description")
        self.audio.held = offer == b"hold"  # type: ignore[attr-defined]
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
        self.sent: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 200
        self.takes = {"UPDATE"}
        self.confirmed = True
        self.ended = False
        self.takes_reliable = self.requires_reliable = False
        self.dialog = SimpleNamespace(local=NameAddr("", "sip:101@pbx"))

    def progress(self, status: int, *, body: bytes = b"", headers: Any = (), reliable: bool = False) -> None:
        self.done.append(("progress reliably" if reliable else "progress", status, body))
        self.headers = dict(headers)

    def accept(self, body: bytes, headers: Any = ()) -> None:
        self.done.append(("accept", body))
        self.headers = dict(headers)

    def allows(self, method: str) -> bool:
        return method in self.takes

    async def send(self, method: str, headers: Any = (), body: bytes = b"") -> Response:
        self.sent.append((method, dict(headers), body))
        return Response(self.status)

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
        return Response(self.status)


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


def outgoing(*, offer: bool = True) -> tuple[OutgoingLeg, Endpoint, Callable[[Any], None], list[Any]]:
    endpoint, media = Endpoint(), Media()
    heard: list[Any] = []
    leg = OutgoingLeg(media)  # type: ignore[arg-type]
    leg.listener = heard.append
    caller = NameAddr("Front door", "sip:150@pbx")
    leg.dial(endpoint, Callee("sip:101@192.0.2.1"), caller, offer=offer)  # type: ignore[arg-type]
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


def test_an_invite_with_garbage_for_sdp_is_the_callers_fault_like_one_without_a_codec_of_ours() -> None:
    leg = IncomingLeg(Invite(b"garbage"), Media())  # type: ignore[arg-type]

    with pytest.raises(NoCommonCodec, match="Not a session description"):
        leg.negotiate()


def test_a_caller_who_gave_up_before_anybody_listened_leaves_an_ended_leg() -> None:
    invite, media = Invite(), Media()
    invite.ended = True
    leg = IncomingLeg(invite, media)  # type: ignore[arg-type]
    leg.negotiate()
    leg.ring()
    leg.answer()

    assert leg.state is LegState.ENDED
    assert media.closed
    assert invite.done == []


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


def refer(to: str, *headers: tuple[str, str], seq: int = 7) -> tuple[InDialogRequest, list[int]]:
    """A REFER and, once it is answered, the status."""
    statuses: list[int] = []
    request = Request("REFER", "sip:pbx", [("Refer-To", to), ("CSeq", f"{seq} REFER"), *headers])
    return InDialogRequest("REFER", request, lambda status, *_, **__: statuses.append(status)), statuses


def test_holding_and_coming_back_are_told_and_what_changes_nothing_is_not() -> None:
    leg, invite, _, heard = incoming()
    leg.answer()
    assert invite.listener is not None
    for offer in (b"again", b"hold", b"hold", b"resume", b"nonsense", b"garbage"):
        invite.listener(Offer("INVITE", offer))

    assert heard == [MediaChanged(held=True), MediaChanged(held=False)]


def test_another_codec_is_told() -> None:
    leg, invite, media, heard = incoming(b"")
    leg.answer()
    media.audio.codec = None
    media.accept = lambda answer: setattr(media.audio, "codec", PCMA)  # type: ignore[method-assign]
    assert invite.listener is not None
    invite.listener(Accepted(b"their answer"))

    assert heard == [MediaChanged(held=False)]


async def test_a_refer_is_a_wish_for_a_transfer_whose_progress_the_phone_is_told() -> None:
    leg, invite, _, heard = incoming()
    leg.answer()
    event, statuses = refer("<sip:102@pbx>")
    assert invite.listener is not None
    invite.listener(event)
    (wanted,) = heard
    await asyncio.sleep(0)
    wanted.progress(180)
    await asyncio.sleep(0)
    wanted.progress(200)
    await asyncio.sleep(0)
    wanted.progress(486)

    assert isinstance(wanted, TransferRequested)
    assert (wanted.target, wanted.replaces, statuses) == ("sip:102@pbx", "", [202])
    assert [(fields["Subscription-State"], body) for _, fields, body in invite.sent] == [
        ("active;expires=60", b"SIP/2.0 100 Trying\r\n"),
        ("active;expires=60", b"SIP/2.0 180 Ringing\r\n"),
        ("terminated;reason=noresource", b"SIP/2.0 200 OK\r\n"),
    ]
    assert {(method, fields["Event"]) for method, fields, _ in invite.sent} == {("NOTIFY", "refer")}


async def test_a_bad_refer_is_refused_and_so_is_a_second_one_meanwhile() -> None:
    leg, invite, _, heard = incoming()
    leg.answer()
    assert invite.listener is not None
    answers = []
    for event, statuses in (refer("<nonsense>"), refer("<sip:102@pbx>"), refer("<sip:103@pbx>")):
        invite.listener(event)
        answers += statuses

    assert answers == [400, 202, 491]
    assert len(heard) == 1


def test_a_refer_before_the_answer_and_other_requests_are_refused() -> None:
    _, invite, _, heard = incoming()
    event, statuses = refer("<sip:102@pbx>")
    assert invite.listener is not None
    invite.listener(event)
    invite.listener(InDialogRequest("MESSAGE", None, lambda status, *_, **__: statuses.append(status)))  # type: ignore[arg-type]

    assert statuses == [403, 501]
    assert heard == []


async def test_no_progress_is_told_after_the_end() -> None:
    leg, invite, _, heard = incoming()
    leg.answer()
    assert invite.listener is not None
    invite.listener(refer("<sip:102@pbx>", ("Refer-Sub", "true"))[0])
    await asyncio.sleep(0)
    leg.hangup()
    heard[0].progress(200)
    await asyncio.sleep(0)

    assert len(invite.sent) == 1


@pytest.mark.parametrize(
    ("ending", "cause"),
    [
        (DialogEnded(), NORMAL),
        (DialogEnded('Q.850;cause=17;text="User busy"'), BUSY),
        (DialogEnded("The other side is gone.", lost=True), TIMED_OUT),
        (Cancelled('SIP;cause=200;text="Call completed elsewhere"'), ELSEWHERE),
        (Cancelled(), NORMAL),
    ],
)
def test_a_goodbye_says_why(ending: Any, cause: Any) -> None:
    _, invite, _, heard = incoming()
    assert invite.listener is not None
    invite.listener(ending)

    assert heard == [Ended(cause)]


def test_a_callee_that_redirects_ends_the_leg_with_the_addresses_best_first() -> None:
    _, _, happens, heard = outgoing()
    happens(Failed(302, headers=Headers([("Contact", "<sip:b@x>;q=0.5, <sip:a@x>"), ("Contact", "<http://x>")])))

    assert heard == [Ended(REDIRECTED, ("sip:a@x", "sip:b@x"))]


def test_a_gateway_says_by_reason_what_its_503_means() -> None:
    _, _, happens, heard = outgoing()
    happens(Failed(503, headers=Headers([("Reason", "Q.850;cause=17")])))

    assert heard == [Ended(BUSY)]


def test_the_codec_the_callee_chose_is_preferred_until_an_answer_was_sent() -> None:
    leg, _, media, _ = incoming()
    leg.negotiate(PCMA)
    leg.answer()
    leg.negotiate(None)

    assert media.preferred == PCMA


def test_media_follows_the_branch_that_answers() -> None:
    leg, _, happens, heard = outgoing()
    happens(Progress(183, body=b"one", early_id="1"))
    happens(Progress(183, body=b"two", early_id="2"))
    happens(Accepted(early_id="2"))

    assert leg.media.accepted == [b"one", b"two"]  # type: ignore[attr-defined]
    assert heard == [EarlyMedia(), Answered()]


def test_a_200_without_sdp_ends_the_call() -> None:
    _, endpoint, happens, heard = outgoing()
    happens(Progress(183, body=b"one", early_id="1"))
    happens(Accepted(early_id="2"))

    assert endpoint.sent.done[0][0] == "bye"
    assert heard == [EarlyMedia(), Ended(NO_CODEC)]


def test_a_callee_may_make_the_offer() -> None:
    leg, endpoint, happens, heard = outgoing(offer=False)
    happens(Progress(183, body=b"early offer"))
    happens(Accepted(b"their offer"))

    assert endpoint.arguments["body"] == b""
    assert endpoint.sent.done == [("accept offer", ANSWER)]
    assert leg.media.accepted == []  # type: ignore[attr-defined]
    assert heard == [Answered()]


def test_a_callee_reinvites_without_an_offer_and_answers_in_the_ack() -> None:
    leg, endpoint, happens, _ = outgoing()
    happens(Accepted(b"final"))
    happens(Offer("INVITE", b""))
    happens(Accepted(b"in the ack"))
    happens(Accepted(b"nonsense"))

    assert endpoint.sent.done == [("accept offer", b"our offer")]
    assert leg.media.accepted == [b"final", b"in the ack"]  # type: ignore[attr-defined]
    assert leg.state is LegState.ANSWERED


def test_a_caller_that_never_answers_our_offer_is_hung_up_on() -> None:
    leg, invite, _, heard = incoming(b"")
    leg.answer()
    assert invite.listener is not None
    invite.listener(Accepted(b""))

    assert heard == [Ended(NO_CODEC)]


def test_early_media_is_announced_reliably_where_that_is_wanted() -> None:
    leg, invite, _, _ = incoming()
    leg.reliable = True
    leg.early_media()

    assert invite.done == [("progress reliably", 183, ANSWER)]


def test_a_caller_without_an_offer_gets_ours_early_where_it_can_answer_it() -> None:
    leg, invite, media, heard = incoming(b"")
    invite.takes_reliable = True
    leg.ring()
    leg.early_media()
    assert invite.listener is not None
    invite.listener(Answer(b"their answer"))
    leg.answer()
    invite.listener(Accepted(b""))

    assert invite.done[:2] == [("progress", 180, b""), ("progress reliably", 183, b"our offer")]
    assert media.accepted == [b"their answer"]
    assert heard == []


def test_a_caller_without_an_offer_that_can_answer_only_in_the_ack_hears_no_early_media() -> None:
    leg, invite, _, _ = incoming(b"")
    leg.early_media()

    assert invite.done == [("progress", 180, b"")]


def test_a_caller_that_insists_gets_our_offer_while_it_rings() -> None:
    leg, invite, _, heard = incoming(b"")
    invite.takes_reliable = invite.requires_reliable = True
    leg.ring()
    leg.early_media()
    assert invite.listener is not None
    invite.listener(Answer(b"nonsense"))

    assert invite.done[0] == ("progress reliably", 180, b"our offer")
    assert heard == [Ended(NO_CODEC)]


def test_the_offer_of_a_reliable_answer_is_answered_early() -> None:
    leg, endpoint, happens, heard = outgoing(offer=False)
    happens(Progress(183, body=b"their offer", early_id="1", reliable=True))
    happens(Progress(180, early_id="1", reliable=True))
    happens(Accepted(early_id="1"))

    assert endpoint.sent.done == [("accept offer", ANSWER)]
    assert heard == [EarlyMedia(), Answered()]
    assert leg.rang


def test_before_the_answer_only_the_branch_that_is_heard_may_change_its_media() -> None:
    _, endpoint, happens, _ = outgoing()
    happens(Progress(183, body=b"one", early_id="1"))
    happens(Offer("UPDATE", b"hold", "2"))
    happens(Offer("UPDATE", b"hold", "1"))

    assert endpoint.sent.done == [("refuse offer", 488), ("accept offer", ANSWER)]


async def test_whom_it_speaks_with_is_shown_by_update_where_the_phone_takes_that() -> None:
    leg, invite, _, _ = incoming()
    leg.answer()
    leg.show("Ben", "102")
    await asyncio.sleep(0)
    invite.takes.clear()
    leg.show("Carl", "103")
    await asyncio.sleep(0)

    assert invite.sent == [("UPDATE", {"P-Asserted-Identity": '"Ben" <sip:102@pbx>'}, b"")]


def test_before_the_answer_the_identity_goes_with_it() -> None:
    leg, invite, _, _ = incoming()
    leg.show("Ben", "102")
    leg.answer()

    assert invite.headers == {"P-Asserted-Identity": '"Ben" <sip:102@pbx>'}


async def test_a_phone_is_notified_of_an_event_nobody_subscribed_to() -> None:
    leg, invite, _, _ = incoming()
    leg.answer()
    await leg.notify("talk")
    invite.status = 489
    with pytest.raises(SipError, match="489"):
        await leg.notify("x", "text/plain", b"body")

    fields = {"Event": "talk", "Subscription-State": "terminated;reason=noresource"}
    assert invite.sent[0] == ("NOTIFY", fields, b"")


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
    invite.status = 415

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
