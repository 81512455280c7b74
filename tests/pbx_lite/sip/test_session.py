import asyncio

import pytest

from pbx_lite.errors import SipError, TransactionTimeout
from pbx_lite.sip.invite import IncomingInvite, OutgoingInvite
from pbx_lite.sip.invite_events import Accepted, Ended, InDialogRequest, Info, Offer
from pbx_lite.sip.message import Request
from pbx_lite.tasks import spawn
from tests.pbx_lite.sip.doubles import ANSWER, OFFER, Party, Puppet, Wire
from tests.support.clock import FakeClock

_HELD = OFFER + b"a=sendonly\r\n"


@pytest.fixture
def call(alice: Party, bob: Party, wire: Wire, clock: FakeClock) -> OutgoingInvite:
    """A call of alice that bob has answered."""
    bob.handler.answer = lambda invite: invite.accept(ANSWER)
    outgoing = alice.call(bob)
    clock.advance(0)
    wire.sent.clear()
    alice.events.clear()
    bob.handler.events.clear()
    return outgoing


@pytest.fixture
def answered(bob: Party, puppet: Puppet, clock: FakeClock) -> IncomingInvite:
    """A call of the puppet that bob has answered."""
    bob.handler.answer = lambda invite: invite.accept(ANSWER)
    puppet.request("INVITE", bob, body=OFFER)
    clock.advance(0)
    puppet.request("ACK", bob, to_tag=puppet.last.to.tag)
    clock.advance(0)
    puppet.received.clear()
    bob.handler.events.clear()
    return bob.handler.invite


def tag_of(session: IncomingInvite) -> str:
    assert session.dialog is not None
    return session.dialog.local_tag


async def test_info_is_answered_and_told(call: OutgoingInvite, bob: Party, clock: FakeClock):
    asked = spawn(call.info("application/dtmf-relay", b"Signal=5\r\n"), name="info")
    await clock.settle()
    assert (await asked).status == 200
    assert bob.handler.events == [Info("application/dtmf-relay", b"Signal=5\r\n")]


async def test_the_callee_sends_info_too(call: OutgoingInvite, alice: Party, bob: Party, clock: FakeClock):
    asked = spawn(bob.handler.invite.info("text/plain", b"hi"), name="info")
    await clock.settle()
    assert (await asked).status == 200
    assert alice.events == [Info("text/plain", b"hi")]


async def test_a_reinvite_is_offered_accepted_and_acknowledged(
    call: OutgoingInvite, bob: Party, wire: Wire, clock: FakeClock
):
    asked = spawn(call.reinvite(_HELD), name="hold")
    await clock.settle()
    assert bob.handler.events == [Offer("INVITE", _HELD)]
    bob.handler.invite.accept_offer(ANSWER)
    await clock.settle()
    answer = await asked
    assert (answer.status, answer.body) == (200, ANSWER)
    assert wire.log == ["INVITE", "100", "200", "ACK"]
    assert wire.requests("INVITE")[0].contact is not None
    await clock.settle(100)
    assert call.confirmed
    call.bye()
    await clock.settle(100)
    assert clock.pending == []


async def test_a_refused_reinvite_leaves_the_session_as_it_was(call: OutgoingInvite, bob: Party, clock: FakeClock):
    asked = spawn(call.reinvite(_HELD), name="hold")
    await clock.settle()
    bob.handler.invite.refuse_offer(488)
    bob.handler.invite.accept_offer(ANSWER)
    await clock.settle()
    assert (await asked).status == 488
    assert call.confirmed


async def test_an_update_carries_an_offer(call: OutgoingInvite, alice: Party, bob: Party, clock: FakeClock):
    asked = spawn(bob.handler.invite.update(_HELD), name="update")
    await clock.settle()
    assert alice.events == [Offer("UPDATE", _HELD)]
    call.accept_offer(ANSWER)
    await clock.settle()
    assert (await asked).body == ANSWER


async def test_an_update_without_offer_is_answered_at_once(call: OutgoingInvite, bob: Party, clock: FakeClock):
    asked = spawn(call.update(b""), name="update")
    await clock.settle()
    assert (await asked).status == 200
    assert bob.handler.events == []


async def test_two_reinvites_that_meet_are_both_done_in_the_end(
    call: OutgoingInvite, alice: Party, bob: Party, wire: Wire, clock: FakeClock
):
    theirs = bob.handler.invite
    first = spawn(call.reinvite(_HELD), name="ours")
    second = spawn(theirs.reinvite(_HELD), name="theirs")
    alice.handler.events = alice.events
    for _ in range(60):
        await clock.settle(0.1)
        call.accept_offer(ANSWER)
        theirs.accept_offer(ANSWER)
    assert (await first).status == 200
    assert (await second).status == 200
    assert [answer.status for answer in wire.responses("INVITE")].count(491) >= 2


@pytest.mark.parametrize("ours", [True, False])
async def test_a_refresh_that_meets_their_offer_waits_as_long_as_its_side_has_to_and_offers_what_holds_by_then(
    ours: bool, call: OutgoingInvite, alice: Party, bob: Party, wire: Wire, clock: FakeClock, monkeypatch
):
    """RFC 3261 section 14.1: whoever made the Call-ID waits 2.1 to 4 seconds, the other side up to 2."""
    monkeypatch.setattr("pbx_lite.sip.session.secrets.randbelow", lambda _: 100)
    theirs = bob.handler.invite
    refreshing, holding = (call, theirs) if ours else (theirs, call)
    monkeypatch.setattr(refreshing, "allows", lambda _method: False)
    refreshing._refresh()
    held = spawn(holding.reinvite(_HELD), name="hold")
    bob.handler.events = alice.events
    answered: dict[str, list[float]] = {"refresh": [], "hold": []}
    begun = clock.time()
    for _ in range(500):
        await clock.settle(0.01)
        for name, session in (("hold", refreshing), ("refresh", holding)):
            if session._theirs is not None:
                answered[name].append(round(clock.time() - begun, 1))
                session.accept_offer(ANSWER if name == "hold" else _HELD)
    assert (await held).status == 200
    assert answered == ({"refresh": [3.1], "hold": [1.0]} if ours else {"refresh": [1.0], "hold": [3.1]})
    offers = [request for request in wire.requests("INVITE") if b"sendonly" not in request.body]
    assert len(offers) == 2, "the refresh and its repetition, which changes nothing of what was agreed on meanwhile"
    if ours:
        assert offers[-1].body == ANSWER
    assert [answer.status for answer in wire.responses("INVITE") if answer.status != 100] == [491, 491, 200, 200]


def test_a_reinvite_during_an_unanswered_one_gets_500(answered: IncomingInvite, bob: Party, puppet: Puppet, clock):
    puppet.request("INVITE", bob, to_tag=tag_of(answered), seq=2, body=_HELD)
    puppet.request("INVITE", bob, to_tag=tag_of(answered), seq=3, body=_HELD)
    clock.advance(0)
    assert puppet.statuses == [100, 500]
    assert "retry-after" in puppet.last.headers
    assert len(bob.handler.events) == 1


def test_a_reinvite_that_is_cancelled_is_refused_with_487(
    answered: IncomingInvite, bob: Party, puppet: Puppet, clock: FakeClock
):
    reinvite = puppet.request("INVITE", bob, to_tag=tag_of(answered), seq=2, body=_HELD)
    clock.advance(0)
    puppet.request("CANCEL", bob, to_tag=tag_of(answered), seq=2, branch=reinvite.via.branch)
    clock.advance(0)
    assert puppet.statuses == [100, 200, 487]
    answered.accept_offer(ANSWER)
    clock.advance(0)
    assert puppet.statuses == [100, 200, 487]
    assert answered.confirmed


def test_a_reinvite_without_ack_ends_the_session(
    answered: IncomingInvite, bob: Party, puppet: Puppet, clock: FakeClock
):
    puppet.request("INVITE", bob, to_tag=tag_of(answered), seq=2, body=_HELD)
    clock.advance(0)
    answered.accept_offer(ANSWER)
    clock.advance(33)
    assert bob.handler.heard(Ended)
    assert puppet.requests("BYE")


def test_an_empty_reinvite_asks_for_an_offer_and_brings_the_answer_in_its_ack(
    answered: IncomingInvite, bob: Party, puppet: Puppet, clock: FakeClock
):
    puppet.request("INVITE", bob, to_tag=tag_of(answered), seq=2)
    clock.advance(0)
    assert bob.handler.events == [Offer("INVITE", b"")]
    answered.accept_offer(OFFER)
    clock.advance(0)
    assert puppet.last.body == OFFER
    puppet.request("ACK", bob, to_tag=tag_of(answered), seq=2, body=ANSWER)
    clock.advance(0)
    assert bob.handler.heard(Accepted)[0].body == ANSWER


def test_a_reinvite_moves_the_remote_target(
    answered: IncomingInvite, bob: Party, puppet: Puppet, wire: Wire, clock: FakeClock
):
    moved = Puppet(wire, "udp:192.0.2.10:5060")
    moved.request("INVITE", bob, to_tag=tag_of(answered), seq=2, body=_HELD)
    clock.advance(0)
    answered.accept_offer(ANSWER)
    clock.advance(0)
    moved.request("ACK", bob, to_tag=tag_of(answered), seq=2)
    clock.advance(0)
    answered.bye()
    clock.advance(0)
    assert moved.requests("BYE")[0].uri == moved.uri
    assert puppet.requests("BYE") == []


def test_requests_out_of_order_get_500(answered: IncomingInvite, bob: Party, puppet: Puppet, clock: FakeClock):
    puppet.request("INFO", bob, to_tag=tag_of(answered), seq=5)
    puppet.request("INFO", bob, to_tag=tag_of(answered), seq=4)
    puppet.request("INFO", bob, to_tag=tag_of(answered), seq=5)
    clock.advance(0)
    assert puppet.statuses == [200, 500, 500]
    assert len(bob.handler.heard(Info)) == 1


def test_options_in_a_dialog_are_answered(answered: IncomingInvite, bob: Party, puppet: Puppet, clock: FakeClock):
    puppet.request("OPTIONS", bob, to_tag=tag_of(answered), seq=2)
    puppet.request("REGISTER", bob, to_tag=tag_of(answered), seq=3)
    puppet.request("PRACK", bob, to_tag=tag_of(answered), seq=4, headers=[("RAck", "1 1 INVITE")])
    clock.advance(0)
    assert puppet.statuses == [200, 403, 481]


def test_a_refer_is_left_to_the_listener(answered: IncomingInvite, bob: Party, puppet: Puppet, clock: FakeClock):
    puppet.request("REFER", bob, to_tag=tag_of(answered), seq=2, headers=[("Refer-To", "<sip:x@y>")])
    clock.advance(0)
    event = bob.handler.heard(InDialogRequest)[0]
    assert event.method == "REFER"
    event.respond(603)
    event.respond(202)
    clock.advance(0)
    assert puppet.statuses == [603]
    answered.listener = None
    puppet.request("MESSAGE", bob, to_tag=tag_of(answered), seq=3)
    clock.advance(0)
    assert puppet.statuses == [603, 501]


async def test_a_session_the_other_side_does_not_know_is_over(
    answered: IncomingInvite, bob: Party, puppet: Puppet, clock: FakeClock
):
    asked = spawn(answered.info("text/plain", b""), name="info")
    await clock.settle()
    puppet.respond(puppet.requests("INFO")[0], 481, bob)
    await clock.settle()
    assert (await asked).status == 481
    assert bob.handler.heard(Ended)
    assert answered.ended
    with pytest.raises(SipError):
        await answered.info("text/plain", b"")


async def test_a_notify_the_other_side_does_not_know_ends_no_call(
    answered: IncomingInvite, bob: Party, puppet: Puppet, clock: FakeClock
):
    asked = spawn(answered.send("NOTIFY", (("Event", "refer"),)), name="notify")
    await clock.settle()
    puppet.respond(puppet.requests("NOTIFY")[0], 481, bob)
    await clock.settle()
    assert (await asked).status == 481
    assert answered.confirmed


async def test_who_waits_for_an_answer_when_everything_stops_hears_of_it(answered: IncomingInvite, clock: FakeClock):
    asked = spawn(_failing(answered.info("text/plain", b"")), name="info")
    await clock.settle()
    answered.abandon()
    assert isinstance(await asked, SipError)


def test_what_the_other_side_allows_is_known(answered: IncomingInvite, bob: Party, puppet: Puppet, clock: FakeClock):
    before = answered.allows("UPDATE")
    puppet.request("UPDATE", bob, to_tag=tag_of(answered), seq=2, headers=[("Allow", "INVITE, UPDATE")])
    clock.advance(0)
    assert (before, answered.allows("UPDATE"), answered.allows("REFER")) == (False, True, False)


async def test_an_ignored_info_fails_but_an_ignored_update_ends_the_session(
    answered: IncomingInvite, bob: Party, clock: FakeClock
):
    asked = spawn(_failing(answered.info("text/plain", b"")), name="info")
    await clock.settle(33)
    assert isinstance(await asked, TransactionTimeout)
    assert answered.confirmed
    asked = spawn(_failing(answered.update(OFFER)), name="update")
    await clock.settle(33)
    assert isinstance(await asked, TransactionTimeout)
    assert bob.handler.heard(Ended)


async def test_one_offer_at_a_time(call: OutgoingInvite, bob: Party, clock: FakeClock):
    asked = spawn(call.reinvite(_HELD), name="hold")
    await clock.settle()
    with pytest.raises(SipError, match="Another offer"):
        await call.update(OFFER)
    bob.handler.invite.accept_offer(ANSWER)
    await clock.settle()
    assert (await asked).status == 200


async def test_who_stops_waiting_for_an_answer_leaves_nothing_behind(
    call: OutgoingInvite, wire: Wire, clock: FakeClock
):
    wire.loses = lambda message: isinstance(message, Request) and message.method == "INFO"
    asked = spawn(call.info("text/plain", b""), name="info")
    await clock.settle()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await clock.settle(40)
    assert call.confirmed
    call.bye()
    await clock.settle(40)
    assert clock.pending == []


def test_a_bye_during_an_unanswered_offer_answers_both(
    answered: IncomingInvite, bob: Party, puppet: Puppet, clock: FakeClock
):
    puppet.request("INVITE", bob, to_tag=tag_of(answered), seq=2, body=_HELD)
    puppet.request("BYE", bob, to_tag=tag_of(answered), seq=3)
    clock.advance(0)
    assert sorted(puppet.statuses) == [100, 200, 487]
    answered.accept_offer(ANSWER)
    answered.refuse_offer(488)
    answered.bye()
    assert answered.ended


async def _failing(asked) -> BaseException | None:
    try:
        await asked
    except SipError as error:
        return error
    return None


async def test_a_gruu_is_no_address_but_the_way_back_is(bob: Party, puppet: Puppet, clock: FakeClock):
    """Its host is that of the registrar: here our own, where the request would come back to us."""
    puppet.uri = f"sip:x@{bob.address.host};gr=urn:uuid:1"
    bob.handler.answer = lambda invite: invite.accept(ANSWER)
    puppet.request("INVITE", bob, body=OFFER)
    clock.advance(0)
    puppet.request("ACK", bob, to_tag=puppet.last.to.tag)
    clock.advance(0)
    bob.handler.invite.bye()
    clock.advance(0)
    (bye,) = puppet.requests("BYE")
    assert bye.uri == puppet.uri
