"""Diagnostics, repairs and the trigger."""

from unittest.mock import patch

import pytest
from homeassistant.components import automation
from homeassistant.components.labs import async_is_preview_feature_enabled
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser, async_mock_service
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from syrupy.assertion import SnapshotAssertion
from syrupy.filters import props

from custom_components.pascom import repairs
from custom_components.pascom.const import CONF_AUTO_LINK, DOMAIN

from .conftest import Until, issue_of
from .fake_pbx import TOKEN, FakePbx


async def test_diagnostics_hold_no_secret(
    hass: HomeAssistant,
    rooms: None,
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    snapshot: SnapshotAssertion,
) -> None:
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    assert TOKEN not in str(diagnostics)
    assert "ha-anna" not in str(diagnostics)
    assert "Dr. Huber" not in str(diagnostics)
    assert "+4989123456" not in str(diagnostics)
    assert diagnostics == snapshot(exclude=props("port"))


@pytest.fixture
async def labs(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Labs, with the switch that Home Assistant 2026.11 has."""
    monkeypatch.setattr(repairs, "_LABS_HAVE_IT", True)
    assert await async_setup_component(hass, "labs", {})


async def test_two_way_audio_that_is_off_is_said_and_switched_on(
    hass: HomeAssistant, labs: None, entry: MockConfigEntry, pbx: FakePbx, issue_registry: ir.IssueRegistry
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    key = f"two_way_audio_{entry.entry_id}"
    assert issue_of(issue_registry, key).is_fixable
    flow = await repairs.async_create_fix_flow(hass, key, None)
    assert isinstance(flow, repairs.TwoWayAudioFlow)
    flow.hass, flow.context, flow.handler, flow.issue_id = hass, {}, DOMAIN, key
    flow.flow_id = "flow"
    assert (await flow.async_step_init())["step_id"] == "confirm"
    with patch("homeassistant.components.labs.async_update_preview_feature") as update:
        await flow.async_step_confirm({})
    update.assert_called_once_with(hass, "camera", "two_way_audio", enabled=True)


async def test_two_way_audio_that_is_on_needs_no_words(
    hass: HomeAssistant, labs: None, entry: MockConfigEntry, issue_registry: ir.IssueRegistry
) -> None:
    with patch("homeassistant.components.labs.async_is_preview_feature_enabled", return_value=True) as enabled:
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
    enabled.assert_called_with(hass, "camera", "two_way_audio")
    assert issue_registry.async_get_issue(DOMAIN, f"two_way_audio_{entry.entry_id}") is None
    hass.bus.async_fire("labs_updated", {"domain": "camera", "preview_feature": "two_way_audio", "enabled": False})
    await hass.async_block_till_done()
    assert not async_is_preview_feature_enabled(hass, "camera", "two_way_audio")
    assert issue_registry.async_get_issue(DOMAIN, f"two_way_audio_{entry.entry_id}") is not None


async def test_an_automation_opens_the_door_its_own_way(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    device = loaded.runtime_data.coordinator.devices.of("front")
    calls = async_mock_service(hass, "test", "open")
    trigger = {"trigger": "pascom.door_open_requested"}
    assert await async_setup_component(
        hass,
        automation.DOMAIN,
        {
            automation.DOMAIN: [
                {
                    "alias": name,
                    "triggers": [{**trigger, **options}],
                    "actions": [{"action": "test.open", "data": {"name": name, "by": "{{ trigger.by }}"}}],
                }
                for name, options in (
                    ("every", {}),
                    ("this", {"options": {"device_id": device.id}}),
                    ("other", {"options": {"device_id": ["nobody"]}}),
                )
            ]
        },
    )
    await hass.async_block_till_done()
    await pbx.tell("door_open_requested", door="front", ring="", by="anna")
    await until(lambda: len(calls) == 2)
    assert {call.data["name"]: call.data["by"] for call in calls} == {"every": "Anna Berger", "this": "Anna Berger"}


async def test_people_and_machines_are_told_apart(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, hass_admin_user: MockUser
) -> None:
    people = loaded.runtime_data.people
    assert await people.actor_of(None) is None
    assert await people.actor_of(Context()) is None
    system = await hass.auth.async_create_system_user("Supervisor")
    assert await people.actor_of(Context(user_id=system.id)) is None
    gone = await people.actor_of(Context(user_id="gone"))
    assert gone.ha_user == "gone"
    assert not gone.admin
    hass.config_entries.async_update_entry(loaded, options={CONF_AUTO_LINK: False})
    actor = await people.actor(hass_admin_user)
    assert actor.admin
    assert pbx.commands("user/link") == []
