"""Another library's parser reads what we write and writes what we read, and both understand the same."""

from aiosipua.headers import Address
from aiosipua.headers import SipUri as TheirUri
from aiosipua.headers import Via as TheirVia
from aiosipua.message import SipMessage as TheirMessage
from aiosipua.message import SipRequest, SipResponse
from hypothesis import given, settings
from hypothesis import strategies as st

from pbx_lite.sip.headers import CSeq, NameAddr, Via
from pbx_lite.sip.message import Headers, Request, Response, SipMessage, parse
from pbx_lite.sip.uri import SipUri

_SETTINGS = settings(max_examples=60, derandomize=True)
_WORD = st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,11}", fullmatch=True)
_NUMBER = st.integers(0, 2**31 - 1)
_PORT = st.none() | st.integers(1, 65535)
_HOST = st.sampled_from(["pbx.home", "192.0.2.7", "2001:db8::9:1", "localhost"])
_PARAMS = st.dictionaries(_WORD.map(str.lower), _WORD | st.just(""), max_size=3).map(lambda pairs: tuple(pairs.items()))
_URI = st.builds(SipUri, st.sampled_from(["sip", "sips"]), _WORD | st.just(""), st.just(""), _HOST, _PORT, _PARAMS)
_NAME = st.text("abc ÄÖ,;<>@:=.'()[]", max_size=10).map(str.strip)
_ADDRESS = st.builds(NameAddr, _NAME, _URI.map(str), _PARAMS.map(lambda params: (*params, ("tag", "88"))))
_VIA = st.builds(
    Via, st.sampled_from(["UDP", "TCP", "TLS"]), _HOST, _PORT, _PARAMS.map(lambda p: (*p, ("branch", "z9hG4bKx")))
)
_METHOD = st.sampled_from(["INVITE", "ACK", "BYE", "REGISTER", "OPTIONS", "SUBSCRIBE"])
# Theirs ends the display name at the first bracket, quoted or not.
_PLAIN_ADDRESS = _ADDRESS.filter(lambda address: not {"<", ">"} & set(address.display_name))


@st.composite
def messages(draw: st.DrawFn) -> SipMessage:
    method = draw(_METHOD)
    headers = Headers(("Via", via) for via in draw(st.lists(_VIA, min_size=1, max_size=4)))
    headers.add("From", draw(_PLAIN_ADDRESS))
    headers.add("To", draw(_PLAIN_ADDRESS))
    headers.add("Call-ID", draw(_WORD))
    headers.add("CSeq", CSeq(draw(_NUMBER), method))
    if contacts := draw(st.lists(_PLAIN_ADDRESS.filter(lambda a: "," not in a.display_name), max_size=3)):
        headers.add("Contact", ", ".join(map(str, contacts)))
    headers.add("Subject", draw(_NAME))
    body = draw(st.binary(max_size=50))
    if draw(st.booleans()):
        return Request(method, str(draw(_URI)), headers, body)
    return Response(draw(st.integers(100, 699)), draw(_NAME), headers, body)


def same_uri(ours: SipUri, theirs: TheirUri) -> bool:
    return (ours.scheme, ours.user, ours.host, ours.port, dict(ours.params)) == (
        theirs.scheme,
        theirs.user or "",
        theirs.host.strip("[]"),
        theirs.port,
        {name: value or "" for name, value in theirs.params.items()},
    )


def same_address(ours: NameAddr, theirs: Address | None) -> bool:
    return (
        theirs is not None
        and ours.display_name == (theirs.display_name or "")
        and same_uri(ours.sip_uri, theirs.uri)
        and dict(ours.params) == {name: value or "" for name, value in theirs.params.items()}
    )


def same_via(ours: Via, theirs: TheirVia) -> bool:
    return (ours.protocol, ours.transport, ours.host, ours.port, dict(ours.params)) == (
        theirs.protocol,
        theirs.transport,
        theirs.host.strip("[]"),
        theirs.port,
        {name: value or "" for name, value in theirs.params.items()},
    )


def assert_same(ours: SipMessage, theirs: SipRequest | SipResponse) -> None:
    if isinstance(ours, Request):
        assert isinstance(theirs, SipRequest)
        assert (ours.method, ours.uri) == (theirs.method, theirs.uri)
    else:
        assert isinstance(theirs, SipResponse)
        assert (ours.status, ours.reason) == (theirs.status_code, theirs.reason_phrase)
    assert ours.body == theirs.body
    assert ours.call_id == theirs.call_id
    assert theirs.cseq is not None
    assert (ours.cseq.number, ours.cseq.method) == (theirs.cseq.seq, theirs.cseq.method)
    assert all(map(same_via, ours.vias, theirs.via, strict=True))
    assert same_address(ours.from_, theirs.from_addr)
    assert same_address(ours.to, theirs.to_addr)
    assert all(map(same_address, ours.contacts, theirs.contact, strict=True))
    assert ours.headers.get("Subject") == theirs.get_header("Subject")


@given(messages())
@_SETTINGS
def test_what_we_write_they_read_alike(message: SipMessage) -> None:
    assert_same(message, TheirMessage.parse(message.encode()))


@given(messages())
@_SETTINGS
def test_what_they_write_we_read_alike(message: SipMessage) -> None:
    theirs = TheirMessage.parse(message.encode())
    assert_same(parse(bytes(theirs)), theirs)
