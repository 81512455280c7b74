"""Conference rooms as devices: who is in them, what can be switched, what is seen and heard."""

import base64
from typing import Any

import pytest
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE
from homeassistant.core import Context, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.pascom import async_remove_config_entry_device
from custom_components.pascom.entity import ROOM

from .conftest import Until, state_of
from .fake_pbx import FakePbx

JPEG = b"\xff\xd8\xff\xd9"


async def _switch(hass: HomeAssistant, name: str, service: str, context: Context | None = None) -> None:
    await hass.services.async_call("switch", service, {"entity_id": f"switch.{name}"}, blocking=True, context=context)


async def test_a_room_shows_who_is_in_it(
    hass: HomeAssistant, rooms: None, loaded: MockConfigEntry, device_registry: dr.DeviceRegistry
) -> None:
    active = state_of(hass, "binary_sensor.family_active")
    assert active.state == "on"
    assert active.attributes["since"] == "2026-11-21T09:58:00+00:00"
    participants = state_of(hass, "sensor.family_participants")
    assert participants.state == "2"
    assert participants.attributes["names"] == ["Anna Berger", "+4989123456"]
    assert participants.attributes["participants"][0] == {
        "id": "p1",
        "name": "Anna Berger",
        "number": "101",
        "user": "anna",
        "leader": True,
        "muted": False,
        "since": "2026-11-21T09:58:00+00:00",
    }
    assert state_of(hass, "binary_sensor.office_active").state == "off"
    assert state_of(hass, "sensor.office_participants").state == "0"
    device = loaded.runtime_data.coordinator.devices.of("room:family")
    assert (device.name, device.model) == ("Family", ROOM)


async def test_it_follows_what_happens_in_it(
    hass: HomeAssistant, rooms: None, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    await pbx.change_room("family", participants=[], active=False, since=None, locked=True)
    await until(lambda: state_of(hass, "binary_sensor.family_active").state == "off")
    assert state_of(hass, "sensor.family_participants").state == "0"
    assert state_of(hass, "switch.family_locked").state == "on"


@pytest.mark.parametrize(
    ("name", "command", "field"),
    [
        ("locked", "room/lock", "locked"),
        ("everybody_muted", "room/mute_all", "muted"),
        ("recording", "room/record", "on"),
    ],
)
async def test_a_switch_is_a_command(
    hass: HomeAssistant,
    rooms: None,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    hass_admin_user: MockUser,
    name: str,
    command: str,
    field: str,
) -> None:
    await _switch(hass, f"family_{name}", "turn_on", Context(user_id=hass_admin_user.id))
    await _switch(hass, f"family_{name}", "turn_off")
    who = {"ha_user": hass_admin_user.id, "name": "Mock User", "admin": True}
    assert pbx.commands(command) == [
        {"room": "family", field: True, "as": who},
        {"room": "family", field: False},
    ]


async def test_what_the_pbx_refuses_is_shown(
    hass: HomeAssistant, rooms: None, loaded: MockConfigEntry, pbx: FakePbx
) -> None:
    pbx.refuse("room/lock", "forbidden", "This room is not yours.")
    with pytest.raises(ServiceValidationError, match="not yours"):
        await _switch(hass, "family_locked", "turn_on")


async def test_its_events_are_told(
    hass: HomeAssistant, rooms: None, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    heard: list[dict[str, Any]] = []

    @callback
    def hear(event: Event[EventStateChangedData]) -> None:
        if event.data["entity_id"] == "event.family_conference" and (state := event.data["new_state"]):
            heard.append(dict(state.attributes))

    hass.bus.async_listen(EVENT_STATE_CHANGED, hear)
    ben = {"room": "family", "participant": "p3", "name": "Ben Berger", "number": "102", "user": "ben"}
    await pbx.tell("room_joined", **ben, leader=False)
    await pbx.tell("room_talking", **ben, talking=True)
    await pbx.tell("room_talking", **ben, talking=False)
    await pbx.tell("room_left", **ben, reason="removed", seconds=12.5)
    await pbx.tell("room_recorded", room="family", recording="7", seconds=60.0)
    await pbx.tell("room_joined", **{**ben, "room": "office"}, leader=False)
    await until(lambda: len(heard) == 4)
    assert [each["event_type"] for each in heard] == ["joined", "talking", "left", "recorded"]
    assert all((each["name"], each["number"], each["user"]) == ("Ben Berger", "102", "ben") for each in heard[:3])
    assert heard[2]["reason"] == "removed"
    assert heard[3]["recording"] == "7"


async def test_its_camera_lets_hear_and_speak(
    hass: HomeAssistant,
    rooms: None,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    hass_ws_client: WebSocketGenerator,
    hass_client: ClientSessionGenerator,
) -> None:
    await async_setup_component(hass, "web_rtc", {})
    browser = await hass_ws_client(hass)
    await browser.send_json_auto_id({"type": "camera/webrtc/offer", "entity_id": "camera.family", "offer": "v=0"})
    assert (await browser.receive_json())["success"]
    session = (await browser.receive_json())["event"]["session_id"]
    assert (await browser.receive_json())["event"] == {"type": "answer", "answer": "v=0\r\no=answer"}
    watch = pbx.commands("room/watch")[0]
    assert (watch["room"], watch["session"], watch["offer"]) == ("family", session, "v=0")
    assert watch["as"]["name"] == "Mock User"
    assert state_of(hass, "camera.family").state == "streaming"
    await pbx.change_room("family", recording=True)
    pbx.answers["room/image"] = lambda _: {"content_type": "image/jpeg", "data": base64.b64encode(JPEG).decode()}
    client = await hass_client()
    assert await (await client.get("/api/camera_proxy/camera.family")).read() == JPEG
    assert state_of(hass, "camera.family").state == "recording"
    pbx.refuse("room/image", "unavailable", "There is nothing to draw with.")
    assert (await client.get("/api/camera_proxy/camera.family")).status == 500


async def test_rooms_come_go_and_are_renamed(
    hass: HomeAssistant,
    rooms: None,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    until: Until,
    entity_registry: er.EntityRegistry,
) -> None:
    pbx.snapshot["rooms"][1]["display_name"] = "Big office"
    pbx.snapshot["rooms"].append({**pbx.room("office"), "name": "garage", "display_name": "Garage"})
    await pbx.change_directory()
    await until(lambda: hass.states.get("sensor.garage_participants") is not None)
    coordinator = loaded.runtime_data.coordinator
    assert coordinator.devices.of("room:office").name == "Big office"
    pbx.snapshot["rooms"].remove(pbx.room("family"))
    await pbx.change_directory()
    await until(lambda: coordinator.devices.of("room:family") is None)
    assert entity_registry.async_get("camera.family") is None
    await pbx.stop()
    await until(lambda: state_of(hass, "sensor.garage_participants").state == STATE_UNAVAILABLE)


async def test_a_deleted_device_takes_the_room_with_it(
    hass: HomeAssistant, rooms: None, loaded: MockConfigEntry, pbx: FakePbx
) -> None:
    device = loaded.runtime_data.coordinator.devices.of("room:office")
    assert await async_remove_config_entry_device(hass, loaded, device)
    assert pbx.commands("room/remove") == [{"room": "office"}]
    pbx.refuse("room/remove", "conflict", "The configuration file has this room.")
    with pytest.raises(ServiceValidationError, match="configuration file"):
        await async_remove_config_entry_device(hass, loaded, device)


async def test_a_pbx_without_rooms_and_mailboxes_has_no_entities_of_them(
    hass: HomeAssistant, pbx: FakePbx, entry: MockConfigEntry
) -> None:
    pbx.snapshot.pop("rooms", None)
    for door in pbx.snapshot["doors"]:
        door.pop("voicemail", None)
    for user in pbx.snapshot["users"]:
        user.pop("voicemail_enabled", None)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert not [state for state in hass.states.async_entity_ids() if "voicemail" in state or "participants" in state]
    assert not [state for state in hass.states.async_entity_ids("sensor") if state.endswith("_messages")]


async def test_mailboxes_tell_what_is_new(
    hass: HomeAssistant, rooms: None, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    assert state_of(hass, "sensor.anna_berger_voicemail").state == "0"
    assert state_of(hass, "switch.anna_berger_voicemail").state == "on"
    assert hass.states.get("switch.carla_voicemail") is None
    assert hass.states.get("sensor.garden_gate_messages") is None
    left = {"caller": "+4989123456", "caller_name": "Dr. Huber", "seconds": 7.5}
    await pbx.tell("voicemail_received", message="41", user="anna", door="", **left)
    await pbx.tell("voicemail_received", message="42", user="", door="front", caller="150", caller_name="", seconds=3.0)
    await pbx.change_user("anna", voicemail=1)
    await pbx.change_door("front", voicemail=2)
    await until(lambda: state_of(hass, "sensor.anna_berger_voicemail").state == "1")
    await until(lambda: state_of(hass, "sensor.front_door_messages").state == "2")
    calls = state_of(hass, "event.anna_berger_calls").attributes
    assert {key: calls[key] for key in ("event_type", "message", "number", "name", "seconds")} == {
        "event_type": "voicemail",
        "message": "41",
        "number": "+4989123456",
        "name": "Dr. Huber",
        "seconds": 7.5,
    }
    bell = state_of(hass, "event.front_door_doorbell").attributes
    assert (bell["event_type"], bell["message"]) == ("message", "42")
    await _switch(hass, "anna_berger_voicemail", "turn_off")
    assert pbx.commands("voicemail/set") == [{"user": "anna", "enabled": False}]
