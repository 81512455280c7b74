"""What golden messages cannot show of rooms and mailboxes: who acts, which session goes where, what is never told."""

import json
from typing import Any

import pytest

from pbx_lite.api.command import COMMANDS
from pbx_lite.api.payload import SENT_LIMIT, sound
from pbx_lite.api.presentation import event_shown, snapshot, user_shown
from pbx_lite.errors import Unavailable
from pbx_lite.events import DirectoryChanged, RoomChanged
from tests.pbx_lite.api.room_world import FakeRooms
from tests.pbx_lite.api.world import World

WATCH = {"session": "s1", "offer": "v=0"}
ADMIN = {"ha_user": "ha-owner", "admin": True}
ANNA, BEN = {"ha_user": "ha-anna"}, {"ha_user": "ha-ben"}


@pytest.fixture
def world() -> World:
    return World(rooms=True)


@pytest.fixture
def rooms(world: World) -> FakeRooms:
    assert world.rooms is not None
    return world.rooms


async def ask(world: World, *frames: dict[str, Any]) -> list[dict[str, Any]]:
    connection, socket = world.client()
    for number, frame in enumerate(frames, start=2):
        connection.received(json.dumps({"id": number, **frame}))
        await socket.has(number - 1)
    connection.closed()
    await connection.ended()
    return socket.take()


async def test_who_asks_is_told_to_the_room(world: World, rooms: FakeRooms) -> None:
    invite = {"type": "room/invite", "room": "table", "number": "102"}
    await ask(world, invite, {**invite, "as": ANNA}, {**invite, "as": ADMIN}, {**invite, "as": {**BEN, "admin": True}})
    await ask(world, {"type": "room/expect", "room": "table", "call": "c1", "as": ANNA})
    assert rooms.asked.pop() == ("expect", "table", "c1", "anna")
    assert [by for _, _, _, by in rooms.asked] == [None, "anna", None, "ben"]


async def test_who_has_no_role_for_a_room_may_nothing_in_it(world: World, rooms: FakeRooms) -> None:
    frames: list[dict[str, Any]] = [
        {"type": name, "room": "table", "participant": "p1", "muted": True, "locked": True, "on": True, "volume": 1}
        | {"number": "102", "call": "c1", "url": "http://x/", "recording": "rec1", **WATCH}
        for name in COMMANDS
        if name.startswith("room/")
    ]
    for frame in frames:
        fields = {str(key) for key in COMMANDS[frame["type"]].fields.schema} | {"type"}
        (answer,) = await ask(world, {key: value for key, value in frame.items() if key in fields} | {"as": BEN})
        assert answer["error"]["code"] == "forbidden", frame
    assert rooms.asked == []


async def test_sessions_of_a_room_and_of_a_door_go_their_own_ways(world: World, rooms: FakeRooms) -> None:
    candidate = {"type": "webrtc/candidate", "candidate": "c"}
    await ask(
        world,
        {"type": "room/watch", "room": "table", **WATCH},
        {"type": "door/watch", "door": "front", **WATCH, "session": "s2"},
        {**candidate, "session": "s1"},
        {**candidate, "session": "s2"},
        {"type": "webrtc/close", "session": "s2"},
    )
    assert [asked[:2] for asked in rooms.asked] == [("watch", "table"), ("candidate", "1/s1"), ("close", "1/s1")]
    door = [asked[:2] for asked in world.doorbell.asked]
    assert door == [("watch", "front"), ("candidate", "1/s2"), ("close", "1/s2")]


async def test_a_pbx_without_mailboxes_says_so() -> None:
    (answer,) = await ask(World(), {"type": "voicemail/settings", "as": ANNA})
    assert answer["error"]["code"] == "unavailable"


def test_pins_are_in_no_snapshot_and_no_event(world: World) -> None:
    told = json.dumps(
        [
            snapshot(world.services),
            event_shown(world.services, RoomChanged(room="office")),
            event_shown(world.services, DirectoryChanged()),
        ]
    )
    pins = [world.directory.pin_of(room.name) for room in world.directory.rooms()] + ["9999"]
    assert [pin for pin in pins if pin and f'"{pin}"' in told] == []
    assert '"has_pin": true' in told


async def test_an_event_of_a_room_that_is_gone_is_not_told(world: World) -> None:
    await world.directory.remove_room("office")
    assert event_shown(world.services, RoomChanged(room="office")) is None


def test_users_are_shown_with_their_new_messages(world: World) -> None:
    anna, ben = (user_shown(world.services, world.directory.user(name)) for name in ("anna", "ben"))
    assert (anna["voicemail"], anna["voicemail_enabled"]) == (1, True)
    assert (ben["voicemail"], ben["voicemail_enabled"]) == (0, False)


async def test_what_does_not_fit_into_a_frame_is_refused() -> None:
    with pytest.raises(Unavailable, match="too long to be sent"):
        await sound(bytes(SENT_LIMIT + 1))


async def test_files_of_the_pbx_are_played_by_automations_alone(world: World, rooms: FakeRooms) -> None:
    url = "FILE:///voicemail/m1.opus"
    play = {"type": "room/play", "room": "table", "url": url}
    announce = {"type": "call/announce", "targets": ["ben"], "url": url}
    answers = await ask(world, {**play, "as": ANNA}, {**play, "as": ADMIN}, {**announce, "as": ADMIN}, play)
    assert [answer.get("error", {}).get("code") for answer in answers] == ["forbidden", "forbidden", "forbidden", None]
    assert rooms.asked == [("play", "table", url)]
