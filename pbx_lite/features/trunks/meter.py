"""The minutes of calls to the outside while they run: who has used up those of the hour is warned, then cut off."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Protocol

from pbx_lite.calls.call import Call
from pbx_lite.calls.leg import NOT_ALLOWED, Leg, LegState
from pbx_lite.calls.seat import Seat
from pbx_lite.clock import Clock, Timer
from pbx_lite.features.trunks.rights import Limits
from pbx_lite.media.tones import Tone

_LOGGER = logging.getLogger(__name__)
WARNING = 30.0
"""Seconds before the end at which everybody in the call hears a tone."""
TONE = Tone((1400,), (0.4, 4.6), level=0.1)
TONE_SECONDS = 0.4
_SOONEST = 0.05


class Seats(Protocol):
    """What is asked of the switchboard."""

    def seat_of(self, leg: Leg) -> tuple[Call, Seat] | None: ...


@dataclass(frozen=True, slots=True, eq=False)
class Toll:
    """One party outside that somebody pays for: `call` is the one it was rung for, wherever it is by now."""

    call: str
    user: str
    title: str
    number: str
    leg: Leg


class Meter:
    """Counts from each answer outside to its end, through transfers and conferences; all calls of a payer together.

    `tell(user, number, reason)` is told of a call that is ended.  Times are the clock's seconds.
    """

    def __init__(
        self, limits: Limits, *, switchboard: Seats, clock: Clock, tell: Callable[[str, str, str], None]
    ) -> None:
        self._limits = limits
        self._switchboard = switchboard
        self._clock = clock
        self._tell = tell
        self._tolls: list[Toll] = []
        self._over: set[str] = set()
        self._warned: set[Toll] = set()
        self._timer: Timer | None = None

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def began(self, toll: Toll) -> None:
        """Somebody outside is rung."""
        self._tolls.append(toll)
        self._limits.began(toll.user, toll.call, self._clock.time())

    def changed(self) -> None:
        """Calls were answered, or changed, or ended."""
        if self._tolls:
            self._look()

    def over(self, call: str) -> None:
        """The call has ended, though whom it rang may be in another one by now."""
        if any(toll.call == call for toll in self._tolls):
            self._over.add(call)
            self._look()

    def _look(self) -> None:
        now = self._clock.time()
        answered = {(toll.call, toll.user) for toll in self._tolls if toll.leg.state is LegState.ANSWERED}
        for call, user in {(toll.call, toll.user) for toll in self._tolls}:
            count = self._limits.answered if (call, user) in answered else self._limits.hung_up
            count(call, now, user)
        alive = {toll.call for toll in self._tolls if toll.leg.state is not LegState.ENDED}
        for call in self._over - alive:
            self._limits.ended(call, now)
            self._forget(call)
        self._watch(now)

    def _forget(self, call: str) -> None:
        self._over.discard(call)
        self._tolls = [toll for toll in self._tolls if toll.call != call]
        self._warned &= set(self._tolls)

    def _watch(self, now: float) -> None:
        """End what may last no longer, warn of what may not last long, and look again when the next is due."""
        next_look = inf
        for toll in [toll for toll in self._tolls if toll.leg.state is LegState.ANSWERED]:
            left = self._limits.left(toll.user, now)
            if left <= 0:
                self._end(toll)
                continue
            if left <= WARNING and toll not in self._warned:
                self._warn(toll)
            next_look = min(next_look, left if toll in self._warned else left - WARNING)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if next_look < inf:
            self._timer = self._clock.call_later(max(next_look, _SOONEST), self._look)

    def _warn(self, toll: Toll) -> None:
        self._warned.add(toll)
        if (found := self._switchboard.seat_of(toll.leg)) is not None:
            found[0].interrupt(TONE, TONE_SECONDS)

    def _end(self, toll: Toll) -> None:
        why = self._limits.refusal(toll.user, self._clock.time())
        reason = f"{toll.title}'s call to {toll.number} was ended: {why}."
        _LOGGER.warning("%s", reason)
        found = self._switchboard.seat_of(toll.leg)
        if found is None:
            toll.leg.hangup(NOT_ALLOWED)
        else:
            call, seat = found
            call.remove(seat, NOT_ALLOWED)
        self._tell(toll.user, toll.number, reason)
