"""The boxes: what is in them, who is told, and who has one."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from pbx_lite.config import Config, Door, User
from pbx_lite.directory import Directory, Kept
from pbx_lite.errors import Invalid, NotFound, StoreError
from pbx_lite.events import (
    DirectoryChanged,
    DoorChanged,
    Event,
    EventBus,
    UserChanged,
    VoicemailChanged,
    VoicemailReceived,
)
from pbx_lite.features.voicemail.mailboxes import MOST_MESSAGES, Mailboxes
from pbx_lite.media.recording import RATE, Recording
from pbx_lite.speech.loudness import speech_rms
from pbx_lite.speech.opus_file import encode
from pbx_lite.store.database import Database
from pbx_lite.store.voicemail import Mail, MailTable

ANNA = User(name="anna", display_name="Anna", extension="101", voicemail=True)
BEN = User(name="ben", display_name="Ben", extension="102")
FRONT = Door(name="front", display_name="Front door", extension="150")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


class NoStore:
    async def save(self, *_: object) -> None: ...

    async def remove(self, *_: object) -> None: ...

    async def link(self, *_: object) -> None: ...

    async def unlink(self, *_: object) -> None: ...


class Home:
    def __init__(self, folder: Path) -> None:
        self.bus = EventBus()
        self.told: list[Event] = []
        self.lamps: list[str] = []
        self.database = Database.open(folder)
        self.directory = Directory(
            Config(users=(ANNA, BEN), doors=(FRONT,)),
            kept=Kept(users={"carl": {"name": "carl", "display_name": "Carl", "extension": "103"}}),
            store=NoStore(),
            on_change=lambda: self.bus.publish(DirectoryChanged()),
        )
        self.boxes = self.again()
        self.bus.listen(self.told.append)

    def again(self) -> Mailboxes:
        """As after a start."""
        boxes = Mailboxes(directory=self.directory, bus=self.bus, store=MailTable(self.database), wall=lambda: NOW)
        boxes.on_count = self.lamps.append
        return boxes

    async def leave(self, box: str = "anna", *, picture: bytes | None = None, caller: str = "+4930123") -> str:
        name, path = self.boxes.unfinished()
        path.write_bytes(b"sound of " + name.encode())
        mail = Mail(id=name, box=box, at=self.boxes.stamp(), caller=caller, seconds=2.5, picture=picture is not None)
        await self.boxes.keep(mail, path, picture)
        return name


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    home = Home(tmp_path)
    yield home
    await home.boxes.close()
    await home.database.close()


async def test_a_message_is_counted_told_heard_and_removed(home: Home) -> None:
    name = await home.leave()
    assert home.told == [
        VoicemailReceived(message=name, user="anna", caller="+4930123", seconds=2.5),
        VoicemailChanged(user="anna"),
        UserChanged(user="anna"),
    ]
    assert home.boxes.count("anna") == (1, 0)
    assert await home.boxes.sound(name) == b"sound of " + name.encode()
    assert home.boxes.box_of(name) == "anna"
    assert await home.boxes.picture(name) is None
    await home.boxes.mark(name, heard=True)
    await home.boxes.mark(name, heard=True)
    assert home.boxes.count("anna") == (0, 1)
    assert home.lamps == ["anna", "anna"]
    (message,) = await home.boxes.messages("anna")
    assert message == {
        "id": name,
        "caller": "+4930123",
        "caller_name": "",
        "at": NOW,
        "seconds": 2.5,
        "heard": True,
        "picture": False,
    }
    await home.boxes.remove(name)
    assert home.boxes.count("anna") == (0, 0)
    for ask in (home.boxes.sound(name), home.boxes.mark(name, heard=True), home.boxes.remove(name)):
        with pytest.raises(NotFound):
            await ask


async def test_a_doors_box_is_the_houses(home: Home) -> None:
    name = await home.leave("door:front", picture=b"jpeg", caller="150")
    assert home.told == [
        VoicemailReceived(message=name, door="front", caller="150", seconds=2.5),
        VoicemailChanged(door="front"),
        DoorChanged(door="front"),
    ]
    assert await home.boxes.picture(name) == b"jpeg"
    assert home.lamps == []


async def test_messages_are_there_after_a_start(home: Home) -> None:
    first, second = await home.leave(), await home.leave()
    await home.boxes.mark(first, heard=True)
    again = home.again()
    assert again.count("anna") == (1, 1)
    assert {message["id"] for message in await again.messages("anna")} == {first, second}
    await again.close()


async def test_several_are_removed_at_once_whoever_was_faster(home: Home) -> None:
    first, second = await home.leave(), await home.leave()
    await home.boxes.remove(first)
    await home.boxes.remove_all({first, second})
    await home.boxes.remove_all({first, second})
    assert home.boxes.count("anna") == (0, 0)


async def test_a_box_is_full_at_some_point(home: Home) -> None:
    for _ in range(MOST_MESSAGES - 1):
        await home.leave()
    assert not home.boxes.full("anna")
    await home.leave()
    assert home.boxes.full("anna")
    assert not home.boxes.full("ben")


async def test_the_file_says_who_has_a_box_until_they_say_otherwise(home: Home) -> None:
    assert home.boxes.settings("anna") == {"enabled": True, "seconds": 25.0, "pin": False}
    assert home.boxes.settings("ben")["enabled"] is False
    await home.boxes.set("ben", enabled=True, seconds=10)
    await home.boxes.set("anna", enabled=False, pin="4711")
    again = home.again()
    assert (again.enabled(ANNA), again.enabled(BEN)) == (False, True)
    assert again.settings("anna") == {"enabled": False, "seconds": 25.0, "pin": True}
    assert again.settings("ben") == {"enabled": True, "seconds": 10.0, "pin": False}
    assert "4711" not in repr(again.of("anna"))
    await again.close()


@pytest.mark.parametrize("fields", [{"pin": "12"}, {"pin": "abcd"}, {"seconds": 0}, {"enabled": "yes"}, {"more": 1}])
async def test_settings_that_are_none_are_refused(home: Home, fields) -> None:
    with pytest.raises(Invalid):
        await home.boxes.set("anna", **fields)
    with pytest.raises(NotFound):
        await home.boxes.set("nobody", enabled=True)


async def test_who_is_removed_leaves_no_messages_to_their_namesake(home: Home, tmp_path: Path) -> None:
    await home.leave("carl")
    await home.boxes.set("carl", enabled=True, pin="4711")
    await home.boxes.set_greeting("carl", voice())
    await home.directory.remove_user("carl")
    assert home.boxes.count("carl") == (0, 0)
    await home.boxes.close()  # waits for nothing; what is asked of the store is done
    with pytest.raises(NotFound):
        await home.leave("carl")
    await home.directory.add_user({"name": "carl", "display_name": "Carl", "extension": "103"})
    assert home.boxes.settings("carl") == {"enabled": False, "seconds": 25.0, "pin": False}


async def test_a_message_that_cannot_be_kept_is_told_to_nobody(home: Home, monkeypatch) -> None:
    async def full(*_: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(MailTable, "keep", full)
    with pytest.raises(StoreError):
        await home.leave()
    assert (home.told, home.boxes.count("anna")) == ([], (0, 0))


def voice(seconds: float = 2.0, amplitude: float = 0.02) -> bytes:
    at = np.arange(int(seconds * RATE)) / RATE
    return encode((np.sin(2 * np.pi * 440 * at) * amplitude * 32767).astype(np.int16).tobytes())


async def test_a_greeting_is_made_as_loud_as_speech(home: Home) -> None:
    assert await home.boxes.greeting("anna") is None
    await home.boxes.set_greeting("anna", voice())
    made = await home.boxes.greeting("anna")
    assert made is not None
    recording = Recording.decode(made, most_seconds=10)
    assert 1.9 < recording.seconds < 2.2
    assert 1500 < speech_rms(recording.sound) < 4000
    assert await home.again().greeting("anna") == made
    await home.boxes.set_greeting("anna", None)
    assert await home.again().greeting("anna") is None


@pytest.mark.parametrize(
    "sound",
    [b"", b"no sound", encode(bytes(RATE * 2)), b"x" * (21 * 1024 * 1024)],
    ids=["empty", "text", "silence", "large"],
)
async def test_a_greeting_that_is_no_sound_is_refused(home: Home, sound: bytes) -> None:
    with pytest.raises(Invalid):
        await home.boxes.set_greeting("anna", sound)


async def test_a_greeting_lasts_a_minute_at_most(home: Home) -> None:
    with pytest.raises(Invalid, match="60 seconds"):
        await home.boxes.set_greeting("anna", voice(61))
