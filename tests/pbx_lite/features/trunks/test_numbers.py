"""What people dial and what providers want."""

import pytest

from pbx_lite.features.trunks.countries import Kind
from pbx_lite.features.trunks.numbers import caller_number, destination, present, told_by_provider


@pytest.mark.parametrize(
    ("dialled", "number", "kind"),
    [
        ("110", "110", Kind.EMERGENCY),
        ("112", "112", Kind.EMERGENCY),
        ("115", "115", Kind.NATIONAL),
        ("116117", "116117", Kind.NATIONAL),
        ("11833", "11833", Kind.PREMIUM),
        ("01013030123456", "01013030123456", Kind.PREMIUM),
        ("1234567", "+49891234567", Kind.LOCAL),
        ("089 / 12 34-567", "+49891234567", Kind.LOCAL),
        ("030 123456", "+4930123456", Kind.NATIONAL),
        ("+49 (0)30 123456", "+4930123456", Kind.NATIONAL),
        ("0049 30 123456", "+4930123456", Kind.NATIONAL),
        ("0171 1234567", "+491711234567", Kind.MOBILE),
        ("0800 1234567", "+498001234567", Kind.NATIONAL),
        ("0906 12345", "+4990612345", Kind.NATIONAL),
        ("0900 1234567", "+499001234567", Kind.PREMIUM),
        ("0137 1234567", "+491371234567", Kind.PREMIUM),
        ("0180 5123456", "+491805123456", Kind.PREMIUM),
        ("+43 1 51551", "+43151551", Kind.INTERNATIONAL),
        ("0043 900 123456", "+43900123456", Kind.PREMIUM),
        ("00 870 1234567", "+8701234567", Kind.PREMIUM),
        ("+88216 123456", "+88216123456", Kind.PREMIUM),
        ("001 876 1234567", "+18761234567", Kind.FRAUD),
        ("001 212 1234567", "+12121234567", Kind.INTERNATIONAL),
        ("+252 1234567", "+2521234567", Kind.FRAUD),
        ("+800 12345678", "+80012345678", Kind.INTERNATIONAL),
    ],
)
def test_in_munich(dialled, number, kind):
    found = destination(dialled, country="49", area="89")
    assert found is not None
    assert (found.number, found.kind) == (number, kind)


@pytest.mark.parametrize(
    "dialled", ["+49 0900 1234567", "0049 0900 1234567", "+4900900 1234567", "00 49 (0) 900 1234567"]
)
def test_a_zero_too_many_hides_no_premium_number(dialled):
    found = destination(dialled, country="49", area="89")
    assert found is not None
    assert (found.number, found.kind) == ("+499001234567", Kind.PREMIUM)


@pytest.mark.parametrize(
    "dialled",
    ["", "1", "anna", "*21*0900#", "*121#0900123456", "#31#112", "00", "000900", "+0900", "+", "+12", "٠٩٠٠١٢٣",
     "9" * 21, "+" + "9" * 16, "0" + "8" * 18, "089;ext=1", "089,,112", "**610"],
)  # fmt: skip
def test_what_is_no_number(dialled):
    assert destination(dialled, country="49", area="89") is None


@pytest.mark.parametrize("dialled", ["**1", "**2", "**9", "**50", "**600", "**610", "**629"])
def test_the_telephones_of_a_fritzbox_have_star_codes(dialled):
    found = destination(dialled, country="49", star_codes=True)
    assert found is not None
    assert (found.number, found.kind) == (dialled, Kind.INTERNAL)


@pytest.mark.parametrize("dialled", ["**701", "*121#0900123456", "**1**", "#**610", "*#21#", "**6100900"])
def test_star_codes_that_lead_outside_or_set_something_are_none(dialled):
    assert destination(dialled, country="49", star_codes=True) is None


def test_without_an_area_a_local_number_stays_as_it_is():
    found = destination("1234567", country="49")
    assert found is not None
    assert (found.number, found.kind, found.global_) == ("1234567", Kind.LOCAL, False)


@pytest.mark.parametrize(
    ("country", "dialled", "number", "kind"),
    [
        ("43", "133", "133", Kind.EMERGENCY),
        ("43", "0664 1234567", "+436641234567", Kind.MOBILE),
        ("43", "0662 123456", "+43662123456", Kind.NATIONAL),
        ("43", "0900 123456", "+43900123456", Kind.PREMIUM),
        ("43", "118877", "118877", Kind.PREMIUM),
        ("41", "117", "117", Kind.EMERGENCY),
        ("41", "118", "118", Kind.EMERGENCY),
        ("41", "079 1234567", "+41791234567", Kind.MOBILE),
        ("41", "0900 123456", "+41900123456", Kind.PREMIUM),
        ("41", "1811", "1811", Kind.PREMIUM),
        ("41", "044 1234567", "+41441234567", Kind.NATIONAL),
        ("41", "0049 900 1234567", "+499001234567", Kind.PREMIUM),
        ("33", "01 42 68 53 00", "+33142685300", Kind.NATIONAL),
        ("33", "112", "112", Kind.EMERGENCY),
        ("39", "06 1234567", "+39061234567", Kind.NATIONAL),
        ("1", "1 212 1234567", "+12121234567", Kind.NATIONAL),
        ("1", "1 900 1234567", "+19001234567", Kind.PREMIUM),
        ("1", "1 876 1234567", "+18761234567", Kind.FRAUD),
        ("1", "011 49 30 123456", "+4930123456", Kind.INTERNATIONAL),
    ],
)
def test_in_other_countries(country, dialled, number, kind):
    found = destination(dialled, country=country)
    assert found is not None
    assert (found.number, found.kind) == (number, kind)


@pytest.mark.parametrize(
    ("form", "at_home", "abroad"),
    [
        ("e164", "+4930123", "+43151551"),
        ("plain", "4930123", "43151551"),
        ("international", "004930123", "0043151551"),
        ("national", "030123", "0043151551"),
    ],
)
def test_providers_want_numbers_in_different_forms(form, at_home, abroad):
    assert present("+4930123", form, country="49") == at_home
    assert present("+43151551", form, country="49") == abroad
    assert present("112", form, country="49") == "112"


@pytest.mark.parametrize("told", ["+49891234", "49891234", "0049891234", "0891234", "089-1234"])
def test_whatever_form_a_provider_tells_our_number_in_it_is_found(told):
    assert "+49891234" in told_by_provider(told, country="49")


def test_a_name_of_an_account_is_itself():
    assert told_by_provider("pbx", country="49") == ["pbx"]


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ("0301234567", "+49301234567"),
        ("0043151551", "+43151551"),
        ("493012345678", "+493012345678"),
        ("+4930123", "+4930123"),
        ("12345", "12345"),
        ("**610", "**610"),
        ("anna", "anna"),
    ],
)
def test_a_callers_number_is_told_so_that_it_can_be_called_back(told, known):
    assert caller_number(told, country="49") == known
