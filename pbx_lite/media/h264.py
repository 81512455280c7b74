"""H.264 as a stream of NAL units: splitting, parameter sets, and the facts a PBX must read from them (ITU-T H.264).

A NAL unit here is `bytes` without start code or length, its first byte the NAL header.  How they travel in RTP is
`h264_payload`.  Whatever a peer sends, these functions raise `MediaError` or nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from pbx_lite.errors import MediaError
from pbx_lite.media.port import AccessUnit

START_CODE = b"\x00\x00\x00\x01"
MAX_PARAMETER_SETS = 16
MAX_PARAMETER_SET = 4096  # bytes


class Nal(IntEnum):
    """The NAL unit types that matter here (H.264 table 7-1, RFC 6184 table 1)."""

    SLICE = 1
    PARTITION_A = 2
    IDR = 5
    SEI = 6
    SPS = 7
    PPS = 8
    DELIMITER = 9
    FILLER = 12
    STAP_A = 24
    FU_A = 28


_NOT_A_PICTURE = frozenset({Nal.DELIMITER, 10, 11, Nal.FILLER})  # carry nothing that a decoder needs in RTP
_HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_INTRA = frozenset({2, 4, 7, 9})  # slice_type I and SI (table 7-6)


def nal_type(nal: bytes) -> int:
    """`nal_unit_type`, 0 for nothing at all."""
    return nal[0] & 0x1F if nal else 0


def is_slice(nal: bytes) -> bool:
    """Whether this NAL unit carries picture data."""
    return 1 <= nal_type(nal) <= 5


def split_annex_b(data: bytes) -> list[bytes]:
    """The NAL units of a byte stream (annex B); what precedes the first start code is dropped."""
    parts = (part.rstrip(b"\x00") for part in bytes(data).split(b"\x00\x00\x01")[1:])
    return [part for part in parts if part]


def to_annex_b(nals: Iterable[bytes]) -> bytes:
    return b"".join(START_CODE + nal for nal in nals)


def split_avcc(data: bytes, length_size: int = 4) -> list[bytes]:
    """The NAL units of an MP4 or RTMP sample, each behind its length of `length_size` bytes (ISO/IEC 14496-15)."""
    if not 1 <= length_size <= 4:
        raise MediaError(f"H.264 length fields of {length_size} bytes do not exist")
    data = bytes(data)
    nals = []
    at = 0
    while at < len(data):
        start = at + length_size
        at = start + int.from_bytes(data[at:start])
        if start > len(data) or at > len(data):
            raise MediaError("An H.264 sample ends in the middle of a NAL unit")
        if at > start:
            nals.append(data[start:at])
    return nals


def to_avcc(nals: Iterable[bytes]) -> bytes:
    return b"".join(len(nal).to_bytes(4) + nal for nal in nals)


def parse_extradata(extradata: bytes) -> tuple[int, list[bytes]]:
    """A container's codec data: (length size of its samples, 0 if they are annex B; parameter sets)."""
    data = bytes(extradata)
    if not data:
        return 0, []
    if data[0] != 1:
        return 0, split_annex_b(data)
    if len(data) < 7:
        raise MediaError("The avcC record is truncated")
    nals = []
    at = 5
    for mask in (0x1F, 0xFF):  # number of SPS in five bits, of PPS in eight
        if at >= len(data):
            raise MediaError("The avcC record is truncated")
        count = data[at] & mask
        at += 1
        for _ in range(count):
            start = at + 2
            at = start + int.from_bytes(data[at:start])
            if start > len(data) or at > len(data):
                raise MediaError("The avcC record is truncated")
            nals.append(data[start:at])
    return (data[4] & 3) + 1, [nal for nal in nals if nal]


def to_extradata(nals: Iterable[bytes]) -> bytes:
    """An avcC record of these parameter sets, with length fields of four bytes."""
    nals = list(nals)
    sps = [nal for nal in nals if nal_type(nal) == Nal.SPS and len(nal) >= 4]
    pps = [nal for nal in nals if nal_type(nal) == Nal.PPS]
    if not sps:
        raise MediaError("An avcC record needs an SPS")
    sets = [len(nal).to_bytes(2) + nal for nal in (*sps, *pps)]
    head = bytes((1, *sps[0][1:4], 0xFF, 0xE0 | len(sps)))
    return b"".join((head, *sets[: len(sps)], bytes((len(pps),)), *sets[len(sps) :]))


@dataclass(frozen=True, slots=True)
class Sps:
    """What a sequence parameter set says; `profile_level_id` is SDP's six hexadecimal digits, sizes in pixels."""

    profile_level_id: str
    width: int
    height: int


def parse_sps(nal: bytes) -> Sps:
    """Read an SPS (H.264 section 7.3.2.1.1)."""
    if nal_type(nal) != Nal.SPS or len(nal) < 5:
        raise MediaError("Not an SPS")
    bits = _Bits(_rbsp(nal[4:MAX_PARAMETER_SET]))
    bits.ue()
    chroma = 1
    separate_planes = 0
    if nal[1] in _HIGH_PROFILES:
        chroma = bits.ue()
        if chroma == 3:
            separate_planes = bits.u(1)
        bits.ue()
        bits.ue()
        bits.u(1)
        if bits.u(1):
            _skip_scaling_matrix(bits, 12 if chroma == 3 else 8)
    bits.ue()
    _skip_picture_order(bits)
    bits.ue()
    bits.u(1)
    width = (bits.ue() + 1) * 16
    height_units = bits.ue() + 1
    frames_only = bits.u(1)
    if not frames_only:
        bits.u(1)
    bits.u(1)
    height = height_units * 16 * (2 - frames_only)
    if bits.u(1):
        subsampled_x = 2 if chroma in {1, 2} and not separate_planes else 1
        subsampled_y = (2 if chroma == 1 and not separate_planes else 1) * (2 - frames_only)
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
        width -= (left + right) * subsampled_x
        height -= (top + bottom) * subsampled_y
    if not (0 < width <= 16384 and 0 < height <= 16384):
        raise MediaError("An SPS with an impossible picture size")
    return Sps(nal[1:4].hex(), width, height)


class ParameterSets:
    """The SPS and PPS seen last, so that each key picture can carry what a decoder needs to start with it."""

    def __init__(self, nals: Iterable[bytes] = ()) -> None:
        self._sps: dict[int, bytes] = {}
        self._pps: dict[int, bytes] = {}
        for nal in nals:
            self.learn(nal)

    @property
    def nals(self) -> tuple[bytes, ...]:
        """SPS first, then PPS; empty until both are known."""
        return (*self._sps.values(), *self._pps.values()) if self._sps and self._pps else ()

    @property
    def sps(self) -> Sps | None:
        """The first SPS known, read; None if there is none or it makes no sense."""
        for nal in self._sps.values():
            try:
                return parse_sps(nal)
            except MediaError:
                return None
        return None

    def learn(self, nal: bytes) -> None:
        """Remember an SPS or PPS in the place of the one with its id; anything else is ignored."""
        kind = nal_type(nal)
        if kind not in {Nal.SPS, Nal.PPS} or len(nal) > MAX_PARAMETER_SET:
            return
        known, head = (self._sps, nal[4:24]) if kind == Nal.SPS else (self._pps, nal[1:24])
        try:
            number = _Bits(_rbsp(head)).ue()
        except MediaError:
            return
        if number in known or len(known) < MAX_PARAMETER_SETS:
            known[number] = nal

    def unit(self, nals: Sequence[bytes], timestamp: int) -> AccessUnit | None:
        """One picture of these NAL units, ready for any viewer; None if they hold no picture.

        Parameter sets are learned, and a key picture gets them in front; delimiters and filler are left out.
        """
        key = False
        slices = False
        has_sets = False
        for nal in nals:
            kind = nal_type(nal)
            if kind in {Nal.SPS, Nal.PPS}:
                self.learn(nal)
                has_sets = True
            elif 1 <= kind <= 5:
                key = key or kind == Nal.IDR
                slices = True
        if not slices:
            return None
        # Some encoders start with plain I pictures behind their parameter sets and send no IDR at all.
        key = key or (has_sets and all(_is_intra(nal) for nal in nals if is_slice(nal)))
        rest = tuple(nal for nal in nals if nal_type(nal) not in _NOT_A_PICTURE and nal_type(nal) not in {0, 7, 8})
        sets = self.nals
        if key and sets:
            return AccessUnit((*sets, *rest), timestamp, key=True)
        own = tuple(nal for nal in nals if nal_type(nal) in {Nal.SPS, Nal.PPS})
        return AccessUnit((*own, *rest), timestamp, key=False)


def _is_intra(nal: bytes) -> bool:
    if nal_type(nal) == Nal.IDR:
        return True
    bits = _Bits(_rbsp(nal[1:16]))
    try:
        bits.ue()
        return bits.ue() in _INTRA
    except MediaError:
        return False


def _rbsp(data: bytes) -> bytes:
    """Without emulation prevention bytes (H.264 section 7.4.1.1)."""
    return data.replace(b"\x00\x00\x03", b"\x00\x00")


class _Bits:
    """A reader of fixed and Exp-Golomb coded numbers (H.264 section 9.1)."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data)
        self._left = len(data) * 8

    def u(self, count: int) -> int:
        if count > self._left:
            raise MediaError("An H.264 parameter set is truncated")
        self._left -= count
        return (self._value >> self._left) & ((1 << count) - 1)

    def ue(self) -> int:
        zeros = 0
        while not self.u(1):
            zeros += 1
            if zeros > 32:
                raise MediaError("An H.264 parameter set holds an impossible number")
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self) -> int:
        value = self.ue()
        return (value + 1) // 2 if value & 1 else -(value // 2)


def _skip_scaling_matrix(bits: _Bits, lists: int) -> None:
    for index in range(lists):
        if not bits.u(1):
            continue
        last = following = 8
        for _ in range(16 if index < 6 else 64):
            if following:
                following = (last + bits.se()) % 256
            last = following or last


def _skip_picture_order(bits: _Bits) -> None:
    kind = bits.ue()
    if kind == 0:
        bits.ue()
    elif kind == 1:
        bits.u(1)
        bits.se()
        bits.se()
        count = bits.ue()
        if count > 255:
            raise MediaError("An H.264 parameter set holds an impossible number")
        for _ in range(count):
            bits.se()
