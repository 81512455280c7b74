"""A network of endpoints in memory, on a clock that stands still: it can lose, repeat and record every message."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pbx_lite.errors import TransportError
from pbx_lite.sip.address import Address
from pbx_lite.sip.agent import new_tag
from pbx_lite.sip.endpoint import Endpoint, IncomingRequest
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite import IncomingInvite, OutgoingInvite
from pbx_lite.sip.invite_events import InviteEvent
from pbx_lite.sip.message import Request, Response, SipMessage, parse, response
from pbx_lite.sip.names import Answer, Kind, Row
from pbx_lite.sip.network import admit_all
from pbx_lite.sip.resolve import Resolver
from pbx_lite.sip.transport import Flow
from tests.support.clock import FakeClock

OFFER = b"v=0\r\nm=audio 4000 RTP/AVP 0\r\n"
ANSWER = b"v=0\r\nm=audio 5000 RTP/AVP 0\r\n"


class Wire:
    """Carries messages between `FakeNetwork`s; `sent` is all of them, those that `loses` likes too."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.sent: list[SipMessage] = []
        self.loses: Callable[[SipMessage], bool] = lambda _: False
        self.networks: dict[Address, FakeNetwork] = {}

    def carry(self, data: bytes, source: Address, remote: Address) -> None:
        message = parse(data)
        self.sent.append(message)
        if self.loses(message):
            return
        receiver = self.networks.get(remote)
        if receiver is not None:
            self.clock.call_later(0, lambda: receiver.take(data, source))

    @property
    def log(self) -> list[str]:
        """Methods and statuses in the order they were sent."""
        return [message.method if isinstance(message, Request) else str(message.status) for message in self.sent]

    def requests(self, method: str) -> list[Request]:
        return [message for message in self.sent if isinstance(message, Request) and message.method == method]

    def responses(self, method: str) -> list[Response]:
        return [message for message in self.sent if isinstance(message, Response) and message.cseq.method == method]


class FakeFlow:
    def __init__(self, network: FakeNetwork, remote: Address) -> None:
        self.remote = remote
        self.local = network.address
        self.closed = False
        self._network = network

    def send(self, data: bytes) -> None:
        if self.closed:
            raise TransportError("The connection is closed.")
        self._network.wire.carry(data, self._network.address, self.remote)


class FakeNetwork:
    """The `Network` of one end."""

    def __init__(self, wire: Wire, address: Address) -> None:
        self.wire = wire
        self.address = address
        self.receive: Callable[[bytes, Flow], None] = lambda _data, _flow: None
        self.admit: Callable[[Address], bool] = admit_all
        self.lost: list[Callable[[Flow], None]] = []
        self.flows: dict[Address, FakeFlow] = {}
        self.kept_alive: list[Address] = []
        wire.networks[address] = self

    @property
    def listening(self) -> list[Address]:
        return [self.address]

    async def start(self, listen: Sequence[str]) -> None: ...

    async def stop(self) -> None: ...

    def flow(self, remote: Address) -> FakeFlow:
        return self.flows.setdefault(remote, FakeFlow(self, remote))

    async def connect(self, remote: Address, *, within: float, name: str = "") -> Flow:
        raise TransportError(f"There is no way to {remote}.")

    def local(self, remote: Address) -> Address:
        return self.address

    def keep_alive(self, remote: Address, *, strict: bool = False) -> None:
        self.kept_alive.append(remote)

    def expect(self, remote: Address, seconds: float) -> None: ...

    def on_lost(self, listener: Callable[[Flow], None]) -> None:
        self.lost.append(listener)

    def take(self, data: bytes, source: Address) -> None:
        if self.admit(source):
            self.receive(data, FakeFlow(self, source))

    def lose(self, flow: Flow) -> None:
        """Say that a connection ended."""
        assert isinstance(flow, FakeFlow)
        flow.closed = True
        for listener in self.lost:
            listener(flow)


class FakeNames:
    """A name service that knows `rows` and counts what it was asked; it can be away."""

    def __init__(self, rows: dict[tuple[str, Kind], list[Row]] | None = None, *, ttl: float = 300.0) -> None:
        self.rows = rows or {}
        self.ttl = ttl
        self.away = False
        self.asked: list[tuple[str, Kind]] = []

    async def __call__(self, name: str, kind: Kind) -> Answer:
        self.asked.append((name, kind))
        if self.away:
            raise TransportError("The name service is away.")
        return Answer(tuple(self.rows.get((name, kind), ())), self.ttl)


class Recorder:
    """A handler that keeps what came; `serve` and `answer` do more with it."""

    def __init__(self) -> None:
        self.requests: list[IncomingRequest] = []
        self.invites: list[IncomingInvite] = []
        self.events: list[InviteEvent] = []
        self.serve: Callable[[IncomingRequest], None] = lambda _: None
        self.answer: Callable[[IncomingInvite], None] = lambda _: None

    @property
    def invite(self) -> IncomingInvite:
        return self.invites[-1]

    def on_request(self, incoming: IncomingRequest) -> None:
        self.requests.append(incoming)
        self.serve(incoming)

    def on_invite(self, invite: IncomingInvite) -> None:
        self.invites.append(invite)
        invite.listener = self.events.append
        self.answer(invite)

    def heard[E: InviteEvent](self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


class Party:
    """An endpoint on the wire, what it received and what its own calls told."""

    def __init__(self, wire: Wire, address: str, **options: Any) -> None:
        self.address = Address.parse(address)
        self.network = FakeNetwork(wire, self.address)
        self.handler = Recorder()
        self.names = FakeNames()
        options.setdefault("resolver", Resolver(wire.clock, ask=self.names, hosts=lambda _: []))
        self.endpoint = Endpoint(
            clock=wire.clock, handler=self.handler, user_agent="test", network=self.network, **options
        )
        self.events: list[InviteEvent] = []

    @property
    def uri(self) -> str:
        transport = f";transport={self.address.transport}" if self.address.is_stream else ""
        return f"sip:x@{self.address.host}:{self.address.port}{transport}"

    def call(self, other: Party | Puppet, body: bytes = OFFER, **options: Any) -> OutgoingInvite:
        return self.endpoint.invite(
            other.uri, from_=NameAddr("Anna", "sip:anna@home"), body=body, listener=self.events.append, **options
        )

    def heard[E: InviteEvent](self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


class Puppet:
    """An end that says only what it is told to say."""

    def __init__(self, wire: Wire, address: str) -> None:
        self.address = Address.parse(address)
        self.network = FakeNetwork(wire, self.address)
        self.network.receive = lambda data, _: self.received.append(parse(data))
        self.received: list[SipMessage] = []
        self.uri = f"sip:x@{self.address.host}:{self.address.port}"

    @property
    def last(self) -> SipMessage:
        return self.received[-1]

    @property
    def statuses(self) -> list[int]:
        return [message.status for message in self.received if isinstance(message, Response)]

    def requests(self, method: str) -> list[Request]:
        return [message for message in self.received if isinstance(message, Request) and message.method == method]

    def send(self, message: SipMessage, to: Party) -> None:
        self.network.wire.carry(message.encode(), self.address, to.address)

    def request(
        self,
        method: str,
        to: Party,
        *,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        tag: str | None = None,
        to_tag: str | None = None,
        call_id: str = "puppet-call",
        seq: int = 1,
        branch: str | None = None,
        rport: bool = True,
        max_forwards: int = 70,
    ) -> Request:
        """Build a request and send it; gives it back."""
        host = f"{self.address.host}:{self.address.port}"
        branch = f"z9hG4bK{new_tag()}" if branch is None else branch
        transport = self.address.transport.upper()
        built = Request(method, to.uri, body=body)
        built.headers.add("Via", f"SIP/2.0/{transport} {host};branch={branch}{';rport' if rport else ''}")
        built.headers.add("Max-Forwards", str(max_forwards))
        built.headers.add("From", f"<sip:puppet@{host}>;tag={tag or 'puppet'}")
        built.headers.add("To", f"<{to.uri}>{f';tag={to_tag}' if to_tag else ''}")
        built.headers.add("Call-ID", call_id)
        built.headers.add("CSeq", f"{seq} {method}")
        built.headers.add("Contact", f"<{self.uri}>")
        for name, value in headers:
            built.headers.add(name, value)
        self.send(built, to)
        return built

    def respond(
        self,
        request: Request,
        status: int,
        to: Party,
        *,
        tag: str | None = "puppet",
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> Response:
        fields = [*headers]
        if status > 100:
            fields.append(("Contact", f"<{self.uri}>"))
        answer = response(request, status, to_tag=tag, headers=fields, body=body)
        self.send(answer, to)
        return answer
