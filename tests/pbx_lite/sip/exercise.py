"""Everything that bytes from the network can reach in messages, headers, URIs and digest, for the fuzzers.

Only `ParseError` may come out of the parser; `exercise` lets anything else through, which is what a fuzzer looks for.
"""

import contextlib
from collections.abc import Callable

from pbx_lite.errors import ParseError
from pbx_lite.sip.digest import DigestServer, authorize, is_stale, response_for, strongest
from pbx_lite.sip.headers import NameAddr, parse_credentials
from pbx_lite.sip.message import Request, Response, SipMessage, check, frame_length, parse, response
from pbx_lite.sip.uri import SipUri

_SERVER = DigestServer("pbx.home", secret=b"fuzz" * 8)
_PROPERTIES = ("via", "vias", "cseq", "call_id", "from_", "to", "contact", "contacts", "routes", "record_routes",
               "max_forwards", "expires", "content_type")  # fmt: skip


def digest_lines() -> list[bytes]:
    """Headers that ask for a password and headers that give the right one, for fuzzers to start from."""
    challenges = _SERVER.challenges(0)
    given = [response_for("REGISTER", "sip:a@b", challenge, "101", "secret") for challenge in challenges]
    return [f"WWW-Authenticate: {value}".encode() for value in challenges] + [
        f"{name}: {value}".encode() for value in given for name in ("Authorization", "Proxy-Authorization")
    ]


def exercise(data: bytes) -> None:
    """Read `data` as datagram and as stream, look at all of it, answer it, write it and read it again."""
    with contextlib.suppress(ParseError):
        if length := frame_length(data):
            _look(parse(data[:length], stream=True))
    try:
        message = parse(data)
    except ParseError:
        return
    _look(message)
    if isinstance(message, Request):
        _serve(message)
    else:
        _follow(message)


def _serve(request: Request) -> None:
    for status in (100, 180, 200, 401):
        response(request, status, to_tag="tag").encode()
    _SERVER.verify(request, 0, {"101": "secret"}.get)
    try:
        check(request)
    except ParseError:
        return
    # After `check` nothing may be unreadable any more.
    for name in _PROPERTIES:
        getattr(request, name)
    SipUri.parse(request.uri)
    answer = parse(response(request, 200, to_tag="tag").encode())
    assert isinstance(answer, Response)
    assert answer.vias == request.vias
    assert answer.to.tag in {request.to.tag, "tag"}
    assert answer.cseq == request.cseq
    _again(request)


def _follow(answer: Response) -> None:
    for name in _PROPERTIES[:-3]:
        getattr(answer, name)
    is_stale(answer)
    authorize(answer, Request("REGISTER", "sip:a@b"), "user", "password", nonce_counts={})
    _again(answer)


def _look(message: SipMessage) -> None:
    for name in _PROPERTIES:
        with contextlib.suppress(ParseError):
            _read(getattr(message, name))
    for name, value in message.headers.items():
        for read in (message.headers.all, message.headers.get, message.tokens):
            _try(read, name)
        for parse_value in (NameAddr.parse, SipUri.parse, parse_credentials):
            _try(parse_value, value)
        strongest([value])


def _read(value: object) -> None:
    """What is written from a value that was read is read as the same again."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, NameAddr):
            assert NameAddr.parse(str(item)) == item
            uri = item.sip_uri
            assert SipUri.parse(str(uri)) == uri
            assert hash(SipUri.parse(str(uri))) == hash(uri)
        elif item is not None and hasattr(item, "parse"):
            assert type(item).parse(str(item)) == item


def _again(message: SipMessage) -> None:
    written = message.encode()
    assert parse(written).encode() == written
    assert frame_length(written) == len(written)


def _try(read: Callable[[str], object], value: str) -> None:
    with contextlib.suppress(ParseError):
        read(value)
