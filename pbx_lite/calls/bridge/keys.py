"""Keys from one party to another, in the way that each speaks."""

import asyncio
import logging
from collections import deque

from pbx_lite.calls.leg import Leg
from pbx_lite.errors import PbxError
from pbx_lite.tasks import spawn

_LOGGER = logging.getLogger(__name__)
_MOST_WAITING = 32
_KEY_MS = 200
"""Half of it tone, half pause: long enough for any machine, and no slower than people type."""


class KeySender:
    """Presses keys on one leg, one after the other; what cannot be sent is left out."""

    def __init__(self, leg: Leg) -> None:
        self._leg = leg
        self._waiting: deque[str] = deque()
        self._task: asyncio.Task[None] | None = None

    def press(self, digit: str) -> None:
        if len(self._waiting) >= _MOST_WAITING:
            return
        self._waiting.append(digit)
        if self._task is None:
            self._task = spawn(self._send(), name="pass on keys")

    def close(self) -> None:
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()

    async def _send(self) -> None:
        try:
            while self._waiting:
                await self._leg.send_dtmf(self._waiting.popleft(), self._leg.keys, _KEY_MS)
        except PbxError as error:
            self._waiting.clear()
            _LOGGER.info("A key could not be passed on: %s", error)
        finally:
            self._task = None


def carried_by_sound(source: Leg, target: Leg) -> bool:
    """Whether a key needs no passing on, since it was a tone and passes as one."""
    return source.keys == "inband" == target.keys
