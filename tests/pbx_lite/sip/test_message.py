from time import process_time

import pytest

from pbx_lite.errors import ParseError
from pbx_lite.sip.message import (
    MAX_HEADERS,
    MAX_MESSAGE,
    MAX_SEPARATORS,
    Headers,
    Request,
    Response,
    SipMessage,
    check,
    frame_length,
    parse,
    response,
)

INVITE = b"""\
INVITE sip:100@pbx.home SIP/2.0
Via: SIP/2.0/UDP 192.168.1.9:5060;branch=z9hG4bK776;rport
v: SIP/2.0/TCP 10.0.0.1;branch=z9hG4bK1, SIP/2.0/TLS h;branch=z9hG4bK2
Max-Forwards: 70
f: "Front door" <sip:150@pbx.home>;tag=88
To: <sip:100@pbx.home>
i: abc@host
CSeq: 1 INVITE
m: <sip:150@192.168.1.9:5060;ob>
Record-Route: <sip:p1;lr>, <sip:p2;lr>
k: timer, 100rel
Content-Type: Application/SDP;charset=utf-8
l: 5

v=0
""".replace(b"\n", b"\r\n")


def invite(*, without: str = "", instead: tuple[bytes, bytes] = (b"", b"")) -> Request:
    read = parse(INVITE.replace(*instead) if instead[0] else INVITE)
    assert isinstance(read, Request)
    if without:
        read.headers.remove(without)
    return read


def refusal(request: SipMessage) -> int:
    assert isinstance(request, Request)
    with pytest.raises(ParseError) as refused:
        check(request)
    return refused.value.status


# Headers


def test_headers_are_found_in_any_case_and_form() -> None:
    headers = Headers([("Via", "a"), ("X-Fancy", "1")])
    assert headers.get("via") == headers.get("V") == headers.get("VIA") == "a"
    assert headers.get("x-fancy") == "1"
    assert "v" in headers
    assert "To" not in headers
    assert headers.get("To") is None
    assert len(headers) == 2
    assert list(headers) == [("Via", "a"), ("X-Fancy", "1")]


def test_lists_count_item_by_item_and_other_headers_line_by_line() -> None:
    headers = Headers([("Supported", "timer, 100rel"), ("k", "path"), ("Subject", "a, b"), ("Date", "Sat, 1 Jan")])
    assert headers.all("Supported") == ["timer", "100rel", "path"]
    assert headers.get("Supported") == "timer"
    assert headers.all("Subject") == ["a, b"]
    assert headers.get("Date") == "Sat, 1 Jan"
    assert headers.count("Supported") == 2
    assert headers.all("Allow") == []


def test_values_keep_their_order_through_every_change() -> None:
    headers = Headers([("To", "t"), ("Via", "b"), ("From", "f"), ("Via", "c, d")])
    headers.prepend("Via", "a")
    assert headers.all("Via") == ["a", "b", "c", "d"]
    assert [name for name, _ in headers.items()] == ["To", "Via", "Via", "Via", "From"]
    assert headers.pop("Via") == "a"
    headers.replace_first("Via", "B")
    assert headers.all("Via") == ["B", "c", "d"]
    headers.set("From", "g")
    headers.add("Route", "r")
    headers.prepend("Reason", "x")
    assert headers.get("From") == "g"
    assert next(headers.items()) == ("Reason", "x")
    headers.set("Via", "only")
    headers.set("User-Agent", "new")
    assert headers.all("Via") == ["only"]
    headers.remove("Via")
    headers.remove("Via")
    assert headers.pop("Via") is None
    assert headers.get("User-Agent") == "new"


def test_a_copy_goes_its_own_way() -> None:
    headers = Headers([("To", "t")])
    other = headers.copy()
    assert other == headers
    other.set("To", "u")
    assert headers.get("To") == "t"
    assert other != headers
    assert "To" in repr(other)


def test_a_header_cannot_smuggle_another_in() -> None:
    headers = Headers()
    for name, value in (("X", "a\r\nVia: b"), ("X", "a\nb"), ("X: y\r\nZ", "a"), ("", "a"), ("Ü", "a")):
        for change in (headers.add, headers.set, headers.prepend):
            with pytest.raises(ParseError):
                change(name, value)
    assert len(headers) == 0
    for message in (Response(200, "OK\r\nVia: x"), Request("BYE", "sip:a@b\r\nVia: x"), Request("BYE\n", "sip:a@b")):
        with pytest.raises(ParseError):
            message.encode()


def test_a_changed_header_is_read_anew() -> None:
    request = invite()
    assert request.to.tag is None
    request.headers.set("To", request.to.with_tag("x"))
    assert request.to.tag == "x"
    request.headers.replace_first("Via", request.via.with_param("received", "10.1.1.1"))
    assert request.via.received == "10.1.1.1"
    assert len(request.vias) == 3


# Reading


def test_a_request_is_taken_apart() -> None:
    request = invite()
    check(request)
    assert (request.method, request.uri, request.body) == ("INVITE", "sip:100@pbx.home", b"v=0\r\n")
    assert (request.via.host, request.via.port, request.via.branch) == ("192.168.1.9", 5060, "z9hG4bK776")
    assert [via.transport for via in request.vias] == ["UDP", "TCP", "TLS"]
    assert (request.cseq.number, request.call_id, request.max_forwards) == (1, "abc@host", 70)
    assert (request.from_.display_name, request.from_.tag, request.to.tag) == ("Front door", "88", None)
    assert request.contact is not None
    assert [contact.uri for contact in request.contacts] == [request.contact.uri]
    assert [route.uri for route in request.record_routes] == ["sip:p1;lr", "sip:p2;lr"]
    assert request.routes == []
    assert request.tokens("Supported") == {"timer", "100rel"}
    assert request.content_type == "application/sdp"
    assert request.expires is None
    assert repr(request) == "<Request INVITE sip:100@pbx.home>"


def test_a_response_is_taken_apart() -> None:
    answer = parse(INVITE.replace(b"INVITE sip:100@pbx.home SIP/2.0", b"SIP/2.0 180 Es l\xc3\xa4utet"))
    assert isinstance(answer, Response)
    assert (answer.status, answer.reason) == (180, "Es läutet")
    assert repr(answer) == "<Response 180 Es läutet>"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"\0" * 100,
        b"GET / HTTP/1.1\r\n\r\n",
        b"INVITE sip:a@b SIP/2.0\r\nVia: x",
        b"INVITE\r\n\r\n",
        INVITE.replace(b"\r\n", b"\n"),
        INVITE.replace(b"Max-Forwards", b"X: a\rMax-Forwards"),
        INVITE.replace(b"Max-Forwards", b"X: a\nMax-Forwards"),
        b"SIP/2.0 200\r\n" + INVITE.partition(b"\r\n")[2],
        b"SIP/2.0 99 x\r\n" + INVITE.partition(b"\r\n")[2],
        b"SIP/2.0 700 x\r\n" + INVITE.partition(b"\r\n")[2],
        b"SIP/3.0 200 OK\r\n" + INVITE.partition(b"\r\n")[2],
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\n\r\n",
        b"SIP/2.0 200 OK\r\n" + INVITE.partition(b"\r\n")[2].replace(b"l: 5", b"l: 6"),
    ],
)
def test_what_is_not_worth_an_answer_is_dropped(data: bytes) -> None:
    with pytest.raises(ParseError):
        parse(data)


def test_line_ends_before_a_message_are_skipped() -> None:
    assert isinstance(parse(b"\r\n\r\n" + INVITE), Request)


def test_names_in_latin1_are_understood_and_written_as_utf8() -> None:
    request = invite(instead=(b'"Front door"', b'"Haust\xfcr"'))
    assert request.from_.display_name == "Haustür"
    assert '"Haustür"'.encode() in request.encode()


def test_what_is_too_large_is_refused() -> None:
    for data in (
        INVITE + b"x" * MAX_MESSAGE,
        INVITE.replace(b"l: 5", b"X: y\r\n" * MAX_HEADERS + b"l: 5"),
        INVITE.replace(b"l: 5", b"X: " + b",;" * MAX_SEPARATORS + b"\r\nl: 5"),
    ):
        with pytest.raises(ParseError) as refused:
            parse(data)
        assert refused.value.status == 513


def test_a_datagram_ends_where_content_length_says_or_at_its_end() -> None:
    assert parse(INVITE + b"more").body == b"v=0\r\n"
    assert parse(INVITE.replace(b"l: 5\r\n", b"") + b"more").body == b"v=0\r\nmore"


@pytest.mark.parametrize(
    ("instead", "status"),
    [
        ((b"l: 5", b"l: 6"), 400),
        ((b"l: 5", b"l: -1"), 400),
        ((b"l: 5", b"l: 5\r\nContent-Length: 5"), 400),
        ((b"l: 5", b"no header"), 400),
        ((b"l: 5", b": nothing"), 400),
        ((b"l: 5", b"K: \"a, b\r\nl: 5"), 400),
        ((b"SIP/2.0\r\nVia", b"SIP/3.0\r\nVia"), 505),
        ((b" SIP/2.0\r\nVia", b"  SIP/2.0\r\nVia"), 400),
        ((b"sip:100@pbx.home SIP", b"isbn:1 SIP"), 416),
        ((b"sip:100@pbx.home SIP", b"sip:100@pbx.home?a=b SIP"), 400),
        ((b"sip:100@pbx.home SIP", b"100 SIP"), 400),
        ((b"1 INVITE", b"1 BYE"), 400),
        ((b"Max-Forwards: 70", b"Max-Forwards: 256"), 400),
        ((b"Max-Forwards: 70", b"Max-Forwards: many"), 400),
        ((b"i: abc@host", b"i: abc host"), 400),
        ((b"i: abc@host", b"i:"), 400),
        ((b"i: abc@host", b"i: abc\r\nCall-ID: def"), 400),
        ((b"SIP/2.0/TCP", b"HTTP/2.0/TCP"), 400),
        ((b"<sip:p1;lr>", b"<sip:p1 lr>"), 400),
        ((b"<sip:150@192.168.1.9:5060;ob>", b"<sip:150@::1>"), 400),
        ((b"z9hG4bK776", b"z9hG4bK"), 400),
        ((b"INVITE sip", b"INV(ITE sip"), 400),
    ],
)  # fmt: skip
def test_faulty_requests_are_refused_with_their_status(instead: tuple[bytes, bytes], status: int) -> None:
    assert refusal(invite(instead=instead)) == status


@pytest.mark.parametrize("name", ["Via", "From", "To", "Call-ID", "CSeq"])
def test_a_request_needs_its_mandatory_headers(name: str) -> None:
    request = invite(without=name)
    assert refusal(request) == 400
    assert response(request, 400).encode().startswith(b"SIP/2.0 400 Bad Request\r\n")


def test_reading_a_header_that_is_missing_is_a_parse_error() -> None:
    request = Request("OPTIONS", "sip:a@b")
    for read in ("via", "cseq", "call_id", "from_", "to"):
        with pytest.raises(ParseError):
            getattr(request, read)
    assert (request.contact, request.contacts, request.max_forwards, request.content_type) == (None, [], None, "")


# Streams


def test_a_stream_is_cut_message_by_message() -> None:
    two = INVITE + INVITE
    assert frame_length(two) == len(INVITE)
    assert frame_length(bytearray(two)) == len(INVITE)
    for end in range(len(INVITE)):
        assert frame_length(INVITE[:end]) is None
    assert parse(two[: frame_length(two)], stream=True).body == b"v=0\r\n"


def test_a_stream_without_usable_content_length_is_lost() -> None:
    for data in (
        INVITE.replace(b"l: 5\r\n", b""),
        INVITE.replace(b"l: 5", b"l: five"),
        INVITE.replace(b"l: 5", b"l: 5\r\nl: 6"),
        INVITE.replace(b"l: 5", b"l: 65537"),
        b"x" * MAX_MESSAGE,
    ):
        with pytest.raises(ParseError):
            frame_length(data)
    read = parse(INVITE.replace(b"l: 5\r\n", b""), stream=True)
    assert refusal(read) == 400


# Writing


def test_a_message_written_is_the_message_read() -> None:
    first = invite()
    assert parse(first.encode()).headers == first.headers
    assert first.encode().endswith(b"Content-Length: 5\r\n\r\nv=0\r\n")
    first.body = b""
    assert first.encode().endswith(b"Content-Length: 0\r\n\r\n")


def test_names_are_written_in_their_usual_long_form() -> None:
    text = Request("INFO", "sip:a@b", [("v", "1"), ("cseq", "2"), ("WWW-authenticate", "3"), ("x-Odd", "4")]).encode()
    assert (
        text
        == b"INFO sip:a@b SIP/2.0\r\nVia: 1\r\nCSeq: 2\r\nWWW-Authenticate: 3\r\nX-Odd: 4\r\nContent-Length: 0\r\n\r\n"
    )


def test_an_answer_carries_what_rfc_3261_section_8_2_6_asks_for() -> None:
    request = invite()
    answer = response(request, 180, to_tag="ours", headers=[("Contact", "<sip:pbx>")], body=b"x")
    assert (answer.status, answer.reason, answer.body) == (180, "Ringing", b"x")
    assert [name for name, _ in answer.headers.items()] == [
        "Via", "Via", "From", "To", "Call-ID", "CSeq", "Record-Route", "Contact",
    ]  # fmt: skip
    assert answer.headers.all("Via") == request.headers.all("Via")
    assert answer.to.tag == "ours"
    assert response(request, 486, "Beschäftigt").reason == "Beschäftigt"


def test_a_tag_is_added_only_where_one_may_be() -> None:
    request = invite()
    assert response(request, 100, to_tag="ours").to.tag is None
    assert response(request, 200).to.tag is None
    request.headers.set("To", "<sip:100@pbx.home>;tag=theirs")
    assert response(request, 200, to_tag="ours").to.tag == "theirs"


def test_100_trying_gives_the_timestamp_back() -> None:
    request = invite()
    request.headers.add("Timestamp", "54")
    assert response(request, 100).headers.get("Timestamp") == "54"
    assert "Timestamp" not in response(request, 180).headers


# Speed: bounds well above what is needed, that only a wrong order of growth exceeds.


@pytest.mark.parametrize(
    "value",
    [
        b" " * 60000 + b"\r\n x",
        b"\r\n " * 20000,
        b'"' + b"\\" * 60000,
        b'"' * 60000,
        b"<" * 60000,
        b"<>" * 30000,
        b";" * 60000,
        b"a," * 30000,
        b"a;b=" * 15000,
        b"a:b," * 900,
        b"<a:b>;c," * 450,
        b"a:b" + b";c" * 900,
        b"SIP/2.0/UDP h;c," * 450,
        b"sip:" + b"a" * 60000,
        b"sip:" + b"%41" * 20000,
        b"sip:a@b" + b";c" * 30000,
        b"0" * 60000,
        b"SIP/2.0/UDP h," * 4000,
    ],
    ids=lambda value: value[:10].decode(),
)
@pytest.mark.parametrize("name", [b"Via", b"To", b"Contact", b"CSeq", b"Supported", b"Subject", b"l"])
def test_no_header_can_take_long_to_read(name: bytes, value: bytes) -> None:
    start = process_time()
    try:
        read = parse(INVITE.replace(b"Max-Forwards", name + b": " + value + b"\r\nMax-Forwards"))
        assert isinstance(read, Request)
        check(read)
    except ParseError:
        pass
    assert process_time() - start < 0.1


def test_thousands_of_messages_are_read_in_a_second() -> None:
    start = process_time()
    for _ in range(1000):
        read = parse(INVITE)
        _ = read.via.branch, read.cseq, read.call_id, read.from_.tag, read.to.tag
    assert process_time() - start < 0.5
