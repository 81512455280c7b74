"""An IP camera without SIP: stills as JPEG, moving pictures as multipart MJPEG, behind a password if wanted."""

import asyncio
import base64
from typing import Self

from aiohttp import web

from tests.support.pictures import FPS, jpeg


class FakeCamera:
    """`async with FakeCamera() as camera:` then `camera.still` and `camera.stream`; `watching` counts open streams."""

    def __init__(self, *, username: str = "", password: str = "") -> None:
        self.watching = 0
        self.stills = 0
        self.port = 0
        self._account = f"{username}:{password}" if username else ""
        self._runner: web.AppRunner | None = None
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/still.jpg", self._still)
        app.router.add_get("/stream.mjpg", self._stream)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def still(self) -> str:
        return f"http://127.0.0.1:{self.port}/still.jpg"

    @property
    def stream(self) -> str:
        return f"http://127.0.0.1:{self.port}/stream.mjpg"

    async def watched_by(self, count: int, *, within: float = 20.0) -> None:
        """Wait until that many look at the stream."""
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(lambda: self.watching == count)

    async def _still(self, request: web.Request) -> web.Response:
        self._check(request)
        self.stills += 1
        return web.Response(body=jpeg(self.stills), content_type="image/jpeg")

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        self._check(request)
        response = web.StreamResponse(headers={"Content-Type": "multipart/x-mixed-replace; boundary=picture"})
        await response.prepare(request)
        await self._count(1)
        try:
            number = 0
            while True:
                body = jpeg(number)
                head = f"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {len(body)}\r\n\r\n"
                await response.write(head.encode() + body + b"\r\n")
                number += 1
                await asyncio.sleep(1 / FPS)
        except ConnectionError:
            return response
        finally:
            await self._count(-1)

    def _check(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "").removeprefix("Basic ")
        if self._account and base64.b64decode(given or "").decode() != self._account:
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": 'Basic realm="camera"'})

    async def _count(self, by: int) -> None:
        async with self._changed:
            self.watching += by
            self._changed.notify_all()
