"""A browser at Home Assistant's WebSocket, in which somebody is logged in and has pages of the panel."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket

type Browse = Callable[[str], Awaitable[Browser]]


class Browser:
    """A browser with one connection; its page's messages one after the other."""

    def __init__(self, socket: MockHAClientWebSocket) -> None:
        self.socket = socket
        self._results: dict[int, dict[str, Any]] = {}
        self._messages: dict[int, list[dict[str, Any]]] = {}

    async def send(self, kind: str, **fields: Any) -> int:
        frame: dict[str, Any] = {"type": kind, **fields}
        await self.socket.send_json_auto_id(frame)
        return int(frame["id"])

    async def subscribe(self, device: str = "tablet", **fields: Any) -> int:
        number = await self.send("pascom/subscribe", device=device, **fields)
        assert (await self.result(number))["success"]
        return number

    async def ask(self, command: str, fields: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        return await self.result(await self.send("pascom/ask", command=command, fields=fields or {}, **more))

    async def result(self, number: int) -> dict[str, Any]:
        while number not in self._results:
            await self._read()
        return self._results.pop(number)

    async def message(self, page: int) -> dict[str, Any]:
        while not self._messages.get(page):
            await self._read()
        return self._messages[page].pop(0)

    async def begun(self, page: int) -> dict[str, Any]:
        """The snapshot of a page, when it is a phone."""
        snapshot = await self.message(page)
        assert snapshot["type"] == "snapshot"
        assert (await self.message(page))["type"] == "legs"
        return snapshot

    async def event(self, page: int) -> dict[str, Any]:
        message = await self.message(page)
        assert message["type"] == "event"
        event: dict[str, Any] = message["event"]
        return event

    async def unsubscribe(self, page: int) -> None:
        assert (await self.result(await self.send("unsubscribe_events", subscription=page)))["success"]

    async def asked(self) -> None:
        """All that was sent before is dealt with."""
        await self.result(await self.send("ping"))

    async def _read(self) -> None:
        async with asyncio.timeout(20):
            frame = await self.socket.receive_json()
        if frame["type"] == "pong":
            self._results[frame["id"]] = frame
        elif frame["type"] == "event":
            self._messages.setdefault(frame["id"], []).append(frame["event"])
        else:
            assert frame["type"] == "result"
            self._results[frame["id"]] = frame
