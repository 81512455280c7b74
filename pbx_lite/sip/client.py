"""Requests of ours: their way there, their transactions, and TCP for those too large for a datagram.

RFC 3261 sections 17.1, 18.1 and 18.1.1; RFC 3263 section 4.3 for the next server where one fails.
"""

import logging
import secrets
from collections.abc import Callable

from pbx_lite.clock import Clock
from pbx_lite.errors import SipError, TransactionTimeout, TransportError
from pbx_lite.sip.address import Address, bracketed, is_numeric
from pbx_lite.sip.alarm import Alarms
from pbx_lite.sip.dialog import Dialog
from pbx_lite.sip.message import Request, Response
from pbx_lite.sip.resolve import Resolver
from pbx_lite.sip.transaction import COOKIE, Action, Input, Kind, Machine, State, Timers, response_input
from pbx_lite.sip.transport import Flow, Network
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)
_LARGEST_DATAGRAM = 1300  # bytes of a request (RFC 3261 section 18.1.1)
_TCP_WITHIN = 0.4  # seconds for a peer to take a connection for one large request; somebody waits at the door
_NO_TCP_FOR = 600.0  # seconds before a peer that took none is asked again
_HURRY = 8  # times T1 without a word before the next server of the same name is asked
_AVOID_FOR = 60.0  # seconds a server that failed comes last
_WAITING = {State.CALLING, State.TRYING, State.PROCEEDING}
_UNHEARD = {State.CALLING, State.TRYING}

type Key = tuple[str, str]
type OnResponse = Callable[[Response], None]
type OnFailure = Callable[[SipError], None]
type Prepare = Callable[[Request, Address], None]
"""Completes a request once the numeric address is known that it goes to, as Contact needs."""


class ClientTransaction:
    """A request of ours.  `flow` and `machine` are None until it was sent.

    `tried` are the servers of the hop's name that had it, `others` says whether there are more, and `hurry` until when
    the present one may be silent.  A `settled` one stays where it is.
    """

    __slots__ = (
        "ack",
        "bare",
        "branch",
        "data",
        "flow",
        "heard",
        "hop",
        "hurry",
        "machine",
        "on_failure",
        "on_response",
        "others",
        "prepare",
        "request",
        "settled",
        "tried",
    )

    def __init__(
        self,
        request: Request,
        hop: Address,
        branch: str,
        *,
        on_response: OnResponse,
        on_failure: OnFailure,
        prepare: Prepare | None,
    ) -> None:
        self.request = request
        self.hop = hop
        self.branch = branch
        self.bare = "contact" not in request.headers
        self.tried: set[Address] = set()
        self.others = False
        self.hurry: float | None = None
        self.settled = False
        self.on_response = on_response
        self.on_failure = on_failure
        self.prepare = prepare
        self.flow: Flow | None = None
        self.heard: Flow | None = None  # where the last answer came from
        self.machine: Machine | None = None
        self.data = b""
        self.ack = b""

    @property
    def key(self) -> Key:
        """What its responses have in common with it (section 17.1.3)."""
        return self.branch, self.request.method

    @property
    def way_back(self) -> Flow | None:
        """Where later messages go: the way the request went, or where its answer came from if that is elsewhere."""
        flow, heard = self.flow, self.heard
        if flow is None or heard is None or flow.remote.is_stream or heard.remote == flow.remote:
            return flow
        return heard

    def let_go(self) -> None:
        """It has its final response: whoever waited for that is held no longer, so that all is freed at once."""
        self.on_response = self.on_failure = _ignore
        self.prepare = None

    @property
    def waiting(self) -> bool:
        """Whether no final answer came yet."""
        return self.machine is None or self.machine.state in _WAITING


class _Answered:
    """What is kept of an INVITE that has its final response: each repetition of that is acknowledged again.

    `ack` is for a failure; a 2xx goes to `on_response`, whose matter its ACK is.
    """

    __slots__ = ("ack", "flow", "machine", "on_response")

    def __init__(self, client: ClientTransaction, machine: Machine) -> None:
        self.machine = machine
        self.flow = client.flow
        self.ack = client.ack
        self.on_response = _ignore if client.ack else client.on_response


class ClientTransactions:
    """All requests of ours that are under way or whose answers may still be repeated."""

    def __init__(self, network: Network, resolver: Resolver, *, clock: Clock, timers: Timers) -> None:
        self._network = network
        self._resolver = resolver
        self._clock = clock
        self._timers = timers
        self._clients: dict[Key, ClientTransaction] = {}
        self._answered: dict[Key, _Answered] = {}
        self._alarms = Alarms(clock, self._due)
        self._no_tcp: dict[tuple[str, int], float] = {}
        self._tasks = Tasks("sip requests")
        network.on_lost(self._lost)

    @property
    def busy(self) -> bool:
        """Whether a request of ours still waits for its final answer."""
        return any(client.waiting for client in self._clients.values())

    async def close(self) -> None:
        await self._tasks.close()
        await self._resolver.close()
        self._alarms.close()
        self._clients.clear()
        self._answered.clear()

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
            hop,
            branch or COOKIE + secrets.token_hex(8),
            on_response=on_response,
            on_failure=on_failure,
            prepare=prepare,
        )
        self._clients[client.key] = client
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
            self._tasks.spawn(self._open(client), name=f"way to {hop}")
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

    def take(self, message: Response, flow: Flow) -> None:
        """Take a response; one that belongs to no request of ours is dropped.  Raises ParseError."""
        key = (message.via.branch, message.cseq.method)
        client = self._clients.get(key)
        if client is None:
            if (answered := self._answered.get(key)) is not None:
                self._take_again(key, answered, message)
            return
        if client.machine is None:
            return
        client.heard = flow
        actions = client.machine.feed(response_input(message.status), self._clock.time())
        if Action.ACK in actions:
            self._acknowledge(client, message)
        if Action.DELIVER in actions:
            if message.status == 503 and self._turned_away(client, message):
                return
            client.settled = client.settled or 100 < message.status < 200
            if client.waiting:
                client.on_response(message)
            else:
                self._conclude(client, client.machine)
                heard = client.on_response
                client.let_go()
                heard(message)
        self._rearm(client)

    def hand_over(self, client: ClientTransaction, on_response: OnResponse) -> None:
        """From now on somebody else hears of further 2xx to an INVITE that has its final response."""
        if (answered := self._answered.get(client.key)) is not None and not answered.ack:
            answered.on_response = on_response

    def forget(self, client: ClientTransaction) -> None:
        """Hear no more of this request; it is not sent if it still looks for its way."""
        self._clients.pop(client.key, None)
        self._alarms.stop(client.key)

    def _conclude(self, client: ClientTransaction, machine: Machine) -> None:
        """The final response is there: of an INVITE little is kept, of others nothing, as repetitions say nothing."""
        self.forget(client)
        if client.request.method == "INVITE" and machine.state is not State.TERMINATED:
            self._answered[client.key] = _Answered(client, machine)
            self._alarms.set(client.key, machine.deadline)

    def _take_again(self, key: Key, answered: _Answered, message: Response) -> None:
        for action in answered.machine.feed(response_input(message.status), self._clock.time()):
            if action is Action.DELIVER:
                answered.on_response(message)
            elif action is Action.ACK and answered.flow is not None:
                try:
                    answered.flow.send(answered.ack)
                except TransportError as error:
                    _LOGGER.debug("No ACK: %s", error)
                    self._answered.pop(key, None)

    async def _open(self, client: ClientTransaction, otherwise: Callable[[], None] | None = None) -> None:
        """Send to the next server of the hop's name; `otherwise` is done where none is left."""
        hop = client.hop
        error = TransportError(f"{hop.host} has no address.")
        servers: list[Address] = []
        try:
            servers = [server for server in await self._resolver.resolve(hop) if server not in client.tried]
        except TransportError as reason:
            error = reason
        for left in range(len(servers), 0, -1):
            server = servers[-left]
            client.tried.add(server)
            try:
                flow = self._network.flow(server) or await self._network.connect(
                    server, within=self._timers.t1 * 16, name=hop.host
                )
            except TransportError as reason:
                error = reason
                self._resolver.avoid(server, _AVOID_FOR)
            else:
                client.others = left > 1
                self._start(client, flow)
                return
        client.others = False
        if client.key not in self._clients:
            return
        if otherwise is not None:
            otherwise()
        else:
            self._give_up(client, error)

    async def _open_for_ack(self, ack: Request, hop: Address) -> None:
        try:
            address = (await self._resolver.resolve(hop))[0]
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
        if client.key not in self._clients:
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
        client.hurry = self._clock.time() + _HURRY * self._timers.t1 if client.others else None
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

    def _due(self, key: Key) -> None:
        if (answered := self._answered.get(key)) is not None:
            answered.machine.due(self._clock.time())
            if answered.machine.state is State.TERMINATED:
                del self._answered[key]
            else:
                self._alarms.set(key, answered.machine.deadline)
            return
        client = self._clients[key]
        machine = client.machine
        assert machine is not None
        now = self._clock.time()
        if client.hurry is not None and now >= client.hurry and machine.state in _UNHEARD:
            self._timed_out(client)
            return
        for action in machine.due(now):
            if action is Action.SEND:
                self._resend(client, client.data)
            elif action is Action.TIMED_OUT:
                self._timed_out(client)
                return
        self._rearm(client)

    def _timed_out(self, client: ClientTransaction) -> None:
        where = client.flow.remote if client.flow is not None else client.request.uri
        self._move_on(client, lambda: self._give_up(client, TransactionTimeout(f"No answer from {where}.")))

    def _lost(self, flow: Flow) -> None:
        """A connection ended: what waited for its answer there fails now instead of at its time-out."""
        for client in tuple(self._clients.values()):
            if client.flow is flow:
                self._fail_soon(client, TransportError(f"The connection to {flow.remote} was lost."))

    def _fail_soon(self, client: ClientTransaction, error: SipError) -> None:
        self._clock.call_later(0, lambda: self._fail(client, error))

    def _fail(self, client: ClientTransaction, error: SipError) -> None:
        """The request found no way, or lost it; its user hears of that only while it waits for an answer."""
        if client.key not in self._clients:
            return
        machine = client.machine
        if machine is None or Action.FAILED in machine.feed(Input.TRANSPORT_ERROR, self._clock.time()):
            self._move_on(client, lambda: self._give_up(client, error))
        else:
            self._rearm(client)

    def _turned_away(self, client: ClientTransaction, answer: Response) -> bool:
        """A 503: its server is left alone as long as it wishes; whether another one of the name is asked instead."""
        seconds = _retry_after(answer)
        if seconds and client.flow is not None:
            self._resolver.avoid(client.flow.remote, seconds)

        def tell() -> None:
            self.forget(client)
            client.on_response(answer)

        return self._may_move(client) and self._move_on(client, tell, avoid=False)

    def _may_move(self, client: ClientTransaction) -> bool:
        """Whether the request may go to another server: there may be one, and nothing rings yet."""
        if is_numeric(client.hop.host) or client.settled:
            return False
        return client.others or not client.tried

    def _move_on(self, client: ClientTransaction, otherwise: Callable[[], None], *, avoid: bool = True) -> bool:
        """Go on with the next server of the same name, as a new transaction; `otherwise` where there is none."""
        flow = client.flow
        if flow is not None and avoid and not is_numeric(client.hop.host):
            self._resolver.avoid(flow.remote, _AVOID_FOR)
        if not self._may_move(client):
            otherwise()
            return False
        if flow is not None:
            client.tried.add(flow.remote)
        self._leave(client)
        self._tasks.spawn(self._open(client, otherwise), name=f"another way to {client.hop}")
        return True

    def _leave(self, client: ClientTransaction) -> None:
        """Begin anew; an INVITE that was heard after all is taken back there."""
        request, flow = client.request, client.flow
        self.forget(client)
        if request.method == "INVITE" and client.machine is not None and flow is not None:
            copy = Request(request.method, request.uri, request.headers.copy(), request.body)
            recall = _Recall(self, copy, flow, client.branch)
            left = ClientTransaction(
                copy,
                flow.remote,
                client.branch,
                on_response=recall.heard,
                on_failure=_ignore,
                prepare=None,
            )
            left.flow, left.machine, left.data, left.ack = flow, client.machine, client.data, client.ack
            self._clients[left.key] = left
            self._rearm(left)
        if client.prepare is not None and client.bare:
            request.headers.remove("contact")
        client.branch = COOKIE + secrets.token_hex(8)
        client.machine = client.flow = client.hurry = None
        client.ack = b""
        self._clients[client.key] = client

    def _give_up(self, client: ClientTransaction, error: SipError) -> None:
        self.forget(client)
        client.on_failure(error)

    def _rearm(self, client: ClientTransaction) -> None:
        machine = client.machine
        if machine is None or client.key not in self._clients:
            return  # its user has lost interest meanwhile
        if machine.state is State.TERMINATED:
            self.forget(client)
        elif client.hurry is not None and machine.state in _UNHEARD and machine.deadline is not None:
            self._alarms.set(client.key, min(machine.deadline, client.hurry))
        else:
            self._alarms.set(client.key, machine.deadline)


class _Recall:
    """Takes an INVITE back at a server that was given up and answers after all, when another one has it."""

    def __init__(self, clients: ClientTransactions, invite: Request, flow: Flow, branch: str) -> None:
        self._clients = clients
        self._invite = invite
        self._flow = flow
        self._branch = branch
        self._cancelled = False
        self._ended = False

    def heard(self, answer: Response) -> None:
        flow = self._flow
        if answer.status < 200 and not self._cancelled:
            self._cancelled = True
            self._clients.send(cancel_of(self._invite), flow.remote, _ignore, _ignore, flow, branch=self._branch)
        elif 200 <= answer.status < 300:
            dialog = Dialog.of_client(self._invite, answer)
            self._clients.send_ack(dialog.request("ACK", seq=answer.cseq.number), flow.remote, flow)
            if not self._ended:
                self._ended = True
                self._clients.send(dialog.request("BYE"), flow.remote, _ignore, _ignore, flow)


def cancel_of(invite: Request) -> Request:
    """The CANCEL of an INVITE, but for its Via (section 9.1)."""
    cancel = Request("CANCEL", invite.uri)
    for name in ("From", "To", "Call-ID"):
        cancel.headers.add(name, invite.headers.get(name))
    cancel.headers.add("CSeq", f"{invite.cseq.number} CANCEL")
    cancel.headers.add("Max-Forwards", "70")
    for route in invite.headers.all("route"):
        cancel.headers.add("Route", route)
    return cancel


def _ignore(_: object) -> None:
    """For requests whose answer changes nothing."""


def _retry_after(answer: Response) -> int:
    """Seconds, 0 where the header says none."""
    digits = (answer.headers.get("retry-after") or "").partition(";")[0].partition("(")[0].strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 7 else 0


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
