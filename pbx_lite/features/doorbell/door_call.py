"""One call with a door, whoever began it: a ring that everybody's devices share, or a look and a talk on our wish."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from pbx_lite.calls.bridge import Listeners, feed
from pbx_lite.calls.leg import (
    ELSEWHERE,
    NO_ANSWER,
    NORMAL,
    NOT_IMPLEMENTED,
    OUT_OF_ORDER,
    Answered,
    Cause,
    Dtmf,
    EarlyMedia,
    Ended,
    Leg,
    LegEvent,
    LegState,
    TransferRequested,
)
from pbx_lite.clock import Clock, Timer
from pbx_lite.directory import User
from pbx_lite.errors import Conflict, PbxError, Unavailable
from pbx_lite.features.doorbell.keypad import Keypad
from pbx_lite.features.doorbell.ring import Ring, RingAction, RingInput, RingState
from pbx_lite.media import tones
from pbx_lite.media.port import AudioPort, VideoPort
from pbx_lite.tasks import spawn

_LOGGER = logging.getLogger(__name__)
DEAD_SECONDS = 60.0
PULSE_SECONDS = 5.0
SETUP_SECONDS = 15.0
"""How long a station that we call may take to answer; all known ones answer by themselves."""


class Purpose(Enum):
    RING = "ring"
    LOOK = "look"
    """We called the door; it ends when nobody looks or talks any more."""


@dataclass(slots=True)
class Talker:
    """Whoever speaks with the visitor: over a phone's leg, or over the microphones of all of a user's browsers."""

    name: str
    leg: Leg | None = None
    microphone: AudioPort | None = None


@dataclass(frozen=True, slots=True)
class CallHooks:
    """What the door's line wants to be told.  `show` lets a phone see the door's picture until the result is called.

    `message` has a visitor whom nobody answers speak a message; it returns whether one could be left, and is cancelled
    when somebody comes after all.  `transfer` hears that the user who speaks gives the call away.
    """

    answered: Callable[[DoorCall, str, str], None]
    missed: Callable[[DoorCall], None]
    ended: Callable[[DoorCall, str], None]
    changed: Callable[[], None]
    picture: Callable[[DoorCall], None]
    show: Callable[[VideoPort], Callable[[], None]]
    keyed: Callable[[DoorCall, str], None]
    message: Callable[[DoorCall], Awaitable[bool]] | None = None
    transfer: Callable[[DoorCall, str, TransferRequested], None] | None = None


class DoorCall:
    """`leg` is the door's.  `ring` is None when we called the door; `on_over` is called once, at the end."""

    def __init__(
        self,
        leg: Leg,
        *,
        ring: Ring | None,
        hooks: CallHooks,
        clock: Clock,
        code: str,
        ring_seconds: float,
        late_seconds: float,
    ) -> None:
        self.leg = leg
        self.ring = ring
        self.talker: Talker | None = None
        self.listeners = Listeners()
        self.on_over: Callable[[], None] | None = None
        self._hooks = hooks
        self._clock = clock
        self._code = code
        self._late_seconds = late_seconds
        self._devices: dict[Leg, str] = {}
        self._screens: dict[Leg, Callable[[], None]] = {}
        self._keypad = Keypad(code)
        self._tone: asyncio.Task[None] | None = None
        self._message: asyncio.Task[None] | None = None
        self._timer: Timer | None = None
        self._ended = False
        leg.listener = self._door_happened
        leg.audio.sink = self.listeners
        self._waiting: Leg | None = None
        self._pulse: Timer | None = None
        self._ask_after = DEAD_SECONDS
        self.was_up = leg.state is LegState.ANSWERED
        self._settled = asyncio.Event()
        if ring is not None:
            self._timer = clock.call_later(ring_seconds, self._timed_out)
        else:
            self._timer = clock.call_later(SETUP_SECONDS, lambda: self._finish("", NO_ANSWER))
        self._watch_media()

    @property
    def purpose(self) -> Purpose:
        return Purpose.LOOK if self.ring is None else Purpose.RING

    @property
    def never_up(self) -> bool:
        """Whether we called the door in vain."""
        return self.ring is None and not self.was_up

    @property
    def ended(self) -> bool:
        return self._ended

    @property
    def rings_devices(self) -> bool:
        """Whether one more device may join in ringing."""
        waits = self.ring is None or self.ring.state is RingState.RINGING
        return waits and self.talker is None and not self._ended

    async def until_up(self) -> None:
        """Wait until the station that we call has answered.  Raises Unavailable when it does not."""
        if not self.was_up:
            await self._settled.wait()
        if self._ended:
            raise Unavailable("The station did not answer the call.")

    def play_ring_back(self) -> None:
        """Let the visitor hear that it rings, where the station does not play that itself."""
        self._tone = spawn(tones.play(self.leg.audio, self._clock), name="ring-back")

    def fork(self, user: str, leg: Leg) -> None:
        """One more device rings for `user`."""
        self._devices[leg] = user
        leg.listener = lambda event: self._device_happened(leg, event)

    def answer_by_browser(self, user: User | None, microphone: AudioPort) -> None:
        """The first sound of a viewer's microphone.  Raises Conflict when somebody else is speaking already."""
        name = user.name if user else "system"
        if self.talker is not None:
            if self.talker.leg is None and self.talker.name == name:
                self.talker.microphone = microphone
                microphone.sink = feed(self.leg.audio)
                return
            raise Conflict(f"{self.talker.name} is speaking with the door.")
        self._take(Talker(name, microphone=microphone), "browser")
        microphone.sink = feed(self.leg.audio)

    def phone_joins(self, user: str, leg: Leg) -> None:
        """A phone that dialled the door takes a ring, or waits until the door we call answers.  Raises Conflict."""
        if self.talker is not None:
            raise Conflict(f"{self.talker.name} is speaking with the door.")
        self.fork(user, leg)
        self._take(Talker(user, leg=leg), "phone")
        if self.never_up:
            self._waiting = leg
            leg.early_media()
            return
        leg.answer()
        self.join(leg)

    def passed_to(self, user: str, leg: Leg) -> None:
        """`leg`, which is up, takes the place of the phone that speaks; that is hung up on."""
        old = self.talker.leg if self.talker is not None else None
        self.talker = Talker(user, leg=leg)
        self._devices[leg] = user
        leg.listener = lambda event: self._device_happened(leg, event)
        if old is not None:
            old.listener = None
            self._device_gone(old)
            old.hangup(NORMAL)
        self.join(leg)
        self._hooks.changed()

    def hang_up(self, by: str, cause: Cause = NORMAL) -> None:
        self._finish(by, cause)

    def _take(self, talker: Talker, device: str) -> None:
        """`talker` answers; the first one wins."""
        if self.talker is not None:
            raise Conflict(f"{self.talker.name} answered already.")
        self.talker = talker
        self._stop_tone()
        self._stop_message()
        self.leg.answer()
        if self.ring is None:
            self._hooks.changed()
            return
        self._cancel_timer()
        self.ring.answered_by = talker.name
        for action in self.ring.take(RingInput.ANSWER):
            if action is RingAction.CANCEL_OTHERS:
                self._cancel_devices(ELSEWHERE, keep=talker.leg)
            elif action is RingAction.ANNOUNCE_ANSWER:
                self._hooks.answered(self, talker.name, device)

    def _door_happened(self, event: LegEvent) -> None:
        match event:
            case TransferRequested(progress=progress):
                progress(NOT_IMPLEMENTED.status)
            case Ended():
                self._finish("door", NORMAL)
            case EarlyMedia():
                self._hooks.picture(self)
            case Answered():
                self._door_answered()
            case _:
                pass

    def _door_answered(self) -> None:
        self.was_up = True
        self._settled.set()
        self._cancel_timer()
        self._hooks.picture(self)
        if (leg := self._waiting) is not None:
            self._waiting = None
            leg.answer()
            self.join(leg)
        self._hooks.changed()

    def _device_happened(self, leg: Leg, event: LegEvent) -> None:
        match event:
            case EarlyMedia():
                self._show(leg)
            case Answered():
                self._device_answered(leg)
            case Dtmf(digit=digit):
                if self._keypad.press(digit):
                    self._hooks.keyed(self, self._devices.get(leg, ""))
            case TransferRequested():
                self._wants_to_pass(leg, event)
            case Ended():
                self._device_gone(leg)
            case _:
                pass

    def _wants_to_pass(self, leg: Leg, wish: TransferRequested) -> None:
        """Only who speaks with the door gives its call away."""
        if self._hooks.transfer is None or self.talker is None or self.talker.leg is not leg:
            wish.progress(NOT_IMPLEMENTED.status)
        else:
            self._hooks.transfer(self, self.talker.name, wish)

    def _show(self, leg: Leg) -> None:
        """The phone took our SDP: it sees the door before anybody answers."""
        if leg.video is not None and leg not in self._screens:
            self._screens[leg] = self._hooks.show(leg.video)

    def _device_answered(self, leg: Leg) -> None:
        user = self._devices.get(leg, "")
        if self.talker is not None or (self.ring is not None and not self.ring.open_to_answer):
            leg.hangup(ELSEWHERE)
            return
        self._take(Talker(user, leg=leg), "phone")
        self.join(leg)

    def join(self, leg: Leg) -> None:
        """Let a phone and the door hear and see each other."""
        leg.listen_for_keys()
        self.listeners.add(leg.audio)
        leg.audio.sink = feed(self.leg.audio)
        self._show(leg)
        if leg.video is not None and self.leg.video is not None:
            leg.video.sink = self.leg.video.send

    def _device_gone(self, leg: Leg) -> None:
        user = self._devices.pop(leg, "")
        if (stop := self._screens.pop(leg, None)) is not None:
            stop()
        self.listeners.remove(leg.audio)
        if self.talker is not None and self.talker.leg is leg:
            self._finish(user, NORMAL)

    def _watch_media(self) -> None:
        """A station that lost its power says no goodbye: its call ends when nothing came for a while."""
        if self._ended:
            return
        now = self._clock.time()
        if self.leg.silent_for(now) >= DEAD_SECONDS:
            self._is_dead(f"The station sent nothing for {DEAD_SECONDS:g} seconds")
            return
        if self.leg.unheard_for(now) >= self._ask_after:
            self._ask_after += DEAD_SECONDS
            spawn(self._ask_whether_it_is_there(), name="ask a station that was never heard")
        self._pulse = self._clock.call_later(PULSE_SECONDS, self._watch_media)

    async def _ask_whether_it_is_there(self) -> None:
        if not await self.leg.is_there() and not self._ended:
            self._is_dead("The station never sent anything and knows of no call")

    def _is_dead(self, why: str) -> None:
        _LOGGER.warning("%s; its call is ended", why)
        self._finish("", OUT_OF_ORDER)

    def _timed_out(self) -> None:
        self._timer = None
        if self.ring is None:
            return
        for action in self.ring.take(RingInput.TIMEOUT):
            self._do(action, "", NO_ANSWER)
        if self.ring.open_to_answer and self._hooks.message is not None:
            self._stop_tone()
            self.leg.answer()
            self._message = spawn(self._let_speak(self._hooks.message), name="visitor's message")
        elif self.ring.open_to_answer:
            self._wait_for_late_ones()
        self._hooks.changed()

    async def _let_speak(self, message: Callable[[DoorCall], Awaitable[bool]]) -> None:
        """The visitor speaks instead of waiting; whoever comes meanwhile takes the call as before."""
        left = False
        try:
            left = await message(self)
        except PbxError as error:
            _LOGGER.info("No message can be left at the door: %s", error)
        self._message = None
        if left:
            self._timed_out()
        else:
            self._wait_for_late_ones()

    def _wait_for_late_ones(self) -> None:
        self._timer = self._clock.call_later(self._late_seconds, self._timed_out)

    def _stop_message(self) -> None:
        if self._message is not None:
            self._message.cancel()
            self._message = None

    def _finish(self, by: str, cause: Cause) -> None:
        if self._ended:
            return
        actions = (
            self.ring.take(RingInput.HANGUP) if self.ring is not None else (RingAction.SILENCE_DEVICES, RingAction.END)
        )
        for action in actions:
            self._do(action, by, cause)

    def _do(self, action: RingAction, by: str, cause: Cause) -> None:
        if action is RingAction.SILENCE_DEVICES:
            self._cancel_devices(NO_ANSWER if cause is NO_ANSWER else NORMAL)
        elif action is RingAction.ANNOUNCE_MISSED:
            self._hooks.missed(self)
        elif action is RingAction.END:
            self._end(by, cause)

    def _end(self, by: str, cause: Cause) -> None:
        on_over, self.on_over = self.on_over, None
        if on_over is not None:
            on_over()
        if self._ended:
            return
        self._ended = True
        self._settled.set()
        self._cancel_timer()
        if self._pulse is not None:
            self._pulse.cancel()
        self._stop_tone()
        self._stop_message()
        self._cancel_devices(NORMAL)
        self.leg.audio.sink = None
        self.leg.hangup(cause)
        self._hooks.ended(self, by)

    def _cancel_devices(self, cause: Cause, keep: Leg | None = None) -> None:
        for leg in [leg for leg in self._devices if leg is not keep]:
            leg.hangup(cause)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _stop_tone(self) -> None:
        if self._tone is not None:
            self._tone.cancel()
            self._tone = None
