"""Requests of theirs: their transactions, where answers go, and what is refused before anybody serves it.

RFC 3261 sections 8.2.2.2, 17.2 and 18.2, RFC 3581.  An answer whose connection is gone goes over a new one.
"""

import logging
import secrets
from collections.abc import Callable
from typing import Protocol

from pbx_lite.clock import Clock
from pbx_lite.errors import ParseError, TransportError
from pbx_lite.sip.address import DEFAULT_PORTS, Address
from pbx_lite.sip.alarm import Alarm
from pbx_lite.sip.message import Request, Response, check, response
from pbx_lite.sip.transaction import COOKIE, Action, Input, Kind, Machine, State, Timers, response_input
from pbx_lite.sip.transport import Flow, Network
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)
_MOST = 4096  # transactions; the oldest finished ones make room, then requests are refused
_MOST_RECONNECTIONS = 32  # at a time, to peers whose connection is gone
_FINISHED = {State.COMPLETED, State.CONFIRMED}

type Key = tuple[str | int | None, ...]


class Receiver(Protocol):
    """The user of the transactions."""

    def on_request(self, transaction: ServerTransaction) -> None:
        """A new request; neither ACK nor CANCEL."""
        ...

    def on_ack(self, request: Request) -> None:
        """An ACK that no transaction takes: the one for a 2xx, or a stray one."""
        ...

    def on_cancel(self, cancel: ServerTransaction, cancelled: ServerTransaction | None) -> None: ...


class ServerTransaction:
    """A request of theirs.  `data` is the last response; `cancelled` is called when a CANCEL takes the request back."""

    __slots__ = ("_owner", "alarm", "cancelled", "data", "flow", "key", "machine", "merge_key", "request")

    def __init__(self, owner: ServerTransactions, request: Request, flow: Flow, key: Key, machine: Machine) -> None:
        self.request = request
        self.flow = flow
        self.key = key
        self.machine = machine
        self.merge_key: Key | None = None
        self.data = b""
        self.cancelled: Callable[[Request], None] | None = None
        self.alarm = owner.alarm(self)
        self._owner = owner

    @property
    def answered(self) -> bool:
        """Whether a final response was sent."""
        return self.machine.state not in {State.PROCEEDING, State.TRYING}

    def respond(self, answer: Response) -> None:
        """Send a response; after a final one only 2xx to INVITE are sent again, all else is ignored."""
        self._owner.respond(self, answer)

    def repeat(self, data: bytes) -> None:
        """Send what was sent before."""
        self._owner.send(self, data)


class ServerTransactions:
    """All requests of theirs that are being served or whose repetitions may still come."""

    def __init__(self, network: Network, receiver: Receiver, *, clock: Clock, timers: Timers) -> None:
        self._network = network
        self._receiver = receiver
        self._clock = clock
        self._timers = timers
        self._servers: dict[Key, ServerTransaction] = {}
        self._merged: dict[Key, Key] = {}
        self._finished: dict[Key, ServerTransaction] = {}  # in the order they finished
        self._tag = secrets.token_hex(8)
        self._tasks = Tasks("sip answers")
        self._reconnecting: set[Key] = set()

    async def close(self) -> None:
        await self._tasks.close()
        for server in tuple(self._servers.values()):
            self._forget(server)

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
        elif self._is_merged(request, key):
            self._answer_stateless(request, flow, 482)
        elif not self._has_room():
            self._answer_stateless(request, flow, 503)
        else:
            kind = Kind.INVITE_SERVER if method == "INVITE" else Kind.SERVER
            machine = Machine(kind, self._timers, self._clock.time(), reliable=flow.remote.is_stream)
            self._serve(ServerTransaction(self, request, _answer_flow(request, flow, self._network), key, machine))

    def respond(self, server: ServerTransaction, answer: Response) -> None:
        """See `ServerTransaction.respond`."""
        status = answer.status
        if server.key not in self._servers or (server.answered and not 200 <= status < 300):
            return
        challenge = status in {401, 407} and not server.data
        server.data = answer.encode()
        self._feed(server, response_input(status))
        if challenge:
            server.machine.quiet()
        if server.machine.state in _FINISHED:
            self._finished[server.key] = server

    def alarm(self, server: ServerTransaction) -> Alarm:
        """The timer of a new transaction."""
        return Alarm(self._clock, lambda: self._due(server))

    def _serve(self, server: ServerTransaction) -> None:
        request = server.request
        self._servers[server.key] = server
        if request.method == "CANCEL":
            self._rearm(server)
            self._receiver.on_cancel(server, self._servers.get(_key(request, "INVITE")))
            return
        server.merge_key = _merge_key(request)
        if server.merge_key is not None:
            self._merged[server.merge_key] = server.key
        self._rearm(server)
        try:
            self._receiver.on_request(server)
        except Exception:
            _LOGGER.exception("Failed on %s of %s", request.method, server.flow.remote)
            server.respond(response(request, 500, to_tag=self._tag))

    def _take_ack(self, request: Request, server: ServerTransaction | None) -> None:
        if server is None or server.machine.state is State.ACCEPTED:
            self._receiver.on_ack(request)
        else:
            self._feed(server, Input.ACK)

    def _feed(self, server: ServerTransaction, fed: Input) -> None:
        for action in server.machine.feed(fed, self._clock.time()):
            if action is Action.SEND and server.data:
                self.send(server, server.data)
        self._rearm(server)

    def _due(self, server: ServerTransaction) -> None:
        for action in server.machine.due(self._clock.time()):
            if action is Action.SEND:
                self.send(server, server.data)
        self._rearm(server)

    def send(self, server: ServerTransaction, data: bytes) -> None:
        """Send a response the way its request came, or over a new connection where that one is gone (18.2.2)."""
        if not (server.flow.closed and server.flow.remote.is_stream):
            self._send_response(server.flow, data)
        elif server.key not in self._reconnecting and len(self._reconnecting) < _MOST_RECONNECTIONS:
            self._reconnecting.add(server.key)
            self._tasks.spawn(self._reconnect(server, data), name=f"answer to {server.flow.remote.host}")

    async def _reconnect(self, server: ServerTransaction, data: bytes) -> None:
        try:
            remote = _sent_by(server.request, server.flow.remote)
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

    def _answer_stateless(self, request: Request, flow: Flow, status: int) -> None:
        if request.method == "ACK":
            return
        headers = [("Retry-After", "30")] if status == 503 else []
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

    def _forget(self, server: ServerTransaction) -> None:
        self._servers.pop(server.key, None)
        self._finished.pop(server.key, None)
        if server.merge_key is not None:
            self._merged.pop(server.merge_key, None)
        server.alarm.stop()

    def _rearm(self, server: ServerTransaction) -> None:
        if server.machine.state is State.TERMINATED:
            self._forget(server)
        else:
            server.alarm.set(server.machine.deadline)


def _key(request: Request, method: str) -> Key:
    """What a retransmission has in common with its request (section 17.2.3), also for peers of RFC 2543."""
    via = request.via
    if via.branch.startswith(COOKIE):
        return (via.branch, via.host, via.port, method)
    return (request.uri, request.from_.tag, request.call_id, request.cseq.number, str(via), method)


def _merge_key(request: Request) -> Key | None:
    if request.to.tag is not None:
        return None
    cseq = request.cseq
    return (request.call_id, request.from_.tag, cseq.number, cseq.method)


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


def _sent_by(request: Request, remote: Address) -> Address:
    """Where the sender of a request takes connections: the host it came from, with the port that its Via names."""
    return Address(remote.transport, remote.host, request.via.port or DEFAULT_PORTS[remote.transport])


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
