"""RFC 4475 and RFC 5118, message by message."""

from hashlib import sha256
from pathlib import Path

import pytest

from pbx_lite.errors import ParseError
from pbx_lite.sip.message import Request, Response, check, parse, response
from pbx_lite.sip.uri import SipUri

from .torture import MESSAGES, RFC4475, RFC5118, Torture, message

# Of the archive in RFC 4475's appendix, so that no editor changes what is tested.
_ARCHIVE = {
    "wsinv": "d6f6cdee99cd0a1f8e3d9a0fdd67c877700e19ab86d8186dada06f61260e3e61",
    "intmeth": "b957a8292c1c0a9851fe94705b90f94320738f43aacde64998e401f742ef688d",
    "esc01": "be3a316d4ce5f69cad474646191e390dd4b50fc8371e44b5197fe1237781973e",
    "escnull": "263fe2ecd12a5ccbb6c67b3174e9211d11da9b600e7d69666a86d2ee42873e90",
    "esc02": "9a9c59449f00327b02071feafc8e5c2a261c98c818044167894cc17809a12199",
    "lwsdisp": "d1b36b6316c12824f6f04bf6b1fd1f021cade9b74871693b9c3474cd9fa7f4e6",
    "longreq": "185739292bc676760e5b1cca77c87705aa570240171c506ad76f8c35af0ecdaa",
    "dblreq": "a6be48426565c2a705389c4ce2ea17e57b891cb13f80490a2cb9392c797b46ef",
    "semiuri": "87bbaed6b4b354dbd3c5c7a20e66686303c63e43a0aa19b89de1ac75231611a2",
    "transports": "33b4553a3b9418121b099ff07882535151edd6a1e81898c63a916aad2cbf90bc",
    "mpart01": "92147c8e24997bac59629e1b163767697d0d6d499af87f89e325d69968bec3ba",
    "unreason": "4f939d6ebf4817eea70f011d3209e83732872ffc20ffd304b244084dc392f4d7",
    "noreason": "07e11e470a69fffa3674de805e5165d1351a9439a91045ee70c9570ea24ab4fe",
}


def outcome(data: bytes) -> str | int:
    try:
        read = parse(data)
    except ParseError:
        return "dropped"
    if isinstance(read, Response):
        return "accepted"
    try:
        check(read)
    except ParseError as error:
        return error.status
    return "accepted"


def request(name: str) -> Request:
    read = parse(message(name))
    assert isinstance(read, Request)
    return read


@pytest.mark.parametrize("case", MESSAGES, ids=lambda case: case.name)
def test_each_message_gets_what_the_rfc_says(case: Torture) -> None:
    assert outcome(case.data) == case.outcome


def test_all_messages_of_both_rfcs_are_there() -> None:
    assert len(RFC4475) == 49
    assert len(RFC5118) == 12
    for rfc, cases in (("rfc4475", RFC4475), ("rfc5118", RFC5118)):
        files = {path.stem for path in (Path(__file__).parent / rfc).glob("*.dat")}
        assert files == {case.name for case in cases}


@pytest.mark.parametrize("name", _ARCHIVE)
def test_the_valid_messages_are_those_of_the_archive_to_the_byte(name: str) -> None:
    assert sha256(message(name)).hexdigest() == _ARCHIVE[name]


@pytest.mark.parametrize("case", [case for case in MESSAGES if case.outcome == "accepted"], ids=lambda case: case.name)
def test_what_is_accepted_survives_being_written_and_read_again(case: Torture) -> None:
    first = parse(case.data)
    second = parse(first.encode())
    lengthless = [field for field in first.headers.items() if field[0] != "Content-Length"]
    assert [field for field in second.headers.items() if field[0] != "Content-Length"] == lengthless
    assert second.body == first.body
    assert second.encode() == first.encode()


@pytest.mark.parametrize(
    "case", [case for case in MESSAGES if isinstance(case.outcome, int)], ids=lambda case: case.name
)
def test_what_is_refused_can_be_answered(case: Torture) -> None:
    read = parse(case.data)
    assert isinstance(read, Request)
    assert isinstance(case.outcome, int)
    answer = response(read, case.outcome, to_tag="ours")
    assert answer.encode().startswith(f"SIP/2.0 {case.outcome} ".encode())
    assert answer.headers.all("call-id") == read.headers.all("call-id")


def test_wsinv_is_read_through_its_folds_and_spaces() -> None:
    read = request("wsinv")
    assert (read.to.uri, read.to.tag) == ("sip:vivekg@chair-dnrc.example.com", "1918181833n")
    assert (read.from_.display_name, read.from_.tag) == ('J Rosenberg \\"', "98asjd8")
    assert read.max_forwards == 68
    assert (read.cseq.number, read.cseq.method) == (9, "INVITE")
    assert [(via.transport, via.host, via.branch) for via in read.vias] == [
        ("UDP", "192.0.2.2", "390skdjuw"),
        ("TCP", "spindle.example.com", "z9hG4bK9ikj8"),
        ("UDP", "192.168.255.111", "z9hG4bK30239"),
    ]
    assert read.headers.get("s") == ""
    assert read.headers.get("NewFangledHeader") == "newfangled value continued newfangled value"
    assert read.headers.get("unknownheaderwithunusualvalue") == ";;,,;;,;"
    assert read.contact is not None
    assert read.contact.display_name == 'Quoted string ""'
    assert read.contact.params == (("newparam", "newvalue"), ("secondparam", ""), ("q", "0.33"))
    assert read.routes[0].sip_uri.lr
    assert len(read.body) == 150


def test_intmeth_keeps_every_odd_character() -> None:
    read = request("intmeth")
    assert read.method == "!interesting-Method0123456789_*+`.%indeed'~"
    assert read.to.display_name == "BEL:\x07 NUL:\x00 DEL:\x7f"
    assert read.from_.display_name == "token1~` token2'+_ token3*%!.-"
    assert read.from_.param("fromparam''~+*_!.-%") == "работающий"
    assert read.from_.tag == "_token~1'+`*%!-."
    assert read.call_id == "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"
    assert SipUri.parse(read.uri).password == "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    assert SipUri.parse(read.uri).host == "example.com"


def test_escapes_are_undone_once_and_only_in_uris() -> None:
    read = request("esc01")
    assert SipUri.parse(read.uri).user == "sips:user@example.com"
    assert SipUri.parse(read.uri).host == "example.net"
    assert read.to.sip_uri == SipUri.parse("sip:user@example.com")
    assert read.from_.sip_uri.user == "I have spaces"
    assert request("esc02").method == "RE%47IST%45R"
    assert request("esc02").to.display_name == "%Z%45"
    assert [contact.uri for contact in request("esc02").contacts] == [
        "sip:alias1@host1.example.com",
        "sip:alias3@host3.example.com",
    ]


def test_an_escaped_null_does_not_shorten_a_name() -> None:
    read = request("escnull")
    assert read.to.sip_uri.user == "null-\0-null"
    assert [contact.sip_uri.user for contact in read.contacts] == ["\0", "\0\0"]


def test_a_second_request_in_the_datagram_is_no_body() -> None:
    read = request("dblreq")
    assert (read.method, read.body) == ("REGISTER", b"")


def test_a_long_request_is_read_whole() -> None:
    read = request("longreq")
    assert len(read.vias) == 34
    assert read.vias[-1].received == "192.0.2.5"
    assert read.from_.param("unknownvaluelessparamname" + "paramname" * 9) == ""


def test_a_binary_body_passes_untouched() -> None:
    read = request("mpart01")
    assert len(read.body) == 553
    assert read.content_type == "multipart/mixed"
    assert b"\x30\x82\x01\x52" in read.body


def test_reasons_may_be_in_any_script_or_missing() -> None:
    unusual, empty = parse(message("unreason")), parse(message("noreason"))
    assert isinstance(unusual, Response)
    assert isinstance(empty, Response)
    assert unusual.reason == "= 2**3 * 5**2 но сто девяносто девять - простое"
    assert (empty.status, empty.reason) == (100, "")


def test_a_parameter_outside_brackets_is_the_headers_and_inside_the_uris() -> None:
    outside, inside = request("cparam01").contact, request("cparam02").contact
    assert outside is not None
    assert inside is not None
    assert (outside.params, outside.sip_uri.params) == ((("unknownparam", ""),), ())
    assert (inside.params, inside.sip_uri.params) == ((), (("unknownparam", ""),))
    escaped = request("regescrt").contact
    assert escaped is not None
    assert escaped.sip_uri.headers == (("route", "%3Csip:sip.example.com%3E"),)


def test_a_port_counts_only_outside_the_brackets_of_ipv6() -> None:
    ambiguous, clear = SipUri.parse(request("port-ambiguous").uri), SipUri.parse(request("port-unambiguous").uri)
    assert (ambiguous.host, ambiguous.port) == ("2001:db8::10:5070", None)
    assert (clear.host, clear.port) == ("2001:db8::10", 5070)


def test_received_is_understood_with_brackets_and_without() -> None:
    assert request("via-received-param-with-delim").via.received == "2001:db8::9:255"
    assert request("via-received-param-no-delim").via.received == "2001:db8::9:255"


def test_the_colon_too_many_of_rfc_3261_is_forgiven() -> None:
    wrong, right = request("ipv6-bug-abnf-3-colons"), request("ipv6-correct-abnf-2-colons")
    assert SipUri.parse(wrong.uri) == SipUri.parse(right.uri)
