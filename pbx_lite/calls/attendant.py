"""What every service of the PBX (a code, a room, a mailbox) needs: its caller answered, their keys, and tones."""

import asyncio
from typing import Protocol

from pbx_lite.calls.call import Call
from pbx_lite.calls.leg import Leg, LegState
from pbx_lite.clock import Clock
from pbx_lite.errors import Unavailable
from pbx_lite.media.port import AudioPort
from pbx_lite.media.tones import Tone, play
from pbx_lite.media.waiting import pause
from pbx_lite.tasks import spawn

DONE = Tone((880,), (0.3, 0.1))
REFUSED = Tone((425,), (0.24, 0.24))
DIAL = Tone((425,), (1.0, 0.0))
BEEP = Tone((880,), (0.16, 0.14))
FIRST_KEY, NEXT_KEY = 15.0, 4.0
"""Seconds to wait for a key, the first one and those after it."""
MOST_KEYS = 32


class Sounding(Protocol):
    @property
    def audio(self) -> AudioPort: ...


def answered(call: Call) -> Leg:
    """The caller's leg, answered and silent.  Raises Unavailable where they are gone."""
    leg = call.origin
    call.stop()
    if leg is not None and leg.state is not LegState.ENDED:
        leg.answer()
    if leg is None or leg.state is LegState.ENDED:
        raise Unavailable("The caller is gone.")
    return leg


async def sound(leg: Sounding, clock: Clock, tone: Tone, seconds: float) -> None:
    """Play the tone so long."""
    playing = spawn(play(leg.audio, clock, tone), name="tone")
    try:
        await pause(clock, seconds)
    finally:
        playing.cancel()


async def done(leg: Sounding, clock: Clock) -> None:
    """Two high tones: it is so now."""
    await sound(leg, clock, DONE, 0.7)


async def refused(leg: Sounding, clock: Clock) -> None:
    """Busy tones, and quick ones: this cannot be."""
    await sound(leg, clock, REFUSED, 1.92)


async def count(leg: Sounding, clock: Clock, digits: str) -> None:
    """Digits as beeps, ten for a zero."""
    for digit in digits:
        if digit.isdigit():
            await sound(leg, clock, BEEP, 0.3 * (int(digit) or 10))
            await pause(clock, 0.8)


class Keypad:
    """The keys that the caller presses while a service has the call."""

    def __init__(self, call: Call, leg: Leg, clock: Clock) -> None:
        self._clock = clock
        self._keys: list[str] = []
        self._pressed: asyncio.Future[None] | None = None
        leg.listen_for_keys()
        call.on_key = self._press

    async def line(self, first: float = FIRST_KEY) -> str:
        """Digits and stars until `#`, or until nothing comes any more."""
        keys = ""
        while len(keys) < MOST_KEYS:
            key = await self.key(NEXT_KEY if keys else first)
            if key in {"", "#"}:
                break
            keys += key
        return keys

    async def key(self, seconds: float) -> str:
        """The next key, empty if none comes in time."""
        if not self._keys:
            self._pressed = asyncio.get_running_loop().create_future()
            timer = self._clock.call_later(seconds, self._wake)
            try:
                await self._pressed
            finally:
                timer.cancel()
                self._pressed = None
        return self._keys.pop(0) if self._keys else ""

    def _press(self, key: str) -> None:
        if len(self._keys) < MOST_KEYS:
            self._keys.append(key)
        self._wake()

    def _wake(self) -> None:
        if self._pressed is not None and not self._pressed.done():
            self._pressed.set_result(None)
