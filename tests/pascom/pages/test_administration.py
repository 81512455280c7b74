"""What an administrator changes from the panel, and what Home Assistant makes of it."""

from typing import Any

import pytest
from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.pascom.const import CONF_NO_ACCESS
from custom_components.pascom.websocket_api import COMMANDS
from tests.pascom.browser import Browse, Browser
from tests.pascom.conftest import Until
from tests.pascom.fake_pbx import FakePbx

DOOR = {"display_name": "Side door", "model": "2n", "rings": ["anna"]}


@pytest.fixture
async def admin(
    loaded: MockConfigEntry, browse: Browse, people: dict[str, User], hass_admin_user: MockUser, pbx: FakePbx
) -> Browser:
    people["owner"] = hass_admin_user
    browser = await browse("owner")
    await browser.subscribe()
    return browser


async def did(browser: Browser, command: str, **fields: Any) -> Any:
    answer = await browser.ask(command, fields)
    assert answer["success"], answer
    return answer["result"]


@pytest.mark.parametrize("command", sorted(name for name, command in COMMANDS.items() if command.admin))
async def test_who_is_no_administrator_is_refused_before_the_pbx_is_asked(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, command: str
) -> None:
    before = len(pbx.received)
    error = (await (await browse("ben")).ask(command, {"door": "front"}))["error"]
    assert (error["code"], error["translation_key"]) == ("forbidden", "panel_admin")
    assert len(pbx.received) == before


async def test_the_pbx_is_told_that_an_administrator_asks(admin: Browser, pbx: FakePbx) -> None:
    await did(admin, "role/list")
    assert pbx.commands("role/list")[-1]["as"]["admin"] is True


async def test_a_door_from_the_panel_is_as_one_from_the_dialog(
    hass: HomeAssistant, loaded: MockConfigEntry, admin: Browser, pbx: FakePbx, until: Until
) -> None:
    added = await did(admin, "door/add", **DOOR)
    assert added["account"]["password"] == "golden-password"
    await until(lambda: hass.states.get("camera.side_door") is not None)
    (subentry,) = loaded.subentries.values()
    assert (subentry.title, subentry.unique_id) == ("Side door", "side-door")
    assert subentry.data == {"door": "side-door", "model": "2n", "rings": ["user:anna"]}
    device = loaded.runtime_data.coordinator.devices.of("side-door")
    entities = er.async_entries_for_device(er.async_get(hass), device.id)
    assert {entity.config_subentry_id for entity in entities} == {subentry.subentry_id}

    await did(admin, "door/update", door="side-door", display_name="Garage", rings=["*"], leave_message=True)
    (subentry,) = loaded.subentries.values()
    assert subentry.title == "Garage"
    assert subentry.data["rings"] == ["everyone"]
    assert subentry.data["leave_message"] is True

    await did(admin, "door/remove", door="side-door")
    assert not loaded.subentries
    pbx.refuse("door/remove", "not_found", "There is no door named side-door.")
    await until(lambda: hass.states.get("camera.side_door") is None)


async def test_a_door_that_home_assistant_did_not_add_is_changed_in_the_pbx_alone(
    hass: HomeAssistant, loaded: MockConfigEntry, admin: Browser, pbx: FakePbx
) -> None:
    await did(admin, "door/update", door="garden", display_name="Gate")
    await did(admin, "door/remove", door="garden")
    assert not loaded.subentries
    assert [each["door"] for each in pbx.commands("door/remove")] == ["garden"]


async def test_a_door_that_the_pbx_refuses_leaves_nothing_behind(
    hass: HomeAssistant, loaded: MockConfigEntry, admin: Browser, pbx: FakePbx
) -> None:
    pbx.refuse("door/add", "conflict", "150 is used by Front door already.")
    error = (await admin.ask("door/add", DOOR))["error"]
    assert (error["code"], error["message"]) == ("conflict", "150 is used by Front door already.")
    assert not loaded.subentries
    assert set(loaded.runtime_data.coordinator.shown_doors) == {"front", "garden"}


async def test_who_loses_the_extension_does_not_get_one_by_coming_again(
    hass: HomeAssistant, loaded: MockConfigEntry, admin: Browser, browse: Browse, pbx: FakePbx
) -> None:
    pbx.answers["user/remove"] = lambda _: {}
    await did(admin, "user/unlink", ha_user="ha-ben")
    await did(admin, "user/remove", user="anna")
    await did(admin, "user/remove", user="carla")
    assert loaded.options[CONF_NO_ACCESS] == ["ha-ben", "ha-anna"]
    page = await browse("ben")
    await page.subscribe()
    await hass.async_block_till_done()
    assert "ha-ben" not in [each["ha_user"] for each in pbx.commands("user/link")]

    await did(admin, "user/link", ha_user="ha-ben", name="Ben", user="ben")
    assert loaded.options[CONF_NO_ACCESS] == ["ha-anna"]


async def test_somebody_who_is_removed_leaves_without_a_word_in_the_log(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    pbx.snapshot["users"] = [user for user in pbx.snapshot["users"] if user["name"] != "ben"]
    await pbx.change_directory()
    await until(lambda: "ben" not in loaded.runtime_data.coordinator.data.users)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_who_comes_new_gets_an_extension_by_a_press_or_by_themselves(
    hass: HomeAssistant, admin: Browser, loaded: MockConfigEntry, people: dict[str, User], pbx: FakePbx, browse: Browse
) -> None:
    async def tell(what: str, **fields: Any) -> Any:
        return await admin.result(await admin.send(f"pascom/newcomers/{what}", **fields))

    hass.config_entries.async_update_entry(loaded, options={CONF_NO_ACCESS: ["ha-dora"]})
    assert (await tell("get"))["result"] == {"auto": True, "roles": [], "kept_out": ["ha-dora"]}
    told = (await tell("set", auto=False, roles=["keyholders"]))["result"]
    assert told == {"auto": False, "roles": ["keyholders"], "kept_out": ["ha-dora"]}
    made = (await tell("admit", ha_user="ha-dora"))["result"]
    assert made["extension"]
    assert pbx.commands("user/link")[-1]["roles"] == ["keyholders"]
    assert (await tell("get"))["result"]["kept_out"] == []
    assert (await tell("admit", ha_user="nobody"))["error"]["code"] == "not_found"
    anna = await browse("anna")
    for what in ("get", "set", "admit"):
        more = {"ha_user": "ha-anna"} if what == "admit" else {}
        refused = await anna.result(await anna.send(f"pascom/newcomers/{what}", **more))
        assert refused["error"]["code"] == "forbidden"
