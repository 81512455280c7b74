"""Requests of ours: their way there, their transactions, and TCP for those too large for a datagram.

RFC 3261 sections 17.1, 18.1 and 18.1.1.
"""

import logging
import secrets
from collections.abc import Callable

from pbx_lite.clock import Clock
from pbx_lite.errors import SipError, TransactionTimeout, TransportError
from pbx_lite.sip.address import Address, bracketed, is_numeric
from pbx_lite.sip.alarm import Alarm
from pbx_lite.sip.message import Request, Response
from pbx_lite.sip.resolve import resolve
from pbx_lite.sip.transaction import COOKIE, Action, Input, Kind, Machine, State, Timers, response_input
from pbx_lite.sip.transport import Flow, Network
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)
_LARGEST_DATAGRAM = 1300  # bytes of a request (RFC 3261 section 18.1.1)
_TCP_WITHIN = 0.4  # seconds for a peer to take a connection for one large request; somebody waits at the door
_NO_TCP_FOR = 600.0  # seconds before a peer that took none is asked again
_WAITING = {State.CALLING, State.TRYING, State.PROCEEDING}

type OnResponse = Callable[[Response], None]
type OnFailure = Callable[[SipError], None]
type Prepare = Callable[[Request, Address], None]
"""Completes a request once the numeric address is known that it goes to, as Contact needs."""


class ClientTransaction:
    """A request of ours.  `flow` and `machine` are None until it was sent."""

    __slots__ = ("ack", "alarm", "branch", "data", "flow", "machine", "on_failure", "on_response", "prepare", "request")

    def __init__(
        self,
        request: Request,
        branch: str,
        *,
        on_response: OnResponse,
        on_failure: OnFailure,
        prepare: Prepare | None,
        alarm: Callable[[ClientTransaction], Alarm],
    ) -> None:
        self.request = request
        self.branch = branch
        self.on_response = on_response
        self.on_failure = on_failure
        self.prepare = prepare
        self.alarm = alarm(self)
        self.flow: Flow | None = None
        self.machine: Machine | None = None
        self.data = b""
        self.ack = b""

    @property
    def waiting(self) -> bool:
        """Whether no final answer came yet."""
        return self.machine is None or self.machine.state in _WAITING


class ClientTransactions:
    """All requests of ours that are under way or whose answers may still be repeated."""

    def __init__(self, network: Network, *, clock: Clock, timers: Timers) -> None:
        self._network = network
        self._clock = clock
        self._timers = timers
        self._clients: dict[tuple[str, str], ClientTransaction] = {}
        self._no_tcp: dict[tuple[str, int], float] = {}
        self._tasks = Tasks("sip requests")
        network.on_lost(self._lost)

    @property
    def busy(self) -> bool:
        """Whether a request of ours still waits for its final answer."""
        return any(client.waiting for client in self._clients.values())

    async def close(self) -> None:
        await self._tasks.close()
        for client in tuple(self._clients.values()):
            self.forget(client)

    def send(
        self,
        request: Request,
        hop: Address,
        on_response: OnResponse,
        on_failure: OnFailure,
        flow: Flow | None = None,
        *,
        branch: str | None = None,
        prepare: Prepare | None = None,
    ) -> ClientTransaction:
        """Send a request to `hop`, through `flow` if that is open.  `on_failure` is never called before this returns.

        `branch` is given for CANCEL, which has that of its INVITE.
        """
        client = ClientTransaction(
            request,
            branch or COOKIE + secrets.token_hex(8),
            on_response=on_response,
            on_failure=on_failure,
            prepare=prepare,
            alarm=lambda client: Alarm(self._clock, lambda: self._due(client)),
        )
        self._clients[client.branch, request.method] = client
        if flow is not None and not flow.closed:
            self._start(client, flow)
            return client
        try:
            ready = self._network.flow(hop) if is_numeric(hop.host) else None
        except TransportError as error:
            self._fail_soon(client, error)
            return client
        if ready is not None:
            self._start(client, ready)
        else:
            self._tasks.spawn(self._open(client, hop), name=f"way to {hop}")
        return client

    def send_ack(self, ack: Request, hop: Address, flow: Flow | None = None) -> None:
        """Send the ACK of a 2xx, which is no transaction; a lost one is sent again when the 2xx comes again."""
        try:
            if flow is None or flow.closed:
                flow = self._network.flow(hop) if is_numeric(hop.host) else None
            if flow is None:
                self._tasks.spawn(self._open_for_ack(ack, hop), name=f"way to {hop}")
            else:
                self._send_ack(ack, flow)
        except TransportError as error:
            _LOGGER.debug("No ACK: %s", error)

    def take(self, message: Response) -> None:
        """Take a response; one that belongs to no request of ours is dropped.  Raises ParseError."""
        client = self._clients.get((message.via.branch, message.cseq.method))
        if client is None or client.machine is None:
            return
        for action in client.machine.feed(response_input(message.status), self._clock.time()):
            if action is Action.ACK:
                self._acknowledge(client, message)
            elif action is Action.DELIVER:
                client.on_response(message)
        self._rearm(client)

    def forget(self, client: ClientTransaction) -> None:
        """Hear no more of this request; it is not sent if it still looks for its way."""
        self._clients.pop((client.branch, client.request.method), None)
        client.alarm.stop()

    async def _open(self, client: ClientTransaction, hop: Address) -> None:
        error = TransportError(f"{hop.host} has no address.")
        try:
            for address in await resolve(hop):
                try:
                    flow = self._network.flow(address) or await self._network.connect(
                        address, within=self._timers.t1 * 16, name=hop.host
                    )
                except TransportError as reason:
                    error = reason
                else:
                    self._start(client, flow)
                    return
        except TransportError as reason:
            error = reason
        self._fail(client, error)

    async def _open_for_ack(self, ack: Request, hop: Address) -> None:
        try:
            address = (await resolve(hop))[0]
            self._send_ack(
                ack,
                self._network.flow(address)
                or await self._network.connect(address, within=self._timers.t1 * 16, name=hop.host),
            )
        except TransportError as error:
            _LOGGER.debug("No ACK: %s", error)

    def _send_ack(self, ack: Request, flow: Flow) -> None:
        ack.headers.prepend("Via", self._via(flow, COOKIE + secrets.token_hex(8)))
        flow.send(ack.encode())

    def _via(self, flow: Flow, branch: str) -> str:
        remote = flow.remote
        local = self._network.local(remote)
        return f"SIP/2.0/{remote.transport.upper()} {bracketed(local.host)}:{local.port};branch={branch};rport"

    def _start(self, client: ClientTransaction, flow: Flow, *, any_size: bool = False) -> None:
        request = client.request
        if (client.branch, request.method) not in self._clients:
            return
        try:
            via = self._via(flow, client.branch)
            if client.prepare is not None:
                client.prepare(request, flow.remote)
            if client.data:
                request.headers.replace_first("Via", via)
            else:
                request.headers.prepend("Via", via)
            client.data = request.encode()
            if not any_size and len(client.data) > _LARGEST_DATAGRAM and self._may_switch(flow.remote):
                self._tasks.spawn(self._switch(client, flow), name=f"connection to {flow.remote.host}")
                return
            flow.send(client.data)
        except TransportError as error:
            self._fail_soon(client, error)
            return
        client.flow = flow
        kind = Kind.INVITE_CLIENT if request.method == "INVITE" else Kind.CLIENT
        client.machine = Machine(kind, self._timers, self._clock.time(), reliable=flow.remote.is_stream)
        self._rearm(client)

    def _may_switch(self, remote: Address) -> bool:
        if remote.is_stream or all(address.transport != "tcp" for address in self._network.listening):
            return False
        return self._no_tcp.get((remote.host, remote.port), 0.0) <= self._clock.time()

    async def _switch(self, client: ClientTransaction, datagrams: Flow) -> None:
        """Try TCP for a request too large for a datagram; most door stations take only UDP, and get it in fragments."""
        remote = datagrams.remote
        streams = Address("tcp", remote.host, remote.port)
        try:
            flow = self._network.flow(streams) or await self._network.connect(streams, within=_TCP_WITHIN)
        except TransportError:
            if len(self._no_tcp) >= 1024:
                self._no_tcp.clear()
            self._no_tcp[remote.host, remote.port] = self._clock.time() + _NO_TCP_FOR
            flow = datagrams
        self._start(client, flow, any_size=True)

    def _acknowledge(self, client: ClientTransaction, message: Response) -> None:
        """ACK a failure, in the transaction of the INVITE (section 17.1.1.3)."""
        if not client.ack:
            client.ack = _ack_of(client.request, message).encode()
        self._resend(client, client.ack)

    def _resend(self, client: ClientTransaction, data: bytes) -> None:
        try:
            if client.flow is not None:
                client.flow.send(data)
        except TransportError as error:
            self._fail_soon(client, error)

    def _due(self, client: ClientTransaction) -> None:
        machine = client.machine
        assert machine is not None
        for action in machine.due(self._clock.time()):
            if action is Action.SEND:
                self._resend(client, client.data)
            elif action is Action.TIMED_OUT:
                where = client.flow.remote if client.flow is not None else client.request.uri
                self._give_up(client, TransactionTimeout(f"No answer from {where}."))
        self._rearm(client)

    def _lost(self, flow: Flow) -> None:
        """A connection ended: what waited for its answer there fails now instead of at its time-out."""
        for client in tuple(self._clients.values()):
            if client.flow is flow:
                self._fail_soon(client, TransportError(f"The connection to {flow.remote} was lost."))

    def _fail_soon(self, client: ClientTransaction, error: SipError) -> None:
        self._clock.call_later(0, lambda: self._fail(client, error))

    def _fail(self, client: ClientTransaction, error: SipError) -> None:
        """The request found no way, or lost it; its user hears of that only while it waits for an answer."""
        if (client.branch, client.request.method) not in self._clients:
            return
        machine = client.machine
        if machine is None or Action.FAILED in machine.feed(Input.TRANSPORT_ERROR, self._clock.time()):
            self._give_up(client, error)
        else:
            self._rearm(client)

    def _give_up(self, client: ClientTransaction, error: SipError) -> None:
        self.forget(client)
        client.on_failure(error)

    def _rearm(self, client: ClientTransaction) -> None:
        machine = client.machine
        if machine is None or (client.branch, client.request.method) not in self._clients:
            return  # its user has lost interest meanwhile
        if machine.state is State.TERMINATED:
            self.forget(client)
        else:
            client.alarm.set(machine.deadline)


def _ack_of(invite: Request, answer: Response) -> Request:
    ack = Request("ACK", invite.uri)
    ack.headers.add("Via", invite.headers.get("via"))
    for name in ("From", "Call-ID"):
        ack.headers.add(name, invite.headers.get(name))
    ack.headers.add("To", answer.headers.get("to"))
    ack.headers.add("CSeq", f"{invite.cseq.number} ACK")
    ack.headers.add("Max-Forwards", "70")
    for route in invite.headers.all("route"):
        ack.headers.add("Route", route)
    return ack
