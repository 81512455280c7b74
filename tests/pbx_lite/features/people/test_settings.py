"""Settings as records, as JSON, and as they come from outside."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.config import Secret
from pbx_lite.errors import Invalid, NotFound
from pbx_lite.features.people.settings import (
    FOLLOW_ME,
    FORWARD,
    SET,
    Forwarding,
    Profile,
    Rule,
    Settings,
    changed,
    checked,
    mapping_of,
    parse,
)

AWAY = Profile(name="away", internal=(), external=(Rule(device="mobile", after=5, seconds=20),))
FULL = Settings(
    do_not_disturb=True,
    call_waiting=False,
    forwarding=Forwarding(always="1", busy="2", no_answer="3", seconds=9),
    profile="away",
    profiles=(AWAY,),
    outgoing="kitchen",
    mobile="",
    pin=Secret("1234"),
    last_dialled="102",
)


def test_what_is_kept_comes_back_as_it_was() -> None:
    for settings in (Settings(), FULL):
        assert parse(mapping_of(settings)) == settings
    assert parse({}) == Settings()


def test_the_pin_shows_nowhere() -> None:
    assert "1234" not in repr(FULL)


def test_the_active_profile_is_the_default_one_if_it_is_gone() -> None:
    assert FULL.active == AWAY
    assert Settings(profile="gone").active.name == "default"
    assert FULL.without_profile("away").profile == "default"
    with pytest.raises(NotFound):
        FULL.without_profile("moon")


def test_a_profile_changes_where_something_is_given() -> None:
    after = changed(AWAY, checked(FOLLOW_ME, {"team": [{"device": "phone"}], "external": None}))
    assert after == Profile(name="away", internal=(), external=None, team=(Rule(device="phone"),))


@pytest.mark.parametrize(
    ("schema", "fields"),
    [
        (SET, {"pin": "12ab"}),
        (SET, {"profile": "x" * 41}),
        (SET, {"profile": " "}),
        (SET, {"mobile": "home"}),
        (SET, {"call_waiting": 1}),
        (FORWARD, {"seconds": 0}),
        (FORWARD, {"busy": None}),
        (FOLLOW_ME, {"internal": [{"after": 1}]}),
        (FOLLOW_ME, {"internal": [{"device": "phone", "seconds": 0}]}),
    ],
)
def test_nonsense_is_invalid(schema: dict[Any, Any], fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        checked(schema, fields)


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=12)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)
KEYS = sorted({str(key) for schema in (SET, FOLLOW_ME, FORWARD) for key in schema})


@given(st.sampled_from([SET, FOLLOW_ME, FORWARD]), st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4))
def test_whatever_comes_is_settings_or_invalid(schema: dict[Any, Any], fields: dict[str, Any]) -> None:
    try:
        good = checked(schema, fields)
    except Invalid:
        return
    assert good.keys() == fields.keys()
