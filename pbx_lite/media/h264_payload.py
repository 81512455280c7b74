"""H.264 in RTP: packetization modes 0 and 1 in both directions (RFC 6184)."""

from collections.abc import Iterable, Iterator

from pbx_lite.media.h264 import Nal, ParameterSets, is_slice, nal_type
from pbx_lite.media.port import AccessUnit

MAX_PAYLOAD = 1200  # bytes: fits a path of 1280 with IPv6, UDP, RTP, SRTP and a TURN channel around it
MAX_SINGLE = 60000  # bytes: what a UDP datagram holds
MAX_UNIT = 4 * 1024 * 1024
MAX_NALS = 512


def packetize(nals: Iterable[bytes], *, mode: int = 1, max_payload: int = MAX_PAYLOAD) -> list[bytes]:
    """The RTP payloads of one access unit; the marker belongs on the last.

    Mode 1 aggregates small NAL units (STAP-A) and fragments large ones (FU-A).  Mode 0 knows neither, so a large
    NAL unit becomes one large datagram and IP fragments it (RFC 6184 section 6.2); one that no datagram holds is
    fragmented all the same, which peers of mode 0 that decode at all understand.
    """
    payloads: list[bytes] = []
    if mode == 0:
        for nal in nals:
            payloads.extend([nal] if len(nal) <= MAX_SINGLE else _fragments(nal, max_payload))
        return [payload for payload in payloads if payload]
    small: list[bytes] = []
    size = 1
    for nal in nals:
        if not nal:
            continue
        if small and size + 2 + len(nal) > max_payload:
            payloads.append(_aggregate(small))
            small, size = [], 1
        if len(nal) > max_payload:
            payloads.extend(_fragments(nal, max_payload))
        else:
            small.append(nal)
            size += 2 + len(nal)
    if small:
        payloads.append(_aggregate(small))
    return payloads


class Depacketizer:
    """Turns RTP payloads, given in the order of their sequence numbers, into pictures.

    A picture with a hole is left out; `key_frame_needed` is then set until the next key picture.  Pictures end at
    the marker, or where the timestamp changes, for stations that set none.
    """

    def __init__(self, sets: ParameterSets | None = None) -> None:
        self.sets = ParameterSets() if sets is None else sets
        self.key_frame_needed = True
        self._nals: list[bytes] = []
        self._size = 0
        self._fragment: bytearray | None = None
        self._timestamp: int | None = None
        self._sequence: int | None = None
        self._damaged = False

    @property
    def idle(self) -> bool:
        """Whether nothing was pushed since the start or `reset`."""
        return self._sequence is None

    def reset(self) -> None:
        """Forget the picture under way and the numbering: another source speaks."""
        self._start(None)
        self._sequence = None
        self._damaged = False
        self.key_frame_needed = True

    def push(self, payload: bytes, *, sequence: int, timestamp: int, marker: bool) -> list[AccessUnit]:
        """The pictures that this packet completes: none, one, or two where a marker was missing before."""
        lost = self._sequence is not None and sequence != (self._sequence + 1) & 0xFFFF
        self._sequence = sequence
        done: list[AccessUnit] = []
        if lost:
            # The hole may be the end of the last picture, or the start of this one, or both.
            self._spoil(done, same_picture=timestamp == self._timestamp)
        if timestamp != self._timestamp:
            self._finish(done)
            self._start(timestamp)
            self._damaged = lost and not _begins_picture(payload)
        self._take(payload)
        if marker:
            self._finish(done)
            self._start(timestamp)
        return done

    def _spoil(self, done: list[AccessUnit], *, same_picture: bool) -> None:
        self.key_frame_needed = True
        if same_picture or self._nals or self._fragment is not None:
            self._damaged = True
        if not same_picture:
            self._finish(done)
            self._start(None)

    def _start(self, timestamp: int | None) -> None:
        self._timestamp = timestamp
        self._nals = []
        self._size = 0
        self._fragment = None

    def _finish(self, done: list[AccessUnit]) -> None:
        damaged, self._damaged = self._damaged or self._fragment is not None, False
        if damaged:
            self.key_frame_needed = True
            for nal in self._nals:  # whole parameter sets are good even if the picture is not
                self.sets.learn(nal)
            return
        if self._nals and self._timestamp is not None:
            unit = self.sets.unit(self._nals, self._timestamp)
            if unit is not None:
                self.key_frame_needed = self.key_frame_needed and not unit.key
                done.append(unit)

    def _take(self, payload: bytes) -> None:
        kind = nal_type(payload)
        if kind == Nal.FU_A:
            self._take_fragment(payload)
            return
        if self._fragment is not None:  # a fragmented NAL unit that never ended
            self._fragment = None
            self._damaged = True
        if kind == Nal.STAP_A:
            for nal in _parts(payload):
                self._add(nal)
        else:  # STAP-B, MTAP and FU-B belong to mode 2, which is never negotiated: dropped
            self._add(payload)

    def _take_fragment(self, payload: bytes) -> None:
        if len(payload) < 3:
            return
        header = payload[1]
        if header & 0x80:
            self._fragment = bytearray(((payload[0] & 0xE0) | (header & 0x1F),))
        elif self._fragment is None:  # its start was lost
            self._damaged = True
            return
        if self._size + len(self._fragment) + len(payload) > MAX_UNIT:
            self._fragment = None
            self._damaged = True
            return
        self._fragment += payload[2:]
        if header & 0x40:
            nal, self._fragment = bytes(self._fragment), None
            self._add(nal)

    def _add(self, nal: bytes) -> None:
        if not 1 <= nal_type(nal) <= 23:
            return
        if len(self._nals) >= MAX_NALS or self._size + len(nal) > MAX_UNIT:
            self._damaged = True
            return
        self._nals.append(nal)
        self._size += len(nal)


def _begins_picture(payload: bytes) -> bool:
    """Whether this packet shows that nothing of its picture came before: headers, or the slice of macroblock 0."""
    kind = nal_type(payload)
    if kind == Nal.STAP_A:
        payload = next(_parts(payload), b"")
    elif kind == Nal.FU_A:
        if len(payload) < 3 or not payload[1] & 0x80:
            return False
        payload = payload[1:]
    if is_slice(payload):
        return len(payload) > 1 and payload[1] >= 0x80  # first_mb_in_slice is Exp-Golomb coded: 0 is a single 1
    return nal_type(payload) in {Nal.SEI, Nal.SPS, Nal.PPS, Nal.DELIMITER}


def _aggregate(nals: list[bytes]) -> bytes:
    if len(nals) == 1:
        return nals[0]
    importance = max(nal[0] & 0x60 for nal in nals)  # the highest NRI of its parts (RFC 6184 section 5.7)
    return b"".join((bytes((importance | Nal.STAP_A,)), *(len(nal).to_bytes(2) + nal for nal in nals)))


def _fragments(nal: bytes, max_payload: int) -> Iterator[bytes]:
    indicator, kind = (nal[0] & 0xE0) | Nal.FU_A, nal[0] & 0x1F
    room = max_payload - 2
    for at in range(1, len(nal), room):
        start = 0x80 if at == 1 else 0
        end = 0x40 if at + room >= len(nal) else 0
        yield bytes((indicator, start | end | kind)) + nal[at : at + room]


def _parts(payload: bytes) -> Iterator[bytes]:
    at = 1
    while at + 2 < len(payload):
        start = at + 2
        at = start + int.from_bytes(payload[at:start])
        if at > len(payload):
            return
        if at > start:
            yield payload[start:at]
