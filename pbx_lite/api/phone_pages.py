"""The listener that phones fetch their configurations from, where the API itself is on loopback alone.

It answers nothing else, so that a PBX next to Home Assistant shows the network no more than this.
"""

import asyncio
import ssl

from aiohttp.web_protocol import RequestHandler
from aiohttp.web_request import BaseRequest
from aiohttp.web_response import Response
from aiohttp.web_server import Server

from pbx_lite.api.call_facade import Provisioning
from pbx_lite.api.listening import logger_without_nonsense, not_listening
from pbx_lite.clock import Clock, Timer

CONFIGURATIONS = "/provision/"
"""What phones ask for: without authentication, for the path itself is the secret."""
MAX_PHONES = 30
MAX_PHONES_PER_SOURCE = 5
VISIT_SECONDS = 15.0
"""From connecting to having all of it."""
_HANDSHAKE_SECONDS = 10.0
_CLOSE_SECONDS = 2.0


class PhonePages:
    """Always TLS: what a phone gets holds its password."""

    def __init__(
        self, where: tuple[str, int], *, provisioning: Provisioning, clock: Clock, tls: ssl.SSLContext
    ) -> None:
        self._where = where
        self._provisioning = provisioning
        self._clock = clock
        self._tls = tls
        self._http: _Http | None = None
        self._server: asyncio.Server | None = None
        self._visits: dict[RequestHandler, tuple[str, Timer]] = {}

    @property
    def port(self) -> int:
        """The port it listens on, also where the configuration left the choice to the system."""
        port: int = self._server.sockets[0].getsockname()[1] if self._server is not None else 0
        return port

    async def start(self) -> None:
        """Listen.  Raises Conflict for a busy port and Unavailable for an address this machine does not have."""
        self._http = _Http(self)
        host, port = self._where
        try:
            self._server = await asyncio.get_running_loop().create_server(
                self._http,
                host,
                port,
                ssl=self._tls,
                ssl_handshake_timeout=_HANDSHAKE_SECONDS,
                ssl_shutdown_timeout=_CLOSE_SECONDS,
                reuse_address=True,
            )
        except OSError as error:
            raise not_listening(error, f"{host}:{port}", key="api.phones") from error

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        if self._http is not None:
            await self._http.shutdown(_CLOSE_SECONDS)
        if self._server is not None:
            await self._server.wait_closed()

    def enter(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """Someone has connected; whoever is one too many, or stays too long, is cut off."""
        peer = transport.get_extra_info("peername")
        source = str(peer[0]) if isinstance(peer, tuple) else ""
        same_source = sum(1 for other, _ in self._visits.values() if other == source)
        if len(self._visits) >= MAX_PHONES or same_source >= MAX_PHONES_PER_SOURCE:
            transport.abort()
            return
        self._visits[handler] = (source, self._clock.call_later(VISIT_SECONDS, transport.abort))

    def leave(self, handler: RequestHandler) -> None:
        if (visit := self._visits.pop(handler, None)) is not None:
            visit[1].cancel()

    async def answer(self, request: BaseRequest) -> Response:
        visit = self._visits.get(request.protocol)
        if visit is None or request.method != "GET" or not request.path.startswith(CONFIGURATIONS):
            response = Response(status=404, text="There is nothing here.\n")
            response.force_close()
            return response
        return configuration(self._provisioning, request, visit[0])


class _Http(Server):
    """aiohttp's server; it tells of connections before they ask for anything."""

    def __init__(self, pages: PhonePages) -> None:
        super().__init__(
            pages.answer, access_log=None, logger=logger_without_nonsense(f"{__name__}.http"), lingering_time=0.0
        )
        self._pages = pages

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._pages.enter(handler, transport)

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        self._pages.leave(handler)
        super().connection_lost(handler, exc)


def configuration(provisioning: Provisioning, request: BaseRequest, source: str) -> Response:
    """The answer to a phone, never kept by anything between us."""
    user_agent = request.headers.get("User-Agent", "")[:256]
    page = provisioning.fetch(request.path, user_agent=user_agent, source=source)
    response = Response(status=page.status, body=page.body, content_type=page.content_type, charset="utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.force_close()
    return response
