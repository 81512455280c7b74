"""The shortest way through a relayed call does what the long way would, and leaves the rest to it."""

from collections import deque

import pytest

from pbx_lite.media.outgoing import Outgoing
from pbx_lite.media.passage import Passage, Way
from pbx_lite.media.rtp import Reception, RtpPacket, parse
from tests.support.clock import FakeClock

PHONE = ("192.0.2.20", 4000)
OTHER = ("192.0.2.30", 5000)
SSRC = 7


class Line:
    """A passage whose first packet went the long way, as it does in a call."""

    def __init__(self, *, first: int = 100, stamp: int = 16000, sent: int = 0, at: int | None = None) -> None:
        self.clock = FakeClock()
        self.came: deque[tuple[bytes, tuple[str, int]]] = deque()
        self.sent: list[RtpPacket] = []
        self.beyond: list[RtpPacket] = []
        self.heard: list[bytes] = []
        self.full = False
        self.seen = Reception(SSRC, first, 8000)
        self.seen.count(first, stamp, self.clock.time())
        self.out = Outgoing(8000)
        if sent:
            self.out.sequence = sent
        if at is not None:
            self.out.timeline.last = at
        self.before = parse(self.out.passed(8, b"first", first, stamp, self.clock.time(), marker=False))
        self.passage = Passage(
            Way(
                receive=lambda _: self.came.popleft(),
                send=self._send,
                incoming=0,
                outgoing=8,
                largest=200,
                source=PHONE,
                destination=OTHER,
                hears=self.heard.append,
            ),
            self.seen,
            self.out,
            time=self.clock.time,
            beyond=lambda data, _: self._take_the_long_way(parse(data)),
        )

    def _send(self, data: bytes, destination: tuple[str, int]) -> int:
        if self.full:
            raise BlockingIOError
        assert destination == OTHER
        self.sent.append(parse(data))
        return len(data)

    def _take_the_long_way(self, packet: RtpPacket) -> None:
        self.beyond.append(packet)
        if packet.ssrc == SSRC and packet.payload_type == 0:
            now = self.clock.time()
            self.seen.count(packet.sequence, packet.timestamp, now)
            self.out.passed(8, packet.payload, packet.sequence, packet.timestamp, now, marker=packet.marker)

    def packet(
        self,
        sequence: int,
        stamp: int,
        *,
        kind: int = 0,
        ssrc: int = SSRC,
        payload: bytes = b"sound",
        marker: bool = False,
        source: tuple[str, int] = PHONE,
        after: float = 0.02,
    ) -> None:
        self.clock.advance(after)
        self.came.append((RtpPacket(kind, sequence, stamp, ssrc, payload, marker).encode(), source))
        self.passage.readable()


def test_what_is_expected_goes_out_under_the_numbers_of_the_other_stream() -> None:
    line = Line()
    line.packet(101, 16160)
    line.packet(102, 16320)
    assert not line.beyond
    assert [packet.payload for packet in line.sent] == [b"sound", b"sound"] == line.heard
    for count, packet in enumerate(line.sent, 1):
        assert (packet.payload_type, packet.ssrc) == (8, line.out.ssrc)
        assert packet.sequence == (line.before.sequence + count) & 0xFFFF
        assert packet.timestamp == (line.before.timestamp + 160 * count) & 0xFFFFFFFF


def test_everything_is_counted_as_on_the_long_way() -> None:
    line, slow = Line(), Line()
    for number, late in enumerate((0.02, 0.021, 0.035, 0.004, 0.02, 3.0, 0.02), 101):
        stamp = 16000 + 160 * (number - 100)
        line.packet(number, stamp, after=late)
        slow.clock.advance(late)
        slow.seen.count(number, stamp, slow.clock.time())
        slow.before = parse(slow.out.passed(8, b"sound", number, stamp, slow.clock.time(), marker=False))
        if number % 2:
            line.passage.settle()
    assert not line.beyond
    line.passage.settle()
    assert (line.seen.packets, line.seen.highest, line.seen.lost) == (slow.seen.packets, slow.seen.highest, 0)
    assert line.seen.jitter == pytest.approx(slow.seen.jitter)
    assert line.seen.last_arrival == line.clock.time()
    assert (line.out.sent, line.out.octets) == (7, 7 * 5)
    ours, theirs = line.out.timeline, slow.out.timeline
    assert (ours.seen, ours.last_time) == (theirs.seen, theirs.last_time)
    assert (line.out.sequence, ours.last) == (line.before.sequence + 7, (line.before.timestamp + 7 * 160) & 0xFFFFFFFF)


@pytest.mark.parametrize(
    "more",
    [
        {"sequence": 103},
        {"sequence": 100},
        {"stamp": 16000},
        {"stamp": 16000 + 8000 * 3},
        {"stamp": 15000},
        {"kind": 101},
        {"marker": True},
        {"ssrc": 8},
        {"payload": b"x" * 201},
        {"source": ("192.0.2.20", 4001)},
    ],
    ids="-".join,
)
def test_what_is_not_expected_goes_the_long_way(more: dict[str, object]) -> None:
    line = Line()
    line.packet(**{"sequence": 101, "stamp": 16160} | more)  # type: ignore[arg-type]
    assert len(line.beyond) == 1
    assert not line.sent


def test_after_the_long_way_the_next_packets_are_expected_again() -> None:
    line = Line()
    line.packet(103, 16480)  # two are lost
    line.packet(104, 16720)  # and the phone says that it puts 30 ms into a packet from now on
    line.packet(105, 16960)
    line.packet(106, 17200)
    assert [packet.sequence for packet in line.beyond] == [103, 104]
    assert [packet.timestamp - line.before.timestamp for packet in line.sent] == [960, 1200]
    assert [packet.sequence - line.before.sequence for packet in line.sent] == [5, 6]


@pytest.mark.parametrize("data", [b"", b"\x80\x00", bytes(12), b"\x90" + bytes(30)])
def test_what_is_no_packet_goes_the_long_way(data: bytes) -> None:
    line = Line()
    beyond: list[bytes] = []
    line.passage._beyond = lambda data, _: beyond.append(data)  # what follows finds nothing counted
    line.came.append((data, PHONE))
    line.passage.readable()
    assert beyond == [data]


def test_after_a_packet_of_our_own_the_long_way_joins_the_streams_anew() -> None:
    line = Line()
    line.packet(102, 16320)
    line.out.own(8, b"a tone", 0, marker=False)
    line.packet(104, 16640)
    line.packet(105, 16800)
    line.packet(106, 16960)
    assert [packet.sequence for packet in line.beyond] == [102, 104, 105]
    assert [packet.payload for packet in line.sent] == [b"sound"]


def test_numbers_that_begin_anew_theirs_or_ours_go_the_long_way() -> None:
    line = Line(first=0xFFFF)
    line.packet(0, 16160)
    assert len(line.beyond) == 1
    line = Line(stamp=0xFFFFFFFF - 100)
    line.packet(101, 59)
    assert len(line.beyond) == 1
    line = Line(sent=0xFFFD)
    for number in range(101, 105):
        line.packet(number, 16000 + 160 * (number - 100))
    assert [packet.sequence for packet in line.beyond] == [102]
    assert [packet.sequence for packet in line.sent] == [0xFFFF, 1, 2]
    line = Line(at=0xFFFFFFFF - 200)
    for number in range(101, 105):
        line.packet(number, 16000 + 160 * (number - 100))
    assert [packet.sequence for packet in line.beyond] == [102]
    assert [packet.timestamp for packet in line.sent] == [0xFFFFFFFF - 40, 279, 439]


def test_a_full_socket_loses_one_packet_and_no_more() -> None:
    line = Line()
    line.full = True
    line.packet(101, 16160)
    line.full = False
    line.packet(102, 16320)
    line.passage.settle()
    assert (line.out.sent, line.out.dropped) == (1, 1)
    assert [packet.sequence for packet in line.sent] == [(line.before.sequence + 2) & 0xFFFF]


def test_a_socket_with_nothing_in_it_is_no_fault() -> None:
    line = Line()

    def nothing(_: int) -> tuple[bytes, tuple[str, int]]:
        raise BlockingIOError

    line.passage._receive = nothing
    line.passage.readable()
    assert not line.sent
    assert not line.beyond
