"""One line: its registration, who speaks for its provider, its channels."""

from types import SimpleNamespace
from typing import Any

import pytest

from pbx_lite.config import Secret, Trunk
from pbx_lite.errors import ConfigError, TransportError
from pbx_lite.features.trunks.line import Line
from pbx_lite.sip.address import Address
from pbx_lite.sip.endpoint import IncomingRequest
from pbx_lite.sip.message import Request
from pbx_lite.tasks import spawn
from tests.pbx_lite.sip.doubles import Party, Wire
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeLeg

PROVIDER = "192.0.2.9"


class Names:
    """A name service: `knows` maps hosts to addresses."""

    def __init__(self, **knows: list[str]) -> None:
        self.knows = {name.replace("_", "."): hosts for name, hosts in knows.items()}
        self.asked = 0

    async def resolve(self, address: Address) -> list[Address]:
        self.asked += 1
        hosts = self.knows.get(address.host, [address.host] if address.host[0].isdigit() else [])
        if not hosts:
            raise TransportError("not known")
        return [Address(address.transport or "udp", host, address.port or 5060) for host in hosts]


class Home:
    """Our end, and a provider's on a wire in memory."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        wire = Wire(self.clock)
        self.ours = Party(wire, "udp:192.0.2.1:5060")
        self.theirs = Party(wire, f"udp:{PROVIDER}:5060")
        self.theirs.handler.serve = self._serve
        self.answer: tuple[int, list[tuple[str, str]]] = (200, [])
        self.changes: list[str] = []
        self.names = Names(provider_example=[PROVIDER])

    def _serve(self, incoming: IncomingRequest) -> None:
        incoming.respond(self.answer[0], headers=self.answer[1])

    @property
    def registers(self) -> list[Request]:
        return [incoming.request for incoming in self.theirs.handler.requests]

    async def stop(self, line: Line) -> None:
        stopping = spawn(line.stop(), name="stop")
        await self.clock.settle()
        await stopping

    def line(self, **fields: Any) -> Line:
        usual: dict[str, Any] = {
            "name": "line",
            "registrar": f"sip:{PROVIDER}",
            "username": "pbx",
            "password": Secret("p"),
            "numbers": (("+49891234", "anna"), ("+498955*", "*")),
        }
        return Line(
            Trunk(**usual | fields),
            endpoint=self.ours.endpoint,
            names=self.names,
            clock=self.clock,
            changed=lambda line: self.changes.append(line.state.value),
        )


@pytest.fixture
def home() -> Home:
    return Home()


def invite(uri: str = "sip:pbx@192.0.2.1", to: str = "<sip:+49891234@x>", *headers: tuple[str, str]) -> Request:
    return Request("INVITE", uri, [("To", to), ("From", "<sip:+4930@192.0.2.9>;tag=1"), *headers])


def at(host: str, port: int = 5060) -> Address:
    return Address("udp", host, port)


# Registering


async def test_it_registers_and_says_so(home):
    line = home.line()
    assert (line.state.value, line.usable) == ("registering", False)
    line.start()
    await home.clock.settle()
    assert (line.state.value, line.usable, home.changes) == ("registered", True, ["registered"])
    request = home.registers[0]
    assert request.uri == f"sip:{PROVIDER}"
    assert request.from_.uri == f"sip:pbx@{PROVIDER}"
    assert "pbx@192.0.2.1" in str(request.contact)
    await home.stop(line)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ((401, []), (1, 3)),
        ((403, []), (1, 3)),
        ((503, [("Retry-After", "300")]), (1, 4)),
        ((500, []), (5, 14)),
    ],
)
async def test_a_refusal_is_said_and_asked_again_in_decent_intervals(home, answer, asked):
    home.answer = answer
    line = home.line()
    line.start()
    await home.clock.settle(600)
    assert (line.state.value, line.usable) == ("failed", False)
    assert str(answer[0]) in line.reason
    assert asked[0] <= len(home.registers) <= asked[1]
    home.answer = (200, [])
    await home.clock.settle(700)
    assert line.state.value == "registered"
    await home.stop(line)


async def test_a_registrar_that_wants_longer_times_gets_them(home):
    home.answer = (423, [("Min-Expires", "900")])
    line = home.line()
    line.start()
    await home.clock.settle()
    home.answer = (200, [])
    await home.clock.settle(10)
    assert [request.expires for request in home.registers][-1] == 900
    await home.stop(line)


async def test_a_proxy_gets_what_is_for_the_registrar(home):
    line = home.line(registrar="sip:provider.example", proxy=f"sip:{PROVIDER};lr")
    line.start()
    await home.clock.settle()
    assert home.registers[0].uri == "sip:provider.example"
    assert line.hop == at(PROVIDER)
    assert line.routes == (f"<sip:{PROVIDER};lr>",)
    await home.stop(line)


def test_a_fritzbox_has_no_servers_to_look_for(home):
    assert home.line(profile="fritzbox", registrar="").hop == at("fritz.box")
    assert home.line(registrar="sip:provider.example").hop == Address("", "provider.example", 0)
    assert home.line(registrar="sip:provider.example", transport="tcp").hop == Address("tcp", "provider.example", 0)


def test_a_line_by_address_is_there_at_once(home):
    line = home.line(registrar="", address=f"udp:{PROVIDER}:5060")
    assert (line.state.value, line.usable, line.registration) == ("address", True, None)


@pytest.mark.parametrize(
    "fields", [{"registrar": ""}, {"registrar": "sip:x y"}, {"transport": "sctp"}, {"registrar": "", "address": "a:b"}]
)
def test_a_line_that_leads_nowhere_is_a_fault_of_the_file(home, fields):
    with pytest.raises(ConfigError):
        home.line(**fields)


# Who calls


async def test_only_the_providers_addresses_speak_for_it(home):
    line = home.line()
    assert line.is_from(invite(), at(PROVIDER))
    assert line.is_from(invite(), at(PROVIDER, 40000))
    assert not line.is_from(invite(), at("192.0.2.66"))
    assert not line.is_from(invite(), at("192.0.2.1"))


async def test_from_an_odd_port_it_has_to_be_for_us(home):
    line = home.line()
    other = {"uri": "sip:101@192.0.2.1", "to": "<sip:101@x>"}
    assert line.is_from(invite(**other), at(PROVIDER))
    assert not line.is_from(invite(**other), at(PROVIDER, 40000))
    assert line.is_from(invite("sip:+49891234@192.0.2.1"), at(PROVIDER, 40000))
    assert line.is_from(invite("sip:x@192.0.2.1", "<sip:498955101@x>"), at(PROVIDER, 40000))


async def test_a_provider_that_moves_is_found_again(home):
    line = home.line(registrar="", address="provider.example")
    line.start()
    await home.clock.settle()
    assert line.is_from(invite(), at(PROVIDER))
    home.names.knows["provider.example"] = ["192.0.2.10"]
    await home.clock.settle(20)
    assert not line.is_from(invite(), at("192.0.2.10"))  # looked up because somebody there knows our account
    await home.clock.settle()
    assert line.is_from(invite(), at("192.0.2.10"))
    assert not line.is_from(invite(), at(PROVIDER))
    await home.stop(line)


async def test_strangers_make_it_look_no_more_than_every_ten_seconds(home):
    line = home.line(registrar="", address="provider.example")
    line.start()
    await home.clock.settle(60)
    asked = home.names.asked
    for _ in range(100):
        line.is_from(invite(), at("192.0.2.66"))
        await home.clock.settle(0.05, turns=2)
    assert home.names.asked == asked + 1
    await home.stop(line)


async def test_it_looks_every_five_minutes_and_keeps_what_it_knew(home):
    line = home.line(registrar="", address="provider.example")
    line.start()
    await home.clock.settle()
    home.names.knows.clear()
    asked = home.names.asked
    await home.clock.settle(700)
    assert home.names.asked == asked + 2
    assert line.is_from(invite(), at(PROVIDER))
    await home.stop(line)
    assert not home.clock.pending


# Whom they call


@pytest.mark.parametrize(
    ("request_", "number", "target"),
    [
        (invite(), "+49891234", "anna"),
        (invite("sip:+498955102@192.0.2.1"), "+498955102", "102"),
        (invite("sip:pbx@192.0.2.1", "<sip:0891234@x>"), "+49891234", "anna"),
        (invite("sip:pbx@x", "<sip:+4940@x>", ("P-Called-Party-ID", "<tel:+49891234>")), "+49891234", "anna"),
        (invite("sip:+4999@x", "<sip:+4998@x>"), "+4999", ""),
        (invite("sip:pbx@x", "<sip:pbx@x>"), "pbx", ""),
        (invite("sip:x", "<sip:x>", ("P-Called-Party-ID", "<<")), "pbx", ""),
    ],
)
def test_the_number_called_is_the_best_that_is_ours(home, request_, number, target):
    match = home.line().called(request_)
    assert (match.number, match.target) == (number, target)


def test_what_is_nobodys_goes_to_the_default(home):
    assert home.line(default="ben").called(invite("sip:+4999@x", "<sip:+4998@x>")).target == "ben"


def test_the_account_itself_may_be_a_number(home):
    line = home.line(username="620", numbers=(("620", "ben"),))
    assert line.called(invite("sip:620@x", "<sip:620@x>")).target == "ben"


def test_a_line_of_one_number_is_called_by_its_account(home):
    line = home.line(numbers=(("+49891234", "anna"),))
    assert line.called(invite("sip:pbx@x", "<sip:pbx@x>")).number == "+49891234"


# Channels


def test_a_channel_is_taken_until_its_leg_ends(home):
    line = home.line(channels=2)
    leg = FakeLeg()
    line.reserve()
    line.carry(leg, SimpleNamespace())
    assert (line.in_use, line.free) == (1, True)
    line.reserve()
    assert (line.in_use, line.free) == (2, False)
    line.release()
    leg.hangs_up()
    assert (line.in_use, line.free, line.carried) == (0, True, [])


def test_without_a_number_of_channels_there_is_no_limit(home):
    line = home.line()
    for _ in range(50):
        line.carry(FakeLeg(), SimpleNamespace())
    assert line.free
    assert line.shown() == {
        "name": "line",
        "display_name": "line",
        "state": "registering",
        "reason": "",
        "channels": 0,
        "in_use": 50,
    }


@pytest.mark.parametrize(
    ("host", "belongs"),
    [(PROVIDER, True), ("PROVIDER.example", True), ("proxy.example", True), ("elsewhere.example", False), ("", False)],
)
def test_what_belongs_to_the_provider(home, host, belongs):
    line = home.line(registrar="sip:provider.example", proxy="sip:proxy.example")
    line._is_at([at(PROVIDER)])
    assert line.belongs(host) is belongs


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        ({"caller_number": "620"}, "620"),
        ({"caller_number": "089123456"}, "+4989123456"),
        ({"numbers": (("089123456", "anna"),)}, "+4989123456"),
        ({}, ""),
    ],
)
def test_the_number_shown_for_those_without_one(home, fields, number):
    assert home.line(**fields).caller_number == number
