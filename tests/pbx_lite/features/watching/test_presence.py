"""Presence documents, ours and theirs."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.errors import ParseError
from pbx_lite.features.watching.presence import Presence, merged, parse, render

LINPHONE = b"""<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
 xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:anna@home">
<tuple id="a"><status><basic>open</basic></status><contact priority="0.8">sip:anna@home</contact></tuple>
<dm:person id="b"><rpid:activities><rpid:away/></rpid:activities><dm:note>x</dm:note></dm:person>
<note>At lunch &amp; back soon</note></presence>"""


def test_what_a_phone_publishes_is_understood() -> None:
    assert parse(LINPHONE) == Presence(open=True, activities=("away",), note="At lunch & back soon")


def test_what_we_write_we_can_read() -> None:
    said = Presence(open=False, activities=("busy", "on-the-phone"), note="<Do not> disturb")
    assert parse(render("sip:a&b@home", said)) == said


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"hello", 400),
        (b"<presence/>", 400),
        (b'<!DOCTYPE p [<!ENTITY a "aa">]><presence xmlns="urn:ietf:params:xml:ns:pidf">&a;</presence>', 400),
        (b"<" * 20000, 413),
    ],
)
def test_what_is_no_presence_document_is_refused(body: bytes, status: int) -> None:
    with pytest.raises(ParseError) as refused:
        parse(body)
    assert refused.value.status == status


@given(st.binary(max_size=200))
def test_no_bytes_break_it(body: bytes) -> None:
    with contextlib.suppress(ParseError):
        parse(LINPHONE[:120] + body)


@pytest.mark.parametrize(
    ("known", "published", "shown"),
    [
        ({}, (), Presence(open=True)),
        ({"registered": False}, (), Presence(open=False)),
        ({"in_call": True}, (), Presence(open=True, activities=("on-the-phone",), note="On the phone")),
        ({"do_not_disturb": True}, (), Presence(open=False, activities=("busy",), note="Do not disturb")),
        (
            {"in_call": True},
            (Presence(open=True, activities=("away",), note="Lunch"),),
            Presence(open=True, activities=("on-the-phone", "away"), note="On the phone"),
        ),
        ({}, (Presence(open=False, note="Gone"),), Presence(open=False, note="Gone")),
        ({"said": ("away", "")}, (), Presence(open=True, activities=("away",))),
        (
            {"said": ("busy", "Tax return"), "do_not_disturb": True},
            (Presence(open=True, note="Lunch"),),
            Presence(open=False, activities=("busy",), note="Tax return"),
        ),
    ],
)
def test_what_is_shown_is_what_the_pbx_knows_and_then_what_phones_say(known, published, shown) -> None:
    facts = {"registered": True, "in_call": False, "do_not_disturb": False, "said": ("available", "")} | known
    assert merged(**facts, published=published) == shown
