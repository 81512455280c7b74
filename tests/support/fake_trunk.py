"""A telephone provider on loopback that the test plays by hand: a registrar, and calls in both directions."""

from collections.abc import Callable, Iterable

from pbx_lite.media.port import Codec
from pbx_lite.sip.address import Address, bracketed
from pbx_lite.sip.digest import DigestServer
from pbx_lite.sip.endpoint import IncomingRequest
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite import IncomingInvite
from pbx_lite.sip.message import Request
from tests.support.call_end import Made, Received
from tests.support.listen import Record
from tests.support.peer import Peer

HOST = "127.0.0.77"
_NOW = 1000.0  # nonces last for ever


class FakeTrunk(Peer):
    """`registrations` are the REGISTERs it accepted; `refuses` answers them all, as with `(503, [])`.

    `serves` takes calls out instead of the test, `asks` makes the provider challenge them.
    """

    def __init__(
        self,
        *,
        host: str = HOST,
        username: str = "pbx",
        password: str = "geheim",
        asks: bool = True,
        transport: str = "udp",
    ) -> None:
        super().__init__(Address(transport, "127.0.0.1", 5060), username, host=host, registers=False)
        self.username, self.secret = username, password
        self.registrations: Record[Request] = Record(f"{host} registered")
        self.refused: Record[Request] = Record(f"{host} refused")
        self.refuses: tuple[int, list[tuple[str, str]]] | None = None
        self.serves: Callable[[IncomingInvite], None] | None = None
        self.invites: Record[Request] = Record(f"{host} was called")
        self.asks = asks
        self.contact = ""
        self.way: Address | None = None
        """The connection that the registration came by: calls go back over it."""
        self._digest = DigestServer("provider", secret=b"s" * 32)

    @property
    def registrar(self) -> str:
        return f"sip:{bracketed(self.address.host)}:{self.address.port}"

    async def registered(self, *, within: float = 20.0) -> Request:
        """The next registration."""
        return await self.registrations.next(lambda request: request.expires != 0, within=within)

    async def call(
        self,
        called: str,
        caller: str = "+4930111",
        *,
        name: str = "",
        to_account: bool = True,
        headers: Iterable[tuple[str, str]] = (),
    ) -> Made:
        """Somebody outside calls `called`, which stands in To, and in the request URI unless that is our account."""
        end = Made(caller, self._media())
        await end.media.open()
        self._begins(end)
        host, port = bracketed(self.pbx.host), self.pbx.port
        uri = self.contact if to_account and self.contact else f"sip:{called}@{host}:{port}"
        end.session = self.endpoint.invite(
            uri,
            target=self.way or self.pbx,
            from_=NameAddr(name, f"sip:{caller}@{bracketed(self.host)}"),
            to=NameAddr("", f"sip:{called}@{bracketed(self.host)}"),
            body=end.media.offer(),
            headers=tuple(headers),
            credentials=None,
            listener=end.happened,
        )
        return end

    async def rings(self, *, within: float = 20.0) -> Received:
        """The next call out; the callee's telephone rings."""
        call = await self.next_call(within=within)
        call.ring()
        return call

    def speaks(self, *codecs: Codec) -> None:
        """From the next call on."""
        self._codecs = codecs

    def on_request(self, incoming: IncomingRequest) -> None:
        request = incoming.request
        if request.method != "REGISTER":
            super().on_request(incoming)
        elif self.refuses is not None:
            self.refused.add(request)
            incoming.respond(self.refuses[0], headers=self.refuses[1])
        elif not self._knows(request):
            incoming.respond(401, headers=self._challenge())
        else:
            contact = request.contact
            assert contact is not None
            self.contact = contact.uri
            self.way = incoming.source if incoming.source.is_stream else None
            self.registrations.add(request)
            incoming.respond(200, headers=[("Contact", f"<{contact.uri}>;expires={request.expires}")])

    def on_invite(self, invite: IncomingInvite) -> None:
        if self.asks and not self._knows(invite.request):
            invite.reject(401, headers=self._challenge())
            return
        self.invites.add(invite.request)
        serve = self.serves or self.take
        serve(invite)

    def take(self, invite: IncomingInvite) -> None:
        """Leave this call to the test."""
        super().on_invite(invite)

    def _knows(self, request: Request) -> bool:
        return self._digest.verify(request, _NOW, {self.username: self.secret}.get).accepted

    def _challenge(self) -> list[tuple[str, str]]:
        return [("WWW-Authenticate", value) for value in self._digest.challenges(_NOW)]
