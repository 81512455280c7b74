"""The actions about calls: whom they mean, what they ask of the PBX, and what they say when it cannot be."""

from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockModule, mock_integration

from custom_components.pascom.const import CONF_MODE, DOMAIN, MODE_LOCAL
from tests.pascom.conftest import Until
from tests.pascom.fake_pbx import FakePbx

ANNA = {"entity_id": "sensor.anna_berger_call"}
CARLA = {"entity_id": "sensor.carla_call"}


async def act(hass: HomeAssistant, name: str, data: dict[str, Any], context: Context | None = None) -> Any:
    response = hass.services.supports_response(DOMAIN, name) != "none"
    return await hass.services.async_call(DOMAIN, name, data, blocking=True, context=context, return_response=response)


async def refused(hass: HomeAssistant, name: str, data: dict[str, Any], context: Context | None = None) -> str:
    """The key of the sentence with which it is refused."""
    with pytest.raises(ServiceValidationError) as error:
        await act(hass, name, data, context)
    return str(error.value.translation_key)


# Who is meant


@pytest.mark.parametrize("way", ["entity", "registered", "device", "area", "extension", "name"])
async def test_an_extension_is_meant_in_many_ways(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    device_registry: dr.DeviceRegistry,
    area_registry: ar.AreaRegistry,
    way: str,
) -> None:
    device = loaded.runtime_data.coordinator.devices.of("user:anna")
    area = area_registry.async_create("Study")
    device_registry.async_update_device(device.id, area_id=area.id)
    who = {
        "entity": ANNA,
        "registered": {"entity_id": "binary_sensor.anna_berger_registered"},
        "device": {"device_id": device.id},
        "area": {"area_id": area.id},
        "extension": {"extension": 101},
        "name": {"extension": "anna"},
    }[way]
    assert await act(hass, "dial", {"number": " 102 ", **who}) == {"call": "c4"}
    assert pbx.commands("call/dial") == [{"number": "102", "user": "anna"}]


async def test_who_asks_dials_with_their_own_phones(hass: HomeAssistant, pbx: FakePbx, anna: Context) -> None:
    await act(hass, "dial", {"number": "102", "auto_answer": True}, anna)
    actor = {"ha_user": anna.user_id, "name": "Mock User", "admin": True}
    assert pbx.commands("call/dial") == [{"number": "102", "user": "anna", "auto_answer": True, "as": actor}]


async def test_an_automation_has_to_say_whose_phones(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    assert await refused(hass, "dial", {"number": "102"}) == "whose_extension"
    assert await refused(hass, "dial", {"number": "102", "extension": "999"}) == "no_extension"
    assert await refused(hass, "dial", {"number": "102", "extension": ["101", "102"]}) == "one_extension"
    assert await refused(hass, "dial", {"number": "102", "entity_id": "lock.front_door_opener"}) == "whose_extension"


async def test_without_a_pbx_nothing_can_be_dialled(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    assert await refused(hass, "dial", {"number": "102"}) == "no_pbx"


async def test_of_several_pbxs_one_must_be_meant(
    hass: HomeAssistant, loaded: MockConfigEntry, entry: MockConfigEntry, pbx: FakePbx
) -> None:
    other = FakePbx()
    other.info = {**other.info, "instance": "other"}
    other.snapshot["instance"] = "other"
    other.snapshot["calls"] = [{**other.snapshot["calls"][0], "id": "other-call"}]
    await other.start()
    second = MockConfigEntry(
        domain=DOMAIN, title="Office", unique_id="other", data={**entry.data, "port": other.port}, options={}
    )
    second.add_to_hass(hass)
    assert await hass.config_entries.async_setup(second.entry_id)
    await hass.async_block_till_done()
    assert await refused(hass, "route_call", {"request": "q1", "number": "101"}) == "which_pbx"
    await act(hass, "route_call", {"request": "q1", "number": "101", "config_entry_id": second.entry_id})
    assert other.commands("route/answer") == [{"request": "q1", "number": "101"}]
    await act(hass, "hang_up", {"call": "other-call"})
    assert other.commands("call/hang_up") == [{"call": "other-call"}]
    assert pbx.commands("route/answer") == pbx.commands("call/hang_up") == []
    assert await hass.config_entries.async_unload(second.entry_id)
    await other.stop()


# What is asked


@pytest.mark.parametrize(
    ("action", "data", "command", "sent"),
    [
        ("hang_up", ANNA, "call/hang_up", {"call": "c2", "user": "anna"}),
        ("hang_up", {**ANNA, "call": "c1"}, "call/hang_up", {"call": "c1", "user": "anna"}),
        ("hang_up", {"call": "c3"}, "call/hang_up", {"call": "c3"}),
        ("answer", CARLA, "call/answer", {"call": "c3", "user": "carla"}),
        ("hold", ANNA, "call/hold", {"call": "c2", "user": "anna"}),
        ("resume", ANNA, "call/resume", {"call": "c1", "user": "anna"}),
        ("send_dtmf", {**ANNA, "digits": "12*#"}, "call/send_dtmf", {"call": "c2", "user": "anna", "digits": "12*#"}),
        ("transfer", {**ANNA, "number": "103"}, "call/transfer", {"call": "c2", "user": "anna", "number": "103"}),
        ("transfer", ANNA, "call/transfer", {"call": "c2", "user": "anna", "to_call": "c1"}),
        ("transfer", {**ANNA, "to_call": "c9"}, "call/transfer", {"call": "c2", "user": "anna", "to_call": "c9"}),
        ("send_message", {**ANNA, "message": "Taxi!"}, "message/send", {"to": "anna", "text": "Taxi!"}),
        ("send_message", {"extension": "160", "message": "Taxi!"}, "message/send", {"to": "160", "text": "Taxi!"}),
        ("route_call", {"request": "q1", "number": "102"}, "route/answer", {"request": "q1", "number": "102"}),
        ("route_call", {"request": "q1", "refuse": True}, "route/answer", {"request": "q1", "refuse": True}),
        ("route_call", {"request": "q1", **ANNA}, "route/answer", {"request": "q1", "ring": ["anna"]}),
    ],
)
async def test_an_action_is_one_command(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    action: str,
    data: dict[str, Any],
    command: str,
    sent: dict[str, Any],
) -> None:
    await act(hass, action, data)
    assert pbx.commands(command) == [sent]


async def test_two_who_speak_with_each_other_are_hung_up_once(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx
) -> None:
    await act(hass, "hang_up", {"extension": ["101", "102"]})
    assert pbx.commands("call/hang_up") == [{"call": "c2", "user": "anna"}]


async def test_what_is_not_going_on_cannot_be_steered(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    for action, data in (
        ("answer", ANNA),
        ("hold", CARLA),
        ("resume", CARLA),
        ("hang_up", {**ANNA, "call": "c3"}),
        ("send_dtmf", {**CARLA, "digits": "1"}),
        ("transfer", {**CARLA, "number": "101"}),
    ):
        assert await refused(hass, action, data) == "no_call", action
    assert await refused(hass, "transfer", {"entity_id": "sensor.ben_berger_call"}) == "transfer_where"
    assert await refused(hass, "route_call", {"request": "q1"}) == "route_where"
    assert await refused(hass, "route_call", {"request": "q1", "extension": "999"}) == "no_extension"


async def test_a_refusal_is_shown_in_the_words_of_the_pbx(
    hass: HomeAssistant, pbx: FakePbx, anna: Context, until: Until
) -> None:
    pbx.refuse("call/dial", "forbidden", "Anna Berger may not dial 0900.")
    with pytest.raises(ServiceValidationError, match="may not dial"):
        await act(hass, "dial", {"number": "0900"}, anna)
    said = "No phone of Anna Berger is registered."
    pbx.refuse("call/dial", "unavailable", said, "no_phone_registered", name="Anna Berger")
    with pytest.raises(HomeAssistantError, match="No phone") as error:
        await act(hass, "dial", {"number": "102"}, anna)
    assert (error.value.translation_key, error.value.translation_placeholders) == (
        "pbx_no_phone_registered",
        {"name": "Anna Berger"},
    )


# Announcements


async def test_a_text_is_spoken_by_home_assistant(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx) -> None:
    with patch("custom_components.pascom.actions.asked.spoken", return_value="/api/tts_proxy/golden.wav") as voice:
        hass.config.internal_url = "http://192.0.2.5:8123"
        assert await act(hass, "announce", {**ANNA, "message": "Dinner", "tts_entity_id": "tts.cloud"}) == {
            "reached": ["101"],
            "failed": {},
        }
    voice.assert_called_once_with(hass, "Dinner", engine="tts.cloud", language=None)
    url = "http://192.0.2.5:8123/api/tts_proxy/golden.wav"
    assert pbx.commands("call/announce") == [{"targets": ["101"], "url": url}]


async def test_a_pbx_on_this_machine_fetches_it_by_loopback(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx
) -> None:
    assert await async_setup_component(hass, "http", {})
    hass.config_entries.async_update_entry(loaded, data={**loaded.data, CONF_MODE: MODE_LOCAL})
    await act(hass, "announce", {**ANNA, "media_content_id": "/local/gong.wav"})
    assert hass.config.api is not None
    url = f"http://127.0.0.1:{hass.config.api.port}/local/gong.wav"
    assert pbx.commands("call/announce") == [{"targets": ["101"], "url": url}]


@pytest.mark.parametrize(
    "what",
    [{"media_content_id": "http://192.0.2.9/gong.mp3"}, {"media": {"media_content_id": "http://192.0.2.9/gong.mp3"}}],
)
async def test_a_file_is_played_on_extensions_and_teams(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, what: dict[str, Any]
) -> None:
    await act(hass, "announce", {"extension": ["102", "160"], **what})
    assert pbx.commands("call/announce") == [{"targets": ["102", "160"], "url": "http://192.0.2.9/gong.mp3"}]


async def test_an_announcement_nobody_hears_fails_unless_the_answer_is_asked_for(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx
) -> None:
    failed = {"reached": [], "failed": {"103": "No phone of Carla is registered."}}
    pbx.answers["call/announce"] = lambda _: failed
    data = {**CARLA, "media_content_id": "http://192.0.2.9/gong.mp3"}
    assert await act(hass, "announce", data) == failed
    with pytest.raises(HomeAssistantError, match="No phone of Carla is registered"):
        await hass.services.async_call(DOMAIN, "announce", data, blocking=True)


async def test_what_cannot_be_said_is_refused(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    assert await refused(hass, "announce", ANNA) == "nothing_to_say"
    assert await refused(hass, "announce", {**ANNA, "message": "Dinner"}) == "no_tts"
    mock_integration(hass, MockModule("tts"))
    assert await async_setup_component(hass, "media_source", {})
    media = {"media_content_id": "media-source://media_source/local/none/../x"}
    assert await refused(hass, "announce", {**ANNA, **media}) == "media_unusable"
