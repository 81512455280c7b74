import pytest

from pbx_lite.sip.invite import IncomingInvite, OutgoingInvite
from pbx_lite.sip.invite_events import Accepted, Answer, Ended, Failed, Offer
from pbx_lite.sip.message import Request, Response
from pbx_lite.sip.session_timer import Agreement, SessionTimer, asked, granted, lengthen, outcome, too_short
from tests.pbx_lite.sip.doubles import ANSWER, OFFER, Party, Puppet, Wire
from tests.support.clock import FakeClock

TIMER = ("Supported", "timer")


def invite(*headers: tuple[str, str]) -> Request:
    return Request("INVITE", "sip:pbx", headers)


def expires(text: str) -> tuple[str, str]:
    return ("Session-Expires", text)


# what the headers say


@pytest.mark.parametrize(
    ("headers", "fields", "agreement"),
    [
        ([], [], None),
        ([TIMER], [expires("1800;refresher=uas")], Agreement(1800, ours=True)),
        ([TIMER, expires("600")], [expires("600;refresher=uas")], Agreement(600, ours=True)),
        ([TIMER, expires("7200")], [expires("1800;refresher=uas")], Agreement(1800, ours=True)),
        ([TIMER, expires("7200"), ("Min-SE", "3600")], [expires("3600;refresher=uas")], Agreement(3600, ours=True)),
        (
            [("Require", "timer"), ("x", "600 ; refresher=UAC")],
            [expires("600;refresher=uac"), ("Require", "timer")],
            Agreement(600, ours=False),
        ),
        ([expires("600;refresher=uac")], [expires("600;refresher=uas")], Agreement(600, ours=True)),
        ([expires("60")], [expires("90;refresher=uas")], Agreement(90, ours=True)),
        ([TIMER, expires("junk")], [expires("1800;refresher=uas")], Agreement(1800, ours=True)),
        ([expires("9" * 50)], [], None),
    ],
)
def test_an_invite_is_granted_what_it_asks_for(headers, fields, agreement):
    granted_fields, granted_agreement = granted(invite(*headers))
    assert list(granted_fields) == fields
    assert granted_agreement == agreement


def test_in_a_dialog_everyone_keeps_their_role():
    theirs, ours = Agreement(600, ours=False), Agreement(600, ours=True)
    assert granted(invite(TIMER, expires("600")), theirs)[1] == theirs
    assert granted(invite(TIMER), ours)[1] == ours
    assert granted(invite(TIMER, expires("600;refresher=uac")), ours)[1] == theirs
    assert granted(invite(), ours) == ((), ours)
    assert granted(invite(), theirs) == ((), None)
    assert next(iter(asked(ours))) == expires("600;refresher=uac")
    assert next(iter(asked(theirs))) == expires("600;refresher=uas")


@pytest.mark.parametrize(
    ("value", "agreement"),
    [
        (None, None),
        ("1800;refresher=uas", Agreement(1800, ours=False)),
        ("1800;refresher=uac", Agreement(1800, ours=True)),
        ("1800", Agreement(1800, ours=True)),
        ("1", Agreement(30, ours=True)),
        ("soon", None),
    ],
)
def test_an_answer_says_who_refreshes(value, agreement):
    assert outcome(Response(200, headers=[expires(value)] if value else ())) == agreement


def test_only_who_knows_timers_is_told_that_an_interval_is_too_short():
    assert too_short(invite(TIMER, expires("60"))) == (("Min-SE", "90"),)
    assert too_short(invite(expires("60"))) is None
    assert too_short(invite(TIMER, expires("90"))) is None
    assert too_short(invite(TIMER, expires("junk"))) is None
    assert too_short(invite(TIMER)) is None


@pytest.mark.parametrize(("least", "done"), [("3600", True), ("1800", False), ("9999999", False), ("junk", False)])
def test_an_interval_is_made_longer_once_asked_to_and_within_reason(least, done):
    request = invite(expires("1800;refresher=uac"))
    assert lengthen(request, Response(422, headers=[("Min-SE", least)])) is done
    assert request.headers.get("session-expires") == f"{least if done else 1800};refresher=uac"


# the clock


class Life:
    """A timer and what it called, with the time since the start."""

    def __init__(self, clock: FakeClock) -> None:
        start = clock.time()
        self.called: list[tuple[str, float]] = []
        self.timer = SessionTimer(
            clock,
            refresh=lambda: self.called.append(("refresh", clock.time() - start)),
            expire=lambda: self.called.append(("expire", clock.time() - start)),
        )


def test_our_turn_comes_at_half_time_and_again(clock: FakeClock):
    life = Life(clock)
    life.timer.agree(Agreement(1800, ours=True))
    clock.advance(900)
    life.timer.agree(Agreement(1800, ours=True))
    clock.advance(900)
    assert life.called == [("refresh", 900), ("refresh", 1800)]
    life.timer.stop()
    assert clock.pending == []


def test_a_refresh_that_fails_is_tried_again_until_it_is_too_late(clock: FakeClock):
    life = Life(clock)
    life.timer.agree(Agreement(600, ours=True))
    for _ in range(20):
        before = len(life.called)
        clock.run_next()
        if life.called[before:] and life.called[-1][0] == "expire":
            break
        life.timer.retry()
    assert life.called == [
        ("refresh", 300),
        ("refresh", 434),
        ("refresh", 501),
        ("refresh", 534.5),
        ("refresh", 551.25),
        ("refresh", 561.25),
        ("expire", 568),
    ]
    assert clock.pending == []


def test_who_does_not_refresh_in_time_is_given_up(clock: FakeClock):
    life = Life(clock)
    life.timer.agree(Agreement(1800, ours=False))
    clock.advance(5000)
    assert life.called == [("expire", 1768)]
    life.timer.retry()
    assert clock.pending == []


@pytest.mark.parametrize(("ours", "called"), [(True, ["refresh"]), (False, [])])
def test_a_clock_that_jumps_ends_no_call_without_another_chance(clock: FakeClock, ours: bool, called: list[str]):
    life = Life(clock)
    life.timer.agree(Agreement(1800, ours=ours))
    clock.jump(100_000)
    clock.advance(0)
    assert [kind for kind, _ in life.called] == called
    if ours:
        life.timer.retry()
    clock.advance(40)
    assert [kind for kind, _ in life.called][-1] == "expire"


# in a call


def answering(invite: IncomingInvite) -> None:
    invite.accept(ANSWER)


async def call_of(alice: Party, bob: Party, clock: FakeClock) -> OutgoingInvite:
    bob.handler.answer = answering
    call = alice.call(bob)
    await clock.settle()
    return call


async def test_two_that_know_timers_keep_a_call_alive_by_update(alice: Party, bob: Party, wire: Wire, clock: FakeClock):
    call = await call_of(alice, bob, clock)
    wire.sent.clear()
    await clock.settle(3600)
    assert wire.log == ["UPDATE", "200"] * 4
    update = wire.requests("UPDATE")[0]
    assert update.from_.tag == wire.responses("UPDATE")[0].from_.tag != call.request.from_.tag
    assert update.headers.get("session-expires") == "1800;refresher=uac"
    assert (update.body, update.headers.get("min-se")) == (b"", None)
    assert wire.responses("UPDATE")[0].headers.get("session-expires") == "1800;refresher=uac"
    assert call.confirmed
    assert bob.handler.invite.confirmed
    call.bye()
    await clock.settle(100)
    assert clock.pending == []


async def test_a_callee_that_only_knows_reinvites_is_sent_the_same_offer_again(
    alice: Party, puppet: Puppet, clock: FakeClock
):
    alice.call(puppet)
    await clock.settle()
    first = puppet.requests("INVITE")[0]
    assert "timer" in first.tokens("supported")
    assert first.headers.get("session-expires") == "1800"
    puppet.respond(first, 200, alice, headers=[expires("600;refresher=uac"), ("Require", "timer")], body=ANSWER)
    await clock.settle(301)
    second = puppet.requests("INVITE")[-1]
    assert second.body == OFFER
    assert second.headers.get("session-expires") == "600;refresher=uac"
    puppet.respond(second, 200, alice, tag=None, headers=[expires("600;refresher=uac")], body=ANSWER)
    await clock.settle(300)
    third = puppet.requests("INVITE")[-1]
    puppet.respond(third, 200, alice, tag=None, headers=[expires("600;refresher=uac")], body=OFFER)
    await clock.settle()
    assert [ack.cseq.number for ack in puppet.requests("ACK")] == [1, 2, 3]
    assert alice.heard(Answer) == [Answer(OFFER)]
    assert alice.heard(Ended) == []


async def test_an_update_that_is_not_understood_after_all_becomes_a_reinvite(
    alice: Party, puppet: Puppet, clock: FakeClock
):
    alice.call(puppet)
    await clock.settle()
    fields = [expires("600;refresher=uac"), ("Allow", "INVITE, UPDATE")]
    puppet.respond(puppet.requests("INVITE")[0], 200, alice, headers=fields, body=ANSWER)
    await clock.settle(301)
    puppet.respond(puppet.requests("UPDATE")[0], 501, alice, tag=None)
    await clock.settle()
    assert len(puppet.requests("INVITE")) == 2


async def test_a_caller_that_refreshes_itself_may_stay_and_one_that_stops_is_hung_up_on(
    bob: Party, puppet: Puppet, clock: FakeClock
):
    bob.handler.answer = answering
    fields = [TIMER, expires("600;refresher=uac")]
    puppet.request("INVITE", bob, body=OFFER, headers=fields)
    await clock.settle()
    assert isinstance(puppet.last, Response)
    assert puppet.last.headers.get("session-expires") == "600;refresher=uac"
    assert "timer" in puppet.last.tokens("require")
    tag = puppet.last.to.tag
    puppet.request("ACK", bob, to_tag=tag)
    await clock.settle(500)
    puppet.request("UPDATE", bob, to_tag=tag, seq=2, headers=fields)
    await clock.settle(500)
    assert bob.handler.heard(Ended) == []
    await clock.settle(100)
    assert bob.handler.heard(Ended)[0].lost
    assert puppet.requests("BYE")[0].headers.get("reason") == 'SIP;cause=408;text="Session timer expired"'
    await clock.settle(100)
    assert clock.pending == []


async def test_a_caller_that_knows_no_timers_is_left_alone(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = answering
    puppet.request("INVITE", bob, body=OFFER)
    await clock.settle()
    assert "session-expires" not in puppet.last.headers
    puppet.request("ACK", bob, to_tag=puppet.last.to.tag)
    await clock.settle(100)
    assert clock.pending == []
    assert bob.handler.invite.confirmed


async def test_too_short_an_interval_is_refused_before_and_in_the_call(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = answering
    puppet.request("INVITE", bob, body=OFFER, headers=[TIMER, expires("10")])
    await clock.settle()
    assert (puppet.statuses, puppet.last.headers.get("min-se")) == ([422], "90")
    puppet.request("INVITE", bob, body=OFFER, seq=2, headers=[TIMER, expires("90")])
    await clock.settle()
    tag = puppet.last.to.tag
    puppet.request("ACK", bob, to_tag=tag, seq=2)
    puppet.request("UPDATE", bob, to_tag=tag, seq=3, headers=[TIMER, expires("10")])
    await clock.settle()
    assert puppet.statuses == [422, 200, 422]
    assert bob.handler.invite.confirmed
    assert bob.handler.heard(Offer) == []


async def test_a_callee_that_wants_a_longer_interval_gets_it(alice: Party, puppet: Puppet, clock: FakeClock):
    alice.call(puppet)
    await clock.settle()
    puppet.respond(puppet.requests("INVITE")[0], 422, alice, headers=[("Min-SE", "3600")])
    await clock.settle()
    first, second = puppet.requests("INVITE")
    assert (second.headers.get("session-expires"), second.headers.get("min-se")) == ("3600", "3600")
    assert (second.cseq.number, second.call_id, second.from_.tag) == (2, first.call_id, first.from_.tag)
    puppet.respond(second, 422, alice, headers=[("Min-SE", "3600")])
    await clock.settle()
    assert alice.heard(Failed)[0].status == 422
    assert alice.heard(Accepted) == []


async def test_a_refused_refresh_is_tried_again_and_an_unanswered_one_ends_the_call(
    alice: Party, puppet: Puppet, clock: FakeClock
):
    alice.call(puppet)
    await clock.settle()
    fields = [expires("600;refresher=uac"), ("Allow", "UPDATE")]
    puppet.respond(puppet.requests("INVITE")[0], 200, alice, headers=fields, body=ANSWER)
    await clock.settle(301)
    puppet.respond(puppet.requests("UPDATE")[0], 500, alice, tag=None)
    await clock.settle(150)
    assert len({update.cseq.number for update in puppet.requests("UPDATE")}) == 2
    assert alice.heard(Ended) == []
    await clock.settle(33)
    assert alice.heard(Ended)[0].lost
    assert puppet.requests("BYE")
    await clock.settle(100)
    assert clock.pending == []
