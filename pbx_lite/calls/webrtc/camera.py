"""What a browser's camera sends: packets in their order, made into pictures, with what is missing asked for again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from pbx_lite.clock import Clock
from pbx_lite.media.h264_payload import Depacketizer
from pbx_lite.media.jitter import ReorderBuffer
from pbx_lite.media.port import AccessUnit

if TYPE_CHECKING:
    from pbx_lite.calls.webrtc.offer import Format

KEY_FRAME_SECONDS = 1.0
"""Between two requests for a key frame."""
MOST_MISSED = 64
"""Packets that are asked for again at once; of a longer gap only a key frame helps."""

type Ask = Callable[[int, Sequence[int]], None]


class CameraStream:
    """One H.264 stream (RFC 6184) with its retransmissions (RFC 4588).

    `pictures` hears whole pictures; `ask(ssrc, missing)` has packets sent again (RFC 4585 section 6.2.1), or with
    none of them a key frame made (section 6.3.1).
    """

    def __init__(
        self, clock: Clock, formats: Iterable[Format], pictures: Callable[[AccessUnit], None], ask: Ask
    ) -> None:
        self._clock = clock
        self._types = frozenset(entry.payload_type for entry in formats)
        self._again: Mapping[int, int] = {entry.rtx: entry.payload_type for entry in formats if entry.rtx is not None}
        self._pictures = pictures
        self._ask = ask
        self._order: ReorderBuffer[tuple[bytes, int, bool]] = ReorderBuffer()
        self._depacketizer = Depacketizer()
        self._ssrc = 0
        self._next: int | None = None
        self._asked = -KEY_FRAME_SECONDS
        self._wanted = False

    def carries(self, payload_type: int) -> bool:
        """Whether packets of this type are of the camera."""
        return payload_type in self._types or payload_type in self._again

    def take(
        self, payload_type: int, ssrc: int, sequence: int, timestamp: int, payload: bytes, *, marker: bool
    ) -> bool:
        """One packet; false for one that was sent again, which counts in no statistics."""
        if payload_type in self._again:
            if len(payload) > 2 and self._ssrc:
                self._push(int.from_bytes(payload[:2]), payload[2:], timestamp, marker)
            return False
        if ssrc != self._ssrc:
            self._restart(ssrc)
        self._look_for_gap(sequence)
        self._push(sequence, payload, timestamp, marker)
        return True

    def want_key_frame(self) -> None:
        """Asks once a second at most, as soon as there is a stream to ask for."""
        now = self._clock.time()
        self._wanted = not self._ssrc
        if self._ssrc and now - self._asked >= KEY_FRAME_SECONDS:
            self._asked = now
            self._ask(self._ssrc, ())

    def _restart(self, ssrc: int) -> None:
        self._ssrc = ssrc
        self._next = None
        self._order.reset()
        self._depacketizer.reset()
        if self._wanted:
            self.want_key_frame()

    def _look_for_gap(self, sequence: int) -> None:
        expected = sequence if self._next is None else self._next
        missed = (sequence - expected) & 0xFFFF
        if missed >= 0x8000:
            return  # an old one that was under way for long
        if 0 < missed <= MOST_MISSED:
            self._ask(self._ssrc, [(expected + step) & 0xFFFF for step in range(missed)])
        self._next = (sequence + 1) & 0xFFFF

    def _push(self, sequence: int, payload: bytes, timestamp: int, marker: bool) -> None:
        for number, (data, ticks, last) in self._order.push(sequence, (payload, timestamp, marker), self._clock.time()):
            for unit in self._depacketizer.push(data, sequence=number, timestamp=ticks, marker=last):
                self._pictures(unit)
            if last and self._depacketizer.key_frame_needed:
                self.want_key_frame()
