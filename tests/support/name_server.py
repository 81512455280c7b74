"""A name server on loopback that knows what it is told, so that the real resolver can be asked."""

import asyncio
from typing import Self, cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class FakeNameServer(asyncio.DatagramProtocol):
    """`async with FakeNameServer(zone) as server:`; the zone is lines such as `home.example. 60 IN A 127.0.0.1`."""

    def __init__(self, *zone: str) -> None:
        self.asked: list[str] = []
        self.silent = False
        self.learn(*zone)
        self._transport: asyncio.DatagramTransport | None = None

    def learn(self, *zone: str) -> None:
        """From now on it knows this and nothing else."""
        self._records = [dns.rrset.from_text_list(*_parts(line)) for line in zone]

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._transport is not None
        self._transport.close()

    @property
    def address(self) -> str:
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")
        return f"{host}:{port}"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        self.asked.append(question.to_text())
        if self.silent:
            return
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        known = [record for record in self._records if record.name == question.name]
        answer.answer = [record for record in known if record.rdtype == question.rdtype]
        if not known:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        assert self._transport is not None
        self._transport.sendto(answer.to_wire(), addr)


def _parts(line: str) -> tuple[str, int, str, str, list[str]]:
    name, ttl, kind_class, kind, data = line.split(maxsplit=4)
    return name, int(ttl), kind_class, kind, [data]
