import asyncio
import json
from typing import Any

import pytest
from aiohttp import WSCloseCode

from pbx_lite.errors import PbxError, StoreError
from pbx_lite.events import DoorOpenFailed, Event
from tests.pbx_lite.api.world import FakeSocket, World


@pytest.fixture
def world() -> World:
    return World()


async def ask(world: World, *frames: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers to these commands of one authenticated client."""
    connection, socket = world.client()
    for number, frame in enumerate(frames, start=2):
        connection.received(json.dumps({"id": number, **frame}))
        await _turns()
    return socket.take()


async def _turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "1", '"x"', "[" * 5000, '{"id": true, "type": "ping"}', '{"type": "x"}']
)
async def test_what_is_no_command_ends_the_connection(world: World, text: str) -> None:
    connection, socket = world.client()
    connection.received(text)
    (answer,) = socket.take()
    assert answer["error"]["code"] == "invalid"
    assert socket.closed is WSCloseCode.POLICY_VIOLATION


@pytest.mark.parametrize(
    "frame",
    [
        {"type": 5},
        {"type": "ping", "as": "anna"},
        {"type": "ping", "as": {"name": "Anna"}},
        {"type": "ping", "more": 1},
        {"type": "door/open", "door": ["front"]},
        {"type": "door/watch", "door": "front", "session": "s", "offer": "x" * 200_000},
        {"type": "door/log", "limit": 10_000},
        {"type": "door/add", "video_url": "ftp://x"},
        {"type": "role/save", "role": "a b"},
    ],
)
async def test_a_command_that_does_not_fit_is_answered_and_the_connection_stays(
    world: World, frame: dict[str, Any]
) -> None:
    answers = await ask(world, frame, {"type": "ping"})
    assert [answer.get("error", {}).get("code") for answer in answers] == ["invalid", None]


@pytest.mark.parametrize(
    ("error", "code"),
    [(StoreError("The disk is full."), "unavailable"), (PbxError("x"), "internal"), (ZeroDivisionError(), "internal")],
)
async def test_an_error_never_leaves_a_client_without_an_answer(
    world: World, error: Exception, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise error

    world.doorbell.before = fail
    (answer,) = await ask(world, {"type": "door/open", "door": "front"})
    assert answer["error"]["code"] == code
    assert ("Traceback" in caplog.text) is isinstance(error, ZeroDivisionError)


async def test_a_refused_opening_is_told_with_who_tried(world: World) -> None:
    told: list[Event] = []
    world.bus.listen(told.append)
    ben, stranger = {"ha_user": "ha-ben", "name": "Ben"}, {"ha_user": "ha-x", "name": "Stranger"}
    for actor in (ben, stranger):
        await ask(world, {"type": "door/open", "door": "front", "as": actor})
    assert [(event.by, event.door) for event in told if isinstance(event, DoorOpenFailed)] == [
        ("ben", "front"),
        ("Stranger", "front"),
    ]
    assert world.doorbell.asked == []


@pytest.mark.parametrize(
    "kind", ["door/call", "door/end", "door/image", "door/last_visitor", "door/log", "door/watch", "door/open"]
)
async def test_an_unlinked_user_may_nothing_at_a_door(world: World, kind: str) -> None:
    fields = {"session": "s", "offer": "o"} if kind == "door/watch" else {}
    stranger = {"ha_user": "ha-x", "name": "Stranger", "admin": True}
    (answer,) = await ask(world, {"type": kind, "door": "front", "as": stranger, **fields})
    assert answer["error"]["code"] == "forbidden"
    assert world.doorbell.asked == []


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "subscribe"},
        {"type": "door/add"},
        {"type": "door/update", "door": "garden"},
        {"type": "door/remove", "door": "garden"},
        {"type": "door/account", "door": "front"},
        {"type": "user/list"},
        {"type": "user/add"},
        {"type": "user/update", "user": "carla"},
        {"type": "user/remove", "user": "carla"},
        {"type": "user/account", "user": "anna"},
        {"type": "user/link", "ha_user": "x", "user": "carla"},
        {"type": "user/unlink", "ha_user": "ha-ben"},
        {"type": "role/list"},
        {"type": "role/save", "role": "x"},
        {"type": "role/remove", "role": "x"},
    ],
)
async def test_administration_needs_an_administrator(world: World, frame: dict[str, Any]) -> None:
    (answer,) = await ask(world, {**frame, "as": {"ha_user": "ha-anna", "name": "Anna"}})
    said = "Only an administrator may do this."
    assert answer["error"] == {"code": "forbidden", "message": said, "reason": "admin_only", "values": {}}


async def test_the_log_of_all_doors_shows_a_person_only_the_doors_they_see(world: World) -> None:
    world.visitors.log = [{"door": "front", "id": 1}, {"door": "garden", "id": 2}]
    ben, system = await ask(world, {"type": "door/log", "as": {"ha_user": "ha-ben"}}, {"type": "door/log"})
    assert [entry["id"] for entry in ben["result"]["entries"]] == [1]
    assert [entry["id"] for entry in system["result"]["entries"]] == [1, 2]


async def test_no_secret_crosses_in_a_snapshot(world: World) -> None:
    (answer,) = await ask(world, {"type": "subscribe"})
    text = json.dumps(answer)
    assert not any(secret in text for secret in ("golden-", "secret", "00#", "192.0.2.9"))


async def test_sessions_of_two_clients_do_not_meet(world: World) -> None:
    one, _ = world.client()
    other, _ = world.client()
    watch = {"type": "door/watch", "door": "front", "session": "s", "offer": "o"}
    for connection in (one, other):
        connection.received(json.dumps({"id": 2, **watch}))
        await _turns()
    other.received(json.dumps({"id": 3, "type": "webrtc/close", "session": "s"}))
    await _turns()
    assert [asked[3] for asked in world.doorbell.asked if asked[0] == "watch"] == ["1/s", "2/s"]
    assert [asked for asked in world.doorbell.asked if asked[0] == "close"] == [("close", "2/s")]


async def test_candidates_wait_for_the_answer(world: World) -> None:
    connection, socket = world.client()
    answered = asyncio.Event()
    world.doorbell.before = answered.wait
    offer = {"id": 2, "type": "door/watch", "door": "front", "session": "s", "offer": "o"}
    connection.received(json.dumps(offer))
    connection.received(json.dumps({"id": 3, "type": "webrtc/candidate", "session": "s", "candidate": "c"}))
    await _turns()
    assert world.doorbell.asked == []
    answered.set()
    await _turns()
    assert [asked[0] for asked in world.doorbell.asked] == ["watch", "candidate"]
    assert all(frame["success"] for frame in socket.take())


async def test_a_client_that_leaves_takes_its_sessions_along(world: World) -> None:
    connection, _ = world.client()
    connection.received(json.dumps({"id": 2, "type": "door/watch", "door": "front", "session": "a", "offer": "o"}))
    await _turns()
    world.doorbell.before = asyncio.Event().wait
    connection.received(json.dumps({"id": 3, "type": "door/watch", "door": "front", "session": "b", "offer": "o"}))
    await _turns()
    connection.closed()
    await connection.ended()
    closed = [asked for asked in world.doorbell.asked if asked[0] == "close"]
    assert closed == [("close", "1/a"), ("close", "1/b")]


async def test_a_session_that_ended_by_itself_is_not_closed_again(world: World) -> None:
    connection, socket = world.client()
    connection.received(json.dumps({"id": 2, "type": "door/watch", "door": "front", "session": "s", "offer": "o"}))
    await _turns()
    world.doorbell.on_end["1/s"]("ended", "Over.")
    connection.received(json.dumps({"id": 3, "type": "webrtc/close", "session": "s"}))
    await _turns()
    connection.closed()
    await connection.ended()
    assert [frame["type"] for frame in socket.take()] == ["result", "event", "result"]
    assert not any(asked[0] == "close" for asked in world.doorbell.asked)


async def test_a_client_cannot_pile_up_commands(world: World) -> None:
    world.doorbell.before = asyncio.Event().wait
    connection, socket = world.client()
    for number in range(2, 260):
        connection.received(json.dumps({"id": number, "type": "door/open", "door": "front"}))
    await _turns()
    assert {frame["error"]["code"] for frame in socket.take()} == {"busy"}
    connection.closed()
    await connection.ended()


async def test_guessing_tokens_locks_the_source_out_but_nobody_else(world: World) -> None:
    def try_token(token: str, source: str) -> str:
        socket = FakeSocket(source)
        world.connect(socket).received(json.dumps({"id": 1, "type": "auth", "token": token}))
        (answer,) = socket.take()
        return str(answer.get("error", {}).get("code", "welcome"))

    assert [try_token(f"guess {number}", "192.0.2.66") for number in range(6)] == ["unauthorized"] * 5 + ["busy"]
    assert try_token("golden-token", "192.0.2.66") == "busy"
    assert try_token("configured-token", "192.0.2.20") == "welcome"
    world.clock.advance(301)
    assert try_token("golden-token", "192.0.2.66") == "welcome"


async def test_a_pairing_code_has_five_tries_five_minutes_and_one_use(world: World) -> None:
    async def try_code(code: str, source: str) -> str:
        socket = FakeSocket(source)
        world.connect(socket).received(json.dumps({"id": 1, "type": "pair", "code": code}))
        await _turns()
        (answer,) = socket.take()
        return str(answer.get("error", {}).get("code", "welcome"))

    assert await try_code("123456", "a") == "unauthorized", "no code was asked for"
    world.gate.new_code()
    assert await try_code(" 123 456 ", "b") == "welcome"
    assert await try_code("123456", "c") == "unauthorized", "it was used"
    world.gate.new_code()
    for number in range(5):
        assert await try_code("000000", f"d{number}") == "unauthorized"
    assert await try_code("123456", "e") == "unauthorized", "it was tried too often"
    world.gate.new_code()
    world.clock.advance(300)
    assert await try_code("123456", "f") == "unauthorized", "it was too old"
