"""Our own public address, and whose keep-alives we answer."""

import asyncio
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.errors import Unavailable
from pbx_lite.sip import stun
from pbx_lite.sip.stun import binding_request, binding_response, is_stun, mapped_address, public_address
from tests.pbx_lite.sip.loopback import Station, soon

TRANSACTION = bytes.fromhex("b7e7a701bc34d686fa87dfae")
# The answer of RFC 5769 section 2.2, without its SOFTWARE, MESSAGE-INTEGRITY and FINGERPRINT.
RFC_5769 = bytes.fromhex("0101000c2112a442b7e7a701bc34d686fa87dfae002000080001a147e112a643")


def test_the_answer_of_rfc_5769_is_understood_and_made():
    assert mapped_address(RFC_5769, TRANSACTION) == ("192.0.2.1", 32853)
    assert binding_response(binding_request(TRANSACTION), "192.0.2.1", 32853) == RFC_5769


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_what_is_told_is_what_is_heard(host: str):
    answer = binding_response(binding_request(TRANSACTION), host, 5060)
    assert answer is not None
    assert is_stun(answer)
    assert mapped_address(answer, TRANSACTION) == (host, 5060)
    assert mapped_address(answer, b"x" * 12) is None
    assert binding_response(answer, host, 5060) is None


@given(st.binary(max_size=80))
def test_no_bytes_break_it(data: bytes):
    message = RFC_5769[:8] + data
    assert is_stun(message) == (len(message) >= 20)
    mapped_address(message, TRANSACTION)
    if is_stun(message):
        binding_response(message, "192.0.2.1", 1)


async def test_a_phones_keep_alive_is_answered_on_the_sip_port():
    loop = asyncio.get_running_loop()
    async with Station("udp://127.0.0.1:0") as station:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.setblocking(False)
            phone.connect((station.address.host, station.address.port))
            await loop.sock_sendall(phone, binding_request(TRANSACTION))
            answer = await soon(loop.sock_recv(phone, 1000))
            assert mapped_address(answer, TRANSACTION) == phone.getsockname()


async def test_our_own_public_address_is_what_the_server_sees():
    async with Station("udp://127.0.0.1:0") as station:
        assert await soon(public_address(f"localhost:{station.address.port}")) == "127.0.0.1"


async def test_a_server_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stun, "_FIRST_WAIT", 0.001)
    with pytest.raises(Unavailable, match="does not answer"):
        await public_address("127.0.0.1:9")
