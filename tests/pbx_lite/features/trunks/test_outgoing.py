"""The INVITE that a provider gets."""

from types import SimpleNamespace
from typing import Any

import pytest

from pbx_lite.calls.leg import NO_RESPONSE, LegState
from pbx_lite.calls.outgoing_leg import Callee
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt
from pbx_lite.config import Secret, Trunk
from pbx_lite.errors import Busy, MediaError, TransportError
from pbx_lite.features.trunks.countries import Kind
from pbx_lite.features.trunks.line import Line
from pbx_lite.features.trunks.numbers import Destination
from pbx_lite.features.trunks.outgoing import MOST_REDIRECTS, PATIENCE, TrunkLine
from pbx_lite.sip.address import Address
from pbx_lite.sip.headers import NameAddr
from tests.pbx_lite.sip.doubles import Party as SipParty
from tests.pbx_lite.sip.doubles import Wire
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeLeg

PREFERRED, ASSERTED = "P-Preferred-Identity", "P-Asserted-Identity"
BERLIN = Destination("+4930123456", Kind.NATIONAL)


class OutgoingLeg(FakeLeg):
    rang = False
    on_redirect: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.session = SimpleNamespace(heard=False)


class Exchange:
    """Keeps what was sent; `fails` is raised instead of sending."""

    def __init__(self) -> None:
        self.legs: list[OutgoingLeg] = []
        self.sent: list[tuple[Callee, NameAddr, dict[str, str]]] = []
        self.asked: dict[str, Any] = {}
        self.fails: Exception | None = None
        self.no_ports = False

    async def outgoing_leg(self, peer: Address, **asked: Any) -> Any:
        if self.no_ports:
            raise MediaError("no ports")
        self.asked = {"peer": peer, **asked}
        self.legs.append(OutgoingLeg())
        return self.legs[-1]

    def invite(self, _leg: Any, callee: Callee, caller: NameAddr, headers: Any) -> None:
        if self.fails is not None:
            raise self.fails
        self.sent.append((callee, caller, dict(headers)))


class Names:
    async def resolve(self, address: Address) -> list[Address]:
        return [address]


def line_of(**fields: Any) -> Line:
    clock = FakeClock()
    usual: dict[str, Any] = {
        "name": "line",
        "registrar": "sip:192.0.2.9",
        "username": "pbx",
        "password": Secret("p"),
    }
    endpoint = SipParty(Wire(clock), "udp:192.0.2.1:5060").endpoint
    return Line(Trunk(**usual | fields), endpoint=endpoint, names=Names(), clock=clock, changed=lambda _: None)


class Way:
    """One way out over a line of this kind."""

    def __init__(self, destination: Destination = BERLIN, *, line: dict[str, Any] | None = None, **fields: Any) -> None:
        self.exchange = Exchange()
        self.line = line_of(**line or {})
        usual: dict[str, Any] = {"number": "+4989777", **fields}
        self.target = TrunkLine(self.exchange, self.line, destination, **usual)

    async def ring(self, **fields: Any) -> OutgoingLeg:
        call = SimpleNamespace(id="call", origin=None)
        usual: dict[str, Any] = {"call": call, "caller": Party(number="101", name="Anna"), "number": "0030123456"}
        leg: Any = await self.target.ring(Attempt(**usual | fields))
        return leg  # type: ignore[no-any-return]

    @property
    def callee(self) -> Callee:
        return self.exchange.sent[-1][0]

    @property
    def from_(self) -> NameAddr:
        return self.exchange.sent[-1][1]

    @property
    def headers(self) -> dict[str, str]:
        return self.exchange.sent[-1][2]


async def test_an_ordinary_line_is_sent_e164_and_who_calls():
    way = Way()
    await way.ring()
    assert way.callee.uri == "sip:+4930123456@192.0.2.9"
    assert way.callee.target == Address("udp", "192.0.2.9", 5060)
    assert way.callee.credentials is not None
    assert (way.callee.credentials.username, way.callee.credentials.password) == ("pbx", "p")
    assert str(way.from_) == "<sip:+4989777@192.0.2.9>"
    assert way.headers == {"P-Asserted-Identity": "<sip:+4989777@192.0.2.9>"}
    assert way.exchange.asked["video"] is False


@pytest.mark.parametrize(
    ("profile", "uri", "from_", "headers"),
    [
        ("fritzbox", "sip:030123456@", "<sip:pbx@192.0.2.9>", {}),
        ("telekom", "sip:+4930123456@", "<sip:+4989777@192.0.2.9>", {PREFERRED: "<sip:+4989777@192.0.2.9>"}),
        ("sipgate", "sip:4930123456@", "<sip:pbx@192.0.2.9>", {PREFERRED: "<sip:4989777@192.0.2.9>"}),
        ("easybell", "sip:004930123456@", "<sip:pbx@192.0.2.9>", {ASSERTED: "<sip:004989777@192.0.2.9>"}),
    ],
)  # fmt: skip
async def test_each_provider_gets_what_it_wants(profile, uri, from_, headers):
    way = Way(line={"profile": profile})
    await way.ring()
    assert way.callee.uri == f"{uri}192.0.2.9"
    assert str(way.from_) == from_
    assert way.headers == headers


@pytest.mark.parametrize(
    ("profile", "uri", "from_", "names"),
    [
        ("generic", "sip:+4930123456@", "anonymous.invalid", {"Privacy", "P-Asserted-Identity"}),
        ("sipgate", "sip:4930123456@", "<sip:pbx@192.0.2.9>", {"Privacy", "P-Preferred-Identity"}),
        ("fritzbox", "sip:*31%23030123456@", "<sip:pbx@192.0.2.9>", set()),
    ],
)
async def test_a_private_caller_is_hidden_the_way_the_provider_does_it(profile, uri, from_, names):
    way = Way(line={"profile": profile})
    await way.ring(caller=Party(number="101", private=True))
    assert way.callee.uri == f"{uri}192.0.2.9"
    assert from_ in str(way.from_)
    assert way.headers.keys() == names


async def test_emergency_services_are_told_who_calls():
    way = Way(Destination("112", Kind.EMERGENCY), line={"profile": "fritzbox"}, make_room=lambda _: None)
    await way.ring(caller=Party(number="101", private=True))
    assert way.callee.uri == "sip:112@192.0.2.9"
    way = Way(Destination("112", Kind.EMERGENCY), make_room=lambda _: None)
    await way.ring(caller=Party(number="101", private=True))
    assert "Privacy" not in way.headers
    assert str(way.from_) == "<sip:+4989777@192.0.2.9>"


async def test_a_call_that_was_passed_on_shows_our_number_and_says_so():
    way = Way()
    await way.ring(caller=Party(number="+4940", name="Otto", trunk="line"), diverted=("+4989777", "101"))
    assert str(way.from_) == "<sip:+4989777@192.0.2.9>"
    assert way.headers["Diversion"].startswith("<sip:+4989777@192.0.2.9>")


async def test_without_a_number_the_account_is_shown():
    way = Way(number="")
    await way.ring()
    assert str(way.from_) == "<sip:pbx@192.0.2.9>"


async def test_a_line_by_address_answers_no_challenge():
    way = Way(line={"registrar": "", "address": "tcp:192.0.2.9:5070", "username": ""})
    await way.ring()
    assert way.callee.credentials is None
    assert way.callee.target == Address("tcp", "192.0.2.9", 5070)


async def test_an_outbound_proxy_is_on_the_way():
    way = Way(line={"registrar": "sip:provider.example", "proxy": "sip:192.0.2.8;lr"})
    await way.ring()
    assert way.callee.uri == "sip:+4930123456@provider.example"
    assert way.callee.target == Address("udp", "192.0.2.8", 5060)
    assert way.headers["Route"] == "<sip:192.0.2.8;lr>"


# Channels


async def test_a_full_line_refuses_before_anything_is_sent():
    way = Way(line={"channels": 1})
    leg = await way.ring()
    with pytest.raises(Busy, match="All 1 channels of line are in use"):
        await way.ring()
    leg.hangs_up()
    await way.ring()


async def test_an_emergency_call_has_room_made():
    asked: list[Line] = []
    way = Way(line={"channels": 1}, make_room=asked.append)
    await way.ring()
    await way.ring()
    assert asked == [way.line]
    assert all(carried.urgent for carried in way.line.carried)


@pytest.mark.parametrize("no_ports", [True, False])
async def test_what_could_not_be_sent_takes_no_channel(no_ports):
    way = Way(line={"channels": 1})
    way.exchange.no_ports, way.exchange.fails = no_ports, TransportError("no way")
    with pytest.raises((MediaError, TransportError)):
        await way.ring()
    assert way.line.in_use == 0
    assert all(leg.state is LegState.ENDED for leg in way.exchange.legs)


async def test_a_call_counts_once_it_is_sent():
    spent: list[str] = []
    way = Way(spent=lambda call, _leg: spent.append(call))
    await way.ring()
    assert spent == ["call"]
    way.exchange.fails = TransportError("no way")
    with pytest.raises(TransportError):
        await way.ring()
    assert spent == ["call"]


async def test_whether_the_other_end_rang_is_known_afterwards():
    way = Way()
    assert not way.target.rang
    leg = await way.ring()
    leg.rang = True
    assert way.target.rang


@pytest.mark.parametrize(
    ("impatient", "heard", "state", "ended"),
    [
        (True, False, LegState.NEW, True),
        (True, True, LegState.NEW, False),
        (True, True, LegState.RINGING, False),
        (False, False, LegState.NEW, False),
    ],
)
async def test_a_provider_that_says_nothing_is_given_up_early_where_another_waits(impatient, heard, state, ended):
    way = Way()
    way.target.impatient = impatient
    leg = await way.ring()
    leg.session.heard, leg.state = heard, state
    clock: Any = way.line.clock
    clock.advance(PATIENCE + 0.1)
    assert (leg.state is LegState.ENDED) is ended
    assert leg.cause is (NO_RESPONSE if ended else None)


# Redirections


async def test_a_redirection_within_the_provider_is_followed_a_few_times():
    way = Way(allowed=lambda number: number.startswith("+4940"))
    leg = await way.ring()
    for number in range(MOST_REDIRECTS):
        assert leg.on_redirect((f"sip:+4940{number}@192.0.2.9;x=y?Replaces=z",))
        assert way.callee.uri == f"sip:+4940{number}@192.0.2.9;x=y"
        assert way.callee.target == Address("udp", "192.0.2.9", 5060)
    assert not leg.on_redirect(("sip:+49409@192.0.2.9",))


@pytest.mark.parametrize(
    "uri",
    [
        "sip:+4940@elsewhere.example",
        "sip:+4930@192.0.2.9",
        "sip:192.0.2.9",
        "http://192.0.2.9",
        "tel:+4930",
        "",
        "sip:+4940@192.0.2.66",
    ],
)
async def test_a_redirection_elsewhere_or_to_what_is_not_allowed_is_not_followed(uri):
    way = Way(allowed=lambda number: number.startswith("+4940"))
    leg = await way.ring()
    assert not leg.on_redirect((uri,))
    assert len(way.exchange.sent) == 1


async def test_the_first_redirection_that_may_be_followed_is():
    way = Way(allowed=lambda _: True)
    leg = await way.ring()
    assert leg.on_redirect(("mailto:x@y", "sip:1@elsewhere.example", "tel:+49-40-1", "sip:2@192.0.2.9"))
    assert way.callee.uri == "sip:+49401@192.0.2.9"


async def test_a_redirection_that_cannot_be_sent_ends_the_call():
    way = Way(allowed=lambda _: True)
    leg = await way.ring()
    way.exchange.fails = TransportError("no way")
    assert not leg.on_redirect(("sip:+4940@192.0.2.9",))
