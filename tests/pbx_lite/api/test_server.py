"""The API over real sockets; the client is aiohttp's."""

import asyncio
import base64
import contextlib
import logging
import socket
import ssl
from pathlib import Path

import aiohttp
import pytest

from pbx_lite.api.control import ask_for_code
from pbx_lite.api.room_schema import SOUND_LIMIT
from pbx_lite.config import ApiConfig
from pbx_lite.errors import Conflict, Unavailable
from pbx_lite.events import DoorRang
from tests.pbx_lite.api.serving import PATIENCE, authenticate, client, end_of, hear, serving
from tests.pbx_lite.api.world import World
from tests.support.clock import FakeClock
from tests.support.tls import self_signed


@pytest.fixture
def world() -> World:
    return World()


async def test_a_client_subscribes_and_hears_what_happens(world: World) -> None:
    async with serving(world) as server, client(server) as ws:
        await authenticate(ws)
        await ws.send_json({"id": 2, "type": "subscribe"})
        assert (await hear(ws))["result"]["name"] == "Home"
        world.bus.publish(DoorRang(door="front", ring="r1", rings=("anna",)))
        event = (await hear(ws))["event"]
        assert (event["kind"], event["rings"]) == ("door_rang", ["anna"])


async def test_events_reach_only_those_who_subscribed(world: World) -> None:
    async with serving(world) as server, client(server) as ws:
        await authenticate(ws)
        world.bus.publish(DoorRang(door="front", ring="r1"))
        await ws.send_json({"id": 2, "type": "ping"})
        assert (await hear(ws))["type"] == "result"


async def test_the_end_of_the_pbx_is_told(world: World) -> None:
    async with serving(world) as server, client(server) as ws:
        await authenticate(ws)
        stopping = asyncio.get_running_loop().create_task(server.stop())
        message = await ws.receive(timeout=PATIENCE)
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1001)
        await stopping


async def test_pings_are_answered_and_large_answers_arrive_whole(world: World) -> None:
    world.doorbell.answer = large = "x" * 100_000
    async with serving(world) as server, client(server, heartbeat=0.05) as ws:
        await authenticate(ws)
        await ws.send_json({"id": 2, "type": "door/watch", "door": "front", "session": "s", "offer": large})
        assert (await hear(ws))["result"]["answer"] == large


async def test_sounds_of_ten_megabytes_pass_in_both_directions() -> None:
    world = World(rooms=True)
    assert world.mailboxes is not None
    sound = b"OggS" + bytes(SOUND_LIMIT - 4)
    async with serving(world) as server, client(server) as ws:
        await authenticate(ws)
        await ws.send_json({"id": 2, "type": "subscribe"})
        await hear(ws)
        text = base64.b64encode(sound).decode()
        await ws.send_json({"id": 3, "type": "voicemail/set_greeting", "user": "anna", "data": text})
        assert (await hear(ws))["success"]
        assert world.mailboxes.greetings["anna"] == sound
        await ws.send_json({"id": 4, "type": "voicemail/greeting", "user": "anna"})
        assert base64.b64decode((await hear(ws))["result"]["data"]) == sound
        await ws.send_json({"id": 5, "type": "voicemail/set_greeting", "user": "anna", "data": text + "AAAA"})
        assert "up to 10 MB" in (await hear(ws))["error"]["message"]


async def test_too_large_a_message_ends_the_connection(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pbx_lite.api.server.MAX_MESSAGE", 256 * 1024)
    async with serving(world) as server, client(server) as ws:
        await authenticate(ws)
        await ws.send_str("x" * 300_000)
        message = await ws.receive(timeout=PATIENCE)
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1009)


async def test_who_does_not_authenticate_is_disconnected_after_ten_seconds(world: World) -> None:
    clock = FakeClock()
    async with serving(world, clock) as server:
        silent, writer = await asyncio.open_connection("127.0.0.1", server.port)
        async with client(server) as patient, client(server) as known:
            await hear(patient)
            await authenticate(known)
            clock.advance(10)
            assert await end_of(silent) == b""
            assert (await patient.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.CLOSED
            await known.send_json({"id": 2, "type": "ping"})
            assert (await hear(known))["success"]
        writer.close()


async def test_a_client_that_went_silent_is_disconnected(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pbx_lite.api.server.PING_SECONDS", 0.1)
    async with serving(world) as server, client(server, autoping=False) as ws:
        await authenticate(ws)
        assert (await ws.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.PING
        assert (await ws.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.CLOSED


async def test_a_client_that_answers_pings_may_be_silent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pbx_lite.api.server.PING_SECONDS", 0.1)
    async with serving(world) as server, client(server, autoping=False) as ws:
        await authenticate(ws)
        for _ in range(3):
            assert (await ws.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.PING
            await ws.pong()
        await ws.send_json({"id": 2, "type": "ping"})
        assert (await hear(ws))["success"]


async def test_a_client_that_does_not_read_is_disconnected(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with serving(world) as server, client(server) as ws:
        await authenticate(ws)
        await ws.send_json({"id": 2, "type": "subscribe"})
        await hear(ws)
        for number in range(200):
            world.bus.publish(DoorRang(door="front", ring="x" * 100_000, button=str(number)))
        assert "does not keep up and is disconnected" in caplog.text
        with contextlib.suppress(aiohttp.ClientError):
            while (await ws.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.TEXT:
                pass


@pytest.mark.parametrize(
    ("data", "start"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 426 "),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", b"HTTP/1.1 405 "),
        (b"\x00\xff" * 10 + b"\r\n\r\n", b"HTTP/1.0 400 "),
        (b"GET /" + b"x" * 20000, b"HTTP/1.0 400 "),
    ],
)
async def test_what_is_no_websocket_gets_an_http_answer(world: World, data: bytes, start: bytes) -> None:
    async with serving(world) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(data)
        assert (await end_of(reader)).startswith(start)
        writer.close()


async def test_strangers_cannot_take_all_the_places(world: World) -> None:
    async with serving(world) as server:
        strangers = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(10)]
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError) as raised:
                await session.ws_connect(f"ws://127.0.0.1:{server.port}/")
            assert raised.value.status == 503
            strangers[0][1].close()
            await strangers[0][1].wait_closed()
        async with client(server) as ws:
            await authenticate(ws)
        for _, writer in strangers:
            writer.close()


async def test_a_busy_port_is_told_with_what_to_do(world: World) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        config = ApiConfig(port=taken.getsockname()[1])
        with pytest.raises(Conflict, match=r"another program does; choose another port for api\.listen"):
            async with serving(world, config=config):
                pass


async def test_an_address_of_another_machine_is_told_with_what_to_do(world: World) -> None:
    config = ApiConfig(host="192.0.2.77", port=0)
    with pytest.raises(Unavailable, match=r"cannot listen on 192\.0\.2\.77:0: .*; mend api\.listen"):
        async with serving(world, config=config, tls=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), announce=False):
            pass


async def test_the_network_needs_a_certificate(world: World) -> None:
    with pytest.raises(Unavailable, match="needs a certificate"):
        async with serving(world, config=ApiConfig(host="0.0.0.0", port=0), announce=False):
            pass


async def test_a_client_on_the_network_speaks_tls(world: World) -> None:
    identity = await asyncio.to_thread(self_signed, name="pbx")
    config = ApiConfig(host="0.0.0.0", port=0)
    async with serving(world, config=config, tls=identity.server_context(), announce=False) as server:
        pinned = aiohttp.Fingerprint(bytes.fromhex(identity.fingerprint.replace(":", "")))
        async with client(server, scheme="wss", ssl=pinned) as ws:
            await authenticate(ws)
        with pytest.raises(aiohttp.ServerFingerprintMismatch):
            async with client(server, scheme="wss", ssl=aiohttp.Fingerprint(bytes(32))):
                pass


async def test_the_command_line_gets_a_code_that_pairs_a_client(world: World, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    for folder in (tmp_path, deep):
        async with serving(world, data=folder) as server:
            assert (folder / "control.sock").stat().st_mode & 0o777 == 0o600
            code = await asyncio.to_thread(ask_for_code, folder)
            async with client(server) as ws:
                await hear(ws)
                await ws.send_json({"id": 1, "type": "pair", "code": code, "client": "Home Assistant"})
                assert (await hear(ws))["result"]["token"] == "golden-new-token"
        with pytest.raises(Unavailable, match=r"No PBX runs on .*; start it first"):
            ask_for_code(folder)


async def test_the_socket_of_a_killed_pbx_is_replaced(world: World, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "control.sock"))
    with pytest.raises(Unavailable, match="No PBX runs on"):
        ask_for_code(tmp_path)
    async with serving(world, data=tmp_path):
        assert await asyncio.to_thread(ask_for_code, tmp_path) == "123456"


async def test_a_phone_gets_its_configuration_without_being_a_client(world: World) -> None:
    url = "/provision/golden-one-time/snom.cfg"
    async with serving(world) as server, aiohttp.ClientSession(headers={"User-Agent": "snomD785"}) as session:
        async with session.get(f"http://127.0.0.1:{server.port}{url}") as answer:
            assert answer.status == 200
            assert answer.content_type == "text/xml"
            assert answer.headers["Cache-Control"] == "no-store"
            assert await answer.text() == "<!-- snomD785 at 127.0.0.1 -->"
        async with session.get(f"http://127.0.0.1:{server.port}/provision/wrong") as answer:
            assert answer.status == 404
        async with session.post(f"http://127.0.0.1:{server.port}{url}") as answer:
            assert answer.status == 405
