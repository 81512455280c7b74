"""A party behind SIP, whoever called: what its dialog says becomes what a call understands, and the other way round."""

import asyncio
from typing import Any

import pytest

from pbx_lite.calls.leg import (
    BUSY,
    ELSEWHERE,
    NORMAL,
    REJECTED,
    TIMED_OUT,
    Dtmf,
    Ended,
    MediaChanged,
    TransferRequested,
)
from pbx_lite.errors import SipError
from pbx_lite.media.port import PCMA
from pbx_lite.sip.invite_events import Accepted, Cancelled, InDialogRequest, Info, Offer
from pbx_lite.sip.invite_events import Ended as DialogEnded
from tests.pbx_lite.calls.sip_doubles import ANSWER, incoming, refer


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


def test_the_codec_the_callee_chose_is_preferred_until_an_answer_was_sent() -> None:
    leg, _, media, _ = incoming()
    leg.negotiate(PCMA)
    leg.answer()
    leg.negotiate(None)

    assert media.preferred == PCMA


async def test_whom_it_speaks_with_is_shown_by_update_where_the_phone_takes_that() -> None:
    leg, invite, _, _ = incoming()
    leg.answer()
    leg.show("Ben", "102")
    await asyncio.sleep(0)
    invite.takes.clear()
    leg.show("Carl", "103")
    await asyncio.sleep(0)

    assert invite.sent == [("UPDATE", {"P-Asserted-Identity": '"Ben" <sip:102@pbx>'}, b"")]


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
    media.audio.one_way = True
    on_hold = [leg.silent_for(100.0), leg.silent_for(500.0)]
    media.audio.one_way = False

    assert (before, while_talking, on_hold) == (0.0, 10.0, [0.0, 0.0])
    assert leg.silent_for(501.0) == 1.0, "who comes back is not taken for gone because of the time on hold"


def test_a_party_is_unheard_from_the_answer_on_while_it_is_to_speak_and_until_anything_comes() -> None:
    leg, _, media, _ = incoming()
    ringing = leg.unheard_for(100.0)
    leg.answer()
    answered = [leg.unheard_for(200.0), leg.unheard_for(230.0)]
    media.audio.one_way = True
    listening = leg.unheard_for(260.0)
    media.audio.one_way = False
    again = [leg.unheard_for(270.0), leg.unheard_for(300.0)]
    media.last_received = 299.0

    assert (ringing, answered, listening, again) == (0.0, [0.0, 30.0], 0.0, [10.0, 40.0])
    assert leg.unheard_for(301.0) == 0.0


async def test_a_phone_is_asked_in_its_dialog_whether_it_is_there() -> None:
    leg, invite, _, _ = incoming()
    leg.answer()
    found = []
    for invite.status in (200, 405, 481, 408):
        found.append(await leg.is_there())
    leg.hangup()

    assert found == [True, True, False, False]
    assert not await leg.is_there()
