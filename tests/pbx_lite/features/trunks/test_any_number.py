"""Whatever is dialled: nothing raises, and what a provider is sent costs what it was judged by."""

from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.calls.identity import TRUSTED, caller_of, diverted_by, introduce
from pbx_lite.calls.party import Party
from pbx_lite.features.trunks.blocks import OwnNumbers
from pbx_lite.features.trunks.countries import Kind
from pbx_lite.features.trunks.numbers import caller_number, destination, present, told_by_provider
from pbx_lite.sip.message import Request, parse

ANY = st.text(max_size=40)
KEYS = st.text(alphabet="0123456789+*# ()-/", max_size=24)
ABROAD = st.builds("{}{}".format, st.sampled_from(["+", "00", "+49", "0049", "+41", "+43", "+4900", "0"]), KEYS)
COUNTRIES = st.sampled_from(["49", "43", "41", "1", "39", "44", "33"])
AREAS = st.sampled_from(["", "89", "1", "212"])
NEARBY = frozenset({Kind.LOCAL, Kind.NATIONAL})


@given(ANY | KEYS | ABROAD, COUNTRIES, AREAS)
def test_nothing_dialled_raises(dialled, country, area):
    found = destination(dialled, country=country, area=area, star_codes=True)
    if found is not None:
        assert found.number
        assert found.number.isascii()
    caller_number(dialled, country=country)
    told_by_provider(dialled, country=country, area=area)


@given(
    KEYS | ABROAD,
    st.sampled_from(["49", "43", "41"]),
    AREAS,
    st.sampled_from(["e164", "plain", "international", "national"]),
)
def test_what_is_sent_costs_what_it_was_judged_by(dialled, country, area, form):
    found = destination(dialled, country=country, area=area)
    if found is None or not found.global_:
        return
    sent = present(found.number, form, country=country)
    again = destination(f"+{sent}" if form == "plain" else sent, country=country, area=area)
    assert again is not None
    assert again.kind is found.kind or {again.kind, found.kind} <= NEARBY


@given(st.lists(st.tuples(ANY | KEYS, ANY), max_size=5), ANY | KEYS)
def test_no_block_raises(entries, called):
    numbers = OwnNumbers(entries, country="49", area="89")
    match = numbers.find(called)
    assert match is None or match.target
    numbers.number_of([called])


@given(ANY, ANY, st.booleans())
def test_no_name_breaks_a_message(name, number, private):
    told = introduce(Party(number=number, name=name, private=private), "pbx", TRUSTED, diverted=[number], target=number)
    request = Request("INVITE", "sip:1@pbx", [("To", "<sip:1@pbx>"), ("From", told.from_.with_tag("1")), *told.headers])
    again = parse(request.encode())
    assert isinstance(again, Request)
    caller = caller_of(again, trusted=True)
    assert len(caller.number) <= 64
    diverted_by(again)
