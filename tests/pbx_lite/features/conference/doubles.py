"""A room without speech, disks or music: what is said, recorded and played are plain lists."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pbx_lite.calls.party import Party
from pbx_lite.clock import Clock
from pbx_lite.config import Room as Record
from pbx_lite.errors import MediaError
from pbx_lite.events import Event, EventBus
from pbx_lite.features.conference.participant import Participant
from pbx_lite.features.conference.recordings import Recordings
from pbx_lite.features.conference.room import Fittings, Room
from pbx_lite.media.port import AudioPacket, AudioPort
from pbx_lite.media.recording import Recording
from pbx_lite.media.waiting import pause
from pbx_lite.speech.parts import Digits, Name, Number, Part
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeAudio

SECONDS = 0.2
"""How long everything takes that is said."""


class FakeSpeech:
    """`said` is what was said, in order: to all as `recording`, to one alone as (port, words)."""

    def __init__(self, clock: Clock) -> None:
        self.said: list[str] = []
        self.to: list[tuple[Any, str]] = []
        self.fails = False
        self._clock = clock

    async def recording(self, *parts: Part, language: str = "") -> Recording:
        if self.fails:
            raise MediaError("no voice")
        self.said.append(words(parts))
        return Recording(bytes(int(32000 * SECONDS)))

    async def say(self, port: AudioPort, *parts: Part, language: str = "") -> None:
        if self.fails:
            raise MediaError("no voice")
        self.said.append(words(parts))
        self.to.append((port, words(parts)))
        await pause(self._clock, SECONDS)


def words(parts: tuple[Part, ...]) -> str:
    """The parts as one line; a recording is "(voice)"."""
    return " ".join(
        part if isinstance(part, str) else f"<{part.text}>" if isinstance(part, Name | Digits)
        else str(part.value) if isinstance(part, Number) else "(voice)"
        for part in parts
    )  # fmt: skip


class FakeMusic:
    def __init__(self) -> None:
        self.listeners: list[AudioPort] = []

    def play(self, port: AudioPort) -> None:
        if port not in self.listeners:
            self.listeners.append(port)

    def stop(self, port: AudioPort) -> None:
        if port in self.listeners:
            self.listeners.remove(port)


class FakeRecorded:
    def __init__(self, path: Path, seconds: float) -> None:
        self.path, self.seconds = path, seconds


class FakeRecorder:
    def __init__(self, path: Path, failed: Callable[[str], None], full: Callable[[], None]) -> None:
        self.path, self.failed, self.full = path, failed, full
        self.ticks = 0
        self.stopped = False

    def take(self, pcm: bytes, /) -> None:
        assert len(pcm) == 640
        self.ticks += 1

    def hear(self, packet: AudioPacket, /) -> None:
        self.ticks += 1

    async def stop(self, *, trim: bool = False) -> FakeRecorded | None:
        self.stopped = True
        self.path.touch()
        return FakeRecorded(self.path, self.ticks / 50) if self.ticks else None


class Venue:
    """Everything a room needs, and those in it by their names."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.clock = FakeClock()
        self.events: list[Event] = []
        self.bus = EventBus()
        self.bus.listen(self.events.append)
        self.speech = FakeSpeech(self.clock)
        self.playlists: dict[str, FakeMusic] = {}
        self.recorders: list[FakeRecorder] = []
        self.recordings = Recordings(folder)
        self.record = Record(name="table", display_name="Table", extension="800", **options)
        self.emptied: list[Room] = []
        self.out: dict[str, tuple[str, str]] = {}
        self.fittings = Fittings(
            clock=self.clock,
            bus=self.bus,
            speech=self.speech,
            music=lambda name: self.playlists.setdefault(name, FakeMusic()),
            record=self._record,
            recordings=self.recordings,
        )
        self.room = Room(self.record, self.fittings, on_empty=self.emptied.append)

    @property
    def music(self) -> FakeMusic:
        return self.playlists[self.room.record.music]

    def _record(
        self, path: Path, seconds: float, failed: Callable[[str], None], full: Callable[[], None]
    ) -> FakeRecorder:
        self.recorders.append(FakeRecorder(path, failed, full))
        return self.recorders[-1]

    def guest(self, name: str = "Anna", **fields: Any) -> Participant:
        party = Party(number=f"1{len(name):02}", name=name, user=name.lower())
        return Participant(
            FakeAudio(),
            party,
            on_out=lambda reason, parts: self.out.update({name: (reason, words(parts))}),
            **fields,
        )

    def joins(self, name: str = "Anna", **fields: Any) -> Participant:
        one = self.guest(name, **fields)
        self.room.join(one)
        return one

    def told(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def settle(self, seconds: float = 0.0) -> None:
        await self.clock.settle(seconds)

    async def until(self, happened: Callable[[], bool]) -> None:
        """What threads do takes no time of the clock."""
        async with asyncio.timeout(20):
            while not happened():
                await asyncio.sleep(0.005)
                await self.clock.settle(0.02)
