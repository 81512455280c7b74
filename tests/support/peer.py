"""What a fake phone and a fake door share: an account, and a SIP endpoint of its own on loopback."""

import asyncio
import re
from collections.abc import Iterable
from typing import Self

from pbx_lite.media.negotiation import Srtp
from pbx_lite.media.port import PCMA, PCMU, Codec
from pbx_lite.media.port_pool import PortPool
from pbx_lite.media.session import Direction, MediaSession
from pbx_lite.sip.address import Address, bracketed
from pbx_lite.sip.endpoint import Credentials, Endpoint, IncomingRequest
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite import IncomingInvite
from pbx_lite.sip.message import Response
from tests.support.call_end import CallEnd, Made, Received
from tests.support.listen import Record
from tests.support.tls import trusting

_POOL = PortPool("20000-29998")


class Peer:
    """An account on the PBX at `pbx`.  `async with` starts it, registers it, and takes it away again.

    `host` is where it sends from: another address of 127.0.0.0/8 makes it another source.  `contact` is the host and
    port that its REGISTER names, if not the real ones, as behind a router.  Without `events` it knows keys by INFO and
    as tones alone.
    """

    def __init__(
        self,
        pbx: Address,
        account: str,
        password: str = "",
        *,
        host: str = "127.0.0.1",
        codecs: Iterable[Codec] = (PCMU, PCMA),
        video: bool = False,
        registers: bool = True,
        contact: str = "",
        srtp: Srtp = "off",
        events: bool = True,
    ) -> None:
        self.pbx = pbx
        self.account = account
        self.password = password
        self.host = host
        self.calls: Record[Received] = Record(f"{account} calls")
        self._codecs = tuple(codecs)
        self._video = video
        self._registers = registers
        self._contact = contact
        self._srtp: Srtp = srtp
        self._events = events
        self._ends: list[CallEnd] = []
        self.endpoint = Endpoint(
            clock=asyncio.get_running_loop(),
            handler=self,
            user_agent=f"fake {account}",
            tls=trusting() if pbx.transport == "tls" else None,
        )

    async def __aenter__(self) -> Self:
        await self.endpoint.start([f"{self.pbx.transport}://{bracketed(self.host)}:0"])
        if self._registers:
            answer = await self.register()
            assert answer.status == 200, f"{self.account} was not let in: {answer.status} {answer.reason}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Gone without a word, as when the power fails."""
        for end in self._ends:
            end.close()
        await self.endpoint.stop(grace=0)

    @property
    def address(self) -> Address:
        return self.endpoint.listening[0]

    @property
    def credentials(self) -> Credentials | None:
        return Credentials(self.account, self.password) if self.password else None

    def uri(self, number: str) -> str:
        return f"sip:{number}@{bracketed(self.pbx.host)}:{self.pbx.port}"

    async def register(self, *, expires: int = 600) -> Response:
        """One REGISTER, its challenge answered; the final response."""
        here = self.address
        where = self._contact or f"{bracketed(here.host)}:{here.port}"
        contact = f"<sip:{self.account}@{where};transport={here.transport}>"
        return await self.endpoint.request(
            "REGISTER",
            f"sip:{bracketed(self.pbx.host)}:{self.pbx.port}",
            target=self.pbx,
            from_=NameAddr("", self.uri(self.account)),
            to=NameAddr("", self.uri(self.account)),
            headers=[("Contact", contact), ("Expires", str(expires))],
            credentials=self.credentials,
        )

    async def invite(self, number: str, *, headers: Iterable[tuple[str, str]] = ()) -> Made:
        """Call a number, or a whole SIP URI, with an offer of all this end can do."""
        call = Made(self.account, self._media())
        await call.media.open()
        self._begins(call)
        call.session = self.endpoint.invite(
            number if number.startswith("sip:") else self.uri(number),
            target=self.pbx,
            from_=NameAddr("", self.uri(self.account)),
            to=None,
            body=call.media.offer(),
            headers=tuple(headers),
            credentials=self.credentials,
            listener=call.happened,
        )
        return call

    async def next_call(self, *, within: float = 20.0) -> Received:
        """The next INVITE that comes in; it does not ring yet."""
        return await self.calls.next(within=within)

    # What the endpoint hands over

    def on_request(self, incoming: IncomingRequest) -> None:
        incoming.respond(200 if incoming.request.method == "OPTIONS" else 405)

    def on_invite(self, invite: IncomingInvite) -> None:
        call = Received(self.account, self._media(), invite)
        self._begins(call)
        self.calls.add(call)

    def _begins(self, call: CallEnd) -> None:
        """For those who do something with every call."""
        self._ends.append(call)

    def _media(self) -> MediaSession:
        loop = asyncio.get_running_loop()
        kind = MediaSession if self._events else WithoutEvents
        return kind(_POOL, self.host, clock=loop, codecs=self._codecs, video=self._video, srtp=self._srtp)


class WithoutEvents(MediaSession):
    """A phone whose SDP knows no telephone-event."""

    def offer(self, *, audio: Direction = "sendrecv", video: Direction | None = None) -> bytes:
        return _without_events(super().offer(audio=audio, video=video))

    def answer(self, offer: bytes, *, audio: Direction = "sendrecv", video: Direction | None = None) -> bytes:
        return _without_events(super().answer(_without_events(offer), audio=audio, video=video))


def _without_events(description: bytes) -> bytes:
    for number in re.findall(rb"a=rtpmap:(\d+) telephone-event", description):
        description = re.sub(rb"a=(rtpmap|fmtp):%s .*\r\n" % number, b"", description)
        description = re.sub(rb"(m=audio.*?) %s(?=[ \r])" % number, rb"\1", description)
    return description
