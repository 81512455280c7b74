"""What Home Assistant keeps for each of its users: asked by pages, kept over restarts, gone with its user."""

from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.models import User
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.pascom.preferences import PREFERENCES, Preference

from .browser import Browse, Browser
from .fake_pbx import FakePbx

EVERYTHING = {"door": True, "call": True, "missed": True, "voicemail": True, "critical": False}
AT_FIRST = {"notifications": EVERYTHING, "picture": "", "texts": [], "away_after": 0, "seen": ""}
STORE = "pascom.preferences"


async def get(browser: Browser) -> dict[str, Any]:
    answer = await browser.result(await browser.send("pascom/preferences/get"))
    preferences: dict[str, Any] = answer["result"]["preferences"]
    return preferences


async def change(browser: Browser, **changes: Any) -> dict[str, Any]:
    return await browser.result(await browser.send("pascom/preferences/set", changes=changes))


async def test_everybody_has_preferences_of_their_own(
    loaded: MockConfigEntry, browse: Browse, hass_storage: dict[str, Any], hass: HomeAssistant
) -> None:
    ben, anna = await browse("ben"), await browse("anna")
    assert await get(ben) == AT_FIRST
    answer = await change(ben, notifications={"missed": False}, texts=[" At lunch ", "Sleeping", "At lunch"])
    wanted = {**AT_FIRST, "notifications": {**EVERYTHING, "missed": False}, "texts": ["At lunch", "Sleeping"]}
    assert answer["result"] == {"preferences": wanted}
    assert await get(ben) == wanted
    assert await get(anna) == AT_FIRST
    wanted = {**wanted, "picture": "/api/pascom/picture/ben", "away_after": 15}
    answer = await change(ben, picture="/api/pascom/picture/ben", away_after=15, notifications={})
    assert answer["result"] == {"preferences": wanted}
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert hass_storage[STORE]["data"] == {"users": {"ha-ben": wanted}}


@pytest.mark.parametrize(
    "changes",
    [
        {"colour": "red"},
        {"notifications": {"doors": True}},
        {"notifications": {"door": "yes"}},
        {"notifications": {"door": 1}},
        {"notifications": True},
        {"picture": "javascript:alert(1)"},
        {"picture": "data:text/html,x"},
        {"picture": "/" + "x" * 600},
        {"picture": None},
        {"texts": ["x" * 61]},
        {"texts": ["  "]},
        {"texts": [7]},
        {"texts": "lunch"},
        {"texts": [str(number) for number in range(21)]},
        {"away_after": -1},
        {"away_after": True},
        {"away_after": 1.5},
        {"away_after": 10_000},
        {"seen": "yesterday"},
        {"seen": "2026-11-21T10:00:00"},
        {"seen": "2026-11-21T10:00:00Z" + " " * 40},
        {"seen": 5},
    ],
    ids=str,
)
async def test_what_is_no_preference_is_refused_and_nothing_changes(
    loaded: MockConfigEntry, browse: Browse, changes: dict[str, Any]
) -> None:
    browser = await browse("ben")
    error = (await change(browser, **{"away_after": 5, **changes}))["error"]
    assert (error["code"], error["translation_key"]) == ("invalid", "panel_preferences")
    assert await get(browser) == AT_FIRST


async def test_what_changes_on_one_page_changes_on_all_pages_of_this_person_alone(
    loaded: MockConfigEntry, browse: Browse, freezer: FrozenDateTimeFactory
) -> None:
    ben, tablet, anna = await browse("ben"), await browse("ben"), await browse("anna")
    page, others = await tablet.subscribe(), await anna.subscribe()
    await tablet.begun(page)
    await anna.begun(others)
    await change(ben, away_after=5)
    wanted = {**AT_FIRST, "away_after": 5}
    assert await tablet.message(page) == {"type": "preferences", "preferences": wanted}
    freezer.move_to("2026-11-21T10:00:00Z")
    seen = (await ben.result(await ben.send("pascom/preferences/seen")))["result"]["preferences"]["seen"]
    assert seen == "2026-11-21T10:00:00.000+00:00"
    assert (await tablet.message(page))["preferences"]["seen"] == seen
    await change(anna, away_after=7)
    assert (await anna.message(others))["preferences"]["away_after"] == 7


async def test_what_is_no_set_of_changes_is_refused_too(loaded: MockConfigEntry, browse: Browse) -> None:
    browser = await browse("ben")
    assert not (await browser.result(await browser.send("pascom/preferences/set", changes=["door"])))["success"]
    assert not (await browser.result(await browser.send("pascom/preferences/set", changes={}, user="anna")))["success"]


async def test_who_is_no_person_has_none(
    hass: HomeAssistant, loaded: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    system = await hass.auth.async_create_system_user("machine", group_ids=[])
    token = await hass.auth.async_create_refresh_token(system)
    browser = Browser(await hass_ws_client(hass, hass.auth.async_create_access_token(token)))
    answer = await browser.result(await browser.send("pascom/preferences/get"))
    assert answer["error"]["code"] == "forbidden"


async def test_they_outlive_a_restart_but_not_their_user(
    hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, Any], people: dict[str, User]
) -> None:
    users = {
        "ha-ben": {"notifications": {"door": False}},
        "ha-anna": {"away_after": "soon"},
        "ha-gone": {"away_after": 3},
    }
    hass_storage[STORE] = {"version": 1, "minor_version": 1, "key": STORE, "data": {"users": users}}
    assert await hass.config_entries.async_setup(entry.entry_id)
    kept = hass.data[PREFERENCES]
    assert not kept.of("ha-ben").notifications.door
    assert kept.of("ha-ben").notifications.missed
    assert kept.of("ha-anna") == kept.of("ha-gone") == Preference()
    await hass.auth.async_remove_user(people["ben"])
    await hass.async_block_till_done()
    assert kept.of("ha-ben") == Preference()


async def test_they_go_with_the_last_pbx(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, hass_storage: dict[str, Any]
) -> None:
    await change(await browse("ben"), away_after=5)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert hass_storage[STORE]["data"]["users"]["ha-ben"]["away_after"] == 5
    await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done()
    assert STORE not in hass_storage
    assert hass.data[PREFERENCES].of("ha-ben") == Preference()
