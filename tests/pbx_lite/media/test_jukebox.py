"""Playlists as those hear them who wait: prepared in a thread, shared, bounded, never silent."""

import asyncio
import subprocess
import sys
import threading
from array import array
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pbx_lite.media.codecs import Decoder
from pbx_lite.media.jukebox import Jukebox, Programme
from pbx_lite.media.music import Music, frames
from pbx_lite.media.playlist import Playlist
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, AudioPacket
from pbx_lite.tasks import Tasks
from tests.pbx_lite.media.pieces import piece
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeAudio
from tests.support.tone import share_of, sine

_CODECS = [PCMU, PCMA, G722, OPUS]


class Hall:
    """A jukebox, and ports that listen to it."""

    def __init__(self, folder: Path, **folders: Path) -> None:
        self.clock = FakeClock()
        self.jukebox = Jukebox(self.clock, folders, folder)

    async def until(self, true: Callable[[], bool]) -> None:
        """Let time pass and threads work until this is so."""
        async with asyncio.timeout(40):
            while not true():
                self.clock.advance(0.02)
                await asyncio.sleep(0.001)

    async def hears(self, port: FakeAudio, hertz: float) -> None:
        await self.until(lambda: tone(port.heard, hertz) > 0.9)

    async def prepared(self, music: Music, *, read: bool = True) -> None:
        """Wait for threads without letting time pass."""
        async with asyncio.timeout(40):
            programme = programme_of(music)
            while programme._encoding or (read and programme._reading):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.001)


@pytest.fixture
async def hall(tmp_path):
    hall = Hall(tmp_path)
    yield hall
    await hall.jukebox.close()
    assert not hall.clock.pending


def programme_of(music: Music) -> Programme:
    assert isinstance(music._programme, Programme)
    return music._programme


def tone(packets: list[AudioPacket], hertz: float) -> float:
    """Its share in the last half second."""
    last = packets[-25:]
    if len(last) < 25:
        return 0.0
    decoder = Decoder(last[-1].codec)
    sound = array("h", b"".join(decoder.decode(packet.payload) for packet in last))
    step = last[-1].codec.sample_rate // 8000
    return share_of(hertz, np.array(sound[len(sound) // 5 :: step], dtype=np.int32))


def builtin(packets: list[AudioPacket]) -> bool:
    """Whether the last half second was the built-in piece."""
    piece = frames(packets[-1].codec) if packets else ()
    return len(packets) >= 25 and all(packet.payload in piece for packet in packets[-25:])


@pytest.mark.parametrize("codec", _CODECS)
async def test_hold_is_what_lies_in_the_folder(hall, tmp_path, codec):
    piece(tmp_path / "a.flac", 600)
    music, anna = hall.jukebox.music(), FakeAudio(codec)
    music.play(anna)
    await hall.hears(anna, 600)
    steps = {b.timestamp - a.timestamp & 0xFFFFFFFF for a, b in zip(anna.heard[-25:], anna.heard[-24:], strict=False)}
    assert steps == {codec.clock_rate // 50}
    music.stop(anna)


async def test_the_builtin_piece_is_heard_until_the_first_one_is_ready(hall, tmp_path):
    piece(tmp_path / "a.flac", 600)
    music, anna = hall.jukebox.music(), FakeAudio()
    music.play(anna)
    await hall.until(lambda: bool(anna.heard))
    assert anna.heard[0].payload in frames(PCMU)
    await hall.hears(anna, 600)
    music.stop(anna)


async def test_all_who_wait_hear_the_same_and_late_comers_join_in(hall, tmp_path):
    piece(tmp_path / "a.flac", 600, seconds=30)
    music = hall.jukebox.music()
    anna, ben, clara = FakeAudio(), FakeAudio(), FakeAudio(OPUS)
    music.play(anna)
    await hall.hears(anna, 600)
    music.play(ben)
    music.play(clara)
    await hall.hears(clara, 600)
    assert ben.heard[-1] is anna.heard[-1]
    for port in (anna, ben, clara):
        music.stop(port)


async def test_music_goes_on_without_a_gap_and_little_of_it_is_kept(hall, tmp_path):
    piece(tmp_path / "a.flac", 600, seconds=61)
    music, anna = hall.jukebox.music(), FakeAudio(G722)
    music.play(anna)
    await hall.hears(anna, 600)
    programme = programme_of(music)
    begin, most = len(anna.heard), 0
    for _ in range(60):
        await hall.prepared(music)
        hall.clock.advance(1.0)
        most = max(most, len(programme._sound), *(80 * len(each.payloads) for each in programme._streams.values()))
    assert len(anna.heard) - begin >= 60 * 50
    assert not any(packet.payload in frames(G722) for packet in anna.heard[begin:])
    assert most <= 16 * 32_000
    music.stop(anna)


async def test_who_waits_later_hears_it_go_on_where_it_stopped(hall, tmp_path):
    piece(tmp_path / "a.flac", 600, seconds=30)
    music, anna = hall.jukebox.music(), FakeAudio()
    music.play(anna)
    await hall.hears(anna, 600)
    music.stop(anna)
    hall.clock.advance(3600)
    ben = FakeAudio()
    music.play(ben)
    hall.clock.advance(0.6)
    assert tone(ben.heard, 600) > 0.9
    music.stop(ben)


async def test_an_empty_folder_is_looked_at_again_after_a_round_of_the_builtin_piece(hall, tmp_path):
    music, anna = hall.jukebox.music(), FakeAudio()
    music.play(anna)
    await hall.until(lambda: builtin(anna.heard))
    await hall.prepared(music)
    piece(tmp_path / "a.flac", 600)
    await hall.hears(anna, 600)
    music.stop(anna)


async def test_when_the_folder_vanishes_the_builtin_piece_takes_over(hall, tmp_path):
    file = piece(tmp_path / "a.flac", 600)
    music, anna = hall.jukebox.music(), FakeAudio()
    music.play(anna)
    await hall.hears(anna, 600)
    file.unlink()
    await hall.until(lambda: builtin(anna.heard))
    music.stop(anna)


async def test_playlists_have_names_and_unknown_ones_are_what_everybody_hears(tmp_path):
    (tmp_path / "own" / "folk").mkdir(parents=True)
    (tmp_path / "jazz").mkdir()
    piece(tmp_path / "own" / "a.flac", 440)
    piece(tmp_path / "own" / "folk" / "a.flac", 600)
    piece(tmp_path / "jazz" / "a.flac", 800)
    hall = Hall(tmp_path / "own", jazz=tmp_path / "jazz")
    jukebox = hall.jukebox
    heard: dict[str, FakeAudio] = {}
    music: dict[str, Music] = {name: jukebox.music(name) for name in ("", "folk", "jazz")}
    for name, hertz in (("", 440), ("folk", 600), ("jazz", 800)):
        port = heard[name] = FakeAudio()
        music[name].play(port)
        await hall.hears(port, hertz)
        music[name].stop(port)
    assert jukebox.music("jazz") is music["jazz"]
    for unknown in ("hold", "polka", "../jazz", "..", "."):
        assert jukebox.music(unknown) is music[""]
    await jukebox.close()


@pytest.mark.parametrize("where", ["file", "own"])
async def test_a_folder_for_hold_goes_over_what_lies_beside_it(tmp_path, where):
    own, hold = tmp_path / "own", tmp_path / ("own/hold" if where == "own" else "elsewhere")
    own.mkdir()
    hold.mkdir()
    piece(own / "a.flac", 440)
    piece(hold / "a.flac", 600)
    hall = Hall(own, **({"hold": hold} if where == "file" else {}))
    music, anna = hall.jukebox.music(), FakeAudio()
    music.play(anna)
    await hall.hears(anna, 600)
    music.stop(anna)
    await hall.jukebox.close()


async def test_closing_waits_for_nobody_and_leaves_the_builtin_piece(tmp_path):
    piece(tmp_path / "a.flac", 600)
    hall = Hall(tmp_path)
    music, anna = hall.jukebox.music(), FakeAudio(PCMU)
    music.play(anna)
    hall.clock.advance(0.02)
    await hall.jukebox.close()
    await hall.until(lambda: builtin(anna.heard))
    music.stop(anna)


class Slow(Playlist):
    """Gives three seconds of a tone, and then nothing before it is let."""

    def __init__(self) -> None:
        super().__init__("slow", lambda: None)
        self.let = threading.Event()
        self._given = 0

    def read(self) -> bytes:
        self._given += 1
        if self._given == 2:
            self.let.wait(60)
        return sine(600, milliseconds=3000).repeat(2).tobytes()


async def test_a_disk_that_is_slow_makes_nobody_wait_in_silence(hall):
    slow, tasks = Slow(), Tasks("test")
    music = Music(hall.clock, programme=Programme(slow, tasks))
    anna, ben = FakeAudio(), FakeAudio(OPUS)
    music.play(anna)
    await hall.hears(anna, 600)
    music.play(ben)
    hall.clock.advance(0.02)
    await hall.prepared(music, read=False)
    await hall.hears(ben, 600)
    await hall.until(lambda: builtin(anna.heard) and builtin(ben.heard))
    slow.let.set()
    await hall.hears(anna, 600)
    await hall.hears(ben, 600)
    for port in (anna, ben):
        music.stop(port)
    await tasks.close()


def test_who_has_no_music_of_their_own_needs_no_ffmpeg(tmp_path):
    heard = subprocess.run(
        [sys.executable, "-c", _WITHOUT_MUSIC, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert heard.stdout.split() == ["PCMA", "G722", "opus", "False"]


_WITHOUT_MUSIC = """
import asyncio, pathlib, sys
from pbx_lite.media.jukebox import Jukebox
from pbx_lite.media.port import G722, OPUS, PCMA

class Port:
    def __init__(self, codec):
        self.codec, self.heard = codec, asyncio.Event()
    def send(self, packet):
        self.heard.set()

async def wait():
    jukebox = Jukebox(asyncio.get_running_loop(), {}, pathlib.Path(sys.argv[1]))
    music = jukebox.music()
    for codec in (PCMA, G722, OPUS):
        port = Port(codec)
        music.play(port)
        await port.heard.wait()
        music.stop(port)
        print(codec)
    await jukebox.close()
    print("av" in sys.modules)

asyncio.run(wait())
"""
