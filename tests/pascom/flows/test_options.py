"""Who is who: the options of an administrator."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.pascom.const import CONF_AUTO_LINK, CONF_NEW_ROLES, CONF_NO_ACCESS
from tests.pascom.conftest import Until
from tests.pascom.fake_pbx import FakePbx


@pytest.fixture
async def dora(hass: HomeAssistant) -> MockUser:
    return MockUser(name="Dora").add_to_hass(hass)


async def _open(hass: HomeAssistant, entry: MockConfigEntry, step: str) -> Any:
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert result["type"] is FlowResultType.MENU
    return await _enter(hass, result, next_step_id=step)


async def _enter(hass: HomeAssistant, result: Any, **fields: Any) -> Any:
    return await hass.config_entries.options.async_configure(result["flow_id"], fields)


async def test_a_person_becomes_an_existing_user(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, dora: MockUser
) -> None:
    result = await _open(hass, loaded, "people")
    result = await _enter(hass, result, person=dora.id)
    assert result["step_id"] == "person"
    assert result["description_placeholders"]["name"] == "Dora"
    result = await _enter(hass, result, pbx_user="user:carla", roles=["guests"])
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert pbx.commands("user/link") == [{"ha_user": dora.id, "name": "Dora", "user": "carla"}]
    assert pbx.commands("user/update") == [{"user": "carla", "roles": ["guests"]}]
    assert loaded.options[CONF_NO_ACCESS] == []


async def test_a_person_becomes_a_new_user(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, dora: MockUser
) -> None:
    result = await _enter(hass, await _open(hass, loaded, "people"), person=dora.id)
    await _enter(hass, result, pbx_user="new", roles=["family"])
    assert pbx.commands("user/link") == [{"ha_user": dora.id, "name": "Dora", "user": None, "roles": ["family"]}]
    assert pbx.commands("user/update") == []


async def test_a_person_loses_access_and_does_not_regain_it_by_themselves(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, dora: MockUser, until: Until
) -> None:
    pbx.user("carla")["ha_user"] = dora.id
    await pbx.change_directory()
    await until(lambda: loaded.runtime_data.coordinator.data.user_of(dora.id) is not None)
    result = await _enter(hass, await _open(hass, loaded, "people"), person=dora.id)
    await _enter(hass, result, pbx_user="none")
    assert pbx.commands("user/unlink") == [{"ha_user": dora.id}]
    assert pbx.commands("user/link") == []
    assert loaded.options[CONF_NO_ACCESS] == [dora.id]
    await until(lambda: loaded.runtime_data.coordinator.data.user_of(dora.id) is None)
    await loaded.runtime_data.people.actor(dora)
    assert pbx.commands("user/link") == []


async def test_a_link_moves_to_another_user(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, dora: MockUser, until: Until
) -> None:
    pbx.user("carla")["ha_user"] = dora.id
    pbx.user("ben")["ha_user"] = None
    await pbx.change_directory()
    await until(lambda: loaded.runtime_data.coordinator.data.user_of(dora.id) is not None)
    result = await _enter(hass, await _open(hass, loaded, "people"), person=dora.id)
    await _enter(hass, result, pbx_user="user:ben")
    assert pbx.commands("user/unlink") == [{"ha_user": dora.id}]
    assert pbx.commands("user/link") == [{"ha_user": dora.id, "name": "Dora", "user": "ben"}]


async def test_a_refused_link_says_why(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, dora: MockUser
) -> None:
    pbx.refuse("user/link", "conflict", "Anna Berger is linked to another Home Assistant user.")
    result = await _enter(hass, await _open(hass, loaded, "people"), person=dora.id)
    result = await _enter(hass, result, pbx_user="new")
    assert result["errors"] == {"base": "refused"}
    assert result["description_placeholders"]["error"].startswith("Anna Berger")


async def test_who_comes_new_can_be_kept_out(hass: HomeAssistant, loaded: MockConfigEntry, dora: MockUser) -> None:
    result = await _open(hass, loaded, "newcomers")
    await _enter(hass, result, auto_link=False, new_roles=["guests"])
    assert loaded.options[CONF_AUTO_LINK] is False
    assert loaded.options[CONF_NEW_ROLES] == ["guests"]


async def test_a_role_is_made_and_changed(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx) -> None:
    pbx.answers["role/list"] = lambda _: {
        "roles": [{"name": "keyholders", "see": ["*"], "open": ["front"], "provisioned": False}]
    }
    result = await _enter(hass, await _open(hass, loaded, "role"), role="keyholders")
    assert result["step_id"] == "rights"
    result = await _enter(hass, result, see=["all"], open=["door:front", "door:garden"])
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert pbx.commands("role/save") == [{"role": "keyholders", "see": ["*"], "open": ["front", "garden"]}]
    pbx.refuse("role/save", "invalid", "a name has letters")
    result = await _enter(hass, await _open(hass, loaded, "role"), role="?")
    result = await _enter(hass, result)
    assert result["errors"] == {"base": "refused"}


async def test_without_the_pbx_there_are_no_options(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    pbx.refuse("role/list", "unavailable", "no")
    result = await _open(hass, loaded, "role")
    assert result["step_id"] == "role"
    await pbx.stop()
    await until(lambda: not loaded.runtime_data.coordinator.last_update_success)
    result = await hass.config_entries.options.async_init(loaded.entry_id)
    assert result["reason"] == "not_connected"


async def test_a_persons_account_is_shown(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx) -> None:
    result = await _enter(hass, await _open(hass, loaded, "phones"), user="user:anna")
    assert result["type"] is FlowResultType.MENU
    result = await _enter(hass, result, next_step_id="phone_account")
    assert result["description_placeholders"]["username"] == "101"
    assert result["description_placeholders"]["password"] == "golden-anna"
    assert pbx.commands("user/account") == [{"user": "anna"}]
    result = await _enter(hass, result)
    assert result["type"] is FlowResultType.ABORT
    pbx.refuse("user/account", "forbidden", "No.")
    result = await _enter(hass, await _open(hass, loaded, "phones"), user="user:anna")
    assert (await _enter(hass, result, next_step_id="phone_account"))["reason"] == "refused"


async def test_a_phone_gets_an_address_to_configure_itself(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    answer = pbx.answers["provision/link"]
    devices = pbx.user("anna")["devices"]
    devices.append({**devices[0], "name": "studio", "account": "anna-studio"})
    await pbx.change_directory()
    await until(lambda: len(loaded.runtime_data.coordinator.data.users["anna"].devices) == 3)
    result = await _enter(hass, await _open(hass, loaded, "phones"), user="user:anna")
    result = await _enter(hass, result, next_step_id="phone_link")
    pbx.refuse("provision/link", "unavailable", "The PBX has no certificate.")
    result = await _enter(hass, result, model="snom", device="first")
    assert result["errors"] == {"base": "refused"}
    assert result["description_placeholders"]["error"] == "The PBX has no certificate."
    pbx.answers["provision/link"] = answer
    result = await _enter(hass, result, model="snom", device="device:studio")
    assert pbx.commands("provision/link")[-1] == {"user": "anna", "device": "studio", "model": "snom"}
    url = "https://192.0.2.10:8765/provision/golden-one-time/snom.cfg"
    assert result["description_placeholders"]["url"] == url
    assert result["data_schema"].schema["qr"].config["data"] == url
    assert (await _enter(hass, result))["type"] is FlowResultType.ABORT


async def _phone(hass: HomeAssistant, entry: MockConfigEntry, page: str) -> Any:
    result = await _enter(hass, await _open(hass, entry, "phones"), user="user:anna")
    return await _enter(hass, result, next_step_id=page)


async def test_a_person_gets_one_more_phone_and_loses_it(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    assert (await _phone(hass, loaded, "phone_remove"))["reason"] == "no_further_phone"
    add = pbx.answers["user/add_device"]
    pbx.refuse("user/add_device", "conflict", "Anna Berger has a device named panel already.")
    result = await _enter(hass, await _phone(hass, loaded, "phone_new"), device=" panel ")
    assert result["description_placeholders"]["error"] == "Anna Berger has a device named panel already."
    pbx.answers["user/add_device"] = add
    result = await _enter(hass, result, device="panel")
    assert result["step_id"] == "phone_account"
    assert result["description_placeholders"]["username"] == "101-panel"
    assert pbx.commands("user/add_device")[-1] == {"user": "anna", "device": "panel"}
    assert pbx.commands("user/account") == []

    pbx.user("anna")["devices"].append({"name": "panel", "account": "101-panel", "kind": "phone", "registered": False})
    await pbx.change_directory()
    await until(lambda: len(loaded.runtime_data.coordinator.data.users["anna"].devices) == 3)
    result = await _phone(hass, loaded, "phone_remove")
    remove = pbx.answers["user/remove_device"]
    pbx.refuse("user/remove_device", "conflict", "This phone is in pbx.yaml.")
    result = await _enter(hass, result, device="device:panel")
    assert result["errors"] == {"base": "refused"}
    pbx.answers["user/remove_device"] = remove
    assert (await _enter(hass, result, device="device:panel"))["reason"] == "phone_removed"
    assert pbx.commands("user/remove_device")[-1] == {"user": "anna", "device": "panel"}


async def test_a_mobile_number_is_shown_and_changed(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx) -> None:
    result = await _phone(hass, loaded, "phone_mobile")
    [field] = result["data_schema"].schema
    assert field.description == {"suggested_value": "+491701234567"}
    save = pbx.answers["user/set"]
    pbx.refuse("user/set", "invalid", "mobile: this is no number")
    result = await _enter(hass, result, mobile="x")
    assert result["description_placeholders"]["error"] == "mobile: this is no number"
    pbx.answers["user/set"] = save
    assert (await _enter(hass, result, mobile="+491709999999"))["reason"] == "saved"
    assert pbx.commands("user/set")[-1] == {"user": "anna", "mobile": "+491709999999"}
    pbx.refuse("user/follow_me", "unavailable", "Not now.")
    assert (await _phone(hass, loaded, "phone_mobile"))["errors"] == {"base": "refused"}


async def test_a_role_says_where_its_people_may_call(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx
) -> None:
    result = await _enter(hass, await _open(hass, loaded, "role"), role="neighbours")
    dial = next(field for field in result["data_schema"].schema if field == "dial")
    assert dial.description == {"suggested_value": ["national", "mobile"]}
    await _enter(hass, result, dial=["national", "+41"])
    assert pbx.commands("role/save") == [
        {"role": "neighbours", "see": [], "open": [], "dial": ["emergency", "national", "+41"], "rooms": []}
    ]
