"""Ends calls whose party is gone without a word: no sound and no report of it for a minute."""

import logging

from pbx_lite.calls.call import CallState
from pbx_lite.calls.leg import TIMED_OUT
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.clock import Clock, Timer
from pbx_lite.events import CallAnswered, Event, EventBus, RoomJoined

_LOGGER = logging.getLogger(__name__)

SILENT_SECONDS = 60.0
LOOK_SECONDS = 10.0


class Watchdog:
    """Looks at all calls with one timer, which only runs while there are calls.

    Who holds the others, or was never heard, is left alone: session timers find out about those.
    """

    def __init__(self, *, switchboard: Switchboard, bus: EventBus, clock: Clock) -> None:
        self._switchboard = switchboard
        self._clock = clock
        self._timer: Timer | None = None
        self._forget = bus.listen(self._heard, CallAnswered, RoomJoined)

    async def close(self) -> None:
        self._forget()
        if self._timer is not None:
            self._timer.cancel()

    def _heard(self, event: Event) -> None:
        if self._timer is None and isinstance(event, CallAnswered | RoomJoined):
            self._timer = self._clock.call_later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        now = self._clock.time()
        gone = [
            (call, seat)
            for call in self._switchboard.calls.values()
            if call.state is CallState.UP
            for seat in call.seats
            if seat.leg.silent_for(now) >= SILENT_SECONDS
        ]
        for call, seat in gone:
            _LOGGER.info("Nothing was heard of %s for %d seconds: hung up", seat.party.shown, SILENT_SECONDS)
            call.remove(seat, TIMED_OUT)
        self._timer = self._clock.call_later(LOOK_SECONDS, self._look) if self._switchboard.calls else None
