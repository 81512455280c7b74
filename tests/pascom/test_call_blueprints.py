"""The blueprints about calls: missed ones are told, those from outside are routed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.components import automation
from homeassistant.components.blueprint import models
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from homeassistant.util import yaml as yaml_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from .conftest import Until
from .fake_pbx import FakePbx

FOLDER = Path(__file__).parents[2] / "blueprints" / "automation"


@pytest.fixture(autouse=True)
def _blueprints() -> Iterator[None]:
    def load(_self: Any, path: str) -> models.Blueprint:
        return models.Blueprint(
            yaml_util.load_yaml_dict(str(FOLDER / path)),
            expected_domain=automation.DOMAIN,
            path=path,
            schema=automation.config.AUTOMATION_BLUEPRINT_SCHEMA,
        )

    with patch.object(models.DomainBlueprints, "_load_blueprint", load):
        yield


async def _set_up(hass: HomeAssistant, name: str, **inputs: Any) -> None:
    used = {"path": f"pascom/{name}.yaml", "input": inputs}
    assert await async_setup_component(hass, automation.DOMAIN, {automation.DOMAIN: {"use_blueprint": used}})
    await hass.async_block_till_done()
    assert len(hass.states.async_all("automation")) == 1


@pytest.mark.parametrize("everybody", [True, False])
async def test_a_missed_call_is_told_and_called_back(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    until: Until,
    device_registry: dr.DeviceRegistry,
    everybody: bool,
) -> None:
    app = MockConfigEntry(domain="mobile_app")
    app.add_to_hass(hass)
    phone = device_registry.async_get_or_create(
        config_entry_id=app.entry_id, identifiers={("mobile_app", "x")}, name="Carla's Phone"
    )
    told = async_mock_service(hass, "notify", "mobile_app_carla_s_phone")
    people = [] if everybody else [loaded.runtime_data.coordinator.devices.of("user:carla").id]
    await _set_up(hass, "call_missed", phones=[phone.id], people=people)
    await pbx.tell("call_missed", call="c3", user="anna", caller="102", caller_name="Ben Berger")
    await pbx.tell("call_missed", call="c3", user="carla", caller="+4930123456", caller_name="Uncle Otto")
    await until(lambda: bool(told) and told[-1].data["title"] == "Missed call for Carla")
    assert len(told) == (2 if everybody else 1)
    data = told[-1].data
    assert data["message"] == "From Uncle Otto (+4930123456)"
    [action] = data["data"]["actions"]
    assert action["title"] == "Call back"
    hass.bus.async_fire("mobile_app_notification_action", {"action": action["action"]})
    hass.bus.async_fire("mobile_app_notification_action", {"action": "SOMETHING_ELSE"})
    await until(lambda: bool(pbx.commands("call/dial")))
    assert pbx.commands("call/dial") == [{"number": "+4930123456", "user": "carla"}]


async def test_who_hides_their_number_cannot_be_called_back(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until, device_registry: dr.DeviceRegistry
) -> None:
    app = MockConfigEntry(domain="mobile_app")
    app.add_to_hass(hass)
    phone = device_registry.async_get_or_create(
        config_entry_id=app.entry_id, identifiers={("mobile_app", "x")}, name="Ben"
    )
    told = async_mock_service(hass, "notify", "mobile_app_ben")
    await _set_up(hass, "call_missed", phones=[phone.id])
    await pbx.tell("call_missed", call="c3", user="carla", caller="anonymous", caller_name="Anonymous")
    await until(lambda: bool(told))
    assert told[0].data["message"] == "From Anonymous"
    assert told[0].data["data"]["actions"] == []


@pytest.mark.parametrize(
    ("caller", "others", "decision"),
    [
        ("+4989123456", "103", {"ring": ["anna", "ben"]}),
        ("+4930555", "103", {"ring": ["anna", "ben"]}),
        ("+4940777", "103", {"number": "103"}),
        ("+4940777", "+491701234567", {"number": "+491701234567"}),
        ("anonymous", "", {"refuse": True}),
    ],
)
async def test_known_callers_ring_everybody_and_others_go_elsewhere(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    until: Until,
    caller: str,
    others: str,
    decision: dict[str, Any],
) -> None:
    device_of = loaded.runtime_data.coordinator.devices.of
    people = [device_of("user:anna").id, device_of("user:ben").id]
    await _set_up(hass, "known_callers", known=["+49 89 123456", "+4930*"], people=people, others=others)
    request = {"request": "q1", "trunk": "provider", "number": "+498912340", "default": "anna", "deadline": 2.0}
    await pbx.tell("route_requested", **request, caller=caller, caller_name="")
    await until(lambda: bool(pbx.commands("route/answer")))
    assert pbx.commands("route/answer") == [{"request": "q1", **decision}]
