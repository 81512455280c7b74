"""Every golden message of tests/wire/, played against the server."""

import asyncio
import json
from typing import Any

import pytest

from pbx_lite import events
from pbx_lite.api.command import COMMANDS
from pbx_lite.api.presentation import event_shown, kind_of
from pbx_lite.config import Secret
from tests.pbx_lite.api.world import WIRE, FakeSocket, World, golden

NAMES = sorted(file.stem for file in WIRE.glob("*.json"))
EVENTS = {
    kind_of(event): event
    for event in vars(events).values()
    if isinstance(event, type) and issubclass(event, events.Event)
}
CLOSES = {"auth_refused", "auth_first", "pair_refused"}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr("pbx_lite.directory.directory.new_password", lambda: Secret("golden-password"))
    return World()


@pytest.mark.parametrize("name", NAMES)
async def test_the_server_says_what_the_golden_file_says(world: World, name: str) -> None:
    content = golden(name)
    world.gate.new_code()
    if content["authenticated"]:
        connection, socket = world.client()
        if content.get("subscribed"):
            connection.subscribe()
    else:
        socket = FakeSocket()
        connection = world.connect(socket)
        connection.opened()
    for step in content["frames"]:
        frame = step["frame"]
        if step["from"] == "client":
            connection.received(json.dumps(frame))
            for _ in range(10):
                await asyncio.sleep(0)
            continue
        if frame["type"] == "event":
            frame = dict(frame)
            if connection.subscribed:
                connection.tell(json.dumps({"type": "event", "event": _happens(world, frame["event"])}))
            else:
                world.doorbell.on_end["1/s1"](frame["event"]["code"], frame["event"]["message"])
        assert socket.frames.pop(0) == frame
    assert socket.frames == []
    assert (socket.closed is not None) is (name in CLOSES)


def test_every_command_has_a_golden_message() -> None:
    asked = {
        step["frame"]["type"]
        for name in NAMES
        for step in golden(name)["frames"]
        if step["from"] == "client" and "type" in step["frame"]
    }
    assert COMMANDS.keys() <= asked


def test_every_kind_of_event_has_a_golden_message() -> None:
    told = {
        step["frame"]["event"]["kind"]
        for name in NAMES
        for step in golden(name)["frames"]
        if step["frame"]["type"] == "event"
    }
    assert EVENTS.keys() - {"event", "door_event", "call_event"} <= told


def _happens(world: World, shown: dict[str, Any]) -> Any:
    """Make the event of a golden message happen, and show it."""
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in shown.items()}
    kind = fields.pop("kind")
    fields.pop("at")
    state = fields.pop("state", None)
    if "door" in fields and state is not None:
        world.doorbell.states[fields["door"]] = state
    if "quality" in fields:
        fields["quality"] = tuple(events.Quality(**line) for line in fields["quality"])
    fields.pop("snapshot", None)
    return event_shown(world.services, EVENTS[kind](**fields))
