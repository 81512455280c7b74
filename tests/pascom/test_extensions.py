"""People's extensions and the lines to the outside, as Home Assistant shows them."""

from functools import partial
from typing import Any

import pytest
from homeassistant.components.select import DOMAIN as SELECT
from homeassistant.components.select import SERVICE_SELECT_OPTION
from homeassistant.components.switch import DOMAIN as SWITCH
from homeassistant.components.switch import SERVICE_TURN_OFF, SERVICE_TURN_ON
from homeassistant.const import ATTR_ENTITY_ID, STATE_UNAVAILABLE
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from .conftest import Until, state_of
from .fake_pbx import FakePbx, golden

ANNA = "sensor.anna_berger_call"
BEN = "sensor.ben_berger_call"
CARLA = "sensor.carla_call"
CARLAS_CALLS = "event.carla_calls"


def ringing(number: str = "+4930123456", name: str = "Uncle Otto", **more: Any) -> dict[str, Any]:
    """A call from outside that rings at Carla's."""
    return {
        "id": "c7",
        "state": "ringing",
        "direction": "inbound",
        "trunk": "provider",
        "number": "+498912341",
        "started": "2026-11-21T10:00:00.000+00:00",
        "answered": None,
        "parties": [
            {"number": number, "name": name, "user": "", "role": "caller", "state": "up", "external": True},
            {"number": "103", "name": "Carla", "user": "carla", "role": "callee", "state": "ringing"},
        ],
        **more,
    }


async def test_a_person_of_several_calls_shows_the_one_they_speak_in(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    anna = state_of(hass, ANNA)
    assert anna.state == "in_call"
    assert anna.attributes["number"] == "102"
    assert anna.attributes["name"] == "Ben Berger"
    assert anna.attributes["direction"] == "outgoing"
    assert anna.attributes["call"] == "c2"
    assert anna.attributes["since"] == "2026-11-21T09:58:42+00:00"
    assert state_of(hass, BEN).attributes["direction"] == "incoming"
    carla = state_of(hass, CARLA)
    assert carla.state == "ringing"
    assert carla.attributes["number"] == "anonymous"
    assert carla.attributes["trunk"] == "provider"


async def test_a_call_is_followed_from_the_first_ring_to_the_end(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    await pbx.change_call("c3", None)
    await until(lambda: state_of(hass, CARLA).state == "idle")
    assert "number" not in state_of(hass, CARLA).attributes

    state = ringing()
    await pbx.change_call("c7", state)
    await until(lambda: state_of(hass, CARLA).state == "ringing")
    for party in state["parties"]:
        party["state"] = "up"
    await pbx.change_call("c7", {**state, "state": "up", "answered": "2026-11-21T10:00:05.000+00:00"})
    await pbx.change_user("carla", in_call=True)
    await until(lambda: state_of(hass, CARLA).state == "in_call")
    assert state_of(hass, CARLA).attributes["name"] == "Uncle Otto"
    await until(lambda: state_of(hass, "binary_sensor.carla_in_call").state == "on")
    state["parties"][0]["state"] = "held"
    state["parties"][1]["state"] = "holding"
    await pbx.change_call("c7", {**state, "state": "up"})
    await until(lambda: state_of(hass, CARLA).state == "on_hold")
    await pbx.change_call("c7", None)
    await until(lambda: state_of(hass, CARLA).state == "idle")


async def test_who_dials_sees_whom(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until) -> None:
    await pbx.change_call("c3", None)
    caller = {"number": "103", "name": "Carla", "user": "carla", "role": "caller", "state": "up"}
    state = {**ringing(), "state": "dialling", "direction": "outbound", "number": "+4930555", "parties": [caller]}
    await pbx.change_call("c7", state)
    await until(lambda: state_of(hass, CARLA).state == "dialling")
    assert state_of(hass, CARLA).attributes["number"] == "+4930555"


@pytest.fixture
def heard(hass: HomeAssistant) -> list[dict[str, Any]]:
    """What Carla's event entity told, one after the other."""
    told: list[dict[str, Any]] = []

    @callback  # else threads hear it, in any order
    def hear(event: Any) -> None:
        if event.data["entity_id"] == CARLAS_CALLS and (state := event.data["new_state"]).attributes.get("event_type"):
            shown = {key: value for key, value in state.attributes.items() if key not in {"event_types", "icon"}}
            told.append({key: value for key, value in shown.items() if key != "friendly_name"})

    hass.bus.async_listen("state_changed", hear)
    return told


async def test_the_event_tells_what_happened_and_with_whom(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until, heard: list[dict[str, Any]]
) -> None:
    otto = {"caller": "+4930123456", "caller_name": "Uncle Otto", "caller_user": ""}
    line = {"number": "+498912341", "callee_name": "Carla", "direction": "inbound", "trunk": "provider"}
    await pbx.tell("call_started", call="c7", **otto, **line)
    await pbx.tell("call_ringing", call="c7", user="carla", device="phone")
    await pbx.change_call("c7", ringing())
    await pbx.tell("call_answered", call="c7", by="carla", number="103", device="phone")
    await pbx.tell("call_dtmf", call="c7", digit="5", user="", number="+4930123456")
    await pbx.change_call("c7", None)
    await pbx.tell("call_ended", call="c7", cause=16, reason="Normal call clearing", seconds=61.4, answered=True)
    await until(lambda: bool(heard) and heard[-1]["event_type"] == "ended")
    common = {
        "call": "c7",
        "number": "+4930123456",
        "name": "Uncle Otto",
        "direction": "incoming",
        "trunk": "provider",
    }
    assert heard == [
        {"event_type": "incoming", **common},
        {"event_type": "answered", **common, "device": "phone"},
        {"event_type": "dtmf", **common, "digit": "5", "by": "+4930123456"},
        {"event_type": "ended", **common, "seconds": 61, "reason": "Normal call clearing"},
    ]


async def test_a_missed_call_is_told_and_does_not_end(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until, heard: list[dict[str, Any]]
) -> None:
    await pbx.tell("call_missed", call="c3", user="carla", caller="anonymous", caller_name="Anonymous")
    await pbx.tell("call_ended", call="c3", cause=16, reason="", seconds=0.0, answered=False)
    await pbx.tell("call_ringing", call="c3", user="carla", device="")
    await pbx.change_user("carla", registered=True)
    await until(lambda: state_of(hass, "binary_sensor.carla_registered").state == "on")
    assert [told["event_type"] for told in heard] == ["missed"]
    assert heard[0]["number"] == "anonymous"


async def test_a_call_that_began_while_the_pbx_was_away_is_told(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until, heard: list[dict[str, Any]]
) -> None:
    await pbx.stop()
    await until(lambda: state_of(hass, CARLA).state == STATE_UNAVAILABLE)
    pbx.snapshot["calls"] = [ringing()]
    await pbx.start()
    await until(lambda: bool(heard))
    assert [told["event_type"] for told in heard] == ["incoming"]
    assert state_of(hass, CARLA).attributes["name"] == "Uncle Otto"
    assert state_of(hass, ANNA).state == "idle"


@pytest.mark.parametrize(("service", "on"), [(SERVICE_TURN_ON, True), (SERVICE_TURN_OFF, False)])
async def test_do_not_disturb_is_switched_by_who_asks(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    until: Until,
    hass_admin_user: MockUser,
    service: str,
    on: bool,
) -> None:
    pbx.user("anna").update(ha_user=hass_admin_user.id, do_not_disturb=not on)
    await pbx.change_directory()
    await hass.async_block_till_done()
    target = {ATTR_ENTITY_ID: "switch.anna_berger_do_not_disturb"}
    await hass.services.async_call(SWITCH, service, target, blocking=True, context=Context(user_id=hass_admin_user.id))
    await until(lambda: state_of(hass, "switch.anna_berger_do_not_disturb").state == ("on" if on else "off"))
    actor = {"ha_user": hass_admin_user.id, "name": "Mock User", "admin": True}
    assert pbx.commands("user/set") == [{"user": "anna", "do_not_disturb": on, "as": actor}]


async def test_a_refused_switch_says_why(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx) -> None:
    pbx.refuse("user/set", "forbidden", "Ben Berger may not do this for Anna Berger.")
    with pytest.raises(ServiceValidationError, match="may not do this"):
        await hass.services.async_call(
            SWITCH, SERVICE_TURN_ON, {ATTR_ENTITY_ID: "switch.anna_berger_do_not_disturb"}, blocking=True
        )


async def test_the_profile_is_chosen_where_there_are_several(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until, entity_registry: er.EntityRegistry
) -> None:
    follow_me = "select.anna_berger_follow_me"
    assert state_of(hass, follow_me).state == "home"
    assert state_of(hass, follow_me).attributes["options"] == ["home", "away"]
    await hass.services.async_call(
        SELECT, SERVICE_SELECT_OPTION, {ATTR_ENTITY_ID: follow_me, "option": "away"}, blocking=True
    )
    await until(lambda: state_of(hass, follow_me).state == "away")
    assert pbx.commands("user/set") == [{"user": "anna", "profile": "away"}]
    pbx.refuse("user/set", "unavailable", "Not now.")
    with pytest.raises(HomeAssistantError, match="Not now"):
        await hass.services.async_call(
            SELECT, SERVICE_SELECT_OPTION, {ATTR_ENTITY_ID: follow_me, "option": "home"}, blocking=True
        )
    ben = entity_registry.async_get("select.ben_berger_follow_me")
    assert ben is not None
    assert ben.disabled_by is er.RegistryEntryDisabler.INTEGRATION


async def test_the_availability_is_chosen_and_shown_as_others_see_it(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    availability = "select.anna_berger_availability"
    assert state_of(hass, availability).state == "available"
    for option in ("busy", "do_not_disturb", "available"):
        target = {ATTR_ENTITY_ID: availability, "option": option}
        await hass.services.async_call(SELECT, SERVICE_SELECT_OPTION, target, blocking=True)
        await until(partial(_is, hass, availability, option))
    assert pbx.commands("user/set") == [
        {"user": "anna", "do_not_disturb": False, "availability": "busy"},
        {"user": "anna", "do_not_disturb": True},
        {"user": "anna", "do_not_disturb": False, "availability": "available", "idle": False},
    ]
    await pbx.change_user("anna", idle=True)
    await until(lambda: state_of(hass, availability).state == "away")


async def test_a_line_says_why_it_is_down_and_how_busy_it_is(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    fritzbox = state_of(hass, "binary_sensor.fritz_box_registered")
    assert fritzbox.state == "off"
    assert fritzbox.attributes["reason"] == "The FRITZ!Box refuses the password (403 Forbidden)."
    assert state_of(hass, "sensor.provider_calls").state == "2"
    assert state_of(hass, "sensor.provider_calls").attributes["channels"] == 4
    await pbx.change_trunk("fritzbox", state="registered", reason="", in_use=1)
    await until(lambda: state_of(hass, "binary_sensor.fritz_box_registered").state == "on")
    assert state_of(hass, "sensor.fritz_box_calls").state == "1"


@pytest.mark.parametrize("kind", ["call_started", "call_ringing", "call_answered", "call_ended", "call_dtmf"])
async def test_every_golden_event_of_a_call_is_understood(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until, kind: str
) -> None:
    assert any(frame["type"] == "event" for frame in golden(f"event_{kind}"))
    await pbx.tell_golden(f"event_{kind}")
    await pbx.tell_golden("event_user_changed")
    await pbx.tell_golden("event_call_changed")
    await pbx.change_trunk("provider", in_use=3)
    await until(lambda: state_of(hass, "sensor.provider_calls").state == "3")


def _is(hass: HomeAssistant, entity: str, state: str) -> bool:
    return state_of(hass, entity).state == state
