"""Every golden message of tests/wire/, played against the server."""

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
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made up is always the same."""
    monkeypatch.setattr("pbx_lite.directory.directory.new_password", lambda: Secret("golden-password"))
    monkeypatch.setattr("pbx_lite.directory.directory.new_pin", lambda but: Secret("161803"))
    monkeypatch.setattr("pbx_lite.directory.pins.new_pin", lambda but: Secret("314159"))


@pytest.mark.parametrize("name", NAMES)
async def test_the_server_says_what_the_golden_file_says(no_chance: None, name: str) -> None:
    content = golden(name)
    world = World(rooms=content.get("rooms", False))
    world.gate.new_code()
    if content["authenticated"]:
        connection, socket = world.client()
        if content.get("subscribed"):
            connection.subscribe()
    else:
        socket = FakeSocket()
        connection = world.connect(socket)
        connection.opened()
    for index, step in enumerate(content["frames"]):
        frame = step["frame"]
        if step["from"] == "client":
            connection.received(json.dumps(frame))
            await socket.has(_answers(content["frames"][index + 1 :]))
            continue
        if frame["type"] == "event":
            frame = dict(frame)
            if frame["event"]["kind"].startswith("phone_"):
                world.softphone.happens(frame["event"])
            elif connection.subscribed:
                connection.tell(json.dumps({"type": "event", "event": _happens(world, frame["event"])}))
            else:
                feature = world.rooms or world.doorbell
                feature.on_end["1/s1"](frame["event"]["code"], frame["event"]["message"])
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
    assert EVENTS.keys() - {"event", "door_event", "call_event", "room_event"} <= told


def _answers(frames: list[dict[str, Any]]) -> int:
    """How many results of the server come before the client's next frame."""
    count = 0
    for step in frames:
        if step["from"] == "client" or step["frame"]["type"] == "event":
            break
        count += 1
    return count


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
