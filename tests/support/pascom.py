"""The integration as a person sets it up: the dialogs of Home Assistant, answered by program."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.home_assistant import HomeAssistant

_FLOW = "/api/config/config_entries/flow"
_OPTIONS_FLOW = "/api/config/config_entries/options/flow"
_DOOR_FLOW = "/api/config/config_entries/subentries/flow"


@dataclass(frozen=True, slots=True)
class DoorAccount:
    """What Home Assistant shows to be typed into the station; `flow` is the dialog that waits for it to register."""

    title: str
    entry: str
    flow: str
    server: str
    port: int
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class DoorEntities:
    """The entity ids of one door's device."""

    camera: str
    event: str
    lock: str
    connected: str
    ringing: str
    image: str
    call: str
    end: str


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the PBX, as Home Assistant shows them: the account of their phone, and the entities of their device."""

    name: str
    username: str
    password: str
    device: str
    call: str
    event: str
    registered: str
    in_call: str
    do_not_disturb: str


async def run_pbx_here(home: HomeAssistant, *, sip_port: int, name: str = "Home") -> str:
    """*Run the PBX here*: returns the config entry's id once it is loaded."""
    step = await home.post(_FLOW, {"handler": "pascom"})
    step = await _answer(home, _FLOW, step, {"next_step_id": "local"})
    step = await _answer(home, _FLOW, step, {"name": name, "sip_port": sip_port})
    step = await _progressed(home, _FLOW, step)
    assert step["type"] == "create_entry", step
    return await loaded(home, step["result"]["entry_id"])


async def connect_to_pbx(home: HomeAssistant, *, host: str, port: int, code: str) -> str:
    """*Connect to a PBX*, with its pairing code."""
    step = await home.post(_FLOW, {"handler": "pascom"})
    step = await _answer(home, _FLOW, step, {"next_step_id": "remote"})
    step = await _answer(home, _FLOW, step, {"host": host, "port": port})
    step = await _answer(home, _FLOW, step, {"code": code})
    assert step["type"] == "create_entry", step
    return await loaded(home, step["result"]["entry_id"])


async def add_door(
    home: HomeAssistant,
    entry: str,
    title: str,
    *,
    dtmf: str = "",
    http: Mapping[str, str] | None = None,
    model: str = "generic",
    station: Mapping[str, str] | None = None,
) -> DoorAccount:
    """Add a door that rings everyone and opens by these keys, this request, or the way of its model."""
    opening = "dtmf" if dtmf else "http" if http else "profile"
    step = await _once_connected(home, _DOOR_FLOW, {"handler": [entry, "door"]})
    fields = {"name": title, "model": model, "rings": ["everyone"], "opening": opening, "station": dict(station or {})}
    step = await _answer(home, _DOOR_FLOW, step, fields)
    if dtmf:
        step = await _answer(home, _DOOR_FLOW, step, {"dtmf": dtmf, "how": "rfc4733"})
    elif http:
        step = await _answer(home, _DOOR_FLOW, step, dict(http))
    assert step["type"] == "progress", step
    shown = step["description_placeholders"]
    return DoorAccount(
        title=title,
        entry=entry,
        flow=step["flow_id"],
        server=shown["server"],
        port=int(shown["port"]),
        username=shown["username"],
        password=shown["password"],
    )


async def give_no_access(home: HomeAssistant, entry: str, user: str) -> None:
    """In the options: this user of Home Assistant is nobody to the PBX."""
    step = await home.post(_OPTIONS_FLOW, {"handler": entry})
    step = await _answer(home, _OPTIONS_FLOW, step, {"next_step_id": "people"})
    step = await _answer(home, _OPTIONS_FLOW, step, {"person": user})
    step = await _answer(home, _OPTIONS_FLOW, step, {"pbx_user": "none"})
    assert step["type"] == "create_entry", step


async def add_line(home: HomeAssistant, entry: str, name: str, *, server: str, username: str, password: str) -> None:
    """Add a line to the outside; the PBX starts again with it."""
    step = await _once_connected(home, _DOOR_FLOW, {"handler": [entry, "line"]})
    fields = {"display_name": name, "profile": "generic", "registrar": server, "username": username}
    step = await _answer(home, _DOOR_FLOW, step, {**fields, "password": password, "numbers": {"country": "49"}})
    assert step["type"] == "create_entry", step


async def remove_subentry(home: HomeAssistant, entry: str, title: str) -> None:
    subentries = await home.command("config_entries/subentries/list", entry_id=entry)
    found = next(subentry["subentry_id"] for subentry in subentries if subentry["title"] == title)
    await home.command("config_entries/subentries/delete", entry_id=entry, subentry_id=found)


@dataclass(frozen=True, slots=True)
class RoomAccess:
    """What Home Assistant shows of a new conference room: what is dialled, and what is keyed in then."""

    extension: str
    pin: str


async def add_room(home: HomeAssistant, entry: str, name: str) -> RoomAccess:
    """In the options: a conference room with a PIN, and another for leaders."""
    step = await home.post(_OPTIONS_FLOW, {"handler": entry})
    step = await _answer(home, _OPTIONS_FLOW, step, {"next_step_id": "rooms"})
    step = await _answer(home, _OPTIONS_FLOW, step, {"room": "new"})
    fields = {"display_name": name, "free_entry": False, "leaders": True, "options": {}}
    step = await _answer(home, _OPTIONS_FLOW, step, fields)
    assert step["step_id"] == "room_pins", step
    shown = step["description_placeholders"]
    return RoomAccess(shown["extension"], shown["pin"])


async def add_person(home: HomeAssistant, entry: str, user: str, name: str, *, roles: tuple[str, ...] = ()) -> Person:
    """In the options: this user of Home Assistant gets an extension, and the account of its phone is looked up."""
    step = await home.post(_OPTIONS_FLOW, {"handler": entry})
    step = await _answer(home, _OPTIONS_FLOW, step, {"next_step_id": "people"})
    step = await _answer(home, _OPTIONS_FLOW, step, {"person": user})
    step = await _answer(home, _OPTIONS_FLOW, step, {"pbx_user": "new", "roles": list(roles)})
    assert step["type"] == "create_entry", step
    step = await _phones_of(home, entry, name)
    step = await _answer(home, _OPTIONS_FLOW, step, {"next_step_id": "phone_account"})
    shown = step["description_placeholders"]
    found: dict[tuple[str, str], str] = {}
    async with asyncio.timeout(30):
        while not {("event", "calls"), ("switch", "do_not_disturb")} <= found.keys():
            devices = await home.command("config/device_registry/list")
            ids = {device["id"] for device in devices if name == device["name"]}
            entities = await home.command("config/entity_registry/list")
            found = {
                (entity["entity_id"].split(".")[0], entity["unique_id"].rpartition("-")[2]): entity["entity_id"]
                for entity in entities
                if entity["device_id"] in ids
            }
    return Person(
        name=name,
        username=shown["username"],
        password=shown["password"],
        device=ids.pop(),
        call=found["sensor", "call"],
        event=found["event", "calls"],
        registered=found["binary_sensor", "registered"],
        in_call=found["binary_sensor", "in_call"],
        do_not_disturb=found["switch", "do_not_disturb"],
    )


async def provisioning_address(home: HomeAssistant, entry: str, name: str, *, model: str) -> str:
    """In the options: the address from which a phone of this person fetches its settings."""
    step = await _phones_of(home, entry, name)
    step = await _answer(home, _OPTIONS_FLOW, step, {"next_step_id": "phone_link"})
    step = await _answer(home, _OPTIONS_FLOW, step, {"model": model, "device": "first"})
    return str(step["description_placeholders"]["url"])


async def _phones_of(home: HomeAssistant, entry: str, name: str) -> dict[str, Any]:
    step = await home.post(_OPTIONS_FLOW, {"handler": entry})
    step = await _answer(home, _OPTIONS_FLOW, step, {"next_step_id": "phones"})
    people = next(field["selector"]["select"]["options"] for field in step["data_schema"] if field["name"] == "user")
    chosen = next(option["value"] for option in people if option["label"].startswith(f"{name} ("))
    return await _answer(home, _OPTIONS_FLOW, step, {"user": chosen})


async def door_registered(home: HomeAssistant, account: DoorAccount) -> DoorEntities:
    """The dialog saw the station register: the door's entities."""
    step = await _progressed(home, _DOOR_FLOW, {"type": "progress", "flow_id": account.flow})
    assert step["type"] == "create_entry", step
    return await entities_of(home, account.title)


async def entities_of(home: HomeAssistant, title: str, *, timeout: float = 30) -> DoorEntities:
    async with asyncio.timeout(timeout):
        while True:
            found = await _entities(home, title)
            if found is not None:
                return found
            await asyncio.sleep(0.1)


async def _entities(home: HomeAssistant, title: str) -> DoorEntities | None:
    """None while some are missing."""
    devices = await home.command("config/device_registry/list")
    ids = {device["id"] for device in devices if title in {device["name"], device["name_by_user"]}}
    entities = await home.command("config/entity_registry/list")
    mine: dict[tuple[str, str], str] = {
        (e["entity_id"].split(".")[0], e["unique_id"]): e["entity_id"] for e in entities if e["device_id"] in ids
    }

    def one(domain: str, key: str = "") -> str:
        return next(name for (of, unique), name in mine.items() if of == domain and unique.endswith(key))

    try:
        return DoorEntities(
            camera=one("camera"),
            event=one("event"),
            lock=one("lock"),
            connected=one("binary_sensor", "connected"),
            ringing=one("binary_sensor", "ringing"),
            image=one("image"),
            call=one("button", "call"),
            end=one("button", "end"),
        )
    except StopIteration:
        return None


async def _answer(home: HomeAssistant, base: str, step: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    assert step["type"] in {"form", "menu"}, step
    following: dict[str, Any] = await home.post(f"{base}/{step['flow_id']}", dict(answer))
    assert not following.get("errors"), following
    return following


async def _progressed(
    home: HomeAssistant, base: str, step: Mapping[str, Any], *, timeout: float = 60
) -> dict[str, Any]:
    """Wait as the frontend does while a step shows its progress."""
    following = dict(step)
    async with asyncio.timeout(timeout):
        while following["type"] in {"progress", "progress_done"}:
            await asyncio.sleep(0.1)
            following = json.loads(await home.get(f"{base}/{step['flow_id']}"))
    assert not following.get("errors"), (following["errors"], following["description_placeholders"])
    return following


async def _once_connected(home: HomeAssistant, base: str, handler: Mapping[str, Any]) -> dict[str, Any]:
    """The first step of a dialog; a PBX that a change before makes start anew is back in a moment."""
    async with asyncio.timeout(60):
        while True:
            step = dict(await home.post(base, handler))
            if step.get("reason") != "not_connected":
                return step
            await asyncio.sleep(0.2)


async def loaded(home: HomeAssistant, entry: str) -> str:
    """Wait until the config entry is; returns its id."""
    async with asyncio.timeout(30):
        while True:
            entries = await home.command("config_entries/get", domain="pascom")
            state = next(found["state"] for found in entries if found["entry_id"] == entry)
            if state == "loaded":
                return entry
            assert state in {"not_loaded", "setup_in_progress", "setup_retry"}, entries
            await asyncio.sleep(0.1)
