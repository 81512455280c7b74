"""A bad network: what passes is lost, delayed and overtaken, the same way for the same seed."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, cast

from pbx_lite.media.session import MediaSession
from pbx_lite.sip.address import Address
from tests.support.fake_phone import FakePhone


@dataclass(frozen=True, slots=True)
class Weather:
    """`loss` is a share of packets; each takes `delay` seconds, give or take `jitter`, so that some overtake others."""

    loss: float = 0.1
    delay: float = 0.2
    jitter: float = 0.04


class Rough:
    """Lets some packets through, some time later."""

    def __init__(self, weather: Weather, seed: int) -> None:
        self.lost = self.passed = 0
        self._weather = weather
        self._chance = random.Random(seed)

    def carry(self, deliver: Callable[[], object]) -> None:
        if self._chance.random() < self._weather.loss:
            self.lost += 1
            return
        self.passed += 1
        weather = self._weather
        late = weather.delay + self._chance.uniform(-weather.jitter, weather.jitter)
        asyncio.get_running_loop().call_later(max(0.0, late), deliver)


class RoughWay:
    """A router between one phone and the PBX: `address` is what the phone takes for the PBX."""

    def __init__(self, pbx: Address, rough: Rough) -> None:
        self._pbx = (pbx.host, pbx.port)
        self._rough = rough
        self._phone: tuple[str, int] | None = None
        self._sides: dict[str, asyncio.DatagramTransport] = {}

    async def __aenter__(self) -> Self:
        for side in ("inside", "outside"):
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda side=side: _Side(lambda data, source: self._take(side, data, source)),  # type: ignore[misc]
                local_addr=("127.0.0.1", 0),
            )
            self._sides[side] = transport
        return self

    async def __aexit__(self, *_: object) -> None:
        for transport in self._sides.values():
            transport.close()

    @property
    def address(self) -> Address:
        host, port = self._sides["inside"].get_extra_info("sockname")
        return Address("udp", host, port)

    def _take(self, side: str, data: bytes, source: tuple[str, int]) -> None:
        if side == "inside":
            self._phone = source
            self._rough.carry(lambda: self._send("outside", data, self._pbx))
        elif self._phone is not None:
            phone = self._phone
            self._rough.carry(lambda: self._send("inside", data, phone))

    def _send(self, side: str, data: bytes, target: tuple[str, int]) -> None:
        transport = self._sides[side]
        if not transport.is_closing():
            transport.sendto(data, target)


class _Side(asyncio.DatagramProtocol):
    def __init__(self, take: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._take = take

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._take(data, addr)


class RoughPhone(FakePhone):
    """A phone behind such a router, whose sound fares no better."""

    def __init__(self, way: RoughWay, rough: Rough, account: str, password: str, **fields: Any) -> None:
        super().__init__(way.address, account, password, **fields)
        self._rough = rough

    def _media(self) -> MediaSession:
        media = super()._media()
        receive = media.audio.receive

        def rough(data: bytes, source: Any) -> None:
            self._rough.carry(lambda: receive(data, source))

        media.audio.receive = rough  # type: ignore[method-assign]
        return media
