"""A page of a user with a telephone in it: news as the PBX tells them, sound through a real WebRTC stack (aiortc)."""

import asyncio
import itertools
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Self

import numpy as np
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, VideoFrame

from pbx_lite.calls.browser_leg import Told
from pbx_lite.calls.browsers import News, Rang
from pbx_lite.features.softphone import Softphone
from pbx_lite.tasks import Tasks
from tests.support.house import House

_NAMES = itertools.count(1)
_RATE = 48_000
_SIZE = _RATE // 50
_LISTENED = 20
"""Frames that are looked at together for a tone."""


class Microphone(MediaStreamTrack):
    """Says one tone for ever, 20 ms at a time."""

    kind = "audio"

    def __init__(self, hertz: float) -> None:
        super().__init__()
        self._hertz = hertz
        self._began = time.monotonic()
        self._count = 0

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        await asyncio.sleep(max(0.0, self._began + self._count * 0.02 - time.monotonic()))
        at = np.arange(self._count * _SIZE, (self._count + 1) * _SIZE)
        samples = (np.sin(2 * np.pi * self._hertz * at / _RATE) * 12000).astype(np.int16)
        frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = _RATE
        frame.pts = self._count * _SIZE
        frame.time_base = Fraction(1, _RATE)
        self._count += 1
        return frame


class Camera(MediaStreamTrack):
    """A small picture that changes, ten times a second."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()
        self._count = 0

    async def recv(self) -> VideoFrame:
        if self.readyState != "live":
            raise MediaStreamError
        await asyncio.sleep(max(0.0, self._began + self._count * 0.1 - time.monotonic()))
        picture = np.full((120, 160, 3), self._count * 8 % 256, np.uint8)
        frame = VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = self._count * 9000
        frame.time_base = Fraction(1, 90_000)
        self._count += 1
        return frame


class FakeBrowser:
    """`async with FakeBrowser(house, "anna", hertz=700) as page:`; `leg` is the one it has now.

    One that `looks` offers a camera as well, which is off until `film()`.
    """

    def __init__(
        self, house: House, user: str, *, hertz: float = 700, device: str = "tab", looks: bool = False
    ) -> None:
        self.leg = ""
        self.call = ""
        self.news: list[News] = []
        self.tell = self._told  # bound once: the PBX knows the page by it
        self._softphone = house.pbx.features[Softphone]
        self._user = house.user(user)
        self._device = device
        self._hertz = hertz
        self._looks = looks
        self._connection: RTCPeerConnection | None = None
        self._frames: list[AudioFrame] = []
        self._pictures = 0
        self._changed = asyncio.Event()
        self._tasks = Tasks(f"browser of {user}")

    async def __aenter__(self) -> Self:
        self._softphone.here(self._user, self._device, self.tell, rings=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._softphone.gone(self._user.name, self._device, self.tell)
        await self._hang_up_media()
        await self._tasks.close()

    # What it does

    async def dial(self, number: str) -> None:
        session, offer = await self._offer()
        self.leg, self.call, answer = await self._softphone.dial(
            self._user, self._device, number, session=session, offer=offer, ice_servers=()
        )
        await self._answered(answer)

    async def answer(self) -> None:
        """Take the call that rings."""
        await self._connect()
        self._softphone.answer(self._user, self.leg)

    async def reload(self) -> None:
        """The page forgets everything, and finds its call again."""
        await self._hang_up_media()
        self._frames.clear()
        self._softphone.gone(self._user.name, self._device, self.tell)
        (leg,) = self._softphone.here(self._user, self._device, self.tell, rings=True)
        self.leg = str(leg["leg"])
        await self._connect()

    def press(self, digits: str) -> None:
        self._softphone.press(self._user, self.leg, digits)

    def film(self, *, shown: bool = True) -> None:
        """Switch the camera on or off."""
        assert self._connection is not None
        (sender,) = [each.sender for each in self._connection.getTransceivers() if each.kind == "video"]
        sender.replaceTrack(Camera() if shown else None)
        self._softphone.film(self._user, self.leg, shown=shown)

    def reject(self) -> None:
        self._softphone.reject(self._user, self.leg)

    def hang_up(self) -> None:
        self._softphone.hang_up(self._user, self.leg)

    # What it hears

    async def rings(self) -> Rang:
        rang = await self._until(lambda: next((news for news in self.news if isinstance(news, Rang)), None))
        self.leg, self.call = rang.leg, rang.call
        return rang

    async def is_told(self, state: str) -> Told:
        return await self._until(
            lambda: next((news for news in self.news if isinstance(news, Told) and news.state == state), None)
        )

    async def hears(self, hertz: float) -> bool:
        """Once the tone fills what was heard lately."""
        return await self._until(lambda: self._share(hertz) > 0.7)

    async def sees(self) -> bool:
        """Once some more pictures of the other end were decoded."""
        before = self._pictures
        return await self._until(lambda: self._pictures > before + 3)

    async def hears_something(self) -> bool:
        return await self._until(lambda: len(self._frames) >= _LISTENED)

    def forget(self) -> None:
        """Listen anew."""
        self._frames.clear()
        self.news.clear()

    def _share(self, hertz: float) -> float:
        frames = self._frames[-_LISTENED:]
        if len(frames) < _LISTENED:
            return 0.0
        rate = frames[0].sample_rate
        if any(frame.sample_rate != rate for frame in frames):
            return 0.0
        channels = [frame.to_ndarray().reshape(-1)[:: len(frame.layout.channels)] for frame in frames]
        samples = np.concatenate(channels).astype(np.float64)
        total = float(np.sum(samples**2))
        along = np.sum(samples * np.exp(-2j * np.pi * hertz * np.arange(len(samples)) / rate))
        return float(2 * abs(along) ** 2 / (len(samples) * total)) if total else 0.0

    # Inside

    def _told(self, news: News) -> None:
        self.news.append(news)
        self._changed.set()

    async def _connect(self) -> None:
        session, offer = await self._offer()
        answer = await self._softphone.connect(self._user, self.leg, session=session, offer=offer, ice_servers=())
        await self._answered(answer)

    async def _offer(self) -> tuple[str, str]:
        self._connection = connection = RTCPeerConnection()
        connection.addTrack(Microphone(self._hertz))
        if self._looks:
            connection.addTransceiver("video", "sendrecv")
        connection.on("track", lambda track: self._tasks.spawn(self._listen(track), name="listen"))
        await connection.setLocalDescription(await connection.createOffer())
        return f"s{next(_NAMES)}", connection.localDescription.sdp

    async def _answered(self, sdp: str) -> None:
        assert self._connection is not None
        await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def _hang_up_media(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _listen(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, AudioFrame):
                    self._frames.append(frame)
                else:
                    self._pictures += 1
                self._changed.set()
        except MediaStreamError:
            return

    async def _until[T](self, true: Callable[[], T | None]) -> T:
        try:
            async with asyncio.timeout(20):
                while not (result := true()):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain; the page was told {self.news}") from None
        return result
