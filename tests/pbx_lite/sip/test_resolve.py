import pytest

from pbx_lite.errors import ParseError, TransportError
from pbx_lite.sip.address import Address
from pbx_lite.sip.message import Request
from pbx_lite.sip.resolve import address_of, hop_of, resolve


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("sip:a@192.0.2.1", Address("udp", "192.0.2.1", 5060)),
        ("sip:a@192.0.2.1:5070;transport=TCP", Address("tcp", "192.0.2.1", 5070)),
        ("sip:a@home;transport=tls", Address("tls", "home", 5061)),
        ("sips:a@home", Address("tls", "home", 5061)),
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


async def test_numbers_need_no_name_service_and_unknown_names_are_said():
    address = Address("udp", "192.0.2.1", 5060)
    assert await resolve(address) == [address]
    with pytest.raises(TransportError, match=r"The host no-such-host\.invalid is not known"):
        await resolve(Address("udp", "no-such-host.invalid", 5060))
    assert Address("tcp", "127.0.0.1", 5060) in await resolve(Address("tcp", "localhost", 5060))
