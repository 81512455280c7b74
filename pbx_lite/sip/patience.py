"""What may wait a moment: when all phones come back at once, calls are not kept behind their registrations."""

import asyncio
from collections.abc import Callable

from pbx_lite.sip.address import Address
from pbx_lite.sip.transport import Flow, Receive

_PATIENT = (b"REGISTER ", b"SUBSCRIBE ", b"PUBLISH ", b"OPTIONS ")
_MOST = 8192  # messages that wait; beyond that a datagram is lost, and its sender repeats it
_TURN = 0.004  # seconds spent on them in one turn of the loop


def is_patient(data: bytes) -> bool:
    """Whether nobody waits for the answer to this message with a receiver at the ear."""
    return data.startswith(_PATIENT)


class Waiting:
    """Messages that wait for their turn, served in their order, a few milliseconds at a time."""

    def __init__(self, serve: Callable[[], Receive]) -> None:
        self._loop = asyncio.get_running_loop()
        self._serve = serve
        self._messages: dict[tuple[Address, bytes], Flow] = {}  # in their order; a repeated one waits once
        self._coming: asyncio.Handle | None = None

    def add(self, data: bytes, flow: Flow) -> None:
        key = (flow.remote, data)
        if key in self._messages or (len(self._messages) >= _MOST and not flow.remote.is_stream):
            return
        self._messages[key] = flow
        if self._coming is None:
            self._coming = self._loop.call_soon(self._turn)

    def close(self) -> None:
        self._messages.clear()
        if self._coming is not None:
            self._coming.cancel()
            self._coming = None

    def _turn(self) -> None:
        self._coming = None
        receive = self._serve()
        end = self._loop.time() + _TURN
        messages = self._messages
        while messages:
            key = next(iter(messages))
            receive(key[1], messages.pop(key))
            if self._loop.time() >= end:
                break
        if messages:
            self._coming = self._loop.call_soon(self._turn)
