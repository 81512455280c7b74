"""RFC 6665 from the notifier's side."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pbx_lite.errors import ParseError
from pbx_lite.sip.address import Address
from pbx_lite.sip.endpoint import IncomingRequest
from pbx_lite.sip.message import Request, Response
from pbx_lite.sip.subscription import Subscription, Times
from tests.pbx_lite.sip.doubles import FakeFlow, Party, Puppet, Wire
from tests.support.clock import FakeClock


class Notifier:
    """Serves every SUBSCRIBE with a state that is one word."""

    def __init__(self, party: Party) -> None:
        self.state = "idle"
        self.subscriptions: list[Subscription] = []
        self.over = 0
        party.handler.serve = self._serve

    def _serve(self, incoming: IncomingRequest) -> None:
        if incoming.request.to.tag is not None:
            incoming.respond(481)
            return
        try:
            made = incoming.subscribe(
                times=Times(60, 600, 1200),
                allow_events="dialog",
                render=lambda: ("text/plain", self.state.encode()),
                over=self._ended,
            )
        except ParseError as error:
            incoming.respond(error.status)
            return
        self.subscriptions.append(made)

    def _ended(self, _: Subscription) -> None:
        self.over += 1


@pytest.fixture
def notifier(bob: Party) -> Notifier:
    return Notifier(bob)


def subscribe(puppet: Puppet, bob: Party, clock: FakeClock, **fields: Any) -> Request:
    headers = [("Event", fields.pop("event", "dialog;id=7")), *fields.pop("more", [])]
    if (expires := fields.pop("expires", None)) is not None:
        headers.append(("Expires", str(expires)))
    request = puppet.request("SUBSCRIBE", bob, headers=headers, **fields)
    clock.advance(0)
    return request


def answer(puppet: Puppet, bob: Party, clock: FakeClock, status: int = 200, **fields: Any) -> Request:
    """Answer the last NOTIFY."""
    notify = puppet.requests("NOTIFY")[-1]
    puppet.respond(notify, status, bob, tag=None, **fields)
    clock.advance(0)
    return notify


def accepted(puppet: Puppet) -> Response:
    return next(message for message in puppet.received if isinstance(message, Response) and message.status == 200)


async def test_a_watcher_is_accepted_and_told_the_state_at_once(
    bob: Party, puppet: Puppet, notifier: Notifier, clock: FakeClock
):
    request = subscribe(puppet, bob, clock)
    granted = accepted(puppet)
    assert granted.expires == 600
    assert granted.contact is not None
    notify = answer(puppet, bob, clock)
    assert notify.uri == puppet.uri
    assert (notify.from_.tag, notify.to.tag) == (granted.to.tag, request.from_.tag)
    assert notify.headers.get("event") == "dialog;id=7"
    assert notify.headers.get("subscription-state") == "active;expires=600"
    assert (notify.content_type, notify.body) == ("text/plain", b"idle")
    assert notify.contact is not None
    await clock.settle(700)
    answer(puppet, bob, clock)
    await clock.settle(50)
    assert clock.pending == []


async def test_changes_while_a_notify_is_under_way_are_told_as_one(
    bob: Party, puppet: Puppet, notifier: Notifier, clock: FakeClock
):
    subscribe(puppet, bob, clock)
    for state in ("trying", "early", "confirmed"):
        notifier.state = state
        notifier.subscriptions[0].changed()
    clock.advance(0)
    assert len(puppet.requests("NOTIFY")) == 1
    first = answer(puppet, bob, clock)
    second = answer(puppet, bob, clock)
    assert (first.body, second.body) == (b"idle", b"confirmed")
    assert second.cseq.number == first.cseq.number + 1
    assert len(puppet.requests("NOTIFY")) == 2


async def test_a_refresh_in_the_dialog_keeps_it(bob: Party, puppet: Puppet, notifier: Notifier, clock: FakeClock):
    subscribe(puppet, bob, clock, expires=100)
    answer(puppet, bob, clock)
    tag = accepted(puppet).to.tag
    clock.advance(90)
    subscribe(puppet, bob, clock, expires=5000, to_tag=tag, seq=2)
    assert answer(puppet, bob, clock).headers.get("subscription-state") == "active;expires=1200"
    clock.advance(1000)
    assert notifier.over == 0
    subscribe(puppet, bob, clock, expires=5, to_tag=tag, seq=3)
    assert puppet.statuses[-1] == 423
    subscribe(puppet, bob, clock, expires=100, to_tag=tag, seq=3)
    assert puppet.statuses[-1] == 500
    subscribe(puppet, bob, clock, expires=100, to_tag=tag, seq=9, event="presence")
    assert puppet.statuses[-1] == 481
    assert len(bob.handler.requests) == 1


async def test_it_ends_when_it_is_not_refreshed(bob: Party, puppet: Puppet, notifier: Notifier, clock: FakeClock):
    subscribe(puppet, bob, clock, expires=60)
    answer(puppet, bob, clock)
    clock.advance(70)
    assert answer(puppet, bob, clock).headers.get("subscription-state") == "terminated;reason=timeout"
    assert notifier.over == 1
    assert bob.endpoint._agent.sessions == {}
    subscribe(puppet, bob, clock, to_tag=accepted(puppet).to.tag, seq=2)
    assert puppet.statuses[-1] == 481


async def test_no_seconds_is_a_question_asked_once(bob: Party, puppet: Puppet, notifier: Notifier, clock: FakeClock):
    subscribe(puppet, bob, clock, expires=0)
    notify = answer(puppet, bob, clock)
    assert (notify.headers.get("subscription-state"), notify.body) == ("terminated;reason=timeout", b"idle")
    assert len(puppet.requests("NOTIFY")) == 1
    assert bob.endpoint._agent.sessions == {}


@pytest.mark.parametrize("status", [481, 404, 500, 401])
async def test_a_watcher_that_knows_of_nothing_is_forgotten(
    status: int, bob: Party, puppet: Puppet, notifier: Notifier, clock: FakeClock
):
    subscribe(puppet, bob, clock)
    answer(puppet, bob, clock, status)
    assert notifier.over == 1
    notifier.subscriptions[0].changed()
    notifier.subscriptions[0].terminate()
    await clock.settle(40)
    assert len(puppet.requests("NOTIFY")) == 1
    assert clock.pending == []


async def test_a_watcher_that_has_no_time_now_is_told_later(
    bob: Party, puppet: Puppet, notifier: Notifier, clock: FakeClock
):
    subscribe(puppet, bob, clock)
    answer(puppet, bob, clock, 503, headers=[("Retry-After", "10")])
    notifier.state = "confirmed"
    notifier.subscriptions[0].changed()
    clock.advance(9)
    assert len(puppet.requests("NOTIFY")) == 1
    clock.advance(2)
    assert puppet.requests("NOTIFY")[-1].body == b"confirmed"


async def test_a_watcher_that_is_silent_is_forgotten(bob: Party, puppet: Puppet, notifier: Notifier, clock: FakeClock):
    subscribe(puppet, bob, clock)
    await clock.settle(40)
    assert notifier.over == 1
    assert clock.pending == []


async def test_nobody_else_can_refresh_or_end_it(bob: Party, puppet: Puppet, notifier: Notifier, clock: FakeClock):
    subscribe(puppet, bob, clock)
    answer(puppet, bob, clock)
    tag = accepted(puppet).to.tag
    subscribe(puppet, bob, clock, expires=0, to_tag=tag, tag="mallory", seq=2)
    assert puppet.statuses[-1] == 481
    puppet.request("BYE", bob, to_tag=tag, seq=3)
    clock.advance(0)
    assert puppet.statuses[-1] == 405
    assert not notifier.subscriptions[0].ended


async def test_a_watcher_behind_a_router_is_told_the_way_it_came(
    bob: Party, puppet: Puppet, notifier: Notifier, clock: FakeClock
):
    puppet.uri = "sip:puppet@10.0.0.1"
    subscribe(puppet, bob, clock)
    assert puppet.requests("NOTIFY")[0].uri == "sip:puppet@10.0.0.1"
    puppet.uri = "sip:puppet@192.0.2.9:5999;gr=urn:uuid:1"
    subscribe(puppet, bob, clock, call_id="gruu")
    assert puppet.requests("NOTIFY")[-1].call_id == "gruu", "not at the host of the registrar"
    subscribe(puppet, bob, clock, call_id="via-proxy", more=[("Record-Route", "<sip:192.0.2.9:5060;lr>")])
    assert puppet.requests("NOTIFY")[-1].headers.get("route") == "<sip:192.0.2.9:5060;lr>"


@pytest.mark.parametrize("known", [True, False])
async def test_a_watcher_whose_connection_broke_is_told_where_it_is_registered_now(
    known: bool, wire: Wire, clock: FakeClock
):
    now = Address("tcp", "192.0.2.9", 5070)
    bob = Party(wire, "tcp:192.0.2.2:5060", locate=lambda _contact, _lost: now if known else None)
    puppet, again = Puppet(wire, "tcp:192.0.2.9:40000"), Puppet(wire, "tcp:192.0.2.9:5070")
    puppet.uri = "sip:puppet@10.0.0.1;transport=tcp"
    notifier = Notifier(bob)
    subscribe(puppet, bob, clock)
    answer(puppet, bob, clock)
    flow = notifier.subscriptions[0]._flow
    assert isinstance(flow, FakeFlow)
    flow.closed = True
    notifier.state = "early"
    notifier.subscriptions[0].changed()
    await clock.settle()
    assert [notify.body for notify in again.requests("NOTIFY")] == ([b"early"] if known else [])


async def test_the_end_of_the_pbx_leaves_no_timer(bob: Party, puppet: Puppet, notifier: Notifier, clock: FakeClock):
    subscribe(puppet, bob, clock)
    answer(puppet, bob, clock)
    notifier.subscriptions[0].terminate("probation", retry_after=5)
    clock.advance(0)
    assert answer(puppet, bob, clock).headers.get("subscription-state") == "terminated;reason=probation;retry-after=5"
    await bob.endpoint.stop(grace=0)
    assert notifier.over == 1
    await clock.settle(40)
    assert clock.pending == []


_steps = st.lists(
    st.tuples(
        st.one_of(
            st.sampled_from(["changed", "terminate", "state"]),
            st.tuples(st.just("refresh"), st.sampled_from([None, 0, 5, 60, 900]), st.integers(1, 4)),
            st.tuples(st.just("answer"), st.sampled_from([100, 200, 202, 401, 481, 500, 503]), st.booleans()),
        ),
        st.sampled_from([0.0, 0.6, 20.0, 300.0]),
    ),
    max_size=12,
)


@settings(max_examples=100)
@given(steps=_steps)
def test_no_order_of_events_breaks_a_subscription(steps, caplog: pytest.LogCaptureFixture):
    caplog.clear()
    clock = FakeClock()
    wire = Wire(clock)
    bob, puppet = Party(wire, "udp:192.0.2.2:5060"), Puppet(wire, "udp:192.0.2.9:5060")
    notifier = Notifier(bob)
    subscribe(puppet, bob, clock)
    tag = accepted(puppet).to.tag
    subscription = notifier.subscriptions[0]
    for step, later in steps:
        match step:
            case "changed":
                subscription.changed()
            case "terminate":
                subscription.terminate()
            case "state":
                notifier.state += "!"
            case ("refresh", expires, seq):
                subscribe(puppet, bob, clock, expires=expires, to_tag=tag, seq=seq)
            case ("answer", status, wait):
                answer(puppet, bob, clock, status, headers=[("Retry-After", "7")] if wait else [])
        clock.advance(later)
    clock.advance(2000)
    assert subscription.ended
    assert notifier.over == 1
    clock.advance(100)
    assert clock.pending == []
    assert bob.endpoint._agent.sessions == {}
    assert not [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}]
