"""STUN as far as SIP needs it: asking for our own public address, and answering keep-alives (RFC 8489, RFC 5626)."""

import asyncio
import secrets
from ipaddress import ip_address
from struct import Struct

from pbx_lite.errors import Unavailable
from pbx_lite.sip.names import ask_system

_PORT = 3478
_HEADER = Struct(">HHI12s")  # type, length of what follows, magic cookie, transaction
_ATTRIBUTE = Struct(">HH")
_COOKIE = 0x2112A442
_REQUEST, _SUCCESS = 0x0001, 0x0101
_MAPPED, _XOR_MAPPED = 0x0001, 0x0020
_FAMILIES = {4: 1, 16: 2}
_FIRST_WAIT, _TRIES = 0.5, 5  # seconds until the first repetition, doubled with each
_LARGEST = 548  # bytes of a message that anybody may send us


def is_stun(data: bytes) -> bool:
    """Whether a datagram is STUN and not SIP (RFC 8489 section 5)."""
    return 20 <= len(data) <= _LARGEST and data[0] < 4 and data[4:8] == b"\x21\x12\xa4\x42"


def binding_request(transaction: bytes) -> bytes:
    """Ask for our address; `transaction` is 12 bytes at random."""
    return _HEADER.pack(_REQUEST, 0, _COOKIE, transaction)


def binding_response(request: bytes, host: str, port: int) -> bytes | None:
    """Tell the sender of a request that it comes from `host` and `port`; None for what is no binding request."""
    kind, length, _, transaction = _HEADER.unpack_from(request)
    if kind != _REQUEST or length != len(request) - _HEADER.size:
        return None
    packed = ip_address(host.partition("%")[0]).packed
    pad = _COOKIE.to_bytes(4) + transaction
    value = bytes([0, _FAMILIES[len(packed)]]) + (port ^ _COOKIE >> 16).to_bytes(2) + _xor(packed, pad)
    body = _ATTRIBUTE.pack(_XOR_MAPPED, len(value)) + value
    return _HEADER.pack(_SUCCESS, len(body), _COOKIE, transaction) + body


def mapped_address(response: bytes, transaction: bytes) -> tuple[str, int] | None:
    """The host and port that a response tells; None where it is no answer to this request or tells none."""
    if not is_stun(response):
        return None
    kind, length, _, answered = _HEADER.unpack_from(response)
    if kind != _SUCCESS or answered != transaction or length != len(response) - _HEADER.size:
        return None
    found: dict[int, tuple[str, int]] = {}
    position = _HEADER.size
    while position + 4 <= len(response):
        attribute, size = _ATTRIBUTE.unpack_from(response, position)
        value = response[position + 4 : position + 4 + size]
        position += 4 + (size + 3) // 4 * 4
        if attribute in {_MAPPED, _XOR_MAPPED} and len(value) == size and _FAMILIES.get(size - 4) == value[1]:
            port, packed = int.from_bytes(value[2:4]), value[4:]
            if attribute == _XOR_MAPPED:
                port, packed = port ^ _COOKIE >> 16, _xor(packed, _COOKIE.to_bytes(4) + transaction)
            found[attribute] = (str(ip_address(packed)), port)
    return found.get(_XOR_MAPPED) or found.get(_MAPPED)


async def public_address(server: str) -> str:
    """Our IPv4 address as the STUN server sees it; `server` is `stun.example` or `stun.example:3478`.

    Raises Unavailable where the server is not known or does not answer within some 15 seconds.
    """
    host, colon, port = server.rpartition(":")
    host, number = (host, int(port)) if colon and port.isdigit() else (server, _PORT)
    hosts = [each for each in await ask_system(host, within=5.0) if ":" not in each]
    if not hosts:
        raise Unavailable(f"The STUN server {server} has no IPv4 address.")
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(_Asker, remote_addr=(hosts[0], number))
    try:
        wait = _FIRST_WAIT
        for _ in range(_TRIES):
            transport.sendto(binding_request(protocol.transaction))
            done, _ = await asyncio.wait([protocol.answer], timeout=wait)
            if done:
                return protocol.answer.result()
            wait *= 2
    finally:
        transport.close()
    raise Unavailable(f"The STUN server {server} does not answer; check sip.stun and the firewall.")


class _Asker(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.transaction = secrets.token_bytes(12)
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, _addr: tuple[str, int]) -> None:
        mapped = mapped_address(data, self.transaction)
        if mapped is not None and not self.answer.done():
            self.answer.set_result(mapped[0])

    def error_received(self, _exc: Exception) -> None:
        """Nobody listens there; the next try may find somebody."""


def _xor(data: bytes, pad: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(data, pad, strict=False))
