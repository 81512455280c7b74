"""The actions about conference rooms, and what automations wait for in them and in mailboxes."""

from typing import Any

import pytest
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from tests.pascom.actions.test_calls import act, refused
from tests.pascom.conftest import Until, state_of
from tests.pascom.fake_pbx import FakePbx, Refused
from tests.pascom.test_automations import automate, checked, names, settle

FAMILY = {"entity_id": "switch.family_locked"}
GONG = {"media_content_id": "http://192.0.2.9/gong.mp3"}


@pytest.mark.parametrize(
    ("action", "data", "command", "sent"),
    [
        ("invite", {**FAMILY, "number": "+4930123456"}, "room/invite", [{"room": "family", "number": "+4930123456"}]),
        (
            "invite",
            {"room": "office", "number": ["ben", 103], "extension": ["101", "102"]},
            "room/invite",
            [{"room": "office", "number": number} for number in ("102", "103", "101")],
        ),
        (
            "invite",
            {"entity_id": ["camera.family", "sensor.carla_call"]},
            "room/invite",
            [{"room": "family", "number": "103"}],
        ),
        ("invite", {**FAMILY, "extension": "160"}, "room/invite", [{"room": "family", "number": "160"}]),
        (
            "remove",
            {**FAMILY, "participant": ["anna berger", "+4989123456"]},
            "room/drop",
            [{"room": "family", "participant": "p1"}, {"room": "family", "participant": "p2"}],
        ),
        ("remove", {"room": "Family", "participant": 101}, "room/drop", [{"room": "family", "participant": "p1"}]),
        (
            "mute",
            {"room": "800", "participant": "anna"},
            "room/mute",
            [{"room": "family", "participant": "p1", "muted": True}],
        ),
        (
            "mute",
            {"room": ["800", "office"], "muted": False},
            "room/mute_all",
            [{"room": "family", "muted": False}, {"room": "office", "muted": False}],
        ),
        (
            "delete_recording",
            {**FAMILY, "recording": ["rec1", 12]},
            "room/forget_recording",
            [{"room": "family", "recording": "rec1"}, {"room": "family", "recording": "12"}],
        ),
        ("play", {**FAMILY, **GONG}, "room/play", [{"room": "family", "url": "http://192.0.2.9/gong.mp3"}]),
    ],
)
async def test_an_action_in_a_room_is_a_command_for_each(
    hass: HomeAssistant,
    rooms: None,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    action: str,
    data: dict[str, Any],
    command: str,
    sent: list[dict[str, Any]],
) -> None:
    await act(hass, action, data)
    assert pbx.commands(command) == sent


async def test_the_only_room_needs_no_name_and_who_asks_is_named(
    hass: HomeAssistant, rooms: None, pbx: FakePbx, entry: MockConfigEntry, hass_admin_user: MockUser
) -> None:
    del pbx.snapshot["rooms"][1]
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await act(hass, "mute", {}, Context(user_id=hass_admin_user.id))
    who = {"ha_user": hass_admin_user.id, "name": "Mock User", "admin": True}
    assert pbx.commands("room/mute_all") == [{"room": "family", "muted": True, "as": who}]


async def test_what_is_not_clear_in_a_room_is_refused(
    hass: HomeAssistant, rooms: None, loaded: MockConfigEntry, pbx: FakePbx
) -> None:
    assert await refused(hass, "mute", {}) == "which_room"
    assert await refused(hass, "mute", {"room": "cellar"}) == "no_room"
    assert await refused(hass, "remove", {**FAMILY, "participant": "ben"}) == "no_participant"
    assert await refused(hass, "remove", {"room": ["family", "office"], "participant": "anna"}) == "one_room"
    assert await refused(hass, "delete_recording", {"recording": "rec1"}) == "which_room"
    assert await refused(hass, "get_recordings", {"room": "cellar"}) == "no_room"
    assert await refused(hass, "invite", FAMILY) == "whom_to_invite"
    assert await refused(hass, "play", FAMILY) == "nothing_to_say"
    assert await refused(hass, "play", {**FAMILY, "message": "Hello"}) == "no_tts"


async def test_who_cannot_be_invited_keeps_nobody_else_out(
    hass: HomeAssistant, rooms: None, loaded: MockConfigEntry, pbx: FakePbx
) -> None:
    pbx.refuse("room/invite", "unavailable", "No phone of Carla is registered.")
    with pytest.raises(HomeAssistantError, match="No phone of Carla"):
        await act(hass, "invite", {**FAMILY, "number": ["103", "102"]})
    assert [each["number"] for each in pbx.commands("room/invite")] == ["103", "102"]


async def test_recordings_are_listed_of_all_rooms_that_are_theirs(
    hass: HomeAssistant, rooms: None, loaded: MockConfigEntry, pbx: FakePbx, hass_admin_user: MockUser
) -> None:
    at = "2026-11-{day}T09:40:00.000+00:00"
    recorded = {
        "family": [{"id": "f2", "at": at.format(day=21), "seconds": 60.5}, {"id": "f1", "at": at.format(day=18)}],
        "office": [{"id": "o1", "at": at.format(day=20), "seconds": 5.0}],
    }

    def recordings(frame: dict[str, Any]) -> Any:
        if frame["room"] == "office" and "as" in frame:
            raise Refused("forbidden", "This room is not yours.")
        return {"recordings": recorded[frame["room"]]}

    pbx.answers["room/recordings"] = recordings

    async def listed(data: dict[str, Any], context: Context | None = None) -> list[dict[str, Any]]:
        told = (await act(hass, "get_recordings", data, context))["recordings"]
        assert isinstance(told, list)
        return told

    told = await listed({})
    assert [each["recording"] for each in told] == ["f2", "o1", "f1"]
    assert told[0] == {
        "recording": "f2",
        "room": "family",
        "room_name": "Family",
        "at": "2026-11-21T09:40:00+00:00",
        "seconds": 60.5,
    }
    assert [each["recording"] for each in await listed({"room": "office"})] == ["o1"]
    person = Context(user_id=hass_admin_user.id)
    assert [each["recording"] for each in await listed({}, person)] == ["f2", "f1"]
    with pytest.raises(HomeAssistantError, match="not yours"):
        await listed({"room": "office"}, person)


BEN = {"room": "family", "participant": "p3", "name": "Ben Berger", "number": "102", "user": "ben"}


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("room_joined", {"leader": False}, "Ben Berger 102 Family 800 3"),
        ("room_left", {"reason": "left", "seconds": 12.5}, "Ben Berger 102 Family 800 2"),
    ],
)
async def test_who_comes_and_goes_triggers(
    hass: HomeAssistant,
    rooms: None,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    until: Until,
    ran: list[ServiceCall],
    kind: str,
    more: dict[str, Any],
    said: str,
) -> None:
    device_of = loaded.runtime_data.coordinator.devices.of
    cases: dict[str, dict[str, Any]] = {
        "every": {},
        "family": {"options": {"device_id": device_of("room:family").id}},
        "by_number": {"options": {"extension": 800}},
        "office": {"options": {"device_id": [device_of("room:office").id]}},
    }
    say = "{{ trigger.name }} {{ trigger.extension }} {{ trigger.room_name }} {{ trigger.room_extension }} "
    await automate(hass, kind, cases, say=say + "{{ trigger.participants }}")
    await pbx.tell(kind, **BEN, **more)
    await settle(hass, pbx, until)
    assert sorted(names(ran)) == ["by_number", "every", "family"]
    assert {call.data["said"] for call in ran} == {said}


async def test_a_message_triggers_for_its_person_or_door(
    hass: HomeAssistant,
    rooms: None,
    loaded: MockConfigEntry,
    pbx: FakePbx,
    until: Until,
    ran: list[ServiceCall],
) -> None:
    device_of = loaded.runtime_data.coordinator.devices.of
    cases: dict[str, dict[str, Any]] = {
        "every": {},
        "anna": {"options": {"device_id": [device_of("user:anna").id]}},
        "anna_by_number": {"options": {"extension": "101"}},
        "front": {"options": {"device_id": [device_of("front").id]}},
        "ben": {"options": {"extension": "102"}},
    }
    await automate(hass, "voicemail_received", cases, say="{{ trigger.message }} {{ trigger.name }} {{ trigger.box }}")
    left = {"caller": "+4989123456", "caller_name": "Dr. Huber", "seconds": 7.5}
    await pbx.tell("voicemail_received", message="m41", user="anna", door="", **left)
    await pbx.tell("voicemail_received", message="m42", user="", door="front", **left)
    await settle(hass, pbx, until)
    said = sorted((call.data["name"], call.data["said"]) for call in ran)
    assert said == [
        ("anna", "m41 Anna Berger anna"),
        ("anna_by_number", "m41 Anna Berger anna"),
        ("every", "m41 Anna Berger anna"),
        ("every", "m42 Front door door:front"),
        ("front", "m42 Front door door:front"),
    ]


async def test_somebody_is_in_a_room(
    hass: HomeAssistant, rooms: None, loaded: MockConfigEntry, pbx: FakePbx, until: Until
) -> None:
    office = loaded.runtime_data.coordinator.devices.of("room:office").id
    assert await checked(hass, "room_active")
    assert not await checked(hass, "room_active", options={"behavior": "all"})
    assert await checked(hass, "room_active", options={"extension": ["family"]})
    assert not await checked(hass, "room_active", options={"device_id": office})
    assert await checked(hass, "room_active", options={"device_id": office, "extension": 800})
    await pbx.stop()
    await until(lambda: state_of(hass, "binary_sensor.family_active").state == "unavailable")
    assert not await checked(hass, "room_active")
