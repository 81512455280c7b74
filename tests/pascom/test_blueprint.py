"""The blueprint: phones are told, and told that it is over; Open opens for the phone's owner."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.components import automation
from homeassistant.components.blueprint import models
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from homeassistant.util import yaml as yaml_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser, async_mock_service

from .conftest import Until
from .fake_pbx import FakePbx

FILE = Path(__file__).parents[2] / "blueprints" / "automation" / "pascom" / "door_rings.yaml"
NAME = "pascom/door_rings.yaml"


@pytest.fixture(autouse=True)
def _blueprint() -> Iterator[None]:
    blueprint = models.Blueprint(
        yaml_util.load_yaml_dict(str(FILE)),
        expected_domain=automation.DOMAIN,
        path=NAME,
        schema=automation.config.AUTOMATION_BLUEPRINT_SCHEMA,
    )
    with patch.object(models.DomainBlueprints, "_load_blueprint", return_value=blueprint):
        yield


@pytest.fixture
async def phones(hass: HomeAssistant, device_registry: dr.DeviceRegistry) -> dict[str, list[ServiceCall]]:
    """Two phones by name, and the notifications that each got."""
    app = MockConfigEntry(domain="mobile_app")
    app.add_to_hass(hass)
    got = {}
    for name in ("Anna's Phone", "Ben"):
        device = device_registry.async_get_or_create(
            config_entry_id=app.entry_id, identifiers={("mobile_app", name)}, name=name
        )
        service = "mobile_app_anna_s_phone" if name.startswith("Anna") else "mobile_app_ben"
        got[device.id] = async_mock_service(hass, "notify", service)
    return got


async def _set_up(hass: HomeAssistant, phones: dict[str, list[ServiceCall]], **inputs: Any) -> None:
    inputs = {
        "doorbell": "event.front_door_doorbell",
        "camera": "camera.front_door",
        "opener": "lock.front_door_opener",
        "phones": list(phones),
        **inputs,
    }
    assert await async_setup_component(
        hass, automation.DOMAIN, {automation.DOMAIN: {"use_blueprint": {"path": NAME, "input": inputs}}}
    )
    await hass.async_block_till_done()
    assert len(hass.states.async_all("automation")) == 1


async def test_a_ring_is_told_and_cleared(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, phones: dict[str, list[ServiceCall]], until: Until
) -> None:
    await _set_up(hass, phones)
    await pbx.tell("door_rang", door="front", ring="r1", button="Anna", rings=["anna"])
    await until(lambda: all(phones.values()))
    for calls in phones.values():
        told = calls[0].data
        assert told["title"] == "Front door"
        assert told["message"] == "Somebody is at the door (Anna)."
        data = told["data"]
        assert data["image"] == "/api/camera_proxy/camera.front_door"
        assert data["url"] == data["clickAction"] == "/lovelace?more-info-entity-id=camera.front_door"
        assert data["actions"] == [
            {"action": "URI", "title": "Answer", "uri": data["url"]},
            {"action": "PASCOM_OPEN_EVENT_FRONT_DOOR_DOORBELL", "title": "Open"},
        ]
        assert data["push"]["sound"]["critical"] == 1
        assert data["channel"] == "alarm_stream"
        assert data["ttl"] == 0

    await pbx.tell("door_answered", door="front", ring="r1", by="anna", device="phone", button="Anna")
    await until(lambda: all(len(calls) == 2 for calls in phones.values()))
    for calls in phones.values():
        assert calls[1].data["message"] == "clear_notification"
        assert calls[1].data["data"]["tag"] == calls[0].data["data"]["tag"]


async def test_a_missed_ring_stays_as_a_quiet_note(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, phones: dict[str, list[ServiceCall]], until: Until
) -> None:
    await _set_up(hass, phones, opener="", critical=False)
    await pbx.tell("door_rang", door="front", ring="r1", button="", rings=["anna"])
    await pbx.tell("door_missed", door="front", ring="r1", button="")
    await until(lambda: all(len(calls) == 3 for calls in phones.values()))
    calls = next(iter(phones.values()))
    assert calls[0].data["message"] == "Somebody is at the door."
    assert len(calls[0].data["data"]["actions"]) == 1
    assert calls[0].data["data"]["push"]["interruption-level"] == "time-sensitive"
    assert calls[1].data["message"] == "clear_notification"
    assert calls[2].data["message"] == "Somebody was at the door."


async def test_open_opens_for_the_owner_of_the_phone(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    phones: dict[str, list[ServiceCall]],
    until: Until,
    hass_read_only_user: MockUser,
) -> None:
    pbx.user("ben")["ha_user"] = hass_read_only_user.id
    await pbx.change_directory()
    await _set_up(hass, phones)
    action = {"action": "PASCOM_OPEN_EVENT_GARDEN_GATE_DOORBELL"}
    hass.bus.async_fire("mobile_app_notification_action", action, context=Context(user_id=hass_read_only_user.id))
    action = {"action": "PASCOM_OPEN_EVENT_FRONT_DOOR_DOORBELL"}
    hass.bus.async_fire("mobile_app_notification_action", action, context=Context(user_id=hass_read_only_user.id))
    await until(lambda: bool(pbx.commands("door/open")))
    assert pbx.commands("door/open") == [
        {"door": "front", "as": {"ha_user": hass_read_only_user.id, "name": "Mock User"}}
    ]
