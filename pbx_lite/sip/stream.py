"""SIP over TCP and TLS: one connection, its framing and its patience (RFC 3261 section 18.3, RFC 5626 keep-alives)."""

import asyncio
import logging
from typing import Protocol, cast

from pbx_lite.clock import Clock, Timer
from pbx_lite.errors import ParseError, TransportError
from pbx_lite.sip.address import Address, plain_host
from pbx_lite.sip.message import MAX_MESSAGE, frame_length
from pbx_lite.sip.transport import Flow

_LOGGER = logging.getLogger(__name__)
_PING = b"\r\n\r\n"
_PONG = b"\r\n"
_PADDING = bytes(MAX_MESSAGE)
_MOST_UNSENT = 262144  # bytes; a peer that does not read is let go
_LOOK_EVERY = 4.0  # seconds between looks at the times below
_MESSAGE_WITHIN = 16.0  # seconds for a whole message, from its first byte
_PONG_WITHIN = 10.0  # seconds for the answer to a keep-alive (RFC 5626 section 4.4.1)
_FIRST_WITHIN = 32.0  # seconds for the first message of those who connect to us
_IDLE_FOR = 3900.0  # seconds without a word; longer than the usual registration


class StreamOwner(Protocol):
    """The network that a connection belongs to."""

    def opened(self, flow: StreamFlow) -> None: ...

    def received(self, data: bytes, flow: Flow) -> None: ...

    def closed(self, flow: StreamFlow) -> None: ...


class StreamFlow(asyncio.Protocol):
    """One connection, ours or theirs."""

    def __init__(self, owner: StreamOwner, clock: Clock, transport: str, *, inbound: bool) -> None:
        self.remote = Address(transport, "", 0)
        self.local = self.remote
        self.closed = False
        self.last_heard = clock.time()
        self.patience = _IDLE_FOR  # seconds of silence that end it
        self._inbound = inbound
        self._owner = owner
        self._clock = clock
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._needed = 0  # bytes of the message at the head of the buffer, 0 while its headers are incomplete
        self._begun: float | None = None  # when that message began
        self._greeted = False
        self._line_ends = 0  # since the last message
        self._watch: Timer | None = None
        self._pinged: float | None = None  # when we asked for a sign of life that has not come
        self._strict = False

    def ping(self, *, strict: bool = False) -> None:
        """Send a keep-alive; a `strict` one that is not answered ends the connection."""
        self._send_quietly(_PING)
        self._strict = strict
        if self._pinged is None:
            self._pinged = self._clock.time()

    def send(self, data: bytes) -> None:
        transport = self._transport
        if self.closed or transport is None or transport.is_closing():
            raise TransportError(f"The connection to {self.remote} is closed.")
        if transport.get_write_buffer_size() + len(data) > _MOST_UNSENT:
            self.close()
            raise TransportError(f"{self.remote} does not read what it is sent.")
        transport.write(data)

    def close(self) -> None:
        """Close at once; what was not sent yet is lost."""
        if self._transport is not None:
            self._transport.abort()
        self._ended()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one only by its shape
        try:
            self.remote = _address(self.remote.transport, transport.get_extra_info("peername"))
            self.local = _address(self.remote.transport, transport.get_extra_info("sockname"))
        except TypeError, IndexError:  # gone before we looked
            self.close()
            return
        self._watch = self._clock.call_later(_LOOK_EVERY, self._look)
        self._owner.opened(self)

    def data_received(self, data: bytes) -> None:
        if self.closed:
            return
        self.last_heard = self._clock.time()
        if self._pinged is not None:
            self._pinged = None
            self._line_ends = -1  # the line end that answers ours asks for none
        self._buffer += data
        try:
            self._take_messages()
        except ParseError as fault:
            _LOGGER.debug("Closed the connection of %s: %s", self.remote, fault)
            self.close()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended()

    # inside

    def _take_messages(self) -> None:
        buffer = self._buffer
        while buffer and not self.closed:
            if not self._needed:
                self._skip_keep_alives()
                self._needed = _whole(buffer) if buffer else 0
            if not self._needed or len(buffer) < self._needed:
                if self._begun is None and buffer:
                    self._begun = self._clock.time()
                return
            message = bytes(buffer[: self._needed])
            del buffer[: self._needed]
            self._needed = 0
            self._begun = None
            self._greeted = True
            self._line_ends = 0
            self._owner.received(message, self)

    def _skip_keep_alives(self) -> None:
        """Drop line ends between messages; two ask for one back (RFC 5626 section 3.5.1)."""
        buffer = self._buffer
        skipped = len(buffer) - len(buffer.lstrip(_PONG))
        if skipped:
            self._line_ends += buffer.count(b"\n", 0, skipped)
            del buffer[:skipped]
        if self._line_ends >= 2:
            self._line_ends = 0
            self._greeted = True
            self._send_quietly(_PONG)

    def _send_quietly(self, data: bytes) -> None:
        try:
            self.send(data)
        except TransportError as error:
            _LOGGER.debug("%s", error)

    def _look(self) -> None:
        now = self._clock.time()
        late = self._begun is not None and now - self._begun >= _MESSAGE_WITHIN
        silent = self._inbound and not self._greeted and now - self.last_heard >= _FIRST_WITHIN
        unanswered = self._strict and self._pinged is not None and now - self._pinged >= _PONG_WITHIN
        if late or silent or unanswered or now - self.last_heard >= self.patience:
            _LOGGER.debug("Closed the idle connection of %s", self.remote)
            self.close()
        else:
            self._watch = self._clock.call_later(_LOOK_EVERY, self._look)

    def _ended(self) -> None:
        if self.closed:
            return
        self.closed = True
        self._buffer.clear()
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        self._owner.closed(self)


def _whole(buffer: bytearray) -> int:
    """The length of the first message, 0 while its headers are incomplete.  Raises ParseError.

    The headers are read once, however slowly the body drips in.
    """
    length = frame_length(buffer)
    if length is None:
        end = buffer.find(_PING)
        if end >= 0:
            length = frame_length(bytes(buffer[: end + len(_PING)]) + _PADDING)
    return length or 0


def _address(transport: str, name: tuple[str, int]) -> Address:
    return Address(transport, plain_host(name[0]), name[1])
