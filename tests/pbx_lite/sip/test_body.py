import pytest

from pbx_lite.errors import ParseError
from pbx_lite.sip.body import reduce_to_sdp
from pbx_lite.sip.message import Request

SDP = b"v=0\r\nm=audio 4000 RTP/AVP 0\r\n"


def reduced(kind: str, body: bytes, *headers: tuple[str, str]) -> bytes:
    request = Request("INVITE", "sip:pbx", [*([("Content-Type", kind)] if kind else []), *headers], body)
    reduce_to_sdp(request)
    return request.body


def test_sdp_alone_stays_as_it_is():
    assert reduced("application/sdp", SDP) == SDP
    assert reduced("Application/SDP ; charset=utf-8", SDP) == SDP
    assert reduced("", SDP) == SDP
    assert reduced("text/plain", b"") == b""


@pytest.mark.parametrize("kind", ["multipart/mixed;boundary=b", 'multipart/mixed; boundary="b"'])
def test_sdp_among_other_parts_is_found(kind: str):
    body = (
        b"--b\r\nContent-Type: application/isup;version=x\r\n\r\n\x01\x00\r\n"
        b"--b\r\nContent-Disposition: session\r\ncontent-type: Application/SDP\r\n\r\n" + SDP + b"\r\n--b--\r\n"
    )
    assert reduced(kind, body) == SDP


def test_parts_without_sdp_are_nothing():
    assert reduced("multipart/mixed;boundary=b", b"--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b--") == b""


@pytest.mark.parametrize(
    "kind", ["multipart/mixed", "multipart/mixed;boundary=", "multipart/mixed;;;=", "multipart/x;"]
)
def test_parts_that_cannot_be_told_apart_are_a_fault(kind: str):
    with pytest.raises(ParseError):
        reduced(kind, b"--b\r\n\r\n")


def test_another_type_is_refused_unless_its_sender_can_do_without():
    with pytest.raises(ParseError) as fault:
        reduced("application/pidf+xml", b"<x/>")
    assert fault.value.status == 415
    assert reduced("application/pidf+xml", b"<x/>", ("Content-Disposition", "render; handling=optional")) == b""
