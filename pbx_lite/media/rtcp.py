"""RTCP (RFC 3550 section 6; feedback of RFC 4585 and RFC 5104): reports, goodbye, and the wish for a key frame."""

from collections.abc import Iterator
from struct import Struct

from pbx_lite.values import dataclass

_HEADER = Struct("!BBH")
_SENDER = Struct("!IIIIII")
_BLOCK = Struct("!IIIIII")
_NTP_EPOCH = 2208988800

SR, RR, SDES, BYE, APP, RTPFB, PSFB = 200, 201, 202, 203, 204, 205, 206
_PLI, _FIR, _NACK = 1, 4, 1


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """How one source is received; `jitter` in timestamp units, `last_sr` and `delay` in 1/65536 s."""

    ssrc: int
    fraction_lost: int
    lost: int
    highest: int
    jitter: int
    last_sr: int = 0
    delay: int = 0


@dataclass(frozen=True, slots=True)
class SenderReport:
    """`ntp` is the 64-bit NTP time of the same moment as `timestamp`."""

    ssrc: int
    ntp: int
    timestamp: int
    packets: int
    octets: int
    blocks: tuple[ReportBlock, ...] = ()

    @property
    def middle(self) -> int:
        """The 32 bits of `ntp` that a report sends back as `last_sr`."""
        return (self.ntp >> 16) & 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    ssrc: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class Goodbye:
    ssrcs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyFrameRequest:
    """PLI or FIR; `ssrc` is the stream that should send one (0 where a peer left it open)."""

    ssrc: int


@dataclass(frozen=True, slots=True)
class Nack:
    ssrc: int
    sequences: tuple[int, ...]


type RtcpPacket = SenderReport | ReceiverReport | Goodbye | KeyFrameRequest | Nack


def parse(data: bytes) -> list[RtcpPacket]:
    """What a compound packet says; faulty and unknown parts are left out, so it never raises."""
    found: list[RtcpPacket] = []
    at = 0
    while at + 4 <= len(data):
        first, kind, words = _HEADER.unpack_from(data, at)
        end = at + 4 + 4 * words
        if first & 0xC0 != 0x80 or end > len(data):
            break
        found.extend(_part(kind, first & 0x1F, data[at + 4 : end]))
        at = end
    return found


def encode_report(report: SenderReport | ReceiverReport) -> bytes:
    blocks = b"".join(
        _BLOCK.pack(
            block.ssrc,
            (block.fraction_lost << 24) | (max(-0x800000, min(block.lost, 0x7FFFFF)) & 0xFFFFFF),
            block.highest & 0xFFFFFFFF,
            min(block.jitter, 0xFFFFFFFF),
            block.last_sr,
            block.delay & 0xFFFFFFFF,
        )
        for block in report.blocks
    )
    if isinstance(report, ReceiverReport):
        return _packet(RR, len(report.blocks), report.ssrc.to_bytes(4) + blocks)
    sender = _SENDER.pack(
        report.ssrc,
        report.ntp >> 32,
        report.ntp & 0xFFFFFFFF,
        report.timestamp,
        report.packets & 0xFFFFFFFF,
        report.octets & 0xFFFFFFFF,
    )
    return _packet(SR, len(report.blocks), sender + blocks)


def encode_name(ssrc: int, cname: str) -> bytes:
    """SDES with a CNAME, which every compound packet carries."""
    name = cname.encode()[:255]
    chunk = ssrc.to_bytes(4) + bytes((1, len(name))) + name
    return _packet(SDES, 1, chunk + bytes(4 - len(chunk) % 4))


def encode_goodbye(ssrc: int) -> bytes:
    return _packet(BYE, 1, ssrc.to_bytes(4))


def encode_pli(sender: int, media: int) -> bytes:
    """Picture loss indication (RFC 4585 section 6.3.1)."""
    return _packet(PSFB, _PLI, sender.to_bytes(4) + media.to_bytes(4))


def encode_fir(sender: int, media: int, command: int) -> bytes:
    """Full intra request (RFC 5104 section 4.3.1); `command` counts the requests, modulo 256."""
    return _packet(PSFB, _FIR, sender.to_bytes(4) + bytes(4) + media.to_bytes(4) + bytes((command & 0xFF, 0, 0, 0)))


def ntp_time(unix_time: float) -> int:
    """Seconds since 1970 as 64-bit NTP time."""
    return int((unix_time + _NTP_EPOCH) * 0x100000000) & 0xFFFFFFFFFFFFFFFF


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return _HEADER.pack(0x80 | count, kind, len(body) // 4) + body


def _part(kind: int, count: int, body: bytes) -> Iterator[RtcpPacket]:
    if kind == SR and len(body) >= 24:
        ssrc, high, low, timestamp, packets, octets = _SENDER.unpack_from(body)
        yield SenderReport(ssrc, high << 32 | low, timestamp, packets, octets, _blocks(body[24:], count))
    elif kind == RR and len(body) >= 4:
        yield ReceiverReport(int.from_bytes(body[:4]), _blocks(body[4:], count))
    elif kind == BYE:
        ssrcs = (int.from_bytes(body[at : at + 4]) for at in range(0, min(len(body) // 4, count) * 4, 4))
        yield Goodbye(tuple(ssrcs))
    elif kind == PSFB and count == _PLI and len(body) >= 8:
        yield KeyFrameRequest(int.from_bytes(body[4:8]))
    elif kind == PSFB and count == _FIR and len(body) >= 16:
        for at in range(8, len(body) - 7, 8):
            yield KeyFrameRequest(int.from_bytes(body[at : at + 4]))
    elif kind == RTPFB and count == _NACK and len(body) >= 12:
        yield Nack(int.from_bytes(body[4:8]), tuple(_missing(body[8:])))


def _blocks(body: bytes, count: int) -> tuple[ReportBlock, ...]:
    blocks = []
    for at in range(0, min(len(body) // 24, count) * 24, 24):
        ssrc, loss, highest, jitter, last_sr, delay = _BLOCK.unpack_from(body, at)
        lost = (loss & 0xFFFFFF) - (0x1000000 if loss & 0x800000 else 0)
        blocks.append(ReportBlock(ssrc, loss >> 24, lost, highest, jitter, last_sr, delay))
    return tuple(blocks)


def _missing(body: bytes) -> Iterator[int]:
    for at in range(0, len(body) - 3, 4):
        first, mask = int.from_bytes(body[at : at + 2]), int.from_bytes(body[at + 2 : at + 4])
        yield first
        for bit in range(16):
            if mask >> bit & 1:
                yield (first + 1 + bit) & 0xFFFF
