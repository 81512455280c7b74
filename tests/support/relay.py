"""A station's relay: an HTTP server that writes down what it is asked, with basic or digest authentication and TLS."""

import asyncio
import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Literal, Self

from aiohttp import web

from tests.support.tls import Identity


@dataclass(frozen=True, slots=True)
class Received:
    """A request that was let in; `path` includes the query."""

    method: str
    path: str
    body: str
    content_type: str


class FakeRelay:
    """`async with FakeRelay(auth="digest", username="x", password="y") as relay:` then `await relay.opened()`.

    `answer` is (status, content type, body) for a request that is let in; `silent` takes requests and never answers.
    """

    def __init__(
        self,
        *,
        auth: Literal["none", "basic", "digest", "both"] = "none",
        algorithm: Literal["MD5", "SHA-256"] = "MD5",
        username: str = "admin",
        password: str = "secret",
        identity: Identity | None = None,
        answer: tuple[int, str, bytes] = (200, "text/plain", b"OK"),
        headers: dict[str, str] | None = None,
        silent: bool = False,
    ) -> None:
        self.auth = auth
        self.algorithm = algorithm
        self.username = username
        self.password = password
        self.answer = answer
        self.headers = headers or {}
        self.silent = silent
        self.requests: list[Received] = []
        self.refused = 0
        self.port = 0
        self._identity = identity
        self._arrived: asyncio.Queue[Received] = asyncio.Queue()
        self._nonces: set[str] = set()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        context = self._identity.server_context() if self._identity else None
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def url(self, path: str = "/open") -> str:
        return f"{'https' if self._identity else 'http'}://127.0.0.1:{self.port}{path}"

    async def opened(self, *, within: float = 20.0) -> Received:
        """The next request that was let in."""
        async with asyncio.timeout(within):
            return await self._arrived.get()

    async def _handle(self, request: web.Request) -> web.Response:
        if self.silent:
            await asyncio.Event().wait()
        if self.auth != "none" and not self._lets_in(request):
            self.refused += 1
            return web.Response(status=401, headers=[("WWW-Authenticate", each) for each in self._challenges()])
        received = Received(request.method, request.raw_path, await request.text(), request.content_type)
        self.requests.append(received)
        self._arrived.put_nowait(received)
        status, content_type, body = self.answer
        return web.Response(status=status, body=body, headers={"Content-Type": content_type, **self.headers})

    def _challenges(self) -> list[str]:
        nonce = secrets.token_hex(8)
        self._nonces.add(nonce)
        digest = f'Digest realm="relay", nonce="{nonce}", qop="auth", algorithm={self.algorithm}'
        basic = 'Basic realm="relay"'
        return {"basic": [basic], "digest": [digest], "both": [basic, digest]}[self.auth]

    def _lets_in(self, request: web.Request) -> bool:
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic" and self.auth in {"basic", "both"}:
            return base64.b64decode(value).decode() == f"{self.username}:{self.password}"
        if scheme == "Digest" and self.auth in {"digest", "both"}:
            return self._digest_is_right(request, dict(re.findall(r'(\w+)="?([^",]*)"?', value)))
        return False

    def _digest_is_right(self, request: web.Request, given: dict[str, str]) -> bool:
        def h(text: str) -> str:
            return (hashlib.md5 if self.algorithm == "MD5" else hashlib.sha256)(text.encode()).hexdigest()

        if given.get("nonce") not in self._nonces or given.get("uri") != request.raw_path:
            return False
        ha1 = h(f"{self.username}:relay:{self.password}")
        ha2 = h(f"{request.method}:{request.raw_path}")
        middle = ":".join(given[key] for key in ("nonce", "nc", "cnonce", "qop"))
        return given["response"] == h(f"{ha1}:{middle}:{ha2}")
