"""The door station of the figures: it knows when its bell's INVITE went out, and shows a film of its own size."""

import asyncio
import time
from collections.abc import Sequence

from pbx_lite.media.port import AccessUnit
from pbx_lite.sip.address import Address
from pbx_lite.sip.datagram import UdpFlow
from pbx_lite.sip.endpoint import Endpoint
from pbx_lite.sip.network import SocketNetwork
from pbx_lite.sip.transport import Flow
from script.figures.film import TICKS
from tests.support.call_end import CallEnd
from tests.support.fake_door import FakeDoor


class Station(FakeDoor):
    """`pressed_at` and `invited_at` are when the last ring's first INVITE went out, and the one with its credentials.

    Both are seconds of `time.time()`.  Without a film it sends no picture.
    """

    def __init__(
        self,
        pbx: Address,
        account: str,
        password: str,
        *,
        film: Sequence[AccessUnit] = (),
        host: str = "127.0.0.2",
        tone: float = 440.0,
    ) -> None:
        super().__init__(pbx, account, password, host=host, video=bool(film), tone=tone)
        self.pressed_at = self.invited_at = 0.0
        self._film = film
        loop = asyncio.get_running_loop()
        network = _WatchedNetwork(loop, self)
        self.endpoint = Endpoint(clock=loop, handler=self, user_agent="bench station", network=network)

    def sends(self, data: bytes) -> None:
        """Called for every message right before it goes out."""
        if data.startswith(b"INVITE "):
            self.invited_at = time.time()
            if b"\r\nAuthorization:" not in data:
                self.pressed_at = self.invited_at

    def _performs(self, call: CallEnd) -> None:
        if self.tone:
            call.speak(self.tone)
        if self._film:
            call.show(self._film, ticks=TICKS)


class _WatchedNetwork(SocketNetwork):
    def __init__(self, clock: asyncio.AbstractEventLoop, station: Station) -> None:
        super().__init__(clock)
        self._station = station

    def flow(self, remote: Address) -> Flow | None:
        if remote.is_stream:
            return super().flow(remote)
        return _WatchedFlow(self._udp_for(remote), remote, self._station)


class _WatchedFlow(UdpFlow):
    __slots__ = ("_station",)

    def __init__(self, listener: object, remote: Address, station: Station) -> None:
        super().__init__(listener, remote)  # type: ignore[arg-type]
        self._station = station

    def send(self, data: bytes) -> None:
        self._station.sends(data)
        super().send(data)
