"""The API's listener: accepts clients, tells them the events, announces itself, and answers `pbx-lite pair`."""

import asyncio
import itertools
import logging
import ssl
from pathlib import Path

from aiohttp.web_exceptions import HTTPException
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_request import BaseRequest
from aiohttp.web_response import Response, StreamResponse
from aiohttp.web_server import Server
from aiohttp.web_ws import WebSocketResponse

from pbx_lite.api import people_commands
from pbx_lite.api.client_socket import CLOSE_SECONDS, MAX_MESSAGE, PING_SECONDS, ClientSocket
from pbx_lite.api.connection import Connection, encoded
from pbx_lite.api.control import ControlSocket
from pbx_lite.api.discovery import Discovery
from pbx_lite.api.facade import Services
from pbx_lite.api.listening import logger_without_nonsense, not_listening
from pbx_lite.api.pairing import Gate
from pbx_lite.api.phone_pages import CONFIGURATIONS, configuration
from pbx_lite.api.presentation import event_shown
from pbx_lite.clock import Clock
from pbx_lite.config import ApiConfig
from pbx_lite.errors import Unavailable
from pbx_lite.events import Event
from pbx_lite.tasks import Tasks

MAX_CLIENTS = 100
MAX_STRANGERS = 30
MAX_STRANGERS_PER_SOURCE = 10
HANDSHAKE_SECONDS = 10.0
_LOGGER = logging.getLogger(__name__)


class ApiServer:
    """`tls` is needed, and used, for addresses other than loopback.  `data` is where the socket for pairing goes."""

    def __init__(
        self,
        config: ApiConfig,
        *,
        services: Services,
        gate: Gate,
        clock: Clock,
        tls: ssl.SSLContext | None = None,
        data: Path | None = None,
        announce: bool = True,
    ) -> None:
        self.port = config.port
        self._config = config
        self._services = services
        self._gate = gate
        self._clock = clock
        self._tls = None if config.loopback else tls
        self._announce = announce and not config.loopback
        self._control = ControlSocket(data, gate.new_code) if data is not None else None
        self._discovery: Discovery | None = None
        self._server: asyncio.Server | None = None
        self._http: _Http | None = None
        self._sockets: dict[RequestHandler, ClientSocket] = {}
        self._connections: dict[ClientSocket, Connection] = {}
        self._numbers = itertools.count(1)
        self._tasks = Tasks("api")
        self._forget = services.bus.listen(self._heard)

    async def start(self) -> None:
        """Listen.  Raises Conflict for a busy port and Unavailable for an address this machine does not have."""
        config = self._config
        if not config.loopback and self._tls is None:
            raise Unavailable("The API needs a certificate to listen on the network.")
        self._http = _Http(self)
        try:
            self._server = await asyncio.get_running_loop().create_server(
                self._http,
                config.host,
                config.port,
                ssl=self._tls,
                ssl_handshake_timeout=HANDSHAKE_SECONDS if self._tls is not None else None,
                ssl_shutdown_timeout=CLOSE_SECONDS if self._tls is not None else None,
                reuse_address=True,
            )
        except OSError as error:
            raise not_listening(error, f"{config.host}:{config.port}", key="api.listen") from error
        self.port = self._server.sockets[0].getsockname()[1]
        if self._control is not None:
            self._control.start()
        if self._announce:
            identity = self._services.identity
            self._discovery = Discovery(
                identity, host=config.host, port=self.port, api_version=people_commands.API_VERSION
            )
            self._tasks.spawn(self._discovery.start(), name="announce")

    @property
    def heard(self) -> bool:
        """Whether any client hears the events."""
        return any(connection.subscribed for connection in self._connections.values())

    async def stop(self) -> None:
        """Say good-bye to every client; what they had ends."""
        self._forget()
        await self._tasks.close()
        if self._discovery is not None:
            await self._discovery.stop()
        if self._control is not None:
            self._control.stop()
        if self._server is not None:
            self._server.close()
        connections = list(self._connections.values())
        for socket in list(self._sockets.values()):
            connection = self._connections.get(socket)
            if connection is not None:
                connection.end()
            else:
                socket.abort()
        if self._http is not None:
            await self._http.shutdown(CLOSE_SECONDS)
        if self._server is not None:
            await self._server.wait_closed()
        for connection in connections:
            await connection.ended()

    # What the HTTP server tells and asks

    def enter(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """Someone has connected, and said nothing yet."""
        socket = self._sockets[handler] = ClientSocket(transport, clock=self._clock)
        if len(self._sockets) > 2 * MAX_CLIENTS:
            socket.abort()
            return
        strangers = [each for each in self._sockets.values() if not each.authenticated]
        same_source = sum(1 for each in strangers if each.source == socket.source)
        socket.welcome = not (
            len(self._sockets) > MAX_CLIENTS or len(strangers) > MAX_STRANGERS or same_source > MAX_STRANGERS_PER_SOURCE
        )

    def hears(self, handler: RequestHandler, size: int) -> bool:
        """Whether these bytes are to be read."""
        socket = self._sockets.get(handler)
        return socket is not None and socket.hears(size)

    def leave(self, handler: RequestHandler) -> None:
        socket = self._sockets.pop(handler, None)
        if socket is not None:
            socket.lost()

    async def answer(self, request: BaseRequest) -> StreamResponse:
        """A conversation, for whoever is welcome and asks for one."""
        socket = self._sockets.get(request.protocol)
        if socket is None or not socket.welcome:
            return _refusal(503, "Too many clients are connected.")
        if request.method != "GET":
            return _refusal(405, "This is the API of a PBX; it speaks WebSocket.")
        if request.path.startswith(CONFIGURATIONS) and self._services.provisioning is not None:
            return configuration(self._services.provisioning, request, socket.source)
        if request.path != "/":
            return _refusal(404, "The API is at /.")
        ws = WebSocketResponse(
            heartbeat=PING_SECONDS, timeout=CLOSE_SECONDS, autoping=False, compress=False, max_msg_size=MAX_MESSAGE
        )
        try:
            await ws.prepare(request)
        except HTTPException, ValueError:  # ValueError: of a key that is not even ASCII
            return _refusal(426, "This is the API of a PBX; it speaks WebSocket version 13.")
        connection = Connection(socket, number=next(self._numbers), services=self._services, credentials=self._gate)
        self._connections[socket] = connection
        try:
            await socket.serve(ws, connection)
        finally:
            del self._connections[socket]
        return ws

    # Inside

    def _heard(self, event: Event) -> None:
        hearers = [connection for connection in self._connections.values() if connection.subscribed]
        if not hearers:
            return
        shown = event_shown(self._services, event)
        if shown is None:
            return
        frame = encoded({"type": "event", "event": shown})
        for connection in hearers:
            connection.tell(frame)


class _Http(Server):
    """aiohttp's server; it tells the API of connections before they ask for anything."""

    def __init__(self, api: ApiServer) -> None:
        super().__init__(api.answer)
        self._api = api

    def __call__(self) -> RequestHandler:
        return _Handler(self, self._api)

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._api.enter(handler, transport)

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        self._api.leave(handler)
        super().connection_lost(handler, exc)


class _Handler(RequestHandler):
    """aiohttp's connection; it reads what the API lets it."""

    __slots__ = ("_api",)

    def __init__(self, server: Server, api: ApiServer) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type]  # as aiohttp's own server passes it on
            logger=logger_without_nonsense(f"{__name__}.http"),
            lingering_time=0.0,
        )
        self._api = api

    def data_received(self, data: bytes) -> None:
        if self._api.hears(self, len(data)):
            super().data_received(data)


def _refusal(status: int, message: str) -> Response:
    """A whole HTTP answer, after which the connection ends."""
    response = Response(status=status, text=f"{message}\n")
    if status == 426:
        response.headers.update({"Upgrade": "websocket", "Sec-WebSocket-Version": "13"})
    response.force_close()
    return response
