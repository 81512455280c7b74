"""A visitor is passed on: who speaks with the door gives the call to somebody else, by their phone's transfer key."""

import logging
from collections.abc import Callable

from pbx_lite.calls.call import Call, CallState
from pbx_lite.calls.identity import LONGEST_NUMBER
from pbx_lite.calls.leg import NORMAL, Leg, TransferRequested
from pbx_lite.calls.party import Party
from pbx_lite.calls.seat import Seat
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.config import Door, User
from pbx_lite.directory import Account
from pbx_lite.errors import ParseError
from pbx_lite.features.doorbell.door_call import DoorCall
from pbx_lite.sip.replaces import Replaces
from pbx_lite.sip.uri import SipUri

_LOGGER = logging.getLogger(__name__)
_NOBODY, _GONE, _FAULTY, _NO_ANSWER = 404, 481, 400, 480


class Passing:
    """Blind: the number rings with the rights of who asks, and whoever takes it speaks with the door from then on.

    Attended (RFC 3891): whoever they speak with in their other call does.  A refusal leaves everything as it was.
    """

    def __init__(
        self,
        switchboard: Switchboard,
        account_of: Callable[[User], Account | None],
        stranger: Callable[[Party], str],
    ) -> None:
        """`stranger` says what somebody is called who is none of the house."""
        self._switchboard = switchboard
        self._account_of = account_of
        self._stranger = stranger

    def begin(self, door: Door, call: DoorCall, user: User, wish: TransferRequested) -> None:
        """`wish.progress` hears how it goes, from 100 to one final status."""
        if wish.replaces:
            wish.progress(self._attended(call, user, wish))
        else:
            self._blind(door, call, user, wish)

    def _blind(self, door: Door, call: DoorCall, user: User, wish: TransferRequested) -> None:
        number = _number_of(wish.target)
        if not number:
            wish.progress(_NOBODY)
            return
        final = _Final(wish.progress)

        async def serve(taken: Call) -> None:
            seat = next((seat for seat in taken.seats if seat.leg is taken.origin), None)
            if seat is not None and call.talker is not None and not call.ended:
                final(200)
                call.on_over = None
                self._hand_over(taken, seat, call)

        wish.progress(100)
        caller = Party(number=door.extension, name=door.display_name, door=door.name)
        placed = self._switchboard.invite(caller, number, serve, account=self._account_of(user), hear=final.hears)
        call.on_over = lambda: placed.hang_up(NORMAL)
        if placed.task is not None:
            placed.task.add_done_callback(lambda _: final(_NO_ANSWER))

    def _attended(self, call: DoorCall, user: User, wish: TransferRequested) -> int:
        try:
            named = Replaces.parse(wish.replaces)
        except ParseError:
            return _FAULTY
        other, place = self._switchboard.find(named.call_id, named.to_tag, named.from_tag) or (None, None)
        if other is None or not isinstance(place, Seat) or place.user != user.name:
            return _GONE
        rest = other.others(place)
        if other.state is not CallState.UP or other.served or len(rest) != 1:
            return _GONE
        other.resume(place)
        self._hand_over(other, rest[0], call)
        other.remove(place)
        return 200

    def _hand_over(self, call: Call, seat: Seat, door: DoorCall) -> None:
        """The party leaves its call for the door's."""
        leg: Leg = seat.leg
        call.release(seat)
        door.passed_to(seat.user or self._stranger(seat.party), leg)


class _Final:
    """Tells one final status, and nothing after it."""

    def __init__(self, progress: Callable[[int], None]) -> None:
        self._progress = progress
        self._over = False

    def hears(self, status: int) -> None:
        if not self._over and 100 < status < 200:
            self._progress(status)

    def __call__(self, status: int) -> None:
        if not self._over:
            self._over = True
            self._progress(status)


def _number_of(target: str) -> str:
    try:
        number = SipUri.parse(target).user or ""
    except ParseError:
        return ""
    return number if len(number) <= LONGEST_NUMBER and number.isprintable() else ""
