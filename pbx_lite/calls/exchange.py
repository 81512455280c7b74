"""Where calls come in and go out: authenticates, then hands each to whoever serves the caller or the number.

Features enter themselves in tables: `callers` by the kind of account that calls, `destinations` by the kind of what was
dialled, `requests` by the method of what comes outside of calls.  The exchange itself knows no feature.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from pbx_lite.calls.bindings import Binding
from pbx_lite.calls.farewell import Farewells
from pbx_lite.calls.gatekeeper import Gatekeeper
from pbx_lite.calls.identity import LONGEST_NUMBER, is_private
from pbx_lite.calls.incoming_leg import IncomingLeg
from pbx_lite.calls.leg import BUSY, NO_CIRCUIT, NO_CODEC, OUT_OF_ORDER, UNALLOCATED, LegState
from pbx_lite.calls.outgoing_leg import Callee, OutgoingLeg
from pbx_lite.calls.party import Party
from pbx_lite.calls.phone import Phone
from pbx_lite.calls.public_address import PublicAddress
from pbx_lite.calls.registrar import Registrar
from pbx_lite.calls.switchboard import Switchboard, party_of_account
from pbx_lite.clock import Clock
from pbx_lite.directory import Account, AccountKind, Directory
from pbx_lite.errors import MediaError, NoCommonCodec, ParseError
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, Codec
from pbx_lite.media.port_pool import PortPool
from pbx_lite.media.session import MediaSession
from pbx_lite.sip.address import Address, bracketed, is_numeric
from pbx_lite.sip.endpoint import Endpoint, IncomingRequest
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite import IncomingInvite
from pbx_lite.sip.message import Request
from pbx_lite.sip.uri import SipUri
from pbx_lite.tasks import spawn

_LOGGER = logging.getLogger(__name__)


class Dialled(Protocol):
    """Something of the directory that has an extension."""

    @property
    def name(self) -> str: ...

    @property
    def display_name(self) -> str: ...

    @property
    def extension(self) -> str: ...


CODECS = (PCMU, PCMA, G722, OPUS)
TELEPHONE_CODECS = (PCMU, PCMA, G722)
"""What door stations speak.  Opus beside them would be converted for nothing, and with a picture's lines make an INVITE
too large for one datagram (RFC 3261 section 18.1.1), which costs the door half a second."""

type ServeRequest = Callable[[IncomingRequest, Account], None]
type ServeCaller = Callable[[IncomingInvite, Account, str], None]
type ServeNumber = Callable[[IncomingInvite, Account, str], None]


class Lines(Protocol):
    """Providers and other exchanges, which are known by something else than a password of ours."""

    def sends(self, request: Request, source: Address) -> bool:
        """Whether an INVITE comes from one of them."""
        ...

    def serve(self, invite: IncomingInvite) -> bool:
        """Serve what one of them sends; False for all else."""
        ...


class Exchange:
    """The `sip.endpoint.Handler` of the PBX.  `endpoint` is set once it exists, before the first call.

    `lines` are asked first whether they send an INVITE, as trunks do; those that do serve it.
    `replacing` serves INVITEs with Replaces (RFC 3891).  `speaker` says who calls from an account and with whose
    rights, which differs from the account at phones that people share.  `meant` gives the number that another one
    stands for where destinations are looked up.  `urgent` knows the numbers for emergencies, which no limit concerns.
    """

    endpoint: Endpoint

    def __init__(
        self,
        *,
        directory: Directory,
        registrar: Registrar,
        gatekeeper: Gatekeeper,
        pool: PortPool,
        clock: Clock,
        switchboard: Switchboard,
        farewells: Farewells | None = None,
        domain: str = "",
        public: PublicAddress | None = None,
        calls_per_account: int = 200,
    ) -> None:
        self.directory = directory
        self.registrar = registrar
        self.clock = clock
        self.callers: dict[AccountKind, ServeCaller] = {}
        self.requests: dict[str, ServeRequest] = {}
        self.lines: list[Lines] = []
        self.replacing: ServeCaller | None = None
        self.speaker: Callable[[Account], tuple[Party, Account]] = lambda account: (party_of_account(account), account)
        self.meant: Callable[[str], str] = lambda number: number
        self.urgent: Callable[[str], bool] = lambda _number: False
        self.switchboard = switchboard
        self.destinations: dict[AccountKind, ServeNumber] = {}
        self._gatekeeper = gatekeeper
        self._pool = pool
        self._farewells = farewells
        self._domain = domain
        self._public = public
        self._calls_per_account = calls_per_account
        self._methods: dict[str, Callable[[IncomingRequest], None]] = {
            "REGISTER": self._register,
            "OPTIONS": lambda incoming: incoming.respond(200, headers=[("Accept", "application/sdp")]),
        }

    def challenge(self, request: Request, source: Address) -> list[tuple[str, str]] | None:
        """The headers of the 401 to a request that brings no credentials, None where it needs none."""
        if request.method == "INVITE":
            if any(lines.sends(request, source) for lines in self.lines):
                return None
        elif request.method != "REGISTER":
            return None
        return self._gatekeeper.challenge(request, source)

    def on_request(self, incoming: IncomingRequest) -> None:
        method = incoming.request.method
        if (serve := self._methods.get(method)) is not None:
            serve(incoming)
        elif (serve_known := self.requests.get(method)) is not None:
            if (account := self._identify(incoming)) is not None:
                serve_known(incoming, account)
        else:
            incoming.respond(
                405, headers=[("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, REGISTER, INFO, UPDATE, PRACK")]
            )

    def on_invite(self, invite: IncomingInvite) -> None:
        def refuse(status: int, headers: list[tuple[str, str]]) -> None:
            invite.reject(status, headers=headers)

        if any(lines.serve(invite) for lines in self.lines):
            return
        account = self._gatekeeper.identify(invite, refuse)
        if account is None:
            return
        try:
            number = SipUri.parse(invite.request.uri).user or ""
        except ParseError as error:
            invite.reject(error.status)
            return
        if len(number) > LONGEST_NUMBER or not number.isprintable():  # nobody has it, and the journal is not for it
            invite.reject(UNALLOCATED.status, headers=[("Reason", UNALLOCATED.reason())])
            return
        if (serve := self.callers.get(account.kind)) is not None:
            serve(invite, account, number)
            return
        caller, account = self.speaker(account)
        if self.replacing is not None and "replaces" in invite.request.headers:
            self.replacing(invite, account, number)
            return
        dialled = self.directory.by_extension(self.meant(number))
        if dialled is not None and (serve := self.destinations.get(dialled.kind)) is not None:
            serve(invite, account, dialled.owner)
        elif self._is_busy(account) and not self.urgent(number):
            _LOGGER.warning("%s has %d calls and gets no more", account.name, self._calls_per_account)
            invite.reject(BUSY.status, headers=[("Reason", NO_CIRCUIT.reason())])
        else:
            if is_private(invite.request):
                caller = replace(caller, private=True)
            spawn(self.admit(invite, caller, number, account), name=f"call of {account.name}", eager=True)

    def _is_busy(self, account: Account) -> bool:
        calls, most = self.switchboard.calls, self._calls_per_account
        if len(calls) < most:  # nearly always, and there is nothing to count
            return False
        return sum(seat.device == account.name for call in calls.values() for seat in call.seats) >= most

    async def admit(self, invite: IncomingInvite, caller: Party, number: str, account: Account | None = None) -> None:
        """Let an INVITE in as a call of `caller`; refused here where its media cannot be had."""
        try:
            leg = await self.incoming_leg(
                invite,
                video=b"m=video" in invite.request.body,
                codecs=self._codecs_of(account) if account is not None else (),
            )
        except NoCommonCodec:
            invite.reject(NO_CODEC.status, headers=[("Reason", NO_CODEC.reason())])
        except MediaError as error:
            _LOGGER.warning("A call of %s was refused: %s", caller.shown, error)
            invite.reject(OUT_OF_ORDER.status, headers=[("Retry-After", "10")])
        else:
            if leg.state is LegState.ENDED:
                return
            leg.reliable = True
            leg.patient = account is not None
            device = account.name if account is not None else ""
            self.switchboard.incoming(leg, caller, number, account=account, device=device)

    def _identify(self, incoming: IncomingRequest) -> Account | None:
        def refuse(status: int, headers: list[tuple[str, str]]) -> None:
            incoming.respond(status, headers=headers)

        return self._gatekeeper.identify(incoming, refuse)

    def _register(self, incoming: IncomingRequest) -> None:
        account = self._identify(incoming)
        if account is None:
            return
        try:
            wanted = SipUri.parse(incoming.request.to.uri).user
        except ParseError as error:
            incoming.respond(error.status)
            return
        if wanted != account.name:
            incoming.respond(403)
            return
        self.registrar.register(incoming, account.name)

    def devices_of(self, people: Iterable[str]) -> list[tuple[str, Binding]]:
        """Every live binding of these users, each with its user's name."""
        return [
            (user, binding)
            for user in people
            for account in self.directory.accounts_of(user)
            for binding in self.registrar.bindings_of(account)
        ]

    def phones_of(self, user: str, account: str | None = None) -> list[Phone]:
        """The registered phones of a user, or of one of their accounts."""
        accounts = self.directory.accounts_of(user) if account is None else [account]
        return [self.phone(binding, user) for name in accounts for binding in self.registrar.bindings_of(name)]

    def phone(self, binding: Binding, user: str) -> Phone:
        account = self.directory.by_account(binding.account)
        codecs = self._codecs_of(account) if account is not None else ()
        return Phone(self, binding, user=user, codecs=codecs, callee=self.callee)

    def _codecs_of(self, account: Account) -> tuple[str, ...]:
        """The order that the account's owner wants for this device."""
        if account.kind is not AccountKind.USER:
            return ()
        user = self.directory.user(account.owner)
        device = next((device for device in user.devices if device.name == account.device), None)
        return (device.codecs if device is not None else ()) or user.codecs

    async def open_media(
        self,
        peer: Address,
        *,
        video: bool,
        first: Codec | None = None,
        codecs: Iterable[str] = (),
        known: Iterable[Codec] = CODECS,
    ) -> MediaSession:
        """Ports for a party at `peer`; of those `known`, `first` is offered first, `codecs` name the others' order.

        Raises MediaError when the port range is used up.
        """
        host = self.endpoint.local_host(peer)
        media = MediaSession(
            self._pool,
            host,
            clock=self.clock,
            codecs=in_order(known, codecs, first),
            video=video,
            advertised=self._public.towards(peer.host) if self._public is not None else "",
            peer=peer.host if is_numeric(peer.host) else "",
            srtp="offer" if peer.transport == "tls" else "accept",  # keys in the SDP are worth what carries it
        )
        await media.open()
        return media

    async def incoming_leg(self, invite: IncomingInvite, *, video: bool, codecs: Iterable[str] = ()) -> IncomingLeg:
        """The caller as a leg, its offer answered.  Raises NoCommonCodec; refusing the caller is left to who asked."""
        media = await self.open_media(invite.source, video=video, codecs=codecs)
        leg = IncomingLeg(invite, media, self._farewells)
        try:
            leg.negotiate()
        except MediaError:
            media.close()
            raise
        return leg

    async def outgoing_leg(
        self,
        peer: Address,
        *,
        video: bool,
        first: Codec | None = None,
        codecs: Iterable[str] = (),
        known: Iterable[Codec] = CODECS,
    ) -> OutgoingLeg:
        media = await self.open_media(peer, video=video, first=first, codecs=codecs, known=known)
        return OutgoingLeg(media, self._farewells)

    def dial(self, leg: OutgoingLeg, callee: Callee, caller: Dialled, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Send the INVITE as `caller`, whom the callee's display shows."""
        host = self.host_towards(callee.target)
        self.invite(leg, callee, NameAddr(caller.display_name, f"sip:{caller.extension}@{bracketed(host)}"), headers)

    def invite(
        self, leg: OutgoingLeg, callee: Callee, caller: NameAddr, headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        leg.dial(self.endpoint, callee, caller, headers)

    def host_towards(self, peer: Address | None) -> str:
        """What we call ourselves in From towards this peer."""
        return self._domain or self.endpoint.local_host(peer)

    @staticmethod
    def callee(binding: Binding) -> Callee:
        return Callee(binding.contact, binding.source, routes=binding.path)


def in_order(known: Iterable[Codec], names: Iterable[str], first: Codec | None = None) -> list[Codec]:
    """Every codec that is known: `first` before all, then those named (as SDP does, in any case), then the rest."""
    wished = {name.lower(): place for place, name in enumerate(names)}
    if first is None and not wished:
        return list(known)
    return sorted(known, key=lambda codec: (codec != first, wished.get(codec.name.lower(), len(wished))))
