"""A browser at a room by a real WebRTC stack (aiortc): it watches, listens, and talks when told to."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Self

import numpy as np
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, VideoFrame
from numpy.typing import NDArray

from pbx_lite.features.conference.rooms import Rooms
from pbx_lite.tasks import Tasks
from tests.support.fake_browser import Microphone
from tests.support.house import House

_NAMES = itertools.count(1)
_LISTENED = 20
"""Frames that are looked at together for a tone."""


class Spectator:
    """`async with Spectator(house, "anna") as page:`, then `watch()`; `hertz` is what its microphone gives.

    `ended` is what the PBX said when it ended the session: a code and a sentence.
    """

    def __init__(self, house: House, user: str = "", *, room: str = "table") -> None:
        self.ended: tuple[str, str] | None = None
        self.pictures: list[VideoFrame] = []
        self._rooms = house.pbx.features[Rooms]
        self._user = house.user(user) if user else None
        self._room = room
        self._session = ""
        self._connection: RTCPeerConnection | None = None
        self._frames: list[AudioFrame] = []
        self._changed = asyncio.Event()
        self._tasks = Tasks("spectator")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
        await self._tasks.close()

    async def watch(self, *, hertz: float | None = None) -> None:
        """Open a session; with `hertz` the microphone is on."""
        self._connection = connection = RTCPeerConnection()
        if hertz is None:
            connection.addTransceiver("audio", "recvonly")
        else:
            connection.addTrack(Microphone(hertz))
        connection.addTransceiver("video", "recvonly")
        connection.on("track", lambda track: self._tasks.spawn(self._receive(track), name=track.kind))
        await connection.setLocalDescription(await connection.createOffer())
        self._session = f"room{next(_NAMES)}"
        answer = await self._rooms.watch(
            self._room,
            self._user,
            session=self._session,
            offer=connection.localDescription.sdp,
            ice_servers=(),
            on_end=self._end,
        )
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def talk(self, hertz: float) -> None:
        """As the stock player does it: close the session, and open one with a microphone."""
        await self.close()
        await self.watch(hertz=hertz)

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await self._rooms.close_session(self._session)
            await connection.close()
        self._frames.clear()
        self.pictures.clear()

    async def hears(self, *tones: float) -> bool:
        """Once these tones are what was heard lately, in whatever shares."""
        return await self.until(lambda: self._hears(tones))

    async def sees(self, looks: Callable[[NDArray[np.uint8]], bool] = lambda _: True) -> NDArray[np.uint8]:
        """The first picture from now on that looks like this: red, green, blue."""
        found: list[NDArray[np.uint8]] = []

        def right() -> bool:
            while self.pictures:
                pixels = np.asarray(self.pictures.pop(0).to_ndarray(format="rgb24"), dtype=np.uint8)
                if looks(pixels):
                    found.append(pixels)
                    return True
            return False

        await self.until(right)
        return found[0]

    async def until(self, true: Callable[[], bool]) -> bool:
        try:
            async with asyncio.timeout(40):
                while not true():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain; the session ended with {self.ended}") from None
        return True

    def _hears(self, tones: tuple[float, ...]) -> bool:
        frames = self._frames[-_LISTENED:]
        if len(frames) < _LISTENED or any(frame.sample_rate != frames[0].sample_rate for frame in frames):
            return False
        channels = [frame.to_ndarray().reshape(-1)[:: len(frame.layout.channels)] for frame in frames]
        samples = np.concatenate(channels).astype(np.float64)
        total = float(np.sum(samples**2))
        at = np.arange(len(samples)) / frames[0].sample_rate
        shares = [2 * abs(np.sum(samples * np.exp(-2j * np.pi * hertz * at))) ** 2 for hertz in tones]
        if not total:
            return False
        shares = [share / (len(samples) * total) for share in shares]
        return bool(min(shares) > 0.1 and sum(shares) > 0.7)

    def _end(self, code: str, message: str) -> None:
        self.ended = code, message
        self._changed.set()

    async def _receive(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, AudioFrame):
                    self._frames.append(frame)
                elif isinstance(frame, VideoFrame):
                    self.pictures.append(frame)
                self._changed.set()
        except MediaStreamError:
            return
