"""Datagrams by hand: what a scanner or a broken device sends, and whatever comes back."""

import asyncio
import re
import secrets
from typing import Self

from pbx_lite.sip.address import Address
from tests.support.listen import Record


class RawUdp(asyncio.DatagramProtocol):
    """A UDP socket at `host`; `answers` is what came in, as text."""

    def __init__(self, pbx: Address, *, host: str = "127.0.0.66") -> None:
        self.pbx = pbx
        self.host = host
        self.port = 0
        self.answers: Record[str] = Record(f"raw {host}")
        self._transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self.host, 0))
        self.port = self._transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._transport is not None
        self._transport.close()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.answers.add(data.decode("utf-8", "replace"))

    def send(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.sendto(data, (self.pbx.host, self.pbx.port))

    def request(self, method: str, user: str, *, authorization: str = "", call_id: str = "") -> str:
        """Send a request as a scanner would; its Call-ID."""
        call_id = call_id or secrets.token_hex(8)
        here, there = f"{self.host}:{self.port}", f"{self.pbx.host}:{self.pbx.port}"
        lines = [
            f"{method} sip:{user}@{there} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{secrets.token_hex(8)};rport",
            "Max-Forwards: 70",
            f"From: <sip:{user}@{there}>;tag={secrets.token_hex(4)}",
            f"To: <sip:{user}@{there}>",
            f"Call-ID: {call_id}",
            f"CSeq: 1 {method}",
            f"Contact: <sip:{user}@{here}>",
            *([f"Authorization: {authorization}"] if authorization else []),
            "Content-Length: 0",
        ]
        self.send("\r\n".join([*lines, "", ""]).encode())
        return call_id

    async def answer_to(self, call_id: str, *, within: float = 20.0) -> str:
        """The final answer to the request with this Call-ID."""
        return await self.answers.first(
            str, lambda text: call_id in text and not text.startswith("SIP/2.0 1"), within=within
        )

    async def ask(self, method: str, user: str, *, authorization: str = "") -> str:
        return await self.answer_to(self.request(method, user, authorization=authorization))


def shape(answer: str) -> str:
    """What of an answer does not change from request to request: all but numbers that are made up each time."""
    text = re.sub(r'nonce="[^"]*"', "nonce", answer)
    text = re.sub(r"(?im)^(via|call-id|from|to|date|contact):.*$", r"\1", text)
    return re.sub(r"tag=\S+", "tag", text)
