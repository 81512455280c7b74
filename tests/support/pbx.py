"""pbx_lite as a process of its own, and a client that speaks its API."""

import asyncio
import itertools
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import aiohttp
import yaml

from pbx_lite.tasks import spawn
from tests.support.home_assistant import PYTHON, ROOT
from tests.support.ports import free_port
from tests.support.process import Child


class PbxProcess:
    """`start()` returns when it said `ready`; `configuration` is pbx.yaml, which a test may change before.

    `tells_all` logs every detail.
    """

    def __init__(self, folder: Path, *, tells_all: bool = False, **more: Any) -> None:
        self.folder = folder
        self._tells_all = tells_all
        self.sip_port, self.tls_port, self.api_port = free_port(), free_port(), free_port()
        self.token = secrets.token_urlsafe(16)
        first = 20000 + secrets.randbelow(9000) * 2
        self.configuration: dict[str, Any] = {
            "name": "Test home",
            "data": "./data",
            "sip": {
                "listen": [
                    f"udp://127.0.0.1:{self.sip_port}",
                    f"tcp://127.0.0.1:{self.sip_port}",
                    f"tls://127.0.0.1:{self.tls_port}",
                ]
            },
            "rtp": {"ports": f"{first}-{first + 400}"},
            "api": {"listen": f"127.0.0.1:{self.api_port}", "token": self.token},
            **more,
        }
        self.child: Child | None = None

    @property
    def server(self) -> str:
        return f"127.0.0.1:{self.sip_port}"

    @property
    def pid(self) -> int:
        assert self.child
        return self.child.process.pid

    async def start(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "pbx.yaml").write_text(yaml.safe_dump(self.configuration))
        command: list[str | Path] = [PYTHON, "-m", "pbx_lite", "run", self.folder / "pbx.yaml"]
        if self._tells_all:
            command.insert(3, "--verbose")
        self.child = await Child.start("pbx_lite", command, cwd=ROOT, log=self.folder / "pbx.log")
        await self.child.wait_for("^ready$")
        return self

    async def stop(self) -> None:
        if self.child:
            await self.child.stop(timeout=8)
            self.child = None


class ApiClient:
    """One connection to the PBX's API; `events` are all that came since `subscribe`."""

    def __init__(self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.events: list[dict[str, Any]] = []
        self._session = session
        self._socket = socket
        self._ids = itertools.count(1)
        self._results: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._changed = asyncio.Event()
        self._reader = spawn(self._read(), name="API client")

    @classmethod
    async def open(cls, pbx: PbxProcess) -> Self:
        return await cls.connect(pbx.api_port, pbx.token)

    @classmethod
    async def connect(cls, port: int, token: str) -> Self:
        session = aiohttp.ClientSession()
        socket = await session.ws_connect(f"http://127.0.0.1:{port}/")
        client = cls(session, socket)
        await client.command("auth", token=token)
        return client

    async def command(self, kind: str, **fields: Any) -> dict[str, Any]:
        number = next(self._ids)
        future = self._results[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "type": kind, **fields})
        async with asyncio.timeout(30):
            answer = await future
        assert answer["success"], answer
        result: dict[str, Any] = answer["result"]
        return result

    async def until(self, kind: str, *, timeout: float = 30, **wanted: Any) -> dict[str, Any]:
        """The first event of this kind with these fields, here already or to come."""
        try:
            async with asyncio.timeout(timeout):
                while True:
                    self._changed.clear()
                    for event in self.events:
                        if _fits(event, {"kind": kind, **wanted}):
                            return event
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"no {kind} {wanted} in {timeout} s, but {self.events}") from None

    async def close(self) -> None:
        await self._socket.close()
        await self._reader
        await self._session.close()

    async def _read(self) -> None:
        async for frame in self._socket:
            message = frame.json()
            if message["type"] == "result" and (future := self._results.pop(message["id"], None)):
                future.set_result(message)
            elif message["type"] == "event":
                self.events.append(message["event"])
                self._changed.set()


def _fits(found: object, wanted: object) -> bool:
    """Whether it is that; of mappings, which may hold more, each thing that is wanted."""
    if not isinstance(found, Mapping) or not isinstance(wanted, Mapping):
        return found == wanted
    return all(_fits(found.get(name), value) for name, value in wanted.items())
