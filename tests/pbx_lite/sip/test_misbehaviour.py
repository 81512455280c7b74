"""Phones and lines that do what they should not.  Whatever they do, the call beside theirs goes on."""

from collections.abc import Iterator

import pytest

from pbx_lite.sip.incoming import IncomingInvite
from pbx_lite.sip.invite_events import Accepted, Ended, Failed, Info, Offer
from pbx_lite.sip.message import Request, Response
from pbx_lite.tasks import spawn
from tests.pbx_lite.sip.doubles import ANSWER, OFFER, Party, Puppet, Wire
from tests.support.clock import FakeClock


@pytest.fixture(autouse=True)
def _good_call(wire: Wire, bob: Party, clock: FakeClock) -> Iterator[None]:
    """Somebody well-behaved speaks with bob all the time, and can still hang up at the end."""
    carol = Party(wire, "udp:192.0.2.3:5060")
    bob.handler.answer = lambda invite: invite.accept(ANSWER)
    call = carol.call(bob)
    clock.advance(0)
    theirs = bob.handler.invite
    bob.handler.events.clear()
    wire.sent.clear()
    yield
    assert call.confirmed
    assert theirs.confirmed
    call.bye()
    clock.advance(0)
    assert theirs.ended


def tag_of(session: IncomingInvite) -> str:
    assert session.dialog is not None
    return session.dialog.local_tag


@pytest.fixture
def answered(bob: Party, puppet: Puppet, clock: FakeClock, _good_call: None) -> IncomingInvite:
    """A call of the puppet that bob has answered."""
    puppet.request("INVITE", bob, body=OFFER)
    clock.advance(0)
    puppet.request("ACK", bob, to_tag=puppet.last.to.tag)
    clock.advance(0)
    puppet.received.clear()
    bob.handler.events.clear()
    return bob.handler.invite


async def test_a_phone_that_never_acknowledges_is_hung_up_on(bob: Party, puppet: Puppet, clock: FakeClock):
    puppet.request("INVITE", bob, body=OFFER)
    await clock.settle(40)
    assert bob.handler.heard(Ended)[0].lost
    assert puppet.requests("BYE")
    await clock.settle(100)


def test_a_phone_that_says_goodbye_twice_is_told_once_that_this_was_heard(
    answered: IncomingInvite, bob: Party, puppet: Puppet, clock: FakeClock
):
    tag = tag_of(answered)
    for seq in (2, 3):
        puppet.request("BYE", bob, to_tag=tag, seq=seq)
    clock.advance(0)
    assert puppet.statuses == [200, 481]
    assert len(bob.handler.heard(Ended)) == 1


def test_goodbyes_that_cross_end_the_call_once(answered: IncomingInvite, bob: Party, puppet: Puppet, clock: FakeClock):
    tag = tag_of(answered)
    answered.bye()
    puppet.request("BYE", bob, to_tag=tag, seq=2)
    clock.advance(0)
    assert puppet.statuses == [481]
    puppet.respond(puppet.requests("BYE")[0], 481, bob, tag=None)
    clock.advance(64)
    assert bob.handler.heard(Ended) == []


@pytest.mark.parametrize("contact", ["<mailto:a@b>", "<tel:+49>", "*"])
def test_a_contact_that_leads_nowhere_is_not_believed(
    contact: str, answered: IncomingInvite, bob: Party, puppet: Puppet, clock: FakeClock
):
    request = puppet.request("OPTIONS", bob, to_tag=tag_of(answered), seq=2)
    request.headers.set("CSeq", "3 UPDATE")
    request.headers.set("Contact", contact)
    request.headers.set("Via", f"{request.via.with_param('branch', 'z9hG4bKother')}")
    update = Request("UPDATE", request.uri, request.headers)
    puppet.send(update, bob)
    clock.advance(0)
    answered.bye()
    clock.advance(0)
    assert puppet.requests("BYE")[0].uri == puppet.uri


async def test_a_phone_that_changes_its_contact_in_the_call_is_found_there(
    answered: IncomingInvite, bob: Party, puppet: Puppet, wire: Wire, clock: FakeClock
):
    moved = Puppet(wire, "udp:192.0.2.9:6060")
    puppet.uri = moved.uri
    puppet.request("UPDATE", bob, to_tag=tag_of(answered), seq=2)
    await clock.settle()
    spawn(answered.info("text/plain", b"hi"), name="info")
    await clock.settle()
    moved.respond(moved.requests("INFO")[0], 200, bob, tag=None)
    await clock.settle()
    assert answered.confirmed
    answered.abandon()


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/pidf+xml", b"<x/>", 415),
        ("multipart/mixed", b"--x", 400),
        ("application/sdp", b"\x00\xff garbage", None),
    ],
)
def test_a_reinvite_with_garbage_is_refused_and_the_call_goes_on(
    kind: str, body: bytes, status: int | None, answered: IncomingInvite, bob: Party, puppet: Puppet, clock: FakeClock
):
    puppet.request("INVITE", bob, to_tag=tag_of(answered), seq=2, headers=[("Content-Type", kind)], body=body)
    clock.advance(0)
    if status is None:  # what its media make of it is not known here
        assert bob.handler.heard(Offer)[0].body == body
        answered.refuse_offer(488)
        clock.advance(0)
        status = 488
    assert puppet.statuses[-1] == status
    assert answered.confirmed
    puppet.request("INFO", bob, to_tag=tag_of(answered), seq=3)
    clock.advance(0)
    assert puppet.statuses[-1] == 200


def test_a_phone_that_floods_info_is_heard_thirty_times_a_second(
    answered: IncomingInvite, bob: Party, puppet: Puppet, clock: FakeClock
):
    for seq in range(2, 202):
        puppet.request("INFO", bob, to_tag=tag_of(answered), seq=seq)
    clock.advance(0)
    assert puppet.statuses == [200] * 30 + [503] * 170
    assert len(bob.handler.heard(Info)) == 30
    clock.advance(1)
    puppet.request("INFO", bob, to_tag=tag_of(answered), seq=300)
    for seq in range(301, 351):
        puppet.request("OPTIONS", bob, to_tag=tag_of(answered), seq=seq)
    puppet.request("BYE", bob, to_tag=tag_of(answered), seq=400)
    clock.advance(0)
    assert puppet.statuses[200] == 200
    assert puppet.statuses[-1] == 200
    assert bob.handler.heard(Ended)


def test_a_line_that_answers_without_sdp_is_acknowledged_before_it_is_hung_up_on(
    bob: Party, puppet: Puppet, clock: FakeClock
):
    call = bob.call(puppet)
    call.listener = lambda event: call.bye() if isinstance(event, Accepted) and not event.body else None
    clock.advance(0)
    puppet.respond(puppet.requests("INVITE")[0], 200, bob)
    clock.advance(0)
    assert [message.method for message in puppet.received if isinstance(message, Request)] == ["INVITE", "ACK", "BYE"]


def test_a_line_that_sends_us_round_in_circles_is_followed_by_nobody_here(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.call(puppet)
    clock.advance(0)
    invite = puppet.requests("INVITE")[0]
    puppet.respond(invite, 302, bob, headers=[("Contact", f"<{puppet.uri}>")])
    clock.advance(0)
    (failed,) = bob.heard(Failed)
    assert failed.status == 302
    assert puppet.uri in (failed.headers.get("contact") or "")
    assert len(puppet.requests("INVITE")) == 1


def test_a_line_that_answers_from_another_address_is_spoken_with_there(
    bob: Party, puppet: Puppet, wire: Wire, clock: FakeClock
):
    elsewhere = Puppet(wire, "udp:192.0.2.10:5070")
    call = bob.call(puppet)
    clock.advance(0)
    invite = puppet.requests("INVITE")[0]
    elsewhere.respond(invite, 180, bob)
    elsewhere.respond(invite, 200, bob, body=ANSWER)
    clock.advance(0)
    assert elsewhere.requests("ACK")
    assert call.remote == elsewhere.address
    call.bye()
    clock.advance(0)
    assert elsewhere.requests("BYE")


def test_a_line_that_changes_its_address_in_the_call_is_answered_at_the_new_one(
    answered: IncomingInvite, bob: Party, puppet: Puppet, wire: Wire, clock: FakeClock
):
    elsewhere = Puppet(wire, "udp:192.0.2.10:5070")
    elsewhere.request("UPDATE", bob, to_tag=tag_of(answered), seq=2)
    clock.advance(0)
    assert isinstance(elsewhere.last, Response)
    answered.bye()
    clock.advance(0)
    assert elsewhere.requests("BYE")
    assert puppet.requests("BYE") == []


async def test_a_clock_that_jumps_ends_no_call_that_is_alive(alice: Party, bob: Party, wire: Wire, clock: FakeClock):
    call = alice.call(bob)
    await clock.settle()
    clock.jump(86_400)
    await clock.settle(20)
    assert call.confirmed
    assert len(wire.requests("UPDATE")) >= 2
    assert bob.handler.heard(Ended) == []


async def test_a_clock_that_jumps_while_an_answer_waits_for_its_ack_gives_it_time(
    bob: Party, puppet: Puppet, clock: FakeClock
):
    puppet.request("INVITE", bob, body=OFFER)
    await clock.settle()
    clock.jump(3600)
    await clock.settle(1)
    assert bob.handler.heard(Ended) == []
    puppet.request("ACK", bob, to_tag=puppet.last.to.tag)
    await clock.settle()
    assert bob.handler.heard(Accepted)
    assert bob.handler.invite.confirmed
