"""What pages of the panel hear and ask, over Home Assistant's WebSocket, against a fake PBX."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import CLIENT_ID, MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket, WebSocketGenerator

from custom_components.pascom import websocket_api
from custom_components.pascom.const import CONF_AUTO_LINK, DOMAIN
from pbx_lite.api import command, commands

from .conftest import Until
from .fake_pbx import NOW, FakePbx

type Browse = Callable[..., Awaitable[Browser]]

RANG = {"leg": "l2", "call": "c2", "name": "Front door", "number": "150", "door": "front", "auto_answer": False}


class Browser:
    """A browser with one connection; its page's messages one after the other."""

    def __init__(self, socket: MockHAClientWebSocket) -> None:
        self.socket = socket
        self._results: dict[int, dict[str, Any]] = {}
        self._messages: dict[int, list[dict[str, Any]]] = {}

    async def send(self, kind: str, **fields: Any) -> int:
        frame: dict[str, Any] = {"type": kind, **fields}
        await self.socket.send_json_auto_id(frame)
        return int(frame["id"])

    async def subscribe(self, device: str = "tablet", **fields: Any) -> int:
        number = await self.send("pascom/subscribe", device=device, **fields)
        assert (await self.result(number))["success"]
        return number

    async def ask(self, command: str, fields: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        return await self.result(await self.send("pascom/ask", command=command, fields=fields or {}, **more))

    async def result(self, number: int) -> dict[str, Any]:
        while number not in self._results:
            await self._read()
        return self._results.pop(number)

    async def message(self, page: int) -> dict[str, Any]:
        while not self._messages.get(page):
            await self._read()
        return self._messages[page].pop(0)

    async def begun(self, page: int) -> dict[str, Any]:
        """The snapshot of a page, when it is a phone."""
        snapshot = await self.message(page)
        assert snapshot["type"] == "snapshot"
        assert (await self.message(page))["type"] == "legs"
        return snapshot

    async def event(self, page: int) -> dict[str, Any]:
        message = await self.message(page)
        assert message["type"] == "event"
        event: dict[str, Any] = message["event"]
        return event

    async def unsubscribe(self, page: int) -> None:
        assert (await self.result(await self.send("unsubscribe_events", subscription=page)))["success"]

    async def asked(self) -> None:
        """All that was sent before is dealt with."""
        await self.result(await self.send("ping"))

    async def _read(self) -> None:
        async with asyncio.timeout(20):
            frame = await self.socket.receive_json()
        if frame["type"] == "pong":
            self._results[frame["id"]] = frame
        elif frame["type"] == "event":
            self._messages.setdefault(frame["id"], []).append(frame["event"])
        else:
            assert frame["type"] == "result"
            self._results[frame["id"]] = frame


@pytest.fixture
async def people(hass: HomeAssistant) -> dict[str, User]:
    """Home Assistant's users whom the PBX knows, and Dora whom it does not."""
    return {name: MockUser(id=f"ha-{name}", name=name.title()).add_to_hass(hass) for name in ("anna", "ben", "dora")}


@pytest.fixture
async def browse(hass: HomeAssistant, hass_ws_client: WebSocketGenerator, people: dict[str, User]) -> Browse:
    """Open a browser in which somebody is logged in."""

    async def open_one(name: str) -> Browser:
        token = await hass.auth.async_create_refresh_token(people[name], CLIENT_ID)
        return Browser(await hass_ws_client(hass, hass.auth.async_create_access_token(token)))

    return open_one


@pytest.fixture
def no_links(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Who comes new is not made a user of the PBX."""
    hass.config_entries.async_update_entry(entry, options={CONF_AUTO_LINK: False})


def parties(call: dict[str, Any]) -> set[str]:
    return {party["user"] for party in call["parties"]}


# The first thing a page hears


async def test_a_page_is_told_who_it_is_for_and_what_that_person_may_see(
    rooms: None, loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    pbx.unseen = {"garden", "office"}
    browser = await browse("ben")
    told = await browser.begun(await browser.subscribe())
    assert told["connected"] is True
    assert told["me"] == {
        "user": "ben",
        "display_name": "Ben Berger",
        "extension": "102",
        "linked": True,
        "admin": False,
    }
    snapshot = told["snapshot"]
    assert [door["name"] for door in snapshot["doors"]] == ["front"]
    assert [room["name"] for room in snapshot["rooms"]] == ["family"]
    assert snapshot["doors"] == [pbx.door("front")]
    assert snapshot["teams"] == pbx.snapshot["teams"]
    assert snapshot["trunks"] == []
    assert pbx.commands("phone/here") == [
        {"device": "tablet", "rings": True, "as": {"ha_user": "ha-ben", "name": "Ben"}}
    ]


async def test_of_others_a_page_shows_whether_they_can_be_called_and_nothing_of_their_calls(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("ben")
    snapshot = (await browser.begun(await browser.subscribe()))["snapshot"]
    assert [call["id"] for call in snapshot["calls"]] == ["c2"]
    users = {user["name"]: user for user in snapshot["users"]}
    assert users["anna"]["in_call"] is True
    assert users["anna"]["devices"] == []
    assert users["anna"]["roles"] == []
    assert users["ben"] == pbx.user("ben")


async def test_who_is_not_linked_is_told_so_and_nothing_else(
    no_links: None, loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("dora")
    page = await browser.subscribe()
    assert await browser.message(page) == {
        "type": "snapshot",
        "snapshot": None,
        "me": {"user": "", "display_name": "Dora", "extension": "", "linked": False, "admin": False},
        "connected": True,
    }
    await pbx.change_door("front", state="ringing")
    await pbx.change_user("ben", in_call=False)
    await pbx.tell("phone_rang", user="ben", device="tablet", **RANG)
    pbx.user("carla")["ha_user"] = "ha-dora"
    await pbx.change_directory()
    told = await browser.message(page)
    assert told["me"]["user"] == "carla"
    assert told["snapshot"]["doors"]
    assert pbx.commands("phone/here")[0]["as"]["ha_user"] == "ha-dora"
    assert (await browser.message(page)) == {"type": "legs", "legs": []}


async def test_who_loses_their_link_is_a_phone_no_more(
    no_links: None, loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("ben")
    page = await browser.subscribe()
    await browser.begun(page)
    pbx.user("ben")["ha_user"] = None
    await pbx.change_directory()
    told = await browser.message(page)
    assert (told["snapshot"], told["me"]["linked"]) == (None, False)
    assert pbx.commands("phone/gone") == [{"user": "ben", "device": "tablet"}]


async def test_who_comes_new_is_made_a_user_where_the_owner_wants_that(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("dora")
    told = await browser.begun(await browser.subscribe())
    assert pbx.commands("user/link")[0]["ha_user"] == "ha-dora"
    assert told["me"]["user"] == "dora"


# What it hears then


async def test_a_page_hears_of_the_doors_and_rooms_of_its_user(
    rooms: None, loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    pbx.unseen = {"garden", "office"}
    browser = await browse("ben")
    page = await browser.subscribe()
    await browser.begun(page)
    await pbx.change_door("garden", state="ringing")
    await pbx.tell("door_rang", door="garden", ring="r1", button="", rings=["ben"])
    await pbx.tell("door_open_requested", door="front", ring="", by="anna")
    await pbx.change_room("office", active=True)
    await pbx.tell("room_joined", room="office", participant="p9", name="", number="", user="anna", leader=False)
    await pbx.change_trunk("provider", in_use=3)
    await pbx.tell("voicemail_received", message="m1", user="anna", door="", caller="", caller_name="", seconds=1.0)
    await pbx.tell("voicemail_received", message="m2", user="", door="garden", caller="", caller_name="", seconds=1.0)
    await pbx.tell("door_opened", door="front", ring="", by="anna", how="dtmf")
    assert (await browser.event(page))["kind"] == "door_opened"
    await pbx.change_room("family", locked=True)
    assert (await browser.event(page))["state"]["locked"] is True
    await pbx.tell("voicemail_received", message="m3", user="ben", door="", caller="", caller_name="", seconds=1.0)
    assert (await browser.event(page))["message"] == "m3"
    await pbx.tell("voicemail_received", message="m4", user="", door="front", caller="", caller_name="", seconds=1.0)
    assert (await browser.event(page))["message"] == "m4"


async def test_of_another_user_a_page_hears_no_more_than_it_shows(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("ben")
    page = await browser.subscribe()
    await browser.begun(page)
    await pbx.change_user("anna", voicemail=4, do_not_disturb=True)
    state = (await browser.event(page))["state"]
    assert (state["voicemail"], state["devices"], state["do_not_disturb"]) == (0, [], True)
    await pbx.change_user("ben", voicemail=4)
    assert (await browser.event(page))["state"]["voicemail"] == 4


async def test_a_page_hears_of_the_calls_of_its_user_from_beginning_to_end(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("ben")
    page = await browser.subscribe()
    call = next(call for call in (await browser.begun(page))["snapshot"]["calls"] if call["id"] == "c2")
    foreign = next(call for call in pbx.snapshot["calls"] if call["id"] == "c1")
    await pbx.change_call("c1", foreign)
    await pbx.tell("call_held", call="c1", by="anna")
    await pbx.tell("call_dtmf", call="c2", digit="1", user="anna", number="101")
    await pbx.tell("call_missed", call="c3", user="carla", caller="", caller_name="")
    await pbx.tell("call_held", call="c2", by="anna")
    assert (await browser.event(page))["kind"] == "call_held"
    await pbx.change_call("c2", None)
    assert (await browser.event(page)) == {"kind": "call_changed", "call": "c2", "state": None, "at": NOW}
    await pbx.tell("call_ended", call="c1", cause=16, reason="", by="anna", seconds=1.0, answered=True, quality=[])
    await pbx.tell("call_ended", call="c2", cause=16, reason="", by="anna", seconds=1.0, answered=True, quality=[])
    assert (await browser.event(page))["call"] == "c2"
    await pbx.tell("call_missed", call="c4", user="ben", caller="", caller_name="")
    assert (await browser.event(page))["call"] == "c4"
    # One that goes on without them is over for them.
    await pbx.change_call("c5", {**call, "id": "c5"})
    assert (await browser.event(page))["state"]["id"] == "c5"
    await pbx.change_call("c5", {**call, "id": "c5", "parties": [each for each in call["parties"] if not each["user"]]})
    assert (await browser.event(page))["state"] is None
    await pbx.tell("call_ended", call="c5", cause=16, reason="", by="anna", seconds=1.0, answered=True, quality=[])
    await pbx.tell("call_missed", call="c6", user="ben", caller="", caller_name="")
    assert (await browser.event(page))["call"] == "c6"


async def test_what_happens_while_rights_are_found_out_is_told_after_the_snapshot(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, until: Until
) -> None:
    browser = await browse("ben")
    page = await browser.subscribe()
    await browser.begun(page)
    pbx.hold["user/rights"] = asyncio.Event()
    await pbx.change_directory()
    await until(lambda: len(pbx.commands("user/rights")) == 2)
    await pbx.tell("door_opened", door="front", ring="", by="anna", how="dtmf")
    await pbx.tell("door_opened", door="garden", ring="", by="anna", how="dtmf")
    pbx.unseen = {"garden"}
    pbx.hold.pop("user/rights").set()
    assert [door["name"] for door in (await browser.message(page))["snapshot"]["doors"]] == ["front"]
    assert (await browser.event(page))["door"] == "front"
    await pbx.tell("door_opened", door="front", ring="r2", by="anna", how="dtmf")
    assert (await browser.event(page))["ring"] == "r2"
    # It is a phone still, and need not say so again.
    assert len(pbx.commands("phone/here")) == 1


# A page as a phone


async def test_a_page_rings_by_itself(loaded: MockConfigEntry, pbx: FakePbx, browse: Browse) -> None:
    tablet, kitchen, anna = await browse("ben"), await browse("ben"), await browse("anna")
    pages = [(tablet, await tablet.subscribe("tablet")), (kitchen, await kitchen.subscribe("kitchen"))]
    pages.append((anna, await anna.subscribe("tablet")))
    for browser, page in pages:
        await browser.begun(page)
    await pbx.tell("phone_rang", user="ben", device="tablet", **RANG)
    await pbx.tell("door_opened", door="front", ring="", by="anna", how="dtmf")
    assert (await tablet.event(pages[0][1])) == {
        "kind": "phone_rang",
        "user": "ben",
        "device": "tablet",
        **RANG,
        "at": NOW,
    }
    assert [(await browser.event(page))["kind"] for browser, page in pages] == ["door_opened"] * 3


async def test_a_page_is_told_of_the_calls_that_it_is_in_still(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    pbx.answers["phone/here"] = lambda _: {"legs": [{"leg": "l1", "call": "c1", "state": "answered"}]}
    browser = await browse("ben")
    page = await browser.subscribe(rings=False)
    assert (await browser.message(page))["type"] == "snapshot"
    assert await browser.message(page) == {
        "type": "legs",
        "legs": [{"leg": "l1", "call": "c1", "state": "answered"}],
    }
    assert pbx.commands("phone/here")[0]["rings"] is False


async def test_a_page_that_may_not_ring_shows_the_house_nevertheless(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    pbx.refuse("phone/here", "busy", "Too many of your browsers are open; close some.")
    browser = await browse("ben")
    page = await browser.subscribe()
    assert (await browser.message(page))["snapshot"]["doors"]
    assert await browser.message(page) == {
        "type": "legs",
        "legs": [],
        "error": {"code": "busy", "message": "Too many of your browsers are open; close some."},
    }


async def test_a_page_that_is_left_is_gone(loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, until: Until) -> None:
    browser = await browse("ben")
    page = await browser.subscribe()
    await browser.begun(page)
    await browser.unsubscribe(page)
    await until(lambda: pbx.commands("phone/gone") == [{"user": "ben", "device": "tablet"}])
    await browser.begun(await browser.subscribe("other"))
    await browser.socket.close()
    await until(lambda: {"user": "ben", "device": "other"} in pbx.commands("phone/gone"))


async def test_of_two_tabs_with_the_same_name_the_last_one_is_gone(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, until: Until
) -> None:
    first, second = await browse("ben"), await browse("ben")
    one, two = await first.subscribe(), await second.subscribe(rings=False)
    await first.begun(one)
    await second.begun(two)
    assert [here["rings"] for here in pbx.commands("phone/here")] == [True, True]
    await pbx.tell("phone_rang", user="ben", device="tablet", **RANG)
    assert (await first.event(one))["leg"] == (await second.event(two))["leg"] == "l2"
    await first.socket.close()
    # The other one stays, and does not want to ring.
    await until(lambda: [here["rings"] for here in pbx.commands("phone/here")] == [True, True, False])
    assert pbx.commands("phone/gone") == []
    await second.socket.close()
    await until(lambda: pbx.commands("phone/gone") == [{"user": "ben", "device": "tablet"}])


async def test_a_page_that_is_left_while_it_arrives_is_gone_too(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, until: Until
) -> None:
    browser = await browse("ben")
    pbx.hold["phone/here"] = asyncio.Event()
    page = await browser.subscribe()
    await until(lambda: bool(pbx.commands("phone/here")))
    await browser.unsubscribe(page)
    pbx.hold.pop("phone/here").set()
    await until(lambda: bool(pbx.commands("phone/gone")))


# The PBX comes and goes


async def test_a_page_hears_that_the_pbx_is_away_and_is_a_phone_again_when_it_is_back(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("ben")
    page = await browser.subscribe()
    await browser.begun(page)
    await pbx.stop()
    assert await browser.message(page) == {"type": "connected", "connected": False}
    pbx.door("front")["state"] = "ringing"
    pbx.answers["phone/here"] = lambda _: {"legs": [{"leg": "l1", "call": "c1", "state": "answered"}]}
    await pbx.start()
    assert await browser.message(page) == {"type": "connected", "connected": True}
    told = await browser.message(page)
    assert [door["state"] for door in told["snapshot"]["doors"] if door["name"] == "front"] == ["ringing"]
    assert told["connected"] is True
    assert (await browser.message(page))["legs"][0]["leg"] == "l1"
    assert len(pbx.commands("phone/here")) == 2
    await pbx.tell("phone_rang", user="ben", device="tablet", **RANG)
    assert (await browser.event(page))["leg"] == "l2"


async def test_a_page_that_is_opened_while_the_pbx_is_away_waits_for_it(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse, until: Until
) -> None:
    client = loaded.runtime_data.client
    await pbx.stop()
    await until(lambda: not client.connected)
    browser = await browse("ben")
    page = await browser.subscribe()
    told = await browser.message(page)
    assert (told["connected"], told["me"]["user"], told["me"]["linked"]) == (False, "ben", True)
    # What they may see nobody can say now.
    assert (told["snapshot"]["doors"], told["snapshot"]["calls"]) == ([], [])
    assert (await browser.ask("door/open", {"door": "front"}))["error"]["code"] == "unavailable"
    await pbx.start()
    assert await browser.message(page) == {"type": "connected", "connected": True}
    assert (await browser.begun(page))["snapshot"]["doors"]


async def test_a_page_outlives_a_reload_of_the_integration(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("ben")
    page = await browser.subscribe()
    await browser.begun(page)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert pbx.commands("phone/gone") == [{"user": "ben", "device": "tablet"}]
    assert await browser.message(page) == {"type": "connected", "connected": False}
    assert (await browser.ask("door/open", {"door": "front"}))["error"]["code"] == "unavailable"
    assert await hass.config_entries.async_setup(loaded.entry_id)
    assert await browser.message(page) == {"type": "connected", "connected": True}
    assert (await browser.begun(page))["me"]["user"] == "ben"


async def test_pages_of_a_pbx_that_is_removed_are_left_alone(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    browser = await browse("ben")
    page = await browser.subscribe()
    await browser.begun(page)
    await hass.config_entries.async_remove(loaded.entry_id)
    assert await browser.message(page) == {"type": "connected", "connected": False}
    await browser.unsubscribe(page)
    assert (await browser.ask("call/list"))["error"]["code"] == "not_found"


# What a page asks


async def test_a_page_asks_as_its_user(loaded: MockConfigEntry, pbx: FakePbx, browse: Browse) -> None:
    browser = await browse("ben")
    answer = await browser.ask("door/open", {"door": "front"})
    assert answer["result"] == {"how": "dtmf", "by": "anna"}
    assert pbx.commands("door/open") == [{"door": "front", "as": {"ha_user": "ha-ben", "name": "Ben"}}]


async def test_what_the_pbx_refuses_crosses_with_its_code_and_its_words(
    loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    pbx.refuse("door/open", "forbidden", "Ben may not open Front door.")
    error = (await (await browse("ben")).ask("door/open", {"door": "front"}))["error"]
    assert (error["code"], error["message"]) == ("forbidden", "Ben may not open Front door.")


@pytest.mark.parametrize(
    "command",
    [
        "subscribe",
        "user/link",
        "user/account",
        "door/add",
        "room/pin",
        "room/remove",
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
    for name in websocket_api.COMMANDS.keys() - {"call/announce"}:
        assert not command.COMMANDS[name].admin, name


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
    await asyncio.sleep(0)
    pbx.hold.pop("door/watch").set()
    await until(lambda: bool(pbx.commands("webrtc/close")))


# Several PBXs


async def test_of_several_pbxs_one_is_named(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, browse: Browse
) -> None:
    MockConfigEntry(domain=DOMAIN, title="Office", data=dict(loaded.data)).add_to_hass(hass)
    browser = await browse("ben")
    assert (await browser.ask("call/list"))["error"]["code"] == "invalid"
    assert (await browser.ask("door/call", {"door": "front"}, entry_id=loaded.entry_id))["success"]
    assert (await browser.ask("door/call", {"door": "front"}, entry_id="none"))["error"]["code"] == "not_found"
    page = await browser.subscribe(entry_id=loaded.entry_id)
    assert (await browser.begun(page))["me"]["user"] == "ben"


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
