"""The API on a real socket, and clients of it: aiohttp's, and one that sends any bytes."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from pbx_lite.api.server import ApiServer
from pbx_lite.config import ApiConfig
from tests.pbx_lite.api.world import World

AUTH = {"id": 1, "type": "auth", "token": "golden-token"}
PATIENCE = 20.0

type WebSocket = aiohttp.ClientWebSocketResponse


@asynccontextmanager
async def serving(world: World, clock: Any = None, **options: Any) -> AsyncIterator[ApiServer]:
    config = options.pop("config", ApiConfig(port=0))
    server = ApiServer(
        config, services=world.services, gate=world.gate, clock=clock or asyncio.get_running_loop(), **options
    )
    await server.start()
    try:
        yield server
    finally:
        async with asyncio.timeout(PATIENCE):
            await server.stop()


@asynccontextmanager
async def client(server: ApiServer, *, scheme: str = "ws", **options: Any) -> AsyncIterator[WebSocket]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{scheme}://127.0.0.1:{server.port}/", max_msg_size=0, **options) as ws,
    ):
        yield ws


async def hear(ws: WebSocket) -> Any:
    return await ws.receive_json(timeout=PATIENCE)


async def authenticate(ws: WebSocket) -> None:
    await hear(ws)
    await ws.send_json(AUTH)
    assert (await hear(ws))["success"]


async def end_of(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(PATIENCE):
        with contextlib.suppress(ConnectionError):
            return await reader.read()
        return b""


HEAD = (
    "GET / HTTP/1.1\r\nHost: pbx\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def masked(opcode: int, payload: bytes, *, final: bool = True, mask: bytes = b"\x01\x02\x03\x04") -> bytes:
    """A client's frame."""
    size = len(payload)
    head = bytes(((0x80 if final else 0) | opcode,))
    if size < 126:
        head += bytes((0x80 | size,))
    elif size < 65536:
        head += bytes((0x80 | 126,)) + size.to_bytes(2)
    else:
        head += bytes((0x80 | 127,)) + size.to_bytes(8)
    return head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


class RawClient:
    """A TCP connection to the API that may send anything."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer
        self._transport: asyncio.Transport = writer.transport  # type: ignore[assignment]

    @classmethod
    @asynccontextmanager
    async def connected(cls, server: ApiServer) -> AsyncIterator[RawClient]:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        try:
            yield cls(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    @classmethod
    @asynccontextmanager
    async def open(cls, server: ApiServer, *, authenticated: bool = True) -> AsyncIterator[RawClient]:
        """Past the handshake and the server's first message."""
        async with cls.connected(server) as raw:
            raw.send(HEAD.encode())
            await raw.head()
            assert (await raw.frame())[0] == 1
            if authenticated:
                raw.send(masked(1, b'{"id":1,"type":"auth","token":"golden-token"}'))
                assert b'"success":true' in (await raw.frame())[1]
            yield raw

    def send(self, data: bytes) -> None:
        """To nobody, once the server has hung up."""
        if not self._transport.is_closing():
            self._writer.write(data)

    @property
    def socket(self) -> socket.socket:
        end: socket.socket = self._writer.get_extra_info("socket")
        return end

    async def send_for_ever(self, data: bytes) -> None:
        while True:
            self._writer.write(data)
            await self._writer.drain()

    def read_no_more(self) -> None:
        self._transport.pause_reading()

    def reset(self) -> None:
        """Be gone without a word."""
        if not self._transport.is_closing():
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()

    async def head(self) -> bytes:
        async with asyncio.timeout(PATIENCE):
            return await self.reader.readuntil(b"\r\n\r\n")

    async def frame(self) -> tuple[int, bytes]:
        """The opcode and the payload of the server's next frame."""
        async with asyncio.timeout(PATIENCE):
            first, size = await self.reader.readexactly(2)
            if size >= 126:
                size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8))
            return first & 0x0F, await self.reader.readexactly(size)
