"""What is recorded of a caller, whatever happens while they speak."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pbx_lite.calls.attendant import Keypad
from pbx_lite.errors import NotFound, StoreError
from pbx_lite.events import Event, EventBus, RecordingFailed
from pbx_lite.features.voicemail.booth import SILENT_SECONDS, Booth
from pbx_lite.features.voicemail.taking import Kept, Message, Taking
from pbx_lite.media.port import AudioPacket
from pbx_lite.store.voicemail import Mail
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeLeg
from tests.support.tone import frames, sine

LOUD = frames(sine(440))[0]


@dataclass
class Written:
    path: Path
    seconds: float


class Machine:
    """A recorder that counts packets."""

    def __init__(self, path: Path, seconds: float, failed: Callable[[str], None]) -> None:
        self.path, self.fails = path, failed
        self.packets = 0
        self.stopped = 0
        path.write_bytes(b"")

    def hear(self, packet: AudioPacket) -> None:
        self.packets += 1

    async def stop(self, *, trim: bool = False) -> Written | None:
        self.stopped += 1
        await asyncio.sleep(0)
        return Written(self.path, self.packets / 50) if self.packets else None


class Boxes:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: list[tuple[Mail, bytes | None]] = []
        self.error: Exception | None = None
        self.given = 0

    def unfinished(self) -> tuple[str, Path]:
        self.given += 1
        return f"m{self.given}", self.folder / f"m{self.given}.opus"

    def stamp(self) -> str:
        return "2026-11-21T10:00:00.000+00:00"

    async def keep(self, mail: Mail, sound: Path, picture: bytes | None = None) -> None:
        if self.error is not None:
            raise self.error
        sound.rename(sound.with_suffix(".kept"))  # noqa: ASYNC240
        self.kept.append((mail, picture))


class Line:
    """A caller who is asked to speak; `said` is the result."""

    def __init__(self, folder: Path, **message: Any) -> None:
        self.clock, self.leg, self.boxes = FakeClock(), FakeLeg(), Boxes(folder)
        self.told: list[Event] = []
        self.machines: list[Machine] = []
        bus = EventBus()
        bus.listen(self.told.append)
        self.taking = Taking(self.boxes, machines=self.machine, bus=bus)
        self.call = type("Call", (), {"on_key": None})()
        keys = Keypad(self.call, self.leg, self.clock)
        self.booth = Booth(self.leg, speech=None, clock=self.clock, language="", keys=keys)  # type: ignore[arg-type]
        wanted = Message(**{"box": "anna", "where": "anna", "caller": "+4930", "caller_name": "Ben", **message})
        self.task = asyncio.get_running_loop().create_task(self.taking.message(self.booth, wanted, seconds=60))

    def machine(self, path: Path, seconds: float, failed: Callable[[str], None]) -> Machine:
        self.machines.append(Machine(path, seconds, failed))
        return self.machines[-1]

    async def speaks(self, seconds: float, payload: bytes = LOUD) -> None:
        await self.clock.settle()
        for _ in range(round(seconds * 50)):
            self.leg.audio.say(payload)
            await self.clock.settle(0.02, turns=1)

    async def result(self) -> Kept:
        async with asyncio.timeout(10):
            return await self.task

    @property
    def files(self) -> list[str]:
        return sorted(each.name for each in self.boxes.folder.iterdir())


@pytest.fixture
async def line(tmp_path: Path) -> Line:
    return Line(tmp_path)


async def test_a_hash_ends_a_message(line: Line) -> None:
    await line.speaks(3)
    line.call.on_key("5")
    await line.speaks(1)
    line.call.on_key("#")
    assert await line.result() is Kept.SAVED
    ((mail, picture),) = line.boxes.kept
    assert (mail.box, mail.caller, mail.caller_name, mail.seconds, mail.heard) == ("anna", "+4930", "Ben", 4.0, False)
    assert picture is None
    assert line.leg.audio.sink is None
    assert line.files == ["m1.kept"]
    assert line.told == []


async def test_silence_ends_a_message(line: Line) -> None:
    await line.speaks(2)
    await line.clock.settle(SILENT_SECONDS - 1)
    assert not line.task.done()
    await line.clock.settle(2)
    assert await line.result() is Kept.SAVED


async def test_who_talks_on_and_on_is_cut_off(line: Line) -> None:
    await line.speaks(60.6)
    assert await line.result() is Kept.SAVED


async def test_a_message_without_words_is_none(line: Line) -> None:
    await line.clock.settle(SILENT_SECONDS + 1)
    assert await line.result() is Kept.NOTHING
    assert (line.boxes.kept, line.files) == ([], [])


async def test_a_word_too_short_to_be_one_is_none(line: Line) -> None:
    await line.speaks(0.5)
    line.call.on_key("#")
    await line.clock.settle(1)
    assert await line.result() is Kept.NOTHING
    assert line.files == []


async def test_what_was_said_before_the_caller_hung_up_is_kept(line: Line) -> None:
    await line.speaks(3)
    line.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await line.task
    await line.taking.close()
    assert len(line.boxes.kept) == 1
    assert line.leg.audio.sink is None


async def test_a_disk_that_is_full_is_told_once_and_ends_it(line: Line) -> None:
    await line.speaks(3)
    line.machines[0].fails("The disk is full.")
    line.machines[0].fails("The disk is full.")
    await line.clock.settle(1)
    assert await line.result() is Kept.FAILED
    assert line.told == [RecordingFailed(where="anna", error="The disk is full.")]
    assert (line.boxes.kept, line.files) == ([], [])


async def test_a_database_that_is_full_is_told_too(line: Line) -> None:
    line.boxes.error = StoreError("The disk is full.")
    await line.speaks(3)
    line.call.on_key("#")
    assert await line.result() is Kept.FAILED
    assert line.told == [RecordingFailed(where="anna", error="The disk is full.")]
    assert line.files == []


async def test_a_box_that_was_removed_meanwhile_takes_nothing(line: Line) -> None:
    line.boxes.error = NotFound("gone")
    await line.speaks(3)
    line.call.on_key("#")
    assert await line.result() is Kept.NOTHING
    assert (line.told, line.files) == ([], [])


async def test_a_visitors_picture_is_kept_with_the_message_as_it_is_at_its_end(tmp_path: Path) -> None:
    pictures: list[bytes] = []
    line = Line(tmp_path, picture=lambda: pictures[0])
    await line.speaks(2)
    pictures.append(b"jpeg")
    line.call.on_key("#")
    assert await line.result() is Kept.SAVED
    assert line.boxes.kept[0][0].picture
    assert line.boxes.kept[0][1] == b"jpeg"


async def test_a_message_to_nobody_is_dropped_where_somebody_came(tmp_path: Path) -> None:
    line = Line(tmp_path, wanted=lambda: False)
    await line.speaks(3)
    line.task.cancel()
    await line.clock.settle()
    await line.taking.close()
    assert (line.boxes.kept, line.files) == ([], [])


async def test_those_who_hear_a_door_go_on_hearing_it(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.task.cancel()
    await line.clock.settle()
    heard: list[AudioPacket] = []
    line.leg.audio.sink = listeners = heard.append
    message = Message(box="door:front", where="front")
    task = asyncio.get_running_loop().create_task(line.taking.message(line.booth, message, seconds=60))
    await line.speaks(2)
    assert len(heard) == 100
    line.call.on_key("#")
    await line.clock.settle(1)
    assert await task is Kept.SAVED
    assert line.leg.audio.sink is listeners


@pytest.mark.parametrize("seconds", [0.0, 0.5, 4.0])
async def test_a_greeting_is_given_as_sound(line: Line, seconds: float) -> None:
    line.task.cancel()
    await line.clock.settle()
    task = asyncio.get_running_loop().create_task(line.taking.sound(line.booth, "anna", seconds=60))
    await line.speaks(seconds)
    line.call.on_key("#")
    await line.clock.settle(1)
    async with asyncio.timeout(10):
        assert (await task is not None) is (seconds >= 1)
        await line.taking.close()
    assert line.files == []
