"""The door of a room: the PIN is asked for, and a name where everybody is to hear who comes."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from pbx_lite.calls.attendant import FIRST_KEY, NEXT_KEY, Keypad
from pbx_lite.calls.guessing import Guessing
from pbx_lite.calls.party import Party
from pbx_lite.clock import Clock
from pbx_lite.errors import PbxError
from pbx_lite.features.conference.loudspeaker import beep
from pbx_lite.features.conference.pins import PinPad, Pins, Verdict
from pbx_lite.media.port import AudioPort
from pbx_lite.media.recording import Recording
from pbx_lite.media.waiting import pause
from pbx_lite.speech.parts import Part
from pbx_lite.speech.speech import Speaks, say_until_key

_LOGGER = logging.getLogger(__name__)

TRIES = 3
NAME_SECONDS = 5.0
LATE_HASH_SECONDS = 2.0
"""A `#` that comes so soon after the last digit of a PIN belongs to it."""


type RecordName = Callable[[AudioPort], Awaitable[Take]]


class Take(Protocol):
    """A name that is being spoken."""

    async def stop(self) -> Recording | None:
        """What was said, None for nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody at the door: where they hear us, their keys, who they are."""

    audio: AudioPort
    keys: Keypad
    caller: Party
    language: str = ""


class Entrance:
    """`admit` asks for the PIN, `name` for a name.  Both end when the caller hangs up: they are cancelled."""

    def __init__(self, *, speech: Speaks, guessing: Guessing, record_name: RecordName, clock: Clock) -> None:
        self._speech = speech
        self._guessing = guessing
        self._record_name = record_name
        self._clock = clock

    async def admit(self, visitor: Visitor, room: str, pins: Pins) -> Verdict:
        """MEMBER or LEADER; anything else has been told, and has to go."""
        if not pins.asked:
            return Verdict.MEMBER
        caller = visitor.caller
        if self._guessing.locked(caller, self._clock.time()):
            await self._say(visitor, "room_too_many")
            return Verdict.WRONG
        prompt = "room_leader_pin" if pins.free else "room_enter_pin"
        ended = float("-inf")
        for _ in range(TRIES):
            verdict = await self._ask(visitor, pins, prompt, ended)
            ended = self._clock.time()
            await pause(self._clock, self._guessing.pause(caller, room, ended))
            if verdict is Verdict.NOTHING and pins.free:
                return Verdict.MEMBER  # no keypad, perhaps
            if verdict is not Verdict.NOTHING:
                right = verdict is not Verdict.WRONG
                self._guessing.note(caller, room, self._clock.time(), right=right)
                if right:
                    return verdict
                _LOGGER.info("A wrong PIN for the room %s by %s", room, caller.public().shown)
                prompt = "room_wrong_pin"
            ended = self._clock.time()
        await self._say(visitor, "room_too_many")
        return Verdict.WRONG

    async def _ask(self, visitor: Visitor, pins: Pins, prompt: str, ended: float) -> Verdict:
        pad = PinPad(pins)
        key = await self.ask(visitor, prompt) or await visitor.keys.key(FIRST_KEY)
        while key:
            late = key == "#" and pad.empty and self._clock.time() < ended + LATE_HASH_SECONDS
            if not late and (verdict := pad.press(key)) is not None:
                return verdict
            key = await visitor.keys.key(FIRST_KEY if pad.empty else NEXT_KEY)
        return pad.wait()

    async def name(self, visitor: Visitor, *, after_pin: bool) -> Recording | None:
        """The name that they say after the tone: until `#`, or for a few seconds; `#` at once leaves it out."""
        from_now = self._clock.time() + (LATE_HASH_SECONDS if after_pin else 0.0)
        while key := await self.ask(visitor, "room_record_name", beep()):
            if key == "#" and self._clock.time() >= from_now:
                return None
        try:
            take = await self._record_name(visitor.audio)
        except PbxError as error:
            _LOGGER.warning("A name could not be recorded: %s", error)
            return None
        try:
            until = self._clock.time() + NAME_SECONDS
            while (left := until - self._clock.time()) > 0.0 and await visitor.keys.key(left) not in {"#", ""}:
                pass
        finally:
            spoken = await take.stop()
        return spoken

    async def _say(self, visitor: Visitor, *parts: Part) -> None:
        try:
            await self._speech.say(visitor.audio, *parts, language=visitor.language)
        except PbxError as error:
            _LOGGER.warning("A room could not say something: %s", error)

    async def ask(self, visitor: Visitor, *parts: Part) -> str:
        """Until it was said, or a key is pressed: that key."""
        try:
            return await say_until_key(self._speech, visitor.keys, visitor, *parts, language=visitor.language)
        except PbxError as error:
            _LOGGER.warning("A room could not say something: %s", error)
            return ""
