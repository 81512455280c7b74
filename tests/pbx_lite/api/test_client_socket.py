"""Whatever comes over the socket, the API stays up, says what RFC 6455 wants, and logs no traceback."""

import asyncio
import json
import logging
import random
from collections.abc import Iterator

import pytest

from pbx_lite.events import DoorRang
from tests.pbx_lite.api.serving import HEAD, PATIENCE, RawClient, authenticate, client, end_of, hear, masked, serving
from tests.pbx_lite.api.world import World

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
ASK = b'{"id":2,"type":"ping"}'


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that a client does is an error of ours."""
    caplog.set_level(logging.DEBUG)
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert "Traceback" not in caplog.text


async def test_the_handshake_of_the_rfc_is_answered_as_in_the_rfc(world: World) -> None:
    async with serving(world) as server, RawClient.connected(server) as raw:
        raw.send(HEAD.encode())
        head = await raw.head()
        assert head.startswith(b"HTTP/1.1 101 ")
        assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in head
        opcode, first = await raw.frame()
        assert (opcode, json.loads(first)["type"]) == (TEXT, "server_info")


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        ("GET", "POST", 405),
        ("GET", "BREW", 400),
        ("GET / ", "GET /panel ", 404),
        ("Upgrade: websocket\r\n", "", 426),
        ("keep-alive, Upgrade", "keep-alive", 426),
        ("Version: 13", "Version: 99", 426),
        ("dGhlIHNhbXBsZSBub25jZQ==", "short", 426),
        ("dGhlIHNhbXBsZSBub25jZQ==", "\xfc" * 24, 426),
        ("Host: pbx", "Host pbx", 400),
        ("Host: pbx", "Content-Length: -1", 400),
        ("Host: pbx", "Transfer-Encoding: x\r\nContent-Length: 1", 400),
    ],
)
async def test_other_requests_are_refused(world: World, before: str, after: str, status: int) -> None:
    async with serving(world) as server, RawClient.connected(server) as raw:
        raw.send(HEAD.replace(before, after, 1).encode("latin-1"))
        assert (await end_of(raw.reader)).split(b" ")[1] == str(status).encode()


async def test_a_refused_request_ends_the_connection_whatever_follows_it(world: World) -> None:
    async with serving(world) as server, RawClient.connected(server) as raw:
        raw.send(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n" + HEAD.encode())
        assert (await end_of(raw.reader)).count(b"HTTP/1.") == 1


async def test_fragments_become_one_message_and_pings_are_answered_between_them(world: World) -> None:
    async with serving(world) as server, RawClient.open(server) as raw:
        raw.send(masked(TEXT, ASK[:5], final=False) + masked(PING, b"x"))
        assert await raw.frame() == (PONG, b"x")
        raw.send(masked(0, ASK[5:9], final=False) + masked(0, ASK[9:]))
        assert json.loads((await raw.frame())[1])["success"]


async def test_messages_arrive_byte_by_byte(world: World) -> None:
    async with serving(world) as server, RawClient.open(server) as raw:
        for byte in masked(TEXT, ASK):
            raw.send(bytes((byte,)))
            await asyncio.sleep(0)
        assert json.loads((await raw.frame())[1])["success"]


async def test_a_message_may_come_with_the_handshake(world: World) -> None:
    async with serving(world) as server, RawClient.connected(server) as raw:
        raw.send(HEAD.encode() + masked(TEXT, b'{"id":1,"type":"auth","token":"golden-token"}') + masked(TEXT, ASK))
        await raw.head()
        kinds = [json.loads((await raw.frame())[1])["type"] for _ in range(3)]
        assert kinds == ["server_info", "result", "result"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (masked(BINARY, b"x"), 1003),
        (masked(3, b"x"), 1002),
        (bytes((0xC1, 0x80)) + bytes(4), 1002),
        (masked(PING, b"x" * 126), 1002),
        (masked(PING, b"", final=False), 1002),
        (masked(CLOSE, b"x"), 1002),
        (masked(CLOSE, b"\x00\x01"), 1002),
        (masked(CLOSE, b"\x03\xe8\xff"), 1007),
        (masked(0, b"x"), 1002),
        (masked(TEXT, b"x", final=False) + masked(TEXT, b"y"), 1002),
        (masked(TEXT, b"\xff"), 1007),
        (bytes((0x81, 0xFF)) + (2**40).to_bytes(8), 1009),
        (bytes((0x81, 0xFF)) + (2**63).to_bytes(8), 1009),
        (masked(TEXT, b"x" * 200_000, final=False) + masked(0, b"x" * 100_000), 1009),
        (masked(TEXT, b"{"), 1008),
    ],
)
async def test_nonsense_ends_the_connection_with_the_code_of_the_rfc(
    world: World, data: bytes, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pbx_lite.api.server.MAX_MESSAGE", 256 * 1024)
    async with serving(world) as server, RawClient.open(server) as raw:
        raw.send(data)
        opcode, payload = await raw.frame()
        if code == 1008:  # what is wrong is told before
            assert json.loads(payload)["error"]["code"] == "invalid"
            opcode, payload = await raw.frame()
        assert (opcode, int.from_bytes(payload[:2])) == (CLOSE, code)
        raw.send(masked(CLOSE, payload[:2]))
        assert await end_of(raw.reader) == b""


async def test_a_goodbye_is_answered(world: World) -> None:
    async with serving(world) as server, RawClient.open(server) as raw:
        raw.send(masked(CLOSE, b"\x03\xe8over"))
        assert (await raw.frame())[0] == CLOSE
        assert await end_of(raw.reader) == b""


@pytest.mark.parametrize("seed", range(12))
async def test_any_bytes_leave_the_server_standing(world: World, seed: int) -> None:
    chance = random.Random(seed)
    async with serving(world) as server:
        async with RawClient.connected(server) as raw:
            start = chance.choice(("", "GET ", "GET / HTTP/1.1\r\n", HEAD[: chance.randrange(len(HEAD))]))
            raw.send(start.encode() + chance.randbytes(300) + b"\r\n\r\n" + chance.randbytes(300))
        async with RawClient.open(server, authenticated=bool(seed % 2)) as raw:
            for _ in range(20):
                raw.send(masked(chance.choice((0, TEXT, TEXT, PING, PONG)), chance.randbytes(chance.randrange(125))))
                raw.send(chance.randbytes(chance.randrange(20)))
                await asyncio.sleep(0)
            if chance.randrange(2):
                raw.reset()
        async with client(server) as ws:
            await authenticate(ws)


async def test_an_event_is_on_the_wire_with_the_next_turn_of_the_loop(world: World) -> None:
    async with serving(world) as server, RawClient.open(server) as raw:
        raw.send(masked(TEXT, b'{"id":2,"type":"subscribe"}'))
        await raw.frame()
        raw.read_no_more()
        with raw.socket.dup() as wire:
            wire.setblocking(False)
            world.bus.publish(DoorRang(door="front", ring="r1"))
            await asyncio.sleep(0)
            assert b'"door_rang"' in wire.recv(4096)


async def test_events_come_in_order_and_after_the_snapshot(world: World) -> None:
    async with serving(world) as server, client(server) as ws:
        await authenticate(ws)
        subscribed = False
        await ws.send_json({"id": 2, "type": "subscribe"})
        for number in range(2000):
            world.bus.publish(DoorRang(door="front", ring=str(number)))
            if number % 50 == 0:
                await asyncio.sleep(0)
        world.bus.publish(DoorRang(door="front", ring="last"))
        heard: list[int] = []
        while (frame := await hear(ws)).get("event", {}).get("ring") != "last":
            if frame["type"] == "result":
                assert heard == []
                subscribed = True
            else:
                heard.append(int(frame["event"]["ring"]))
        assert subscribed
        assert heard == list(range(heard[0], 2000))


async def test_a_client_that_does_not_read_holds_nobody_up(world: World, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(world) as server, RawClient.open(server) as idle, client(server) as ws:
        idle.send(masked(TEXT, b'{"id":2,"type":"subscribe"}'))
        await idle.frame()
        idle.read_no_more()
        await authenticate(ws)
        await ws.send_json({"id": 2, "type": "subscribe"})
        await hear(ws)
        for number in range(300):
            world.bus.publish(DoorRang(door="front", ring="x" * 100_000, button=str(number)))
            assert (await hear(ws))["event"]["button"] == str(number)
        assert caplog.text.count("does not keep up and is disconnected") == 1
        idle.reset()


async def test_a_stranger_may_send_little(world: World) -> None:
    async with serving(world) as server, RawClient.open(server, authenticated=False) as raw:
        raw.send(masked(TEXT, b"x" * 300_000, final=False))
        assert await end_of(raw.reader) == b""


async def test_pings_without_end_are_not_kept_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pbx_lite.api.client_socket.MAX_UNSENT", 100_000)
    async with serving(world) as server, RawClient.open(server) as raw:
        raw.read_no_more()
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(ConnectionError):
                await raw.send_for_ever(masked(PING, b"x" * 125) * 1000)


async def test_a_client_that_vanishes_takes_its_sessions_along(world: World) -> None:
    closed = asyncio.Event()
    close_session = world.doorbell.close_session

    async def told(session: str) -> None:
        await close_session(session)
        closed.set()

    world.doorbell.close_session = told  # type: ignore[method-assign]
    async with serving(world) as server:
        async with RawClient.open(server) as raw:
            raw.send(masked(TEXT, b'{"id":2,"type":"door/watch","door":"front","session":"s","offer":"o"}'))
            await raw.frame()
            raw.reset()
        async with asyncio.timeout(PATIENCE):
            await closed.wait()
    assert ("close", "1/s") in world.doorbell.asked


async def test_the_end_does_not_wait_for_who_does_not_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pbx_lite.api.client_socket.CLOSE_SECONDS", 0.1)
    monkeypatch.setattr("pbx_lite.api.server.CLOSE_SECONDS", 3 * PATIENCE)
    async with serving(world) as server, RawClient.open(server) as raw, RawClient.connected(server):
        raw.send(masked(TEXT, b'{"id":2,"type":"subscribe"}'))
        await raw.frame()
        raw.read_no_more()
        for _ in range(70):
            world.bus.publish(DoorRang(door="front", ring="x" * 100_000))
        async with asyncio.timeout(PATIENCE):
            await server.stop()
