"""What pages of the panel ask, over Home Assistant's WebSocket, against a fake PBX."""

import asyncio
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.pascom import websocket_api
from custom_components.pascom.const import DOMAIN
from pbx_lite.api import command, commands

from .browser import Browse, Browser
from .conftest import Until
from .fake_pbx import FakePbx

# What a page asks


async def test_a_page_asks_as_its_user(loaded: MockConfigEntry, pbx: FakePbx, browse: Browse) -> None:
    browser = await browse("ben")
    answer = await browser.ask("door/open", {"door": "front"})
    assert answer["result"] == {"how": "dtmf", "by": "anna"}
    assert pbx.commands("door/open") == [{"door": "front", "as": {"ha_user": "ha-ben", "name": "Ben"}}]


async def test_what_the_pbx_refuses_crosses_with_its_code_and_its_words(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    said, values = "Ben may not open Front door.", {"user": "Ben", "name": "Front door"}
    pbx.refuse("door/open", "forbidden", said, "may_not_open", **values)
    browser = await browse("ben")
    error = (await browser.ask("door/open", {"door": "front"}))["error"]
    assert (error["code"], error["message"]) == ("forbidden", said)
    assert (error["translation_domain"], error["translation_key"]) == ("pascom", "pbx_may_not_open")
    assert error["translation_placeholders"] == values
    for reason in ("", "of_a_newer_pbx"):
        pbx.refuse("door/open", "forbidden", said, reason)
        error = (await browser.ask("door/open", {"door": "front"}))["error"]
        assert (error["code"], error["message"], error.get("translation_key")) == ("forbidden", said, None)


@pytest.mark.parametrize(
    "command",
    [
        "subscribe",
        "route/answer",
        "trunk/list",
        "phone/here",
        "phone/gone",
        "auth",
    ],
)
async def test_a_page_cannot_ask_for_anything_else(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, command: str
) -> None:
    before = len(pbx.received)
    error = (await (await browse("ben")).ask(command, {"user": "anna"}))["error"]
    assert error["code"] == "unknown_command"
    assert command in error["message"]
    assert error["translation_key"] == "panel_unknown_command"
    assert len(pbx.received) == before


def test_all_that_pages_may_ask_is_known_to_the_pbx_and_asked_by_people() -> None:
    assert commands.MODULES
    assert command.COMMANDS.keys() >= websocket_api.COMMANDS.keys()
    for name, asked in websocket_api.COMMANDS.items():
        known = command.COMMANDS[name].admin
        assert asked.admin or not known or name == "call/announce", name


@pytest.mark.parametrize(
    "fields",
    [
        {"door": "front", "as": {"ha_user": "ha-anna"}},
        {"door": "front", "actor": None},
        {"door": "front", "id": 7},
        {"door": "front", "type": "door/remove"},
        {"door": "front", "timeout": 0},
        {"door front": 1},
        {f"field_{number}": number for number in range(40)},
        {"door": "x" * 300_000},
    ],
    ids=["as", "actor", "id", "type", "timeout", "name", "many", "large"],
)
async def test_a_page_cannot_slip_anything_into_a_command(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, fields: dict[str, Any]
) -> None:
    error = (await (await browse("ben")).ask("door/open", fields))["error"]
    assert error["code"] == "invalid"
    assert pbx.commands("door/open") == []


async def test_a_page_plays_nothing_from_the_folder_of_the_pbx(
    rooms: None, loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("ben")
    for url in ("file:///voicemail/m1.ogg", "voicemail/m1.ogg"):
        assert not (await browser.ask("room/play", {"room": "family", "url": url}))["success"]
    assert pbx.commands("room/play") == []
    assert (await browser.ask("room/play", {"room": "family", "url": "https://example.com/gong.mp3"}))["success"]
    assert pbx.commands("room/play")[0]["url"] == "https://example.com/gong.mp3"


async def test_a_spoken_greeting_may_be_larger(loaded: MockConfigEntry, pbx: FakePbx, browse: Browse) -> None:
    pbx.answers["voicemail/set_greeting"] = lambda _: {}
    answer = await (await browse("ben")).ask("voicemail/set_greeting", {"data": "A" * 2_000_000})
    assert answer["success"]


async def test_a_phonebook_may_be_larger_too(loaded: MockConfigEntry, pbx: FakePbx, browse: Browse) -> None:
    pbx.answers["phonebook/import"] = lambda _: {"added": 1, "changed": 0, "same": 0, "faults": []}
    fields = {"book": "private", "format": "vcard", "data": "x" * 2_000_000}
    answer = await (await browse("ben")).ask("phonebook/import", fields)
    assert answer["result"]["added"] == 1


@pytest.mark.parametrize("command", ["phonebook/update", "phonebook/remove"])
async def test_a_contact_is_called_by_its_id(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, command: str
) -> None:
    pbx.answers[command] = lambda _: {}
    assert (await (await browse("ben")).ask(command, {"id": 7}))["success"]
    assert pbx.commands(command) == [{"contact": 7, "as": {"ha_user": "ha-ben", "name": "Ben"}}]


async def test_whoever_asks_too_much_at_once_has_to_wait(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket_api, "MOST_ASKED", 2)
    browser, anna = await browse("ben"), await browse("anna")
    pbx.hold["door/open"] = asyncio.Event()
    asked = [await browser.send("pascom/ask", command="door/open", fields={"door": "front"}) for _ in range(2)]
    assert (await browser.ask("door/call", {"door": "front"}))["error"]["code"] == "busy"
    pbx.hold.pop("door/open").set()
    for number in asked:
        assert (await browser.result(number))["success"]
    assert (await browser.ask("door/call", {"door": "front"}))["success"]
    assert (await anna.ask("door/call", {"door": "front"}))["success"]


async def test_nobody_opens_pages_without_end(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket_api, "MOST_PAGES", 2)
    browser = await browse("ben")
    for device in ("one", "two"):
        await browser.subscribe(device)
    refused = await browser.result(await browser.send("pascom/subscribe", device="three"))
    assert refused["error"]["code"] == "busy"
    await (await browse("anna")).subscribe("one")


async def test_who_is_no_person_asks_nothing(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, hass_ws_client: WebSocketGenerator
) -> None:
    system = await hass.auth.async_create_system_user("Some integration")
    token = await hass.auth.async_create_refresh_token(system)
    browser = Browser(await hass_ws_client(hass, hass.auth.async_create_access_token(token)))
    assert (await browser.ask("door/open", {"door": "front"}))["error"]["code"] == "forbidden"
    refused = await browser.result(await browser.send("pascom/subscribe", device="tablet"))
    assert refused["error"]["code"] == "forbidden"
    assert pbx.commands("door/open") == []


# Pictures and sound


async def test_a_session_is_its_users_and_uses_the_relays_of_home_assistant(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    pbx.answers["phone/dial"] = lambda _: {"leg": "l3", "call": "c3", "answer": "v=0"}
    browser = await browse("ben")
    asked = {"device": "tablet", "number": "101", "session": "s1", "offer": "v=0"}
    foreign = [{"urls": "turn:evil.example"}]
    assert (await browser.ask("phone/dial", {**asked, "ice_servers": foreign}))["result"]["leg"] == "l3"
    dialled = pbx.commands("phone/dial")[0]
    assert dialled["session"] == "ha-ben.s1"
    assert all("stun:stun.home-assistant.io" in url for server in dialled["ice_servers"] for url in server["urls"])
    candidate = {"candidate": "candidate:1", "sdp_mid": "0", "sdp_m_line_index": 0}
    await browser.ask("webrtc/candidate", {"session": "s1", **candidate})
    assert pbx.commands("webrtc/candidate")[0]["session"] == "ha-ben.s1"
    await (await browse("anna")).ask("webrtc/close", {"session": "s1"})
    assert pbx.commands("webrtc/close")[0]["session"] == "ha-anna.s1"


@pytest.mark.parametrize("session", [None, "", 7, "x" * 65])
async def test_a_session_has_a_name(loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, session: Any) -> None:
    browser = await browse("ben")
    assert (await browser.ask("door/watch", {"door": "front", "session": session}))["error"]["code"] == "invalid"


async def test_who_watches_hears_that_the_pbx_ended_it(loaded: MockConfigEntry, pbx: FakePbx, browse: Browse) -> None:
    browser, other = await browse("ben"), await browse("ben")
    page, another = await browser.subscribe(), await other.subscribe("other")
    await browser.begun(page)
    await other.begun(another)
    watch = {"door": "front", "session": "s1", "offer": "v=0"}
    assert (await browser.ask("door/watch", watch))["result"]["answer"]
    assert (await browser.ask("door/watch", watch))["error"]["code"] == "conflict"
    await pbx.tell("session_ended", session="ha-ben.s1", code="busy", message="The door is busy.")
    assert await browser.event(page) == {
        "kind": "session_ended",
        "session": "s1",
        "code": "busy",
        "message": "The door is busy.",
    }
    await pbx.tell("door_opened", door="front", ring="", by="anna", how="dtmf")
    assert (await other.event(another))["kind"] == "door_opened"
    assert (await browser.ask("door/watch", watch))["success"]
    assert (await browser.ask("webrtc/close", {"session": "s1"}))["success"]
    assert (await browser.ask("door/watch", watch))["success"]


async def test_what_a_browser_watches_ends_with_it_and_its_calls_do_not(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, until: Until
) -> None:
    pbx.answers["phone/connect"] = lambda _: {"answer": "v=0"}
    browser = await browse("ben")
    assert (await browser.ask("door/watch", {"door": "front", "session": "s1", "offer": "v=0"}))["success"]
    assert (await browser.ask("phone/connect", {"leg": "l1", "session": "s2", "offer": "v=0"}))["success"]
    await browser.socket.close()
    await until(lambda: [each["session"] for each in pbx.commands("webrtc/close")] == ["ha-ben.s1"])


async def test_a_browser_that_goes_before_the_picture_is_there_watches_nothing(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, until: Until
) -> None:
    browser = await browse("ben")
    pbx.hold["door/watch"] = asyncio.Event()
    await browser.send("pascom/ask", command="door/watch", fields={"door": "front", "session": "s1", "offer": "v=0"})
    await until(lambda: bool(pbx.commands("door/watch")))
    await browser.socket.close()
    pbx.hold.pop("door/watch").set()
    await until(lambda: bool(pbx.commands("webrtc/close")))


# Several PBXs


async def test_of_several_pbxs_one_is_named(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    office = MockConfigEntry(domain=DOMAIN, title="Office", data=dict(loaded.data))
    office.add_to_hass(hass)
    browser = await browse("ben")
    assert (await browser.ask("call/list"))["error"]["code"] == "invalid"
    assert (await browser.ask("door/call", {"door": "front"}, entry_id=loaded.entry_id))["success"]
    assert (await browser.ask("door/call", {"door": "front"}, entry_id="none"))["error"]["code"] == "not_found"
    page = await browser.subscribe(entry_id=loaded.entry_id)
    assert (await browser.begun(page))["me"]["user"] == "ben"
    known = (await browser.result(await browser.send("pascom/pbxs")))["result"]["pbxs"]
    assert known == [
        {"entry_id": loaded.entry_id, "name": "Home", "linked": True},
        {"entry_id": office.entry_id, "name": "Office", "linked": False},
    ]


async def test_an_administrator_sees_the_lines_and_is_one_to_the_pbx(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    hass_ws_client: WebSocketGenerator,
    hass_admin_user: MockUser,
) -> None:
    pbx.user("carla")["ha_user"] = hass_admin_user.id
    await pbx.change_directory()
    await hass.async_block_till_done()
    browser = Browser(await hass_ws_client(hass))
    page = await browser.subscribe()
    while (told := await browser.message(page))["type"] != "snapshot" or told["me"]["user"] != "carla":
        pass
    assert told["me"]["admin"] is True
    assert told["snapshot"]["trunks"] == pbx.snapshot["trunks"]
    assert pbx.commands("phone/here")[-1]["as"]["admin"] is True
