"""RFC 3263: the servers behind a URI, in the order they are to be tried."""

from collections import Counter

import pytest

from pbx_lite.errors import ParseError, TransportError
from pbx_lite.sip.address import Address
from pbx_lite.sip.message import Request
from pbx_lite.sip.names import Kind, Row
from pbx_lite.sip.resolve import Resolver, address_of, hop_of, hop_to
from tests.pbx_lite.sip.doubles import FakeNames
from tests.support.clock import FakeClock

HOSTS: dict[tuple[str, Kind], list[Row]] = {
    ("one.example", "A"): [("192.0.2.1",)],
    ("two.example", "A"): [("192.0.2.2",)],
    ("three.example", "A"): [("192.0.2.3",)],
    ("three.example", "AAAA"): [("2001:db8::3",)],
}


def resolver(names: FakeNames, clock: FakeClock, **hosts: str) -> Resolver:
    return Resolver(clock, ask=names, hosts=lambda name: [hosts[name]] if name in hosts else [])


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("sip:a@192.0.2.1", Address("udp", "192.0.2.1", 5060)),
        ("sip:a@192.0.2.1:5070;transport=TCP", Address("tcp", "192.0.2.1", 5070)),
        ("sip:a@home", Address("", "home", 0)),
        ("sip:a@home:5070", Address("udp", "home", 5070)),
        ("sip:a@home;transport=tls", Address("tls", "home", 0)),
        ("sips:a@home", Address("tls", "home", 0)),
        ("sips:a@192.0.2.1", Address("tls", "192.0.2.1", 5061)),
        ("sip:[2001:db8::1]", Address("udp", "2001:db8::1", 5060)),
    ],
)
def test_a_uri_names_where_its_messages_go(uri: str, address: Address):
    assert address_of(uri) == address


@pytest.mark.parametrize("uri", ["tel:+49891234", "sip:a@home;transport=sctp", "http://home"])
def test_a_uri_that_names_no_place_is_refused(uri: str):
    with pytest.raises(ParseError):
        address_of(uri)
    with pytest.raises(TransportError, match="Nothing can be sent to"):
        hop_of(Request("OPTIONS", uri))


def test_a_route_comes_before_the_request_uri():
    request = Request("OPTIONS", "sip:a@home", [("Route", "<sip:192.0.2.7;lr>, <sip:192.0.2.8;lr>")])
    assert hop_of(request) == Address("udp", "192.0.2.7", 5060)


async def test_numbers_and_names_of_this_network_ask_no_name_server(clock: FakeClock):
    names = FakeNames()
    ours = resolver(names, clock, **{"pbx.example": "192.0.2.9"})
    address = Address("udp", "192.0.2.1", 5060)
    assert await ours.resolve(address) == [address]
    assert Address("tcp", "127.0.0.1", 5060) in await ours.resolve(hop_to("localhost", transport="tcp"))
    assert await ours.resolve(hop_to("pbx.example")) == [Address("udp", "192.0.2.9", 5060)]
    assert await ours.resolve(hop_to("pbx.example", transport="tls")) == [Address("tls", "192.0.2.9", 5061)]
    assert names.asked == []


async def test_an_unknown_name_is_said(clock: FakeClock):
    with pytest.raises(TransportError, match=r"The host no-such-host\.example is not known"):
        await resolver(FakeNames(), clock).resolve(hop_to("no-such-host.example"))


async def test_a_port_asks_for_hosts_alone(clock: FakeClock):
    names = FakeNames(HOSTS)
    assert await resolver(names, clock).resolve(hop_to("three.example", 5070)) == [
        Address("udp", "192.0.2.3", 5070),
        Address("udp", "2001:db8::3", 5070),
    ]
    assert {kind for _, kind in names.asked} == {"A", "AAAA"}


async def test_servers_come_by_priority(clock: FakeClock):
    names = FakeNames(
        {
            **HOSTS,
            ("_sip._tcp.home.example", "SRV"): [
                (20, 0, 5060, "two.example"),
                (10, 0, 5080, "one.example"),
                (30, 0, 5060, "gone.example"),
            ],
        }
    )
    assert await resolver(names, clock).resolve(hop_to("home.example", transport="tcp")) == [
        Address("tcp", "192.0.2.1", 5080),
        Address("tcp", "192.0.2.2", 5060),
    ]


async def test_equals_are_drawn_by_weight_and_stay_in_their_order(clock: FakeClock):
    rows: list[Row] = [(1, 90, 5060, "one.example"), (1, 10, 5060, "two.example")]
    names = FakeNames({**HOSTS, ("_sip._udp.home.example", "SRV"): rows}, ttl=30)
    first: Counter[str] = Counter()
    for _ in range(200):
        ours = resolver(names, clock)
        order = await ours.resolve(hop_to("home.example"))
        clock.advance(60)
        assert await ours.resolve(hop_to("home.example")) == order
        first[order[0].host] += 1
    assert first["192.0.2.1"] > 130
    assert first["192.0.2.2"] > 2


async def test_naptr_says_which_transport_comes_first(clock: FakeClock):
    names = FakeNames(
        {
            **HOSTS,
            ("home.example", "NAPTR"): [
                (20, 0, "s", "SIP+D2U", "_sip._udp.home.example"),
                (10, 0, "s", "SIPS+D2T", "_sips._tcp.home.example"),
                (5, 0, "s", "E2U+SIP", "_sip._udp.home.example"),
                (30, 0, "a", "SIP+D2T", "three.example"),
            ],
            ("_sip._udp.home.example", "SRV"): [(1, 1, 5060, "one.example")],
            ("_sips._tcp.home.example", "SRV"): [(1, 1, 5061, "two.example")],
        }
    )
    assert await resolver(names, clock).resolve(hop_to("home.example")) == [
        Address("tls", "192.0.2.2", 5061),
        Address("udp", "192.0.2.1", 5060),
        Address("tcp", "192.0.2.3", 5060),
        Address("tcp", "2001:db8::3", 5060),
    ]


async def test_without_naptr_udp_comes_before_tcp_and_a_dot_means_no_service(clock: FakeClock):
    names = FakeNames(
        {
            **HOSTS,
            ("_sip._udp.home.example", "SRV"): [(1, 1, 5060, "one.example")],
            ("_sip._tcp.home.example", "SRV"): [(1, 1, 5060, "two.example")],
            ("_sip._udp.tcp-only.example", "SRV"): [(0, 0, 0, ".")],
            ("_sip._tcp.tcp-only.example", "SRV"): [(1, 1, 5060, "two.example")],
        }
    )
    ours = resolver(names, clock)
    assert [str(each) for each in await ours.resolve(hop_to("home.example"))] == [
        "udp:192.0.2.1:5060",
        "tcp:192.0.2.2:5060",
    ]
    assert [str(each) for each in await ours.resolve(hop_to("tcp-only.example"))] == ["tcp:192.0.2.2:5060"]


async def test_a_name_without_any_service_is_a_host(clock: FakeClock):
    assert await resolver(FakeNames(HOSTS), clock).resolve(hop_to("one.example")) == [Address("udp", "192.0.2.1", 5060)]


async def test_a_server_to_be_avoided_comes_last_for_that_time(clock: FakeClock):
    names = FakeNames(
        {
            **HOSTS,
            ("_sip._udp.home.example", "SRV"): [(1, 1, 5060, "one.example"), (2, 1, 5060, "two.example")],
        }
    )
    ours = resolver(names, clock)
    one, two = await ours.resolve(hop_to("home.example"))
    ours.avoid(one, 30)
    assert await ours.resolve(hop_to("home.example")) == [two, one]
    clock.advance(31)
    assert await ours.resolve(hop_to("home.example")) == [one, two]


async def test_a_flood_of_records_is_bounded(clock: FakeClock):
    rows: list[Row] = [(1, 1, 5000 + number, "one.example") for number in range(500)]
    names = FakeNames({**HOSTS, ("_sip._udp.home.example", "SRV"): rows})
    assert len(await resolver(names, clock).resolve(hop_to("home.example"))) == 8
