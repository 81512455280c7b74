"""Every call that is up or rings, and how a call begins."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace

from pbx_lite.calls.bridge import Bridge
from pbx_lite.calls.call import Call
from pbx_lite.calls.fork import RingingDevice
from pbx_lite.calls.leg import NORMAL, OUT_OF_ORDER, Leg, TransferRequested
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Planner, Reachable, Rung, Scope
from pbx_lite.calls.seat import Seat
from pbx_lite.calls.sip_leg import SipLeg
from pbx_lite.clock import Clock
from pbx_lite.directory import Account, AccountKind, Directory
from pbx_lite.errors import Conflict, NotFound, PbxError
from pbx_lite.events import EventBus
from pbx_lite.media.music import Music
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)


class Switchboard:
    """`planners` are asked in order what becomes of a number; `on_transfer` hears what phones ask by REFER.

    `music` is what everybody hears who is put on hold, the built-in piece if none is given.  `own_name` gives the name
    that a user has for a number outside, "" for none; it is asked for every device that rings.  `name_of` gives the one
    by which they know a number that they dialled.
    """

    def __init__(self, *, directory: Directory, bus: EventBus, clock: Clock, music: Music | None = None) -> None:
        self.planners: list[Planner] = []
        self.calls: dict[str, Call] = {}
        self.on_transfer: Callable[[Call, Seat, TransferRequested], None] | None = None
        self.own_name: Callable[[str, str], str] = lambda number, user: ""
        self.name_of: Callable[[str, str], str] = lambda number, user: ""
        self.bus = bus
        self.clock = clock
        self._directory = directory
        self._tasks = Tasks("switchboard")
        self._music = music or Music(clock)

    async def close(self) -> None:
        """Every call ends, as when the PBX stops."""
        for call in tuple(self.calls.values()):
            call.hang_up(OUT_OF_ORDER)
        await self._tasks.close()

    # Beginning

    def incoming(
        self,
        leg: Leg,
        caller: Party,
        number: str,
        *,
        account: Account | None = None,
        scope: Scope | None = None,
        device: str = "",
    ) -> Call:
        """`caller`, who is there by `leg`, dialled `number`; `account` says which of ours that was."""
        call = Call(self, caller=caller, number=number)
        self.calls[call.id] = call
        call.begin(leg, device=device)
        reach = scope or (Scope.EXTERNAL if caller.external else Scope.INTERNAL)
        attempt = Attempt(call=call, caller=caller, number=number, account=account, scope=reach)
        call.task = self._tasks.spawn(call.route(attempt), name=f"call {call.id} of {caller.number}")
        return call

    def place(
        self,
        origins: list[Reachable],
        caller: Party,
        number: str,
        *,
        account: Account | None = None,
        auto_answer: bool = False,
    ) -> Call:
        """Click to dial: the caller's own devices ring first; once one is answered, `number` is called."""
        call = Call(self, caller=caller, number=number)
        self.calls[call.id] = call
        attempt = Attempt(call=call, caller=caller, number=number, account=account)
        work = self._place(call, attempt, origins, auto_answer=auto_answer)
        call.task = self._tasks.spawn(work, name=f"call {call.id} of {caller.number}")
        return call

    async def _place(self, call: Call, attempt: Attempt, origins: list[Reachable], *, auto_answer: bool) -> None:
        """The caller's display shows whom they are about to call; `auto_answer` is for their own phone alone."""
        shown = self.party_of_number(attempt.number)
        if not shown.name and (name := self.name_of(attempt.number, attempt.caller.user)):
            shown = replace(shown, name=name)
        ask = Attempt(call=call, caller=shown, number=attempt.number, direct=True, auto_answer=auto_answer)
        await call.summon(ask, [Rung(target=origin) for origin in origins], attempt)

    def invite(
        self,
        caller: Party,
        number: str,
        service: Callable[[Call], Awaitable[None]],
        *,
        account: Account | None = None,
        hear: Callable[[int], None],
    ) -> Call:
        """The PBX calls `number` as `caller` with the rights of `account`; whoever takes it is served.

        `hear` is told 180 once it rings.  A number that nobody takes but a service, as a mailbox, is not answered.
        """
        call = Call(self, caller=caller, number=number)
        self.calls[call.id] = call
        attempt = Attempt(call=call, caller=caller, number=number, account=account)
        call.task = self._tasks.spawn(self._invite(call, attempt, service, hear), name=f"call {call.id}")
        return call

    @staticmethod
    async def _invite(
        call: Call, attempt: Attempt, service: Callable[[Call], Awaitable[None]], hear: Callable[[int], None]
    ) -> None:
        try:
            await call.invite(attempt, service, hear)
        except PbxError as error:
            _LOGGER.info("%s could not be called: %s", attempt.number, error)
        finally:
            call.hang_up(OUT_OF_ORDER)

    # Finding

    def calls_of(self, user: str) -> list[Call]:
        """The calls in which this user has a seat or a ringing device."""
        return [
            call
            for call in self.calls.values()
            if call.seat_of(user) is not None or any(device.user == user for device in call.ringing)
        ]

    def busy(self, user: str) -> bool:
        """Whether the user is in a call that is up."""
        return any(call.seat_of(user) is not None for call in self.calls.values())

    def seat_of(self, leg: Leg) -> tuple[Call, Seat] | None:
        return next(((call, seat) for call, seat in self._seats() if seat.leg is leg), None)

    def find(self, call_id: str, to_tag: str, from_tag: str) -> tuple[Call, Seat | RingingDevice] | None:
        """The party behind a dialog of ours: `to_tag` is our tag, `from_tag` theirs (RFC 3891)."""
        for call in self.calls.values():
            places: list[Seat | RingingDevice] = [*call.seats, *call.ringing]
            for place in places:
                leg = place.leg
                dialog = leg.session.dialog if isinstance(leg, SipLeg) and leg.session is not None else None
                if dialog is not None and (dialog.call_id, dialog.local_tag, dialog.remote_tag) == (
                    call_id,
                    to_tag,
                    from_tag,
                ):
                    return call, place
        return None

    def _seats(self) -> Iterator[tuple[Call, Seat]]:
        return ((call, seat) for call in self.calls.values() for seat in call.seats)

    # Joining

    def connect(self, call: Call, seat: Seat, other: Call, other_seat: Seat) -> None:
        """Attended transfer: who is left of `call` talks with who is left of `other`; `seat` and `other_seat` leave.

        The call of the two that goes on is `call`, or `other` as long as that only rings; if nobody takes that, it
        comes back to who gave it away.  Raises Conflict.
        """
        if call is other or len(call.others(seat)) != 1 or len(call.seats) != 2:
            raise Conflict("Only two calls between two parties each can be joined.")
        (far,) = call.others(seat)
        far_off = other.others(other_seat)
        if far_off:
            (near,) = far_off[:1]
            call.resume(seat)
            other.resume(other_seat)
            other.release(near)
            call.transferred(seat, near)
            other.remove(other_seat)
            other.hang_up(NORMAL, by=other_seat.user)
        else:
            call.resume(seat)
            call.release(far)
            if other_seat.user:
                other.recall = other_seat.party.number
            other.transferred(other_seat, far)
            call.remove(seat)
            call.hang_up(NORMAL, by=seat.user)

    def adopt(self, call: Call, leg: Leg, party: Party, device: str = "") -> None:
        """A leg that is in a call of its own, as one that dialled a pickup code, takes a ringing call.

        Raises Conflict if that rings no longer; then nothing has happened.
        """
        owner = self.seat_of(leg)
        call.take(leg, party, device)
        if owner is not None:
            owner[0].chronicle.speaks()
            owner[0].release(owner[1])

    # For the calls

    def account_of(self, number: str) -> Account | None:
        return self._directory.by_extension(number)

    def party_of(self, user: str) -> Party | None:
        try:
            record = self._directory.user(user)
        except NotFound:
            return None
        return Party(number=record.extension, name=record.display_name, user=user)

    def party_of_number(self, number: str) -> Party:
        """Whoever of ours has this number, else the bare number."""
        account = self._directory.by_extension(number)
        return Party(number=number) if account is None else party_of_account(account)

    def known_to(self, user: str, party: Party) -> Party:
        """Somebody outside by the name that `user` has for them, which is told to nobody else."""
        if not user or not party.external or party.private:
            return party
        name = self.own_name(party.number, user)
        return replace(party, name=name) if name else party

    def bridge(self) -> Bridge:
        return Bridge(self.clock, self._music)

    def over(self, call: Call) -> None:
        self.calls.pop(call.id, None)


def party_of_account(account: Account) -> Party:
    """An account of ours as a party."""

    def owner(kind: AccountKind) -> str:
        return account.owner if account.kind is kind else ""

    return Party(
        number=account.extension or account.name,
        name=account.display_name,
        user=owner(AccountKind.USER),
        door=owner(AccountKind.DOOR),
        room=owner(AccountKind.ROOM),
    )
