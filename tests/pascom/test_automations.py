"""Triggers and conditions in automations."""

from typing import Any

import pytest
from homeassistant.components import automation
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import condition as condition_helper
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import Until, state_of
from .fake_pbx import FakePbx

OTTO = {
    "call": "c7",
    "caller": "+4930123456",
    "caller_name": "Uncle Otto",
    "caller_user": "",
    "number": "+498912341",
    "callee_name": "Carla",
    "direction": "inbound",
    "trunk": "provider",
}
ANNA_TO_BEN = {
    "call": "c8",
    "caller": "101",
    "caller_name": "Anna Berger",
    "caller_user": "anna",
    "number": "102",
    "callee_name": "Ben Berger",
    "direction": "internal",
    "trunk": "",
}


async def automate(hass: HomeAssistant, kind: str, cases: dict[str, dict[str, Any]], *, say: str = "") -> None:
    """An automation per case, which says its name."""
    automations = [
        {
            "alias": name,
            "mode": "queued",
            "triggers": [{"trigger": f"pascom.{kind}", **config}],
            "actions": [{"action": "test.ran", "data": {"name": name, "said": say}}],
        }
        for name, config in cases.items()
    ]
    assert await async_setup_component(hass, automation.DOMAIN, {automation.DOMAIN: automations})
    await hass.async_block_till_done()
    for name in cases:
        assert state_of(hass, f"automation.{name}").state == "on"


async def settle(hass: HomeAssistant, pbx: FakePbx, until: Until) -> None:
    """Everything told so far has been heard."""
    in_use = int(state_of(hass, "sensor.provider_calls").state) + 1
    await pbx.change_trunk("provider", in_use=in_use)
    await until(lambda: state_of(hass, "sensor.provider_calls").state == str(in_use))


def names(ran: list[ServiceCall]) -> list[str]:
    return [call.data["name"] for call in ran]


async def test_a_start_is_told_once_to_those_who_wait_for_it(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until, ran: list[ServiceCall]
) -> None:
    device = loaded.runtime_data.coordinator.devices.of("user:carla")
    cases = {
        "every": {},
        "carla": {"target": {"device_id": device.id}},
        "carla_by_number": {"options": {"extension": "103"}},
        "ben": {"target": {"entity_id": "sensor.ben_berger_call"}},
        "from_berlin": {"options": {"number": ["+49 30*"]}},
        "from_munich": {"options": {"number": ["+49 89 77*"]}},
        "inside": {"options": {"direction": "internal"}},
        "pbx": {"target": {"entity_id": "sensor.home_calls"}},
        "provider": {"target": {"entity_id": "sensor.provider_calls"}},
        "fritzbox": {"target": {"entity_id": "sensor.fritz_box_calls"}},
    }
    await automate(hass, "call_started", cases, say="{{ trigger.caller_name }} → {{ trigger.callee_name }}")
    await pbx.tell("call_started", **OTTO)
    await pbx.tell("call_ringing", call="c7", user="carla", device="phone")
    await pbx.tell("call_ringing", call="c7", user="carla", device="mobile")
    await settle(hass, pbx, until)
    assert sorted(names(ran)) == ["carla", "carla_by_number", "every", "from_berlin", "pbx", "provider"]
    assert {call.data["said"] for call in ran} == {"Uncle Otto → Carla"}
    ran.clear()
    await pbx.tell("call_started", **ANNA_TO_BEN)
    await pbx.tell("call_ringing", call="c8", user="ben", device="phone")
    await settle(hass, pbx, until)
    assert sorted(names(ran)) == ["ben", "every", "inside", "pbx"]


@pytest.mark.parametrize(
    ("kind", "event", "say", "said"),
    [
        (
            "call_answered",
            {"kind": "call_answered", "by": "carla", "number": "103", "device": "phone"},
            "{{ trigger.by }} {{ trigger.by_number }} {{ trigger.device }} {{ trigger.caller }}",
            "Carla 103 phone +4930123456",
        ),
        (
            "call_missed",
            {"kind": "call_missed", "user": "carla", "caller": "+4930123456", "caller_name": "Uncle Otto"},
            "{{ trigger.extension }} {{ trigger.name }} {{ trigger.caller_name }}",
            "103 Carla Uncle Otto",
        ),
        (
            "dtmf_received",
            {"kind": "call_dtmf", "digit": "5", "user": "carla", "number": "103"},
            "{{ trigger.digit }} {{ trigger.by }}",
            "5 Carla",
        ),
        (
            "call_ended",
            {"kind": "call_ended", "cause": 16, "reason": "Normal", "by": "carla", "seconds": 61.4, "answered": True},
            "{{ trigger.seconds }} {{ trigger.answered }} {{ trigger.reason }} {{ trigger.extensions[0] }}",
            "61 True Normal 103",
        ),
    ],
)
async def test_what_happens_in_a_call_triggers(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    until: Until,
    ran: list[ServiceCall],
    kind: str,
    event: dict[str, Any],
    say: str,
    said: str,
) -> None:
    cases = {
        "every": {},
        "carla": {"options": {"extension": ["103"]}},
        "ben": {"options": {"extension": ["102"]}},
    }
    await automate(hass, kind, cases, say=say)
    await pbx.tell("call_started", **OTTO)
    await pbx.tell("call_ringing", call="c7", user="carla", device="phone")
    if kind == "dtmf_received":
        await pbx.tell("call_answered", call="c7", by="carla", number="103", device="phone")
    event = dict(event)
    await pbx.tell(event.pop("kind"), call="c7", **event)
    await until(lambda: len(ran) == 2)
    assert sorted(names(ran)) == ["carla", "every"]
    assert {call.data["said"] for call in ran} == {said}


async def test_only_the_keys_that_are_waited_for_trigger(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until, ran: list[ServiceCall]
) -> None:
    await automate(hass, "dtmf_received", {"one": {"options": {"digit": 1}}, "two": {"options": {"digit": ["1", "2"]}}})
    for digit in "12#":
        await pbx.tell("call_dtmf", call="c2", digit=digit, user="anna", number="101")
    await settle(hass, pbx, until)
    assert names(ran) == ["one", "two", "two"]


async def test_an_automation_decides_where_a_call_goes(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    assert await async_setup_component(
        hass,
        automation.DOMAIN,
        {
            automation.DOMAIN: {
                "alias": "route",
                "triggers": {"trigger": "pascom.route_requested", "options": {"caller": ["anonymous", "+4989*"]}},
                "actions": {
                    "action": "pascom.route_call",
                    "data": {
                        "request": "{{ trigger.request }}",
                        "config_entry_id": "{{ trigger.config_entry_id }}",
                        "extension": ["101", "102"],
                    },
                },
            }
        },
    )
    await hass.async_block_till_done()
    await pbx.tell_golden("event_route_requested")
    await until(lambda: bool(pbx.commands("route/answer")))
    assert pbx.commands("route/answer") == [{"request": "q1", "ring": ["anna", "ben"]}]


async def test_a_call_that_no_automation_wants_goes_on_at_once(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until, ran: list[ServiceCall]
) -> None:
    await automate(hass, "route_requested", {"other": {"options": {"caller": "+4930*"}}})
    await pbx.tell_golden("event_route_requested")
    await until(lambda: bool(pbx.commands("route/answer")))
    assert pbx.commands("route/answer") == [{"request": "q1"}]
    pbx.refuse("route/answer", "not_found", "This call has been routed already.")
    await pbx.tell_golden("event_route_requested")
    await until(lambda: len(pbx.commands("route/answer")) == 2)
    assert not ran
    await hass.services.async_call("automation", "turn_off", {"entity_id": "automation.other"}, blocking=True)
    await hass.services.async_call("automation", "turn_on", {"entity_id": "automation.other"}, blocking=True)
    request = {"request": "q2", "trunk": "provider", "number": "+498912340", "default": "anna", "deadline": 2.0}
    await pbx.tell("route_requested", **request, caller="+4930555", caller_name="")
    await until(lambda: names(ran) == ["other"])
    assert len(pbx.commands("route/answer")) == 2


async def test_a_text_to_home_assistant_triggers_and_one_between_people_does_not(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until, ran: list[ServiceCall]
) -> None:
    cases = {"every": {}, "anna": {"options": {"extension": "101"}}, "ben": {"options": {"extension": "102"}}}
    await automate(hass, "message_received", cases, say="{{ trigger.name }}: {{ trigger.text }}")
    await pbx.tell_golden("event_message_received")
    await pbx.tell("message_received", sender="+4930555", sender_user="", to="home", text="?")
    await settle(hass, pbx, until)
    said = [(call.data["name"], call.data["said"]) for call in ran]
    assert sorted(said) == [("anna", "Anna Berger: lights off"), ("every", ": ?"), ("every", "Anna Berger: lights off")]


async def test_a_refused_call_triggers(
    hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until, ran: list[ServiceCall]
) -> None:
    await automate(hass, "toll_refused", {"every": {}}, say="{{ trigger.extension }} {{ trigger.reason }}")
    await pbx.tell("toll_refused", user="ben", number="+900123", reason="This number is expensive.")
    await until(lambda: len(ran) == 1)
    assert ran[0].data["said"] == "102 This number is expensive."


# Conditions


async def checked(hass: HomeAssistant, kind: str, **config: Any) -> bool | None:
    valid = await condition_helper.async_validate_condition_config(hass, {"condition": f"pascom.{kind}", **config})
    checker = await condition_helper.async_from_config(hass, valid)
    try:
        result: bool | None = checker(hass)
    finally:
        checker.async_unload()
    return result


async def test_somebody_is_in_a_call(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx, until: Until) -> None:
    assert await checked(hass, "in_call")
    assert await checked(hass, "in_call", target={"entity_id": ["sensor.anna_berger_call"]})
    assert not await checked(hass, "in_call", target={"entity_id": ["sensor.carla_call"]})
    assert await checked(hass, "in_call", options={"extension": ["101", "103"]})
    assert not await checked(hass, "in_call", options={"extension": ["101", "103"], "behavior": "all"})
    assert not await checked(hass, "in_call", options={"extension": ["999"]})
    assert await checked(hass, "in_call", target={"entity_id": ["sensor.home_calls"]})
    assert await checked(hass, "in_call", target={"entity_id": ["sensor.provider_calls"]})
    assert not await checked(hass, "in_call", target={"entity_id": ["sensor.fritz_box_calls"]})
    await pbx.stop()
    await until(lambda: state_of(hass, "sensor.carla_call").state == "unavailable")
    assert not await checked(hass, "in_call")


async def test_something_is_registered(hass: HomeAssistant, loaded: MockConfigEntry, pbx: FakePbx) -> None:
    device_of = loaded.runtime_data.coordinator.devices.of
    assert await checked(hass, "is_registered")
    assert not await checked(hass, "is_registered", options={"behavior": "all"})
    assert await checked(hass, "is_registered", options={"extension": "101"})
    assert not await checked(hass, "is_registered", options={"extension": "103"})
    assert await checked(hass, "is_registered", target={"device_id": [device_of("front").id]})
    assert not await checked(hass, "is_registered", target={"device_id": [device_of("garden").id]})
    assert await checked(hass, "is_registered", target={"device_id": [device_of("trunk:provider").id]})
    assert not await checked(hass, "is_registered", target={"entity_id": ["binary_sensor.fritz_box_registered"]})
    everything = {"device_id": [device_of(key).id for key in ("front", "user:anna", "trunk:fritzbox")]}
    assert await checked(hass, "is_registered", target=everything)
    assert not await checked(hass, "is_registered", target=everything, options={"behavior": "all"})
