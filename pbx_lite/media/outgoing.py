"""The numbers of one stream that we send: sequence, timestamps, SSRC, and what is counted (RFC 3550 section 5.1)."""

import os

from pbx_lite.media.rtp import HEADER, VERSION
from pbx_lite.media.timeline import Timeline

_HALF = 0x8000
_FARTHEST = 1000  # packets that may be missing between two that are passed on
_LATEST = 1024  # packets that one may come late


class Outgoing:
    """A peer sees one stream for the whole call, whoever speaks in it.

    `offset` is what is added to the sequence numbers of a stream that is passed on; None after packets of our own.
    """

    __slots__ = ("dropped", "octets", "offset", "sent", "sequence", "ssrc", "timeline")

    def __init__(self, clock_rate: int) -> None:
        chance = int.from_bytes(os.urandom(10))
        self.ssrc = chance & 0xFFFFFFFF
        self.sequence = chance >> 32 & 0x7FFF
        self.offset: int | None = None
        self.timeline = Timeline(clock_rate, chance >> 48)
        self.sent = self.octets = self.dropped = 0

    def own(self, kind: int, payload: bytes, timestamp: int, *, marker: bool) -> bytes:
        """A packet of our own, with the next sequence number and this outgoing timestamp."""
        self.offset = None
        self.sequence = sequence = (self.sequence + 1) & 0xFFFF
        return HEADER.pack(VERSION, kind | (marker << 7), sequence, timestamp, self.ssrc) + payload

    def passed(self, kind: int, payload: bytes, sequence: int, timestamp: int, now: float, *, marker: bool) -> bytes:
        """A packet of another stream, so that its losses and its order stay visible to the peer."""
        mapped, jumped = self.timeline.map(timestamp, now)
        offset = self.offset
        if offset is None or jumped:
            marker = True
            self.offset = offset = (self.sequence + 1 - sequence) & 0xFFFF
        number = (sequence + offset) & 0xFFFF
        ahead = (number - self.sequence) & 0xFFFF
        if ahead < _HALF:
            if ahead > _FARTHEST:
                self.offset = (self.sequence + 1 - sequence) & 0xFFFF
                number = (self.sequence + 1) & 0xFFFF
            self.sequence = number
        elif ahead < 0x10000 - _LATEST:
            self.offset = (self.sequence + 1 - sequence) & 0xFFFF
            self.sequence = number = (self.sequence + 1) & 0xFFFF
        return HEADER.pack(VERSION, kind | (marker << 7), number, mapped, self.ssrc) + payload
