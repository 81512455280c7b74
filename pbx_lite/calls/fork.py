"""Rings the devices of a plan: all that are due, until one answers or none is left (RFC 3261 section 16.7)."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import field, replace
from functools import partial

from pbx_lite.calls.identity import LONGEST_NUMBER
from pbx_lite.calls.leg import (
    BUSY,
    ELSEWHERE,
    NO_ANSWER,
    NO_CODEC,
    NORMAL,
    OUT_OF_ORDER,
    REJECTED,
    UNREACHABLE,
    Answered,
    Cause,
    EarlyMedia,
    Ended,
    Leg,
    LegEvent,
    LegState,
    Ringing,
)
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Ring, Rung
from pbx_lite.clock import Clock, Timer
from pbx_lite.errors import PbxError
from pbx_lite.sip.uri import SipUri
from pbx_lite.tasks import Tasks
from pbx_lite.values import dataclass

_LOGGER = logging.getLogger(__name__)
_TELLING = (REJECTED, BUSY, NO_CODEC, NO_ANSWER)
"""What the caller is told rather than anything else, if one device said it; UNREACHABLE is told if all were."""


@dataclass(eq=False, slots=True)
class RingingDevice:
    """One device while it rings; `early` once it gives sound before the answer."""

    rung: Rung
    leg: Leg
    early: bool = False
    timers: list[Timer] = field(default_factory=list)

    @property
    def user(self) -> str:
        return self.rung.target.user

    @property
    def device(self) -> str:
        return self.rung.target.device


@dataclass(frozen=True, slots=True)
class ForkHooks:
    """What the call hears.  Of `answered` and `failed` one comes, once, unless the fork is stopped before."""

    ringing: Callable[[RingingDevice], None]
    early: Callable[[RingingDevice], None]
    silent: Callable[[RingingDevice], None]
    """It spoke before its answer and has gone; others ring on."""
    fewer: Callable[[], None]
    """A device rings no longer; others do, or will."""
    answered: Callable[[RingingDevice], None]
    failed: Callable[[Cause, tuple[str, ...]], None]


class Fork:
    """`await start()` rings what is due at once; the rest follows by the clock.

    `known_to` says by which name a user knows the caller: each is shown their own.
    """

    def __init__(
        self,
        attempt: Attempt,
        plan: Ring,
        *,
        clock: Clock,
        tasks: Tasks,
        hooks: ForkHooks,
        known_to: Callable[[str, Party], Party] = lambda _, party: party,
    ) -> None:
        self.devices: list[RingingDevice] = []
        self._attempt = attempt
        self._plan = plan
        self._clock = clock
        self._tasks = tasks
        self._hooks = hooks
        self._known_to = known_to
        self._waiting = 0
        self._causes: list[Cause] = []
        self._redirects: tuple[str, ...] = ()
        self._later: list[Rung] = []
        self._timers: list[Timer] = []
        self._over = False

    async def start(self) -> None:
        later = self._later = [rung for rung in self._plan.rungs if rung.after > 0]
        self._waiting = len(self._plan.rungs)
        self._timers.append(self._clock.call_later(self._plan.seconds, self._timed_out))
        for rung in tuple(later):
            self._timers.append(self._clock.call_later(rung.after, partial(self._due, rung)))
        for rung in self._plan.rungs:
            if rung.after <= 0:
                await self._ring(rung)
        if not self._plan.rungs:
            self._fail()

    def stop(self, cause: Cause = NORMAL, keep: RingingDevice | None = None) -> None:
        """Every device stops ringing, except the one that is kept; nothing is told any more."""
        self._over = True
        for timer in self._timers:
            timer.cancel()
        devices, self.devices = self.devices, []
        for device in devices:
            _forget(device)
            if device is not keep:
                device.leg.listener = None
                device.leg.hangup(cause)

    def add(self, rung: Rung) -> None:
        """A device joins in, as one that registers while the others ring."""
        if not self._over:
            self._waiting += 1
            self._later.append(rung)
            self._due(rung)

    # Inside

    def _due(self, rung: Rung) -> None:
        if not self._over and rung in self._later:
            self._later.remove(rung)
            self._tasks.spawn(self._ring(rung), name="ring")

    async def _ring(self, rung: Rung) -> None:
        attempt = self._attempt
        if (caller := self._known_to(rung.target.user, attempt.caller)) is not attempt.caller:
            attempt = replace(attempt, caller=caller)
        try:
            leg = await rung.target.ring(attempt)
        except PbxError as error:
            _LOGGER.info("%s of %s cannot be rung: %s", rung.target.device, rung.target.user or "nobody", error)
            self._lost(OUT_OF_ORDER)
            return
        if self._over:
            leg.hangup(ELSEWHERE)
            return
        device = RingingDevice(rung, leg)
        self.devices.append(device)
        if leg.state is LegState.ENDED:
            self._ended(device, Ended(OUT_OF_ORDER))
            return
        leg.listener = lambda event: self._heard(device, event)
        if rung.seconds is not None:
            device.timers.append(self._clock.call_later(rung.seconds, lambda: self._silence(device)))

    def _heard(self, device: RingingDevice, event: LegEvent) -> None:
        if self._over:
            return
        match event:
            case Ringing():
                self._hooks.ringing(device)
            case EarlyMedia():
                device.early = True
                self._hooks.early(device)
            case Answered():
                self.stop(ELSEWHERE, keep=device)
                self._hooks.answered(device)
            case Ended():
                self._ended(device, event)
            case _:
                pass

    def _ended(self, device: RingingDevice, event: Ended) -> None:
        _forget(device)
        if device in self.devices:
            self.devices.remove(device)
        self._redirects = self._redirects or event.redirects
        if event.cause.status >= 600:
            self._declines(device, event.cause)
        self._lost(event.cause)
        if self._over:
            return
        if device.early:
            self._hooks.silent(device)
        self._hooks.fewer()

    def _declines(self, device: RingingDevice, cause: Cause) -> None:
        """Nobody is to be asked any more (RFC 3261 section 21.6): for whom it rang there, not for others of a team."""
        if not device.user:
            self._waiting = 1
            return
        for rung in [each for each in self._later if each.target.user == device.user]:
            self._later.remove(rung)
            self._lost(cause)
        for other in [each for each in self.devices if each.user == device.user]:
            _forget(other)
            self.devices.remove(other)
            other.leg.listener = None
            other.leg.hangup(ELSEWHERE)
            self._lost(cause)

    def _silence(self, device: RingingDevice) -> None:
        """Its time is over, that of others may not be."""
        if not self._over and device in self.devices:
            device.leg.listener = None
            device.leg.hangup(NO_ANSWER)
            self._ended(device, Ended(NO_ANSWER))

    def _lost(self, cause: Cause) -> None:
        self._causes.append(cause)
        self._waiting -= 1
        if self._waiting <= 0:
            self._fail()

    def _timed_out(self) -> None:
        self._causes.append(NO_ANSWER)
        self._fail(NO_ANSWER)

    def _fail(self, with_cause: Cause = ELSEWHERE) -> None:
        if self._over:
            return
        self.stop(with_cause)
        self._hooks.failed(worst_of(self._causes), self._redirects)


def worst_of(causes: Iterable[Cause]) -> Cause:
    """What a caller is told when several devices could not take the call: what says most about the person."""
    seen = list(causes)
    for cause in _TELLING:
        if cause in seen:
            return cause
    return next((cause for cause in seen if cause is not UNREACHABLE), UNREACHABLE)


def number_of(uri: str) -> str:
    """The number in a URI that somebody gave us, "" where there is none, or a huge one."""
    try:
        number = SipUri.parse(uri).user or ""
    except PbxError:
        return ""
    return number if len(number) <= LONGEST_NUMBER and number.isprintable() else ""


def _forget(device: RingingDevice) -> None:
    for timer in device.timers:
        timer.cancel()
