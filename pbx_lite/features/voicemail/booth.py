"""One party of a mailbox: what they hear, the keys they press, and what they say."""

import asyncio
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import Protocol

from pbx_lite.calls.attendant import sound
from pbx_lite.clock import Clock
from pbx_lite.errors import PbxError
from pbx_lite.features.voicemail.silence import Silence
from pbx_lite.media.port import AudioPacket, AudioPort, AudioSink
from pbx_lite.media.tones import Tone
from pbx_lite.media.waiting import pause
from pbx_lite.speech.parts import Part
from pbx_lite.tasks import spawn

_LOGGER = logging.getLogger(__name__)

SPEAK = Tone((880,), (0.4, 0.1))
"""From its end on one is recorded."""
PATIENCE = 5.0
"""Seconds that a key is waited for."""
MOST_KEYS = 32
SILENT_SECONDS = 10.0
"""Nothing heard for so long ends a message."""
DEAD_SECONDS = 60.0
_LOOK = 0.5
_EVER = 86400.0


class Speaker(Protocol):
    """What `speech.Speech` does."""

    async def say(self, port: AudioPort, *parts: Part, language: str = "") -> None: ...


class Keys(Protocol):
    """What `attendant.Keypad` does."""

    async def key(self, seconds: float) -> str: ...


class Sounding(Protocol):
    """A leg, as far as it is heard and spoken to."""

    @property
    def audio(self) -> AudioPort: ...

    def silent_for(self, now: float) -> float: ...


class Written(Protocol):
    """A recording that is complete."""

    @property
    def path(self) -> Path: ...

    @property
    def seconds(self) -> float: ...


class Machine(Protocol):
    """What `media.recorder.Recorder` does."""

    def hear(self, packet: AudioPacket) -> None: ...

    async def stop(self, *, trim: bool = False) -> Written | None: ...


class Tape:
    """A machine that is recording: `ended` says that it cannot go on."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.ended = False


class Booth:
    """`keys` is None for those who have none, as the visitor at a door."""

    def __init__(self, leg: Sounding, *, speech: Speaker, clock: Clock, language: str, keys: Keys | None) -> None:
        self._leg = leg
        self._speech = speech
        self._clock = clock
        self._language = language
        self._keys = keys

    @property
    def gone(self) -> bool:
        """Whether the party went without a word, as when its power failed."""
        return self._leg.silent_for(self._clock.time()) >= DEAD_SECONDS

    async def say(self, *parts: Part) -> None:
        """To the end, whatever is pressed."""
        try:
            await self._speech.say(self._leg.audio, *parts, language=self._language)
        except PbxError as error:
            _LOGGER.debug("Nothing was said: %s", error)

    async def beep(self) -> None:
        await sound(self._leg, self._clock, SPEAK, SPEAK.cadence[0])

    async def hear(self, *parts: Part) -> str:
        """Say it until a key is pressed, which is given; empty when all was said."""
        return await self._until_key(self.say(*parts))

    async def ask(self, *parts: Part, seconds: float = PATIENCE) -> str:
        """The key that is pressed while it is said or soon after; empty for none."""
        return await self.hear(*parts) or await self.key(seconds)

    async def key(self, seconds: float) -> str:
        if self._keys is None:
            await pause(self._clock, seconds)
            return ""
        return await self._keys.key(seconds)

    async def line(self, *parts: Part, patience: float = 15.0) -> str:
        """Digits and stars until `#`, or until nothing comes any more."""
        line, key = "", await self.ask(*parts, seconds=patience)
        while key not in {"", "#"} and len(line) < MOST_KEYS:
            line += key
            key = await self.key(PATIENCE)
        return line

    async def record(self, tape: Tape, seconds: float) -> None:
        """Until `#`, silence, `seconds` or the end of the tape; who hangs up cancels it."""
        audio, clock = self._leg.audio, self._clock
        ear = Silence(clock.time())
        began = clock.time()

        def hear(packet: AudioPacket) -> None:
            ear.hear(packet, clock.time())
            tape.machine.hear(packet)

        before = audio.sink
        audio.sink = mine = _both(before, hear)
        try:
            while not tape.ended and clock.time() < min(began + seconds, ear.since + SILENT_SECONDS):
                if await self.key(_LOOK) == "#":
                    return
        finally:
            if audio.sink is mine:
                audio.sink = before

    async def _until_key(self, saying: Coroutine[object, object, None]) -> str:
        if self._keys is None:
            await saying
            return ""
        speaking = spawn(saying, name="say")
        listening = spawn(self._keys.key(_EVER), name="listen for keys")
        try:
            await asyncio.wait({speaking, listening}, return_when=asyncio.FIRST_COMPLETED)
            return listening.result() if listening.done() else ""
        finally:
            for task in (speaking, listening):
                task.cancel()
            # A keypad has one listener: the next one shall not begin before this one has let go.
            await asyncio.gather(speaking, listening, return_exceptions=True)


def _both(first: AudioSink | None, second: AudioSink) -> AudioSink:
    """At a door those who look hear the visitor too."""
    if first is None:
        return second

    def hear(packet: AudioPacket) -> None:
        first(packet)
        second(packet)

    return hear
