"""The shortest way through a relayed call: from one socket to the other, only the header written anew.

Nine packets in ten are what was expected: the next number, the same source, the same codec, the next timestamp.  Their
header is that of the packet before plus always the same number, and what goes out is that plus another one.  So a
passage compares once and adds twice, for what a call costs is what happens for each of its hundred packets a second.
Whatever else comes goes the long way through the stream, after which the passage knows what to expect again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pbx_lite.media.outgoing import Outgoing
from pbx_lite.media.rtp import Reception

_LONGEST = 2  # seconds between two timestamps that are no jump
_USUAL = 50  # packets a second, until it is known
_MOST_16, _MOST_32 = 0xFFFF, 0xFFFFFFFF

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
    """One direction.  `readable` is for the loop to call when the socket has a packet.

    What has passed is written down when `settle` is called, which whoever reads `seen` or `out` does before.  Who
    sends anything else under the numbers of `out` ends the passage first.
    """

    __slots__ = (
        "_arrival",
        "_beyond",
        "_destination",
        "_dropped",
        "_hears",
        "_jitter",
        "_kind",
        "_left",
        "_most",
        "_next",
        "_octets",
        "_out",
        "_out_kind",
        "_promised",
        "_rate",
        "_receive",
        "_seen",
        "_send",
        "_shift",
        "_source",
        "_step",
        "_ticks",
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
        self._seen = seen
        self._out = out
        self._time = time
        self._beyond = beyond
        self._next = -1  # the header that is expected, as one number
        self._step = self._shift = self._ticks = 0
        self._left = self._promised = 0  # packets before a number wraps, now and when it was last written down
        self._arrival = self._jitter = 0.0
        self._octets = self._dropped = 0
        self._expect(seen.clock_rate // _USUAL)

    def readable(self) -> None:
        try:
            data, source = self._receive(2048)
        except OSError:
            return
        header = int.from_bytes(data[:12])
        if header != self._next or not self._left or source != self._source or not 12 < len(data) <= self._most:
            self._go_around(data, source)
            return
        now = self._time()
        deviation = (now - self._arrival) * self._rate - self._ticks
        if -self._rate < deviation < self._rate:
            self._jitter += (abs(deviation) - self._jitter) / 16
        self._arrival = now
        self._next = header + self._step
        self._left -= 1
        payload = data[12:]
        try:
            self._send((header + self._shift).to_bytes(12) + payload, self._destination)
        except OSError:
            self._dropped += 1
        else:
            self._octets += len(payload)
        if self._hears is not None:
            self._hears(payload)

    def settle(self) -> None:
        """Write down what has passed until now."""
        count = self._promised - self._left
        if not count:
            return
        self._promised = self._left
        seen, out, line = self._seen, self._out, self._out.timeline
        seen.packets += count
        seen.highest += count
        seen.last_timestamp += count * self._ticks
        seen.last_arrival = line.last_time = self._arrival
        seen.jitter = self._jitter
        line.seen = seen.last_timestamp
        line.last += count * self._ticks
        out.sequence += count
        out.sent += count - self._dropped
        out.octets += self._octets
        out.dropped += self._dropped
        self._octets = self._dropped = 0

    def _go_around(self, data: bytes, source: Source) -> None:
        """Let the stream see to it; what comes next is expected to be as far from this as this from what was before."""
        self.settle()
        self._next = -1
        seen = self._seen
        highest, timestamp = seen.highest, seen.last_timestamp
        self._beyond(data, source)
        if seen.highest == highest + 1:
            self._expect(seen.last_timestamp - timestamp)

    def _expect(self, ticks: int) -> None:
        """Know the next header, if the last packet was passed on and nothing of our own was sent since."""
        seen, out, line = self._seen, self._out, self._out.timeline
        if out.offset is None or line.offset is None or seen.last_arrival is None:
            return
        number, timestamp = seen.highest, seen.last_timestamp
        passed = (number + out.offset) & _MOST_16 == out.sequence and (timestamp + line.offset) & _MOST_32 == line.last
        if not passed or not 0 < ticks <= _LONGEST * self._rate:
            return
        came = (self._kind + number) << 64 | timestamp << 32 | seen.ssrc
        went = (self._out_kind + out.sequence) << 64 | line.last << 32 | out.ssrc
        self._ticks = ticks
        self._step = 1 << 64 | ticks << 32
        self._next = came + self._step
        self._shift = went - came
        self._left = self._promised = min(
            _MOST_16 - max(number, out.sequence), (_MOST_32 - max(timestamp, line.last)) // ticks
        )
        self._arrival, self._jitter = seen.last_arrival, seen.jitter
