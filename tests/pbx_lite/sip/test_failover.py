"""A request to a name goes to the next server where one fails (RFC 3263 section 4.3)."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pbx_lite.errors import TransactionTimeout, TransportError
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite_events import Accepted, Failed
from pbx_lite.sip.message import Response
from pbx_lite.sip.resolve import Resolver
from pbx_lite.sip.transaction import Timers
from pbx_lite.tasks import spawn
from tests.pbx_lite.sip.doubles import ANSWER, OFFER, Party, Puppet, Wire
from tests.pbx_lite.sip.loopback import Station, soon
from tests.support.clock import FakeClock
from tests.support.name_server import FakeNameServer

ANNA = NameAddr("Anna", "sip:anna@home")
PROVIDER = "sip:0891234@provider.example"


@pytest.fixture
def first(wire: Wire, alice: Party) -> Puppet:
    alice.names.rows = {
        ("_sip._udp.provider.example", "SRV"): [(1, 1, 5060, "one.example"), (2, 1, 5060, "two.example")],
        ("one.example", "A"): [("192.0.2.11",)],
        ("two.example", "A"): [("192.0.2.12",)],
    }
    return Puppet(wire, "udp:192.0.2.11:5060")


@pytest.fixture
def second(wire: Wire) -> Puppet:
    return Puppet(wire, "udp:192.0.2.12:5060")


async def ask(alice: Party, clock: FakeClock):
    asking = spawn(alice.endpoint.request("OPTIONS", PROVIDER, from_=ANNA), name="ask")
    await clock.settle(turns=50)
    return asking


async def test_a_server_that_is_silent_is_given_up_soon(alice: Party, first: Puppet, second: Puppet, clock: FakeClock):
    asking = await ask(alice, clock)
    await clock.settle(3.9)
    assert second.received == []
    await clock.settle(0.2)
    tried, moved = first.requests("OPTIONS")[0], second.requests("OPTIONS")[0]
    assert tried.via.branch != moved.via.branch
    assert (tried.call_id, tried.cseq, tried.from_) == (moved.call_id, moved.cseq, moved.from_)
    second.respond(moved, 200, alice)
    await clock.settle()
    assert (await asking).status == 200
    again = await ask(alice, clock)
    assert len(second.requests("OPTIONS")) == 2, "the silent one comes last for a while"
    second.respond(second.requests("OPTIONS")[1], 200, alice)
    await clock.settle(100)
    assert (await again).status == 200


async def test_a_server_that_has_no_time_now_is_left_alone_as_long_as_it_says(
    alice: Party, first: Puppet, second: Puppet, clock: FakeClock
):
    asking = await ask(alice, clock)
    first.respond(first.requests("OPTIONS")[0], 503, alice, headers=[("Retry-After", "120")])
    await clock.settle()
    second.respond(second.requests("OPTIONS")[0], 200, alice)
    await clock.settle(100)
    assert (await asking).status == 200
    again = await ask(alice, clock)
    second.respond(second.requests("OPTIONS")[1], 200, alice)
    await clock.settle(30)
    assert (await again).status == 200
    last = await ask(alice, clock)
    first.respond(first.requests("OPTIONS")[1], 200, alice)
    await clock.settle()
    assert (await last).status == 200


async def test_the_last_failure_is_told_where_no_server_is_left(
    alice: Party, first: Puppet, second: Puppet, clock: FakeClock
):
    asking = await ask(alice, clock)
    await clock.settle(5, turns=50)
    second.respond(second.requests("OPTIONS")[0], 503, alice)
    await clock.settle()
    assert (await asking).status == 503
    silent = await ask(alice, clock)
    await clock.settle(4 + 33)
    with pytest.raises(TransactionTimeout, match="No answer from"):
        await silent
    await clock.settle(40)
    assert clock.pending == []
    assert not alice.endpoint._layer.clients._clients


async def test_another_refusal_is_an_answer(alice: Party, first: Puppet, second: Puppet, clock: FakeClock):
    asking = await ask(alice, clock)
    first.respond(first.requests("OPTIONS")[0], 486, alice)
    await clock.settle()
    assert (await asking).status == 486
    assert second.received == []


async def test_a_connection_that_cannot_be_made_is_no_end(
    alice: Party, first: Puppet, second: Puppet, clock: FakeClock
):
    alice.names.rows["provider.example", "NAPTR"] = [
        (1, 1, "a", "SIP+D2T", "one.example"),
        (2, 1, "a", "SIP+D2U", "two.example"),
    ]
    network = alice.network
    udp = network.flow
    network.flow = lambda remote: None if remote.is_stream else udp(remote)  # type: ignore[method-assign, assignment, return-value]
    asking = await ask(alice, clock)
    second.respond(second.requests("OPTIONS")[0], 200, alice)
    await clock.settle()
    assert (await asking).status == 200


async def test_a_name_without_servers_is_said(alice: Party, clock: FakeClock):
    asking = await ask(alice, clock)
    with pytest.raises(TransportError, match=r"The host provider\.example is not known"):
        await asking


async def test_a_call_goes_to_the_next_server_and_is_taken_back_where_it_is_heard_late(
    alice: Party, first: Puppet, second: Puppet, clock: FakeClock
):
    call = alice.endpoint.invite(PROVIDER, from_=ANNA, body=OFFER, listener=alice.events.append)
    await clock.settle(5, turns=50)
    late, taken = first.requests("INVITE")[0], second.requests("INVITE")[0]
    second.respond(taken, 200, alice, tag="two", body=ANSWER)
    first.respond(late, 180, alice, tag="one")
    first.respond(late, 200, alice, tag="one", body=ANSWER)
    await clock.settle()
    assert len(alice.heard(Accepted)) == 1
    assert [call.dialog and call.dialog.remote_tag] == ["two"]
    assert len(first.requests("CANCEL")) == len(first.requests("ACK")) == len(first.requests("BYE")) == 1
    assert first.requests("CANCEL")[0].via.branch == late.via.branch
    assert first.requests("BYE")[0].to.tag == "one"
    for request in (*first.requests("CANCEL"), *first.requests("BYE")):
        first.respond(request, 200, alice)
    call.bye()
    await clock.settle()
    second.respond(second.requests("BYE")[0], 200, alice)
    await clock.settle(200)
    assert clock.pending == []


async def test_a_call_that_was_turned_away_acknowledges_that_and_goes_on(
    alice: Party, first: Puppet, second: Puppet, clock: FakeClock
):
    alice.endpoint.invite(PROVIDER, from_=ANNA, body=OFFER, listener=alice.events.append)
    await clock.settle(turns=50)
    invite = first.requests("INVITE")[0]
    for _ in range(2):
        first.respond(invite, 503, alice)
        await clock.settle()
    assert len(first.requests("ACK")) == 2
    second.respond(second.requests("INVITE")[0], 486, alice)
    await clock.settle(100)
    assert [event.status for event in alice.heard(Failed)] == [486]
    assert isinstance(second.last, Response) or second.requests("ACK")
    assert clock.pending == []


async def test_a_call_that_rings_stays_where_it_is(alice: Party, first: Puppet, second: Puppet, clock: FakeClock):
    alice.endpoint.invite(PROVIDER, from_=ANNA, body=OFFER, listener=alice.events.append)
    await clock.settle(turns=50)
    invite = first.requests("INVITE")[0]
    first.respond(invite, 180, alice)
    await clock.settle(20)
    first.respond(invite, 503, alice)
    await clock.settle()
    assert [event.status for event in alice.heard(Failed)] == [503]
    assert second.received == []


async def test_a_call_that_was_taken_back_goes_nowhere_else(
    alice: Party, first: Puppet, second: Puppet, clock: FakeClock
):
    call = alice.endpoint.invite(PROVIDER, from_=ANNA, body=OFFER, listener=alice.events.append)
    await clock.settle(1)
    call.cancel()
    await clock.settle(100)
    assert second.received == []
    assert len(alice.heard(Failed)) == 1
    assert clock.pending == []


async def test_a_contact_fits_the_server_that_the_request_ends_up_at(
    alice: Party, first: Puppet, second: Puppet, clock: FakeClock
):
    alice.names.rows["provider.example", "NAPTR"] = [
        (1, 1, "s", "SIP+D2U", "_sip._udp.provider.example"),
    ]
    alice.endpoint.invite(PROVIDER, from_=ANNA, body=OFFER, listener=alice.events.append)
    await clock.settle(5, turns=50)
    (moved,) = {request.via.branch: request for request in second.requests("INVITE")}.values()
    assert [str(contact) for contact in moved.contacts] == ["<sip:anna@192.0.2.1:5060>"]
    assert len(moved.vias) == 1


_answers = st.tuples(st.sampled_from(["one", "two"]), st.sampled_from([100, 180, 200, 302, 401, 486, 503]))
_steps = st.lists(st.tuples(st.one_of(_answers, st.just("cancel")), st.sampled_from([0.0, 0.6, 4.1, 40.0])), max_size=8)


@settings(max_examples=60)
@given(steps=_steps)
def test_no_order_of_answers_of_two_servers_breaks_a_call(steps):
    asyncio.run(_play(steps))


async def _play(steps):
    clock = FakeClock()
    wire = Wire(clock)
    alice = Party(wire, "udp:192.0.2.1:5060")
    alice.names.rows = {
        ("_sip._udp.provider.example", "SRV"): [(1, 1, 5060, "one.example"), (2, 1, 5060, "two.example")],
        ("one.example", "A"): [("192.0.2.11",)],
        ("two.example", "A"): [("192.0.2.12",)],
    }
    servers = {"one": Puppet(wire, "udp:192.0.2.11:5060"), "two": Puppet(wire, "udp:192.0.2.12:5060")}
    call = alice.endpoint.invite(PROVIDER, from_=ANNA, body=OFFER, listener=alice.events.append)
    await clock.settle(turns=50)
    for step, later in steps:
        if step == "cancel":
            call.cancel()
        else:
            name, status = step
            invites = servers[name].requests("INVITE")
            if invites:
                servers[name].respond(invites[-1], status, alice, tag=name, body=ANSWER if status == 200 else b"")
        await clock.settle(later, turns=50)
    call.bye()
    await clock.settle(2000, turns=20)
    assert call.ended
    assert clock.pending == []
    assert alice.endpoint._agent.sessions == {}
    assert not alice.endpoint._layer.clients._clients
    assert len(alice.heard(Accepted) + alice.heard(Failed)) <= 1


async def test_real_servers_behind_a_real_name_service():
    zone = (
        'provider.example. 60 IN NAPTR 10 10 "S" "SIP+D2U" "" _sip._udp.provider.example.',
        "one.provider.example. 60 IN A 127.0.0.77",
        "two.provider.example. 60 IN A 127.0.0.1",
    )
    async with Station("udp://127.0.0.1:0") as provider:
        port = provider.address.port
        served = tuple(
            f"_sip._udp.provider.example. 60 IN SRV {rank} 1 {port} {name}.provider.example."
            for rank, name in ((1, "one"), (2, "two"))
        )
        async with FakeNameServer(*zone, *served) as names:
            resolver = Resolver(asyncio.get_running_loop(), nameserver=names.address)
            async with Station("udp://127.0.0.1:0", resolver=resolver, timers=Timers(t1=0.05)) as caller:
                for _ in range(2):
                    answer = await soon(caller.endpoint.request("OPTIONS", PROVIDER, from_=ANNA))
                    assert answer.status == 200
        assert len(provider.requests.all) == 2
        assert sum("NAPTR" in question for question in names.asked) == 1, "answers are kept"
