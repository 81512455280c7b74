"""RTP packets (RFC 3550 section 5): the header, and what a receiver counts."""

from dataclasses import dataclass
from struct import Struct

from pbx_lite.errors import MediaError

HEADER = Struct("!BBHII")
"""Version and flags, marker and payload type, sequence number, timestamp, SSRC."""
VERSION = 0x80
MARKER = 0x80
MAX_DROPOUT = 3000
MAX_MISORDER = 100


@dataclass(frozen=True, slots=True)
class RtpPacket:
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False

    def encode(self) -> bytes:
        second = self.payload_type | (MARKER if self.marker else 0)
        return HEADER.pack(VERSION, second, self.sequence, self.timestamp, self.ssrc) + self.payload


def parse(data: bytes) -> RtpPacket:
    """Raises MediaError for what is no RTP packet."""
    if len(data) < 12:
        raise MediaError("An RTP packet is truncated")
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
    payload = payload_of(data, first)
    if payload is None:
        raise MediaError("Not an RTP packet")
    return RtpPacket(second & 0x7F, sequence, timestamp, ssrc, payload, second >= MARKER)


def payload_of(data: bytes, first: int) -> bytes | None:
    """What follows the header whose first byte is `first`, without CSRCs, extension and padding; None if faulty."""
    if first == VERSION:
        return data[12:]
    if first & 0xC0 != VERSION:
        return None
    start = 12 + 4 * (first & 0x0F)
    end = len(data)
    if first & 0x10:
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
    if first & 0x20:
        padding = data[-1]
        if not padding:
            return None
        end -= padding
    return data[start:end] if start <= end else None


def is_rtcp(data: bytes) -> bool:
    """RFC 5761 section 4: which packets on a shared port are RTCP."""
    return len(data) >= 8 and 192 <= data[1] <= 223


class Reception:
    """What is counted of one incoming SSRC: extended sequence, loss and jitter (RFC 3550 appendix A).

    `now` is in seconds, `jitter` in timestamp units.
    """

    __slots__ = (
        "_expected_before",
        "_first",
        "_received_before",
        "clock_rate",
        "cycles",
        "highest",
        "jitter",
        "last_arrival",
        "last_timestamp",
        "packets",
        "ssrc",
    )

    def __init__(self, ssrc: int, sequence: int, clock_rate: int) -> None:
        self.ssrc = ssrc
        self.clock_rate = clock_rate
        self.packets = 0
        self.highest = sequence
        self.cycles = 0
        self.jitter = 0.0
        self._first = sequence
        self.last_arrival: float | None = None
        self.last_timestamp = 0
        self._expected_before = 0
        self._received_before = 0

    def count(self, sequence: int, timestamp: int, now: float) -> None:
        self.packets += 1
        ahead = (sequence - self.highest) & 0xFFFF
        if ahead < MAX_DROPOUT:
            if sequence < self.highest:
                self.cycles += 0x10000
            self.highest = sequence
        elif ahead <= 0x10000 - MAX_MISORDER:  # the peer started again: count anew from here
            self._first = self.highest = sequence
            self.cycles = 0
            self.packets = 1
            self._expected_before = self._received_before = 0
            self.last_arrival = None
        if self.last_arrival is not None and timestamp != self.last_timestamp:
            ticks = (timestamp - self.last_timestamp + 0x80000000 & 0xFFFFFFFF) - 0x80000000
            deviation = abs((now - self.last_arrival) * self.clock_rate - ticks)
            if deviation < self.clock_rate:  # silence suppression and holds are no jitter
                self.jitter += (deviation - self.jitter) / 16
        self.last_arrival = now
        self.last_timestamp = timestamp

    @property
    def extended_highest(self) -> int:
        return self.cycles + self.highest

    @property
    def expected(self) -> int:
        return self.extended_highest - self._first + 1

    @property
    def lost(self) -> int:
        """Packets missing so far; duplicates can make it negative."""
        return self.expected - self.packets

    def fraction_lost(self) -> int:
        """Loss since the last call, in 1/256 (RFC 3550 appendix A.3)."""
        expected = self.expected - self._expected_before
        lost = expected - (self.packets - self._received_before)
        self._expected_before, self._received_before = self.expected, self.packets
        return min(255, lost * 256 // expected) if expected > 0 and lost > 0 else 0
