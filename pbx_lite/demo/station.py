"""The demo door station: one SIP account, one bell, one call at a time."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pbx_lite.clock import Timer
from pbx_lite.demo.call import CallMedia
from pbx_lite.demo.picture import Scene, jpeg
from pbx_lite.demo.sound import melody, tone
from pbx_lite.demo.status import OPEN_SECONDS, Status, Teller
from pbx_lite.errors import PbxError
from pbx_lite.media.port_pool import PortPool
from pbx_lite.sip.address import Address
from pbx_lite.sip.endpoint import Credentials, Endpoint, IncomingRequest
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite import IncomingInvite, OutgoingInvite
from pbx_lite.sip.invite_events import Accepted, Ended, Failed, Info, InviteEvent, Offer, Progress
from pbx_lite.sip.registration import Registration, RegistrationState
from pbx_lite.tasks import Tasks, spawn

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`server` is the PBX; `code` the keys that open the door; `hertz` replaces the melody by a tone, for measuring."""

    server: Address
    user: str
    password: str
    name: str = "Front door"
    number: str = "100"
    code: str = "00#"
    media_ports: str = "29000-29100"
    record: Path | None = None
    hertz: float = 0


class Station:
    """Registers, rings, answers whoever calls, and opens by its keys or its relay."""

    def __init__(self, settings: Settings) -> None:
        self.teller = Teller(Status(settings.name, f"{settings.user}@{settings.server.host}"))
        self._settings = settings
        self._pool = PortPool(settings.media_ports)
        self._endpoint = Endpoint(clock=asyncio.get_running_loop(), handler=self, user_agent="pbx_lite demo door")
        self._registration: Registration | None = None
        self._credentials = Credentials(settings.user, settings.password)
        self._scene = Scene(settings.name)
        self._tasks = Tasks("demo door")
        self._call: IncomingInvite | OutgoingInvite | None = None
        self._aside: tuple[IncomingInvite | OutgoingInvite, CallMedia] | None = None
        self._media: CallMedia | None = None
        self._closing: Timer | None = None
        self._ending: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the SIP port and register; registering again and again goes on by itself."""
        server = self._settings.server
        listen = "udp" if server.transport == "udp" else "tcp"
        await self._endpoint.start([f"{listen}://{_local_host(server)}:0"])
        self._registration = self._register()
        self._registration.start()

    async def stop(self) -> None:
        """Hang up, unregister, close everything."""
        self.hang_up()
        if self._ending is not None:
            await self._ending
        if self._registration is not None:
            await self._registration.stop()
        await self._tasks.close()
        await self._endpoint.stop()
        if self._closing is not None:
            self._closing.cancel()

    # What the page and the keys of the terminal do

    def ring(self) -> None:
        """Press the bell: nothing while it rings already; a call in which somebody only looks is left aside."""
        looked_at = isinstance(self._call, IncomingInvite) and self._aside is None
        if looked_at or (self._call is None and self._media is None):
            if self._call is not None and self._media is not None:
                self._aside = (self._call, self._media)
            self._call = None
            self._tasks.spawn(self._ring(), name="ring")

    def hang_up(self) -> None:
        call, self._call = self._call, None
        if isinstance(call, OutgoingInvite) and not call.confirmed:
            call.cancel()
        elif call is not None:
            call.bye()
        if call is not None:
            self._over("hung up")

    def open(self, how: str) -> None:
        """The relay clicks, for a few seconds."""
        self.teller.change(opened=True)
        self._say(f"opened by {how}")
        if self._closing is not None:
            self._closing.cancel()
        self._closing = asyncio.get_running_loop().call_later(OPEN_SECONDS, self._close_again)

    async def still(self) -> bytes:
        return await asyncio.to_thread(self._still)

    # From the endpoint

    def on_request(self, incoming: IncomingRequest) -> None:
        if incoming.request.method != "OPTIONS":
            incoming.respond(405)

    def on_invite(self, invite: IncomingInvite) -> None:
        """The home calls its door: answered at once."""
        if self._media is not None:
            invite.reject(486)
            return
        self._tasks.spawn(self._answer(invite), name="answer")

    # Calls

    async def _ring(self) -> None:
        settings, server = self._settings, self._settings.server
        media = await self._open_media()
        uri = f"sip:{settings.number}@{server.host}:{server.port}"
        try:
            self._call = self._endpoint.invite(
                uri,
                target=server,
                from_=self._identity(),
                body=media.session.offer(video="sendonly"),
                headers=(("Content-Type", "application/sdp"),),
                credentials=self._credentials,
                listener=self._heard_of(media),
            )
        except PbxError as error:
            self._over(error.message)
            return
        self.teller.change(call="calling", digits="")
        self._say(f"ringing {settings.number}")

    async def _answer(self, invite: IncomingInvite) -> None:
        media = await self._open_media()
        try:
            body = media.session.answer(invite.request.body, video="sendonly")
        except PbxError as error:
            invite.reject(488)
            self._over(error.message)
            return
        self._call = invite
        invite.listener = self._heard_of(media)
        invite.accept(body, headers=(("Content-Type", "application/sdp"),))
        self._begin(media, "talking")
        self._say("somebody looks or talks")

    async def _open_media(self) -> CallMedia:
        host = self._endpoint.local_host(self._settings.server)
        self._media = CallMedia(self._pool, host, teller=self.teller, scene=self._scene, on_key=self._key)
        await self._media.open()
        return self._media

    def _heard_of(self, media: CallMedia) -> Callable[[InviteEvent], None]:
        def listen(event: InviteEvent) -> None:
            if media is not self._media:  # an echo of a call that is over or left aside
                if isinstance(event, Ended | Failed):
                    spawn(media.close(), name="demo door: end of a call left aside")
                return
            match event:
                case Progress(body=body):
                    self._early(media, body)
                case Accepted(body=body):
                    if body and isinstance(self._call, OutgoingInvite):
                        media.session.accept(body)
                    self._begin(media, "talking")
                    self._say("answered")
                case Failed(status=status, reason=reason):
                    self._over(f"not answered: {status} {reason}")
                case Ended():
                    self._over("the other side hung up")
                case Offer(body=body) if self._call is not None:
                    self._call.accept_offer(media.session.answer(body) if body else media.session.offer())
                case Info(content_type=kind, body=body):
                    self._info(kind, body)
                case _:
                    pass

        return listen

    def _early(self, media: CallMedia, body: bytes) -> None:
        if body:
            media.session.accept(body)
            self._begin(media, "ringing")
        elif self.teller.status.call == "calling":
            self.teller.change(call="ringing")

    def _begin(self, media: CallMedia, state: str) -> None:
        """Send from now on, once."""
        if self.teller.status.call not in {"talking", state}:
            self.teller.change(call=state)
        media.start(tone(self._settings.hertz) if self._settings.hertz else melody(), self._settings.record)

    def _over(self, why: str) -> None:
        self._call = None
        if self._aside is not None:
            aside, looked = self._aside
            self._aside = None
            aside.bye()
            spawn(looked.close(), name="demo door: end of a call left aside")
        self._say(why)
        self.teller.change(call="idle")
        media, self._media = self._media, None
        if media is not None:
            self._ending = spawn(media.close(), name="demo door: end of call")

    # Opening

    def _key(self, key: str) -> None:
        digits = (self.teller.status.digits + key)[-16:]
        self.teller.change(digits=digits)
        if digits.endswith(self._settings.code):
            self.teller.change(digits="")
            self.open(f"keys {self._settings.code}")

    def _info(self, kind: str, body: bytes) -> None:
        """Keys as `application/dtmf-relay` or `application/dtmf`; or the wish for a key frame."""
        if "media_control" in kind and self._media is not None:
            self._media.want_key_frame()
            return
        for line in body.decode("ascii", "replace").splitlines():
            name, equals, value = line.partition("=")
            if "dtmf" in kind and (not equals or name.strip().lower() == "signal"):
                self._key((value if equals else name).strip()[:1])

    def _close_again(self) -> None:
        self._closing = None
        self.teller.change(opened=False)

    # Being somebody

    def _register(self) -> Registration:
        server = self._settings.server
        return Registration(
            self._endpoint,
            clock=asyncio.get_running_loop(),
            registrar=f"sip:{server.host}:{server.port}",
            address=self._identity(),
            credentials=self._credentials,
            target=server,
            on_change=self._registered,
        )

    def _registered(self, state: RegistrationState, reason: str) -> None:
        self.teller.change(registered=state is RegistrationState.REGISTERED)
        self._say(reason or state.name.lower())

    def _identity(self) -> NameAddr:
        server = self._settings.server
        return NameAddr.parse(f'"{self._settings.name}" <sip:{self._settings.user}@{server.host}:{server.port}>')

    def _still(self) -> bytes:
        now = datetime.now()  # noqa: DTZ005  a wall clock
        return jpeg(self._scene.draw(int(now.timestamp() * 15) % 900, self.teller.status.words(), now))

    def _say(self, line: str) -> None:
        self.teller.log(f"{datetime.now():%H:%M:%S}  {line}")  # noqa: DTZ005  a wall clock
        _LOGGER.info("%s: %s", self._settings.name, line)


def _local_host(server: Address) -> str:
    """Where to listen so that this server can answer: loopback stays on loopback."""
    if server.host in {"localhost", "::1"} or server.host.startswith("127."):
        return "[::1]" if server.host == "::1" else "127.0.0.1"
    return "[::]" if ":" in server.host else "0.0.0.0"  # noqa: S104  a station is called by its network
