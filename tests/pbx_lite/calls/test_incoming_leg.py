"""A party that called us."""

import asyncio

import pytest

from pbx_lite.calls.incoming_leg import IncomingLeg
from pbx_lite.calls.leg import (
    NO_CODEC,
    NORMAL,
    Ended,
    LegState,
)
from pbx_lite.errors import NoCommonCodec
from pbx_lite.sip.invite_events import Accepted, Answer, Cancelled
from tests.pbx_lite.calls.sip_doubles import ANSWER, Invite, Media, incoming


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


def test_before_the_answer_the_identity_goes_with_it() -> None:
    leg, invite, _, _ = incoming()
    leg.show("Ben", "102")
    leg.answer()

    assert invite.headers == {"P-Asserted-Identity": '"Ben" <sip:102@pbx>'}


async def test_tones_are_listened_to_where_a_phone_has_no_other_way_and_only_there() -> None:
    modern, _, modern_media, _ = incoming()
    modern.listen_for_keys()
    old, _, old_media, _ = incoming()
    old_media.audio.takes_events = False  # type: ignore[attr-defined]
    old.listen_for_keys()
    async with asyncio.timeout(20):
        await old_media.listening.wait()

    assert not modern_media.listening.is_set()
