"""The client alone: golden conversations, certificates, a server that misbehaves."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from custom_components.pascom.wire import client as client_module
from custom_components.pascom.wire import connection as connection_module
from custom_components.pascom.wire.client import PascomClient
from custom_components.pascom.wire.connection import Endpoint, connect
from custom_components.pascom.wire.errors import (
    CannotConnect,
    CertificateChanged,
    CommandFailed,
    Incompatible,
    PascomError,
    Unauthorized,
)
from custom_components.pascom.wire.models import Account, Actor, Door, Event, Snapshot
from tests.pascom.fake_pbx import TOKEN, WIRE, FakePbx

GOLDEN = sorted(path.stem for path in WIRE.glob("*.json"))


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


class Heard:
    def __init__(self) -> None:
        self.snapshots: list[Snapshot] = []
        self.events: list[Event] = []
        self.losses: list[PascomError] = []
        self.changed = asyncio.Event()

    def on_connected(self, snapshot: Snapshot) -> None:
        self.snapshots.append(snapshot)
        self.changed.set()

    def on_event(self, event: Event) -> None:
        self.events.append(event)
        self.changed.set()
        if event.kind == "bad":
            raise ValueError("a listener's fault")

    def on_disconnected(self, reason: PascomError) -> None:
        self.losses.append(reason)
        self.changed.set()

    async def until(self, true: Any) -> None:
        async with asyncio.timeout(20):
            while not true():
                self.changed.clear()
                await self.changed.wait()


@pytest.mark.parametrize("name", GOLDEN)
async def test_a_golden_conversation_is_understood(name: str, session: aiohttp.ClientSession) -> None:
    """The server's side is played from the file, frame by frame; the client must send its side and take the rest."""
    conversation = json.loads((WIRE / f"{name}.json").read_text())
    frames = conversation["frames"]
    if conversation["authenticated"]:
        opening = json.loads((WIRE / "auth.json").read_text())["frames"]
        frames = [*opening, *frames]

    async def serve(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        for frame in frames:
            if frame["from"] == "server":
                await ws.send_json(frame["frame"])
            else:
                assert json.loads((await ws.receive()).data) == frame["frame"]
        await ws.receive()
        return ws

    app = web.Application()
    app.router.add_get("/", serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    try:
        async with connect(session, Endpoint(host="127.0.0.1", port=port)) as pbx:
            for index, frame in enumerate(frames):
                if frame["from"] == "server":
                    continue
                sent = dict(frame["frame"])
                answer = next(
                    later["frame"]
                    for later in frames[index:]
                    if later["from"] == "server" and later["frame"].get("id") == sent["id"]
                )
                actor = sent.pop("as", None)
                number, kind = sent.pop("id"), sent.pop("type")
                assert pbx._next_id == number
                command = pbx.command(kind, actor=Actor(**actor) if actor else None, **sent)
                if answer["success"]:
                    result = await command
                    assert result == answer["result"]
                    _parse(kind, result)
                else:
                    with pytest.raises(PascomError) as refused:
                        await command
                    assert refused.value.code == answer["error"]["code"]
                    assert refused.value.message == answer["error"]["message"]
            heard: list[Event] = []
            pbx.listen(heard.append)
            expected = [frame["frame"]["event"] for frame in frames if frame["frame"].get("type") == "event"]
            async with asyncio.timeout(20):
                while len(heard) < len(expected):  # noqa: ASYNC110  (plain list)
                    await asyncio.sleep(0.005)
            assert [event.data for event in heard] == expected
            for event in heard:
                if event.kind == "door_changed":
                    Door.from_wire(event.data["state"])
                elif event.kind == "directory_changed":
                    Snapshot.from_wire(event.data["snapshot"])
    finally:
        await runner.cleanup()


def _parse(kind: str, result: Any) -> None:
    if kind == "subscribe":
        assert Snapshot.from_wire(result).doors
    for key, kind_of in (("door", Door), ("account", Account)):
        if isinstance(result, dict) and isinstance(result.get(key), dict):
            assert isinstance(kind_of.from_wire(result[key]), kind_of)


async def test_a_pinned_certificate_is_the_only_one_that_passes(
    pbx: FakePbx,
    session: aiohttp.ClientSession,
    certificate: tuple[ssl.SSLContext, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection_module, "is_loopback", lambda _: False)
    context, fingerprint = certificate
    await pbx.stop()
    await pbx.start(context)
    async with connect(session, Endpoint(host="127.0.0.1", port=pbx.port), trust=True) as seen:
        assert seen.fingerprint == fingerprint
    async with connect(session, Endpoint(host="127.0.0.1", port=pbx.port, fingerprint=fingerprint)) as trusted:
        await trusted.authenticate(TOKEN)
    for wrong in ("00" * 32, None):
        with pytest.raises(CertificateChanged):
            async with connect(session, Endpoint(host="127.0.0.1", port=pbx.port, fingerprint=wrong)):
                pass


async def test_what_is_not_a_pbx_is_told_apart(pbx: FakePbx, session: aiohttp.ClientSession) -> None:
    endpoint = Endpoint(host="127.0.0.1", port=pbx.port)
    pbx.info = {"hello": "world"}
    with pytest.raises(CannotConnect, match="does not answer as a PBX"):
        async with connect(session, endpoint):
            pass
    pbx.info = {"type": "server_info", "api_version": 2, "version": "9", "name": "x", "instance": "y"}
    with pytest.raises(Incompatible, match="speaks API version 2"):
        async with connect(session, endpoint):
            pass
    await pbx.stop()
    with pytest.raises(CannotConnect, match="cannot be reached"):
        async with connect(session, endpoint):
            pass


async def test_silence_is_not_awaited_for_ever(session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "CONNECT_TIMEOUT", 0.1)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        with pytest.raises(CannotConnect, match="does not answer"):
            async with connect(session, Endpoint(host="127.0.0.1", port=listening.getsockname()[1])):
                pass


async def test_a_command_without_an_answer_fails(pbx: FakePbx, session: aiohttp.ClientSession) -> None:
    pbx.hold["ping"] = asyncio.Event()
    async with connect(session, Endpoint(host="127.0.0.1", port=pbx.port)) as connection:
        await connection.authenticate(TOKEN)
        with pytest.raises(CommandFailed, match="did not answer ping"):
            await connection.command("ping", timeout=0.05)
        pbx.hold["ping"].set()


async def test_a_client_stays_comes_back_and_survives_its_listener(
    pbx: FakePbx, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Heard()
    client = PascomClient(session, Endpoint(host="127.0.0.1", port=pbx.port), TOKEN, heard)
    with pytest.raises(CannotConnect, match="not connected"):
        await client.command("ping")
    run = asyncio.get_running_loop().create_task(client.run(), name="run")
    await heard.until(lambda: heard.snapshots)
    await pbx.tell("bad")
    await pbx.tell("good")
    await heard.until(lambda: len(heard.events) == 2)
    assert client.connected

    with monkeypatch.context() as patient:
        patient.setattr(client_module, "FIRST_PAUSE", 600.0)
        await pbx.stop()
        await heard.until(lambda: heard.losses)
    assert not client.connected
    await pbx.start()
    client.hurry()
    await heard.until(lambda: len(heard.snapshots) == 2)

    pbx.tokens.clear()
    await pbx.stop()
    await pbx.start()
    async with asyncio.timeout(20):
        await run  # a refused token ends it
    assert isinstance(heard.losses[-1], Unauthorized)


async def test_a_server_that_falls_silent_is_left(
    pbx: FakePbx, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "HEARTBEAT", 0.2)
    heard = Heard()
    client = PascomClient(session, Endpoint(host="127.0.0.1", port=pbx.port), TOKEN, heard)
    run = asyncio.get_running_loop().create_task(client.run(), name="run")
    await heard.until(lambda: heard.snapshots)
    while not pbx.commands("ping"):  # noqa: ASYNC110  (the ping has no event of its own)
        await asyncio.sleep(0.005)
    assert not heard.losses
    pbx.hold["ping"] = asyncio.Event()
    await heard.until(lambda: heard.losses)
    assert "did not answer ping" in heard.losses[0].message
    pbx.hold["ping"].set()
    run.cancel()
    await asyncio.wait([run])


@pytest.mark.parametrize("frame", ["not json", "[]", '{"type": "event"}', '{"type": "result", "id": 1}'])
async def test_nonsense_ends_the_connection_and_not_the_client(
    frame: str, pbx: FakePbx, session: aiohttp.ClientSession
) -> None:
    heard = Heard()
    client = PascomClient(session, Endpoint(host="127.0.0.1", port=pbx.port), TOKEN, heard)
    run = asyncio.get_running_loop().create_task(client.run(), name="run")
    await heard.until(lambda: heard.snapshots)
    pbx.hold["door/open"] = asyncio.Event()
    opening = asyncio.get_running_loop().create_task(client.open_door("front", None), name="open")
    while not pbx.commands("door/open"):  # noqa: ASYNC110  (the command has no event of its own)
        await asyncio.sleep(0.005)
    text = frame.replace('"id": 1', f'"id": {pbx.received[-1]["id"]}')
    for ws in tuple(pbx._subscribers):
        await ws.send_str(text)
    with pytest.raises(CannotConnect):
        await opening
    pbx.hold["door/open"].set()
    await heard.until(lambda: len(heard.snapshots) == 2)
    run.cancel()
    await asyncio.wait([run])


def test_a_secret_does_not_show_in_a_repr() -> None:
    account = Account(server="x", port=1, transports=(), username="u", password="hunter2")
    assert "hunter2" not in repr(account)
    assert account.password == "hunter2"
