"""Both ends of media sessions in tests: a bare socket as the other side, and an ear."""

import asyncio
import re
from typing import Any, Self

from pbx_lite.media.port_pool import PortPool
from pbx_lite.media.rtp import RtpPacket, parse
from pbx_lite.media.sdp import parse as parse_sdp
from tests.support.ports import free_range

POOL = PortPool(free_range(200))


class Peer:
    """A bare socket that plays the other side."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.inbox: asyncio.Queue[bytes] = asyncio.Queue()
        self.host = host

    async def __aenter__(self) -> Self:
        peer = self

        class Protocol(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: object) -> None:
                peer.inbox.put_nowait(data)

        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(Protocol, local_addr=(self.host, 0))
        self.port: int = self.transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.transport.close()
        await asyncio.sleep(0)

    def send(self, data: bytes, port: int) -> None:
        self.transport.sendto(data, (self.host, port))

    async def hears(self) -> RtpPacket:
        return parse(await asyncio.wait_for(self.inbox.get(), 2))


class Ear:
    """A sink that can be waited on."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Any] = asyncio.Queue()

    def __call__(self, item: Any) -> None:
        self.queue.put_nowait(item)

    async def next(self) -> Any:
        return await asyncio.wait_for(self.queue.get(), 2)


def ports(description: bytes) -> list[int]:
    return [media.port for media in parse_sdp(description).media]


def version(description: bytes) -> int:
    """Which revision of its session a description is, from its o-line."""
    found = re.search(rb"o=\S+ \S+ (\d+)", description)
    assert found is not None
    return int(found[1])
