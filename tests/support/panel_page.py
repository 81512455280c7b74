"""A page of the panel without a browser: Home Assistant's WebSocket, and sound through a real WebRTC stack (aiortc)."""

import asyncio
import itertools
from typing import Any

import numpy as np
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame
from numpy.typing import NDArray

from pbx_lite.tasks import Tasks
from tests.support.fake_browser import Microphone
from tests.support.home_assistant import Socket

_NAMES = itertools.count(1)


class PanelPage:
    """`page = PanelPage(socket, "tablet")`, then `open()`; its microphone says `hertz`."""

    def __init__(self, socket: Socket, device: str, *, hertz: float = 700) -> None:
        self._socket = socket
        self._device = device
        self._hertz = hertz
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._connection: RTCPeerConnection | None = None
        self._heard: list[NDArray[np.int16]] = []
        self._tasks = Tasks("page of the panel")

    async def open(self) -> dict[str, Any]:
        """Subscribe; the first snapshot's message."""
        self._queue = await self._socket.subscribe("pascom/subscribe", device=self._device, rings=True)
        snapshot = await self.message("snapshot")
        await self.message("legs")
        return snapshot

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
        await self._tasks.close()
        await self._socket.close()

    async def ask(self, command: str, **fields: Any) -> Any:
        return await self._socket.command("pascom/ask", command=command, fields=fields)

    async def message(self, kind: str) -> dict[str, Any]:
        """The next message of this type; others before it are passed over."""
        async with asyncio.timeout(60):
            while (message := await self._queue.get())["type"] != kind:
                pass
        return message

    async def event(self, kind: str, **wanted: Any) -> dict[str, Any]:
        while True:
            event: dict[str, Any] = (await self.message("event"))["event"]
            if event["kind"] == kind and all(event[key] == value for key, value in wanted.items()):
                return event

    async def connect(self, leg: str) -> None:
        """Media for this leg."""
        answer = await self.ask("phone/connect", leg=leg, session=f"s{next(_NAMES)}", offer=await self._offer())
        await self._answered(answer["answer"])

    async def dial(self, number: str) -> str:
        """The leg."""
        made = await self.ask(
            "phone/dial", device=self._device, number=number, session=f"s{next(_NAMES)}", offer=await self._offer()
        )
        await self._answered(made["answer"])
        return str(made["leg"])

    def sound(self) -> NDArray[np.int16]:
        """All that was heard, 8 kHz mono."""
        return np.concatenate(self._heard) if self._heard else np.zeros(0, np.int16)

    async def _offer(self) -> str:
        if self._connection is not None:
            await self._connection.close()
        self._connection = connection = RTCPeerConnection()
        connection.addTrack(Microphone(self._hertz))
        connection.on("track", lambda track: self._tasks.spawn(self._listen(track), name="listen"))
        await connection.setLocalDescription(await connection.createOffer())
        return str(connection.localDescription.sdp)

    async def _answered(self, sdp: str) -> None:
        assert self._connection is not None
        await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def _listen(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                assert isinstance(frame, AudioFrame)
                samples = frame.to_ndarray().reshape(-1)[:: len(frame.layout.channels)]
                self._heard.append(samples[:: frame.sample_rate // 8000].astype(np.int16))
        except MediaStreamError:
            return
