"""The shortest way through a relayed call: from one socket to the other, only the header written anew.

Nine packets in ten are what was expected: the next number, the same source, the same codec.  A passage deals with
these in one function, for what a call costs is what happens for each of its hundred packets a second.  Whatever else
comes goes the long way through the stream, which sees the same counters and the same timeline.
"""

from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct
from typing import Any

from pbx_lite.media.outgoing import Outgoing
from pbx_lite.media.rtp import Reception

_HEADER = Struct("!III")
"""Version, marker, payload type and sequence number in one; timestamp; SSRC."""
_LONGEST = 2  # seconds between two timestamps that are no jump

type Source = tuple[Any, ...]
type Take = Callable[[bytes, Source], None]


@dataclass(frozen=True, slots=True)
class Way:
    """What a passage relies on; whoever changes any of it ends the passage.

    `incoming` and `outgoing` are the payload types of the one codec, `largest` is the payload that the listener takes.
    `hears` gets every payload, where tones are listened for.
    """

    receive: Callable[[int], tuple[bytes, Source]]
    send: Callable[[bytes, Source], int]
    incoming: int
    outgoing: int
    largest: int
    source: Source
    destination: Source
    hears: Callable[[bytes], None] | None = None


class Passage:
    """One direction.  `readable` is for the loop to call when the socket has a packet."""

    __slots__ = (
        "_beyond",
        "_destination",
        "_hears",
        "_kind",
        "_longest",
        "_most",
        "_out",
        "_out_kind",
        "_rate",
        "_receive",
        "_seen",
        "_send",
        "_source",
        "_time",
    )

    def __init__(self, way: Way, seen: Reception, out: Outgoing, *, time: Callable[[], float], beyond: Take) -> None:
        self._receive = way.receive
        self._send = way.send
        self._source = way.source
        self._destination = way.destination
        self._hears = way.hears
        self._kind = 0x80 << 24 | way.incoming << 16
        self._out_kind = 0x80 << 24 | way.outgoing << 16
        self._most = way.largest + 12
        self._rate = seen.clock_rate
        self._longest = _LONGEST * seen.clock_rate
        self._seen = seen
        self._out = out
        self._time = time
        self._beyond = beyond

    def readable(self) -> None:
        try:
            data, source = self._receive(2048)
        except OSError:
            return
        size = len(data)
        if 12 < size <= self._most and source == self._source:
            head, timestamp, ssrc = _HEADER.unpack_from(data)
            seen, out = self._seen, self._out
            offset, line, before = out.offset, out.timeline, seen.last_arrival
            sequence = seen.highest + 1
            step = timestamp - seen.last_timestamp
            if (
                head == self._kind + sequence
                and ssrc == seen.ssrc
                and 0 < step <= self._longest
                and sequence < 0x10000
                and offset is not None
                and line.offset is not None
                and before is not None
            ):
                now = self._time()
                deviation = (now - before) * self._rate - step
                if -self._rate < deviation < self._rate:
                    seen.jitter += ((deviation if deviation > 0 else -deviation) - seen.jitter) / 16
                seen.packets += 1
                seen.highest = sequence
                seen.last_arrival = line.last_time = now
                seen.last_timestamp = line.seen = timestamp
                out.sequence = number = (sequence + offset) & 0xFFFF
                line.last = mapped = (timestamp + line.offset) & 0xFFFFFFFF
                packet = _HEADER.pack(self._out_kind + number, mapped, out.ssrc) + data[12:]
                try:
                    self._send(packet, self._destination)
                except OSError:
                    out.dropped += 1
                else:
                    out.sent += 1
                    out.octets += size - 12
                if self._hears is not None:
                    self._hears(data[12:])
                return
        self._beyond(data, source)
