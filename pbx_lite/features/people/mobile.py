"""A mobile phone as a device: it has the call only once a key was pressed, so that no foreign mailbox takes it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

from pbx_lite.calls.leg import (
    NO_ANSWER,
    NORMAL,
    Answered,
    Cause,
    Dtmf,
    EarlyMedia,
    Ended,
    Leg,
    LegEvent,
    LegState,
    Ringing,
    Sight,
)
from pbx_lite.calls.plan import Attempt, Reachable
from pbx_lite.clock import Clock, Timer
from pbx_lite.media.port import AudioPort, Codec, VideoPort
from pbx_lite.media.quality import LineQuality
from pbx_lite.media.tones import Tone, play
from pbx_lite.media.waiting import pause
from pbx_lite.tasks import spawn

KEY = "1"
PATIENCE = 20.0
"""Seconds that somebody has to press the key."""
ASKING = Tone((880,), (0.2, 0.8))
"""What is heard until then, where the PBX has no voice."""
AGAIN = 3.0
"""Seconds between two times of asking."""

type Ask = Callable[[AudioPort], Awaitable[None]]
"""Says once what is to be done."""


class Confirmed:
    """`Reachable` whose legs are answered by the key, not by lifting."""

    def __init__(self, phone: Reachable, *, user: str, clock: Clock, ask: Ask | None = None) -> None:
        self._phone = phone
        self._user = user
        self._ask = ask
        self._clock = clock

    @property
    def user(self) -> str:
        return self._user

    @property
    def device(self) -> str:
        return self._phone.device

    async def ring(self, attempt: Attempt) -> Leg:
        return ConfirmedLeg(await self._phone.ring(attempt), self._clock, self._ask)


class ConfirmedLeg:
    """A leg that tells of an answer once the key was pressed; all that a network says before is told as ringing."""

    def __init__(self, leg: Leg, clock: Clock, ask: Ask | None = None) -> None:
        self.listener: Callable[[LegEvent], None] | None = None
        self.state = leg.state
        self._leg = leg
        self._clock = clock
        self._words = ask
        self._confirmed = False
        self._asking: asyncio.Task[None] | None = None
        self._timer: Timer | None = None
        leg.listener = self._heard

    @property
    def audio(self) -> AudioPort:
        return self._leg.audio

    @property
    def video(self) -> VideoPort | None:
        return self._leg.video

    @property
    def keys(self) -> Literal["rfc4733", "info", "inband"]:
        return self._leg.keys

    def ring(self) -> None:
        self._leg.ring()

    @property
    def filming(self) -> bool:
        return self._leg.filming

    def see(self, sight: Sight) -> None:
        self._leg.see(sight)

    def early_media(self) -> None:
        self._leg.early_media()

    def answer(self) -> None:
        self._leg.answer()

    def hangup(self, cause: Cause = NORMAL) -> None:
        self._stop_asking()
        self._leg.hangup(cause)
        self._over(cause)

    def prefer(self, codec: Codec | None) -> None:
        self._leg.prefer(codec)

    def show(self, name: str, number: str) -> None:
        self._leg.show(name, number)

    def quality(self) -> LineQuality | None:
        return self._leg.quality()

    def listen_for_keys(self) -> None:
        self._leg.listen_for_keys()

    def silent_for(self, now: float) -> float:
        return self._leg.silent_for(now)

    def unheard_for(self, now: float) -> float:
        return self._leg.unheard_for(now)

    async def is_there(self) -> bool:
        return await self._leg.is_there()

    async def send_dtmf(self, digits: str, how: str, digit_ms: int) -> None:
        await self._leg.send_dtmf(digits, how, digit_ms)

    def _heard(self, event: LegEvent) -> None:
        match event:
            case Ended():
                self._stop_asking()
                self._over(event.cause, event.redirects)
            case _ if self._confirmed:
                self._tell(event)
            case Ringing() | EarlyMedia():
                self.state = LegState.RINGING
                self._tell(Ringing())
            case Answered():
                self._ask()
            case Dtmf(digit=digit) if digit == KEY and self._asking is not None:
                self._stop_asking()
                self._confirmed = True
                self.state = LegState.ANSWERED
                self._tell(Answered())
            case _:
                pass

    def _ask(self) -> None:
        self._leg.listen_for_keys()
        self._asking = spawn(self._say(), name="asking for a key")
        self._timer = self._clock.call_later(PATIENCE, lambda: self.hangup(NO_ANSWER))

    async def _say(self) -> None:
        if self._words is None:
            await play(self._leg.audio, self._clock, ASKING)
            return
        while True:
            await self._words(self._leg.audio)
            await pause(self._clock, AGAIN)

    def _stop_asking(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _over(self, cause: Cause, redirects: tuple[str, ...] = ()) -> None:
        if self.state is not LegState.ENDED:
            self.state = LegState.ENDED
            self._tell(Ended(cause, redirects))

    def _tell(self, event: LegEvent) -> None:
        if self.listener is not None:
            self.listener(event)
