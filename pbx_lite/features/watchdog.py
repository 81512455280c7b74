"""Ends calls whose party is gone without a word: no sound and no report of it for a minute, or never any at all."""

import logging

from pbx_lite.calls.call import Call, CallState
from pbx_lite.calls.leg import TIMED_OUT, Leg
from pbx_lite.calls.seat import Seat
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.clock import Clock, Timer
from pbx_lite.events import CallAnswered, Event, EventBus, RoomJoined
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)

SILENT_SECONDS = 60.0
"""A party that was heard and no longer is: even a muted phone reports on what it hears (RTCP)."""
UNHEARD_SECONDS = 120.0
"""A party that was never heard may be muted since the beginning: so often its phone is asked whether it is there."""
UNHEARD_MOST = 900.0
"""A phone that is there, but neither speaks nor reports for so long, sends its sound into the void."""
LOOK_SECONDS = 10.0


class Watchdog:
    """Looks at all calls with one timer, which only runs while there are calls.

    Who holds the others, or listens only, is left alone: session timers find out about those.
    """

    def __init__(self, *, switchboard: Switchboard, bus: EventBus, clock: Clock) -> None:
        self._switchboard = switchboard
        self._clock = clock
        self._timer: Timer | None = None
        self._due_at = 0.0
        self._ask_at: dict[Leg, float] = {}
        self._tasks = Tasks("watchdog")
        self._forget = bus.listen(self._heard, CallAnswered, RoomJoined)

    async def close(self) -> None:
        self._forget()
        if self._timer is not None:
            self._timer.cancel()
        await self._tasks.close()

    def _heard(self, event: Event) -> None:
        if self._timer is None and isinstance(event, CallAnswered | RoomJoined):
            self._look_again()

    def _look_again(self) -> None:
        self._due_at = self._clock.time() + LOOK_SECONDS
        self._timer = self._clock.call_later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        now = self._clock.time()
        self._timer = None
        up = [call for call in self._switchboard.calls.values() if call.state is CallState.UP]
        seats = [(call, seat) for call in up for seat in call.seats]
        if now - self._due_at < LOOK_SECONDS:  # else the clock has jumped, and nobody could be heard meanwhile
            for call, seat in seats:
                self._look_at(call, seat, now)
        there = {seat.leg for _, seat in seats}
        self._ask_at = {leg: at for leg, at in self._ask_at.items() if leg in there}
        if self._switchboard.calls:
            self._look_again()

    def _look_at(self, call: Call, seat: Seat, now: float) -> None:
        leg = seat.leg
        unheard = leg.unheard_for(now)
        if leg.silent_for(now) >= SILENT_SECONDS:
            self._gone(call, seat, f"Nothing was heard for {SILENT_SECONDS:.0f} seconds")
        elif unheard >= UNHEARD_MOST:
            self._gone(call, seat, f"Nothing was ever heard in {UNHEARD_MOST:.0f} seconds")
        elif unheard >= UNHEARD_SECONDS and now >= self._ask_at.get(leg, 0.0):
            self._ask_at[leg] = now + UNHEARD_SECONDS
            self._tasks.spawn(self._ask(call, seat), name="ask who was never heard")

    async def _ask(self, call: Call, seat: Seat) -> None:
        if not await seat.leg.is_there():
            self._gone(call, seat, "Nothing was ever heard and the phone knows of no call")

    def _gone(self, call: Call, seat: Seat, why: str) -> None:
        if seat in call.seats:
            _LOGGER.info("%s of %s: hung up", why, seat.party.shown)
            call.remove(seat, TIMED_OUT)
