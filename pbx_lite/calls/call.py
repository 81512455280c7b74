"""One call: who is in it, what rings, and how it ends.  It decides; searches, bridges and legs do."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import Enum

from pbx_lite.calls.chronicle import Chronicle
from pbx_lite.calls.desk import Desk
from pbx_lite.calls.fork import RingingDevice
from pbx_lite.calls.handover import Progress, hand_over
from pbx_lite.calls.leg import (
    NO_ANSWER,
    NO_CODEC,
    NORMAL,
    NOT_IMPLEMENTED,
    OUT_OF_ORDER,
    Cause,
    Dtmf,
    Ended,
    Leg,
    LegEvent,
    LegState,
    MediaChanged,
    TransferRequested,
)
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Ring, Rung, Serve
from pbx_lite.calls.search import Found, Outcome, Search, SearchHooks
from pbx_lite.calls.seat import Seat
from pbx_lite.directory import Account
from pbx_lite.errors import Conflict, PbxError
from pbx_lite.media.tones import RING_BACK, Tone, play
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)
_SUMMON = 30.0
"""Seconds that the devices of somebody ring who wants to be connected with a number."""


class CallState(Enum):
    DIALLING = "dialling"
    RINGING = "ringing"
    UP = "up"
    ENDED = "ended"


class Call:
    """A call from its first ring to its end.  Everything may be called at any time; what is over stays over.

    `origin` is the caller's leg.  While a service has the call (`served`), `on_key` hears the caller's keys, and
    `on_change` that they hold, changed their media, or are somebody else at another leg by now.  `recall` is the
    number that is rung if nobody takes it: that of who gave it away while it rang.
    """

    def __init__(self, desk: Desk, *, caller: Party, number: str) -> None:
        self.id = secrets.token_hex(8)
        self.number = number
        self.caller = caller
        self.callee = Party(number=number)
        self.direction = "inbound" if caller.external else "internal"
        self.trunk = caller.trunk
        self.state = CallState.DIALLING
        self.origin: Leg | None = None
        self.seats: list[Seat] = []
        self.served = False
        self.recall = ""
        self.on_key: Callable[[str], None] | None = None
        self.on_change: Callable[[], None] | None = None
        self.task: asyncio.Task[None] | None = None
        self._desk = desk
        self._tasks = Tasks(f"call {self.id}")
        self._bridge = desk.bridge()
        self._search: Search | None = None
        self._early: RingingDevice | None = None
        self._tone: asyncio.Task[None] | None = None
        self._leaving: Seat | None = None
        self._missed: set[str] = set()
        self.chronicle = Chronicle(self.id, desk.bus, desk.clock)

    @property
    def ringing(self) -> list[RingingDevice]:
        """The devices that ring now."""
        return self._search.devices if self._search is not None else []

    @property
    def over(self) -> bool:
        return self.state is CallState.ENDED

    @property
    def started(self) -> float:
        """The clock's seconds."""
        return self.chronicle.started

    @property
    def answered(self) -> float | None:
        """The clock's seconds, None before the first answer."""
        return self.chronicle.answered

    @property
    def started_at(self) -> datetime:
        return self.chronicle.started_at

    @property
    def answered_at(self) -> datetime | None:
        return self.chronicle.answered_at

    def others(self, seat: Seat) -> list[Seat]:
        return [each for each in self.seats if each is not seat]

    # Beginning

    async def route(self, attempt: Attempt) -> None:
        """Find whoever takes it; returns when the call is up, or over."""
        try:
            await self.settle(await self.find(attempt))
        except PbxError as error:
            _LOGGER.info("The call of %s to %s failed: %s", self.caller.shown, self.number, error)
            self.hang_up(OUT_OF_ORDER)
        except Exception:
            self.hang_up(OUT_OF_ORDER)
            raise

    def begin(self, leg: Leg, *, device: str = "") -> Seat:
        """Give the caller a seat."""
        self.origin = leg
        return self._sit(Seat(self.caller, leg, device, caller=True))

    async def summon(self, ask: Attempt, devices: list[Rung], attempt: Attempt) -> None:
        """Ring the caller's own devices; who answers becomes the caller of `attempt`."""
        plan = Ring(callee=self.caller, rungs=tuple(devices), seconds=_SUMMON)
        try:
            found = await self.find(ask, plan=plan)
            if not isinstance(found, Found):
                self._search = None  # who does not answer their own call has missed nothing
                self.hang_up(found if isinstance(found, Cause) else OUT_OF_ORDER)
                return
            found.leg.listener = None
            self.state, self._search = CallState.DIALLING, None
            self.begin(found.leg, device=found.device)
        except PbxError as error:
            _LOGGER.info("%s cannot be rung to call %s: %s", self.caller.shown, self.number, error)
            self.hang_up(OUT_OF_ORDER)
            return
        await self.route(attempt)

    async def invite(self, attempt: Attempt, service: Callable[[Call], Awaitable[None]], hear: Progress) -> None:
        """The PBX calls somebody by itself: who takes it is served.  A service that would take it is no somebody."""
        outcome = await self.find(attempt, hear)
        if not isinstance(outcome, Found):
            self.missed()
            self.hang_up(outcome if isinstance(outcome, Cause) else NO_ANSWER)
            return
        self._connect(outcome)
        self.origin, self.served = outcome.leg, True
        await service(self)
        self.hang_up(NORMAL)

    # What people do with it

    def hang_up(self, cause: Cause = NORMAL, by: str = "") -> None:
        """End it for everybody."""
        if self.over:
            return
        if by and any(seat.user == by and seat.party.private for seat in self.seats):
            by = ""
        if self.answered is None and not self.callee.user and (wanted := self._wanted()) is not None:
            self.callee = wanted  # refused before anything was rung
        self.chronicle.begins(self)
        self.missed()
        self.state = CallState.ENDED
        search, self._search = self._search, None
        if search is not None:
            search.stop(cause if cause.elsewhere else NORMAL)
        self._stop_tone()
        for seat in self.seats:
            self.chronicle.note_quality(seat)
        self._bridge.close()
        seats, self.seats = self.seats, []
        for seat in seats:
            seat.leg.listener = None
            seat.leg.hangup(cause)
        self.chronicle.ends(cause, by)
        self._desk.over(self)
        self.chronicle.changes()
        if self.task is not None and self.task is not _current_task():
            self.task.cancel()

    def remove(self, seat: Seat, cause: Cause = NORMAL) -> None:
        """One party leaves; the call ends if nobody is left to talk with."""
        if seat in self.seats:
            seat.leg.listener = None
            seat.leg.hangup(cause)
            self._left(seat, cause)

    def hold(self, seat: Seat) -> None:
        """Whoever sits here puts the others on hold: they hear music."""
        if seat in self.seats and not seat.holding and self.state is CallState.UP:
            seat.holding = True
            self._bridge.hold(seat.leg)
            self.chronicle.holds(seat)
            self.chronicle.changes()
            self._tell_service()

    def resume(self, seat: Seat) -> None:
        if seat in self.seats and seat.holding:
            seat.holding = False
            self._bridge.resume(seat.leg)
            self.chronicle.holds(seat)
            self.chronicle.changes()
            self._tell_service()

    def interrupt(self, tone: Tone, seconds: float) -> None:
        """Let everybody hear a tone instead of each other for a moment."""
        if self.state is CallState.UP and not self.served:
            self._tasks.spawn(self._bridge.interrupt(tone, seconds), name="tone")

    async def send_dtmf(self, seat: Seat, digits: str, *, how: str = "rfc4733", digit_ms: int = 250) -> None:
        """Press keys towards this seat's party.  Raises SipError or MediaError."""
        await seat.leg.send_dtmf(digits, how, digit_ms)

    def take(self, leg: Leg, party: Party, device: str = "") -> None:
        """`leg` answers the ringing call, as in pickup.  Raises Conflict if it rings no longer."""
        if self._search is None or not self.ringing:
            raise Conflict("This call does not ring any more.")
        self._search.take(Found(leg, party.user, device, party, picked_up=True))

    def join(self, rung: Rung) -> None:
        """One more device rings, as long as the call does."""
        if self._search is not None and self.ringing:
            self._search.join(rung)

    def release(self, seat: Seat) -> None:
        """Let a party go to another call, without hanging up on it."""
        if seat in self.seats:
            self.chronicle.note_quality(seat)
            self.seats.remove(seat)
            seat.leg.listener = None
            self._bridge.remove(seat.leg)

    def replace(self, seat: Seat, leg: Leg, party: Party, device: str = "", cause: Cause = NORMAL) -> None:
        """`leg` takes the seat's place (RFC 3891); who had it is hung up on."""
        old = seat.leg
        self.release(seat)
        new = Seat(party, leg, device, caller=seat.caller)
        if seat.caller:
            self.origin = leg
        self._sit(new)
        self._join(new)
        old.hangup(cause)
        if self.state is CallState.RINGING and self._early is None:
            self._play_ring_back(leg)
        self._show_each_other()
        self.chronicle.changes()
        self._tell_service()

    def transfer(
        self,
        seat: Seat,
        number: str,
        progress: Progress = lambda _: None,
        *,
        account: Account | None = None,
    ) -> None:
        """Blind: `seat` leaves once somebody else has taken its place; a refusal brings the call back to it.

        `account` is with whose rights the number is dialled.  Raises Conflict.
        """
        rest = self.others(seat)
        if self.state is not CallState.UP or self._leaving is not None or len(rest) != 1 or seat not in self.seats:
            raise Conflict("Only one party of a call between two can be transferred.")
        self._leaving = seat
        self.resume(seat)
        self._bridge.remove(seat.leg)
        self.task = self._tasks.spawn(self._transfer(seat, rest[0], number, progress, account), name="transfer")

    def transferred(self, seat: Seat, other: Seat) -> None:
        """Attended: the party of `other`, released from its own call, takes the place of `seat`."""
        self.chronicle.transfers(seat, other.party.public().number, attended=True)
        self.replace(seat, other.leg, other.party, other.device)

    def merge(self, other: Call, user: str) -> None:
        """Three in one call: everybody of `other` comes here; the second leg of `user` is hung up.  Raises Conflict."""
        mine, theirs = self.seat_of(user), other.seat_of(user)
        up = self.state is CallState.UP is other.state and not (self.served or other.served)
        if mine is None or theirs is None or not up:
            raise Conflict("A conference is made of two calls of one person, both answered.")
        if mine.holding and not theirs.holding:
            other.merge(self, user)
            return
        for seat in other.others(theirs):
            other.release(seat)
            seat.caller = False
            self._sit(seat)
            self._join(seat)
        other.hang_up(NORMAL, by=user)
        for seat in self.seats:
            self.resume(seat)
        self.chronicle.changes()

    def seat_of(self, user: str) -> Seat | None:
        return next((seat for seat in self.seats if seat.user == user), None)

    def stop(self) -> None:
        """Silence whatever the PBX plays to the caller; services call it before they speak."""
        self._stop_tone()
        if self.served:
            self.chronicle.speaks()

    # Looking for somebody

    async def find(self, attempt: Attempt, hear: Progress = lambda _: None, plan: Ring | None = None) -> Outcome:
        """Who takes this attempt; `hear` is told when somebody rings."""

        def ringing(device: RingingDevice) -> None:
            hear(180)
            self._ringing(device)

        def planned(callee: Party) -> None:
            if self.state is CallState.DIALLING and plan is None:
                self._calls(callee)

        hooks = SearchHooks(
            planned=planned,
            ringing=ringing,
            early=self._early_media,
            unheard=self._unheard,
            silent=self._silent,
            fewer=self._fewer,
        )
        self._search = search = Search(self._desk, clock=self._desk.clock, tasks=self._tasks, hooks=hooks)
        return await search.run(attempt, plan)

    async def settle(self, outcome: Outcome) -> None:
        match outcome:
            case Found():
                self._connect(outcome)
            case Serve():
                await self._serve(outcome)
            case Cause() if self.recall and self.origin is not None:
                self.missed()
                number, self.recall = self.recall, ""
                kept = next((seat.party for seat in self.seats if seat.leg is self.origin), self.caller)
                await self.settle(await self.find(Attempt(call=self, caller=kept, number=number, direct=True)))
            case Cause():
                self.hang_up(outcome)

    async def _serve(self, plan: Serve) -> None:
        if plan.missed:
            self.chronicle.begins(self)
            self.missed()
        self.served = True
        self._calls(plan.callee)
        self._stop_tone()
        self.state = CallState.UP
        self.chronicle.changes()
        await plan.run(self)
        if self.origin is not None and self.state is CallState.UP and self.served:
            self.hang_up(NORMAL)

    def _ringing(self, device: RingingDevice) -> None:
        first = device.user and self._search is not None and list(self._search.rang)[-1] == device.user
        if self.state is CallState.DIALLING:
            self.state = CallState.RINGING
        origin = self.origin
        if origin is not None and self._early is None:
            if origin.state in {LegState.ANSWERED, LegState.EARLY}:
                self._play_ring_back(origin)
            else:
                origin.ring()
        if first:
            self.chronicle.rings(device.user, device.device, self._own_name(device.user))
        self.chronicle.changes()

    def _early_media(self, device: RingingDevice) -> None:
        """The first device that speaks before its answer is heard."""
        origin = self.origin
        if origin is None or self._early is not None:
            return
        self._early = device
        self._stop_tone()
        origin.prefer(device.leg.audio.codec)
        origin.early_media()
        self._bridge.add(origin)
        self._bridge.add(device.leg)

    def _unheard(self) -> None:
        if self._early is not None:
            self._bridge.remove(self._early.leg)
            self._early = None

    def _silent(self, device: RingingDevice) -> None:
        """What the caller heard before an answer has gone: another device is heard, or it rings."""
        if self._early is not device or self.origin is None:
            return
        self._unheard()
        if (other := next((each for each in self.ringing if each.early), None)) is not None:
            self._early_media(other)
        else:
            self._play_ring_back(self.origin)

    def _fewer(self) -> None:
        """Whoever is not rung any more is shown so; before the first ring nobody was."""
        if self.state is not CallState.DIALLING:
            self.chronicle.changes()

    def _connect(self, found: Found) -> None:
        if self.over:
            found.leg.hangup(NORMAL)
            return
        self._stop_tone()
        if self._early is not None and self._early.leg is not found.leg:
            self._unheard()
        party = self._desk.party_of(found.user) if found.user else found.callee
        seat = self._sit(Seat(party or found.callee, found.leg, found.device))
        origin = self.origin
        transferred = self.answered is not None
        if origin is not None:
            if not transferred and not seat.party.external and seat.party.number != self.number:
                origin.show(seat.party.public().name, seat.party.public().number)  # who took a team's call, say
            origin.prefer(found.leg.audio.codec)
            origin.answer()
            if origin.state is LegState.ENDED:
                self.hang_up(NO_CODEC)
                return
            self._bridge.add(origin)
        if found.picked_up and not transferred:
            caller = self._desk.known_to(found.user, self.caller).public()
            found.leg.show(caller.name, caller.number)
        self._join(seat)
        self.state = CallState.UP
        self.chronicle.answers(seat)
        self.chronicle.changes()
        if seat.leg.state is LegState.ENDED:  # gone again before we heard of the answer
            self._left(seat, NORMAL)
        elif transferred:
            self._show_each_other()

    def _calls(self, callee: Party) -> None:
        """It is known now whom the caller calls."""
        if self.answered is None:
            self.callee = callee
            if callee.external and not self.trunk:
                self.direction, self.trunk = "outbound", callee.trunk
        self.chronicle.begins(self)

    def _join(self, seat: Seat) -> None:
        """Bring a party to the others' ears; one that is not up yet is answered in a codec that suits them."""
        others = self.others(seat)
        leg = seat.leg
        if others:
            leg.prefer(others[0].leg.audio.codec)
        leg.answer()
        self._bridge.add(leg)

    # Transfer

    async def _transfer(self, seat: Seat, kept: Seat, number: str, progress: Progress, account: Account | None) -> None:
        try:
            await hand_over(self, seat, kept, number, progress, account)
        except PbxError as error:
            _LOGGER.info("The transfer to %s failed: %s", number, error)
            self.hang_up(OUT_OF_ORDER)
        finally:
            self._leaving = None

    def readmit(self, seat: Seat) -> None:
        """Nobody took the call: who gave it away is heard again."""
        self._stop_tone()
        self._bridge.add(seat.leg)
        self.chronicle.changes()

    def missed(self) -> None:
        """Those whose devices rang in vain are told, or who was called and could not be rung: away, busy or resting."""
        search = self._search
        if search is None or self.served or (self.answered is not None and self._leaving is None):
            return
        users = set(search.rang)
        if not users and self.origin is not None and (wanted := self._wanted()) is not None:
            users.add(wanted.user)
        users -= search.declined | self._missed | {self.caller.user}
        self._missed |= users
        self.chronicle.misses(self.caller, {user: self._own_name(user) for user in users})

    def _wanted(self) -> Party | None:
        """The person of the house who was called, whoever the call was passed on to since."""
        numbers = self._search.numbers if self._search is not None else []
        return next((party for number in numbers if (party := self._desk.party_of_number(number)).user), None)

    def _own_name(self, user: str) -> str:
        """The caller in the user's own phonebook, "" where they are not there."""
        known = self._desk.known_to(user, self.caller)
        return "" if known is self.caller else known.name

    # What parties do

    def _sit(self, seat: Seat) -> Seat:
        self.seats.append(seat)
        seat.leg.listener = lambda event: self._heard(seat, event)
        return seat

    def _heard(self, seat: Seat, event: LegEvent) -> None:
        match event:
            case Ended(cause=cause):
                self._left(seat, cause)
            case Dtmf(digit=digit):
                self._pressed(seat, digit)
            case MediaChanged(held=True):
                self.hold(seat)
            case MediaChanged(held=held):
                if held is not None:
                    self.resume(seat)
                self._bridge.changed(seat.leg)
                self._tell_service()
            case TransferRequested():
                if self._desk.on_transfer is not None and not self.over:
                    self._desk.on_transfer(self, seat, event)
                else:
                    event.progress(NOT_IMPLEMENTED.status)
            case _:
                pass

    def _left(self, seat: Seat, cause: Cause) -> None:
        if seat not in self.seats:
            return
        if self._leaving is seat:  # who gives the call away need not wait for how that ends
            self.chronicle.note_quality(seat)
            self.seats.remove(seat)
            self.chronicle.changes()
            return
        if len(self.seats) > 2:
            self.chronicle.note_quality(seat)
            self.seats.remove(seat)
            self._bridge.remove(seat.leg)
            self._show_each_other()
            self.chronicle.changes()
            return
        self.hang_up(cause, by=seat.user)

    def _pressed(self, seat: Seat, digit: str) -> None:
        if self.served and self.on_key is not None:  # a PIN, perhaps, which nobody else is told
            self.on_key(digit)
        else:
            self.chronicle.presses(seat, digit)
            self._bridge.key(seat.leg, digit)

    def _tell_service(self) -> None:
        if self.served and self.on_change is not None:
            self.on_change()

    def _show_each_other(self) -> None:
        """Displays show who is there now (RFC 5876)."""
        if len(self.seats) == 2:
            first, second = self.seats
            for seat, other in ((first, second), (second, first)):
                party = self._desk.known_to(seat.user, other.party).public()
                seat.leg.show(party.name, party.number)

    # Tones

    def _play_ring_back(self, leg: Leg) -> None:
        if self._tone is None:
            self._tone = self._tasks.spawn(play(leg.audio, self._desk.clock, RING_BACK), name="ring-back tone")

    def _stop_tone(self) -> None:
        if self._tone is not None:
            self._tone.cancel()
            self._tone = None


def _current_task() -> asyncio.Task[object] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None
