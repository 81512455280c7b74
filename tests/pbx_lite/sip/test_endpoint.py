from typing import Any

import pytest

from pbx_lite.errors import SipError, TransactionTimeout
from pbx_lite.sip.address import Address
from pbx_lite.sip.agent import ALLOW
from pbx_lite.sip.digest import DigestServer
from pbx_lite.sip.endpoint import Credentials, IncomingRequest
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite_events import Failed
from pbx_lite.sip.message import Request
from pbx_lite.tasks import spawn
from tests.pbx_lite.sip.doubles import OFFER, Party, Puppet, Wire
from tests.support.clock import FakeClock

_ANNA = NameAddr("Anna", "sip:anna@home")


async def test_a_request_gets_its_answer(alice: Party, bob: Party, clock: FakeClock):
    bob.handler.serve = lambda incoming: incoming.respond(202, headers=[("X-Heard", "yes")], body=b"v=0\r\n")
    asked = spawn(alice.endpoint.request("MESSAGE", bob.uri, from_=_ANNA, body=b"hello"), name="message")
    await clock.settle()
    answer = await asked
    assert (answer.status, answer.headers.get("x-heard"), answer.body) == (202, "yes", b"v=0\r\n")
    incoming = bob.handler.requests[0]
    assert incoming.source == alice.address
    assert incoming.local == bob.address
    assert incoming.answered
    assert incoming.request.max_forwards == 70
    assert incoming.request.headers.get("user-agent") == "test"


async def test_an_answer_may_come_later_and_counts_once(alice: Party, bob: Party, wire: Wire, clock: FakeClock):
    asked = spawn(alice.endpoint.request("MESSAGE", bob.uri, from_=_ANNA), name="message")
    await clock.settle(3)
    incoming = bob.handler.requests[0]
    incoming.respond(180)
    incoming.respond(403)
    incoming.respond(200)
    await clock.settle()
    assert (await asked).status == 403
    assert [answer.status for answer in wire.responses("MESSAGE")] == [180, 403]


async def test_a_request_nobody_answers_times_out(alice: Party, puppet: Puppet, clock: FakeClock):
    asked = spawn(_failing(alice.endpoint.request("OPTIONS", puppet.uri, from_=_ANNA)), name="options")
    await clock.settle(33)
    assert isinstance(await asked, TransactionTimeout)
    assert len(puppet.requests("OPTIONS")) == 11


async def test_a_request_to_nowhere_fails_with_a_sentence(alice: Party):
    with pytest.raises(SipError, match="Nothing can be sent to tel:"):
        await alice.endpoint.request("OPTIONS", "tel:+49891234", from_=_ANNA)


async def test_a_challenged_request_is_answered_with_the_password(alice: Party, bob: Party, clock: FakeClock):
    server = DigestServer("home", secret=b"s" * 32)

    def serve(incoming: IncomingRequest) -> None:
        verdict = server.verify(incoming.request, clock.time(), {"anna": "secret"}.get)
        if verdict.accepted:
            incoming.respond(200)
        else:
            challenges = [("WWW-Authenticate", value) for value in server.challenges(clock.time())]
            incoming.respond(401, headers=challenges)

    bob.handler.serve = serve
    good = spawn(
        alice.endpoint.request("REGISTER", bob.uri, from_=_ANNA, credentials=Credentials("anna", "secret")), name="good"
    )
    bad = spawn(
        alice.endpoint.request("REGISTER", bob.uri, from_=_ANNA, credentials=Credentials("anna", "wrong")), name="bad"
    )
    await clock.settle()
    assert (await good).status == 200
    assert (await bad).status == 401
    contact = bob.handler.requests[0].request.contact
    assert contact is not None
    assert contact.uri == "sip:anna@192.0.2.1:5060"


def test_options_are_answered_even_if_the_handler_does_not(bob: Party, puppet: Puppet, clock: FakeClock):
    puppet.request("OPTIONS", bob, max_forwards=0)
    clock.advance(0)
    answer = puppet.last
    assert puppet.statuses == [200]
    assert answer.headers.get("accept") == "application/sdp"
    assert ", ".join(answer.headers.all("allow")) == ALLOW
    assert answer.headers.get("supported") == "100rel"
    assert answer.to.tag


def test_options_refused_by_the_handler_stay_refused(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.serve = lambda incoming: incoming.respond(404)
    puppet.request("OPTIONS", bob)
    clock.advance(0)
    assert puppet.statuses == [404]


def test_a_405_says_what_is_allowed(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.serve = lambda incoming: incoming.respond(405)
    puppet.request("PUBLISH", bob)
    clock.advance(0)
    assert "INVITE" in puppet.last.headers.all("allow")


@pytest.mark.parametrize(
    ("method", "options", "status"),
    [
        ("FROBNICATE", {}, 501),
        ("invite", {}, 501),
        ("INVITE", {"max_forwards": 0}, 483),
        ("MESSAGE", {"max_forwards": 0}, 483),
        ("OPTIONS", {"headers": [("Require", "nothing-supports-this")]}, 420),
        ("INVITE", {"headers": [("Require", "100rel, path")]}, 420),
        ("OPTIONS", {"headers": [("Proxy-Require", "noProxiesSupportThis")]}, 420),
        ("BYE", {}, 481),
        ("INFO", {}, 481),
        ("UPDATE", {"to_tag": "unknown"}, 481),
        ("PRACK", {"to_tag": "unknown"}, 481),
        ("INVITE", {"to_tag": "unknown"}, 481),
        ("OPTIONS", {"to_tag": "unknown"}, 481),
    ],
)
def test_what_cannot_be_served_is_refused_before_the_handler(
    method: str, options: dict[str, Any], status: int, bob: Party, puppet: Puppet, clock: FakeClock
):
    puppet.request(method, bob, **options)
    clock.advance(0)
    assert puppet.statuses == [status]
    assert bob.handler.requests == []
    assert bob.handler.invites == []


def test_a_420_names_what_is_not_supported(bob: Party, puppet: Puppet, clock: FakeClock):
    puppet.request("OPTIONS", bob, headers=[("Require", "path"), ("Require", "100rel"), ("Proxy-Require", "gruu")])
    clock.advance(0)
    assert puppet.last.headers.all("unsupported") == ["gruu", "path"]


def test_a_notify_from_before_a_restart_reaches_the_handler(bob: Party, puppet: Puppet, clock: FakeClock):
    puppet.request("NOTIFY", bob, to_tag="old")
    clock.advance(0)
    assert bob.handler.requests[0].request.method == "NOTIFY"


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (lambda request: request.headers.set("Max-Forwards", "300"), 400),
        (lambda request: request.headers.set("CSeq", "1 BYE"), 400),
        (lambda request: setattr(request, "version", "SIP/7.0"), 505),
        (lambda request: setattr(request, "uri", "http://home"), 416),
    ],
)
def test_a_faulty_request_is_refused_with_the_status_of_its_fault(
    spoil, status: int, bob: Party, puppet: Puppet, clock: FakeClock
):
    request = puppet.request("OPTIONS", bob)
    clock.advance(0)
    puppet.received.clear()
    spoil(request)
    request.headers.replace_first("Via", request.via.with_param("branch", "z9hG4bKother"))
    bob.network.receive(request.encode(), bob.network.flow(puppet.address))
    clock.advance(0)
    assert puppet.statuses == [status]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"\x00" * 100,
        b"OPTIONS sip:x SIP/2.0\r\n\r\n",
        b"SIP/2.0 200 OK\r\n\r\n",
        b"ACK sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\r\n\r\n",
        b"OPTIONS sip:x SIP/2.0\r\nVia: \xff\r\n\r\n",
        b"INVITE sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\r\n" + b"a: b\r\n" * 300 + b"\r\n",
    ],
)
def test_garbage_is_dropped_or_refused_without_a_trace(
    data: bytes, bob: Party, puppet: Puppet, clock: FakeClock, caplog: pytest.LogCaptureFixture
):
    bob.network.receive(data, bob.network.flow(puppet.address))
    clock.advance(40)
    assert [record for record in caplog.records if record.levelname not in {"DEBUG", "INFO"}] == []
    assert clock.pending == []


def test_a_handler_that_breaks_costs_a_500_and_one_log_entry(
    bob: Party, puppet: Puppet, clock: FakeClock, caplog: pytest.LogCaptureFixture
):
    def serve(_: IncomingRequest) -> None:
        raise RuntimeError("oops")

    bob.handler.serve = serve
    puppet.request("MESSAGE", bob)
    clock.advance(0)
    assert puppet.statuses == [500]
    assert "oops" in caplog.text


def test_a_locked_out_source_gets_silence(wire: Wire, puppet: Puppet, clock: FakeClock):
    asked: list[Address] = []

    def admit(source: Address) -> bool:
        asked.append(source)
        return False

    bob = Party(wire, "udp:192.0.2.3:5060", admit=admit)
    puppet.request("OPTIONS", bob)
    clock.advance(0)
    assert puppet.received == []
    assert asked == [puppet.address]


# transactions


def test_a_repeated_request_gets_the_same_answer_and_is_served_once(
    bob: Party, puppet: Puppet, wire: Wire, clock: FakeClock
):
    bob.handler.serve = lambda incoming: incoming.respond(200)
    request = puppet.request("MESSAGE", bob)
    clock.advance(1)
    puppet.send(request, bob)
    clock.advance(1)
    assert puppet.statuses == [200, 200]
    assert puppet.received[0].to.tag == puppet.received[1].to.tag
    assert len(bob.handler.requests) == 1
    clock.advance(40)
    puppet.send(request, bob)
    clock.advance(0)
    assert len(bob.handler.requests) == 2


def test_a_request_that_came_twice_by_different_ways_gets_482(bob: Party, puppet: Puppet, clock: FakeClock):
    puppet.request("INVITE", bob, body=OFFER)
    puppet.request("INVITE", bob, body=OFFER)
    clock.advance(0.3)
    assert sorted(puppet.statuses) == [100, 482]
    assert len(bob.handler.invites) == 1


def test_a_peer_of_rfc_2543_is_matched_without_branches(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.reject(486)
    invite = puppet.request("INVITE", bob, body=OFFER, branch="1")
    clock.advance(0)
    puppet.send(invite, bob)
    clock.advance(0)
    assert puppet.statuses == [486, 486]
    ack = Request("ACK", invite.uri, invite.headers.copy())
    ack.headers.set("CSeq", "1 ACK")
    ack.headers.set("To", puppet.last.headers.get("to"))
    puppet.send(ack, bob)
    clock.advance(30)
    assert puppet.statuses == [486, 486]


def test_a_refused_invite_is_repeated_until_its_ack(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.reject(486)
    invite = puppet.request("INVITE", bob, body=OFFER)
    clock.advance(0.6)
    assert puppet.statuses == [486, 486]
    puppet.request("ACK", bob, branch=invite.via.branch, to_tag=puppet.last.to.tag)
    clock.advance(40)
    assert puppet.statuses == [486, 486]


def test_a_challenge_is_not_repeated_at_a_source_that_may_be_forged(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.reject(401)
    invite = puppet.request("INVITE", bob, body=OFFER)
    clock.advance(5)
    assert puppet.statuses == [401]
    puppet.send(invite, bob)
    clock.advance(5)
    assert puppet.statuses == [401, 401]


def test_answers_go_to_the_port_they_are_asked_to_with_received_and_rport(
    bob: Party, puppet: Puppet, wire: Wire, clock: FakeClock
):
    request = Request("OPTIONS", bob.uri, puppet.request("OPTIONS", bob).headers.copy())
    clock.advance(0)
    puppet.received.clear()
    request.headers.replace_first("Via", "SIP/2.0/UDP 10.0.0.3:5999;branch=z9hG4bKnat;rport")
    puppet.send(request, bob)
    clock.advance(0)
    via = puppet.last.via
    assert (via.received, via.rport) == ("192.0.2.9", 5060)
    elsewhere = Puppet(wire, "udp:192.0.2.9:5999")
    request.headers.replace_first("Via", "SIP/2.0/UDP 10.0.0.3:5999;branch=z9hG4bKold")
    puppet.send(request, bob)
    clock.advance(0)
    assert elsewhere.last.via.received == "192.0.2.9"
    assert elsewhere.last.via.rport is None


def test_a_flood_of_requests_is_bounded(bob: Party, puppet: Puppet, clock: FakeClock):
    for number in range(5000):
        puppet.request("INVITE", bob, body=OFFER, call_id=f"c{number}")
    clock.advance(0)
    assert puppet.statuses.count(503) == 5000 - 4096
    assert puppet.last.headers.get("retry-after")
    clock.advance(0.3)
    assert puppet.statuses.count(100) == 4096


def test_finished_transactions_make_room_for_new_ones(bob: Party, puppet: Puppet, clock: FakeClock):
    bob.handler.answer = lambda invite: invite.reject(401)
    for number in range(5000):
        puppet.request("INVITE", bob, body=OFFER, call_id=f"c{number}")
    clock.advance(0)
    assert puppet.statuses.count(401) == 5000
    clock.advance(40)
    assert clock.pending == []


def test_a_stray_response_is_dropped(bob: Party, puppet: Puppet, clock: FakeClock):
    request = puppet.request("OPTIONS", bob)
    clock.advance(0)
    puppet.respond(request, 200, bob)
    clock.advance(0)
    assert puppet.statuses == [200]


def test_a_lost_connection_fails_what_waits_for_its_answer(wire: Wire, clock: FakeClock):
    party = Party(wire, "tcp:192.0.2.3:5060")
    phone = Puppet(wire, "tcp:192.0.2.9:5060")
    phone.uri += ";transport=tcp"
    party.call(phone)
    clock.advance(5)
    assert len(phone.requests("INVITE")) == 1
    party.network.lose(party.network.flow(phone.address))
    clock.advance(0)
    (failed,) = party.events
    assert isinstance(failed, Failed)
    assert failed.status == 503
    assert "lost" in failed.reason


def test_an_endpoint_may_call_itself_by_another_name(wire: Wire, puppet: Puppet, clock: FakeClock):
    party = Party(wire, "udp:192.0.2.3:5060", advertise=lambda remote, host: "203.0.113.7")
    party.call(puppet)
    clock.advance(0)
    contact = puppet.requests("INVITE")[0].contact
    assert contact is not None
    assert contact.uri == "sip:anna@203.0.113.7:5060"


async def test_stopping_waits_a_moment_for_the_last_bye(alice: Party, puppet: Puppet, clock: FakeClock):
    call = alice.call(puppet)
    await clock.settle()
    puppet.respond(puppet.requests("INVITE")[0], 200, alice)
    await clock.settle()
    call.bye()
    stopping = spawn(alice.endpoint.stop(grace=5), name="stop")
    await clock.settle(0.6)
    assert not stopping.done()
    puppet.respond(puppet.requests("BYE")[0], 200, alice)
    await clock.settle(0.1)
    await stopping
    assert clock.pending == []


async def test_stopping_does_not_wait_for_ever(alice: Party, puppet: Puppet, clock: FakeClock):
    alice.call(puppet)
    stopping = spawn(alice.endpoint.stop(), name="stop")
    await clock.settle(1.1)
    await stopping
    assert clock.pending == []


def test_our_host_is_told_for_any_peer(alice: Party):
    assert alice.endpoint.local_host(Address("udp", "192.0.2.2", 5060)) == "192.0.2.1"
    assert alice.endpoint.local_host(Address("udp", "door.invalid", 5060)) == "192.0.2.1"
    assert alice.endpoint.local_host(None) == "192.0.2.1"


async def _failing(asked) -> BaseException | None:
    try:
        await asked
    except SipError as error:
        return error
    return None
