"""Under which address those outside reach us: the configured one, else the one a STUN server sees."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from pbx_lite.clock import Clock
from pbx_lite.errors import PbxError
from pbx_lite.sip.address import is_numeric
from pbx_lite.sip.names import is_local_name
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)
_ASK_EVERY = 300.0  # seconds: providers give lines at home a new address at night
_ASK_AGAIN = 30.0  # seconds after nobody answered
_HOME_NAMES = (".box", ".home.arpa", ".internal", ".lan")


class PublicAddress:
    """`fixed` is told to everybody; what `stun` says, a server, only to those outside this network.

    `on_change` is called when the address is another one than before.
    """

    def __init__(self, clock: Clock, *, fixed: str, stun: str, ask: Callable[[str], Awaitable[str]]) -> None:
        self.on_change: list[Callable[[], None]] = []
        self._clock = clock
        self._fixed = fixed
        self._stun = "" if fixed else stun
        self._ask = ask
        self._found = ""
        self._tasks = Tasks("public address")

    def start(self) -> None:
        """Ask now and then; nothing waits for the answer."""
        if self._stun:
            self._tasks.spawn(self._run(), name="from STUN")

    async def close(self) -> None:
        await self._tasks.close()

    def towards(self, host: str) -> str:
        """What a peer at this host, or of this name, is told; "" for the address the kernel sends from."""
        if self._fixed or not self._found:
            return self._fixed
        return self._found if _is_outside(host) else ""

    async def _run(self) -> None:
        while True:
            try:
                found = await self._ask(self._stun)
                pause = _ASK_EVERY
            except PbxError as error:
                _LOGGER.log(logging.DEBUG if self._found else logging.WARNING, "%s", error.message)
                found, pause = self._found, _ASK_AGAIN
            if found != self._found:
                _LOGGER.info("Those outside reach us at %s", found)
                self._found = found
                for listener in tuple(self.on_change):
                    listener()
            await self._pause(pause)

    async def _pause(self, seconds: float) -> None:
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self._clock.call_later(seconds, lambda: None if over.done() else over.set_result(None))
        try:
            await over
        finally:
            timer.cancel()


def _is_outside(host: str) -> bool:
    """Whether a peer is beyond the router; names are, unless they are such as only a home gives."""
    if is_numeric(host):
        return ip_address(host.partition("%")[0]).is_global
    return not is_local_name(host) and not host.rstrip(".").lower().endswith(_HOME_NAMES)
