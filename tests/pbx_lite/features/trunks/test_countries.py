"""The tables of numbers."""

import pytest

from pbx_lite.features.trunks.countries import (
    AUSTRIA,
    GERMANY,
    SWITZERLAND,
    Kind,
    country_of,
    kind_abroad,
    kind_at_home,
    kind_of_short,
)


@pytest.mark.parametrize("country", [GERMANY, AUSTRIA, SWITZERLAND])
def test_help_is_called_by_its_own_numbers(country):
    assert "112" in country.emergency
    assert all(kind_of_short(number, country) is Kind.EMERGENCY for number in country.emergency)


@pytest.mark.parametrize("country", [GERMANY, AUSTRIA, SWITZERLAND])
def test_every_prefix_is_digits_and_stands_once(country):
    prefixes = [prefix for prefix, _ in country.kinds]
    assert all(prefix.isdigit() for prefix in prefixes)
    assert len(prefixes) == len(set(prefixes))


def test_a_country_without_a_table_dials_the_usual_way():
    country = country_of("999")
    assert (country.trunk, country.international, country.emergency) == ("0", "00", ("112",))
    assert kind_at_home("900123456", country) is Kind.NATIONAL


def test_the_longest_prefix_says_what_it_costs():
    assert kind_abroad("18761") is Kind.FRAUD
    assert kind_abroad("1212") is Kind.INTERNATIONAL
    assert kind_abroad("1900123") is Kind.PREMIUM
    assert kind_abroad("43900123") is Kind.PREMIUM
    assert kind_abroad("4315") is Kind.INTERNATIONAL


@pytest.mark.parametrize(
    ("dialled", "kind"), [("1159", None), ("11611", Kind.NATIONAL), ("118", Kind.PREMIUM), ("", None)]
)
def test_short_numbers_are_whole_or_beginnings(dialled, kind):
    assert kind_of_short(dialled, GERMANY) is kind
