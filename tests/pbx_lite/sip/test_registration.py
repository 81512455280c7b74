from typing import Any

import pytest

from pbx_lite.sip.address import Address
from pbx_lite.sip.digest import DigestServer
from pbx_lite.sip.endpoint import Credentials, IncomingRequest
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.message import Request, Response
from pbx_lite.sip.registration import Registration, RegistrationState, granted_to
from pbx_lite.tasks import spawn
from tests.pbx_lite.sip.doubles import Party, Puppet, Wire
from tests.support.clock import FakeClock


class Registrar:
    """Answers REGISTER as a registrar would; `answer` overrides it with a status."""

    def __init__(self, party: Party, clock: FakeClock) -> None:
        self.requests: list[Request] = []
        self.answer: tuple[int, list[tuple[str, str]]] | None = None
        self.granted = 300
        self.more = ""
        self.headers: list[tuple[str, str]] = []
        self._digest = DigestServer("home", secret=b"s" * 32)
        self._clock = clock
        party.handler.serve = self._serve

    def _serve(self, incoming: IncomingRequest) -> None:
        if self.answer is not None:
            self.requests.append(incoming.request)
            incoming.respond(self.answer[0], headers=self.answer[1])
            return
        now = self._clock.time()
        verdict = self._digest.verify(incoming.request, now, {"anna": "secret"}.get)
        if not verdict.accepted:
            incoming.respond(401, headers=[("WWW-Authenticate", value) for value in self._digest.challenges(now)])
            return
        self.requests.append(incoming.request)
        contact = incoming.request.contact
        expires = min(self.granted, incoming.request.expires or 0)
        bound = [("Contact", f"{contact};expires={expires}{self.more}")] if expires else []
        incoming.respond(200, headers=[("Contact", "<sip:anna@192.0.2.50>;expires=5"), *bound, *self.headers])


@pytest.fixture
def registrar(bob: Party, clock: FakeClock) -> Registrar:
    return Registrar(bob, clock)


def registration(alice: Party, other: Party | Puppet, clock: FakeClock, **options: Any) -> Registration:
    options.setdefault("credentials", Credentials("anna", "secret"))
    options.setdefault("registrar", other.uri)
    return Registration(alice.endpoint, clock=clock, address=NameAddr("Anna", "sip:anna@home"), **options)


async def test_it_registers_refreshes_in_time_and_unregisters(
    alice: Party, bob: Party, registrar: Registrar, clock: FakeClock
):
    changes: list[RegistrationState] = []
    ours = registration(alice, bob, clock, on_change=lambda state, _: changes.append(state))
    ours.start()
    await clock.settle()
    assert ours.state is RegistrationState.REGISTERED
    assert len(registrar.requests) == 1
    await clock.settle(200)
    assert len(registrar.requests) == 1
    await clock.settle(45)
    assert len(registrar.requests) == 2
    first, second = registrar.requests
    assert first.call_id == second.call_id
    assert first.from_.tag == second.from_.tag
    assert second.cseq.number > first.cseq.number
    stopping = spawn(ours.stop(), name="stop")
    await clock.settle()
    await stopping
    assert registrar.requests[-1].expires == 0
    assert changes == [RegistrationState.REGISTERED, RegistrationState.UNREGISTERED]


async def test_a_refresh_answers_the_challenge_before_it_is_asked(
    alice: Party, bob: Party, registrar: Registrar, clock: FakeClock
):
    ours = registration(alice, bob, clock)
    ours.start()
    await clock.settle()
    asked = len(bob.handler.requests)
    ours.refresh()
    await clock.settle()
    assert len(registrar.requests) == 2
    assert len(bob.handler.requests) == asked + 1
    await ours.stop(within=0)


async def test_a_registrar_that_is_away_is_tried_again_more_and_more_seldom(
    alice: Party, puppet: Puppet, clock: FakeClock
):
    ours = registration(alice, puppet, clock)
    ours.start()
    await clock.settle(33)
    assert ours.state is RegistrationState.FAILED
    assert "No answer" in ours.reason
    await clock.settle(1000)
    tries = len({request.via.branch for request in puppet.requests("REGISTER")})
    assert 6 <= tries <= 14
    await ours.stop()


async def test_a_wrong_password_is_said_and_not_tried_every_second(
    alice: Party, bob: Party, registrar: Registrar, clock: FakeClock
):
    ours = registration(alice, bob, clock, credentials=Credentials("anna", "wrong"))
    ours.start()
    await clock.settle(100)
    assert ours.state is RegistrationState.FAILED
    assert ours.reason == "The registrar answered 401 Unauthorized."
    assert len(bob.handler.requests) == 2
    await ours.stop()


async def test_the_registrars_shortest_time_is_taken(alice: Party, bob: Party, registrar: Registrar, clock: FakeClock):
    registrar.answer = (423, [("Min-Expires", "1800")])
    ours = registration(alice, bob, clock)
    ours.start()
    await clock.settle()
    registrar.answer = None
    assert registrar.requests[0].expires == 600
    assert registrar.requests[1].expires == 1800
    await ours.stop(within=0)


async def test_retry_after_is_honoured(alice: Party, bob: Party, registrar: Registrar, clock: FakeClock):
    registrar.answer = (503, [("Retry-After", "100 (busy)")])
    ours = registration(alice, bob, clock)
    ours.start()
    await clock.settle(70)
    assert len(registrar.requests) == 1
    registrar.answer = None
    await clock.settle(60)
    assert ours.state is RegistrationState.REGISTERED
    await ours.stop(within=0)


async def test_the_outbound_proxy_is_where_it_goes(alice: Party, bob: Party, registrar: Registrar, clock: FakeClock):
    ours = registration(alice, bob, clock, registrar="sip:provider.example", proxy="sip:192.0.2.2;lr")
    ours.start()
    await clock.settle()
    assert ours.state is RegistrationState.REGISTERED
    assert registrar.requests[0].uri == "sip:provider.example"
    assert registrar.requests[0].headers.all("route") == ["<sip:192.0.2.2;lr>"]
    assert ours.routes == ("<sip:192.0.2.2;lr>",)
    assert ours.hop == bob.address
    await ours.stop(within=0)


async def test_a_proxy_without_lr_is_a_place_alone(alice: Party, bob: Party, registrar: Registrar, clock: FakeClock):
    ours = registration(alice, bob, clock, registrar="sip:provider.example", proxy="sip:192.0.2.2")
    ours.start()
    await clock.settle()
    assert registrar.requests[0].headers.all("route") == []
    assert ours.routes == ()
    await ours.stop(within=0)


@pytest.mark.parametrize(
    ("registrar_uri", "transport", "hop"),
    [
        ("sip:provider.example", "", ("", "provider.example", 0)),
        ("sip:provider.example", "tls", ("tls", "provider.example", 0)),
        ("sip:192.0.2.2", "tcp", ("tcp", "192.0.2.2", 5060)),
        ("sip:provider.example:5070;transport=udp", "tcp", ("udp", "provider.example", 5070)),
        ("sips:provider.example", "udp", ("tls", "provider.example", 0)),
    ],
)
async def test_the_transport_is_that_of_the_uri_or_the_one_asked_for(
    registrar_uri: str, transport: str, hop: tuple[str, str, int], alice: Party, bob: Party, clock: FakeClock
):
    ours = registration(alice, bob, clock, registrar=registrar_uri, transport=transport)
    assert ours.hop == Address(*hop)


async def test_the_registrar_tells_the_way_of_later_calls_and_how_it_sees_us(
    alice: Party, bob: Party, registrar: Registrar, clock: FakeClock
):
    registrar.headers = [("Service-Route", "<sip:edge.example;lr>, <sip:core.example;lr>")]
    registrar.more = ';pub-gruu="sip:anna@home;gr=urn:uuid:1"'
    ours = registration(alice, bob, clock, contact_user="line-1", instance="urn:uuid:1")
    ours.start()
    await clock.settle()
    assert ours.routes == ("<sip:edge.example;lr>", "<sip:core.example;lr>")
    assert ours.hop == Address("", "edge.example", 0)
    assert ours.server == bob.address
    assert ours.observed == alice.address
    assert ours.gruu == "sip:anna@home;gr=urn:uuid:1"
    contact = registrar.requests[0].contact
    assert contact is not None
    assert contact.uri == "sip:line-1@192.0.2.1:5060"
    assert (contact.param("+sip.instance"), contact.param("reg-id")) == ("<urn:uuid:1>", "1")
    await ours.stop(within=0)


async def test_a_registration_goes_to_the_next_server_of_the_name(
    alice: Party, bob: Party, registrar: Registrar, clock: FakeClock
):
    alice.names.rows = {
        ("_sip._udp.provider.example", "SRV"): [(1, 1, 5060, "one.example"), (2, 1, 5060, "two.example")],
        ("one.example", "A"): [("192.0.2.77",)],
        ("two.example", "A"): [("192.0.2.2",)],
    }
    ours = registration(alice, bob, clock, registrar="sip:provider.example")
    ours.start()
    await clock.settle(5, turns=50)
    assert ours.state is RegistrationState.REGISTERED
    assert ours.server == bob.address
    await ours.stop(within=0)


async def test_the_way_is_kept_open_while_it_is_registered(
    alice: Party, bob: Party, registrar: Registrar, clock: FakeClock
):
    ours = registration(alice, bob, clock)
    ours.start()
    await clock.settle(80)
    assert alice.network.kept_alive == [bob.address] * 3
    registrar.headers = [("Require", "outbound"), ("Flow-Timer", "100")]
    ours.refresh()
    await clock.settle(95)
    assert len(alice.network.kept_alive) == 4
    await ours.stop(within=0)
    await clock.settle(200)
    assert len(alice.network.kept_alive) == 4


async def test_a_lost_connection_is_made_again_at_once(clock: FakeClock, wire: Wire):
    alice, bob = Party(wire, "tcp:192.0.2.1:5060"), Party(wire, "tcp:192.0.2.2:5060")
    registrar = Registrar(bob, clock)
    ours = registration(alice, bob, clock)
    ours.start()
    await clock.settle()
    assert len(registrar.requests) == 1
    alice.network.lose(alice.network.flows.pop(bob.address))
    await clock.settle()
    assert len(registrar.requests) == 2
    await ours.stop(within=0)


def test_the_time_granted_is_that_of_our_own_binding():
    def answer(*headers: tuple[str, str]) -> Response:
        return Response(200, headers=[("Via", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1"), *headers])

    ours = ("Contact", "<sip:anna@192.0.2.1:5060>;expires=100")
    other = ("Contact", "<sip:anna@192.0.2.7:5060>;expires=9")
    stranger = ("Contact", "<sip:bob@192.0.2.8:5060>;expires=1")
    assert granted_to(answer(other, ours, stranger), "anna", 600) == 100
    assert granted_to(answer(other, stranger), "anna", 600) == 9
    assert granted_to(answer(stranger), "anna", 600) == 600
    assert granted_to(answer(("Expires", "70"), ("Contact", "<sip:anna@192.0.2.1:5060>")), "anna", 600) == 70
    assert granted_to(answer(("Expires", "x")), "anna", 600) == 600
    assert granted_to(answer(other, ours), "anna", 600, "sip:anna@192.0.2.7:5060") == 9
