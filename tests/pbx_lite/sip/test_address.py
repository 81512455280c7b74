import pytest

from pbx_lite.errors import ParseError
from pbx_lite.sip.address import Address, bracketed, is_numeric, plain_host


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("udp:192.0.2.1:5062", Address("udp", "192.0.2.1", 5062)),
        ("udp://0.0.0.0:5060", Address("udp", "0.0.0.0", 5060)),
        ("TLS://[::]:5061", Address("tls", "::", 5061)),
        ("tls:[2001:db8::1]", Address("tls", "2001:db8::1", 5061)),
        ("tcp:door.home", Address("tcp", "door.home", 5060)),
        ("192.168.1.9", Address("udp", "192.168.1.9", 5060)),
        ("192.168.1.9:5070", Address("udp", "192.168.1.9", 5070)),
        ("door.home:5070", Address("udp", "door.home", 5070)),
        ("2001:db8::1", Address("udp", "2001:db8::1", 5060)),
        ("[2001:db8::1]:5070", Address("udp", "2001:db8::1", 5070)),
        ("udp://127.0.0.1:0", Address("udp", "127.0.0.1", 0)),
    ],
)
def test_an_address_is_read_in_every_spelling(text: str, address: Address):
    assert Address.parse(text) == address
    assert Address.parse(str(address)) == address


@pytest.mark.parametrize("text", ["", "udp:", "udp:host:port", "udp:host:70000", "udp:[::1", "udp:[::1]x", "tls://"])
def test_what_is_no_address_is_refused_with_a_sentence(text: str):
    with pytest.raises(ParseError, match="is not an address like"):
        Address.parse(text)


def test_hosts_have_one_spelling():
    assert plain_host("::ffff:192.0.2.1") == "192.0.2.1"
    assert plain_host("2001:DB8:0::1") == "2001:db8::1"
    assert plain_host("fe80::1%eth0") == "fe80::1%eth0"
    assert plain_host("192.0.2.1") == "192.0.2.1"
    assert plain_host("no:host") == "no:host"
    assert bracketed("::1") == "[::1]"
    assert bracketed("home") == "home"
    assert is_numeric("::1")
    assert not is_numeric("home")
