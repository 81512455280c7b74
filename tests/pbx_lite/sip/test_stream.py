import asyncio

import pytest

from pbx_lite.errors import TransportError
from pbx_lite.sip import stream
from pbx_lite.sip.address import Address
from pbx_lite.sip.message import frame_length
from pbx_lite.sip.stream import StreamFlow
from pbx_lite.sip.transport import Flow
from tests.support.clock import FakeClock

_OPTIONS = (
    b"OPTIONS sip:x@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bK1\r\nContent-Length: 5\r\n\r\nhello"
)


class Owner:
    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.log: list[str] = []

    def opened(self, flow: StreamFlow) -> None:
        self.log.append("opened")

    def received(self, data: bytes, flow: Flow) -> None:
        self.messages.append(data)

    def closed(self, flow: StreamFlow) -> None:
        self.log.append("closed")


class Pipe(asyncio.Transport):
    """What asyncio hands a protocol, without a socket."""

    def __init__(self, peer: tuple[str, int] | None = ("192.0.2.9", 4000)) -> None:
        super().__init__({"peername": peer, "sockname": ("192.0.2.1", 5060)})
        self.written = b""
        self.unsent = 0
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def abort(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.aborted

    def get_write_buffer_size(self) -> int:
        return self.unsent


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture
def pipe() -> Pipe:
    return Pipe()


@pytest.fixture
def flow(owner: Owner, pipe: Pipe, clock: FakeClock) -> StreamFlow:
    made = StreamFlow(owner, clock, "tcp", inbound=True)
    made.connection_made(pipe)
    return made


def test_a_connection_knows_both_of_its_ends(flow: StreamFlow, owner: Owner):
    assert flow.remote == Address("tcp", "192.0.2.9", 4000)
    assert flow.local == Address("tcp", "192.0.2.1", 5060)
    assert owner.log == ["opened"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 1000])
def test_messages_are_cut_out_however_they_arrive(size: int, flow: StreamFlow, owner: Owner):
    data = _OPTIONS + b"\r\n" + _OPTIONS + _OPTIONS
    for start in range(0, len(data), size):
        flow.data_received(data[start : start + size])
    assert owner.messages == [_OPTIONS] * 3


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_a_double_line_end_is_answered_with_a_single_one(size: int, flow: StreamFlow, pipe: Pipe, owner: Owner):
    for start in range(0, 4, size):
        flow.data_received(b"\r\n\r\n"[start : start + size])
    assert pipe.written == b"\r\n"
    flow.data_received(_OPTIONS)
    flow.data_received(b"\r\n")
    assert pipe.written == b"\r\n"
    assert owner.messages == [_OPTIONS]


def test_a_keep_alive_of_ours_that_is_answered_keeps_the_connection(flow: StreamFlow, pipe: Pipe, clock: FakeClock):
    flow.data_received(_OPTIONS)
    for _ in range(3):
        flow.ping(strict=True)
        flow.data_received(b"\r\n")
        clock.advance(30)
    assert pipe.written == b"\r\n\r\n" * 3, "line ends that answer ours are not answered again"
    assert not flow.closed


@pytest.mark.parametrize(("strict", "closed"), [(True, True), (False, False)])
def test_a_strict_keep_alive_that_is_not_answered_ends_it(
    strict: bool, closed: bool, flow: StreamFlow, clock: FakeClock
):
    flow.data_received(_OPTIONS)
    flow.ping(strict=strict)
    clock.advance(15)
    assert flow.closed is closed


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        _OPTIONS.replace(b"Content-Length: 5", b"Content-Length: 70000"),
        _OPTIONS.replace(b"Content-Length: 5", b"Content-Length: -5"),
        _OPTIONS.replace(b"Content-Length: 5\r\n", b""),
        b"A" * 70000,
    ],
)
def test_a_stream_that_cannot_be_followed_is_closed(data: bytes, flow: StreamFlow, pipe: Pipe, owner: Owner):
    flow.data_received(data)
    assert pipe.aborted
    assert owner.messages == []
    assert owner.log == ["opened", "closed"]
    flow.data_received(_OPTIONS)
    flow.connection_lost(None)
    assert owner.messages == []
    assert owner.log == ["opened", "closed"]


def test_a_message_that_drips_in_is_given_up(flow: StreamFlow, pipe: Pipe, clock: FakeClock):
    for byte in _OPTIONS[:30]:
        flow.data_received(bytes([byte]))
        clock.advance(1)
    assert pipe.aborted
    assert clock.pending == []


def test_the_headers_of_a_dripping_body_are_read_once(flow: StreamFlow, owner: Owner, monkeypatch: pytest.MonkeyPatch):
    calls: list[int] = []

    def counting(data: bytes | bytearray) -> int | None:
        calls.append(len(data))
        return frame_length(data)

    monkeypatch.setattr(stream, "frame_length", counting)
    large = _OPTIONS.replace(b"Content-Length: 5", b"Content-Length: 5000")
    flow.data_received(large)
    for _ in range(4995):
        flow.data_received(b"x")
    assert len(owner.messages) == 1
    assert len(calls) == 2


def test_who_connects_and_says_nothing_is_sent_away(flow: StreamFlow, pipe: Pipe, clock: FakeClock):
    clock.advance(30)
    assert not pipe.aborted
    clock.advance(10)
    assert pipe.aborted


def test_who_has_spoken_may_be_silent_for_an_hour(flow: StreamFlow, pipe: Pipe, clock: FakeClock):
    flow.data_received(_OPTIONS)
    clock.advance(3600)
    assert not pipe.aborted
    clock.advance(600)
    assert pipe.aborted


def test_a_connection_of_ours_need_not_speak_first(owner: Owner, pipe: Pipe, clock: FakeClock):
    flow = StreamFlow(owner, clock, "tcp", inbound=False)
    flow.connection_made(pipe)
    clock.advance(600)
    assert not pipe.aborted


def test_a_peer_that_does_not_read_is_let_go(flow: StreamFlow, pipe: Pipe, owner: Owner):
    flow.send(b"hello")
    assert pipe.written == b"hello"
    pipe.unsent = 300_000
    with pytest.raises(TransportError, match="does not read"):
        flow.send(b"more")
    assert pipe.aborted
    with pytest.raises(TransportError, match="is closed"):
        flow.send(b"more")


def test_a_connection_gone_before_it_was_looked_at_is_closed(owner: Owner, clock: FakeClock):
    flow = StreamFlow(owner, clock, "tcp", inbound=True)
    flow.connection_made(Pipe(peer=None))
    assert flow.closed
    assert owner.log == ["closed"]
