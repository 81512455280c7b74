import struct
import time

import pytest
from aiortc.rtp import RtcpPacket, RtcpSdesPacket, RtcpSenderInfo, RtcpSrPacket, RtpPacket, unwrap_rtx

from pbx_lite.calls.webrtc.rtp import BURST, IncomingStream, OutgoingStream, parse_rtcp, parse_rtp
from tests.support.clock import FakeClock


class Wire:
    def __init__(self, *, keep: int = 64, rtx: dict[int, int] | None = None) -> None:
        self.clock = FakeClock()
        self.sent: list[bytes] = []
        self.stream = OutgoingStream(self.sent.append, self.clock, clock_rate=90000, keep=keep, rtx=rtx)

    @property
    def packets(self) -> list[RtpPacket]:
        return [RtpPacket.parse(data) for data in self.sent]


def test_a_frame_has_one_timestamp_and_a_marker_on_its_last_packet() -> None:
    wire = Wire()
    wire.stream.send((b"one", b"two"), 96, 100, marker=True)
    wire.stream.send((b"three",), 96, 3700, marker=True)
    packets = wire.packets
    assert [packet.payload for packet in packets] == [b"one", b"two", b"three"]
    assert [packet.marker for packet in packets] == [0, 1, 1]
    assert packets[1].timestamp == packets[0].timestamp
    assert packets[2].timestamp - packets[0].timestamp == 3600
    assert [packet.sequence_number - packets[0].sequence_number for packet in packets] == [0, 1, 2]
    assert {packet.ssrc for packet in packets} == {wire.stream.ssrc}


def test_a_nack_is_answered_on_the_retransmission_stream() -> None:
    wire = Wire(rtx={96: 97})
    wire.stream.send((b"one", b"two"), 96, 0, marker=True)
    lost = wire.packets[1]
    assert wire.stream.resend([lost.sequence_number]) == 1
    again = wire.packets[2]
    assert (again.payload_type, again.ssrc) == (97, wire.stream.rtx_ssrc)
    original = unwrap_rtx(again, payload_type=96, ssrc=wire.stream.ssrc)
    assert original.serialize() == lost.serialize()


def test_without_a_retransmission_stream_the_packet_is_sent_as_it_was() -> None:
    wire = Wire()
    wire.stream.send((b"one",), 96, 0, marker=True)
    wire.stream.resend([wire.packets[0].sequence_number])
    assert wire.sent[0] == wire.sent[1]


def test_what_was_forgotten_or_never_sent_is_not_sent_again() -> None:
    wire = Wire(keep=4)
    wire.stream.send([bytes((number,)) for number in range(6)], 96, 0, marker=True)
    numbers = [packet.sequence_number for packet in wire.packets]
    assert wire.stream.resend([numbers[0], numbers[5], (numbers[5] + 1) % 65536]) == 1
    assert Wire(keep=0).stream.resend([1]) == 0


def test_a_large_picture_leaves_in_portions_and_in_order() -> None:
    wire = Wire(keep=1024)
    wire.stream.send([bytes(1000)] * 300, 96, 0, marker=True)
    assert len(wire.sent) * 1000 < BURST * 1.1
    wire.stream.send((b"next",), 96, 3600, marker=True)
    wire.clock.advance(0.2)
    numbers = [packet.sequence_number for packet in wire.packets]
    assert len(numbers) == 301
    assert numbers == list(range(numbers[0], numbers[0] + 301))
    assert wire.packets[-1].payload == b"next"


def test_a_closed_stream_leaves_no_timer() -> None:
    wire = Wire()
    wire.stream.send([bytes(1000)] * 300, 96, 0, marker=True)
    wire.stream.close()
    assert wire.clock.pending == []


def test_sender_reports_count_what_was_sent() -> None:
    wire = Wire()
    wire.stream.send((b"12345", b"678"), 96, 0, marker=True)
    report, description = RtcpPacket.parse(wire.stream.sender_report("name"))
    assert isinstance(report, RtcpSrPacket)
    assert (report.ssrc, report.sender_info.packet_count, report.sender_info.octet_count) == (wire.stream.ssrc, 2, 8)
    assert isinstance(description, RtcpSdesPacket)
    assert description.chunks[0].items == [(1, b"name")]


def test_reports_are_right_although_the_machines_clock_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    wire, heard = Wire(), IncomingStream(90_000)
    wire.stream.send((b"a",), 96, 1000, marker=True)
    heard.take(RtpPacket(payload_type=96, sequence_number=1, timestamp=1000, ssrc=7))
    heard.take_report(RtcpSrPacket(ssrc=7, sender_info=RtcpSenderInfo(1 << 40, 1000, 1, 1)))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 86_400.0)

    report, _ = RtcpPacket.parse(wire.stream.sender_report("name"))
    answer = heard.receiver_report()
    assert isinstance(report, RtcpSrPacket)
    assert answer is not None
    assert (report.sender_info.rtp_timestamp - wire.packets[0].timestamp) % 2**32 < 60 * 90_000
    assert 0 <= answer.dlsr < 60 * 65536


def test_receiver_reports_tell_loss() -> None:
    stream = IncomingStream(8000)
    assert stream.receiver_report() is None
    for number in (1, 2, 4):
        stream.take(RtpPacket(0, 0, number, number * 160, 7, b"x"))
    report = stream.receiver_report()
    assert report is not None
    assert (report.ssrc, report.packets_lost, report.highest_sequence) == (7, 1, 4)


@pytest.mark.parametrize(
    "data", [b"", b"\x80", bytes(12), b"\x90" + bytes(12), struct.pack("!BBHLL", 0xB0, 0, 1, 1, 1)]
)
def test_what_is_no_packet_is_none(data: bytes) -> None:
    assert parse_rtp(data) is None
    assert parse_rtcp(data) == []
