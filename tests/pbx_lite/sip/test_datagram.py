import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from pbx_lite.errors import TransportError
from pbx_lite.sip.address import Address
from pbx_lite.sip.datagram import UdpListener, source_host
from tests.pbx_lite.sip.loopback import Heard

_MESSAGE = b"OPTIONS sip:x@127.0.0.1 SIP/2.0\r\n\r\n"


class Listening(UdpListener):
    """Keeps what it `heard` and which sources it `asked` about; one of them it does not admit."""

    def __init__(self, bound: socket.socket) -> None:
        self.heard: Heard[bytes] = Heard()
        self.asked: list[Address] = []
        super().__init__(bound, lambda data, _: self.heard.add(data), self._admit)

    def _admit(self, source: Address) -> bool:
        self.asked.append(source)
        return source.host != "127.0.0.66"


@pytest.fixture
async def listener() -> AsyncIterator[Listening]:
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.bind(("127.0.0.1", 0))
    made = Listening(bound)
    yield made
    made.close()


async def test_keep_alives_and_binary_garbage_are_dropped_unseen(listener: Listening):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        for data in (b"", b"\r\n\r\n", b"\x00\x00", b"\x00" * 100, b"\x80" * 100, b"short", _MESSAGE):
            peer.sendto(data, (listener.address.host, listener.address.port))
        assert await listener.heard.next() == _MESSAGE
    assert len(listener.asked) == 1


async def test_a_source_that_is_not_admitted_is_not_heard(listener: Listening):
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bad,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as good,
    ):
        bad.bind(("127.0.0.66", 0))
        bad.sendto(_MESSAGE + b"bad", (listener.address.host, listener.address.port))
        good.sendto(_MESSAGE, (listener.address.host, listener.address.port))
        assert await listener.heard.next() == _MESSAGE
    assert len(listener.heard.all) == 1


async def test_many_datagrams_are_read_in_batches_and_none_is_lost(listener: Listening):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        for number in range(100):
            peer.sendto(_MESSAGE + b"%d" % number, (listener.address.host, listener.address.port))
        got = [await listener.heard.next() for _ in range(100)]
    assert got == [_MESSAGE + b"%d" % number for number in range(100)]


async def test_what_cannot_be_sent_is_said_in_a_sentence(listener: Listening):
    with pytest.raises(TransportError, match=r"Cannot send to udp:127\.0\.0\.1:5060"):
        listener.send(bytes(70000), Address("udp", "127.0.0.1", 5060))


async def test_a_closed_listener_hears_nothing(listener: Listening):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.sendto(_MESSAGE, (listener.address.host, listener.address.port))
        listener.close()
        listener.close()
        await asyncio.sleep(0)
    assert listener.heard.all == []


def test_the_address_we_send_from_is_asked_of_the_kernel():
    assert source_host(socket.AF_INET, "127.0.0.1") == "127.0.0.1"
    assert source_host(socket.AF_INET6, "::1") == "::1"
    assert source_host(socket.AF_INET, "not numeric.invalid") == "127.0.0.1"
