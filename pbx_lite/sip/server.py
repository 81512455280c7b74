"""Requests of theirs: their transactions, where answers go, and what is refused before anybody serves it.

RFC 3261 sections 8.2.2.2, 17.2 and 18.2, RFC 3581.  An answer whose connection is gone goes over a new one.
"""

import logging
import secrets
from collections.abc import Callable, Sequence
from typing import Protocol

from pbx_lite.clock import Clock
from pbx_lite.errors import ParseError, TransportError
from pbx_lite.sip.address import DEFAULT_PORTS, Address
from pbx_lite.sip.alarm import Alarms
from pbx_lite.sip.message import Request, Response, check, response
from pbx_lite.sip.transaction import COOKIE, Action, Input, Kind, Machine, State, Timers, response_input
from pbx_lite.sip.transport import Flow, Network
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)
_MOST = 4096  # transactions; the oldest finished ones make room, then requests are refused
_MOST_RECONNECTIONS = 32  # at a time, to peers whose connection is gone
_OPEN = frozenset({State.PROCEEDING, State.TRYING})

type Key = str
"""Parts with line ends between, which no header holds: one string is a third of a tuple of four."""
type Challenges = Sequence[tuple[str, str]]


class Receiver(Protocol):
    """The user of the transactions."""

    def on_request(self, transaction: ServerTransaction) -> None:
        """A new request; neither ACK nor CANCEL."""
        ...

    def on_ack(self, request: Request) -> None:
        """An ACK that no transaction takes: the one for a 2xx, or a stray one."""
        ...

    def on_cancel(self, cancel: ServerTransaction, cancelled: Trace | None) -> None:
        """`cancelled` is the INVITE that the CANCEL is for, if it is known."""
        ...

    def challenge(self, request: Request, source: Address) -> Challenges | None:
        """The headers of a 401 before anything is kept of a new request; None where it is to be served."""
        ...


class Trace:
    """What is kept of a request until it can come no more: not the request itself, which is many times as large.

    `data` is the last response, `port` where its sender takes connections, and `cancelled` is called when a CANCEL
    takes the request back, as long as that has no final response.
    """

    __slots__ = ("cancelled", "data", "flow", "key", "machine", "merge_key", "port")

    def __init__(self, flow: Flow, key: Key, machine: Machine, merge_key: Key | None, port: int) -> None:
        self.flow = flow
        self.key = key
        self.machine = machine
        self.merge_key = merge_key
        self.port = port
        self.data = b""
        self.cancelled: Callable[[Request], None] | None = None

    @property
    def answered(self) -> bool:
        """Whether a final response was sent."""
        return self.machine.state not in _OPEN


class ServerTransaction:
    """A request of theirs, for whoever serves it.  `data` is the last response."""

    __slots__ = ("_owner", "_trace", "data", "request")

    def __init__(self, owner: ServerTransactions, request: Request, trace: Trace) -> None:
        self.request = request
        self.data = b""
        self._owner = owner
        self._trace = trace

    @property
    def flow(self) -> Flow:
        """The way that answers go."""
        return self._trace.flow

    @property
    def answered(self) -> bool:
        """Whether a final response was sent."""
        return self._trace.answered

    def on_cancel(self, cancelled: Callable[[Request], None]) -> None:
        """Call this when a CANCEL takes the request back before its final response."""
        self._trace.cancelled = cancelled

    def respond(self, answer: Response) -> None:
        """Send a response; after a final one only 2xx to INVITE are sent again, all else is ignored."""
        if self._owner.takes(self._trace, answer.status):
            self.data = answer.encode()
            self._owner.respond(self._trace, answer.status, self.data)

    def repeat(self, data: bytes) -> None:
        """Send what was sent before."""
        self._owner.send(self._trace, data)


class ServerTransactions:
    """All requests of theirs that are being served or whose repetitions may still come."""

    def __init__(self, network: Network, receiver: Receiver, *, clock: Clock, timers: Timers) -> None:
        self._network = network
        self._receiver = receiver
        self._clock = clock
        self._timers = timers
        self._servers: dict[Key, Trace] = {}
        self._merged: dict[Key, Key] = {}
        self._finished: dict[Key, Trace] = {}  # in the order they finished
        self._alarms = Alarms(clock, self._due)
        self._tag = secrets.token_hex(8)
        self._tasks = Tasks("sip answers")
        self._reconnecting: set[Key] = set()

    async def close(self) -> None:
        await self._tasks.close()
        self._alarms.close()
        self._servers.clear()
        self._finished.clear()
        self._merged.clear()

    def take(self, request: Request, flow: Flow) -> None:
        """Take a request from the wire.  Raises ParseError for one that cannot even be refused."""
        if "via" not in request.headers:
            raise ParseError("A request without Via")
        try:
            _note_source(request, flow.remote)
            check(request)
        except ParseError as fault:
            _LOGGER.debug("Refused what %s sent: %s", flow.remote, fault)
            self._answer_stateless(request, flow, fault.status)
            return
        method = request.method
        key = _key(request, "INVITE" if method == "ACK" else method)
        server = self._servers.get(key)
        if method == "ACK":
            self._take_ack(request, server)
        elif server is not None:
            server.flow = flow if flow.remote.is_stream else server.flow
            self._feed(server, Input.REQUEST)
        elif (challenges := self._receiver.challenge(request, flow.remote)) is not None:
            self._answer_stateless(request, flow, 401, challenges)
        elif self._is_merged(request, key):
            self._answer_stateless(request, flow, 482)
        elif not self._has_room():
            self._answer_stateless(request, flow, 503, (("Retry-After", "30"),))
        else:
            kind = Kind.INVITE_SERVER if method == "INVITE" else Kind.SERVER
            machine = Machine(kind, self._timers, self._clock.time(), reliable=flow.remote.is_stream)
            way = _answer_flow(request, flow, self._network)
            port = request.via.port or DEFAULT_PORTS[flow.remote.transport]
            self._serve(request, Trace(way, key, machine, _merge_key(request), port))

    def takes(self, server: Trace, status: int) -> bool:
        """Whether a response of this status can still be sent."""
        return server.key in self._servers and (200 <= status < 300 or not server.answered)

    def respond(self, server: Trace, status: int, data: bytes) -> None:
        """Send a response that `takes` allows; from a final one on the request is not held any more."""
        challenge = status in {401, 407} and not server.data
        server.data = data
        self._feed(server, response_input(status))
        if challenge:
            server.machine.quiet()
        if server.answered and server.key in self._servers:
            server.cancelled = None
            self._finished[server.key] = server
            if server.machine.state is State.ACCEPTED and not server.flow.remote.is_stream:
                server.data = b""  # sent again by whoever waits for the ACK

    def _serve(self, request: Request, trace: Trace) -> None:
        self._servers[trace.key] = trace
        server = ServerTransaction(self, request, trace)
        if request.method != "CANCEL" and trace.merge_key is not None:
            self._merged[trace.merge_key] = trace.key
        try:
            if request.method == "CANCEL":
                self._receiver.on_cancel(server, self._servers.get(_key(request, "INVITE")))
            else:
                self._receiver.on_request(server)
        except Exception:
            _LOGGER.exception("Failed on %s of %s", request.method, server.flow.remote)
            server.respond(response(request, 500, to_tag=self._tag))
        if trace.key in self._servers:  # most are answered by now, and have one deadline instead of two
            self._rearm(trace)

    def _take_ack(self, request: Request, server: Trace | None) -> None:
        if server is None or server.machine.state is State.ACCEPTED:
            self._receiver.on_ack(request)
        else:
            self._feed(server, Input.ACK)

    def _feed(self, server: Trace, fed: Input) -> None:
        for action in server.machine.feed(fed, self._clock.time()):
            if action is Action.SEND and server.data:
                self.send(server, server.data)
        self._rearm(server)

    def _due(self, key: Key) -> None:
        server = self._servers[key]
        for action in server.machine.due(self._clock.time()):
            if action is Action.SEND:
                self.send(server, server.data)
        self._rearm(server)

    def send(self, server: Trace, data: bytes) -> None:
        """Send a response the way its request came, or over a new connection where that one is gone (18.2.2)."""
        if not (server.flow.closed and server.flow.remote.is_stream):
            self._send_response(server.flow, data)
        elif server.key not in self._reconnecting and len(self._reconnecting) < _MOST_RECONNECTIONS:
            self._reconnecting.add(server.key)
            self._tasks.spawn(self._reconnect(server, data), name=f"answer to {server.flow.remote.host}")

    async def _reconnect(self, server: Trace, data: bytes) -> None:
        try:
            remote = Address(server.flow.remote.transport, server.flow.remote.host, server.port)
            server.flow = self._network.flow(remote) or await self._network.connect(remote, within=self._timers.t1 * 16)
            self._send_response(server.flow, server.data if server.answered else data)
        except TransportError as error:
            _LOGGER.debug("An answer was lost: %s", error)
        finally:
            self._reconnecting.discard(server.key)

    def _send_response(self, flow: Flow, data: bytes) -> None:
        try:
            flow.send(data)
        except TransportError as error:
            _LOGGER.debug("A response was lost: %s", error)

    def _answer_stateless(
        self, request: Request, flow: Flow, status: int, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Answer and forget (section 8.2.7): whoever repeats the request is answered again, with the same tag."""
        if request.method == "ACK":
            return
        answer = response(request, status, to_tag=self._tag, headers=headers)
        self._send_response(_answer_flow(request, flow, self._network), answer.encode())

    def _is_merged(self, request: Request, key: Key) -> bool:
        """Whether this came before on another way (section 8.2.2.2)."""
        if request.method == "CANCEL":
            return False
        merge_key = _merge_key(request)
        return merge_key is not None and self._merged.get(merge_key, key) != key

    def _has_room(self) -> bool:
        if len(self._servers) < _MOST:
            return True
        for server in self._finished.values():
            self._forget(server)
            return True
        return False

    def _forget(self, server: Trace) -> None:
        self._servers.pop(server.key, None)
        self._finished.pop(server.key, None)
        if server.merge_key is not None:
            self._merged.pop(server.merge_key, None)
        self._alarms.stop(server.key)

    def _rearm(self, server: Trace) -> None:
        if server.machine.state is State.TERMINATED:
            self._forget(server)
        else:
            self._alarms.set(server.key, server.machine.deadline)


def _key(request: Request, method: str) -> Key:
    """What a retransmission has in common with its request (section 17.2.3), also for peers of RFC 2543."""
    via = request.via
    if (branch := via.branch).startswith(COOKIE):
        return f"{branch}\n{via.host}\n{via.port}\n{method}"
    return f"{request.uri}\n{request.from_.tag}\n{request.call_id}\n{request.cseq.number}\n{via}\n{method}"


def _merge_key(request: Request) -> Key | None:
    if request.to.tag is not None:
        return None
    cseq = request.cseq
    return f"{request.call_id}\n{request.from_.tag}\n{cseq}"


def _note_source(request: Request, source: Address) -> None:
    """Fill in `received` and `rport` (section 18.2.1, RFC 3581)."""
    via = request.via
    host = source.host.partition("%")[0]
    if via.wants_rport:
        via = via.with_param("received", host).with_param("rport", str(source.port))
    elif via.host != host:
        via = via.with_param("received", host)
    else:
        return
    request.headers.replace_first("Via", via)


def _answer_flow(request: Request, flow: Flow, network: Network) -> Flow:
    """Where answers go (section 18.2.2): the way the request came; without rport to the port that Via names."""
    remote = flow.remote
    try:
        via = request.via
    except ParseError:  # RFC 4475 section 3.1.2.1 wants an answer even so
        return flow
    if remote.is_stream or via.wants_rport:
        return flow
    port = via.port or DEFAULT_PORTS[remote.transport]
    if port == remote.port:
        return flow
    return network.flow(Address(remote.transport, remote.host, port)) or flow
