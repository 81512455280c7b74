"""The voice of the PBX: parts become one piece of sound, kept for a while and played to whoever is to hear it."""

import asyncio
import gc
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Protocol

from pbx_lite.calls.attendant import Keypad, Sounding
from pbx_lite.clock import Clock
from pbx_lite.errors import MediaError
from pbx_lite.media.port import AudioPort
from pbx_lite.media.recording import RATE, Playback, Recording
from pbx_lite.speech.parts import Digits, Name, Part
from pbx_lite.speech.sentence import Called, Pause, Piece, Spoken, sentence
from pbx_lite.speech.shelf import Shelf
from pbx_lite.speech.synthesis import speak_name
from pbx_lite.speech.texts import LANGUAGES
from pbx_lite.tasks import spawn

_LOGGER = logging.getLogger(__name__)

MOST_KEPT = 3 << 20
"""Bytes of samples that are kept of what was said last: a minute and a half."""
PAUSE, GAP = 0.35, 0.03
"""Seconds between two sentences, and between two pieces of one."""
LONGEST = 600.0
"""Seconds that somebody may take to press a key while something is said."""

type Saying = tuple[Spoken, ...]


def _house_time() -> datetime:
    return datetime.now().astimezone()


class Speaks(Protocol):
    """What a conversation needs of `Speech`."""

    async def say(self, port: AudioPort, *parts: Part, language: str = "") -> None: ...


class Speech:
    """`folder` holds sounds that replace built-in ones; `language` is spoken where no other one is asked for.

    Nothing is read, loaded or decoded before somebody is spoken to, and then in a thread.
    """

    def __init__(
        self,
        *,
        folder: Path,
        language: str,
        clock: Clock,
        shelf: Shelf | None = None,
        now: Callable[[], datetime] = _house_time,
    ) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self.shelf = shelf or Shelf(folder)
        self._now = now
        self.clock = clock
        self._playback = Playback(clock)
        self._kept: OrderedDict[Saying, Recording] = OrderedDict()
        self._state: tuple[int, ...] = ()
        self._lock = Lock()
        self._missing: set[Piece] = set()

    async def recording(self, *parts: Part, language: str = "") -> Recording:
        """All of it as one piece of sound, 16 kHz mono.

        A language that is not known is spoken as the PBX's own.  Raises KeyError for a key that no table has.
        """
        speaks = language if language in LANGUAGES else self.language
        return await asyncio.to_thread(self._make, parts, speaks)

    async def say(self, port: AudioPort, *parts: Part, language: str = "") -> None:
        """Play it to one port: comes back when it is over; cancelled, it falls silent at once.

        A port with which no codec is agreed, or one that there is no encoder for, hears nothing.
        """
        await self.play(port, await self.recording(*parts, language=language))

    async def play(self, port: AudioPort, recording: Recording) -> None:
        """As `say`, for what is a recording already."""
        codec = port.codec
        if codec is None:
            return
        try:
            frames = await asyncio.to_thread(recording.frames, codec)
        except MediaError as error:
            _LOGGER.debug("Nothing can be said in %s: %s", codec, error)
            return
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._playback.play(port, codec, frames, lambda: None if over.done() else over.set_result(None))
        try:
            await over
        finally:
            self._playback.stop(port)

    # In a thread

    def _make(self, parts: Sequence[Part], language: str) -> Recording:
        saying = sentence(parts, language, self._now())
        with self._lock:
            self._forget_if_changed()
            if (kept := self._kept.get(saying)) is not None:
                self._kept.move_to_end(saying)
                return kept
        made = Recording(self._joined(saying))
        # PyAV's containers hold each other: left to chance, hundreds of decoders would wait for it, 30 MB of them.
        gc.collect(0)
        if not any(isinstance(each, Recording) for each in saying):
            with self._lock:
                self._keep(saying, made)
        return made

    def _keep(self, saying: Saying, made: Recording) -> None:
        self._kept[saying] = made
        size = sum(len(each.sound) for each in self._kept.values())
        while size > MOST_KEPT:
            _, oldest = self._kept.popitem(last=False)
            size -= len(oldest.sound)

    def _forget_if_changed(self) -> None:
        if (state := self.shelf.state()) != self._state:
            self._state = state
            self._kept.clear()

    def _joined(self, saying: Saying) -> bytes:
        gap, pause = (bytes(round(seconds * RATE) * 2) for seconds in (GAP, PAUSE))
        sound = bytearray()
        for each in saying:
            if isinstance(each, Pause):
                sound += pause
                continue
            sound += self._sound(each) + gap
        return bytes(sound)

    def _sound(self, spoken: Piece | Called | Recording) -> bytes:
        match spoken:
            case Recording():
                return spoken.sound
            case Called(language, name):
                return self._name(name, language)
            case Piece(language, key):
                found = self.shelf.load(language, key)
                if found is None and spoken not in self._missing:
                    self._missing.add(spoken)
                    _LOGGER.warning("There is no sound for the prompt %s in %s", key, language)
                return found or b""

    def _name(self, name: Name, language: str) -> bytes:
        key = f"name:{name.user}" if name.user else f"room:{name.room}"
        if name.user or name.room:
            for each in dict.fromkeys((language, self.language, *LANGUAGES)):
                if (found := self.shelf.replacement(each, key)) is not None:
                    return found
        if found := speak_name(name.text, language):
            return found
        pieces = [Piece(language, "word_room" if name.room else "word_participant")]
        saying = (*pieces, *sentence([Digits(name.number)], language, self._now()))
        return self._joined(saying)


async def say_until_key(speech: Speaks, keypad: Keypad, leg: Sounding, *parts: Part, language: str = "") -> str:
    """Say it until a key is pressed, which comes back; empty where it was all said before."""
    speaking = spawn(speech.say(leg.audio, *parts, language=language), name="say")
    pressing = spawn(keypad.key(LONGEST), name="key while speaking")
    try:
        await asyncio.wait((speaking, pressing), return_when=asyncio.FIRST_COMPLETED)
        if pressing.done():
            return pressing.result()
        speaking.result()
        return ""
    finally:
        for task in (speaking, pressing):
            task.cancel()
        await asyncio.gather(speaking, pressing, return_exceptions=True)
