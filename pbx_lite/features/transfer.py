"""Transfers as phones ask for them: REFER, blind and attended (RFC 5589), and INVITEs that replace (RFC 3891)."""

import asyncio
import ipaddress
import logging
import socket

from pbx_lite.calls.call import Call, CallState
from pbx_lite.calls.exchange import Exchange
from pbx_lite.calls.fork import RingingDevice
from pbx_lite.calls.identity import LONGEST_NUMBER
from pbx_lite.calls.leg import NO_CODEC, OUT_OF_ORDER, LegState, TransferRequested
from pbx_lite.calls.seat import Seat
from pbx_lite.calls.sip_leg import SipLeg
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.directory import Account, AccountKind, Directory
from pbx_lite.errors import Conflict, MediaError, NoCommonCodec, ParseError, PbxError, SipError
from pbx_lite.sip.address import Address
from pbx_lite.sip.invite import IncomingInvite
from pbx_lite.sip.replaces import Replaces
from pbx_lite.sip.uri import SipUri
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)
_RESOLVE_SECONDS = 2.0
"""How long a name in a Refer-To may take to be found out."""


class _Refused(Exception):
    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Transfer:
    """Serves `switchboard.on_transfer` and `exchange.replacing`.

    Only people of ours transfer, with their own rights, and only to numbers of this PBX: what is outside is reached by
    the lines, if their rights allow it.
    """

    def __init__(self, *, switchboard: Switchboard, exchange: Exchange, directory: Directory) -> None:
        self._switchboard = switchboard
        self._exchange = exchange
        self._directory = directory
        self._tasks = Tasks("transfer")
        switchboard.on_transfer = self.requested
        exchange.replacing = self.replacing

    async def close(self) -> None:
        self._switchboard.on_transfer = None
        self._exchange.replacing = None
        await self._tasks.close()

    # REFER

    def requested(self, call: Call, seat: Seat, wish: TransferRequested) -> None:
        """A phone gives its call away; it hears how that goes."""
        self._tasks.spawn(self._serve(call, seat, wish), name=f"of {seat.user or 'somebody'}")

    async def _serve(self, call: Call, seat: Seat, wish: TransferRequested) -> None:
        try:
            self._check(seat)
            if wish.replaces:
                self._attended(call, seat, wish)
            else:
                await self._blind(call, seat, wish)
        except _Refused as refusal:
            _LOGGER.info("A transfer by %s was refused: %s", seat.party.shown, refusal)
            wish.progress(refusal.status)
        except Conflict as error:
            _LOGGER.info("A transfer by %s was refused: %s", seat.party.shown, error)
            wish.progress(603)

    @staticmethod
    def _check(seat: Seat) -> None:
        if not seat.user:
            raise _Refused(403, "only people of the house transfer calls")

    async def _blind(self, call: Call, seat: Seat, wish: TransferRequested) -> None:
        try:
            target = SipUri.parse(wish.target)
        except ParseError as error:
            raise _Refused(error.status, "its target is no address") from None
        if not target.user or len(target.user) > LONGEST_NUMBER or not target.user.isprintable():
            raise _Refused(404, "its target is nobody")
        if target.host and not await self._is_ours(target.host.lower(), seat):
            raise _Refused(403, "its target is at a foreign domain")
        call.transfer(seat, target.user, wish.progress, account=self._account_of(seat))

    def _attended(self, call: Call, seat: Seat, wish: TransferRequested) -> None:
        """The phone names its other call by the dialog that it has with us."""
        try:
            named = Replaces.parse(wish.replaces)
        except ParseError:
            raise _Refused(400, "its Replaces is faulty") from None
        found = self._switchboard.find(named.call_id, named.to_tag, named.from_tag)
        other, place = found or (None, None)
        if other is None or not isinstance(place, Seat):
            raise _Refused(481, "its other call is gone")
        if place.user != seat.user:
            raise _Refused(403, "its other call is somebody else's")
        if named.early_only and other.state is CallState.UP:
            raise _Refused(486, "its other call is answered already")
        if call.served and not other.served:  # who is in a room brings somebody in, whichever call they say it in
            call, seat, other, place = other, place, call, seat
        if call.state is not CallState.UP or len(call.seats) != 2 or call is other:
            raise Conflict("Only two calls between two parties each can be joined.")
        wish.progress(200)
        self._switchboard.connect(call, seat, other, place)

    def _account_of(self, seat: Seat) -> Account | None:
        """With whose rights the number is dialled: at a shared phone those of whoever is logged in."""
        account = self._directory.by_account(seat.device)
        if account is not None and account.kind is AccountKind.USER:
            return account
        return self._directory.by_extension(self._directory.user(seat.user).extension)

    async def _is_ours(self, host: str, seat: Seat) -> bool:
        """Whether a host is how this phone, or anybody, calls this PBX."""
        leg = seat.leg
        dialog = leg.session.dialog if isinstance(leg, SipLeg) and leg.session is not None else None
        if dialog is not None and host in {_host_of(dialog.local.uri), _host_of(dialog.remote.uri)}:
            return True
        if host == self._exchange.host_towards(None).lower():
            return True
        return any(self._is_local(address) for address in await _addresses_of(host))

    def _is_local(self, address: str) -> bool:
        """The way to an address of this machine begins at that address."""
        try:
            return self._exchange.endpoint.local_host(Address("udp", address, 5060)) == address
        except SipError:
            return False

    # INVITE with Replaces

    def replacing(self, invite: IncomingInvite, account: Account, _number: str) -> None:
        """Somebody wants the place of another phone: one of their own, or what rings at it."""
        try:
            call, place = self._replaced(invite, account)
        except _Refused as refusal:
            invite.reject(refusal.status)
            return
        invite.trying()
        self._tasks.spawn(self._replace(invite, account, call, place), name=f"by {account.name}")

    def _replaced(self, invite: IncomingInvite, account: Account) -> tuple[Call, Seat | RingingDevice]:
        try:
            named = Replaces.of(invite.request.headers)
        except ParseError:
            raise _Refused(400, "a faulty Replaces") from None
        found = self._switchboard.find(named.call_id, named.to_tag, named.from_tag)
        if found is None:
            raise _Refused(481, "no such dialog")
        call, place = found
        if call.over:
            raise _Refused(603, "the dialog is over")
        _, acting = self._exchange.speaker(account)
        if acting.kind is not AccountKind.USER or not (
            acting.owner == place.user or self._may_take(place, acting.owner)
        ):
            raise _Refused(403, "the dialog is somebody else's")
        answered = place.leg.state is LegState.ANSWERED
        if answered and named.early_only:
            raise _Refused(486, "the dialog is answered already")
        if isinstance(place, Seat) and not answered:
            raise _Refused(481, "an early dialog that we did not begin")  # RFC 3891 section 3
        return call, place

    def _may_take(self, place: Seat | RingingDevice, user: str) -> bool:
        """Whether it only rings, and the user may take what rings at others: the key beside a blinking lamp."""
        return isinstance(place, RingingDevice) and self._directory.may_pickup(self._directory.user(user))

    async def _replace(self, invite: IncomingInvite, account: Account, call: Call, place: Seat | RingingDevice) -> None:
        try:
            leg = await self._exchange.incoming_leg(invite, video=b"m=video" in invite.request.body)
        except NoCommonCodec:
            invite.reject(NO_CODEC.status, headers=[("Reason", NO_CODEC.reason())])
            return
        except MediaError:
            invite.reject(OUT_OF_ORDER.status, headers=[("Retry-After", "10")])
            return
        if leg.state is LegState.ENDED:  # the phone gave up meanwhile
            return
        party, _ = self._exchange.speaker(account)
        try:
            if isinstance(place, RingingDevice):
                call.take(leg, party, account.name)
            elif place in call.seats:
                call.replace(place, leg, party, account.name)
            else:
                raise Conflict("The call is over.")
        except PbxError as error:
            _LOGGER.info("%s could not take a call over: %s", account.name, error)
            invite.reject(481)
            leg.hangup()


def _host_of(uri: str) -> str:
    try:
        return SipUri.parse(uri).host.lower()
    except ParseError:
        return ""


async def _addresses_of(host: str) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_RESOLVE_SECONDS):
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except OSError, UnicodeError:
        return []
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
