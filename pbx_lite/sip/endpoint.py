"""The user agent: listeners, requests in and out, INVITEs in and out (RFC 3261 sections 8 and 11)."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Protocol

from pbx_lite.clock import Clock
from pbx_lite.errors import SipError
from pbx_lite.sip.address import Address, is_numeric
from pbx_lite.sip.agent import ALLOW, METHODS, WITH_CONTACT, Agent, Fields, new_tag
from pbx_lite.sip.attempt import Attempt, Credentials, Login
from pbx_lite.sip.certificate import TlsMaterial
from pbx_lite.sip.client import Prepare
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite import IncomingInvite, OutgoingInvite, invite_of
from pbx_lite.sip.invite_events import InviteEvent
from pbx_lite.sip.layer import Layer
from pbx_lite.sip.message import Headers, Request, Response
from pbx_lite.sip.network import SocketNetwork, admit_all
from pbx_lite.sip.resolve import Resolver, hop_of
from pbx_lite.sip.server import Challenges, ServerTransaction, Trace
from pbx_lite.sip.subscription import Subscription, Times
from pbx_lite.sip.transaction import Timers
from pbx_lite.sip.transport import Flow, Network

__all__ = ["Credentials", "Endpoint", "Handler", "IncomingRequest", "Timers", "TlsMaterial"]

_LOGGER = logging.getLogger(__name__)
_IN_DIALOG_ONLY = frozenset({"BYE", "INFO", "UPDATE", "PRACK"})
_OF_REGISTRARS = frozenset({"gruu", "outbound", "path"})  # abilities that only REGISTER may require
_ENDS_HERE = frozenset({"OPTIONS", "REGISTER"})  # never passed on, so never in a loop


class Handler(Protocol):
    """Who serves what comes in.  Both are plain calls that return soon; answering may happen later."""

    def on_request(self, incoming: IncomingRequest) -> None:
        """Serve a request outside of any dialog: REGISTER, OPTIONS, MESSAGE, SUBSCRIBE, PUBLISH, REFER, NOTIFY.

        OPTIONS not answered when this returns are answered 200.
        """
        ...

    def on_invite(self, invite: IncomingInvite) -> None: ...


class IncomingRequest:
    """A request outside of any dialog, from `source` to our `local` end."""

    __slots__ = ("_agent", "_transaction", "local", "request", "source")

    def __init__(self, agent: Agent, transaction: ServerTransaction) -> None:
        self.request = transaction.request
        self.source = transaction.flow.remote
        self.local = transaction.flow.local
        self._agent = agent
        self._transaction = transaction

    @property
    def answered(self) -> bool:
        return self._transaction.answered

    def respond(self, status: int, reason: str | None = None, headers: Fields = (), body: bytes = b"") -> None:
        """Answer; only the first final answer counts."""
        self._agent.answer(self._transaction, status, headers, body, reason)

    def subscribe(
        self,
        *,
        times: Times,
        allow_events: str,
        render: Callable[[], tuple[str, bytes] | None],
        over: Callable[[Subscription], None],
        take: Callable[[Request], None] = lambda _request: None,
    ) -> Subscription:
        """Accept a SUBSCRIBE: answers it and tells the state at once.  Raises ParseError with the status to refuse."""
        return Subscription(
            self._agent, self._transaction, times=times, allow_events=allow_events, render=render, over=over, take=take
        )


class Endpoint:
    """One SIP user agent with all of its listeners."""

    def __init__(
        self,
        *,
        clock: Clock,
        handler: Handler,
        user_agent: str,
        tls: TlsMaterial | None = None,
        timers: Timers | None = None,
        admit: Callable[[Address], bool] = admit_all,
        supported: Iterable[str] = ("100rel",),
        advertise: Callable[[Address, str], str] | None = None,
        network: Network | None = None,
        resolver: Resolver | None = None,
        locate: Callable[[str, Address], Address | None] | None = None,
        challenge: Callable[[Request, Address], Challenges | None] | None = None,
    ) -> None:
        """`admit` is asked for every datagram and connection before it is read.

        `challenge` is asked for requests outside of dialogs that bring no credentials, before anything is kept of them:
        the headers of a 401, or None to let the handler serve it (RFC 3261 section 8.2.7).

        `advertise(remote, host)` may name another host of ours than the one the kernel would send from.
        `locate(contact, lost)` may know where a peer is whose connection from `lost` is gone.
        """
        timers = timers or Timers()
        self._handler = handler
        self._challenge = challenge
        self._clock = clock
        self._network = network or SocketNetwork(clock, tls)
        self._network.admit = admit
        self._network.on_lost(self._flow_lost)
        self.on_lost: list[Callable[[Address], None]] = []
        """Told the other end of every connection that ended."""
        self._layer = Layer(self._network, self, resolver or Resolver(clock), clock=clock, timers=timers)
        self._agent = Agent(
            self._layer.clients,
            self._network,
            clock=clock,
            timers=timers,
            user_agent=user_agent,
            supported=supported,
            advertise=advertise,
            locate=locate,
        )

    @property
    def listening(self) -> list[Address]:
        """The addresses bound, with real port numbers."""
        return self._network.listening

    async def start(self, listen: Sequence[str]) -> None:
        """Open every listener, such as `udp://0.0.0.0:5060` or `tls://[::]:5061`, or none.  Raises TransportError."""
        await self._network.start(listen)

    async def stop(self, *, grace: float = 1.0) -> None:
        """Close everything; requests under way, such as a last BYE, get `grace` seconds for their answer."""
        if grace > 0 and self._layer.clients.busy:
            await self._until_idle(grace)
        for session in tuple(self._agent.sessions.values()):
            session.abandon()
        await self._layer.close()
        await self._network.stop()

    def keep_alive(self, remote: Address, *, strict: bool = False) -> None:
        """Keep the way to `remote` open (RFC 5626 section 3.5.1); a `strict` one has to be answered in a connection."""
        try:
            self._network.keep_alive(remote, strict=strict)
        except SipError as error:
            _LOGGER.debug("No keep-alive: %s", error)

    def expect(self, remote: Address, seconds: float) -> None:
        """End a connection that shows no sign of life for so long (RFC 5626 section 5.3.1)."""
        self._network.expect(remote, seconds)

    def contact(self, remote: Address, user: str = "") -> str:
        """Our Contact for this remote end, in angle brackets."""
        return self._agent.contact(remote, user)

    def local_host(self, peer: Address | None) -> str:
        """Our host as this peer sees it; without a peer, or without a way to it, as the world would see it."""
        for remote in chain((peer,), map(_elsewhere, self.listening)):
            if remote is not None and is_numeric(remote.host):  # a name would have to be asked for
                try:
                    return self._network.local(remote).host
                except SipError:
                    continue
        return "127.0.0.1"

    def invite(
        self,
        uri: str,
        *,
        from_: NameAddr,
        body: bytes,
        listener: Callable[[InviteEvent], None] | None,
        target: Address | None = None,
        to: NameAddr | None = None,
        headers: Fields = (),
        credentials: Credentials | None = None,
    ) -> OutgoingInvite:
        """Call `uri`, through `target` if given.  The listener hears nothing before this returns.

        Raises SipError where `uri` names no place to go, ParseError for headers that cannot be.
        """
        request = self._request("INVITE", uri, from_=from_, to=to, headers=headers, body=body)
        hop = target or hop_of(request)
        invite = OutgoingInvite(self._agent, request, hop, Login(credentials) if credentials else None)
        invite.listener = listener
        return invite

    async def request(
        self,
        method: str,
        uri: str,
        *,
        from_: NameAddr,
        to: NameAddr | None = None,
        target: Address | None = None,
        headers: Fields = (),
        body: bytes = b"",
        credentials: Credentials | None = None,
        login: Login | None = None,
        call_id: str | None = None,
        seq: Callable[[], int] | None = None,
        prepare: Prepare | None = None,
        on_way: Callable[[Address], None] | None = None,
    ) -> Response:
        """Send a request outside of any dialog and give its final answer; challenges are answered with `credentials`.

        `login`, `call_id` and `seq` (the next CSeq number) are for senders of several requests that belong together.
        `prepare` completes the request once it is known where it goes, `on_way` is told where the answer came from.
        Raises TransactionTimeout, TransportError, ParseError.
        """
        count = seq or _counter()
        request = self._request(
            method, uri, from_=from_, to=to, headers=headers, body=body, call_id=call_id, seq=count()
        )
        hop = target or hop_of(request)
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

        def responded(received: Response) -> None:
            if received.status >= 200 and not answer.done():
                answer.set_result(received)

        def failed(error: SipError) -> None:
            if not answer.done():
                answer.set_exception(error)

        if login is None and credentials is not None:
            login = Login(credentials)
        attempt = Attempt(
            self._layer.clients,
            request,
            hop,
            on_response=responded,
            on_failure=failed,
            next_seq=count,
            login=login,
            prepare=prepare or (self._agent.add_contact if method in WITH_CONTACT else None),
        )
        final = await answer
        if on_way is not None and attempt.flow is not None:
            on_way(attempt.flow.remote)
        return final

    # from the transactions

    def on_request(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if (refusal := self._screen(request)) is not None:
            status, headers = refusal
            self._agent.answer(transaction, status, headers)
            return
        if (tag := request.to.tag) is not None:
            session = self._agent.sessions.get((request.call_id, tag))
            if session is not None:
                session.receive(transaction)
                return
            if request.method not in {"SUBSCRIBE", "NOTIFY", "REFER", "MESSAGE"}:
                self._agent.answer(transaction, 481)
                return
        if request.method == "INVITE":
            self._take_invite(transaction)
        elif request.method in _IN_DIALOG_ONLY:
            self._agent.answer(transaction, 481)
        else:
            self._take_request(transaction)

    def challenge(self, request: Request, source: Address) -> Challenges | None:
        if self._challenge is None or request.to.tag is not None or request.method == "CANCEL":
            return None
        headers = request.headers
        if "authorization" in headers or "proxy-authorization" in headers:
            return None
        return self._challenge(request, source)

    def on_ack(self, request: Request) -> None:
        session = self._agent.sessions.get((request.call_id, request.to.tag or ""))
        if session is not None:
            session.acknowledged(request)

    def on_cancel(self, cancel: ServerTransaction, cancelled: Trace | None) -> None:
        self._agent.answer(cancel, 200 if cancelled is not None else 481)
        if cancelled is not None and cancelled.cancelled is not None:
            cancelled.cancelled(cancel.request)

    # inside

    def _flow_lost(self, flow: Flow) -> None:
        for listener in tuple(self.on_lost):
            listener(flow.remote)

    def _take_invite(self, transaction: ServerTransaction) -> None:
        invite = invite_of(self._agent, transaction)
        if invite is None:
            return
        self._handler.on_invite(invite)
        invite.trying()

    def _take_request(self, transaction: ServerTransaction) -> None:
        incoming = IncomingRequest(self._agent, transaction)
        self._handler.on_request(incoming)
        if incoming.request.method == "OPTIONS" and not incoming.answered:
            incoming.respond(200, headers=[("Accept", "application/sdp")])

    def _screen(self, request: Request) -> tuple[int, Fields] | None:
        """What every request is refused for, whoever would serve it (section 8.2)."""
        method = request.method
        if method not in METHODS:
            return 501, (("Allow", ALLOW),)
        if request.max_forwards == 0 and method not in _ENDS_HERE and request.to.tag is None:
            return 483, ()
        required = request.tokens("require") | request.tokens("proxy-require")
        if method == "REGISTER":
            required -= _OF_REGISTRARS
        if required and (unknown := sorted(required - self._agent.supported)):
            return 420, (("Unsupported", ", ".join(unknown)),)
        return None

    def _request(
        self,
        method: str,
        uri: str,
        *,
        from_: NameAddr,
        to: NameAddr | None,
        headers: Fields,
        body: bytes,
        call_id: str | None = None,
        seq: int = 1,
    ) -> Request:
        fields = Headers(headers)
        if "max-forwards" not in fields:
            fields.prepend("Max-Forwards", "70")
        fields.add("From", from_ if from_.tag else from_.with_tag(new_tag()))
        fields.add("To", to or NameAddr("", uri))
        fields.add("Call-ID", call_id or secrets.token_hex(16))
        fields.add("CSeq", f"{seq} {method}")
        request = Request(method, uri, fields, body)
        self._agent.introduce(request)
        return request

    async def _until_idle(self, grace: float) -> None:
        idle: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        end = self._clock.time() + grace

        def look() -> None:
            if idle.done():
                return
            if self._layer.clients.busy and self._clock.time() < end:
                self._clock.call_later(0.02, look)
            else:
                idle.set_result(None)

        look()
        await idle


def _elsewhere(address: Address) -> Address:
    """Some remote end (of the documentation networks) that a listener could talk to."""
    return Address(address.transport, "2001:db8::1" if ":" in address.host else "192.0.2.1", 9)


def _counter() -> Callable[[], int]:
    number = 0

    def count() -> int:
        nonlocal number
        number += 1
        return number

    return count
