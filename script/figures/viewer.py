"""The process of `Audience`: a command a line on stdin, its number and answer on stdout.

Usage: `python -m script.figures.viewer API_PORT DOOR`, the API's token in PBX_TOKEN.
"""

import asyncio
import contextlib
import json
import logging
import os
import sys
import time
import uuid
from typing import Any

from aiortc import RTCConfiguration, RTCDtlsTransport, RTCPeerConnection, RTCSessionDescription

from tests.support.pbx import ApiClient

LAST_SOUND = 96  # aiortc offers sound with payload types up to this one, pictures above it
ENOUGH = 10  # pictures, until somebody counts as a viewer


class Counter:
    """Looks at the headers of one viewer's RTP alone, so that many viewers fit on one core."""

    def __init__(self) -> None:
        self.pictures = self.size = self.total = 0

    def count(self, data: bytes) -> None:
        if data[1] & 0x7F > LAST_SOUND:
            self.size += len(data)
            if data[1] & 0x80:  # the marker ends a picture (RFC 6184 section 5.1)
                self.pictures += 1
                self.total += 1


class Viewers:
    """Sessions that only watch, as the stock camera dialog does before somebody talks."""

    def __init__(self, api: ApiClient, door: str) -> None:
        self._api = api
        self._door = door
        self._counters: list[Counter] = []
        self._by_transport: dict[RTCDtlsTransport, Counter] = {}
        self._connections: list[RTCPeerConnection] = []
        self._since = time.monotonic()

    async def take(self, transport: RTCDtlsTransport, data: bytes, **_: Any) -> None:
        """In the place of aiortc's way for RTP that has been decrypted."""
        if (counter := self._by_transport.get(transport)) is None:
            counter = self._by_transport[transport] = Counter()
            self._counters.append(counter)
        counter.count(data)

    async def grow_to(self, count: int) -> int:
        while len(self._connections) < count:
            await self._add()
        async with asyncio.timeout(30):
            while sum(counter.total >= ENOUGH for counter in self._counters) < count:  # noqa: ASYNC110  counted by their transports
                await asyncio.sleep(0.05)
        return count

    def received(self) -> list[dict[str, float]]:
        now = time.monotonic()
        passed, self._since = now - self._since, now
        shown = []
        for counter in self._counters:
            pictures, size, counter.pictures, counter.size = counter.pictures, counter.size, 0, 0
            shown.append({"pictures": round(pictures / passed, 1), "mbit": round(size * 8e-6 / passed, 2)})
        return shown

    async def close(self) -> None:
        for connection in self._connections:
            await connection.close()

    async def _add(self) -> None:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._connections.append(connection)
        for kind in ("audio", "video"):
            connection.addTransceiver(kind, "recvonly")
        await connection.setLocalDescription(await connection.createOffer())
        offer = connection.localDescription.sdp
        session = uuid.uuid4().hex
        result = await self._api.command("door/watch", door=self._door, session=session, offer=offer)
        await connection.setRemoteDescription(RTCSessionDescription(result["answer"], "answer"))


async def main(port: int, door: str) -> None:
    api = await ApiClient.connect(port, os.environ["PBX_TOKEN"])
    viewers = Viewers(api, door)
    setattr(RTCDtlsTransport, "_handle_rtp_data", lambda *data, **fields: viewers.take(*data, **fields))  # noqa: B010, PLW0108  a method
    print("ready", flush=True)
    number = 0
    loop = asyncio.get_running_loop()
    try:
        while line := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
            number += 1
            answer = viewers.received() if line == "received" else await viewers.grow_to(int(line))
            print(number, json.dumps(answer), flush=True)
    finally:
        await viewers.close()
        await api.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
