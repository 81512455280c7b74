"""The voice: what is said becomes one piece of sound, is played, replaced, and stops when it is to."""

import asyncio
import logging
import math
import stat
from array import array
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from pbx_lite.calls.attendant import Keypad
from pbx_lite.config import Config, Room, User
from pbx_lite.directory import Directory
from pbx_lite.errors import Invalid, MediaError, NotFound
from pbx_lite.media.port import PCMU, Codec
from pbx_lite.media.recording import RATE, Recording
from pbx_lite.speech import speech as speech_module
from pbx_lite.speech.loudness import PEAK_DB, SPEECH_DB, level, speech_rms, trim
from pbx_lite.speech.opus_file import encode
from pbx_lite.speech.parts import Digits, Moment, Name, Number
from pbx_lite.speech.prompts import Prompts
from pbx_lite.speech.sentence import Called, Pause, Piece, sentence
from pbx_lite.speech.shelf import MOST_BYTES, Shelf
from pbx_lite.speech.speech import MOST_KEPT, Speech, say_until_key
from pbx_lite.speech.synthesis import speak_name
from pbx_lite.speech.texts import LANGUAGES
from script.prompting.made import left_over, stale
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeAudio, FakeLeg

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
DIRECTORY = Directory(
    Config(
        users=(User(name="anna", display_name="Anna Berger", extension="101"),),
        rooms=(Room(name="kitchen", display_name="Kitchen table", extension="800"),),
    )
)


def tone(seconds: float, hertz: float = 440, strength: float = 0.2) -> bytes:
    count = round(seconds * RATE)
    turn = 2 * math.pi * hertz / RATE
    return array("h", [round(32767 * strength * math.sin(turn * at)) for at in range(count)]).tobytes()


@pytest.fixture(autouse=True)
def without_synthesiser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)


@pytest.fixture
def speech(tmp_path: Path) -> Speech:
    return Speech(folder=tmp_path / "prompts", language="de", clock=FakeClock(), now=lambda: NOW)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def prompts_of(speech: Speech) -> Prompts:
    return Prompts(shelf=speech.shelf, directory=DIRECTORY)


# From parts to pieces


def test_a_text_is_cut_at_its_places_and_they_are_filled_in_the_languages_order():
    name, moment = Name("Anna"), Moment(NOW)
    assert sentence(["voicemail_received_name", name, moment, "goodbye"], "en", NOW) == (
        Piece("en", "voicemail_received_name.1"),
        Piece("en", "word_today"),
        Piece("en", "number_2"),
        Piece("en", "word_pm"),
        Piece("en", "voicemail_received_name.2"),
        Called("en", name),
        Pause(),
        Piece("en", "goodbye"),
    )


def test_a_recording_takes_the_place_of_a_name():
    own = Recording(tone(0.1))
    assert sentence(["room_joined", own], "en", NOW) == (own, Piece("en", "room_joined.1"))


def test_a_number_that_the_text_has_as_a_word_is_not_said_twice():
    assert sentence(["voicemail_new", Number(1), Number(5)], "de", NOW) == (
        Piece("de", "voicemail_new.one"),
        Piece("de", "number_5"),
    )


def test_a_place_that_nothing_is_given_for_stays_empty_and_parts_without_a_place_come_behind():
    assert sentence(["own_number", "goodbye", Digits("1")], "en", NOW) == (
        Piece("en", "own_number.1"),
        Pause(),
        Piece("en", "goodbye"),
        Piece("en", "number_1"),
    )


def test_a_key_that_is_in_no_table_is_our_fault():
    with pytest.raises(KeyError):
        sentence(["no_such_prompt"], "de", NOW)


# The sounds


def test_no_sound_is_missing_and_none_says_something_else_than_its_text():
    """`script/prompts` makes those that this names."""
    assert stale() == []
    assert left_over() == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_language_speaks(speech: Speech, language: str):
    made = await speech.recording("voicemail_new", Number(3), language=language)
    assert 1.0 < made.seconds < 6.0
    assert 20 * math.log10(speech_rms(made.sound) / 32767) == pytest.approx(SPEECH_DB, abs=3)


async def test_an_unknown_language_is_the_pbxs_own_and_that_english_where_it_is_unknown(speech: Speech, tmp_path: Path):
    german = await speech.recording("goodbye", language="de")
    assert await speech.recording("goodbye") is german
    assert await speech.recording("goodbye", language="tlh") is german
    assert Speech(folder=tmp_path, language="tlh", clock=FakeClock()).language == "en"


async def test_what_was_said_is_kept_but_not_for_ever(speech: Speech, monkeypatch: pytest.MonkeyPatch):
    first = await speech.recording("goodbye")
    assert await speech.recording("goodbye") is first
    monkeypatch.setattr(speech_module, "MOST_KEPT", len(first.sound) + 1000)
    await speech.recording("refused")
    assert await speech.recording("goodbye") is not first
    assert MOST_KEPT < 4 << 20


async def test_a_sentence_with_somebodys_own_recording_is_not_kept(speech: Speech):
    own = Recording(tone(1.0))
    made = [await speech.recording("room_joined", own) for _ in range(2)]
    assert made[0] is not made[1]
    assert made[0].sound.startswith(own.sound)


async def test_a_piece_without_a_sound_is_named_once_and_passed_over(tmp_path: Path, caplog: Any):
    speech = Speech(folder=tmp_path, language="en", clock=FakeClock(), shelf=Shelf(tmp_path, tmp_path))
    for _ in range(2):
        assert (await speech.recording("goodbye", Digits("11"))).seconds < 0.2
    assert [record.args for record in caplog.records] == [("goodbye", "en"), ("number_1", "en")]


# Being heard


async def played(speech: Speech, clock: FakeClock, audio: FakeAudio) -> None:
    speaking = asyncio.ensure_future(speech.say(audio, "goodbye"))  # noqa: TID251 - awaited right here
    while not speaking.done():
        await asyncio.sleep(0)
        clock.advance(0.02)
    await speaking


async def test_it_is_over_once_all_of_it_was_heard(speech: Speech):
    recording = await speech.recording("goodbye")
    audio = FakeAudio()
    await played(speech, cast("FakeClock", speech.clock), audio)
    assert [packet.payload for packet in audio.heard] == list(recording.frames(PCMU))


@pytest.mark.parametrize("codec", [None, Codec("G729", 8000)])
async def test_who_cannot_be_spoken_to_hears_nothing(speech: Speech, codec: Codec | None):
    audio = FakeAudio(codec)
    await speech.say(audio, "goodbye")
    assert audio.heard == []


class Seen:
    """A call of which only the keys matter."""

    on_key: Any = None


class Held:
    """A voice that speaks until it is told to go on."""

    def __init__(self) -> None:
        self.over, self.stopped = asyncio.Event(), False

    async def say(self, *_: Any, **__: Any) -> None:
        try:
            await self.over.wait()
        except asyncio.CancelledError:
            self.stopped = True
            raise


@pytest.mark.parametrize("key", ["5", "#"])
async def test_a_key_ends_what_is_said_and_comes_back(key: str):
    call, leg, clock, voice = Seen(), FakeLeg(), FakeClock(), Held()
    keypad = Keypad(cast("Any", call), leg, clock)
    clock.call_later(1.0, lambda: call.on_key(key))
    saying = asyncio.ensure_future(say_until_key(voice, keypad, leg, "goodbye"))  # noqa: TID251
    await clock.settle(2)
    assert await saying == key
    assert voice.stopped
    assert clock.pending == []


async def test_keys_pressed_before_are_not_lost_and_those_after_it_neither():
    call, leg, clock, voice = Seen(), FakeLeg(), FakeClock(), Held()
    keypad = Keypad(cast("Any", call), leg, clock)
    call.on_key("1")
    call.on_key("2")
    assert await say_until_key(voice, keypad, leg, "goodbye") == "1"
    assert await keypad.key(1) == "2"


async def test_without_a_key_nothing_comes_back_once_it_was_said():
    call, leg, clock, voice = Seen(), FakeLeg(), FakeClock(), Held()
    keypad = Keypad(cast("Any", call), leg, clock)
    voice.over.set()
    assert await say_until_key(voice, keypad, leg, "goodbye") == ""
    assert clock.pending == []


# Names


async def test_a_name_is_the_users_own_sound_where_there_is_one(speech: Speech):
    await prompts_of(speech).replace("fr", "name:anna", encode(tone(1.5)))
    said = await speech.recording(Name("Anna", "101", "anna"), language="nl")
    assert 1.4 < said.seconds < 1.7


async def test_without_any_voice_a_name_is_the_number(speech: Speech):
    assert (await speech.recording(Name("Anna", "12"))).sound == (await speech.recording(*[Name("", "12")])).sound
    assert (await speech.recording(Name("Anna", "12345"))).seconds > (await speech.recording(Name("Anna", "1"))).seconds


def espeak(folder: Path, body: str) -> str:
    path = folder / "espeak-ng"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


async def test_a_synthesiser_on_the_machine_speaks_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "sound").write_bytes(encode(tone(1.0)))
    program = espeak(tmp_path, f'cat > "{tmp_path}/heard"; echo "$@" > "{tmp_path}/told"; cat "{tmp_path}/sound"')
    monkeypatch.setattr("shutil.which", lambda _: program)
    sound = speak_name("  Änna\n$(reboot) `x` <b>-Müller</b> " + "long " * 100, "bar")
    assert 0.9 < len(sound) / 2 / RATE < 1.1
    heard = (tmp_path / "heard").read_text()
    assert heard.startswith("Änna reboot x b -Müller b long")
    assert len(heard) <= 80
    assert "nna" not in (tmp_path / "told").read_text()
    assert "-v de" in (tmp_path / "told").read_text()


@pytest.mark.parametrize("body", ["exit 1", "cat; echo nonsense", "true"])
async def test_a_synthesiser_that_fails_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str):
    program = espeak(tmp_path, body)
    monkeypatch.setattr("shutil.which", lambda _: program)
    assert speak_name("Anna", "en") == b""


def test_a_name_of_signs_alone_is_not_spoken():
    assert speak_name("*** <> ###", "en") == b""


# Another voice


async def test_what_was_replaced_is_heard_at_once_and_taken_back(speech: Speech):
    prompts = prompts_of(speech)
    before = await speech.recording("goodbye")
    await prompts.replace("de", "goodbye", encode(bytes(RATE) + tone(3.0, strength=0.05) + bytes(RATE)))
    after = await speech.recording("goodbye")
    assert after.sound != before.sound
    assert 2.9 < after.seconds < 3.3
    assert list(prompts.replaced("de")) == ["goodbye"]
    assert prompts.replaced("en") == {}
    await prompts.replace("de", "goodbye", None)
    assert (await speech.recording("goodbye")).sound == before.sound
    assert prompts.replaced("de") == {}


async def test_a_file_put_into_the_folder_is_heard_and_a_broken_one_named_once(speech: Speech, tmp_path: Path, caplog):
    before = await speech.recording("goodbye")
    folder = tmp_path / "prompts" / "de"
    folder.mkdir(parents=True)
    (folder / "goodbye.opus").write_bytes(encode(tone(3.0)))
    assert (await speech.recording("goodbye")).seconds > 2.9
    (folder / "goodbye.opus").unlink()
    (folder / "goodbye.opus").write_bytes(b"OggS nonsense")
    (folder / "refused.opus").mkdir()
    for _ in range(2):
        assert (await speech.recording("goodbye")).sound == before.sound
        assert (await speech.recording("refused")).seconds > 0.5
    named = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(named) == 2


def test_everything_is_wanted_names_of_people_and_rooms_too(speech: Speech):
    wanted = prompts_of(speech).wanted("de")
    assert (wanted["name:anna"], wanted["room:kitchen"]) == ("Anna Berger", "Kitchen table")
    assert wanted["goodbye"] == "Auf Wiederhören."
    assert tuple(prompts_of(speech).languages()) == LANGUAGES


@pytest.mark.parametrize(
    ("language", "key", "sound", "error"),
    [
        ("tlh", "goodbye", b"", NotFound),
        ("../de", "goodbye", b"", NotFound),
        ("de", "../../passwd", b"", NotFound),
        ("de", "name:nobody", None, NotFound),
        ("de", "goodbye", b"", MediaError),
        ("de", "goodbye", b"nonsense", MediaError),
        ("de", "goodbye", encode(bytes(RATE * 2)), MediaError),
        ("de", "goodbye", bytes(MOST_BYTES + 1), Invalid),
    ],
    ids=["language", "path as language", "path as key", "nobody", "empty", "nonsense", "silence", "too large"],
)
async def test_what_cannot_replace_a_prompt_is_refused_and_leaves_nothing(
    speech: Speech, tmp_path: Path, language: str, key: str, sound: bytes | None, error: type[Exception]
):
    with pytest.raises(error):
        await prompts_of(speech).replace(language, key, sound)
    assert files_in(tmp_path) == []


async def test_a_full_disk_is_told_and_leaves_the_old_sound(speech: Speech, monkeypatch, tmp_path: Path):
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(MediaError, match="No space left"):
        await prompts_of(speech).replace("de", "goodbye", encode(tone(1.0)))
    assert files_in(tmp_path) == []


# Loudness


@pytest.mark.parametrize("strength", [0.002, 0.1, 0.9])
def test_every_voice_is_made_equally_loud(strength: float):
    made = level(tone(1.0, strength=strength))
    assert 20 * math.log10(speech_rms(made) / 32767) == pytest.approx(SPEECH_DB, abs=0.5)


def test_a_loud_click_is_not_clipped():
    made = array("h", level(tone(1.0, strength=0.01) + array("h", [30000, -32768]).tobytes()))
    assert max(*made, -min(made)) <= 32767 * 10 ** (PEAK_DB / 20) + 1


@pytest.mark.parametrize("sound", [b"", bytes(3200), b"\x00"])
def test_silence_is_nothing(sound: bytes):
    assert trim(sound) == b""
    assert level(sound) == sound


def test_silence_is_cut_off_at_both_ends():
    assert len(trim(bytes(RATE) + tone(0.5) + bytes(RATE))) / 2 / RATE == pytest.approx(0.56, abs=0.03)


def test_the_same_samples_give_the_same_file():
    sound = tone(0.7)
    assert encode(sound) == encode(sound)
    assert Recording.decode(encode(sound), most_seconds=5).seconds == pytest.approx(0.7)
