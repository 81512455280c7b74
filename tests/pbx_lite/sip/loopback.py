"""Endpoints on real sockets of this machine, and what they heard, awaited with a time-out."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Self

from pbx_lite.sip.address import Address
from pbx_lite.sip.certificate import TlsMaterial
from pbx_lite.sip.endpoint import Endpoint, IncomingRequest
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite import IncomingInvite, OutgoingInvite
from pbx_lite.sip.invite_events import InviteEvent
from pbx_lite.sip.network import SocketNetwork
from tests.pbx_lite.sip.doubles import OFFER

WITHIN = 20.0  # seconds for anything on loopback; reached only where something is broken


class Heard[T]:
    """Things that happened, in order; awaited one by one."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[T] = asyncio.Queue()
        self.all: list[T] = []

    def add(self, thing: T) -> None:
        self.all.append(thing)
        self._queue.put_nowait(thing)

    async def next(self) -> T:
        return await soon(self._queue.get())


async def soon[T](waiting: Awaitable[T]) -> T:
    async with asyncio.timeout(WITHIN):
        return await waiting


class Station:
    """An endpoint with everything it hears."""

    def __init__(self, *listen: str, tls: TlsMaterial | None = None, **options: Any) -> None:
        self._listen = listen
        self.requests: Heard[IncomingRequest] = Heard()
        self.invites: Heard[IncomingInvite] = Heard()
        self.events: Heard[InviteEvent] = Heard()
        self.own: Heard[InviteEvent] = Heard()
        self.answer: Callable[[IncomingInvite], None] = lambda _: None
        self.serve: Callable[[IncomingRequest], None] = lambda incoming: incoming.respond(200)
        self.endpoint = Endpoint(
            clock=asyncio.get_running_loop(), handler=self, user_agent="station", tls=tls, **options
        )

    async def __aenter__(self) -> Self:
        await self.endpoint.start(self._listen)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.endpoint.stop(grace=0)

    def on_request(self, incoming: IncomingRequest) -> None:
        self.requests.add(incoming)
        self.serve(incoming)

    def on_invite(self, invite: IncomingInvite) -> None:
        invite.listener = self.events.add
        self.invites.add(invite)
        self.answer(invite)

    @property
    def address(self) -> Address:
        return self.endpoint.listening[0]

    @property
    def connections(self) -> int:
        """How many TCP and TLS connections it holds."""
        network = self.endpoint._network
        assert isinstance(network, SocketNetwork)
        return len(network._streams)

    def uri(self, transport: str | None = None) -> str:
        address = next(one for one in self.endpoint.listening if transport in {None, one.transport})
        host = f"[{address.host}]" if ":" in address.host else address.host
        return f"sip:station@{host}:{address.port};transport={address.transport}"

    def call(self, uri: str, body: bytes = OFFER, **options: Any) -> OutgoingInvite:
        return self.endpoint.invite(
            uri, from_=NameAddr("", "sip:caller@home"), body=body, listener=self.own.add, **options
        )


async def stations(stack: AsyncExitStack, *all_of_them: Station) -> None:
    for station in all_of_them:
        await stack.enter_async_context(station)
