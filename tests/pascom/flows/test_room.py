"""Conference rooms in the options of an administrator."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.pascom.flows.room import SWITCHED
from tests.pascom.conftest import Until
from tests.pascom.fake_pbx import FakePbx
from tests.pascom.flows.test_options import _enter as enter
from tests.pascom.flows.test_options import _open as open_step

OFF = dict.fromkeys(SWITCHED, False)


@pytest.fixture(autouse=True)
def pins(pbx: FakePbx, rooms: None) -> None:
    pbx.answers["room/pin"] = lambda _: {"pin": "482913", "admin_pin": ""}

    def add(frame: dict[str, Any]) -> Any:
        room = {**pbx.room("office"), "name": "garage", "display_name": frame["display_name"], "extension": "802"}
        return {"room": room, "pin": "482913", "admin_pin": ""}

    pbx.answers["room/add"] = add
    pbx.answers["room/update"] = lambda frame: {"room": {**pbx.room("office"), "has_pin": True}}


async def _room(hass: HomeAssistant, entry: MockConfigEntry, room: str, step: str) -> Any:
    result = await enter(hass, await open_step(hass, entry, "rooms"), room=f"room:{room}")
    assert result["type"] is FlowResultType.MENU
    return await enter(hass, result, next_step_id=step)


async def test_a_room_is_made_and_its_pin_shown(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx) -> None:
    result = await enter(hass, await open_step(hass, loaded, "rooms"), room="new")
    assert result["step_id"] == "room_new"
    more = {**OFF, "wait_marked": True, "max_members": 5}
    result = await enter(hass, result, display_name=" Garage ", free_entry=False, leaders=True, options=more)
    assert result["step_id"] == "room_pins"
    assert result["description_placeholders"] == {
        "name": "Garage",
        "extension": "802",
        "pin": "482913",
        "admin_pin": "-",
    }
    [added] = pbx.commands("room/add")
    leader = added.pop("admin_pin")
    assert len(leader) == 6
    assert leader.isdigit()
    assert added == {"display_name": "Garage", **more}
    result = await enter(hass, result)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "account_shown")


async def test_a_room_that_is_refused_says_why(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx) -> None:
    pbx.refuse("room/add", "conflict", "The extension 101 is Anna Berger's.")
    result = await enter(hass, await open_step(hass, loaded, "rooms"), room="new")
    entered = {"display_name": "Garage", "extension": "101", "free_entry": True, "leaders": False}
    result = await enter(hass, result, **entered, options={**OFF, "max_members": 0})
    assert result["errors"] == {"base": "refused"}
    assert result["description_placeholders"]["error"].startswith("The extension 101")
    assert pbx.commands("room/add")[0]["pin"] == ""


async def test_a_room_is_changed(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx) -> None:
    result = await _room(hass, loaded, "office", "room_edit")
    suggested = {str(key): key.description for key in result["data_schema"].schema}
    assert suggested["display_name"] == {"suggested_value": "Office"}
    entered = {"display_name": "Office", "extension": "805", "leaders": False, "options": {**OFF, "max_members": 0}}
    result = await enter(hass, result, **entered, free_entry=True)
    assert result["step_id"] == "room_pins"
    assert pbx.commands("room/update") == [
        {"room": "office", "display_name": "Office", "extension": "805", "pin": "", **OFF, "max_members": 0}
    ]
    pbx.refuse("room/update", "invalid", "extension: digits")
    result = await enter(hass, await _room(hass, loaded, "office", "room_edit"), **entered, free_entry=False)
    assert result["errors"] == {"base": "refused"}
    assert "pin" not in pbx.commands("room/update")[1]


async def test_a_room_gets_and_loses_pins(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    await pbx.change_room("office", has_pin=False, has_admin_pin=True)
    await until(lambda: loaded.runtime_data.coordinator.data.rooms["office"].has_admin_pin)
    result = await _room(hass, loaded, "office", "room_edit")
    more = {"free_entry": False, "leaders": False, "options": {**OFF, "max_members": 0}}
    await enter(hass, result, display_name="Office", **more)
    [changed] = pbx.commands("room/update")
    assert (changed["pin"], changed["admin_pin"]) == (None, "")


async def test_new_pins_are_made_for_those_that_there_are(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    await pbx.change_room("office", has_admin_pin=True)
    await until(lambda: loaded.runtime_data.coordinator.data.rooms["office"].has_admin_pin)
    result = await _room(hass, loaded, "office", "room_new_pins")
    assert result["step_id"] == "room_pins"
    [changed] = pbx.commands("room/update")
    assert changed["pin"] is None
    assert len(changed["admin_pin"]) == 6
    pbx.refuse("room/update", "unavailable", "The disk is full.")
    result = await _room(hass, loaded, "office", "room_new_pins")
    assert result["type"] is FlowResultType.ABORT
    assert result["description_placeholders"] == {"error": "The disk is full."}


async def test_a_room_of_the_file_shows_its_pin_alone(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx
) -> None:
    result = await enter(hass, await open_step(hass, loaded, "rooms"), room="room:family")
    assert result["step_id"] == "room_pins"
    pbx.refuse("room/pin", "unavailable", "Not now.")
    result = await enter(hass, await open_step(hass, loaded, "rooms"), room="room:family")
    assert result["reason"] == "refused"


async def test_a_room_is_removed(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx) -> None:
    result = await enter(hass, await _room(hass, loaded, "office", "room_remove"))
    assert result["reason"] == "room_removed"
    assert pbx.commands("room/remove") == [{"room": "office"}]
    pbx.refuse("room/remove", "conflict", "The configuration file has this room.")
    result = await enter(hass, await _room(hass, loaded, "office", "room_remove"))
    assert result["errors"] == {"base": "refused"}


async def test_a_role_has_rooms(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx) -> None:
    role = {"name": "family", "see": ["*"], "open": [], "dial": ["emergency"], "rooms": ["*"], "provisioned": False}
    pbx.answers["role/list"] = lambda _: {"roles": [role]}
    result = await enter(hass, await open_step(hass, loaded, "role"), role="family")
    suggested = {str(key): key.description for key in result["data_schema"].schema}
    assert suggested["rooms"] == {"suggested_value": ["all"]}
    await enter(hass, result, see=["all"], rooms=["room:family"])
    assert pbx.commands("role/save") == [
        {"role": "family", "see": ["*"], "open": [], "dial": ["emergency"], "rooms": ["family"]}
    ]
