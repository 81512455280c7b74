import asyncio
import itertools
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from pbx_lite.media.h264 import nal_type
from pbx_lite.media.player import UrlVideo
from pbx_lite.media.port import AccessUnit
from tests.support.camera import FakeCamera

CAMERA = Path(__file__).parents[2] / "support" / "rtsp_camera.py"
BASELINE = 66


def rtsp_camera(*account: str) -> Iterator[str]:
    process = subprocess.Popen(
        ["/usr/bin/python3", str(CAMERA), *account], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        words = process.stdout.readline().split()
        assert words, "GStreamer's RTSP server (gir1.2-gst-rtsp-server-1.0) is missing"
        yield f"rtsp://127.0.0.1:{words[1]}"
        process.stdin.close()
        process.wait(10)


@pytest.fixture(scope="module")
def camera() -> Iterator[str]:
    yield from rtsp_camera()


@pytest.fixture(scope="module")
def guarded_camera() -> Iterator[str]:
    yield from rtsp_camera("vi@sitor", "p:ss/w")


class Watcher:
    """A player and what it gave."""

    def __init__(self, url: str, username: str = "", password: str = "") -> None:
        self.units: list[AccessUnit] = []
        self.sentences: list[str | None] = []
        self._changed = asyncio.Event()
        self.player = UrlVideo(url, self._take, username=username, password=password, linger=0.05, back_off=(0.05,))
        self.player.on_error = self._error
        self.player.start()

    async def pictures(self, count: int) -> list[AccessUnit]:
        await self._until(lambda: len(self.units) >= count)
        return self.units

    async def sentence(self) -> str | None:
        await self._until(lambda: bool(self.sentences))
        return self.sentences[-1]

    async def _until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not true():
                self._changed.clear()
                await self._changed.wait()

    def _take(self, unit: AccessUnit) -> None:
        self.units.append(unit)
        self._changed.set()

    def _error(self, error: Exception | None) -> None:
        self.sentences.append(None if error is None else str(error))
        self._changed.set()


@pytest.fixture
async def watch() -> AsyncIterator[type[Watcher]]:
    made: list[Watcher] = []

    class Remembered(Watcher):
        def __init__(self, url: str, username: str = "", password: str = "") -> None:
            super().__init__(url, username, password)
            made.append(self)

    yield Remembered
    for watcher in made:
        await watcher.player.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("picture of")]


def profile(unit: AccessUnit) -> int:
    return next(nal[1] for nal in unit.nals if nal_type(nal) == 7)


async def test_h264_over_rtsp_passes_from_a_key_frame_on(camera: str, watch: type[Watcher]) -> None:
    pictures = await watch(f"{camera}/h264").pictures(10)
    assert pictures[0].key
    assert profile(pictures[0]) == BASELINE
    distances = {later.timestamp - earlier.timestamp for earlier, later in itertools.pairwise(pictures[1:10])}
    assert distances == {6000}


async def test_b_frames_are_encoded_away(camera: str, watch: type[Watcher]) -> None:
    watcher = watch(f"{camera}/bframes")
    await watcher._until(lambda: any(unit.key and profile(unit) == BASELINE for unit in watcher.units))


async def test_mjpeg_over_rtsp_becomes_h264(camera: str, watch: type[Watcher]) -> None:
    pictures = await watch(f"{camera}/mjpeg").pictures(5)
    assert pictures[0].key
    assert profile(pictures[0]) == BASELINE


async def test_an_account_is_used_even_with_letters_that_mean_something_in_a_url(
    guarded_camera: str, watch: type[Watcher]
) -> None:
    await watch(f"{guarded_camera}/h264", "vi@sitor", "p:ss/w").pictures(1)


async def test_a_wrong_password_gives_one_sentence_that_holds_no_secret(
    guarded_camera: str, watch: type[Watcher], caplog: pytest.LogCaptureFixture
) -> None:
    watcher = watch(f"{guarded_camera}/h264", "vi@sitor", "wrong")
    sentence = await watcher.sentence()
    assert sentence == f"The camera at {guarded_camera[7:]} refuses the user name or password"
    assert "wrong" not in caplog.text
    assert watcher.player.error is not None


async def test_mjpeg_over_http_becomes_h264(watch: type[Watcher]) -> None:
    async with FakeCamera() as camera:
        watcher = watch(camera.stream)
        pictures = await watcher.pictures(4)
        assert [unit.key for unit in pictures[:4]] == [True, False, False, False]
        watcher.player.stop()
        await camera.watched_by(0)


async def test_a_still_is_fetched_again_and_again(watch: type[Watcher]) -> None:
    async with FakeCamera(username="a b", password="c@d") as camera:
        pictures = await watch(camera.still, "a b", "c@d").pictures(3)
        assert [unit.key for unit in pictures[:3]] == [True, False, False]


async def test_a_missing_page_gives_one_sentence(watch: type[Watcher]) -> None:
    async with FakeCamera() as camera:
        sentence = await watch(camera.still.replace("still", "nothing")).sentence()
        assert sentence == f"The camera at 127.0.0.1:{camera.port} has no picture at /nothing.jpg"


async def test_an_unreachable_camera_is_tried_again_until_it_answers(watch: type[Watcher]) -> None:
    async with FakeCamera() as camera:
        port = camera.port
    watcher = watch(f"http://127.0.0.1:{port}/still.jpg")
    assert await watcher.sentence() == f"The camera at 127.0.0.1:{port} does not answer"
    assert len(watcher.sentences) == 1


async def test_a_camera_that_comes_back_clears_its_error(watch: type[Watcher]) -> None:
    async with FakeCamera() as camera:
        watcher = watch(camera.still)
        await watcher.pictures(1)
    await watcher.sentence()
    watcher.player.take(watcher.player._reader, watcher.units[0])
    assert watcher.sentences[-1] is None
    assert watcher.player.error is None


async def test_what_is_no_video_gives_a_sentence(watch: type[Watcher]) -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<html>Log in</html>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    async with TestServer(app) as server:
        sentence = await watch(str(server.make_url("/"))).sentence()
        assert sentence == f"The camera at 127.0.0.1:{server.port} sends something that is no video"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://camera/picture", "concat:a|b"])
async def test_nothing_but_a_network_camera_is_opened(url: str, watch: type[Watcher]) -> None:
    sentence = await watch(url).sentence()
    assert sentence is not None
    assert sentence.startswith("A picture comes from http, https or rtsp, not from")


async def test_a_viewer_who_comes_back_at_once_finds_the_source_open(watch: type[Watcher]) -> None:
    async with FakeCamera() as camera:
        watcher = watch(camera.stream)
        await watcher.pictures(2)
        watcher.player.stop()
        watcher.player.start()
        await watcher.pictures(len(watcher.units) + 3)
        assert camera.watching == 1
        assert watcher.player.running


def test_av_is_not_loaded_before_somebody_watches() -> None:
    code = (
        "import sys, pbx_lite.media.player, pbx_lite.media.snapshot, pbx_lite.media.video, pbx_lite.calls.webrtc_leg\n"
    )
    code += "sys.exit(any(name in sys.modules for name in ('av', 'aiortc', 'aioice')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
