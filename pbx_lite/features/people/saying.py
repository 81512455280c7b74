"""What somebody who dialled a code is answered: in words where the PBX has a voice, else by tones."""

from pbx_lite.calls.attendant import DIAL, FIRST_KEY, NEXT_KEY, Keypad, Sounding, count, done, refused
from pbx_lite.clock import Clock
from pbx_lite.media.tones import play
from pbx_lite.media.waiting import pause
from pbx_lite.speech.parts import Digits, Part
from pbx_lite.speech.speech import Speaks, say_until_key
from pbx_lite.tasks import spawn


class Saying:
    """To one caller, in their language (empty: the PBX's own)."""

    def __init__(self, leg: Sounding, *, speech: Speaks | None, clock: Clock, language: str) -> None:
        self._leg = leg
        self._speech = speech
        self._clock = clock
        self._language = language

    async def done(self, *parts: Part) -> None:
        """It is so now; `parts` say what."""
        if self._speech is None:
            await done(self._leg, self._clock)
        else:
            await self._speech.say(self._leg.audio, *parts, language=self._language)

    async def refused(self, *parts: Part) -> None:
        """It cannot be; `parts` say why."""
        if self._speech is None:
            await refused(self._leg, self._clock)
        else:
            await self._speech.say(self._leg.audio, *(parts or ("refused",)), language=self._language)

    async def number(self, number: str) -> None:
        """Their own number."""
        await pause(self._clock, 0.5)  # a phone has to be lifted to the ear
        if self._speech is None:
            await count(self._leg, self._clock, number)
        else:
            await self._speech.say(self._leg.audio, "own_number", Digits(number), language=self._language)

    async def ask(self, keypad: Keypad, key: str) -> str:
        """What they key in, up to a `#`; `key` is the prompt that asks for it."""
        if self._speech is not None:
            first = await self.until_key(keypad, key)
            if first == "#":
                return ""
            return first + await keypad.line(NEXT_KEY if first else FIRST_KEY)
        tone = spawn(play(self._leg.audio, self._clock, DIAL), name="dial tone")
        try:
            return await keypad.line()
        finally:
            tone.cancel()

    async def until_key(self, keypad: Keypad, key: str) -> str:
        """Say the prompt `key` until a key is pressed, which comes back; two tones and nothing without a voice."""
        if self._speech is None:
            await done(self._leg, self._clock)
            return ""
        return await say_until_key(self._speech, keypad, self._leg, key, language=self._language)
