"""The media browser: whose recordings it shows to whom, and that they play."""

import base64
from typing import Any

import pytest
from homeassistant.components import media_source
from homeassistant.components.media_player import BrowseError
from homeassistant.components.websocket_api import current_connection
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.pascom.media_source import who_asks

from .conftest import Until
from .fake_pbx import FakePbx, Refused

OPUS = b"OggS" + bytes(range(96))
JPEG = b"\xff\xd8\xff\xd9"
AT = "2026-11-21T09:30:00.000+00:00"
MESSAGE = {"id": "m1", "caller": "+4989123456", "caller_name": "Dr. Huber", "at": AT, "seconds": 75.2}
VISITOR = {"id": "m2", "caller": "150", "caller_name": "Front door", "at": AT, "seconds": 4.0}


@pytest.fixture
def boxes(pbx: FakePbx, rooms: None, hass_admin_user: MockUser) -> None:
    """Anna is who is logged in.  Ben's box is his alone; each box has a message, the family room a recording."""
    pbx.user("anna")["ha_user"] = hass_admin_user.id
    pbx.user("anna")["voicemail"] = 1
    messages = {
        "anna": [{**MESSAGE, "heard": False, "picture": False}],
        "ben": [{**MESSAGE, "id": "m3", "heard": True, "picture": False}],
        "door:front": [{**VISITOR, "heard": True, "picture": True}],
    }

    def list_of(frame: dict[str, Any]) -> Any:
        if frame["box"] == "ben" and "as" in frame:
            raise Refused("forbidden", "This is the mailbox of Ben Berger.")
        return {"messages": messages.get(frame["box"], [])}

    def sound_of(frame: dict[str, Any]) -> Any:
        if frame["message"] == "m3" and "as" in frame:
            raise Refused("forbidden", "This is a message for Ben Berger.")
        if frame["message"] == "gone":
            raise Refused("not_found", "There is no such message.")
        return {"content_type": "audio/ogg", "data": base64.b64encode(OPUS).decode()}

    def recordings_of(frame: dict[str, Any]) -> Any:
        if frame["room"] == "office":
            raise Refused("forbidden", "This room is not yours.")
        return {"recordings": [{"id": "r1", "at": AT, "seconds": 3600.0}]}

    pbx.answers |= {
        "voicemail/list": list_of,
        "voicemail/sound": sound_of,
        "voicemail/picture": lambda frame: (
            {"content_type": "image/jpeg", "data": base64.b64encode(JPEG).decode()}
            if frame["message"] == "m2"
            else None
        ),
        "room/recordings": recordings_of,
        "room/recording": lambda _: {"content_type": "audio/ogg", "data": base64.b64encode(OPUS).decode()},
    }


@pytest.fixture
async def browser(
    hass: HomeAssistant, boxes: None, loaded: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> MockHAClientWebSocket:
    await hass.config.async_set_time_zone("Europe/Berlin")
    assert await async_setup_component(hass, "media_source", {})
    return await hass_ws_client(hass)


async def _browse(browser: MockHAClientWebSocket, path: str) -> Any:
    return await _ask(browser, "browse_media", f"media-source://pascom{path}")


async def _ask(browser: MockHAClientWebSocket, command: str, media: str) -> Any:
    await browser.send_json_auto_id({"type": f"media_source/{command}", "media_content_id": media})
    answer = await browser.receive_json()
    return answer["result"] if answer["success"] else answer["error"]["message"]


def _children(folder: dict[str, Any]) -> dict[str, str]:
    return {child["title"]: child["media_content_id"] for child in folder["children"]}


async def test_people_see_their_own_box_their_doors_and_their_rooms(
    browser: MockHAClientWebSocket, loaded: MockConfigEntry
) -> None:
    base = f"media-source://pascom/{loaded.entry_id}"
    shown = _children(await _browse(browser, ""))
    assert shown == {
        "Anna Berger (1)": f"{base}/messages/anna",
        "Front door": f"{base}/messages/door:front",
        "Family": f"{base}/recordings/family",
    }
    assert _children(await _browse(browser, f"/{loaded.entry_id}")) == shown


async def test_messages_and_recordings_are_listed(browser: MockHAClientWebSocket, loaded: MockConfigEntry) -> None:
    anna = await _browse(browser, f"/{loaded.entry_id}/messages/anna")
    assert anna["title"] == "Anna Berger"
    assert list(_children(anna)) == ["• 2026-11-21 10:30  Dr. Huber  1:15"]
    front = await _browse(browser, f"/{loaded.entry_id}/messages/door:front")
    assert front["title"] == "Front door"
    assert front["children"][0]["thumbnail"] == f"/api/pascom/{loaded.entry_id}/pictures/door:front/m2"
    family = await _browse(browser, f"/{loaded.entry_id}/recordings/family")
    assert list(_children(family)) == ["2026-11-21 10:30  60:00"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/{entry}/messages/ben", "This is the mailbox of Ben Berger."),
        ("/{entry}/recordings/cellar", "There is no recordings/cellar."),
        ("/{entry}/books", "There is no books."),
        ("/nowhere", "This PBX is not set up here."),
    ],
)
async def test_what_is_not_theirs_or_not_there_is_said(
    browser: MockHAClientWebSocket, loaded: MockConfigEntry, path: str, said: str
) -> None:
    assert await _browse(browser, path.format(entry=loaded.entry_id)) == said


async def test_a_message_plays_in_the_browser_by_a_signed_address(
    browser: MockHAClientWebSocket,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    hass_client_no_auth: ClientSessionGenerator,
    hass_admin_user: MockUser,
) -> None:
    client = await hass_client_no_auth()
    base = f"media-source://pascom/{loaded.entry_id}"
    for media in ("messages/anna/m1", "messages/door:front/m2", "recordings/family/r1"):
        resolved = await _ask(browser, "resolve_media", f"{base}/{media}")
        assert resolved["mime_type"] == "audio/ogg"
        response = await client.get(resolved["url"])
        assert response.status == 200, media
        assert response.content_type == "audio/ogg"
        assert await response.read() == OPUS
    assert {frame["as"]["ha_user"] for frame in pbx.commands("voicemail/sound")} == {hass_admin_user.id}
    part = await client.get(resolved["url"], headers={"Range": "bytes=4-7"})
    assert (part.status, await part.read()) == (206, OPUS[4:8])
    assert part.headers["Content-Range"] == "bytes 4-7/100"
    rest = await client.get(resolved["url"], headers={"Range": "bytes=-10"})
    assert await rest.read() == OPUS[-10:]
    assert (await client.get(resolved["url"], headers={"Range": "bytes=900-"})).status == 416
    assert (await client.get(resolved["url"], headers={"Range": "bytes=x"})).status == 200
    assert (await client.head(resolved["url"])).headers["Content-Length"] == "100"


@pytest.mark.parametrize(
    ("media", "said"),
    [
        ("messages/ben/m3", "This is the mailbox of Ben Berger."),
        ("messages/anna/m9", "This recording is gone."),
        ("messages", "This recording is gone."),
        ("books/anna/m1", "This recording is gone."),
    ],
)
async def test_what_may_not_be_heard_is_not_resolved(
    browser: MockHAClientWebSocket, loaded: MockConfigEntry, pbx: FakePbx, media: str, said: str
) -> None:
    assert await _ask(browser, "resolve_media", f"media-source://pascom/{loaded.entry_id}/{media}") == said


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("messages/ben/m3", 403),
        ("messages/anna/gone", 404),
        ("pictures/anna/m1", 404),
        ("books/anna/m1", 404),
        ("pictures/door:front/m2", 200),
    ],
)
async def test_the_address_itself_asks_again_who_it_is(
    hass: HomeAssistant,
    browser: MockHAClientWebSocket,
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    path: str,
    status: int,
) -> None:
    client = await hass_client()
    assert (await client.get(f"/api/pascom/{loaded.entry_id}/{path}")).status == status


async def test_without_a_login_nothing_is_handed_out(
    browser: MockHAClientWebSocket,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    until: Until,
) -> None:
    client = await hass_client_no_auth()
    assert (await client.get(f"/api/pascom/{loaded.entry_id}/messages/anna/m1")).status == 401
    known = await hass_client()
    assert (await known.get("/api/pascom/nowhere/messages/anna/m1")).status == 404
    await pbx.stop()
    await until(lambda: not loaded.runtime_data.client.connected)
    assert (await known.get(f"/api/pascom/{loaded.entry_id}/messages/anna/m1")).status == 502
    assert await _browse(browser, f"/{loaded.entry_id}/messages/anna") == "The PBX is not connected."


async def test_an_automation_plays_any_message_as_the_system(
    hass: HomeAssistant, browser: MockHAClientWebSocket, loaded: MockConfigEntry, pbx: FakePbx
) -> None:
    media = f"media-source://pascom/{loaded.entry_id}/messages/ben/m3"
    played = await media_source.async_resolve_media(hass, media, None)
    assert played.url == f"/api/pascom/{loaded.entry_id}/messages/ben/m3"
    assert pbx.commands("voicemail/list")[-1] == {"box": "ben"}


async def test_what_the_pbx_tells_is_told_in_nobodys_name(
    hass: HomeAssistant, boxes: None, entry: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    """Also where somebody at a browser has just reloaded the integration."""
    token = current_connection.set(object())  # type: ignore[arg-type]
    try:
        assert await hass.config_entries.async_setup(entry.entry_id)
    finally:
        current_connection.reset(token)
    await hass.async_block_till_done()
    heard = []
    entry.runtime_data.coordinator.listen_to_room("family", lambda _: heard.append(current_connection.get()))
    await pbx.tell("room_joined", room="family", participant="p9")
    await until(lambda: bool(heard))
    assert heard == [None]


async def test_several_pbxs_are_folders(
    hass: HomeAssistant, browser: MockHAClientWebSocket, loaded: MockConfigEntry, entry: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert _children(await _browse(browser, "")) == {}
    with pytest.raises(BrowseError):
        await media_source.async_browse_media(hass, f"media-source://pascom/{entry.entry_id}")


async def test_who_asks_by_http_is_known_too(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    hass_admin_user: MockUser,
) -> None:
    assert await async_setup_component(hass, "api", {})
    asked: list[Any] = []

    async def act(call: ServiceCall) -> None:
        asked.append(who_asks())

    hass.services.async_register("test", "ask", act)
    client = await hass_client()
    assert (await client.post("/api/services/test/ask", json={})).status == 200
    assert asked == [hass_admin_user]
    assert who_asks() is None
