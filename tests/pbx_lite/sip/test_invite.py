from collections.abc import Callable

import pytest

from pbx_lite.sip.address import Address
from pbx_lite.sip.endpoint import Credentials
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite import IncomingInvite
from pbx_lite.sip.invite_events import Accepted, Cancelled, Ended, Failed, Progress
from pbx_lite.sip.message import Request, SipMessage
from tests.pbx_lite.sip.doubles import ANSWER, OFFER, Party, Puppet, Wire
from tests.support.clock import FakeClock

_CHALLENGE = 'Digest realm="home", nonce="n1", qop="auth", algorithm=MD5'


def losing_first(kind: str | int) -> Callable[[SipMessage], bool]:
    """A wire's `loses` that loses only the first message with this method or status."""
    lost: list[SipMessage] = []

    def loses(message: SipMessage) -> bool:
        name = message.method if isinstance(message, Request) else message.status
        if name == kind and not lost:
            lost.append(message)
            return True
        return False

    return loses


def answering(invite: IncomingInvite) -> None:
    invite.progress(180)
    invite.accept(ANSWER)


def test_a_call_rings_is_answered_and_ends(alice: Party, bob: Party, wire: Wire, clock: FakeClock):
    bob.handler.answer = answering
    call = alice.call(bob)
    clock.advance(0)
    assert wire.log == ["INVITE", "180", "200", "ACK"]
    assert [type(event) for event in alice.events] == [Progress, Accepted]
    assert alice.heard(Accepted)[0].body == ANSWER
    assert bob.handler.invite.request.body == OFFER
    assert bob.handler.invite.source == alice.address
    assert bob.handler.invite.local == bob.address
    assert [type(event) for event in bob.handler.events] == [Accepted]
    assert call.confirmed
    assert call.remote == bob.address
    call.bye('SIP;cause=200;text="over"')
    assert call.ended
    clock.advance(0)
    assert wire.log[4:] == ["BYE", "200"]
    assert bob.handler.heard(Ended) == [Ended('SIP;cause=200;text="over"')]
    clock.advance(100)
    assert len(wire.sent) == 6
    assert clock.pending == []


def test_the_callee_hangs_up(alice: Party, bob: Party, wire: Wire, clock: FakeClock):
    bob.handler.answer = answering
    alice.call(bob)
    clock.advance(0)
    bob.handler.invite.bye()
    clock.advance(0)
    assert alice.heard(Ended) == [Ended("")]
    assert wire.log[4:] == ["BYE", "200"]
    assert bob.handler.events == [bob.handler.heard(Accepted)[0]]


def test_an_invite_not_answered_at_once_gets_100(alice: Party, bob: Party, wire: Wire, clock: FakeClock):
    alice.call(bob)
    clock.advance(20)
    assert wire.log == ["INVITE", "100"]
    assert alice.events == []


def test_a_refused_call_fails_with_its_reason(alice: Party, bob: Party, wire: Wire, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.reject(486, headers=[("Retry-After", "5")])
    call = alice.call(bob)
    clock.advance(0)
    assert wire.log == ["INVITE", "486", "ACK"]
    failed = alice.heard(Failed)[0]
    assert (failed.status, failed.reason, failed.headers.get("retry-after")) == (486, "Busy Here", "5")
    assert call.ended
    clock.advance(100)
    assert clock.pending == []


def test_a_call_nobody_answers_fails_with_408(alice: Party, puppet: Puppet, clock: FakeClock):
    alice.call(puppet)
    clock.advance(31)
    assert alice.events == []
    clock.advance(2)
    assert alice.heard(Failed)[0].status == 408
    assert len(puppet.requests("INVITE")) == 7


def test_a_call_without_a_way_fails_with_503_after_invite_returned(alice: Party, puppet: Puppet, clock: FakeClock):
    flow = alice.network.flow(puppet.address)
    assert flow is not None
    alice.network.lose(flow)
    alice.call(puppet)
    assert alice.events == []
    clock.advance(0)
    assert alice.heard(Failed)[0].status == 503


def test_a_phone_that_rings_for_ten_minutes_is_cancelled(alice: Party, puppet: Puppet, clock: FakeClock):
    alice.call(puppet)
    clock.advance(0)
    puppet.respond(puppet.requests("INVITE")[0], 180, alice)
    clock.advance(601)
    assert alice.heard(Failed)[0].status == 408
    assert puppet.requests("CANCEL")


def test_a_2xx_is_repeated_until_its_ack_comes(alice: Party, bob: Party, wire: Wire, clock: FakeClock):
    wire.loses = losing_first("ACK")
    bob.handler.answer = answering
    alice.call(bob)
    clock.advance(0)
    assert bob.handler.events == []
    clock.advance(0.5)
    assert wire.log == ["INVITE", "180", "200", "ACK", "200", "ACK"]
    assert len(bob.handler.heard(Accepted)) == 1
    assert len(alice.heard(Accepted)) == 1
    clock.advance(100)
    assert len(wire.sent) == 6


def test_a_session_nobody_acknowledges_ends_after_64_t1(alice: Party, bob: Party, wire: Wire, clock: FakeClock):
    wire.loses = lambda message: isinstance(message, Request) and message.method == "ACK"
    bob.handler.answer = answering
    alice.call(bob)
    clock.advance(31.9)
    assert bob.handler.events == []
    clock.advance(0.2)
    assert len(bob.handler.heard(Ended)) == 1
    assert wire.log[-2:] == ["BYE", "200"]
    assert alice.heard(Ended)


def test_a_bye_waits_for_the_ack_it_must_not_overtake(alice: Party, bob: Party, wire: Wire, clock: FakeClock):
    wire.loses = losing_first("ACK")
    bob.handler.answer = answering
    alice.call(bob)
    clock.advance(0)
    bob.handler.invite.bye("SIP;cause=200")
    assert bob.handler.invite.ended
    clock.advance(0)
    assert wire.requests("BYE") == []
    clock.advance(0.6)
    assert wire.requests("BYE")[0].headers.get("reason") == "SIP;cause=200"
    assert alice.heard(Ended)
    assert bob.handler.events == []


@pytest.mark.parametrize("lost", ["INVITE", 180, 200, "ACK", "BYE"])
def test_any_lost_message_of_a_call_is_made_good(
    lost: str | int, alice: Party, bob: Party, wire: Wire, clock: FakeClock
):
    wire.loses = losing_first(lost)
    bob.handler.answer = answering
    call = alice.call(bob)
    clock.advance(2)
    assert call.confirmed
    call.bye()
    clock.advance(2)
    assert bob.handler.heard(Ended)
    clock.advance(100)
    assert clock.pending == []
    assert len(bob.handler.invites) == 1


@pytest.mark.parametrize("lost", [100, "CANCEL", 487, "ACK"])
def test_any_lost_message_of_a_cancelled_call_is_made_good(
    lost: str | int, alice: Party, bob: Party, wire: Wire, clock: FakeClock
):
    wire.loses = losing_first(lost)
    call = alice.call(bob)
    clock.advance(0.6)
    call.cancel()
    clock.advance(5)
    assert len(bob.handler.heard(Cancelled)) == 1
    assert alice.heard(Failed)[0].status == 487
    clock.advance(100)
    assert clock.pending == []


def test_a_cancelled_call_tells_why_and_ends_with_487(alice: Party, bob: Party, wire: Wire, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.progress(180)
    call = alice.call(bob)
    clock.advance(0)
    call.cancel('SIP;cause=200;text="Call completed elsewhere"')
    clock.advance(0)
    assert wire.log == ["INVITE", "180", "CANCEL", "200", "487", "ACK"]
    assert bob.handler.events == [Cancelled('SIP;cause=200;text="Call completed elsewhere"')]
    assert alice.heard(Failed)[0].status == 487
    assert bob.handler.invite.ended
    bob.handler.invite.accept(ANSWER)
    bob.handler.invite.reject(486)
    bob.handler.invite.progress(180)
    bob.handler.invite.bye()
    clock.advance(0)
    assert len(wire.sent) == 6


def test_a_cancel_waits_for_a_provisional_answer(alice: Party, puppet: Puppet, clock: FakeClock):
    call = alice.call(puppet)
    call.cancel()
    clock.advance(0.4)
    assert puppet.requests("CANCEL") == []
    invite = puppet.requests("INVITE")[0]
    puppet.respond(invite, 100, alice)
    clock.advance(0)
    cancel = puppet.requests("CANCEL")[0]
    assert cancel.via.branch == invite.via.branch
    assert str(cancel.cseq) == "1 CANCEL"
    assert cancel.to.tag is None
    assert cancel.uri == invite.uri


def test_a_200_that_crosses_the_cancel_is_acknowledged_and_ended(
    alice: Party, puppet: Puppet, wire: Wire, clock: FakeClock
):
    call = alice.call(puppet)
    clock.advance(0)
    invite = puppet.requests("INVITE")[0]
    puppet.respond(invite, 180, alice)
    clock.advance(0)
    call.cancel("SIP;cause=200")
    puppet.respond(invite, 200, alice, body=ANSWER)
    clock.advance(0)
    assert [message.method for message in puppet.received if isinstance(message, Request)] == [
        "INVITE",
        "CANCEL",
        "ACK",
        "BYE",
    ]
    assert puppet.requests("BYE")[0].headers.get("reason") == "SIP;cause=200"
    assert alice.heard(Failed)[0].status == 487
    assert alice.heard(Accepted) == []
    assert call.ended


def test_a_cancel_that_is_ignored_gives_up_after_64_t1(alice: Party, puppet: Puppet, clock: FakeClock):
    call = alice.call(puppet)
    clock.advance(0)
    puppet.respond(puppet.requests("INVITE")[0], 180, alice)
    clock.advance(0)
    call.cancel()
    clock.advance(33)
    assert alice.heard(Failed)[0].status == 487
    clock.advance(100)
    assert clock.pending == []


def test_a_cancel_for_no_call_gets_481(bob: Party, puppet: Puppet, clock: FakeClock):
    puppet.request("CANCEL", bob)
    clock.advance(0)
    assert puppet.statuses == [481]


def test_a_cancel_after_the_answer_changes_nothing(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = answering
    invite = puppet.request("INVITE", bob, body=OFFER)
    clock.advance(0)
    puppet.request("CANCEL", bob, branch=invite.via.branch)
    clock.advance(0)
    assert puppet.statuses == [180, 200, 200]
    assert bob.handler.events == []


def test_two_branches_that_answer_keep_one_session(alice: Party, puppet: Puppet, clock: FakeClock):
    call = alice.call(puppet)
    clock.advance(0)
    invite = puppet.requests("INVITE")[0]
    puppet.respond(invite, 180, alice, tag="one")
    puppet.respond(invite, 183, alice, tag="two", body=ANSWER)
    puppet.respond(invite, 200, alice, tag="two", body=ANSWER)
    puppet.respond(invite, 200, alice, tag="one", body=ANSWER)
    clock.advance(0)
    assert [event.early_id for event in alice.heard(Progress)] == ["one", "two"]
    assert [event.early_id for event in alice.heard(Accepted)] == ["two"]
    assert [ack.to.tag for ack in puppet.requests("ACK")] == ["two", "one"]
    assert [bye.to.tag for bye in puppet.requests("BYE")] == ["one"]
    assert call.confirmed
    assert call.dialog is not None
    assert call.dialog.remote_tag == "two"


def test_a_flood_of_branches_is_bounded(alice: Party, puppet: Puppet, clock: FakeClock):
    alice.call(puppet)
    clock.advance(0)
    for number in range(100):
        puppet.respond(puppet.requests("INVITE")[0], 180, alice, tag=f"t{number}")
    clock.advance(0)
    assert len(alice.heard(Progress)) == 16


def test_early_media_arrives_with_its_body(alice: Party, bob: Party, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.progress(183, body=ANSWER)
    alice.call(bob)
    clock.advance(0)
    progress = alice.heard(Progress)[0]
    assert (progress.status, progress.body) == (183, ANSWER)
    assert progress.headers.get("content-type") == "application/sdp"


def test_a_ringing_call_is_refreshed_every_minute(alice: Party, bob: Party, wire: Wire, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.progress(180)
    alice.call(bob)
    clock.advance(125)
    assert wire.log == ["INVITE", "180", "180", "180"]
    bob.handler.invite.accept(ANSWER)
    clock.advance(200)
    assert wire.log.count("180") == 3


def test_a_challenge_is_answered_with_credentials(alice: Party, puppet: Puppet, clock: FakeClock):
    alice.call(puppet, credentials=Credentials("anna", "secret"))
    clock.advance(0)
    puppet.respond(puppet.requests("INVITE")[0], 401, alice, headers=[("WWW-Authenticate", _CHALLENGE)])
    clock.advance(0)
    first, second = puppet.requests("INVITE")
    assert puppet.requests("ACK")[0].via.branch == first.via.branch
    assert str(second.cseq) == "2 INVITE"
    assert second.call_id == first.call_id
    assert second.from_.tag == first.from_.tag
    assert second.via.branch != first.via.branch
    assert 'username="anna"' in (second.headers.get("authorization") or "")
    assert second.body == OFFER
    puppet.respond(second, 200, alice, body=ANSWER)
    clock.advance(0)
    assert alice.heard(Accepted)
    assert str(puppet.requests("ACK")[1].cseq) == "2 ACK"


def test_wrong_credentials_fail_instead_of_going_round(alice: Party, puppet: Puppet, clock: FakeClock):
    alice.call(puppet, credentials=Credentials("anna", "wrong"))
    for _ in range(4):
        clock.advance(0)
        for invite in puppet.requests("INVITE"):
            puppet.respond(invite, 401, alice, headers=[("WWW-Authenticate", _CHALLENGE)])
    clock.advance(0)
    assert len(puppet.requests("INVITE")) == 2
    assert alice.heard(Failed)[0].status == 401


def test_a_challenge_to_a_bye_is_answered_too(alice: Party, puppet: Puppet, clock: FakeClock):
    call = alice.call(puppet, credentials=Credentials("anna", "secret"))
    clock.advance(0)
    puppet.respond(puppet.requests("INVITE")[0], 200, alice, body=ANSWER)
    clock.advance(0)
    call.bye()
    clock.advance(0)
    puppet.respond(puppet.requests("BYE")[0], 407, alice, headers=[("Proxy-Authenticate", _CHALLENGE)])
    clock.advance(0)
    byes = puppet.requests("BYE")
    assert [bye.cseq.number for bye in byes] == [2, 3]
    assert "proxy-authorization" in byes[1].headers


# RFC 3262


def test_a_reliable_answer_is_repeated_until_its_prack(alice: Party, bob: Party, wire: Wire, clock: FakeClock):
    wire.loses = losing_first("PRACK")
    bob.handler.answer = lambda invite: invite.progress(183, body=ANSWER, reliable=True)
    alice.call(bob)
    clock.advance(0.6)
    assert wire.log.count("183") == 2
    assert len(alice.heard(Progress)) == 1
    assert wire.responses("PRACK")[-1].status == 200
    clock.advance(30)
    assert wire.log.count("183") == 2


def test_a_caller_that_cannot_prack_gets_a_plain_answer(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.progress(183, body=ANSWER, reliable=True)
    puppet.request("INVITE", bob, body=OFFER)
    clock.advance(5)
    assert puppet.statuses == [183]
    assert "require" not in puppet.last.headers


def test_a_caller_that_insists_gets_reliable_answers_one_at_a_time(bob: Party, puppet: Puppet, clock: FakeClock):
    def answer(invite: IncomingInvite) -> None:
        invite.progress(180)
        invite.progress(183, body=ANSWER)

    bob.handler.answer = answer
    puppet.request("INVITE", bob, body=OFFER, headers=[("Require", "100rel")])
    clock.advance(0)
    assert puppet.statuses == [180]
    first = int(puppet.last.headers.get("rseq") or 0)
    puppet.request("PRACK", bob, to_tag=puppet.last.to.tag, seq=2, headers=[("RAck", f"{first} 1 INVITE")])
    clock.advance(0)
    assert sorted(puppet.statuses) == [180, 183, 200]
    assert {message.headers.get("rseq") for message in puppet.received} == {str(first), str(first + 1), None}


def test_a_200_need_not_wait_for_the_prack_of_a_180_without_answer(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = answering
    puppet.request("INVITE", bob, body=OFFER, headers=[("Require", "100rel")])
    clock.advance(0)
    assert puppet.statuses == [180, 200]


def test_a_200_waits_for_the_prack_of_an_answer_in_a_183(bob: Party, puppet: Puppet, clock: FakeClock):
    def answer(invite: IncomingInvite) -> None:
        invite.progress(183, body=ANSWER)
        invite.accept(ANSWER)

    bob.handler.answer = answer
    puppet.request("INVITE", bob, body=OFFER, headers=[("Require", "100rel")])
    clock.advance(0)
    assert puppet.statuses == [183]
    rseq = puppet.last.headers.get("rseq")
    tag = puppet.last.to.tag
    puppet.request("PRACK", bob, to_tag=tag, seq=2, headers=[("RAck", f"{rseq} 1 INVITE")])
    clock.advance(0)
    assert puppet.statuses == [183, 200, 200]
    assert [str(message.cseq) for message in puppet.received] == ["1 INVITE", "2 PRACK", "1 INVITE"]


def test_a_prack_for_nothing_gets_481(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.progress(183)
    puppet.request("INVITE", bob, body=OFFER, headers=[("Require", "100rel")])
    clock.advance(0)
    puppet.request("PRACK", bob, to_tag=puppet.last.to.tag, seq=2, headers=[("RAck", "1 1 INVITE")])
    clock.advance(0)
    assert puppet.statuses[-1] == 481


def test_a_caller_that_never_pracks_is_refused_with_504(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.progress(183, body=ANSWER)
    puppet.request("INVITE", bob, body=OFFER, headers=[("Require", "100rel")])
    clock.advance(33)
    assert 504 in puppet.statuses
    assert len(bob.handler.heard(Ended)) == 1


def test_a_reliable_answer_out_of_order_is_not_heard(alice: Party, puppet: Puppet, clock: FakeClock):
    alice.call(puppet)
    clock.advance(0)
    invite = puppet.requests("INVITE")[0]
    for rseq in (5, 5, 7, 6):
        puppet.respond(invite, 183, alice, headers=[("Require", "100rel"), ("RSeq", str(rseq))])
        clock.advance(0)
    assert [prack.headers.get("rack") for prack in puppet.requests("PRACK")] == ["5 1 INVITE", "6 1 INVITE"]
    assert len(alice.heard(Progress)) == 2


# odds and ends


def test_a_bye_in_an_early_dialog_counts_as_cancel(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.progress(180)
    puppet.request("INVITE", bob, body=OFFER)
    clock.advance(0)
    puppet.request("BYE", bob, to_tag=puppet.last.to.tag, seq=2)
    clock.advance(0)
    assert sorted(puppet.statuses) == [180, 200, 487]
    assert bob.handler.events == [Cancelled("")]


def test_an_offer_of_ours_in_the_200_is_answered_in_the_ack(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.accept(OFFER)
    puppet.request("INVITE", bob)
    clock.advance(0)
    puppet.request("ACK", bob, to_tag=puppet.last.to.tag, body=ANSWER)
    clock.advance(0)
    assert bob.handler.heard(Accepted)[0].body == ANSWER


def test_an_offer_of_theirs_in_the_200_is_answered_in_the_ack_and_in_each_repetition(
    alice: Party, puppet: Puppet, clock: FakeClock
):
    call = alice.call(puppet, b"")
    call.listener = lambda event: call.accept_offer(ANSWER) if isinstance(event, Accepted) else None
    clock.advance(0)
    for _ in range(2):
        puppet.respond(puppet.requests("INVITE")[0], 200, alice, body=OFFER)
        clock.advance(0)
    assert [(ack.body, ack.content_type) for ack in puppet.requests("ACK")] == [(ANSWER, "application/sdp")] * 2
    assert call.confirmed


def test_an_offer_in_the_200_that_nobody_wants_is_acknowledged_before_the_bye(
    alice: Party, puppet: Puppet, clock: FakeClock
):
    call = alice.call(puppet, b"")
    call.listener = lambda event: call.bye() if isinstance(event, Accepted) else None
    clock.advance(0)
    puppet.respond(puppet.requests("INVITE")[0], 200, alice, body=OFFER)
    clock.advance(0)
    assert [message.method for message in puppet.received if isinstance(message, Request)] == ["INVITE", "ACK", "BYE"]
    ignored = alice.call(puppet, b"")
    clock.advance(0)
    puppet.respond(puppet.requests("INVITE")[1], 200, alice, body=OFFER)
    clock.advance(0)
    assert puppet.requests("ACK")[-1].body == b""
    assert ignored.confirmed


def test_hanging_up_before_the_answer_refuses_or_cancels(alice: Party, bob: Party, wire: Wire, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.progress(180)
    first = alice.call(bob)
    clock.advance(0)
    first.bye("SIP;cause=200")
    clock.advance(0)
    assert "CANCEL" in wire.log
    alice.call(bob)
    clock.advance(0)
    bob.handler.invite.bye()
    clock.advance(0)
    assert alice.heard(Failed)[-1].status == 480


def test_a_target_is_used_instead_of_the_uri(alice: Party, puppet: Puppet, clock: FakeClock):
    call = alice.endpoint.invite(
        "sip:x@door.invalid",
        target=puppet.address,
        from_=NameAddr("Anna", "sip:anna@home"),
        body=OFFER,
        listener=alice.events.append,
    )
    assert call.remote == puppet.address
    clock.advance(0)
    invite = puppet.requests("INVITE")[0]
    assert invite.uri == "sip:x@door.invalid"
    assert invite.contact is not None
    assert invite.contact.uri == "sip:anna@192.0.2.1:5060"
    puppet.respond(invite, 200, alice, body=ANSWER)
    clock.advance(0)
    assert puppet.requests("ACK")


def test_messages_in_the_dialog_follow_the_record_route(alice: Party, puppet: Puppet, wire: Wire, clock: FakeClock):
    far = Puppet(wire, "udp:192.0.2.77:5060")
    call = alice.call(puppet)
    clock.advance(0)
    routes = [("Record-Route", "<sip:192.0.2.99;lr>, <sip:192.0.2.77;lr>")]
    puppet.respond(puppet.requests("INVITE")[0], 200, alice, headers=routes, body=ANSWER)
    clock.advance(0)
    ack = far.requests("ACK")[0]
    assert ack.headers.all("route") == ["<sip:192.0.2.77;lr>", "<sip:192.0.2.99;lr>"]
    assert ack.uri == puppet.uri
    call.bye()
    clock.advance(0)
    assert far.requests("BYE")[0].uri == puppet.uri


def test_a_peer_behind_a_nat_is_answered_where_it_came_from(alice: Party, puppet: Puppet, clock: FakeClock):
    alice.handler.answer = answering
    puppet.uri = "sip:puppet@10.0.0.3:5060"
    puppet.request("INVITE", alice, body=OFFER)
    clock.advance(0)
    puppet.request("ACK", alice, to_tag=puppet.last.to.tag)
    clock.advance(0)
    alice.handler.invite.bye()
    clock.advance(0)
    bye = puppet.requests("BYE")[0]
    assert bye.uri == "sip:puppet@10.0.0.3:5060"
    assert alice.handler.invite.remote == Address("udp", "192.0.2.9", 5060)


def test_a_stranger_without_the_tags_cannot_end_a_call(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = answering
    puppet.request("INVITE", bob, body=OFFER)
    clock.advance(0)
    tag = puppet.last.to.tag
    puppet.request("ACK", bob, to_tag=tag)
    puppet.request("BYE", bob, to_tag=tag, tag="other", seq=2)
    puppet.request("BYE", bob, to_tag="guess", seq=3)
    clock.advance(0)
    assert puppet.statuses[-2:] == [481, 481]
    assert bob.handler.heard(Ended) == []


async def test_a_caller_whose_call_rings_at_once_is_not_told_that_we_try(
    alice: Party, bob: Party, wire: Wire, clock: FakeClock
):
    bob.handler.answer = lambda invite: invite.progress(180)
    alice.call(bob)
    await clock.settle(1)

    assert [answer.status for answer in wire.responses("INVITE")] == [180]


async def test_a_caller_who_hears_nothing_for_a_moment_is_told_that_we_try(
    alice: Party, bob: Party, wire: Wire, clock: FakeClock
):
    alice.call(bob)
    await clock.settle(1)

    assert [answer.status for answer in wire.responses("INVITE")] == [100]
    assert len(wire.requests("INVITE")) == 1, "before it says it again"
