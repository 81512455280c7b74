"""A party that we call."""

import gc
from typing import Any

from pbx_lite.calls.leg import (
    BUSY,
    ELSEWHERE,
    NO_CODEC,
    NORMAL,
    REDIRECTED,
    REJECTED,
    Answered,
    EarlyMedia,
    Ended,
    LegState,
    Ringing,
)
from pbx_lite.sip.invite_events import Accepted, Failed, Offer, Progress
from pbx_lite.sip.message import Headers
from tests.pbx_lite.calls.sip_doubles import ANSWER, outgoing


def test_what_the_callee_does_is_told_in_order() -> None:
    leg, _, happens, heard = outgoing()
    happens(Progress(180))
    happens(Progress(183, body=b"early"))
    happens(Accepted(b"final"))

    assert heard == [Ringing(), EarlyMedia(), Answered()]
    assert leg.media.accepted == [b"early", b"final"]  # type: ignore[attr-defined]


def test_a_callee_that_rings_with_sound_of_its_own_rings_all_the_same() -> None:
    leg, _, happens, heard = outgoing()
    happens(Progress(180, body=b"early"))
    happens(Progress(180, body=b"early"))

    assert heard == [Ringing(), EarlyMedia()]
    assert leg.state is LegState.EARLY


def test_who_hangs_up_at_the_first_ring_hears_nothing_more() -> None:
    leg, _, happens, heard = outgoing()

    def hear(event: Any) -> None:
        heard.append(event)
        if event == Ringing():
            leg.hangup()

    leg.listener = hear
    happens(Progress(180, body=b"early"))

    assert heard == [Ringing(), Ended(NORMAL)]


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


def test_a_callee_that_redirects_ends_the_leg_with_the_addresses_best_first() -> None:
    _, _, happens, heard = outgoing()
    happens(Failed(302, headers=Headers([("Contact", "<sip:b@x>;q=0.5, <sip:a@x>"), ("Contact", "<http://x>")])))

    assert heard == [Ended(REDIRECTED, ("sip:a@x", "sip:b@x"))]


def test_a_gateway_says_by_reason_what_its_503_means() -> None:
    _, _, happens, heard = outgoing()
    happens(Failed(503, headers=Headers([("Reason", "Q.850;cause=17")])))

    assert heard == [Ended(BUSY)]


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


def test_a_leg_that_ended_is_freed_at_once_for_nothing_of_its_own_holds_it() -> None:
    leg, _, happens, _ = outgoing()
    happens(Failed(603))

    parts = [part for part in gc.get_referents(leg) if type(part).__module__.startswith("pbx_lite.calls")]
    assert parts
    assert not [each for part in parts for each in gc.get_referents(part) if getattr(each, "__self__", None) is leg]
