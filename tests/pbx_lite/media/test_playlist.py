"""Folders of music: every piece as loud as the others, whatever else lies there."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pbx_lite.media.loudness import PEAK, TARGET, Meter, resampler
from pbx_lite.media.playlist import READ_SECONDS, Playlist
from pbx_lite.media.recording import RATE
from tests.pbx_lite.media.pieces import piece
from tests.support.tone import share_of

_SECONDS = 6


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "jazz"
    folder.mkdir()
    return folder


@pytest.fixture
def playlist(folder):
    playlist = Playlist("jazz", lambda: folder)
    yield playlist
    playlist.close()


def read(playlist: Playlist, seconds: float) -> NDArray[np.int16]:
    """The next so many seconds, or what there is."""
    sound = b""
    while len(sound) < seconds * RATE * 2 and (more := playlist.read()):
        sound += more
    return np.frombuffer(sound, np.int16)


def pieces_of(sound: NDArray[np.int16]) -> list[NDArray[np.int16]]:
    size = _SECONDS * RATE
    return [sound[at : at + size] for at in range(0, len(sound) - size + 1, size)]


def tones(sound: NDArray[np.int16], *among: int) -> list[int]:
    """Which of these tones are heard, one after another; seconds in which one follows the other are left out."""
    heard: list[int] = []
    for at in range(0, len(sound) - RATE + 1, RATE):
        second = sound[at : at + RATE : 2].astype(np.int32)
        hertz = max(among, key=lambda each: share_of(each, second))
        if share_of(hertz, second) > 0.8 and heard[-1:] != [hertz]:
            heard.append(hertz)
    return heard


def loudness_of(sound: NDArray[np.int16]) -> float | None:
    import av

    meter = Meter()
    frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = RATE
    convert = resampler()
    for part in (*convert.resample(frame), *convert.resample(None)):
        meter.feed(part)
    return meter.loudness


def test_a_loud_piece_and_a_quiet_one_are_equally_loud(folder, playlist):
    piece(folder / "a.mp3", 440, level=-0.5, codec="libmp3lame")
    piece(folder / "b.flac", 600, level=-40)
    sound = read(playlist, 2 * _SECONDS + 1)
    loud, quiet = pieces_of(sound)
    assert loudness_of(loud) == pytest.approx(TARGET, abs=0.5)
    assert loudness_of(quiet) == pytest.approx(TARGET, abs=0.5)


def test_peaks_of_what_is_made_louder_stay_below_full_scale(folder, playlist):
    at = np.arange(RATE * _SECONDS)
    sound = 0.003 * np.sin(2 * np.pi * 440 * at / RATE)
    sound[at % RATE < 200] *= 300  # a drum
    (folder / "drum.wav").write_bytes(_wav(sound))
    heard = read(playlist, _SECONDS - 1)
    assert 10_000 < np.abs(heard.astype(np.int32)).max() <= 32768 * 10 ** (PEAK / 20) + 1


def test_pieces_come_by_name_and_round_again_and_films_are_heard(folder, playlist):
    piece(folder / "c film.mp4", 800, codec="aac", film=True)
    piece(folder / "B.flac", 600)
    piece(folder / "a.flac", 440)
    assert tones(read(playlist, 4 * _SECONDS), 440, 600, 800)[:4] == [440, 600, 800, 440]


def test_it_gives_a_little_at_a_time(folder, playlist):
    piece(folder / "a.flac", 440, seconds=30)
    assert {len(playlist.read()) for _ in range(8)} == {round(READ_SECONDS * RATE) * 2}


def test_what_is_broken_is_left_out_and_named_once(folder, playlist, caplog):
    (folder / "broken.mp3").write_bytes(b"\xff\xfb\x90\x00" + bytes(range(256)) * 20)
    (folder / "cover.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "list.wav").write_text("#EXTM3U\n#EXTINF:5,\nfile:///etc/passwd\n")
    (folder / "notes.txt").write_text("what we like to hear\n" * 50)
    (folder / ".hidden.mp3").write_bytes(b"nothing")
    (folder / "silence.wav").write_bytes(_wav(np.zeros(RATE * 2)))
    (folder / "tick.wav").write_bytes(_wav(np.full(RATE // 4, 0.1)))
    (folder / "folder").mkdir()
    piece(folder / "good.flac", 440)
    assert tones(read(playlist, 3 * _SECONDS), 440, 600) == [440]
    told = sorted(record.getMessage() for record in caplog.records if record.levelname == "WARNING")
    assert [line.split(" in the playlist jazz is left out: ")[0] for line in told] == [
        "broken.mp3",
        "list.wav",
        "notes.txt",
        "silence.wav",
        "tick.wav",
    ]
    assert "Convert it to MP3, or remove it." in told[0]
    assert "nothing to be heard" in told[3]
    assert "less than a second" in told[4]


def test_a_file_that_is_damaged_in_the_middle_is_played_around_that(folder, playlist, caplog):
    path = piece(folder / "a.mp3", 440, codec="libmp3lame")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 3000] = b"\x55" * 3000
    path.write_bytes(data)
    piece(folder / "b.flac", 600)
    assert tones(read(playlist, 2 * _SECONDS), 440, 600)[:2] == [440, 600]
    assert not caplog.records


def test_a_repaired_file_is_played_and_what_was_added_or_removed_is_seen(folder, playlist):
    (folder / "a.flac").write_bytes(b"nothing")
    piece(folder / "b.flac", 600)
    assert tones(read(playlist, _SECONDS), 440, 600, 800) == [600]
    piece(folder / "a.flac", 440)
    piece(folder / "c.flac", 800)
    (folder / "b.flac").unlink()
    # What had begun is heard to its end.
    heard = tones(read(playlist, 5 * _SECONDS), 440, 600, 800)
    assert heard[:4] == [600, 800, 440, 800]


@pytest.mark.parametrize("there", [True, False])
def test_where_there_is_nothing_that_is_told_once(folder, playlist, there, caplog):
    if not there:
        folder.rmdir()
    for _ in range(3):
        assert playlist.read() == b""
    (told,) = caplog.records
    assert told.getMessage() == (
        "There is no music in the playlist jazz: those who wait hear the built-in piece. "
        f"Put sound files into {folder}."
    )


def test_nobody_is_told_where_nobody_asked_for_music(folder, caplog):
    for place in (lambda: folder, lambda: None):
        playlist = Playlist("hold", place, wanted=False)
        assert playlist.read() == b""
    assert not caplog.records


def test_a_folder_that_vanishes_ends_the_music_and_one_that_comes_back_begins_it(folder, playlist):
    piece(folder / "a.flac", 440)
    assert playlist.read()
    shutil.rmtree(folder)
    while playlist.read():
        pass
    folder.mkdir()
    piece(folder / "b.flac", 600)
    assert tones(read(playlist, _SECONDS), 440, 600) == [600]


def test_a_playlist_that_is_stopped_gives_nothing_more(folder, playlist):
    piece(folder / "a.flac", 440)
    playlist.stop()
    assert playlist.read() == b""


def _wav(sound: NDArray[np.float64]) -> bytes:
    import io
    import wave

    file = io.BytesIO()
    with wave.open(file, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(RATE)
        target.writeframes((sound * 32767).astype(np.int16).tobytes())
    return file.getvalue()
