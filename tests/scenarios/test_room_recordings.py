"""Rooms that are recorded, names in people's own voices, and what rooms say, on real phones and a real disk."""

from pathlib import Path
from typing import Any

import pytest

from pbx_lite.events import RecordingFailed, RoomChanged, RoomJoined, RoomRecorded
from pbx_lite.media.recording import Recording
from tests.support.call_end import CallEnd
from tests.support.conference import enters, heard, hears_only, house_with_room, rooms_of
from tests.support.house import House
from tests.support.tone import share_of


async def says_something(end: CallEnd) -> None:
    """Until a second of it was heard that is no signal."""
    begin = len(end.heard.entries)
    await end.heard.until(
        lambda packets: sum(abs(heard([packet])).max() > 300 for packet in packets[begin:]) > 50, within=30
    )


async def two_talk(house: House) -> tuple[CallEnd, CallEnd]:
    anna = await enters(house, await house.phone("anna"))
    ben = await enters(house, await house.phone("ben"))
    anna.speak(600)
    ben.speak(900)
    return anna, ben


async def test_a_conference_is_recorded_told_and_kept(tmp_path):
    async with house_with_room(tmp_path, quiet=True, record_conference=True) as house:
        anna, ben = await two_talk(house)
        await says_something(anna)
        assert await hears_only(anna, 900)
        assert rooms_of(house).state("table")["recording"]
        begin = len(anna.heard.entries)
        await anna.heard.until(lambda packets: len(packets) > begin + 100)
        anna.hang_up()
        ben.hang_up()
        recorded = await house.home.hears(RoomRecorded)
        (entry,) = await rooms_of(house).recordings("table")
        assert (entry["id"], entry["seconds"]) == (recorded.recording, pytest.approx(recorded.seconds, abs=0.2))
        assert recorded.seconds > 2
        sound = Recording.decode(await rooms_of(house).recording("table", entry["id"]), most_seconds=600)
        samples = heard_in(sound)
        assert share_of(600, samples) > 0.2
        assert share_of(900, samples) > 0.2
        assert [path.name for path in (tmp_path / "recordings" / "table").iterdir()] == [f"{recorded.recording}.ogg"]


def heard_in(sound: Recording) -> Any:
    """Its last second at 8 kHz."""
    import numpy as np

    return np.frombuffer(sound.sound, np.int16)[-24000:-8000:2].astype(np.int32)


async def test_a_full_disk_ends_the_recording_and_not_the_conference(tmp_path, monkeypatch):
    whole = Path.open

    class Full:
        """A file on a disk with room for 2000 bytes."""

        def __init__(self, file: Any) -> None:
            self._file, self._left = file, 2000

        def write(self, data: bytes) -> int:
            self._left -= len(data)
            if self._left < 0:
                raise OSError(28, "No space left on device")
            return int(self._file.write(data))

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

    def opened(path: Path, mode: str = "r", **more: Any) -> Any:
        file = whole(path, mode, **more)
        return Full(file) if path.suffix == ".part" else file

    async with house_with_room(tmp_path, quiet=True, record_conference=True) as house:
        monkeypatch.setattr(Path, "open", opened)
        anna, ben = await two_talk(house)
        failed = await house.home.hears(RecordingFailed, within=60)
        assert (failed.where, failed.error) == ("table", "The recording stopped: No space left on device.")
        assert not rooms_of(house).state("table")["recording"]
        anna.heard.entries.clear()
        assert await hears_only(anna, 900)
        assert await hears_only(ben, 600)
        assert len(house.home.heard(RecordingFailed)) == 1


async def test_a_folder_that_cannot_be_made_is_told_too(tmp_path):
    async with house_with_room(tmp_path, quiet=True) as house:
        (tmp_path / "recordings").write_text("a file where the folder would be")
        anna, _ = await two_talk(house)
        rooms_of(house).record("table", on=True)
        failed = await house.home.hears(RecordingFailed)
        assert failed.where == "table"
        assert failed.error.startswith("Nothing can be recorded")
        anna.heard.entries.clear()
        assert await hears_only(anna, 900)


async def test_the_pbx_keeps_what_was_recorded_until_it_stops(tmp_path):
    async with house_with_room(tmp_path, quiet=True, record_conference=True) as house:
        anna, _ = await two_talk(house)
        await house.home.hears(RoomChanged, lambda _: bool(rooms_of(house).state("table")["recording"]))
        await says_something(anna)
        await house.restart()
        (entry,) = await rooms_of(house).recordings("table")
        assert entry["seconds"] > 0.5


async def test_a_name_is_spoken_by_who_enters_and_heard_by_the_others(tmp_path):
    async with house_with_room(tmp_path, announce_join_leave=True) as house:
        phone, other = await house.phone("anna"), await house.phone("ben")
        anna = await phone.invite("800")
        assert await anna.final_status() == 200
        await anna.press("#")
        await house.home.hears(RoomJoined)
        ben = await other.invite("800")
        assert await ben.final_status() == 200
        assert await ben.hears(880, within=30), "the tone after which a name is spoken"
        ben.speak(600)
        assert (await house.home.hears(RoomJoined, within=30)).user == "ben"
        ben.be_silent()
        assert await anna.hears(600, within=30), "Ben's name, as Ben has said it"
        ben.hang_up()
        assert await anna.hears(600, within=30), "and again"
        assert not list((tmp_path / "recordings").glob("name-*"))


async def test_a_room_asks_for_its_pin_in_words(tmp_path):
    async with house_with_room(tmp_path, pin="1234") as house:
        call = await (await house.phone("anna")).invite("800")
        assert await call.final_status() == 200
        await says_something(call)
        await call.press("4321")
        await says_something(call)
        await call.press("1234")
        await house.home.hears(RoomJoined)
