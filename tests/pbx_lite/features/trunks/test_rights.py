"""Who may call what, and how much of it."""

import pytest

from pbx_lite.config import Calling, Role
from pbx_lite.features.trunks.countries import Kind
from pbx_lite.features.trunks.numbers import Destination, destination
from pbx_lite.features.trunks.rights import SYSTEM, Limits, refusal

USUAL = Role(name="usual").dial
ALL = ("emergency", "national", "mobile", "international", "premium")


def to(number: str) -> Destination:
    found = destination(number, country="49", area="89")
    assert found is not None
    return found


@pytest.mark.parametrize("number", ["112", "110", "089123456", "123456", "030123456", "0171123456", "116117"])
def test_the_usual_role_calls_within_the_country(number):
    assert refusal(to(number), USUAL, Calling()) == ""


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("0043151551", "numbers abroad are not allowed"),
        ("0900123456", "premium-rate numbers are not allowed"),
        ("11833", "premium-rate numbers are not allowed"),
        ("+252123456", "it is a known destination of telephone fraud"),
    ],
)
def test_the_usual_role_calls_nothing_that_costs(number, why):
    assert refusal(to(number), USUAL, Calling()) == why


@pytest.mark.parametrize("dial", [(), ("national",), ("mobile",)])
def test_an_emergency_number_needs_no_right(dial):
    assert refusal(to("112"), dial, Calling(refused=("+",))) == ""


def test_a_fritzboxs_telephones_need_no_right():
    assert refusal(Destination("**610", Kind.INTERNAL), (), Calling()) == ""


def test_each_class_is_a_right_of_its_own():
    assert refusal(to("0171123456"), ("national",), Calling()) == "mobile phones are not allowed"
    assert refusal(to("030123456"), ("mobile",), Calling()) == "numbers in the country are not allowed"
    assert refusal(to("0043151551"), ALL, Calling()) == ""
    assert refusal(to("0900123456"), ALL, Calling()) == ""


def test_known_destinations_of_fraud_have_to_be_named():
    assert refusal(to("+252123456"), ALL, Calling())
    assert refusal(to("+252123456"), (*ALL, "+252"), Calling()) == ""


def test_a_prefix_allows_what_the_classes_do_not():
    assert refusal(to("0043151551"), (*USUAL, "+431"), Calling()) == ""
    assert refusal(to("0043222222"), (*USUAL, "+431"), Calling())


def test_a_refused_prefix_needs_one_as_long_in_the_role():
    calling = Calling(refused=("+4930",))
    assert refusal(to("030123456"), ALL, calling) == "numbers that begin with +4930 are refused"
    assert refusal(to("030123456"), (*ALL, "+49"), calling)
    assert refusal(to("030123456"), (*ALL, "+4930"), calling) == ""
    assert refusal(to("030123456"), ("+49301",), calling) == ""
    assert refusal(to("089123456"), USUAL, calling) == ""


def test_home_assistant_calls_abroad_but_no_premium_numbers():
    assert refusal(to("0043151551"), SYSTEM, Calling()) == ""
    assert refusal(to("0900123456"), SYSTEM, Calling())
    assert refusal(to("+252123456"), SYSTEM, Calling())


def test_so_many_calls_an_hour_and_no_more():
    limits = Limits(hourly=3, minutes=0)
    for number in range(3):
        assert limits.refusal("anna", 100.0 * number) == ""
        limits.began("anna", str(number), 100.0 * number)
    assert limits.refusal("anna", 300) == "3 calls to the outside were made within an hour"
    assert limits.refusal("ben", 300) == ""
    assert limits.refusal("anna", 3599)
    assert limits.refusal("anna", 3600) == ""


def test_so_many_minutes_an_hour_and_no_more_those_of_a_call_that_goes_on_too():
    limits = Limits(hourly=0, minutes=10)
    limits.began("anna", "a", 0)
    limits.answered("a", 10)
    assert limits.refusal("anna", 600) == ""
    assert limits.refusal("anna", 610) == "10 minutes were spoken to the outside within an hour"
    limits.ended("a", 610)
    assert limits.refusal("anna", 4209)
    assert limits.refusal("anna", 4211) == ""


def test_calls_never_answered_cost_no_minutes():
    limits = Limits(hourly=0, minutes=1)
    limits.began("anna", "a", 0)
    limits.ended("a", 500)
    limits.ended("a", 500)
    limits.answered("a", 500)
    limits.ended("unknown", 500)
    assert limits.refusal("anna", 500) == ""
