"""What pages of the panel hear and ask, over Home Assistant's WebSocket, against a fake PBX."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import CLIENT_ID, MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket, WebSocketGenerator

from custom_components.pascom.const import CONF_AUTO_LINK

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
    assert (await browser.message(page))["type"] == "legs"
    assert (await browser.event(page))["door"] == "front"
    await pbx.tell("door_opened", door="front", ring="r2", by="anna", how="dtmf")
    assert (await browser.event(page))["ring"] == "r2"
