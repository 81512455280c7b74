import pytest

from pbx_lite.errors import ParseError
from pbx_lite.sip.headers import (
    CSeq,
    NameAddr,
    Via,
    guard,
    parse_credentials,
    parse_number,
    quote,
    read_seconds,
    split_list,
    unquote,
)


@pytest.mark.parametrize(
    ("text", "name", "uri", "params"),
    [
        ("sip:a@b", "", "sip:a@b", ()),
        ("sip:a@b;tag=1", "", "sip:a@b", (("tag", "1"),)),
        ("<sip:a@b;lr>;Tag=1 ; x", "", "sip:a@b;lr", (("tag", "1"), ("x", ""))),
        ('"A. \\"G\\" Bell" <sip:a@b>', 'A. "G" Bell', "sip:a@b", ()),
        ('"a, <b>; c"<sip:a@b>', "a, <b>; c", "sip:a@b", ()),
        ("Anna Berger <sip:a@b>", "Anna Berger", "sip:a@b", ()),
        ("Haustür (links) <sip:a@b>", "Haustür (links)", "sip:a@b", ()),
        ('<tel:+49-89>;x="a;b,c"', "", "tel:+49-89", (("x", '"a;b,c"'),)),
        ("*", "", "*", ()),
        ("<sip:a@b>;", "", "sip:a@b", ()),
        ("<sip:a@b>;expires=;q=0.5", "", "sip:a@b", (("expires", ""), ("q", "0.5"))),
        ("http://x.example/y;z", "", "http://x.example/y", (("z", ""),)),
    ],
)
def test_an_address_is_taken_apart(text: str, name: str, uri: str, params: tuple[tuple[str, str], ...]) -> None:
    assert NameAddr.parse(text) == NameAddr(name, uri, params)
    assert NameAddr.parse(str(NameAddr.parse(text))) == NameAddr(name, uri, params)


@pytest.mark.parametrize(
    "text",
    ["", "nothing", '"open <sip:a@b>', "Bell, A <sip:a@b>", "<sip:a@b", "<sip:a b@c>", "<sip:a@b>;;x", "<sip:a@b> x",
     "sip:a@b?x=y", "<sip:a@b>;tag=a b", '<sip:a@b>;x="y', "<sip:a@b>;=x", '"a" "b" <sip:a@b>'],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        NameAddr.parse(text)


def test_an_address_answers_for_its_parameters() -> None:
    address = NameAddr.parse('<sip:a@b>;tag=x;+sip.instance="<urn:uuid:1>";expires=60')
    assert address.tag == "x"
    assert address.param("+sip.instance") == "<urn:uuid:1>"
    assert address.expires == 60
    assert address.sip_uri.user == "a"
    assert str(address.with_tag("y").with_param("expires", None)) == '<sip:a@b>;tag=y;+sip.instance="<urn:uuid:1>"'
    assert NameAddr.parse("<sip:a@b>").tag is None
    assert NameAddr.parse("<sip:a@b>;expires=soon").expires is None


def test_a_display_name_cannot_leave_its_quotes() -> None:
    text = str(NameAddr('x" <sip:evil@b>\r\nVia: y', "sip:a@b"))
    assert NameAddr.parse(text) == NameAddr('x" <sip:evil@b>Via: y', "sip:a@b")


def test_a_via_is_taken_apart_and_written_again() -> None:
    text = "SIP/2.0/UDP [2001:db8::1]:5062;branch=z9hG4bKa==;rport=5063;received=10.0.0.1"
    via = Via.parse(text)
    assert (via.protocol, via.transport, via.host, via.port) == ("SIP/2.0", "UDP", "2001:db8::1", 5062)
    assert (via.branch, via.rport, via.received) == ("z9hG4bKa==", 5063, "10.0.0.1")
    assert str(via) == text


def test_a_via_tells_that_rport_is_wanted() -> None:
    via = Via.parse("sip / 2.0 / tls host.example : 5061 ;rport; branch=z9")
    assert (via.wants_rport, via.rport, via.port, via.transport, via.protocol) == (True, None, 5061, "TLS", "SIP/2.0")
    filled = via.with_param("rport", "40000").with_param("received", "10.0.0.2")
    assert str(filled) == "SIP/2.0/TLS host.example:5061;rport=40000;branch=z9;received=10.0.0.2"
    assert not Via.parse("SIP/2.0/UDP h").wants_rport
    assert Via.parse("SIP/2.0/UDP h").branch == ""
    assert Via.parse("SIP/2.0/UDP h;rport=999999").rport is None


@pytest.mark.parametrize(
    "text",
    ["", "SIP/2.0/UDP", "SIP/2.0 UDP h", "SIP/2.0/UDP h:99999", "SIP/2.0/UDP h:0", "SIP/2.0/UDP h;;branch=x",
     "SIP/2.0/UDP h x", "SIP/2.0/UDP h,x", "SIP/2.0/UDP [::1"],
)  # fmt: skip
def test_what_is_no_via_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        Via.parse(text)


def test_a_cseq_is_a_number_below_two_to_the_31_and_a_method() -> None:
    assert CSeq.parse("0009 \t INVITE") == CSeq(9, "INVITE")
    assert str(CSeq(2**31 - 1, "BYE")) == "2147483647 BYE"
    for text in ("", "INVITE", "1", "1 ", "-1 BYE", "2147483648 BYE", "1 BYE x", "\u0661 BYE", "1" * 5000 + " BYE"):
        with pytest.raises(ParseError):
            CSeq.parse(text)


def test_numbers_are_plain_digits_in_their_range() -> None:
    assert parse_number("0" * 5000 + "7") == 7
    assert parse_number("255", below=256) == 255
    for text in ("", "-1", "+1", "1.0", " 1", "²", "\u0663", "256"):
        with pytest.raises(ParseError):
            parse_number(text, below=256)


def test_an_expiry_is_cut_to_what_can_be_meant() -> None:
    assert read_seconds("3600") == 3600
    assert read_seconds("1" + "0" * 100) == 2**32 - 1
    assert read_seconds("4294967296") == 2**32 - 1
    assert read_seconds("soon") is None


def test_lists_are_split_outside_quotes_and_brackets() -> None:
    assert split_list('a, "b, \\" c";x , <d,e>;f="," ,g') == ["a", '"b, \\" c";x', '<d,e>;f=","', "g"]
    assert split_list("") == []
    assert split_list(" one ") == ["one"]
    assert split_list(",a,,b,") == ["a", "b"]
    for text in ('a, "b', "a, <b", 'a "b", "c'):
        with pytest.raises(ParseError):
            split_list(text)


def test_quotes_come_and_go() -> None:
    assert quote('a "b" \\') == '"a \\"b\\" \\\\"'
    assert unquote(quote('a "b" \\')) == 'a "b" \\'
    assert unquote("plain") == "plain"
    assert unquote('"') == '"'


def test_values_with_line_breaks_are_refused() -> None:
    assert guard("fine") == "fine"
    for value in ("a\r\nb", "a\nb", "a\rb"):
        with pytest.raises(ParseError):
            guard(value)


def test_credentials_are_a_scheme_and_fields() -> None:
    assert parse_credentials('Digest realm="a, b", Nonce=x , qop="auth"') == (
        "digest",
        {"realm": "a, b", "nonce": "x", "qop": "auth"},
    )
    for text in ("", "Digest realm", 'Digest realm="x', "Digest a=1, a=2", "Di:gest a=1"):
        with pytest.raises(ParseError):
            parse_credentials(text)
