"""One client at the other end of a WebSocket of aiohttp, with an end for who is silent, slow or talks nonsense."""

import asyncio
import logging
from collections import deque
from typing import Protocol

from aiohttp import WSCloseCode, WSMsgType
from aiohttp.web_ws import WebSocketResponse

from pbx_lite.clock import Clock, Timer
from pbx_lite.tasks import spawn

_LOGGER = logging.getLogger(__name__)

UNAUTHENTICATED_SECONDS = 10.0
PING_SECONDS = 20.0
"""Of silence until a client is asked whether it is there; it has half of that to answer."""
CLOSE_SECONDS = 2.0
"""A peer that reads nothing would keep a closing connection for ever."""
MAX_MESSAGE = 14 * 1024 * 1024
"""Bytes of one message of a client; the largest are sounds of 10 MB in base64."""
MAX_OF_STRANGERS = 256 * 1024
"""Bytes that somebody may send before they have authenticated."""
MAX_UNSENT = 8 * 1024 * 1024
"""Bytes a client may be behind; it then loses the connection, comes back and begins with a snapshot."""
_MOST_COUNTED = MAX_UNSENT // 4
"""Of one frame: a recording that was asked for is larger, and nobody's fault."""
_FRAME_BYTES = 64
"""What a waiting frame costs beside its content, so that many small ones are bounded too."""


class Talk(Protocol):
    """What sits on top of the socket."""

    def opened(self) -> None: ...

    def received(self, text: str) -> None: ...

    def closed(self) -> None: ...


class ClientSocket:
    """`source` is the host at the other end.  It is cut off if it does not come to be `admitted` in time."""

    def __init__(self, transport: asyncio.Transport, *, clock: Clock) -> None:
        peer = transport.get_extra_info("peername")
        self.source = str(peer[0]) if isinstance(peer, tuple) else ""
        self.authenticated = False
        self.welcome = True
        self._transport = transport
        self._clock = clock
        self._timer: Timer = clock.call_later(UNAUTHENTICATED_SECONDS, self.abort)
        self._waiting: deque[tuple[WSMsgType, bytes]] = deque()
        self._unsent = 0
        self._heard = 0
        self._wake = asyncio.Event()
        self._closing = False
        self._lost = False
        self._last_word = (WSCloseCode.OK, b"")

    def send(self, text: str) -> None:
        """Send with the loop's next turn, or give up on a client that does not read."""
        self._send(WSMsgType.TEXT, text.encode())

    def close(self, code: WSCloseCode = WSCloseCode.OK, reason: str = "") -> None:
        """Say so and end; what was sent before still arrives."""
        if not self._closing:
            self._last_word = (code, reason.encode()[:123])
            self._end()

    def abort(self) -> None:
        self._closing = True
        self._transport.abort()

    def hears(self, size: int) -> bool:
        """So many bytes came.  A stranger who sends more than one needs is cut off, and nothing of it is read."""
        if self.authenticated:
            return True
        self._heard += size
        if self._heard > MAX_OF_STRANGERS:
            _LOGGER.debug("The client at %s sends much, and is no client yet", self.source)
            self.abort()
            return False
        return True

    def admitted(self) -> None:
        """The client has authenticated: from now on it only has to stay alive."""
        self.authenticated = True
        if not self._closing:
            self._timer.cancel()

    def lost(self) -> None:
        """The connection is gone."""
        self._closing = self._lost = True
        self._timer.cancel()
        self._wake.set()

    async def serve(self, ws: WebSocketResponse, talk: Talk) -> None:
        """Carry messages between the client and `talk` until one of them leaves."""
        talk.opened()
        writer = spawn(self._write(ws), name=f"api: to {self.source}")
        try:
            await self._read(ws, talk)
        finally:
            self._end()
            talk.closed()
            await writer

    # Inside

    async def _read(self, ws: WebSocketResponse, talk: Talk) -> None:
        while not self._closing:
            message = await ws.receive()
            match message.type:
                case _ if self._closing:
                    return
                case WSMsgType.TEXT:
                    talk.received(message.data)
                case WSMsgType.PING:
                    self._send(WSMsgType.PONG, message.data)
                case WSMsgType.PONG:
                    pass
                case WSMsgType.BINARY:
                    self.close(WSCloseCode.UNSUPPORTED_DATA, "Only text is spoken here.")
                case WSMsgType.ERROR:
                    level = logging.INFO if self.authenticated else logging.DEBUG
                    _LOGGER.log(level, "The client at %s is disconnected: %s", self.source, message.data)
                    return
                case _:
                    return

    async def _write(self, ws: WebSocketResponse) -> None:
        try:
            while self._waiting or not self._closing:
                while self._waiting:
                    kind, data = self._waiting.popleft()
                    await ws.send_frame(data, kind)
                    self._unsent -= _cost(data)
                self._wake.clear()
                if not self._closing:
                    await self._wake.wait()
            code, reason = self._last_word
            await ws.close(code=code, message=reason)
        except ConnectionError:
            _LOGGER.debug("The client at %s is gone", self.source)

    def _send(self, kind: WSMsgType, data: bytes) -> None:
        if self._closing:
            return
        self._unsent += _cost(data)
        if self._unsent > MAX_UNSENT:
            _LOGGER.warning("The client at %s does not keep up and is disconnected", self.source)
            self._waiting.clear()
            self.abort()
            return
        self._waiting.append((kind, data))
        self._wake.set()

    def _end(self) -> None:
        """What waits may still leave, for a moment."""
        self._closing = True
        self._wake.set()
        self._timer.cancel()
        if not self._lost:
            self._timer = self._clock.call_later(CLOSE_SECONDS, self.abort)


def _cost(data: bytes) -> int:
    return min(len(data), _MOST_COUNTED) + _FRAME_BYTES
