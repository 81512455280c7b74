"""What happens before the answer: reliable answers, offers in them, UPDATE (RFC 3262, 3311), and forks."""

import pytest

from pbx_lite.errors import SipError
from pbx_lite.sip.invite_events import Accepted, Answer, Ended, InviteEvent, Offer, Progress
from pbx_lite.sip.message import Request
from pbx_lite.tasks import spawn
from tests.pbx_lite.sip.doubles import ANSWER, OFFER, Party, Puppet, Wire
from tests.support.clock import FakeClock

_RELIABLE = ("Require", "100rel")
_HELD = OFFER + b"a=sendonly\r\n"


def reliable(rseq: int) -> list[tuple[str, str]]:
    return [_RELIABLE, ("RSeq", str(rseq))]


def prack_of(puppet: Puppet, bob: Party, seq: int = 2, body: bytes = b"") -> None:
    """The puppet confirms the last provisional answer."""
    last = next(each for each in reversed(puppet.received) if "rseq" in each.headers)
    rack = f"{last.headers.get('rseq')} 1 INVITE"
    puppet.request("PRACK", bob, to_tag=last.to.tag, seq=seq, headers=[("RAck", rack)], body=body)


# an INVITE without an offer


def test_our_offer_in_a_provisional_answer_is_answered_in_its_prack_and_not_repeated(
    bob: Party, puppet: Puppet, clock: FakeClock
):
    bob.handler.answer = lambda invite: invite.progress(183, body=OFFER)
    puppet.request("INVITE", bob, headers=[_RELIABLE])
    clock.advance(0)
    assert puppet.last.body == OFFER
    bob.handler.invite.accept(OFFER)
    prack_of(puppet, bob, body=ANSWER)
    clock.advance(0)
    assert bob.handler.events == [Answer(ANSWER)]
    assert [str(answer.cseq) for answer in puppet.received] == ["1 INVITE", "2 PRACK", "1 INVITE"]
    assert puppet.last.body == b""
    puppet.request("ACK", bob, to_tag=puppet.last.to.tag)
    clock.advance(0)
    assert bob.handler.heard(Accepted)[0].body == b""
    assert bob.handler.invite.confirmed


def test_a_prack_without_the_answer_it_owes_gets_the_offer_again_in_the_200(
    bob: Party, puppet: Puppet, clock: FakeClock
):
    bob.handler.answer = lambda invite: invite.progress(183, body=OFFER)
    puppet.request("INVITE", bob, headers=[_RELIABLE])
    clock.advance(0)
    prack_of(puppet, bob)
    clock.advance(0)
    bob.handler.invite.accept(OFFER)
    clock.advance(0)
    assert puppet.statuses == [183, 200, 200]
    assert puppet.last.body == OFFER


def test_an_answer_in_the_prack_that_nobody_can_use_ends_the_call_although_it_was_accepted(
    bob: Party, puppet: Puppet, clock: FakeClock
):
    bob.handler.answer = lambda invite: invite.progress(183, body=OFFER)
    puppet.request("INVITE", bob, headers=[_RELIABLE])
    clock.advance(0)
    bob.handler.invite.accept(OFFER)
    bob.handler.invite.listener = lambda _: bob.handler.invite.bye()
    prack_of(puppet, bob, body=ANSWER)
    clock.advance(0)
    assert puppet.statuses == [183, 200, 480]
    assert bob.handler.invite.ended


def test_a_reliable_offer_of_the_callee_is_answered_in_our_prack(alice: Party, puppet: Puppet, clock: FakeClock):
    call = alice.call(puppet, b"")

    def hear(event: InviteEvent) -> None:
        alice.events.append(event)
        if isinstance(event, Progress) and event.body:
            call.accept_offer(ANSWER)

    call.listener = hear
    clock.advance(0)
    invite = puppet.requests("INVITE")[0]
    puppet.respond(invite, 183, alice, headers=reliable(1), body=OFFER)
    clock.advance(0)
    puppet.respond(puppet.requests("PRACK")[0], 200, alice)
    puppet.respond(invite, 180, alice, headers=reliable(2))
    puppet.respond(invite, 200, alice)
    clock.advance(0)
    assert [(prack.body, prack.content_type) for prack in puppet.requests("PRACK")] == [
        (ANSWER, "application/sdp"),
        (b"", ""),
    ]
    assert [event.reliable for event in alice.heard(Progress)] == [True, True]
    assert puppet.requests("ACK")[0].body == b""
    assert call.confirmed


def test_a_reliable_offer_that_nobody_answers_is_confirmed_all_the_same(alice: Party, puppet: Puppet, clock: FakeClock):
    alice.call(puppet, b"")
    clock.advance(0)
    puppet.respond(puppet.requests("INVITE")[0], 183, alice, headers=reliable(1), body=OFFER)
    clock.advance(0)
    assert [prack.body for prack in puppet.requests("PRACK")] == [b""]


# an INVITE with an offer


def test_a_prack_may_bring_another_offer_once_the_first_is_answered(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.progress(183, body=ANSWER)
    puppet.request("INVITE", bob, body=OFFER, headers=[_RELIABLE])
    clock.advance(0)
    prack_of(puppet, bob, body=_HELD)
    clock.advance(0)
    assert bob.handler.events == [Offer("PRACK", _HELD, "puppet")]
    bob.handler.invite.accept_offer(ANSWER)
    clock.advance(0)
    assert (puppet.statuses, puppet.last.body) == ([183, 200], ANSWER)


def test_a_prack_with_an_offer_amid_the_first_one_is_refused(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.progress(180)
    puppet.request("INVITE", bob, body=OFFER, headers=[_RELIABLE])
    clock.advance(0)
    prack_of(puppet, bob, body=_HELD)
    clock.advance(0)
    assert puppet.statuses == [180, 500]
    assert bob.handler.events == []


def test_rseq_that_is_no_number_counts_as_not_reliable(alice: Party, puppet: Puppet, clock: FakeClock):
    alice.call(puppet)
    clock.advance(0)
    for rseq in ("\u00b2", "-1", "9" * 40, "0"):
        puppet.respond(puppet.requests("INVITE")[0], 183, alice, headers=[_RELIABLE, ("RSeq", rseq)])
    clock.advance(0)
    assert puppet.requests("PRACK") == []


def test_who_only_said_that_it_could_confirm_and_does_not_is_answered_all_the_same(
    bob: Party, puppet: Puppet, clock: FakeClock
):
    bob.handler.answer = lambda invite: invite.progress(183, body=ANSWER, reliable=True)
    puppet.request("INVITE", bob, body=OFFER, headers=[("Supported", "100rel")])
    clock.advance(5)
    assert "100rel" in puppet.last.tokens("require")
    bob.handler.invite.accept(ANSWER)
    clock.advance(1.9)
    assert 200 not in puppet.statuses
    clock.advance(0.2)
    assert puppet.statuses[-1] == 200
    puppet.request("ACK", bob, to_tag=puppet.last.to.tag)
    clock.advance(40)
    assert bob.handler.invite.confirmed
    assert bob.handler.heard(Ended) == []


def test_who_only_said_so_may_wait_longer_than_a_minute_too(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.progress(183, body=ANSWER, reliable=True)
    puppet.request("INVITE", bob, body=OFFER, headers=[("Supported", "100rel")])
    clock.advance(70)
    bob.handler.invite.progress(180, reliable=True)
    clock.advance(0)
    assert "require" not in puppet.last.headers
    bob.handler.invite.accept(ANSWER)
    clock.advance(0)
    assert puppet.statuses[-1] == 200
    bob.handler.invite.abandon()
    assert [timer for timer in clock.pending if timer.when > clock.time() + 40] == []


# UPDATE


def test_an_update_changes_an_early_call_once_the_first_offer_is_answered_reliably(
    bob: Party, puppet: Puppet, clock: FakeClock
):
    bob.handler.answer = lambda invite: invite.progress(183, body=ANSWER)
    puppet.request("INVITE", bob, body=OFFER, headers=[_RELIABLE])
    clock.advance(0)
    tag = puppet.last.to.tag
    puppet.request("UPDATE", bob, to_tag=tag, seq=2, body=_HELD)
    clock.advance(0)
    assert puppet.statuses == [183, 500]
    assert "retry-after" in puppet.last.headers
    prack_of(puppet, bob, seq=3)
    puppet.request("UPDATE", bob, to_tag=tag, seq=4, body=_HELD)
    clock.advance(0)
    assert [event.body for event in bob.handler.heard(Offer)] == [_HELD]
    bob.handler.invite.accept_offer(ANSWER)
    clock.advance(0)
    assert puppet.statuses == [183, 500, 200, 200]
    assert bob.handler.invite.dialog is not None
    assert not bob.handler.invite.confirmed


def test_a_callee_may_change_an_early_call_once_it_has_answered_the_offer(
    alice: Party, puppet: Puppet, clock: FakeClock
):
    call = alice.call(puppet)
    clock.advance(0)
    invite = puppet.requests("INVITE")[0]
    for status, body in ((180, b""), (183, ANSWER)):
        puppet.respond(invite, status, alice, body=body)
        clock.advance(0)
        puppet.request(
            "UPDATE",
            alice,
            call_id=invite.call_id,
            to_tag=invite.from_.tag,
            seq=status,
            body=_HELD,
        )
        clock.advance(0)
    assert puppet.statuses == [491]
    assert alice.heard(Offer) == [Offer("UPDATE", _HELD, "puppet")]
    call.accept_offer(ANSWER)
    clock.advance(0)
    assert puppet.statuses == [491, 200]


async def test_our_own_update_waits_for_the_answer_to_the_first_offer(alice: Party, puppet: Puppet, clock: FakeClock):
    call = alice.call(puppet)
    await clock.settle()
    invite = puppet.requests("INVITE")[0]
    puppet.respond(invite, 180, alice)
    await clock.settle()
    with pytest.raises(SipError, match="Another offer"):
        await call.update(_HELD)
    puppet.respond(invite, 183, alice, headers=reliable(1), body=ANSWER)
    await clock.settle()
    asked = spawn(call.update(_HELD), name="update")
    await clock.settle()
    puppet.respond(puppet.requests("UPDATE")[0], 200, alice, tag=None, body=ANSWER)
    await clock.settle()
    assert (await asked).body == ANSWER


async def test_updates_that_meet_are_both_done_in_the_end(alice: Party, bob: Party, wire: Wire, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.accept(ANSWER)
    call = alice.call(bob)
    await clock.settle()
    theirs = bob.handler.invite
    first = spawn(call.update(_HELD), name="ours")
    second = spawn(theirs.update(_HELD), name="theirs")
    for _ in range(60):
        await clock.settle(0.1)
        call.accept_offer(ANSWER)
        theirs.accept_offer(ANSWER)
    assert (await first).status == (await second).status == 200
    assert [answer.status for answer in wire.responses("UPDATE")].count(491) >= 2


def test_a_second_invite_before_the_answer_is_put_off(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.progress(180)
    puppet.request("INVITE", bob, body=OFFER)
    clock.advance(0)
    puppet.request("INVITE", bob, to_tag=puppet.last.to.tag, seq=2, body=_HELD)
    clock.advance(0)
    assert puppet.statuses == [180, 500]
    assert not bob.handler.invite.ended


# forks


def test_of_ten_branches_that_answer_the_first_wins_and_nine_are_hung_up_on(
    alice: Party, puppet: Puppet, clock: FakeClock
):
    call = alice.call(puppet)
    clock.advance(0)
    invite = puppet.requests("INVITE")[0]
    tags = [f"branch{number}" for number in range(10)]
    for tag in tags:
        puppet.respond(invite, 183, alice, tag=tag, headers=reliable(1), body=ANSWER)
    clock.advance(0)
    assert [prack.to.tag for prack in puppet.requests("PRACK")] == tags
    for _ in range(2):
        for tag in reversed(tags):
            puppet.respond(invite, 200, alice, tag=tag, body=ANSWER)
        clock.advance(0)
    assert [event.early_id for event in alice.heard(Accepted)] == ["branch9"]
    assert sorted(ack.to.tag or "" for ack in puppet.requests("ACK")) == sorted(tags * 2)
    assert sorted(bye.to.tag or "" for bye in puppet.requests("BYE")) == tags[:9]
    assert call.confirmed
    for bye in puppet.requests("BYE"):
        puppet.respond(bye, 200, alice, tag=None)
    clock.advance(64)
    assert alice.heard(Ended) == []


def test_a_branch_that_says_goodbye_takes_no_other_one_with_it(alice: Party, puppet: Puppet, clock: FakeClock):
    call = alice.call(puppet)
    clock.advance(0)
    invite = puppet.requests("INVITE")[0]
    for tag in ("one", "two", "three"):
        puppet.respond(invite, 180, alice, tag=tag)
    clock.advance(0)

    def bye(tag: str, seq: int) -> None:
        puppet.request("BYE", alice, call_id=invite.call_id, tag=tag, to_tag=invite.from_.tag, seq=seq)
        clock.advance(0)

    bye("one", 1)
    puppet.respond(invite, 200, alice, tag="two", body=ANSWER)
    clock.advance(0)
    bye("three", 1)
    assert puppet.statuses == [200, 481]
    assert call.confirmed
    bye("two", 1)
    assert alice.heard(Ended)


def test_every_branch_is_asked_in_its_own_order(alice: Party, puppet: Puppet, clock: FakeClock):
    alice.call(puppet)
    clock.advance(0)
    invite = puppet.requests("INVITE")[0]
    for rseq in (1, 2):
        for tag in ("one", "two"):
            puppet.respond(invite, 183, alice, tag=tag, headers=reliable(rseq))
    clock.advance(0)
    assert [(prack.to.tag, prack.cseq.number) for prack in puppet.requests("PRACK")] == [
        ("one", 2),
        ("two", 2),
        ("one", 3),
        ("two", 3),
    ]


def test_the_answer_of_a_fork_that_nobody_wants_any_more_is_declined_in_every_branch(
    alice: Party, puppet: Puppet, clock: FakeClock
):
    call = alice.call(puppet)
    clock.advance(0)
    invite = puppet.requests("INVITE")[0]
    puppet.respond(invite, 180, alice, tag="one")
    clock.advance(0)
    call.cancel()
    for tag in ("one", "two"):
        puppet.respond(invite, 200, alice, tag=tag, body=ANSWER)
    clock.advance(0)
    assert [bye.to.tag for bye in puppet.requests("BYE")] == ["one", "two"]
    assert alice.heard(Accepted) == []
    assert isinstance(puppet.received[1], Request)


# ends before the answer


async def test_a_caller_that_answers_no_update_while_it_waits_is_refused(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.progress(180)
    puppet.request("INVITE", bob, body=OFFER)
    await clock.settle()
    asked = spawn(_failing(bob.handler.invite.update(b"")), name="update")
    await clock.settle(33)
    assert isinstance(await asked, SipError)
    assert bob.handler.heard(Ended)[0].lost
    assert 480 in puppet.statuses
    await clock.settle(100)
    assert clock.pending == []


async def test_a_callee_that_answers_no_update_while_it_rings_is_cancelled(
    alice: Party, puppet: Puppet, clock: FakeClock
):
    call = alice.call(puppet)
    await clock.settle()
    puppet.respond(puppet.requests("INVITE")[0], 180, alice)
    await clock.settle()
    asked = spawn(_failing(call.update(b"")), name="update")
    await clock.settle(33)
    assert isinstance(await asked, SipError)
    assert puppet.requests("CANCEL")
    await clock.settle(100)
    assert call.ended
    assert clock.pending == []


def test_a_callee_that_says_goodbye_and_answers_all_the_same_is_declined(
    alice: Party, puppet: Puppet, clock: FakeClock
):
    call = alice.call(puppet)
    clock.advance(0)
    invite = puppet.requests("INVITE")[0]
    puppet.respond(invite, 180, alice)
    clock.advance(0)
    puppet.request("BYE", alice, call_id=invite.call_id, to_tag=invite.from_.tag, seq=1)
    clock.advance(0)
    assert alice.heard(Ended)
    assert puppet.requests("CANCEL")
    puppet.respond(invite, 200, alice, body=ANSWER)
    clock.advance(0)
    assert puppet.requests("ACK")
    assert puppet.requests("BYE")
    assert alice.heard(Accepted) == []
    assert call.ended
    clock.advance(100)
    assert clock.pending == []


async def _failing(asked) -> BaseException | None:
    try:
        await asked
    except SipError as error:
        return error
    return None
