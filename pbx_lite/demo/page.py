"""The demo door's web page: a bell to press, what the camera sees, and the relay that opens the door by HTTP."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from aiohttp import web

from pbx_lite.demo.status import Teller

_HTML = Path(__file__).with_name("page.html")
type _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Door(Protocol):
    """What the page can do with the station."""

    teller: Teller

    def ring(self) -> None: ...

    def hang_up(self) -> None: ...

    def open(self, how: str) -> None: ...

    async def still(self) -> bytes:
        """What the camera sees now, as JPEG."""
        ...


class Page:
    """Serves one local address: `/open` is the relay, `/picture.jpg` the still image, `/status` for programs."""

    def __init__(self, door: Door) -> None:
        self._door = door
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/events", self._events),
                web.get("/status", self._status),
                web.get("/picture.jpg", self._picture),
                web.get("/open", self._open),
                web.post("/open", self._open),
                web.post("/ring", self._ring),
                web.post("/hang_up", self._hang_up),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)

    async def start(self, host: str, port: int) -> str:
        """Listen and return the page's address."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        bound: int = self._runner.addresses[0][1]
        return f"http://{host}:{bound}/"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _page(self, _: web.Request) -> web.StreamResponse:
        return web.Response(text=_HTML.read_text(encoding="utf-8"), content_type="text/html")

    async def _status(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(self._door.teller.status.as_dict())

    async def _picture(self, _: web.Request) -> web.StreamResponse:
        return web.Response(
            body=await self._door.still(), content_type="image/jpeg", headers={"Cache-Control": "no-store"}
        )

    async def _open(self, _: web.Request) -> web.StreamResponse:
        self._door.open("http")
        return web.Response(text="open\n")

    async def _ring(self, _: web.Request) -> web.StreamResponse:
        self._door.ring()
        return web.Response(status=204)

    async def _hang_up(self, _: web.Request) -> web.StreamResponse:
        self._door.hang_up()
        return web.Response(status=204)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """The status now and after every change, as server-sent events."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        changed = asyncio.Event()
        changed.set()
        forget = self._door.teller.listen(changed.set)
        try:
            while True:
                await changed.wait()
                changed.clear()
                await response.write(b"data: " + json.dumps(self._door.teller.status.as_dict()).encode() + b"\n\n")
        except ConnectionResetError, asyncio.CancelledError:
            return response
        finally:
            forget()
