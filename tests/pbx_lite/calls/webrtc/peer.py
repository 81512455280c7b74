"""A browser's stand-in on aiortc: it decodes what it is sent and speaks when told to."""

import asyncio
from collections.abc import Callable
from typing import Self

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, MediaStreamTrack
from av.frame import Frame

from pbx_lite.calls.webrtc_leg import WebRtcSession
from pbx_lite.tasks import Tasks


class Peer:
    """`async with Peer(audio="sendrecv", video="recvonly") as peer:` then `await peer.call(session)`."""

    def __init__(self, *, audio: str | None = "recvonly", video: str | None = "recvonly") -> None:
        self.connection = RTCPeerConnection()
        self.frames: dict[str, list[Frame]] = {"audio": [], "video": []}
        self.answer = ""
        self._changed = asyncio.Event()
        self._tasks = Tasks("peer")
        if audio is not None:
            transceiver = self.connection.addTransceiver("audio", audio)
            if "send" in audio:
                transceiver.sender.replaceTrack(AudioStreamTrack())
        if video is not None:
            self.connection.addTransceiver("video", video)
        self.connection.on("track", self._track)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.connection.close()
        await self._tasks.close()

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def call(self, session: WebRtcSession) -> None:
        self.answer = await session.answer(await self.offer())
        await self.connection.setRemoteDescription(RTCSessionDescription(self.answer, "answer"))

    async def decoded(self, kind: str, count: int = 1) -> list[Frame]:
        await self.until(lambda: len(self.frames[kind]) >= count)
        return self.frames[kind]

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until something holds, looked at with each decoded frame and whenever `wake` is called."""
        async with asyncio.timeout(20):
            while not true():
                self._changed.clear()
                await self._changed.wait()

    def wake(self, *_: object) -> None:
        self._changed.set()

    def waking[T](self, listener: Callable[[T], object]) -> Callable[[T], None]:
        """The listener, after which `until` looks again."""

        def listen(what: T) -> None:
            listener(what)
            self.wake()

        return listen

    def _track(self, track: MediaStreamTrack) -> None:
        self._tasks.spawn(self._receive(track), name=track.kind)

    async def _receive(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                assert isinstance(frame, Frame)
                self.frames[track.kind].append(frame)
                self.wake()
        except MediaStreamError:
            self.wake()
