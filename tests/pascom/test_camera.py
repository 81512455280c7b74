"""The camera: WebRTC through the PBX, on behalf of who looks."""

import asyncio
from typing import Any

import pytest
from homeassistant.components.web_rtc import async_register_ice_servers
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    MockHAClientWebSocket,
    WebSocketGenerator,
)
from webrtc_models import RTCIceServer

from custom_components.pascom.const import CONF_NEW_ROLES, CONF_NO_ACCESS
from custom_components.pascom.webrtc_camera import offers_to_talk

from .conftest import Until
from .fake_pbx import FakePbx

CAMERA = "camera.front_door"
WATCH_ONLY = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=recvonly\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=recvonly\r\n"
TALK = WATCH_ONLY.replace("a=recvonly", "a=sendrecv", 1)


@pytest.fixture
async def browser(hass: HomeAssistant, loaded: MockConfigEntry, hass_ws_client: WebSocketGenerator) -> Any:
    await async_setup_component(hass, "web_rtc", {})
    return await hass_ws_client(hass)


async def _offer(browser: MockHAClientWebSocket, sdp: str = WATCH_ONLY) -> tuple[int, str]:
    """Returns the subscription and the session."""
    await browser.send_json_auto_id({"type": "camera/webrtc/offer", "entity_id": CAMERA, "offer": sdp})
    result = await browser.receive_json()
    assert result["success"]
    session = (await browser.receive_json())["event"]
    assert session["type"] == "session"
    return result["id"], session["session_id"]


async def _candidate(browser: MockHAClientWebSocket, session: str, candidate: str) -> None:
    await browser.send_json_auto_id(
        {
            "type": "camera/webrtc/candidate",
            "entity_id": CAMERA,
            "session_id": session,
            "candidate": {"candidate": candidate, "sdpMid": "0", "sdpMLineIndex": 0},
        }
    )


async def test_it_is_native_webrtc(browser: MockHAClientWebSocket) -> None:
    await browser.send_json_auto_id({"type": "camera/capabilities", "entity_id": CAMERA})
    assert (await browser.receive_json())["result"]["frontend_stream_types"] == ["web_rtc"]


async def test_a_session_is_opened_on_behalf_of_the_user_and_with_the_homes_ice_servers(
    hass: HomeAssistant, browser: MockHAClientWebSocket, pbx: FakePbx, hass_admin_user: MockUser
) -> None:
    async_register_ice_servers(
        hass,
        lambda: [RTCIceServer("stun:stun.example"), RTCIceServer(["turn:turn.example"], "home", "relay")],
    )
    _, session = await _offer(browser)
    assert (await browser.receive_json())["event"] == {"type": "answer", "answer": "v=0\r\no=answer"}
    watch = pbx.commands("door/watch")[0]
    assert watch["door"] == "front"
    assert watch["session"] == session
    assert watch["offer"] == WATCH_ONLY
    assert watch["as"] == {"ha_user": hass_admin_user.id, "name": "Mock User", "admin": True}
    assert watch["ice_servers"][-2:] == [
        {"urls": ["stun:stun.example"]},
        {"urls": ["turn:turn.example"], "username": "home", "credential": "relay"},
    ]


async def test_a_person_is_linked_at_first_use(
    browser: MockHAClientWebSocket, pbx: FakePbx, hass_admin_user: MockUser
) -> None:
    for _ in range(2):
        await _offer(browser)
        assert (await browser.receive_json())["event"]["type"] == "answer"
    assert pbx.commands("user/link") == [
        {"ha_user": hass_admin_user.id, "name": "Mock User", "user": None, "roles": ["family"]}
    ]


async def test_nobody_is_linked_where_an_administrator_said_no_access(
    hass: HomeAssistant,
    browser: MockHAClientWebSocket,
    pbx: FakePbx,
    loaded: MockConfigEntry,
    hass_admin_user: MockUser,
) -> None:
    hass.config_entries.async_update_entry(
        loaded, options={CONF_NEW_ROLES: ["family"], CONF_NO_ACCESS: [hass_admin_user.id]}
    )
    pbx.refuse("door/watch", "forbidden", "This Home Assistant user is not linked to a PBX user.")
    await _offer(browser)
    error = (await browser.receive_json())["event"]
    assert error == {
        "type": "error",
        "code": "webrtc_offer_failed",
        "message": "This Home Assistant user is not linked to a PBX user.",
    }
    assert pbx.commands("user/link") == []


async def test_candidates_wait_for_the_answer(browser: MockHAClientWebSocket, pbx: FakePbx, until: Until) -> None:
    pbx.hold["door/watch"] = asyncio.Event()
    _, session = await _offer(browser)
    await _candidate(browser, session, "candidate:1")
    assert (await browser.receive_json())["success"]
    assert pbx.commands("webrtc/candidate") == []
    pbx.hold["door/watch"].set()
    assert (await browser.receive_json())["event"]["type"] == "answer"
    await _candidate(browser, session, "candidate:2")
    assert (await browser.receive_json())["success"]
    assert pbx.commands("webrtc/candidate") == [
        {"session": session, "candidate": f"candidate:{number}", "sdp_mid": "0", "sdp_m_line_index": 0}
        for number in (1, 2)
    ]
    pbx.refuse("webrtc/candidate", "not_found", "no such session")
    await _candidate(browser, session, "candidate:3")
    assert (await browser.receive_json())["success"]


async def test_a_closed_session_is_closed_in_the_pbx(
    browser: MockHAClientWebSocket, pbx: FakePbx, until: Until
) -> None:
    subscription, session = await _offer(browser)
    assert (await browser.receive_json())["event"]["type"] == "answer"
    await browser.send_json_auto_id({"type": "unsubscribe_events", "subscription": subscription})
    assert (await browser.receive_json())["success"]
    await until(lambda: pbx.commands("webrtc/close") == [{"session": session}])
    await _candidate(browser, session, "candidate:late")
    assert (await browser.receive_json())["success"]


async def test_a_session_closed_before_its_answer_is_closed_after_it(
    browser: MockHAClientWebSocket, pbx: FakePbx, until: Until
) -> None:
    pbx.hold["door/watch"] = asyncio.Event()
    subscription, session = await _offer(browser)
    await browser.send_json_auto_id({"type": "unsubscribe_events", "subscription": subscription})
    assert (await browser.receive_json())["success"]
    pbx.refuse("webrtc/close", "not_found", "no such session")
    pbx.hold["door/watch"].set()
    await until(lambda: pbx.commands("webrtc/close") == [{"session": session}])


async def test_a_session_that_the_pbx_ends_tells_the_browser_why(
    browser: MockHAClientWebSocket, pbx: FakePbx, loaded: MockConfigEntry
) -> None:
    _, session = await _offer(browser)
    assert (await browser.receive_json())["event"]["type"] == "answer"
    await pbx.tell("session_ended", session=session, code="ended", message="The door's call is over.")
    assert (await browser.receive_json())["event"] == {
        "type": "error",
        "code": "pascom_ended",
        "message": "The door's call is over.",
    }
    assert pbx.commands("webrtc/close") == []


async def test_a_lost_pbx_ends_every_session(browser: MockHAClientWebSocket, pbx: FakePbx) -> None:
    await _offer(browser)
    assert (await browser.receive_json())["event"]["type"] == "answer"
    await pbx.stop()
    assert (await browser.receive_json())["event"]["code"] == "pascom_unavailable"


async def test_who_may_not_control_the_camera_may_not_talk_through_it(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
) -> None:
    await async_setup_component(hass, "web_rtc", {})
    browser = await hass_ws_client(hass, hass_read_only_access_token)
    await _offer(browser, TALK)
    error = (await browser.receive_json())["event"]
    assert error["code"] == "webrtc_offer_failed"
    assert pbx.commands("door/watch") == []
    await _offer(browser, WATCH_ONLY)
    assert (await browser.receive_json())["event"]["type"] == "answer"


async def test_a_still_comes_from_the_door(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, hass_client: ClientSessionGenerator, until: Until
) -> None:
    client = await hass_client()
    response = await client.get(f"/api/camera_proxy/{CAMERA}")
    assert await response.read() == b"\xff\xd8\xff\xd9"
    assert pbx.commands("door/image") == [{"door": "front"}]
    pbx.refuse("door/image", "unavailable", "The camera does not answer.")
    assert (await client.get(f"/api/camera_proxy/{CAMERA}")).status == 500
    await pbx.change_door("front", picture=False)
    await hass.async_block_till_done()
    count = len(pbx.commands("door/image"))
    await until(lambda: not loaded.runtime_data.coordinator.data.doors["front"].picture)
    assert (await client.get(f"/api/camera_proxy/{CAMERA}")).status == 500
    assert len(pbx.commands("door/image")) == count


async def test_unloading_closes_the_sessions(
    hass: HomeAssistant, browser: MockHAClientWebSocket, pbx: FakePbx, loaded: MockConfigEntry
) -> None:
    _, session = await _offer(browser)
    assert (await browser.receive_json())["event"]["type"] == "answer"
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await hass.async_block_till_done()
    assert pbx.commands("webrtc/close") == [{"session": session}]


@pytest.mark.parametrize(
    ("sdp", "talks"),
    [
        (WATCH_ONLY, False),
        (TALK, True),
        ("v=0\r\nm=video 9 X 96\r\na=sendrecv\r\n", False),
        ("v=0\r\nm=audio 9 X 0\r\n", True),
        ("v=0\r\nm=audio 9 X 0\r\na=inactive\r\n", False),
        ("v=0\r\nm=audio 9 X 0\r\na=sendonly\r\n", True),
        ("", False),
    ],
)
def test_an_offer_to_talk_is_recognised(sdp: str, talks: bool) -> None:
    assert offers_to_talk(sdp) is talks
