from pathlib import Path

import pytest

from pbx_lite.errors import Invalid, PbxError, Unavailable
from pbx_lite.features.announce.fetching import Sounds
from tests.support.relay import FakeRelay


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "sounds").mkdir(parents=True)
    (folder / "sounds" / "gong.wav").write_bytes(b"gong")
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    return folder


@pytest.fixture
def sounds(data: Path) -> Sounds:
    return Sounds(data, max_bytes=1024 * 1024, seconds=0.5)


async def test_sound_comes_from_the_web(sounds: Sounds) -> None:
    async with FakeRelay(answer=(200, "audio/wav", b"tts")) as server:
        assert await sounds.fetch(server.url("/tts.wav")) == b"tts"


async def test_sound_comes_from_the_data_folder(sounds: Sounds, data: Path) -> None:
    assert await sounds.fetch(f"file://{data}/sounds/gong.wav") == b"gong"
    assert await sounds.fetch(f"file://localhost{data}/sounds/../sounds/gong%2Ewav") == b"gong"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://192.0.2.9/a.mp3",
        "rtsp://192.0.2.9/a",
        "data:audio/wav;base64,AAAA",
        "concat:/etc/passwd",
        "/etc/passwd",
        "http://",
        "http://[",
        "file://192.0.2.9/share/a.wav",
        "file:///etc/passwd",
        "file://{data}/../secret",
        "file://{data}/link",
        "file://{data}/%2E%2E/secret",
    ],
)
async def test_nothing_else_is_opened(sounds: Sounds, data: Path, url: str) -> None:
    with pytest.raises(Invalid, match="only http, https and files of the data folder"):
        await sounds.fetch(url.replace("{data}", str(data)))


@pytest.mark.parametrize("path", ["sounds/none.wav", "sounds", "a\0b"])
async def test_a_file_that_is_none_is_told_so(sounds: Sounds, data: Path, path: str) -> None:
    with pytest.raises(Unavailable):
        await sounds.fetch(f"file://{data}/{path}")


async def test_a_redirection_leads_to_no_file(sounds: Sounds, data: Path) -> None:
    async with FakeRelay(
        answer=(302, "text/plain", b""), headers={"Location": f"file://{data}/sounds/gong.wav"}
    ) as server:
        with pytest.raises(PbxError):
            await sounds.fetch(server.url())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"answer": (404, "text/plain", b"")}, "answered 404"),
        ({"answer": (200, "audio/wav", bytes(2 * 1024 * 1024))}, "larger than 1 MiB"),
        ({"silent": True}, "within 0.5 seconds"),
    ],
)
async def test_what_does_not_come_is_told_so(sounds: Sounds, options: dict[str, object], words: str) -> None:
    async with FakeRelay(**options) as server:  # type: ignore[arg-type]
        with pytest.raises(Unavailable, match=words):
            await sounds.fetch(server.url())


async def test_a_host_that_is_not_there_is_told_so(sounds: Sounds) -> None:
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1 cannot be reached"):
        await sounds.fetch("http://127.0.0.1:9/a.wav")
