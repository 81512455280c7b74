"""A network that can be cut: a page's media goes through forwarders of the test, one to each address of the PBX."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, cast

from playwright.async_api import Page

_DISCARD = 9

# The page is told forwarders in place of the PBX's addresses, and the PBX none of the page's, so there is no other way.
_DETOUR = """(() => {
  const Original = window.RTCPeerConnection;
  const PLACE = /^(candidate:\\S+ 1 udp \\d+) (\\S+) (\\d+) /i;
  const detour = async (line) => {
    const [, head, host, port] = line.match(PLACE) ?? [];
    if (!head || !/^[\\d.]+$/.test(host)) return null;
    return line.replace(PLACE, `${head} 127.0.0.1 ${await window.detourTo(host, Number(port))} `);
  };
  window.RTCPeerConnection = class extends Original {
    set onicecandidate(_) {}
    async setRemoteDescription({ type, sdp }) {
      const lines = [];
      for (const line of sdp.split("\\r\\n")) {
        if (!line.startsWith("a=candidate:")) lines.push(line);
        else { const other = await detour(line.slice(2)); if (other) lines.push(`a=${other}`); }
      }
      return super.setRemoteDescription({ type, sdp: lines.join("\\r\\n") });
    }
  };
})()"""


class Network:
    """`cut()` kills every way that there is, and those that are looked for until `mend()`: as another network does."""

    def __init__(self) -> None:
        self.ways = 0
        self._way = True
        self._closed = False
        self._open: list[_Way] = []

    def cut(self) -> None:
        self._way = False
        for way in self._open:
            way.dead = True

    def mend(self) -> None:
        """New ways lead to the PBX again; the old ones stay dead."""
        self._way = True

    async def detour(self, host: str, port: int) -> int:
        """The port on this machine that leads there."""
        if self._closed:
            return _DISCARD
        self.ways += 1
        way = _Way((host, port), dead=not self._way)
        self._open.append(way)
        return await way.open()

    def close(self) -> None:
        self._closed = True
        for way in self._open:
            way.close()


class _Way:
    def __init__(self, target: tuple[str, int], *, dead: bool) -> None:
        self.dead = dead
        self._target = target
        self._browser: Any = None
        self._near: asyncio.DatagramTransport | None = None
        self._far: asyncio.DatagramTransport | None = None

    async def open(self) -> int:
        loop = asyncio.get_running_loop()
        self._near, _ = await loop.create_datagram_endpoint(lambda: _Side(self._out), ("127.0.0.1", 0))
        self._far, _ = await loop.create_datagram_endpoint(lambda: _Side(self._in), remote_addr=self._target)
        return int(self._near.get_extra_info("sockname")[1])

    def close(self) -> None:
        for side in (self._near, self._far):
            if side is not None:
                side.close()

    def _out(self, data: bytes, source: Any) -> None:
        self._browser = source
        if not self.dead and self._far is not None:
            self._far.sendto(data)

    def _in(self, data: bytes, _source: Any) -> None:
        if not self.dead and self._near is not None and self._browser is not None:
            self._near.sendto(data, self._browser)


class _Side(asyncio.DatagramProtocol):
    def __init__(self, hear: Any) -> None:
        self._hear = hear

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._hear(data, addr)


@contextlib.asynccontextmanager
async def network_of(page: Page) -> AsyncIterator[Network]:
    """From its next load on the page reaches the PBX's media by this network alone."""
    network = Network()
    await page.expose_function("detourTo", cast("Any", network.detour))
    await page.add_init_script(_DETOUR)
    try:
        yield network
    finally:
        network.close()
