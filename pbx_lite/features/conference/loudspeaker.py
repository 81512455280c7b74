"""What a room says: to all who are in the mix, one thing after the other, or to one of those who are there."""

import asyncio
import logging
import math
from array import array
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Protocol

from pbx_lite.errors import PbxError
from pbx_lite.features.conference.participant import Participant
from pbx_lite.features.conference.rules import Place
from pbx_lite.media.recording import RATE, Recording
from pbx_lite.speech.parts import Part
from pbx_lite.speech.speech import Speaks
from pbx_lite.tasks import Tasks

if TYPE_CHECKING:
    from pbx_lite.media.mixer import Member, Mixer

_LOGGER = logging.getLogger(__name__)
MOST_WAITING = 12
"""What is to be said while so much waits is not said: it would be old news."""
_LEVEL = 3000


class Voice(Speaks, Protocol):
    """The voice of the PBX, to one and as a piece of sound for many."""

    async def recording(self, *parts: Part, language: str = "") -> Recording: ...


class Loudspeaker:
    """`before` and `after` are called around what somebody alone is told, so that no music is heard meanwhile."""

    def __init__(
        self,
        mixer: Mixer,
        speech: Voice,
        *,
        before: Callable[[Participant], None],
        after: Callable[[Participant], None],
    ) -> None:
        self.language = ""
        self._mixer = mixer
        self._speech = speech
        self._before = before
        self._after = after
        self._tasks = Tasks("loudspeaker")
        self._waiting: deque[tuple[Callable[[], Awaitable[Recording]], Participant | None, bytes]] = deque()
        self._working: asyncio.Task[None] | None = None
        self._closed = False

    async def close(self) -> None:
        self._closed = True
        self._waiting.clear()
        await self._tasks.close()

    # To all

    def say(self, *parts: Part, but: Participant | None = None) -> None:
        """Let everybody in the mix hear this, `but` one perhaps."""
        self._queue(lambda: self._speech.recording(*parts, language=self.language), but)

    def play(self, recording: Recording) -> bool:
        """Let everybody hear this; False where too much waits already."""
        return self._queue(lambda: _there(recording), None)

    def chime(self, notes: Sequence[float]) -> None:
        """A short signal; one of a kind is enough, however many come at once."""
        sound = chime(tuple(notes))
        if not any(waiting == sound.sound for _, _, waiting in self._waiting):
            self._queue(lambda: _there(sound), None, sound.sound)

    # To one

    def tell(self, one: Participant, *parts: Part) -> None:
        """Let this one alone hear it; whatever they are being told stops."""
        self.hush(one)
        if not self._closed and parts:
            self._before(one)
            one.telling = self._tasks.spawn(self._tell(one, parts), name="tell").cancel

    def hush(self, one: Participant) -> None:
        telling, one.telling = one.telling, None
        if telling is not None:
            telling()

    # Inside

    def _queue(self, make: Callable[[], Awaitable[Recording]], but: Participant | None, chime: bytes = b"") -> bool:
        if self._closed or len(self._waiting) >= MOST_WAITING:
            return False
        self._waiting.append((make, but, chime))
        if self._working is None:
            self._working = self._tasks.spawn(self._work(), name="speak")
        return True

    async def _work(self) -> None:
        try:
            while self._waiting:
                make, but, _ = self._waiting[0]
                try:
                    await self._play(await make(), but)
                except PbxError as error:
                    _LOGGER.warning("A room could not say something: %s", error)
                finally:
                    if self._waiting:
                        self._waiting.popleft()
        finally:
            self._working = None

    async def _play(self, recording: Recording, but: Participant | None) -> None:
        left_out = but.member if but is not None else None
        hearing = [member for member in self._mixer.members if member is not left_out]
        if hearing:
            await self._heard(recording, None if left_out is None else hearing)

    async def _tell(self, one: Participant, parts: Sequence[Part]) -> None:
        language = self.language or one.language
        mine = one.telling
        try:
            if one.place is Place.MIX:
                recording = await self._speech.recording(*parts, language=language)
                if one.member is not None:
                    await self._heard(recording, (one.member,))
            else:
                await self._speech.say(one.port, *parts, language=language)
        except PbxError as error:
            _LOGGER.warning("A room could not say something: %s", error)
        finally:
            if one.telling == mine:
                one.telling = None
                self._after(one)

    async def _heard(self, recording: Recording, only: Sequence[Member] | None) -> None:
        """Returns when it is over."""
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def done() -> None:
            if not over.done():
                over.set_result(None)

        sound = self._mixer.play(recording, done, only=only)
        try:
            await over
        finally:
            self._mixer.stop(sound)


@cache
def chime(notes: tuple[float, ...]) -> Recording:
    """Short notes (Hz), one after the other, that die away."""
    return Recording(b"".join(_note(hertz, 0.125, fading=900) for hertz in notes))


@cache
def beep() -> Recording:
    """The tone after which somebody speaks."""
    return Recording(_note(880.0, 0.3, fading=100_000))


def _note(hertz: float, seconds: float, *, fading: float) -> bytes:
    """`fading` is how many samples it takes to be a third as loud."""
    turn, count = 2 * math.pi * hertz / RATE, round(RATE * seconds)
    samples = (
        _LEVEL * min(1.0, at / 80, (count - at) / 80) * math.exp(-at / fading) * math.sin(turn * at)
        for at in range(count)
    )
    return array("h", map(int, samples)).tobytes()


async def _there(recording: Recording) -> Recording:
    return recording
