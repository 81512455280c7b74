from typing import Any

import pytest

from pbx_lite.sip.digest import DigestServer
from pbx_lite.sip.endpoint import Credentials, IncomingRequest
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.message import Request, Response
from pbx_lite.sip.registration import Registration, RegistrationState, granted_to
from pbx_lite.tasks import spawn
from tests.pbx_lite.sip.doubles import Party, Puppet
from tests.support.clock import FakeClock


class Registrar:
    """Answers REGISTER as a registrar would; `answer` overrides it with a status."""

    def __init__(self, party: Party, clock: FakeClock) -> None:
        self.requests: list[Request] = []
        self.answer: tuple[int, list[tuple[str, str]]] | None = None
        self.granted = 300
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
        bound = [("Contact", f"{contact};expires={expires}")] if expires else []
        incoming.respond(200, headers=[("Contact", "<sip:anna@192.0.2.50>;expires=5"), *bound])


@pytest.fixture
def registrar(bob: Party, clock: FakeClock) -> Registrar:
    return Registrar(bob, clock)


def registration(alice: Party, other: Party | Puppet, clock: FakeClock, **options: Any) -> Registration:
    options.setdefault("credentials", Credentials("anna", "secret"))
    return Registration(
        alice.endpoint, clock=clock, registrar=other.uri, address=NameAddr("Anna", "sip:anna@home"), **options
    )


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
