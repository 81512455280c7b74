"""No input raises anything but `ParseError`: what hypothesis finds in seconds; `script/fuzz` looks for hours."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .exercise import digest_lines, exercise
from .torture import MESSAGES

_SETTINGS = settings(max_examples=150, derandomize=True)
_SEEDS = [case.data for case in MESSAGES]
_PIECES = [piece for data in _SEEDS for piece in re.split(rb"(?<=[\s;:,<>\"=@/?])|(?=[\s;:,<>\"=@/?])", data) if piece]
_ODD = [
    *(bytes([char]) for char in b'\r\n\0"\\<>,;:=@?%[]* -\xff\x1c'),
    *(b"\r\n", b"\r\n ", b"%0", b"::", b"99999999999", b"SIP/2.0"),
    *(char.encode() for char in ("ü", "\x85", "\u2028", "\u0661")),
]
_NAMES = (
    b"Via v From To Contact m CSeq Call-ID Max-Forwards Route Record-Route l Expires Authorization WWW-Authenticate k"
).split()
_VALUE = st.lists(st.sampled_from(_PIECES) | st.sampled_from(_ODD) | st.binary(max_size=8), max_size=12).map(b"".join)


@given(st.binary(max_size=600))
@_SETTINGS
def test_any_bytes(data: bytes) -> None:
    exercise(data)


@given(st.lists(st.sampled_from(_PIECES) | st.sampled_from(_ODD), max_size=60).map(b"".join))
@_SETTINGS
def test_any_jumble_of_pieces_of_messages(data: bytes) -> None:
    exercise(data)


@given(st.sampled_from(_SEEDS), st.data())
@_SETTINGS
def test_messages_with_some_bytes_replaced(seed: bytes, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(seed)))
        length = data.draw(st.integers(0, 12))
        seed = seed[:start] + data.draw(st.sampled_from(_ODD) | st.binary(max_size=6)) + seed[start + length :]
    exercise(seed)


@given(st.sampled_from(_NAMES), _VALUE, st.booleans())
@_SETTINGS
def test_a_good_message_with_one_header_of_anything(name: bytes, value: bytes, is_response: bool) -> None:
    start = b"SIP/2.0 401 Unauthorized" if is_response else b"OPTIONS sip:a@b SIP/2.0"
    fields = {
        b"Via": b"SIP/2.0/UDP h;branch=z9hG4bKx",
        b"From": b"<sip:a@b>;tag=1",
        b"To": b"<sip:c@d>",
        b"Call-ID": b"x",
        b"CSeq": b"1 OPTIONS",
    }
    fields[name] = value
    exercise(start + b"\r\n" + b"".join(b"%s: %s\r\n" % field for field in fields.items()) + b"\r\n")


@given(st.sampled_from(digest_lines()), st.data())
@_SETTINGS
def test_digest_headers_with_some_bytes_replaced(line: bytes, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(0, 3))):
        start = data.draw(st.integers(0, len(line)))
        line = line[:start] + data.draw(st.sampled_from(_ODD) | st.binary(max_size=4)) + line[start + 3 :]
    fields = b"\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 REGISTER\r\n" + line
    exercise(b"REGISTER sip:a@b SIP/2.0" + fields + b"\r\n\r\n")
    exercise(b"SIP/2.0 401 Unauthorized" + fields + b"\r\n\r\n")


@pytest.mark.parametrize("seed", _SEEDS, ids=[case.name for case in MESSAGES])
def test_every_message_cut_short_anywhere(seed: bytes) -> None:
    for end in range(0, min(len(seed), 1500), 3):
        exercise(seed[:end])
        exercise(seed[:end] + b"\r\n\r\n")
