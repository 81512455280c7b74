"""What providers want."""

import pytest

from pbx_lite.config import Secret, Trunk
from pbx_lite.features.trunks.profiles import KNOWN_PROFILES, PROFILES, profile_of
from pbx_lite.sip.uri import SipUri


@pytest.mark.parametrize("name", KNOWN_PROFILES)
def test_a_trunk_needs_its_account_and_numbers_alone(name):
    given = "sip:provider.example" if name == "generic" else ""
    trunk = Trunk(name="line", profile=name, registrar=given, username="pbx", password=Secret("p"))
    filled = profile_of(trunk).fill(trunk)
    assert SipUri.parse(filled.registrar).host
    assert filled.auth_username == "pbx"
    assert PROFILES[name].source
    assert PROFILES[name].title


def test_the_file_goes_before_the_row():
    trunk = Trunk(name="box", profile="fritzbox", registrar="sip:192.0.2.1", channels=1, transport="tcp")
    filled = profile_of(trunk).fill(trunk)
    assert (filled.registrar, filled.channels, filled.transport) == ("sip:192.0.2.1", 1, "tcp")


def test_a_fritzbox_has_two_channels_and_star_codes():
    row = PROFILES["fritzbox"]
    assert (row.channels, row.star_codes, row.registrar) == (2, True, "sip:fritz.box")


def test_telekom_needs_no_password_at_ones_own_connection():
    trunk = Trunk(name="line", profile="telekom", username="+49891234")
    assert profile_of(trunk).fill(trunk).auth_username == "anonymous@t-online.de"


def test_a_line_by_address_gets_no_registrar():
    trunk = Trunk(name="line", profile="sipgate", address="udp:192.0.2.1:5060")
    assert profile_of(trunk).fill(trunk).registrar == ""


@pytest.mark.parametrize(
    ("profile", "written", "country"),
    [("swisscom", "49", "41"), ("swisscom", "43", "43"), ("telekom", "49", "49"), ("generic", "43", "43")],
)
def test_a_provider_of_one_country_says_which(profile, written, country):
    trunk = Trunk(name="line", profile=profile, registrar="sip:x.example", country=written)
    assert profile_of(trunk).fill(trunk).country == country


def test_an_unknown_name_is_an_ordinary_line():
    assert profile_of(Trunk(name="line", profile="nobody")).name == "generic"
