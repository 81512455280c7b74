"""Adding a door, and changing one."""

import asyncio
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.pascom.const import SUBENTRY_DOOR
from tests.pascom.conftest import Until
from tests.pascom.fake_pbx import FakePbx, golden_result

FORM = {"name": "Side door", "model": "generic", "rings": ["user:anna"], "opening": "profile", "station": {}}


async def _start(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, SUBENTRY_DOOR), context={"source": SOURCE_USER}
    )


async def _enter(hass: HomeAssistant, result: Any, fields: dict[str, Any] | None = None) -> Any:
    return await hass.config_entries.subentries.async_configure(result["flow_id"], fields)


async def _gone_by(hass: HomeAssistant, result: Any) -> Any:
    """The time for registering is over."""
    flow = hass.config_entries.subentries._progress[result["flow_id"]]
    if (task := flow.async_get_progress_task()) is not None:
        await asyncio.wait([task])
    await hass.async_block_till_done()
    return await _enter(hass, result)


async def test_a_door_is_added_and_awaited(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    until: Until,
) -> None:
    result = await _start(hass, loaded)
    assert result["step_id"] == "user"
    result = await _enter(hass, result, FORM)
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    assert result["description_placeholders"] == {
        "server": "192.0.2.10",
        "port": "5060",
        "transports": "UDP, TCP, TLS",
        "username": "152",
        "password": "golden-password",
        "notes": "",
    }
    assert pbx.commands("door/add") == [{"display_name": "Side door", "model": "generic", "rings": ["anna"]}]
    await hass.async_block_till_done()
    # It has no device before the dialog knows to which subentry it belongs.
    assert hass.states.get("camera.side_door") is None
    await pbx.change_door("side-door", connected=True)
    result = await _gone_by(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await until(lambda: hass.states.get("camera.side_door") is not None)
    subentry = next(iter(loaded.subentries.values()))
    assert subentry.title == "Side door"
    assert subentry.unique_id == "side-door"
    device = loaded.runtime_data.coordinator.devices.of("side-door")
    entities = er.async_entries_for_device(er.async_get(hass), device.id)
    assert {entity.config_subentry_id for entity in entities} == {subentry.subentry_id}
    assert "password" not in str(subentry.data)

    # Deleting it removes the door from the PBX.
    hass.config_entries.async_remove_subentry(loaded, subentry.subentry_id)
    await until(lambda: pbx.commands("door/remove") == [{"door": "side-door"}])
    await until(lambda: hass.states.get("camera.side_door") is None)


async def test_a_closed_dialog_leaves_the_door_with_its_device(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    result = await _enter(hass, await _start(hass, loaded), FORM)
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    hass.config_entries.subentries.async_abort(result["flow_id"])
    await until(lambda: hass.states.get("camera.side_door") is not None)
    assert not loaded.subentries


async def test_a_station_that_does_not_come_may_come_later(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx
) -> None:
    with patch("custom_components.pascom.flows.door.REGISTER_TIMEOUT", 0):
        result = await _enter(hass, await _start(hass, loaded), FORM)
        result = await _gone_by(hass, result)
        assert result["step_id"] == "not_yet"
        assert result["description_placeholders"]["username"] == "152"
        result = await _enter(hass, result, {"next_step_id": "register"})
        result = await _gone_by(hass, result)
        result = await _enter(hass, result, {"next_step_id": "finish"})
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("opening", "step", "fields", "sent"),
    [
        ("dtmf", "dtmf", {"dtmf": "00#", "how": "info"}, [{"dtmf": "00#", "how": "info"}]),
        ("http", "http", {"url": "http://192.0.2.9/open"}, [{"http": "http://192.0.2.9/open", "method": "GET"}]),
        (
            "http",
            "http",
            {"url": "http://192.0.2.9/open", "username": "x", "password": "y"},
            [{"http": "http://192.0.2.9/open", "username": "x", "password": "y", "method": "GET"}],
        ),
        ("event", None, {}, [{"event": True}]),
    ],
)
async def test_how_it_opens_is_asked(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    opening: str,
    step: str | None,
    fields: dict[str, Any],
    sent: list[dict[str, Any]],
) -> None:
    station = {"username": "cam", "password": "cam", "video_url": "rtsp://192.0.2.9/h264"}
    result = await _enter(hass, await _start(hass, loaded), {**FORM, "opening": opening, "station": station})
    if step is not None:
        assert result["step_id"] == step
        result = await _enter(hass, result, fields)
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    added = pbx.commands("door/add")[0]
    assert added["open"] == sent
    assert added["video_url"] == "rtsp://192.0.2.9/h264"
    hass.config_entries.subentries.async_abort(result["flow_id"])


async def test_a_person_of_home_assistant_can_be_rung(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx
) -> None:
    dora = MockUser(name="Dora").add_to_hass(hass)
    form = {**FORM, "rings": ["user:anna", f"ha:{dora.id}", "ha:gone"]}
    result = await _start(hass, loaded)
    result = await _enter(hass, result, {**form, "rings": ["user:anna", f"ha:{dora.id}"]})
    assert pbx.commands("door/add")[0]["rings"] == ["anna", "dora"]
    hass.config_entries.subentries.async_abort(result["flow_id"])


async def test_everyone_can_be_rung(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx) -> None:
    result = await _enter(hass, await _start(hass, loaded), {**FORM, "rings": ["everyone"]})
    assert pbx.commands("door/add")[0]["rings"] == ["*"]
    hass.config_entries.subentries.async_abort(result["flow_id"])


async def test_a_refusal_is_shown_and_may_be_mended(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx) -> None:
    add = pbx.answers["door/add"]
    pbx.refuse("door/add", "invalid", "address: this is not an address")
    result = await _enter(hass, await _start(hass, loaded), FORM)
    assert result["step_id"] == "user"
    assert result["errors"] == {"base": "refused"}
    assert result["description_placeholders"] == {"error": "address: this is not an address"}
    pbx.answers["door/add"] = add
    result = await _enter(hass, result, FORM)
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    hass.config_entries.subentries.async_abort(result["flow_id"])


async def test_without_the_pbx_no_door_is_added(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    pbx.refuse("profile/list", "unavailable", "no")
    assert (await _start(hass, loaded))["reason"] == "not_connected"
    await pbx.stop()
    await until(lambda: not loaded.runtime_data.coordinator.last_update_success)
    assert (await _start(hass, loaded))["reason"] == "not_connected"


@pytest.fixture
async def door(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx) -> str:
    """The id of the subentry of a door that was added here."""
    with patch("custom_components.pascom.flows.door.REGISTER_TIMEOUT", 0):
        result = await _enter(hass, await _start(hass, loaded), FORM)
        result = await _enter(hass, await _gone_by(hass, result), {"next_step_id": "finish"})
    await hass.async_block_till_done()
    return next(iter(loaded.subentries))


async def _change(hass: HomeAssistant, entry: MockConfigEntry, door: str, step: str) -> Any:
    result = await entry.start_subentry_reconfigure_flow(hass, door)
    assert result["type"] is FlowResultType.MENU
    return await _enter(hass, result, {"next_step_id": step})


async def test_name_and_people_can_be_changed(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, door: str
) -> None:
    update = pbx.answers["door/update"]
    pbx.refuse("door/update", "conflict", "no")
    result = await _change(hass, loaded, door, "edit")
    result = await _enter(hass, result, {"name": "Cellar", "rings": ["user:ben"]})
    assert result["errors"] == {"base": "refused"}
    pbx.answers["door/update"] = update
    result = await _enter(hass, result, {"name": "Cellar", "rings": ["user:ben"]})
    assert result["reason"] == "reconfigure_successful"
    assert pbx.commands("door/update")[-1] == {"door": "side-door", "display_name": "Cellar", "rings": ["ben"]}
    assert loaded.subentries[door].title == "Cellar"


async def test_of_two_administrators_the_second_is_shown_what_the_first_made_of_it(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, door: str
) -> None:
    update, rang = pbx.answers["door/update"], {"number": "11", "name": "Ben", "rings": ["ben"]}
    seen = {"display_name": "Side door", "rings": ["anna"], "leave_message": False, "buttons": []}
    pbx.answers["door/settings"] = lambda _: {"settings": seen, "revision": "first"}
    result = await _change(hass, loaded, door, "edit")
    assert _suggested(result, "rings") == ["user:anna"]

    seen = {**seen, "display_name": "Yard", "rings": ["*"], "buttons": [rang]}
    pbx.answers["door/settings"] = lambda _: {"settings": seen, "revision": "second"}
    pbx.refuse("door/update", "conflict", "side-door was changed by somebody else meanwhile.")
    entered = {"name": "Cellar", "rings": ["user:ben"]}
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], entered)
    assert pbx.commands("door/update")[-1]["revision"] == "first"
    assert result["errors"] == {"base": "changed_meanwhile"}
    assert (_suggested(result, "name"), _suggested(result, "rings")) == ("Yard", ["everyone"])
    pbx.answers["door/update"] = update
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], entered)
    assert result["reason"] == "reconfigure_successful"
    assert pbx.commands("door/update")[-1]["revision"] == "second"

    # A button that the panel added stays when the dialog adds another.
    result = await _change(hass, loaded, door, "button")
    button = {"number": "12", "name": "Anna", "rings": ["user:anna"]}
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], button)
    assert result["reason"] == "reconfigure_successful"
    assert [each["number"] for each in pbx.commands("door/update")[-1]["buttons"]] == ["11", "12"]


def _suggested(result: Any, field: str) -> Any:
    return next(each.description["suggested_value"] for each in result["data_schema"].schema if each == field)


async def test_visitors_may_leave_messages(
    hass: HomeAssistant, rooms: None, loaded: MockConfigEntry, pbx: FakePbx, door: str
) -> None:
    result = await _change(hass, loaded, door, "edit")
    await _enter(hass, result, {"name": "Cellar", "leave_message": True})
    assert pbx.commands("door/update")[-1]["leave_message"] is True
    result = await _change(hass, loaded, door, "edit")
    suggested = {str(key): key.description for key in result["data_schema"].schema}
    assert suggested["leave_message"] == {"suggested_value": True}


async def test_bell_buttons_are_added_changed_and_removed_one_by_one(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, door: str
) -> None:
    async def press(**fields: Any) -> Any:
        return await _enter(hass, await _change(hass, loaded, door, "button"), fields)

    def told() -> Any:
        return pbx.commands("door/update")[-1]["buttons"]

    await press(number="11", name="Anna", rings=["user:anna"])
    assert told() == [{"number": "11", "name": "Anna", "rings": ["anna"]}]
    await press(number="12", name="Office")
    assert told()[1] == {"number": "12", "name": "Office"}
    await press(number="11", name="Top floor", rings=["user:anna", "user:ben"])
    assert {"number": "11", "name": "Top floor", "rings": ["anna", "ben"]} in told()
    result = await press(number="12", name="")
    assert result["reason"] == "reconfigure_successful"
    assert [button["number"] for button in told()] == ["11"]
    assert loaded.subentries[door].data["buttons"] == told()
    pbx.refuse("door/update", "invalid", "no")
    result = await press(number="13", name="Garage")
    assert result["errors"] == {"base": "refused"}
    assert result["description_placeholders"]["buttons"] == "Top floor (11)"


async def test_how_it_opens_can_be_changed(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, door: str
) -> None:
    result = await _change(hass, loaded, door, "opening")
    result = await _enter(hass, result, {"opening": "dtmf"})
    result = await _enter(hass, result, {"dtmf": "11#", "how": "rfc4733"})
    assert result["reason"] == "reconfigure_successful"
    assert pbx.commands("door/update") == [{"door": "side-door", "open": [{"dtmf": "11#", "how": "rfc4733"}]}]
    result = await _change(hass, loaded, door, "opening")
    pbx.refuse("door/update", "conflict", "no")
    result = await _enter(hass, result, {"opening": "profile"})
    assert pbx.commands("door/update")[-1] == {"door": "side-door", "open": []}
    assert result["errors"] == {"base": "refused"}


async def test_the_account_can_be_seen_again(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, door: str
) -> None:
    result = await _change(hass, loaded, door, "account")
    assert result["description_placeholders"]["password"] == golden_result("door_account")["account"]["password"]
    assert (await _enter(hass, result, {}))["reason"] == "account_shown"
    pbx.refuse("door/account", "not_found", "There is no door named side-door.")
    assert (await _change(hass, loaded, door, "account"))["reason"] == "refused"


async def test_without_the_pbx_no_door_is_changed(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, door: str, until: Until
) -> None:
    await pbx.stop()
    await until(lambda: not loaded.runtime_data.coordinator.last_update_success)
    result = await loaded.start_subentry_reconfigure_flow(hass, door)
    assert result["reason"] == "not_connected"


async def test_a_door_that_the_pbx_keeps_is_logged(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    door: str,
    until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:
    pbx.refuse("door/remove", "conflict", "side-door comes from the configuration file; change it there.")
    hass.config_entries.async_remove_subentry(loaded, door)
    await until(lambda: "The PBX still has the door side-door" in caplog.text)
