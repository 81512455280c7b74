"""What crosses between two parties: encoded sound and H.264 pictures, and the ports they pass through.

A port hands what it receives to its `sink` and sends what it is given.  Joining two ports of one codec is
`a.sink = b.send; b.sink = a.send`: nothing is decoded.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True, eq=False)
class Codec:
    """An audio format as SDP names it.  `clock_rate` is RTP's, which for G.722 is 8000 although it samples at 16000.

    There is one of each and it is told from others by being itself, since that is asked for every packet.
    """

    name: str
    clock_rate: int
    channels: int = 1
    sample_rate: int = 8000

    def __str__(self) -> str:
        return self.name


PCMU = Codec("PCMU", 8000)
PCMA = Codec("PCMA", 8000)
G722 = Codec("G722", 8000, sample_rate=16000)
OPUS = Codec("opus", 48000, channels=2, sample_rate=48000)
PCM16 = Codec("PCM", 16000, sample_rate=16000)
"""Dahua's own: linear little-endian sound at 16 kHz, offered as PCM/16000."""


class AudioPacket(NamedTuple):
    """One packet of sound.  `timestamp` counts the codec's RTP clock and only its differences mean anything.

    A tuple, since one is made for every packet and a frozen dataclass takes three times as long.
    """

    codec: Codec
    payload: bytes
    timestamp: int
    marker: bool = False


SILENCE = {PCMU: b"\xff" * 160, PCMA: b"\xd5" * 160}
"""20 ms of nothing."""


def cut(packet: AudioPacket, size: int) -> Iterator[AudioPacket]:
    """The packet in pieces of `size` bytes at most, for codecs that have a byte for each tick of their clock."""
    codec, payload, timestamp, marker = packet
    for at in range(0, len(payload), size):
        yield AudioPacket(codec, payload[at : at + size], (timestamp + at) & 0xFFFFFFFF, marker and not at)


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One H.264 picture: its NAL units without start codes, `timestamp` in 90 kHz ticks.

    `key` units begin with SPS and PPS, so that a decoder can start with them.
    """

    nals: tuple[bytes, ...]
    timestamp: int
    key: bool


type AudioSink = Callable[[AudioPacket], None]
type VideoSink = Callable[[AccessUnit], None]


class AudioPort(Protocol):
    """One party's sound.  `codec` is what it wants to be sent, None while nothing is agreed."""

    sink: AudioSink | None
    on_dtmf: Callable[[str], None] | None

    @property
    def codec(self) -> Codec | None: ...

    def send(self, packet: AudioPacket) -> None: ...


class VideoPort(Protocol):
    """One party's picture.  `on_key_frame_wanted` is called when the party asks for a key frame."""

    sink: VideoSink | None
    on_key_frame_wanted: Callable[[], None] | None

    def send(self, unit: AccessUnit) -> None: ...

    def want_key_frame(self) -> None:
        """Ask the party for a key frame; the port limits how often."""
        ...
