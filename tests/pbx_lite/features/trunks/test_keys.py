"""Numbers that are one, however they are written or dialled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.config import Trunk
from pbx_lite.features.trunks.keys import Keys
from pbx_lite.features.trunks.numbers import caller_number, key_of

GERMAN = {"country": "49", "area": "89"}


@pytest.mark.parametrize(
    "written",
    [
        "+49 89 123456",
        "+49 (0)89 / 12 34 56",
        "0049-89-123456",
        "(089) 123456",
        "089.123456",
        "123456",
        "\u202a+49\u00a089\u00a0123456\u202c",
        "4989123456" + "7",
        "tel:+4989123456",
        "089 123456 ext. 5",
        "089 123456,,1234#",
    ],
)
def test_ways_of_writing_one_number(written: str) -> None:
    expected = "+49891234567" if written == "49891234567" else "+4989123456"
    assert key_of(written, **GERMAN) == expected


@pytest.mark.parametrize(
    ("written", "country", "area", "key"),
    [
        ("110", "49", "89", "110"),
        ("11833", "49", "89", "11833"),
        ("**620", "49", "89", "**620"),
        ("1234", "49", "", "1234"),
        ("0664 1234567", "43", "", "+436641234567"),
        ("06 12345678", "39", "", "+390612345678"),
        ("(212) 555-0123", "1", "", "+12125550123"),
        ("1-212-555-0123", "1", "", "+12125550123"),
        ("011 49 89 1", "1", "", "+49891"),
        ("", "49", "89", ""),
        ("anonymous", "49", "89", ""),
        ("Anna", "49", "89", ""),
    ],
)
def test_what_is_certain_is_international(written: str, country: str, area: str, key: str) -> None:
    assert key_of(written, country=country, area=area) == key


@given(st.text("+0123456789 ()-/.*#abc", max_size=25))
def test_a_key_is_its_own_key(written: str) -> None:
    key = key_of(written, **GERMAN)
    assert key_of(key, **GERMAN) == key
    assert not key or set(key) <= set("+0123456789*#")


@given(st.from_regex(r"0[1-9][0-9]{5,10}", fullmatch=True))
def test_callers_are_found_by_what_is_written_down(number: str) -> None:
    assert key_of(caller_number(number, country="49"), **GERMAN) == key_of(number, **GERMAN)


def test_what_is_dialled_begins_with_the_prefix_of_a_line() -> None:
    keys = Keys([Trunk(name="a", prefix="0", country="49", area="89"), Trunk(name="b", prefix="09", country="43")])
    assert keys.dialled("0089123456") == keys.dialled("+4989123456") == keys.dialled("0123456") == "+4989123456"
    assert keys.dialled("090043664123") == keys.dialled("090664123") == "+43664123"
    assert keys.dialled("0") == keys.written("0")
    assert keys.written("089 123456") == "+4989123456"
    assert Keys([]).written("089 123456") == Keys([]).dialled("089123456") == "+4989123456"
