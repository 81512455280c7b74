"""What a call tells the world: its events, and what its lines were like."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pbx_lite.calls.leg import Cause
from pbx_lite.calls.party import Party
from pbx_lite.calls.seat import Seat
from pbx_lite.clock import Clock
from pbx_lite.events import (
    CallAnswered,
    CallChanged,
    CallDtmf,
    CallEnded,
    CallHeld,
    CallMissed,
    CallResumed,
    CallRinging,
    CallStarted,
    CallTransferred,
    EventBus,
    Quality,
)

if TYPE_CHECKING:
    from pbx_lite.calls.call import Call


class Chronicle:
    """`started` and `answered` are the clock's seconds, `…_at` the time of day.  Private parties are nobody here."""

    def __init__(self, call_id: str, bus: EventBus, clock: Clock) -> None:
        self.started = clock.time()
        self.started_at = datetime.now(UTC)
        self.answered: float | None = None
        self.answered_at: datetime | None = None
        self._call = call_id
        self._bus = bus
        self._clock = clock
        self._told = False
        self._quality: list[Quality] = []

    def begins(self, call: Call) -> None:
        """Told once, as soon as it is known who is called."""
        if self._told:
            return
        self._told = True
        caller, callee = call.caller.public(), call.callee
        self._bus.publish(
            CallStarted(
                call=call.id,
                caller=caller.number,
                caller_name=caller.name,
                caller_user=caller.user,
                number=call.number,
                callee_name=callee.name,
                callee_user=callee.user,
                direction=call.direction,
                trunk=call.trunk,
            )
        )

    def rings(self, user: str, device: str, known_as: str = "") -> None:
        self._bus.publish(CallRinging(call=self._call, user=user, device=device, known_as=known_as))

    def speaks(self) -> None:
        """From now on the call lasts: somebody took it, or the PBX itself speaks, of which no event tells."""
        if self.answered is None:
            self.answered = self._clock.time()
            self.answered_at = datetime.now(UTC)

    def answers(self, seat: Seat) -> None:
        self.speaks()
        party = seat.party.public()
        device = "" if party.private else seat.device
        self._bus.publish(CallAnswered(call=self._call, by=party.user, number=party.number, device=device))

    def holds(self, seat: Seat) -> None:
        kind = CallHeld if seat.holding else CallResumed
        self._bus.publish(kind(call=self._call, by=seat.party.public().user))

    def presses(self, seat: Seat, digit: str) -> None:
        party = seat.party.public()
        self._bus.publish(CallDtmf(call=self._call, digit=digit, user=party.user, number=party.number))

    def transfers(self, seat: Seat, number: str, *, attended: bool = False) -> None:
        by = seat.party.public().user
        self._bus.publish(CallTransferred(call=self._call, by=by, number=number, attended=attended))

    def misses(self, caller: Party, users: Mapping[str, str]) -> None:
        """`users` are those who missed it, each with their own name for the caller, if they have one."""
        caller = caller.public()
        for user, known_as in users.items():
            self._bus.publish(
                CallMissed(
                    call=self._call,
                    user=user,
                    caller=caller.number,
                    caller_name=caller.name,
                    known_as=known_as,
                )
            )

    def changes(self) -> None:
        self._bus.publish(CallChanged(call=self._call))

    def ends(self, cause: Cause, by: str) -> None:
        seconds = 0.0 if self.answered is None else self._clock.time() - self.answered
        self._bus.publish(
            CallEnded(
                call=self._call,
                cause=cause.q850,
                reason=cause.text,
                by=by,
                seconds=round(seconds, 3),
                answered=self.answered is not None,
                quality=tuple(self._quality),
            )
        )

    def note_quality(self, seat: Seat) -> None:
        """A party leaves: keep what its line was like."""
        seen = seat.leg.quality()
        if seen is not None:
            self._quality.append(
                Quality(
                    number=seat.party.public().number,
                    received=seen.received,
                    lost=seen.lost,
                    jitter=round(seen.jitter * 1000, 1),
                    round_trip=None if seen.round_trip is None else round(seen.round_trip * 1000, 1),
                    codec=seen.codec,
                )
            )
