"""Set-up, loss and return of the PBX, devices that come and go."""

import logging

import pytest
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import CONF_TOKEN, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.pascom.const import DOMAIN
from custom_components.pascom.coordinator import PascomCoordinator
from custom_components.pascom.wire.models import Event, Snapshot

from .conftest import Until, state_of
from .fake_pbx import FakePbx

PEOPLE = {"Anna Berger", "Ben Berger", "Carla"}
LINES = {"Provider", "FRITZ!Box"}


async def test_each_door_person_and_line_is_one_device(
    hass: HomeAssistant, loaded: MockConfigEntry, device_registry: dr.DeviceRegistry
) -> None:
    assert loaded.state is ConfigEntryState.LOADED
    devices = {device.name: device for device in dr.async_entries_for_config_entry(device_registry, loaded.entry_id)}
    assert set(devices) == {"Home", "Front door", "Garden gate"} | PEOPLE | LINES
    pbx = devices.pop("Home")
    assert {device.via_device_id for device in devices.values()} == {pbx.id}


async def test_a_pbx_that_knows_no_calls_yet_shows_its_doors(
    hass: HomeAssistant, entry: MockConfigEntry, pbx: FakePbx, device_registry: dr.DeviceRegistry
) -> None:
    for key in ("calls", "trunks", "teams", "workplaces"):
        del pbx.snapshot[key]
    for user in pbx.snapshot["users"]:
        for key in ("registered", "devices", "do_not_disturb", "profile", "profiles", "in_call", "voicemail"):
            del user[key]
    assert await hass.config_entries.async_setup(entry.entry_id)
    names = {device.name for device in dr.async_entries_for_config_entry(device_registry, entry.entry_id)}
    assert names == {"Home", "Front door", "Garden gate"}
    assert hass.states.get("sensor.home_calls") is None


async def test_it_unloads_without_a_trace(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.NOT_LOADED


async def test_without_a_pbx_set_up_is_tried_again(
    hass: HomeAssistant, entry: MockConfigEntry, pbx: FakePbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.pascom.coordinator.FIRST_SNAPSHOT_TIMEOUT", 0.3)
    await pbx.stop()
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY


async def test_a_refused_token_asks_to_pair_again(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_TOKEN: "wrong"})
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    await hass.async_block_till_done()
    assert [flow["context"]["source"] for flow in hass.config_entries.flow.async_progress()] == [SOURCE_REAUTH]


async def test_a_token_that_is_revoked_later_asks_too(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    await pbx.stop()
    pbx.tokens.clear()
    await pbx.start()
    await until(lambda: bool(hass.config_entries.flow.async_progress()))
    assert hass.config_entries.flow.async_progress()[0]["context"]["source"] == SOURCE_REAUTH


async def test_another_api_version_says_so(hass: HomeAssistant, entry: MockConfigEntry, pbx: FakePbx) -> None:
    pbx.info = {**pbx.info, "api_version": 99}
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "incompatible"


async def test_a_lost_pbx_makes_everything_unavailable_and_returns_fresh(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:
    entities = [entity.entity_id for entity in er.async_entries_for_config_entry(er.async_get(hass), loaded.entry_id)]
    assert len(entities) == 42
    caplog.clear()
    await pbx.stop()
    await until(lambda: state_of(hass, "camera.front_door").state == STATE_UNAVAILABLE)
    shown = [entity for entity in entities if hass.states.get(entity) is not None]
    assert len(shown) == 40  # who has one profile has nothing to choose from
    assert {state_of(hass, entity).state for entity in shown} == {STATE_UNAVAILABLE}

    # What changed meanwhile is seen at once after the return.
    pbx.door("garden")["connected"] = True
    before = hass.loop.time()
    await pbx.start()
    await until(lambda: state_of(hass, "camera.front_door").state != STATE_UNAVAILABLE)
    assert hass.loop.time() - before < 5  # it asks every half second
    assert STATE_UNAVAILABLE not in {state_of(hass, entity).state for entity in shown}
    assert state_of(hass, "binary_sensor.garden_gate_connectivity").state == "on"

    lines = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components.pascom") and record.levelno >= logging.INFO
    ]
    assert len(lines) == 2
    assert "PBX Home is away" in lines[0]
    assert lines[1] == "PBX Home is back"


async def test_a_ring_that_began_while_the_pbx_was_away_is_told(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    await pbx.stop()
    await until(lambda: state_of(hass, "event.front_door_doorbell").state == STATE_UNAVAILABLE)
    pbx.door("front").update(
        state="ringing",
        ring={"id": "r7", "button": "", "since": "2026-11-21T10:00:00+00:00", "answered_by": "", "rings": ["anna"]},
    )
    await pbx.start()
    await until(lambda: state_of(hass, "event.front_door_doorbell").attributes.get("ring") == "r7")
    assert state_of(hass, "event.front_door_doorbell").attributes["event_type"] == "ring"
    assert state_of(hass, "binary_sensor.front_door_ringing").state == "on"


async def test_a_new_door_appears_and_a_removed_one_goes(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    until: Until,
    device_registry: dr.DeviceRegistry,
) -> None:
    pbx.snapshot["doors"].append({**pbx.door("garden"), "name": "side", "display_name": "Side door"})
    await pbx.change_directory()
    await until(lambda: hass.states.get("camera.side_door") is not None)

    pbx.snapshot["doors"] = [door for door in pbx.snapshot["doors"] if door["name"] != "garden"]
    await pbx.change_directory()
    await until(lambda: hass.states.get("camera.garden_gate") is None)
    names = {device.name for device in dr.async_entries_for_config_entry(device_registry, loaded.entry_id)}
    assert names == {"Home", "Front door", "Side door"} | PEOPLE | LINES

    # It may come back under its old name.
    pbx.snapshot["doors"].append({**pbx.door("side"), "name": "garden", "display_name": "Garden gate"})
    await pbx.change_directory()
    await until(lambda: hass.states.get("camera.garden_gate") is not None)


async def test_a_door_that_went_while_home_assistant_was_down_is_forgotten(
    hass: HomeAssistant, entry: MockConfigEntry, device_registry: dr.DeviceRegistry, pbx: FakePbx
) -> None:
    stale = device_registry.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, f"{pbx.info['instance']}-attic")}
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert device_registry.async_get(stale.id) is None


async def test_a_pbx_without_people_counts_its_calls(hass: HomeAssistant, entry: MockConfigEntry, pbx: FakePbx) -> None:
    pbx.snapshot.update(users=[], trunks=[], calls=[])
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert state_of(hass, "sensor.home_calls").state == "0"


async def test_people_and_lines_come_and_go(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    until: Until,
    device_registry: dr.DeviceRegistry,
) -> None:
    from custom_components.pascom import async_remove_config_entry_device

    coordinator = loaded.runtime_data.coordinator
    assert not await async_remove_config_entry_device(hass, loaded, coordinator.devices.of("user:anna"))
    pbx.snapshot["users"] = [user for user in pbx.snapshot["users"] if user["name"] != "carla"]
    pbx.snapshot["users"].append({**pbx.user("ben"), "name": "dora", "display_name": "Dora", "extension": "104"})
    pbx.snapshot["trunks"] = pbx.snapshot["trunks"][:1]
    await pbx.change_directory()
    await until(lambda: hass.states.get("sensor.dora_call") is not None)
    names = {device.name for device in dr.async_entries_for_config_entry(device_registry, loaded.entry_id)}
    assert names == {"Home", "Front door", "Garden gate", "Anna Berger", "Ben Berger", "Dora", "Provider"}


async def test_a_device_is_renamed_with_what_it_stands_for(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until, device_registry: dr.DeviceRegistry
) -> None:
    coordinator = loaded.runtime_data.coordinator
    device_registry.async_update_device(coordinator.devices.of("front").id, name_by_user="My door")
    pbx.user("anna")["display_name"] = "Anna Maria"
    pbx.door("front")["display_name"] = "Entrance"
    await pbx.change_directory()
    await until(lambda: coordinator.devices.of("user:anna").name == "Anna Maria")
    assert coordinator.devices.of("front").name == "Entrance"
    assert coordinator.devices.of("front").name_by_user == "My door"
    assert state_of(hass, "sensor.anna_berger_call").name == "Anna Maria Call"


async def test_deleting_a_device_removes_the_door(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    from custom_components.pascom import async_remove_config_entry_device

    device = loaded.runtime_data.coordinator.devices.of("garden")
    root = loaded.runtime_data.coordinator.devices.of("")
    assert not await async_remove_config_entry_device(hass, loaded, root)
    assert await async_remove_config_entry_device(hass, loaded, device)
    assert pbx.commands("door/remove") == [{"door": "garden"}]
    await until(lambda: hass.states.get("camera.garden_gate") is None)


async def test_events_that_are_none_of_ours_do_no_harm(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    await pbx.tell_golden("events")
    await pbx.tell("something_new", door="front", what="?")
    await pbx.tell("door_rang", door="front", ring="r9", button="", rings=[])
    await until(lambda: state_of(hass, "event.front_door_doorbell").attributes.get("ring") == "r9")


async def test_what_is_told_right_after_the_first_snapshot_is_part_of_what_is_first_shown(
    hass: HomeAssistant, entry: MockConfigEntry, pbx: FakePbx
) -> None:
    entry.add_to_hass(hass)
    coordinator = PascomCoordinator(hass, entry)
    coordinator.on_connected(Snapshot.from_wire(pbx.snapshot))
    state = {**pbx.user("ben"), "display_name": "Benjamin"}
    coordinator.on_event(Event(kind="user_changed", data={"user": "ben", "state": state}))
    await coordinator.async_refresh()
    assert coordinator.data.users["ben"].display_name == "Benjamin"
