"""When everybody comes back at once, those who call are served first."""

import asyncio
import socket

import pytest

from pbx_lite.sip import patience
from pbx_lite.sip.address import Address
from pbx_lite.sip.patience import Waiting, is_patient
from pbx_lite.sip.transport import Flow
from tests.pbx_lite.sip.doubles import FakeFlow, FakeNetwork, Wire
from tests.pbx_lite.sip.loopback import Heard, Station, soon
from tests.support.clock import FakeClock


@pytest.fixture
def flow(wire: Wire) -> FakeFlow:
    return FakeNetwork(wire, Address("udp", "192.0.2.1", 5060)).flow(Address("udp", "192.0.2.2", 5060))


@pytest.fixture(autouse=True)
def _a_machine_that_is_never_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_TURN", 60.0)


@pytest.mark.parametrize(
    ("data", "waits"),
    [
        (b"REGISTER sip:x SIP/2.0\r\n", True),
        (b"SUBSCRIBE sip:x SIP/2.0\r\n", True),
        (b"INVITE sip:x SIP/2.0\r\n", False),
        (b"BYE sip:x SIP/2.0\r\n", False),
        (b"SIP/2.0 200 OK\r\n", False),
        (b"", False),
    ],
)
def test_only_what_nobody_waits_for_at_the_phone_has_time(data: bytes, waits: bool):
    assert is_patient(data) is waits


async def test_messages_are_served_in_their_order_a_repeated_one_once(flow: FakeFlow):
    served: list[bytes] = []
    waiting = Waiting(lambda: lambda data, _: served.append(data))
    for data in (b"1", b"2", b"1", b"3"):
        waiting.add(data, flow)
    assert served == []
    await asyncio.sleep(0)
    assert served == [b"1", b"2", b"3"]
    waiting.add(b"1", flow)
    await asyncio.sleep(0)
    assert served[-1] == b"1"


async def test_a_turn_is_short_however_much_there_is(flow: FakeFlow, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(patience, "_TURN", 0.0)
    served: list[bytes] = []
    waiting = Waiting(lambda: lambda data, _: served.append(data))
    for number in range(3):
        waiting.add(b"%d" % number, flow)
    for count in (1, 2, 3):
        await asyncio.sleep(0)
        assert len(served) == count


async def test_what_waits_is_bounded_and_ends_with_its_owner(flow: FakeFlow, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(patience, "_MOST", 2)
    served: list[bytes] = []
    waiting = Waiting(lambda: lambda data, _: served.append(data))
    for number in range(5):
        waiting.add(b"%d" % number, flow)
    await asyncio.sleep(0)
    assert served == [b"0", b"1"]
    waiting.add(b"9", flow)
    waiting.close()
    await asyncio.sleep(0)
    assert served == [b"0", b"1"]


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
async def test_a_call_overtakes_the_registrations_before_it(kind: int, clock: FakeClock):
    heard: Heard[str] = Heard()
    async with Station("udp://127.0.0.1:0", "tcp://127.0.0.1:0") as station:
        network = station.endpoint._network

        def receive(data: bytes, _: Flow) -> None:
            heard.add(data.partition(b" ")[0].decode())

        network.receive = receive
        transport = "udp" if kind == socket.SOCK_DGRAM else "tcp"
        address = next(one for one in station.endpoint.listening if one.transport == transport)
        with socket.socket(socket.AF_INET, kind) as phone:
            phone.connect((address.host, address.port))
            for method in ("REGISTER", "OPTIONS", "INVITE"):
                phone.send(f"{method} sip:x SIP/2.0\r\nContent-Length: 0\r\n\r\n".encode())
            assert [await soon(heard.next()) for _ in range(3)] == ["INVITE", "REGISTER", "OPTIONS"]
