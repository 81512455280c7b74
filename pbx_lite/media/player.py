"""A door's picture from a URL, read only while somebody watches: RTSP, HTTP MJPEG, or an HTTP JPEG again and again."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

from pbx_lite.errors import MediaError
from pbx_lite.media.port import AccessUnit, VideoSink

if TYPE_CHECKING:
    from pbx_lite.media.reading import Source

_LOGGER = logging.getLogger(__name__)

LINGER = 4.0  # seconds that a source stays open after its last viewer: the stock player closes and opens at once
BACK_OFF = (1.0, 2.0, 4.0, 8.0, 15.0)  # seconds between attempts; the last one repeats


class UrlVideo:
    """Reads `url` between `start` and `stop` and gives its pictures to `sink`, in the event loop's thread.

    H.264 without B-frames passes unencoded; anything else is encoded once.  A source that fails is tried again while
    it is wanted; `error` and `on_error` say in a sentence what is wrong, `on_error(None)` that it works again.
    """

    def __init__(
        self,
        url: str,
        sink: VideoSink,
        *,
        username: str = "",
        password: str = "",
        linger: float = LINGER,
        back_off: tuple[float, ...] = BACK_OFF,
    ) -> None:
        self.on_error: Callable[[MediaError | None], None] | None = None
        self.error: MediaError | None = None
        self._url = url
        self._address = _with_account(url, username, password)
        self._sink = sink
        self._linger = linger
        self._back_off = back_off
        self._reader: _Reader | None = None
        self._readers: set[_Reader] = set()
        self._stop_timer: asyncio.TimerHandle | None = None

    @property
    def running(self) -> bool:
        return self._reader is not None

    def start(self) -> None:
        """Somebody watches."""
        if self._stop_timer is not None:
            self._stop_timer.cancel()
            self._stop_timer = None
        if self._reader is None:
            reader = _Reader(self, asyncio.get_running_loop(), self._address, self._url, self._back_off)
            self._reader = reader
            self._readers.add(reader)
            reader.ended.add_done_callback(lambda _: self._readers.discard(reader))
            reader.start()

    def stop(self) -> None:
        """Nobody watches; the source is let go after `linger` seconds."""
        if self._reader is not None and self._stop_timer is None:
            self._stop_timer = asyncio.get_running_loop().call_later(self._linger, self._stop_now)

    async def close(self) -> None:
        """Let go at once and wait until the reading thread has ended."""
        self._stop_now()
        for reader in tuple(self._readers):
            await reader.ended
            reader.join()

    def _stop_now(self) -> None:
        if self._stop_timer is not None:
            self._stop_timer.cancel()
            self._stop_timer = None
        if self._reader is not None:
            self._reader.stop()
            self._reader = None

    def take(self, reader: object, unit: AccessUnit) -> None:
        """A picture from the reader; one that was stopped in the meantime is not heard any more."""
        if reader is self._reader:
            if self.error is not None:
                self._report(None)
            self._sink(unit)

    def fail(self, reader: object, error: MediaError) -> None:
        if reader is self._reader and (self.error is None or self.error.message != error.message):
            _LOGGER.warning("%s", error.message)
            self._report(error)

    def _report(self, error: MediaError | None) -> None:
        self.error = error
        if self.on_error is not None:
            self.on_error(error)


class _Reader:
    """The thread that reads; everything it finds goes to the player through the event loop."""

    def __init__(
        self, player: UrlVideo, loop: asyncio.AbstractEventLoop, address: str, url: str, back_off: tuple[float, ...]
    ) -> None:
        self.ended: asyncio.Future[None] = loop.create_future()
        self._player = player
        self._loop = loop
        self._address = address
        self._url = url
        self._back_off = back_off
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"picture of {urlsplit(url).hostname}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def join(self) -> None:
        """Wait for the thread, which has said already that it ends."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self._read_again_and_again()
        except Exception:
            _LOGGER.exception("Reading the picture of %s failed", urlsplit(self._url).hostname)
        finally:
            self._call(self._end)

    def _read_again_and_again(self) -> None:
        from pbx_lite.media.reading import PictureEncoder, open_source

        encoder = PictureEncoder()
        failures = 0
        while not self._stopped.is_set():
            pause = 0.0
            try:
                source: Source
                with open_source(self._address, self._url, encoder) as source:
                    for unit in self._until_stopped(source.units()):
                        failures = 0
                        self._call(self._player.take, self, unit)
                    pause = source.pause
            except MediaError as error:
                self._call(self._player.fail, self, error)
                pause = self._back_off[min(failures, len(self._back_off) - 1)]
                failures += 1
            self._stopped.wait(pause)

    def _until_stopped(self, units: Iterator[AccessUnit]) -> Iterator[AccessUnit]:
        for unit in units:
            if self._stopped.is_set():
                return
            yield unit

    def _call(self, function: Callable[..., object], *arguments: Any) -> None:
        with suppress(RuntimeError):  # the loop has ended before the thread
            self._loop.call_soon_threadsafe(function, *arguments)

    def _end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


def _with_account(url: str, username: str, password: str) -> str:
    """The URL as FFmpeg wants it, with the account inside; one that is there already stays."""
    parts = urlsplit(url)
    if not username or "@" in parts.netloc:
        return url
    account = f"{quote(username, safe='')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{account}@{parts.netloc}"))
