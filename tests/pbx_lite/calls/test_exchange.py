"""Where requests and calls go once they came in."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from pbx_lite.calls.exchange import Exchange
from pbx_lite.calls.party import Party
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.config import Config, Device, Door, Secret, User
from pbx_lite.directory import Account, AccountKind, Directory
from pbx_lite.events import EventBus
from pbx_lite.media.port_pool import PortPool
from pbx_lite.sip.address import Address
from pbx_lite.sip.invite import IncomingInvite
from pbx_lite.sip.message import Request
from tests.support.clock import FakeClock

CONFIG = Config(
    users=(
        User(
            name="anna",
            display_name="Anna",
            extension="101",
            password=Secret("p"),
            devices=(Device(name="desk", account="101-desk", password=Secret("p")),),
        ),
    ),
    doors=(Door(name="front", display_name="Front door", extension="150", password=Secret("p")),),
)
DIRECTORY = Directory(CONFIG)


class Registrar:
    """Everybody is registered once."""

    def __init__(self) -> None:
        self.registered: list[str] = []

    def register(self, incoming: Any, account: str) -> None:
        self.registered.append(account)
        incoming.respond(200)

    def bindings_of(self, account: str) -> list[str]:
        return [f"phone of {account}"]


class Incoming:
    """A request or an INVITE, and what was answered."""

    def __init__(self, method: str, uri: str, to: str = "<sip:101@pbx>") -> None:
        self.request = Request(method, uri, [("To", to)])
        self.answers: list[int] = []

    def respond(self, status: int, **_: Any) -> None:
        self.answers.append(status)

    reject = respond


class Home:
    """`caller` is who the gatekeeper recognises; None is a stranger."""

    def __init__(self, caller: str | None) -> None:
        self.registrar = Registrar()
        self.served: list[tuple[str, str]] = []
        account = DIRECTORY.by_account(caller) if caller else None
        self.exchange = Exchange(
            directory=DIRECTORY,
            registrar=self.registrar,  # type: ignore[arg-type]
            gatekeeper=SimpleNamespace(  # type: ignore[arg-type]
                identify=lambda incoming, refuse: self.identify(account, refuse),
                challenge=lambda *_: [("WWW-Authenticate", "Digest")],
            ),
            pool=PortPool(),
            clock=FakeClock(),
            switchboard=Switchboard(directory=DIRECTORY, bus=EventBus(), clock=FakeClock()),
        )
        self.exchange.callers[AccountKind.DOOR] = lambda _, who, number: self.served.append(
            (f"{who.owner} rings", number)
        )
        self.exchange.destinations[AccountKind.DOOR] = lambda _, who, door: self.served.append(
            (f"{who.owner} calls", door)
        )

    def serve(self, verb: str) -> Any:
        return lambda _, who, number: self.served.append((f"{who.owner} {verb}", number))

    @staticmethod
    def identify(account: Account | None, refuse: Any) -> Account | None:
        if account is None:
            refuse(401, [])
        return account

    def request(self, method: str, uri: str = "sip:pbx", to: str = "<sip:101@pbx>") -> list[int]:
        incoming = Incoming(method, uri, to)
        self.exchange.on_request(incoming)  # type: ignore[arg-type]
        return incoming.answers

    def invite(self, uri: str) -> list[int]:
        incoming = Incoming("INVITE", uri)
        self.exchange.on_invite(incoming)  # type: ignore[arg-type]
        return incoming.answers


def test_a_phone_registers_as_itself() -> None:
    home = Home("101")

    assert home.request("REGISTER") == [200]
    assert home.registrar.registered == ["101"]


def test_a_phone_may_not_register_in_anothers_name() -> None:
    home = Home("101")

    assert home.request("REGISTER", to="<sip:150@pbx>") == [403]
    assert home.registrar.registered == []


def test_a_stranger_registers_nothing() -> None:
    home = Home(None)

    assert home.request("REGISTER") == [401]
    assert home.registrar.registered == []


def test_options_are_answered_alike_for_everyone_and_every_extension() -> None:
    assert Home(None).request("OPTIONS", "sip:101@pbx") == Home(None).request("OPTIONS", "sip:nobody@pbx") == [200]


def test_a_method_that_nothing_serves_is_refused() -> None:
    assert Home("101").request("PUBLISH") == [405]


@pytest.mark.parametrize("number", ["sip:100@pbx", "sip:anything@elsewhere.example", "sip:pbx"])
def test_whatever_a_door_dials_the_doorbell_serves_it(number: str) -> None:
    home = Home("150")
    home.invite(number)

    assert [who for who, _ in home.served] == ["front rings"]


def test_a_phone_reaches_a_door_by_its_extension() -> None:
    home = Home("101")
    home.invite("sip:150@pbx")

    assert home.served == [("anna calls", "front")]


async def test_whatever_else_is_dialled_becomes_a_call() -> None:
    home = Home("101")
    admitted: list[tuple[str, str]] = []

    async def admit(_: Any, caller: Party, number: str, __: Account) -> None:
        admitted.append((caller.name, number))

    home.exchange.admit = admit  # type: ignore[method-assign, assignment]
    home.invite("sip:999@pbx")
    await asyncio.sleep(0)

    assert admitted == [("Anna", "999")]


def test_a_line_that_knows_the_caller_serves_it_unasked() -> None:
    home = Home(None)

    def serve(invite: IncomingInvite) -> bool:
        home.served.append(("trunk", invite.request.uri))
        return True

    home.exchange.lines.append(SimpleNamespace(sends=lambda *_: True, serve=serve))

    assert home.invite("sip:+49891234@pbx") == []
    assert home.served == [("trunk", "sip:+49891234@pbx")]


def test_what_a_line_sends_is_not_challenged() -> None:
    exchange = Home(None).exchange
    provider, stranger = Address("udp", "192.0.2.7", 5060), Address("udp", "192.0.2.1", 5060)
    exchange.lines.append(SimpleNamespace(sends=lambda _, source: source == provider, serve=lambda _: True))

    assert exchange.challenge(Incoming("INVITE", "sip:101@pbx").request, provider) is None
    assert exchange.challenge(Incoming("INVITE", "sip:101@pbx").request, stranger) == [("WWW-Authenticate", "Digest")]
    assert exchange.challenge(Incoming("OPTIONS", "sip:101@pbx").request, stranger) is None


def test_an_account_has_no_more_calls_than_it_may() -> None:
    home = Home("101")
    home.exchange._calls_per_account = 2
    call: Any = SimpleNamespace(seats=[SimpleNamespace(device="101")])
    home.exchange.switchboard.calls = {"1": call, "2": call}

    assert home.invite("sip:999@pbx") == [486]


async def test_an_emergency_call_is_no_call_too_many() -> None:
    home = Home("101")
    home.exchange._calls_per_account = 1
    home.exchange.urgent = lambda number: number == "112"
    call: Any = SimpleNamespace(seats=[SimpleNamespace(device="101")])
    home.exchange.switchboard.calls = {"1": call}
    admitted: list[str] = []

    async def admit(_invite: Any, _caller: Party, number: str, _account: Any) -> None:
        admitted.append(number)

    home.exchange.admit = admit  # type: ignore[method-assign,assignment]

    assert home.invite("sip:112@pbx") == []
    assert home.invite("sip:999@pbx") == [486]
    assert admitted == ["112"]


def test_a_stranger_calls_nobody_whatever_the_number() -> None:
    assert Home(None).invite("sip:150@pbx") == Home(None).invite("sip:999@pbx") == [401]


def test_all_devices_of_a_person_are_found() -> None:
    found = Home("101").exchange.devices_of(["anna"])

    assert [(person, str(binding)) for person, binding in found] == [
        ("anna", "phone of 101"),
        ("anna", "phone of 101-desk"),
    ]
