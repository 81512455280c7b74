"""The RTP streams of a session, sent and received packet by packet (RFC 3550, 4585, 4588)."""

import secrets
import struct
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence

from aiortc import clock
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import (
    AnyRtcpPacket,
    RtcpPacket,
    RtcpReceiverInfo,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
    RtpPacket,
)

from pbx_lite.clock import Clock, Timer

BURST = 64 * 1024  # bytes that leave at once
BYTES_PER_SECOND = 8_000_000
PORTION_SECONDS = 0.004

_HEADER = struct.Struct("!BBHLL")
_VERSION = 0x80
_WRAP = 1 << 32

type Transmit = Callable[[bytes], None]


def parse_rtp(data: bytes) -> RtpPacket | None:
    """None for what is no RTP packet."""
    try:
        return RtpPacket.parse(data)
    except ValueError, struct.error:
        return None


def parse_rtcp(data: bytes) -> list[AnyRtcpPacket]:
    """The packets of a compound; none if it makes no sense."""
    try:
        return RtcpPacket.parse(data)
    except ValueError, struct.error:
        return []


class OutgoingStream:
    """One SSRC: numbers and sends payloads, keeps the last `keep` for NACK, writes its sender reports.

    A large picture leaves in portions of `BURST`, since at once it would overflow the browser's socket.  `rtx` maps a
    payload type to that of its retransmissions; without one a lost packet is sent again as it was.
    """

    def __init__(
        self, transmit: Transmit, timers: Clock, *, clock_rate: int, keep: int = 0, rtx: Mapping[int, int] | None = None
    ) -> None:
        self.ssrc = secrets.randbits(32)
        self.rtx_ssrc = secrets.randbits(32)
        self._transmit = transmit
        self._timers = timers
        self._backlog: deque[bytes] = deque()
        self._timer: Timer | None = None
        self._credit = float(BURST)
        self._credited_at = timers.time()
        self._clock_rate = clock_rate
        self._rtx = dict(rtx or {})
        # Low enough not to wrap before the browser has seen it, which would confuse SRTP's rollover counter.
        self._sequence = secrets.randbits(15)
        self._rtx_sequence = secrets.randbits(15)
        self._origin = secrets.randbits(32)
        self._kept: list[tuple[int, int, int, bytes] | None] = [None] * keep
        self._packets = 0
        self._octets = 0
        self._last_timestamp = 0
        self._last_time = 0.0

    @property
    def started(self) -> bool:
        return self._packets > 0

    def send(self, payloads: Sequence[bytes], payload_type: int, timestamp: int, *, marker: bool) -> None:
        """Send one frame; `timestamp` is counted from the stream's start, `marker` goes to its last packet."""
        rtp_timestamp = (self._origin + timestamp) % _WRAP
        last = len(payloads) - 1
        keep = len(self._kept)
        for index, payload in enumerate(payloads):
            sequence = self._sequence
            second = payload_type | 0x80 if marker and index == last else payload_type
            self._pace(_HEADER.pack(_VERSION, second, sequence, rtp_timestamp, self.ssrc) + payload)
            if keep:
                self._kept[sequence % keep] = (sequence, second, rtp_timestamp, payload)
            self._sequence = (sequence + 1) & 0xFFFF
            self._octets += len(payload)
        self._packets += len(payloads)
        self._last_timestamp = rtp_timestamp
        self._last_time = time.monotonic()

    def resend(self, sequences: Iterable[int]) -> int:
        """Answer a NACK; returns how many of the packets were still there."""
        found = 0
        for number in sequences:
            kept = self._kept[number % len(self._kept)] if self._kept else None
            if kept is None or kept[0] != number:
                continue
            found += 1
            sequence, second, timestamp, payload = kept
            rtx_type = self._rtx.get(second & 0x7F)
            if rtx_type is None:
                self._transmit(_HEADER.pack(_VERSION, second, sequence, timestamp, self.ssrc) + payload)
                continue
            head = _HEADER.pack(_VERSION, second & 0x80 | rtx_type, self._rtx_sequence, timestamp, self.rtx_ssrc)
            self._transmit(head + sequence.to_bytes(2) + payload)
            self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
        return found

    def close(self) -> None:
        self._backlog.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _pace(self, packet: bytes) -> None:
        if self._backlog or not self._has_credit():
            self._backlog.append(packet)
            if self._timer is None:
                self._timer = self._timers.call_later(PORTION_SECONDS, self._drain)
        else:
            self._credit -= len(packet)
            self._transmit(packet)

    def _drain(self) -> None:
        self._timer = None
        while self._backlog and self._has_credit():
            packet = self._backlog.popleft()
            self._credit -= len(packet)
            self._transmit(packet)
        if self._backlog:
            self._timer = self._timers.call_later(PORTION_SECONDS, self._drain)

    def _has_credit(self) -> bool:
        if self._credit <= 0:
            now = self._timers.time()
            self._credit = min(BURST, self._credit + (now - self._credited_at) * BYTES_PER_SECOND)
            self._credited_at = now
        return self._credit > 0

    def sender_report(self, cname: str) -> bytes:
        """SR and SDES of now; the RTP timestamp is that of this very moment (RFC 3550 section 6.4.1)."""
        passed = int((time.monotonic() - self._last_time) * self._clock_rate)
        info = RtcpSenderInfo(
            ntp_timestamp=clock.current_ntp_time(),
            rtp_timestamp=(self._last_timestamp + passed) % _WRAP,
            packet_count=self._packets % _WRAP,
            octet_count=self._octets % _WRAP,
        )
        source = RtcpSourceInfo(ssrc=self.ssrc, items=[(1, cname.encode())])
        return bytes(RtcpSrPacket(ssrc=self.ssrc, sender_info=info)) + bytes(RtcpSdesPacket(chunks=[source]))


class IncomingStream:
    """What is received of one kind of media; knows the statistics for receiver reports."""

    def __init__(self, clock_rate: int) -> None:
        self._clock_rate = clock_rate
        self._statistics: StreamStatistics | None = None
        self._ssrc = 0
        self._reported = 0  # the middle of the NTP time of the last sender report
        self._reported_at = 0.0

    def take(self, packet: RtpPacket) -> None:
        if self._statistics is None or packet.ssrc != self._ssrc:
            self._ssrc = packet.ssrc
            self._statistics = StreamStatistics(self._clock_rate)
            self._reported = 0
        self._statistics.add(packet)

    def take_report(self, report: RtcpSrPacket) -> None:
        if report.ssrc == self._ssrc:
            self._reported = (report.sender_info.ntp_timestamp >> 16) % _WRAP
            self._reported_at = time.monotonic()

    def receiver_report(self) -> RtcpReceiverInfo | None:
        """The report block of now, None before the first packet."""
        seen = self._statistics
        if seen is None or seen.max_seq is None:
            return None
        delay = int((time.monotonic() - self._reported_at) * 65536) if self._reported else 0
        return RtcpReceiverInfo(
            ssrc=self._ssrc,
            fraction_lost=min(255, seen.fraction_lost),
            packets_lost=seen.packets_lost,
            highest_sequence=(seen.cycles + seen.max_seq) % _WRAP,
            jitter=seen.jitter % _WRAP,
            lsr=self._reported,
            dlsr=delay % _WRAP,
        )
