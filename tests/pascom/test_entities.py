"""Each platform as Home Assistant shows it, and what the entities do."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.components.button import DOMAIN as BUTTON
from homeassistant.components.button import SERVICE_PRESS
from homeassistant.components.lock import DOMAIN as LOCK
from homeassistant.components.lock import SERVICE_LOCK, SERVICE_OPEN, SERVICE_UNLOCK
from homeassistant.const import ATTR_ENTITY_ID, STATE_UNAVAILABLE, Platform
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_capture_events,
    async_fire_time_changed,
    snapshot_platform,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from syrupy.assertion import SnapshotAssertion

from custom_components.pascom.const import DOMAIN, EVENT_DOOR_OPEN_REQUESTED
from custom_components.pascom.entity import PLATFORMS
from custom_components.pascom.lock import OPEN_SECONDS

from .conftest import Until, state_of
from .fake_pbx import FakePbx

DOORBELL = "event.front_door_doorbell"
OPENER = "lock.front_door_opener"


@pytest.mark.parametrize(
    "platform",
    PLATFORMS,
)
@pytest.mark.freeze_time("2026-11-21 10:00:00+00:00")
async def test_a_platform_looks_like_this(
    hass: HomeAssistant,
    rooms: None,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    snapshot: SnapshotAssertion,
    platform: Platform,
) -> None:
    with (
        patch("custom_components.pascom.PLATFORMS", [platform]),
        patch("random.SystemRandom.getrandbits", return_value=0x1234),
        patch("homeassistant.helpers.entity.Entity.entity_registry_enabled_default", new=True),
    ):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        await snapshot_platform(hass, entity_registry, snapshot, entry.entry_id)


async def test_one_ring_is_heard_from_the_bell_to_the_end(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    heard: list[Any] = []

    @callback  # else threads hear it, in any order
    def hear(event: Any) -> None:
        if event.data["entity_id"] == DOORBELL:
            heard.append(event.data["new_state"].attributes)

    hass.bus.async_listen("state_changed", hear)
    await pbx.tell_golden("ring")
    await until(lambda: bool(heard) and heard[-1]["event_type"] == "ended")
    assert [state["event_type"] for state in heard] == ["ring", "answered", "opened", "ended"]
    ring, answered, opened, ended = heard
    assert ring["button"] == "Anna"
    assert ring["rings"] == ["Anna Berger"]
    assert answered["by"] == "Anna Berger"
    assert answered["device"] == "browser"
    assert opened["how"] == "dtmf"
    assert ended["by"] == "Anna Berger"
    assert state_of(hass, OPENER).state == "open"
    assert state_of(hass, OPENER).attributes["changed_by"] == "Anna Berger"


async def test_a_missed_ring_is_told(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until) -> None:
    await pbx.tell("door_missed", door="front", ring="r1", button="Anna")
    await until(lambda: state_of(hass, DOORBELL).attributes["event_type"] == "missed")


async def test_ringing_and_connected_follow_the_door(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    assert state_of(hass, "binary_sensor.garden_gate_connectivity").state == "off"
    ring = {"id": "r1", "button": "", "since": "2026-11-21T10:00:00+00:00", "answered_by": "", "rings": []}
    await pbx.change_door("front", state="ringing", ring=ring, viewers=1)
    await until(lambda: state_of(hass, "binary_sensor.front_door_ringing").state == "on")
    assert state_of(hass, "camera.front_door").state == "streaming"
    await pbx.change_door("front", state="talking")
    await until(lambda: state_of(hass, "binary_sensor.front_door_ringing").state == "off")


@pytest.mark.parametrize("service", [SERVICE_OPEN, SERVICE_UNLOCK])
async def test_an_automation_opens_as_the_system(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, service: str
) -> None:
    await hass.services.async_call(LOCK, service, {ATTR_ENTITY_ID: OPENER}, blocking=True)
    assert pbx.commands("door/open") == [{"door": "front"}]


async def test_the_opener_locks_by_itself(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    await pbx.tell("door_opened", door="front", ring="", by="anna", how="dtmf")
    await until(lambda: state_of(hass, OPENER).state == "open")
    await pbx.tell("door_opened", door="front", ring="", by="ben", how="dtmf")
    await until(lambda: state_of(hass, OPENER).attributes["changed_by"] == "Ben Berger")
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=OPEN_SECONDS + 1))
    await hass.async_block_till_done()
    assert state_of(hass, OPENER).state == "locked"
    await hass.services.async_call(LOCK, SERVICE_LOCK, {ATTR_ENTITY_ID: OPENER}, blocking=True)
    assert pbx.commands("door/open") == []


async def test_a_person_opens_under_their_own_name(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, hass_admin_user: MockUser
) -> None:
    pbx.user("anna")["ha_user"] = hass_admin_user.id
    await pbx.change_directory()
    await hass.async_block_till_done()
    context = Context(user_id=hass_admin_user.id)
    await hass.services.async_call(LOCK, SERVICE_OPEN, {ATTR_ENTITY_ID: OPENER}, blocking=True, context=context)
    assert pbx.commands("door/open") == [
        {"door": "front", "as": {"ha_user": hass_admin_user.id, "name": "Mock User", "admin": True}}
    ]


async def test_a_refusal_is_shown_in_the_words_of_the_pbx(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx
) -> None:
    pbx.refuse("door/open", "forbidden", "Ben Berger may not open Front door.")
    with pytest.raises(ServiceValidationError, match="Ben Berger may not open Front door"):
        await hass.services.async_call(LOCK, SERVICE_OPEN, {ATTR_ENTITY_ID: OPENER}, blocking=True)
    pbx.refuse("door/open", "unavailable", "The station's relay does not answer.")
    with pytest.raises(HomeAssistantError, match="relay does not answer"):
        await hass.services.async_call(LOCK, SERVICE_OPEN, {ATTR_ENTITY_ID: OPENER}, blocking=True)
    assert state_of(hass, OPENER).state == "locked"


async def test_a_connection_lost_in_the_middle_of_opening_is_said(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    import asyncio

    pbx.hold["door/open"] = asyncio.Event()
    opening = hass.async_create_task(
        hass.services.async_call(LOCK, SERVICE_OPEN, {ATTR_ENTITY_ID: OPENER}, blocking=True)
    )
    async with asyncio.timeout(20):
        while not pbx.commands("door/open"):  # noqa: ASYNC110  (the command has no event of its own)
            await asyncio.sleep(0.005)
    assert state_of(hass, OPENER).state == "opening"
    pbx.hold["door/open"].set()
    pbx.hold.clear()
    pbx.answers["door/open"] = lambda _: None
    await pbx.stop()
    with pytest.raises(HomeAssistantError):
        await opening


async def test_a_door_that_cannot_open_has_no_opener_until_it_can(
    hass: HomeAssistant, entry: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    pbx.door("front")["opening"] = "none"
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get(OPENER) is None
    await pbx.change_door("front", opening="http")
    await until(lambda: hass.states.get(OPENER) is not None)
    assert state_of(hass, OPENER).state == "locked"
    await pbx.change_door("front", opening="none")
    await until(lambda: state_of(hass, OPENER).state == STATE_UNAVAILABLE)


@pytest.mark.parametrize(("button", "command"), [("call", "door/call"), ("end_call", "door/end")])
async def test_a_button_calls_and_ends(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, button: str, command: str
) -> None:
    target = {ATTR_ENTITY_ID: f"button.front_door_{button}"}
    await hass.services.async_call(BUTTON, SERVICE_PRESS, target, blocking=True)
    assert pbx.commands(command) == [{"door": "front"}]
    pbx.refuse(command, "unavailable", "Front door is not registered.")
    with pytest.raises(HomeAssistantError, match="not registered"):
        await hass.services.async_call(BUTTON, SERVICE_PRESS, target, blocking=True)


async def test_the_last_visitor_is_fetched_once_per_ring(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, hass_client: ClientSessionGenerator, until: Until
) -> None:
    assert state_of(hass, "image.front_door_last_visitor").state == "unknown"
    at = "2026-11-21T10:00:01+00:00"
    last = {"id": "r1", "at": at, "button": "", "outcome": "ringing", "answered_by": "", "picture": True}
    await pbx.change_door("front", last_ring=last)
    await until(lambda: state_of(hass, "image.front_door_last_visitor").state == at)
    client = await hass_client()
    for _ in range(2):
        response = await client.get("/api/image_proxy/image.front_door_last_visitor")
        assert await response.read() == b"\xff\xd8\xff\xd9"
        assert response.content_type == "image/jpeg"
    assert len(pbx.commands("door/last_visitor")) == 1

    pbx.answers["door/last_visitor"] = lambda _: None
    assert (await client.get("/api/image_proxy/image.garden_gate_last_visitor")).status == 500
    pbx.refuse("door/last_visitor", "unavailable", "gone")
    assert (await client.get("/api/image_proxy/image.garden_gate_last_visitor")).status == 500


async def test_the_action_opens_for_the_person_of_the_notification(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, hass_read_only_user: MockUser
) -> None:
    pbx.user("ben")["ha_user"] = hass_read_only_user.id
    await pbx.change_directory()
    await hass.async_block_till_done()
    result = await hass.services.async_call(
        DOMAIN,
        "open_door",
        {ATTR_ENTITY_ID: OPENER, "on_behalf_of": hass_read_only_user.id},
        blocking=True,
        return_response=True,
    )
    assert result == {OPENER: {"how": "dtmf"}}
    assert pbx.commands("door/open") == [
        {"door": "front", "as": {"ha_user": hass_read_only_user.id, "name": "Mock User"}}
    ]


async def test_nobody_but_an_administrator_opens_on_behalf_of_others(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, hass_admin_user: MockUser
) -> None:
    guest = MockUser(name="Guest", groups=hass_admin_user.groups).add_to_hass(hass)
    guest.groups = []
    guest.invalidate_cache()
    with (
        patch("homeassistant.auth.models.User.is_admin", new=False),
        patch("homeassistant.auth.permissions.PolicyPermissions.check_entity", return_value=True),
        pytest.raises(ServiceValidationError) as refused,
    ):
        await hass.services.async_call(
            DOMAIN,
            "open_door",
            {ATTR_ENTITY_ID: OPENER, "on_behalf_of": hass_admin_user.id},
            blocking=True,
            context=Context(user_id=guest.id),
        )
    assert refused.value.translation_key == "not_on_behalf"
    assert pbx.commands("door/open") == []


async def test_an_opening_left_to_home_assistant_is_an_event_with_who_asked(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    events = async_capture_events(hass, EVENT_DOOR_OPEN_REQUESTED)
    await pbx.tell("door_open_requested", door="front", ring="r1", by="anna")
    await until(lambda: bool(events))
    device = loaded.runtime_data.coordinator.devices.of("front")
    assert events[0].data == {"device_id": device.id, "door": "front", "by": "Anna Berger", "ring": "r1"}
    assert events[0].context.user_id == "ha-anna"
