"""Who calls, as SIP says it."""

import pytest

from pbx_lite.calls.identity import (
    PLAIN,
    TRUSTED,
    Manner,
    caller_of,
    diverted_by,
    introduce,
    is_private,
    number_of,
)
from pbx_lite.calls.party import ANONYMOUS, Party
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.message import Request, parse

ANNA = Party(number="+49891234560", name="Anna Müller")
NOBODY = Party(number="+49891234560", name="Anna Müller", private=True)


def invite(*headers: tuple[str, str], from_: str = '"Otto" <sip:030111@provider.example>;tag=1') -> Request:
    return Request("INVITE", "sip:101@pbx", [("From", from_), *headers])


def test_a_caller_is_told_in_from():
    told = introduce(ANNA, "pbx.example")
    assert str(told.from_) == '"Anna Müller" <sip:+49891234560@pbx.example>'
    assert told.headers == ()


def test_a_trusted_side_is_told_who_calls_in_a_header_of_its_own():
    assert introduce(ANNA, "pbx", TRUSTED).headers == (("P-Asserted-Identity", '"Anna Müller" <sip:+49891234560@pbx>'),)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("P-Preferred-Identity", '"Anna Müller" <sip:+49891234560@pbx>'),
        ("Remote-Party-ID", '"Anna Müller" <sip:+49891234560@pbx>;party=calling;screen=yes;privacy=off'),
    ],
)
def test_providers_want_different_headers(header, value):
    assert introduce(ANNA, "pbx", Manner(asserts=header)).headers == ((header, value),)


def test_a_private_caller_is_nobody_to_those_who_are_not_trusted():
    for manner in (PLAIN, Manner(asserts="P-Preferred-Identity")):
        told = introduce(NOBODY, "pbx", manner)
        assert str(told.from_) == '"Anonymous" <sip:anonymous@anonymous.invalid>'
        assert told.headers == (("Privacy", "id"),)


def test_a_private_caller_is_asserted_to_those_who_are_trusted_and_withhold_it():
    told = introduce(NOBODY, "pbx", TRUSTED)
    assert "Anna" not in str(told.from_)
    assert dict(told.headers) == {
        "Privacy": "id",
        "P-Asserted-Identity": '"Anna Müller" <sip:+49891234560@pbx>',
    }


def test_some_providers_want_their_own_domain_for_nobody():
    told = introduce(NOBODY, "pbx", Manner(anonymous_host="provider.example"))
    assert told.from_.uri == "sip:anonymous@provider.example"


def test_nobody_at_all_is_asserted_to_none():
    assert introduce(ANONYMOUS, "pbx", TRUSTED).headers == (("Privacy", "id"),)


def test_a_forwarded_call_names_who_forwarded_it_the_last_one_first():
    told = introduce(ANNA, "pbx", diverted=["101", "102"], reason="user-busy", target="0171")
    assert told.headers == (
        ("Diversion", "<sip:102@pbx>;reason=user-busy;counter=1"),
        ("Diversion", "<sip:101@pbx>;reason=unconditional;counter=1"),
    )


def test_a_forwarded_call_tells_its_way_where_that_is_wanted():
    told = introduce(ANNA, "pbx", Manner(history=True), diverted=["101", "102"], reason="no-answer", target="0171")
    assert [value for name, value in told.headers if name == "History-Info"] == [
        "<sip:101@pbx>;index=1",
        "<sip:102@pbx;cause=302>;index=1.1;mp=1",
        "<sip:0171@pbx;cause=408>;index=1.1.1;mp=1.1",
    ]


@pytest.mark.parametrize(
    "party",
    [
        Party(number="1" * 5000, name="x" * 5000),
        Party(number='1"<>\r\nEvil: 1', name='"\\\r\nEvil: yes\x00\u202emoc'),
        Party(number="a@b;c?d", name="<sip:x@y>"),
    ],
)
def test_whatever_a_caller_is_called_it_stays_one_header_of_fair_length(party):
    told = introduce(party, "pbx", TRUSTED, diverted=[party.number])
    request = invite(*told.headers, from_=str(told.from_.with_tag("t")))
    again = parse(request.encode())
    assert "evil" not in again.headers
    assert all(len(value) < 400 for _, value in again.headers)
    assert again.from_.sip_uri.host == "pbx"


# Reading


def test_without_trust_only_from_counts():
    request = invite(("P-Asserted-Identity", "<sip:+4930999@x>"), ("Remote-Party-ID", "<sip:+4930888@x>"))
    assert caller_of(request, trusted=False) == Party(number="030111", name="Otto")


def test_a_trusted_side_asserts_its_caller():
    request = invite(("P-Asserted-Identity", '"Zoë" <sip:+4930999;npi=1@x;user=phone>, <tel:+49-30-999>'))
    assert caller_of(request, trusted=True, trunk="line") == Party(number="+4930999", name="Zoë", trunk="line")


@pytest.mark.parametrize(
    ("header", "value", "number"),
    [
        ("P-Asserted-Identity", "tel:+49-30-99.9", "+4930999"),
        ("P-Asserted-Identity", '"A, B" <tel:(030)-111;phone-context=+49>', "030111"),
        ("P-Preferred-Identity", "<sips:+4930777@x>", "+4930777"),
        ("Remote-Party-ID", '"X" <sip:+4930888@x>;party=calling;privacy=off', "+4930888"),
        ("Remote-Party-ID", '"X" <sip:+4930888@x>;party=called', "030111"),
        ("P-Asserted-Identity", "garbage", "030111"),
        ("P-Asserted-Identity", "<sip:x.example>", "030111"),
        ("P-Asserted-Identity", f"<sip:{'9' * 500}@x>", "030111"),
        ("P-Asserted-Identity", '"unbalanced <sip:1@x>, ', "030111"),
    ],
)
def test_the_best_readable_source_is_taken(header, value, number):
    assert caller_of(invite((header, value)), trusted=True).number == number


def test_a_line_may_be_believed_in_its_own_order():
    request = invite(("P-Asserted-Identity", "<sip:+4930999@x>"))
    assert caller_of(request, trusted=True, sources=("from",)).number == "030111"


def test_the_name_in_from_counts_only_for_the_same_number():
    request = invite(("P-Asserted-Identity", "<sip:+4930999@x>"))
    assert caller_of(request, trusted=True).name == ""
    request = invite(("P-Asserted-Identity", "<sip:030111@x>"))
    assert caller_of(request, trusted=True).name == "Otto"


def test_a_name_that_is_the_number_is_none():
    assert caller_of(invite(from_='"030 / 111" <sip:030111@x>;tag=1'), trusted=False).name == ""


@pytest.mark.parametrize(
    "request_",
    [
        invite(("Privacy", "id"), ("P-Asserted-Identity", "<sip:+4930999@x>")),
        invite(("Privacy", "user; id;critical")),
        invite(from_='"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1'),
        invite(from_="<sip:unknown@provider.example>;tag=1"),
        invite(("Remote-Party-ID", "<sip:+4930888@x>;privacy=full")),
        invite(("P-Asserted-Identity", "<sip:anonymous@x>")),
        invite(from_="<sip:provider.example>;tag=1"),
    ],
)
def test_who_wants_to_be_nobody_is(request_):
    caller = caller_of(request_, trusted=True, trunk="line")
    assert caller == Party(number="anonymous", name="Anonymous", private=True, trunk="line")
    assert caller.shown == "Anonymous"


def test_a_phone_may_ask_to_be_nobody_for_one_call():
    assert is_private(invite(("Privacy", "id")))
    assert not is_private(invite(("Privacy", "none")))


def test_who_is_asserted_without_privacy_is_shown_although_from_is_anonymous():
    request = invite(("P-Asserted-Identity", "<sip:+4930999@x>"), from_="<sip:anonymous@anonymous.invalid>;tag=1")
    assert caller_of(request, trusted=True).number == "+4930999"
    assert caller_of(request, trusted=False).private


def test_marks_that_turn_or_hide_text_are_left_out_of_names():
    request = invite(from_='"\u202eevil\u202c\x07 Änne   B" <sip:1@x>;tag=1')
    assert caller_of(request, trusted=False).name == "evil Änne B"


def test_a_long_name_is_cut():
    assert len(caller_of(invite(from_=f'"{"ä" * 900}" <sip:1@x>;tag=1'), trusted=False).name) == 64


def test_who_passed_the_call_on_is_read_the_first_one_first():
    request = invite(("Diversion", "<sip:+492@x>;reason=no-answer, <tel:+49-1>;reason=unconditional"))
    assert diverted_by(request) == ("+491", "+492")
    request = invite(("History-Info", "<sip:+491@x>;index=1, <sip:+492@x>;index=1.1, <sip:us@x>;index=1.1.1"))
    assert diverted_by(request) == ("+491", "+492")
    assert diverted_by(invite()) == ()
    assert diverted_by(invite(("Diversion", "<<<"))) == ()


def test_a_hundred_diversions_are_not_read_to_the_end():
    many = ", ".join(f"<sip:{number}@x>" for number in range(100, 300))
    assert len(diverted_by(invite(("Diversion", many)))) == 10


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ("sip:+49%2089%20123@x", "+4989123"),
        ("sip:anna.b@x", "anna.b"),
        ("sip:**610@fritz.box", "**610"),
        ("mailto:x@y", ""),
        ("sip:%00@x", ""),
    ],
)
def test_numbers_are_without_what_only_eyes_need(uri, number):
    assert number_of(NameAddr("", uri)) == number
