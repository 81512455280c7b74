"""Calls steered from outside: begun, answered, held, passed on and ended by whoever has a seat in them."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Protocol

from pbx_lite.calls.call import Call, CallState
from pbx_lite.calls.dialled import SEPARATORS, dialled_number
from pbx_lite.calls.fork import RingingDevice
from pbx_lite.calls.leg import NORMAL, REJECTED, Cause
from pbx_lite.calls.phone import Phone
from pbx_lite.calls.plan import Reachable
from pbx_lite.calls.seat import Seat
from pbx_lite.calls.sip_leg import SipLeg
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.clock import Clock
from pbx_lite.directory import Directory
from pbx_lite.errors import Conflict, Invalid, NotFound, SipError, Unavailable
from pbx_lite.events import CallAnswered, CallEnded, Event, EventBus

_LOGGER = logging.getLogger(__name__)

ANSWER_SECONDS = 4.0
"""How long a phone may take from being told to answer to its 200."""
_DECLINED = Cause(REJECTED.q850, 486, REJECTED.text)
"""What one of several who are rung says: the others go on ringing, as they would not after a 603."""
_TALKERS = ("snom", "yealink", "grandstream", "poly", "fanvil", "htek", "cisco", "mitel", "panasonic")
"""User-Agents that are known to answer by NOTIFY; others are tried after them, and say themselves if they cannot."""


class Origins(Protocol):
    """What rings first when somebody has a number dialled."""

    def origins(self, user: str, device: str = "") -> Sequence[Reachable]:
        """Raises NotFound for a device that the user does not have."""
        ...


class Calling:
    """What `api.call_facade.Calls` says, over the switchboard.  `people` knows which phone is whose."""

    def __init__(
        self, *, switchboard: Switchboard, people: Origins, directory: Directory, bus: EventBus, clock: Clock
    ) -> None:
        self._switchboard = switchboard
        self._people = people
        self._directory = directory
        self._bus = bus
        self._clock = clock

    async def close(self) -> None:
        """Nothing of its own is left: calls are the switchboard's."""

    # Looking

    def calls(self) -> Iterable[Call]:
        return list(self._switchboard.calls.values())

    def call(self, call: str) -> Call:
        found = self._switchboard.calls.get(call)
        if found is None:
            raise NotFound("There is no such call.")
        return found

    def busy(self, user: str) -> bool:
        return self._switchboard.busy(user)

    # Beginning and ending

    async def dial(self, user: str, number: str, *, device: str = "", auto_answer: bool = False) -> Call:
        """Raises NotFound, Invalid for what is no number, and Unavailable where no phone is registered."""
        record = self._directory.user(user)
        dialled = dialled_number(number)
        origins = list(self._people.origins(user, device))
        if not origins:
            which = f"{device} of {record.display_name} is not" if device else f"No phone of {record.display_name} is"
            raise Unavailable(f"{which} registered.")
        caller = self._switchboard.party_of(user)
        if caller is None:
            raise NotFound(f"There is no user named {user}.")
        account = self._directory.by_extension(record.extension)
        return self._switchboard.place(origins, caller, dialled, account=account, auto_answer=auto_answer)

    def hang_up(self, call: str, user: str) -> None:
        """The user leaves, or declines while it rings for them; without a user the call ends for everybody."""
        found = self.call(call)
        seat = found.seat_of(user) if user else None
        if not user:
            found.hang_up(NORMAL)
        elif seat is not None:
            found.remove(seat)
        elif user == found.caller.user:
            found.hang_up(NORMAL, by=user)
        else:
            self._decline(found, user)

    async def answer(self, call: str, user: str) -> None:
        """Tell a ringing phone to take the call (NOTIFY with `Event: talk` in the early dialog, as BroadSoft does it).

        Raises Conflict where nothing of the user's rings, Unavailable where the phone does not do that.
        """
        found = self.call(call)
        user = user or self._only(device.user for device in found.ringing)
        ringing = [device for device in found.ringing if device.user == user]
        if not ringing:
            raise Conflict("This call does not ring any more.")
        name = self._directory.user(user).display_name
        phones = [(device, device.leg) for device in sorted(ringing, key=_doubt) if isinstance(device.leg, SipLeg)]
        for device, leg in phones:
            answered = _Answer(found.id, self._bus, self._clock)
            try:
                await leg.notify("talk")
                await answered.wait(ANSWER_SECONDS)
            except SipError as error:
                _LOGGER.info("%s of %s does not answer when it is told to: %s", device.device, name, error.message)
            else:
                return
            finally:
                answered.forget()
        raise Unavailable(f"The phone of {name} cannot be told to answer; answer at the phone itself.")

    # While it is up

    def hold(self, call: str, user: str) -> None:
        found, seat = self._seat(call, user)
        found.hold(seat)

    def resume(self, call: str, user: str) -> None:
        found, seat = self._seat(call, user)
        found.resume(seat)

    async def send_dtmf(self, call: str, user: str, digits: str) -> None:
        """To those whom the user speaks with; without a user, to everybody outside."""
        found = self.call(call)
        self._check_up(found)
        if user:
            _, seat = self._seat(call, user)
            targets = found.others(seat)
        else:
            targets = [seat for seat in found.seats if seat.party.external or not seat.user]
        if not targets:
            raise Conflict("There is nobody in this call who could hear the keys.")
        await asyncio.gather(*(found.send_dtmf(seat, digits, how=seat.leg.keys) for seat in targets))

    def transfer(self, call: str, user: str, number: str) -> None:
        """Blind, with the user's rights.  Raises Conflict."""
        found, seat = self._seat(call, user)
        account = self._directory.by_extension(seat.party.number) if seat.user else None
        found.transfer(seat, dialled_number(number), account=account)

    def connect(self, call: str, user: str, other: str) -> None:
        """Attended.  Raises Conflict."""
        first, second = self.call(call), self.call(other)
        user = user or self._in_both(first, second)
        seat, other_seat = first.seat_of(user), second.seat_of(user)
        if seat is None or other_seat is None:
            raise Conflict("Only somebody who is in both calls can join them.")
        if first.state is not CallState.UP:  # the one that only rings is the second one
            first, seat, second, other_seat = second, other_seat, first, seat
        self._check_up(first)
        self._switchboard.connect(first, seat, second, other_seat)

    def conference(self, call: str, user: str, other: str) -> None:
        first, second = self.call(call), self.call(other)
        if first is second:
            raise Conflict("A conference is made of two calls.")
        first.merge(second, user or self._in_both(first, second))

    def remove(self, call: str, user: str, number: str) -> None:
        """Raises NotFound for somebody who is not in the call."""
        found, asking = self._seat(call, user)
        bare = number.translate(SEPARATORS)
        seat = next(
            (each for each in found.others(asking) if number == each.user or bare == each.party.public().number), None
        )
        if seat is None:
            raise NotFound(f"{number} is not in this call.")
        found.remove(seat)

    # Inside

    def _seat(self, call: str, user: str) -> tuple[Call, Seat]:
        """The user's place in a call that is up; without a user, that of the only one of the house."""
        found = self.call(call)
        self._check_up(found)
        user = user or self._only(seat.user for seat in found.seats)
        seat = found.seat_of(user)
        if seat is None:
            raise Conflict(f"{self._directory.user(user).display_name} is not in this call.")
        return found, seat

    def _only(self, users: Iterable[str]) -> str:
        named = {user for user in users if user}
        if len(named) != 1:
            raise Invalid("user: say for whom")
        return named.pop()

    def _in_both(self, first: Call, second: Call) -> str:
        mine = {seat.user for seat in first.seats}
        return self._only(seat.user for seat in second.seats if seat.user in mine)

    @staticmethod
    def _check_up(call: Call) -> None:
        if call.state is not CallState.UP:
            raise Conflict("This call is not answered.")

    def _decline(self, call: Call, user: str) -> None:
        ringing = call.ringing
        devices = [device for device in ringing if device.user == user]
        if not devices:
            raise Conflict("This call does not ring any more.")
        for device in devices:
            device.leg.hangup(REJECTED if len(devices) == len(ringing) else _DECLINED)


class _Answer:
    """Waits until a call is answered."""

    def __init__(self, call: str, bus: EventBus, clock: Clock) -> None:
        self._call = call
        self._clock = clock
        self._done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.forget = bus.listen(self._heard)

    async def wait(self, seconds: float) -> None:
        """Raises SipError where nothing comes of it."""
        timer = self._clock.call_later(seconds, lambda: self._settle(answered=False))
        try:
            if not await self._done:
                raise SipError("It said that it would, and did not.")
        finally:
            timer.cancel()

    def _heard(self, event: Event) -> None:
        if isinstance(event, CallAnswered | CallEnded) and event.call == self._call:
            self._settle(answered=True)

    def _settle(self, *, answered: bool) -> None:
        if not self._done.done():
            self._done.set_result(answered)


def _doubt(device: RingingDevice) -> bool:
    target = device.rung.target
    known = isinstance(target, Phone) and any(name in target.binding.user_agent.lower() for name in _TALKERS)
    return not known
