"""The parties of a call and who of them hears whom: music for one who waits, relayed for two, mixed for more."""

import asyncio
import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from pbx_lite.calls.bridge.keys import KeySender, carried_by_sound
from pbx_lite.calls.bridge.pair import join_pictures, join_sound
from pbx_lite.calls.leg import Leg, LegState, Sight
from pbx_lite.clock import Clock
from pbx_lite.media.codecs import is_g711
from pbx_lite.media.music import Music
from pbx_lite.media.port import VideoPort
from pbx_lite.media.tones import Tone, play
from pbx_lite.media.transcode import load
from pbx_lite.media.waiting import pause
from pbx_lite.tasks import spawn

if TYPE_CHECKING:
    from pbx_lite.media.mixer import Mixer

_MIXER = "pbx_lite.media.mixer"

type Undo = Callable[[], None]
type Shape = tuple[tuple[Leg, ...], tuple[VideoPort | None, ...], tuple[bool, ...], bool]


class Bridge:
    """Who is added hears the others.  Everything may be called at any time, twice as well.

    Legs may be added before their answer: early media passes both ways, as the legs' own offers and answers allow.
    The bridge sets the sinks of a leg's ports and clears them when it goes; it does not listen to legs: who owns them
    calls `changed` when their media changed and `key` for keys that are to reach the others.
    """

    def __init__(self, clock: Clock, music: Music) -> None:
        self._clock = clock
        self._music = music
        self._legs: list[Leg] = []
        self._holding: set[Leg] = set()
        self._senders: dict[Leg, KeySender] = {}
        self._shape: Shape | None = None
        self._undo: list[Undo] = []
        self._mixer: Mixer | None = None
        self._loading: asyncio.Task[None] | None = None
        self._interruptions = 0

    @property
    def talking(self) -> list[Leg]:
        """Those who hear and are heard; who put the others on hold is not of them."""
        return [leg for leg in self._legs if leg not in self._holding]

    @property
    def mixing(self) -> bool:
        """Whether three or more hear each other."""
        return self._mixer is not None

    def add(self, leg: Leg) -> None:
        if leg not in self._legs:
            self._legs.append(leg)
        self._arrange()

    def remove(self, leg: Leg) -> None:
        if leg in self._legs:
            self._legs.remove(leg)
            self._holding.discard(leg)
            if (sender := self._senders.pop(leg, None)) is not None:
                sender.close()
            self._arrange()

    def hold(self, leg: Leg) -> None:
        """Let this leg put the others on hold: it hears nothing, and one who is left alone hears music."""
        if leg in self._legs:
            self._holding.add(leg)
            self._arrange()

    def resume(self, leg: Leg) -> None:
        self._holding.discard(leg)
        self._arrange()

    async def interrupt(self, tone: Tone, seconds: float) -> None:
        """Let those who talk hear a tone for a moment, and nothing of each other."""
        self._interruptions += 1
        self._arrange()
        tones = [spawn(play(leg.audio, self._clock, tone), name="tone in a call") for leg in self.talking]
        try:
            await pause(self._clock, seconds)
        finally:
            for each in tones:
                each.cancel()
            self._interruptions -= 1
            self._arrange()

    def changed(self, leg: Leg) -> None:
        """The leg agreed on another codec or on another picture."""
        if leg in self._legs:
            self._arrange()

    def key(self, leg: Leg, digit: str) -> None:
        """Let the others have a key that this leg pressed."""
        talking = self.talking
        if leg not in talking:
            return
        for other in talking:
            if other is leg or carried_by_sound(leg, other):
                continue
            if other not in self._senders:
                self._senders[other] = KeySender(other)
            self._senders[other].press(digit)

    def close(self) -> None:
        """Nobody hears anybody any more."""
        for leg in tuple(self._legs):
            self.remove(leg)

    def _arrange(self) -> None:
        talking = [] if self._interruptions else self.talking
        if len(talking) > 2 and not self._can_mix():
            talking = talking[:2]
        shape = (tuple(talking), tuple(leg.video for leg in talking), tuple(map(_films, talking)), bool(self._holding))
        if shape == self._shape:
            return
        self._shape = shape
        self._listen_for_keys(talking)
        while self._undo:
            self._undo.pop()()
        self._mix(talking if len(talking) > 2 else [])
        for leg in talking if len(talking) > 2 else ():  # pictures pass between two
            leg.see(Sight.NOTHING)
        if len(talking) == 1 and self._holding:
            self._wait(talking[0])
        elif len(talking) == 2:
            self._join(*talking)

    def _can_mix(self) -> bool:
        """Whether the mixer is loaded; the first time that takes a moment, and the third party waits for it."""
        if _MIXER in sys.modules and self._loading is None:
            return True
        if self._loading is None:
            self._loading = spawn(self._load(), name="load the mixer")
        return False

    async def _load(self) -> None:
        await asyncio.to_thread(import_module, _MIXER)
        if not all(leg.audio.codec is None or is_g711(leg.audio.codec) for leg in self._legs):
            await load()
        self._loading = None
        self._arrange()

    def _mix(self, talking: list[Leg]) -> None:
        """Who stays in the mixer notices nothing of others who come and go."""
        if not talking:
            if self._mixer is not None:
                self._mixer.close()
                self._mixer = None
            return
        if self._mixer is None:
            from pbx_lite.media.mixer import Mixer

            self._mixer = Mixer(self._clock)
        ports = [leg.audio for leg in talking]
        for member in self._mixer.members:
            if member.port not in ports:
                self._mixer.remove(member.port)
        for port in ports:
            self._mixer.add(port)

    def _wait(self, leg: Leg) -> None:
        port = leg.audio
        self._music.play(port)
        self._undo.append(lambda: self._music.stop(port))

    def _join(self, first: Leg, second: Leg) -> None:
        self._undo.append(join_sound(first.audio, second.audio))
        if first.video is not None and second.video is not None:
            self._undo.append(join_pictures(first.video, second.video))
        first.see(_sight_of(second))
        second.see(_sight_of(first))

    def _listen_for_keys(self, talking: list[Leg]) -> None:
        """Tones are only listened for where somebody could not hear them as tones."""
        if any(leg.keys != "inband" for leg in talking):
            for leg in talking:
                if leg.keys == "inband":
                    leg.listen_for_keys()


def _films(leg: Leg) -> bool:
    return leg.filming and leg.state is LegState.ANSWERED


def _sight_of(leg: Leg) -> Sight:
    if _films(leg):
        return Sight.SHOWN
    return Sight.POSSIBLE if leg.video is not None else Sight.NOTHING
