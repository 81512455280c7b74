import itertools

import pytest
from aiortc.rtp import RtpPacket

from pbx_lite.calls.webrtc.offer import Format
from pbx_lite.calls.webrtc.ports import BrowserAudio, BrowserVideo
from pbx_lite.calls.webrtc.rtp import OutgoingStream
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, AccessUnit, AudioPacket, Codec
from tests.support.clock import FakeClock

SOUND = (Format(0, "PCMU/8000", codec=PCMU), Format(8, "PCMA/8000", codec=PCMA))
PICTURE = (
    Format(108, "H264/90000", profile=0x42),
    Format(116, "H264/90000", profile=0x4D),
    Format(39, "H264/90000", profile=0x64),
)


class Wire:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.sent: list[bytes] = []
        self.stream = OutgoingStream(self.sent.append, self.clock, clock_rate=8000)

    @property
    def packets(self) -> list[RtpPacket]:
        return [RtpPacket.parse(data) for data in self.sent]

    @property
    def steps(self) -> list[int]:
        stamps = [packet.timestamp for packet in self.packets]
        return [(later - earlier) % (1 << 32) for earlier, later in itertools.pairwise(stamps)]


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def audio(wire: Wire) -> BrowserAudio:
    port = BrowserAudio(wire.clock)
    port.negotiate(SOUND, sends=True)
    port.attach(wire.stream)
    return port


def say(timestamp: int, codec: Codec = PCMU) -> AudioPacket:
    return AudioPacket(codec, b"sound", timestamp)


def picture(number: int, *, profile: int = 0x42, key: bool = True) -> AccessUnit:
    sps = bytes((0x67, profile, 0xC0, 0x1F, 0xDA))
    return AccessUnit((sps, b"\x68pps", b"\x65slice") if key else (b"\x41slice",), number * 3600, key)


def test_sound_keeps_the_distances_of_its_source(wire: Wire, audio: BrowserAudio) -> None:
    for number in range(4):
        audio.send(say(5_000_000 + number * 160))
    assert wire.steps == [160, 160, 160]
    assert [packet.marker for packet in wire.packets] == [1, 0, 0, 0]


def test_every_agreed_codec_is_sent_as_it_is_and_no_other(wire: Wire, audio: BrowserAudio) -> None:
    for number, codec in enumerate((PCMU, PCMA, G722, OPUS)):
        audio.send(say(number * 160, codec))
    assert [packet.payload_type for packet in wire.packets] == [0, 8]
    assert audio.codec == PCMU
    assert audio.accepts(PCMA)
    assert not audio.accepts(G722)


def test_another_source_of_sound_continues_on_the_wall_clock(wire: Wire, audio: BrowserAudio) -> None:
    audio.send(say(0))
    wire.clock.advance(0.5)
    audio.send(say(3_000_000_000))
    audio.send(say(3_000_000_160))
    assert wire.steps == [4000, 160]
    assert [packet.marker for packet in wire.packets] == [1, 1, 0]


def test_sound_that_comes_late_or_twice_is_left_out(wire: Wire, audio: BrowserAudio) -> None:
    for timestamp in (1600, 1760, 1760, 1600, 1920):
        audio.send(say(timestamp))
    assert wire.steps == [160, 160]


def test_nothing_is_sent_to_a_browser_that_does_not_listen(wire: Wire) -> None:
    port = BrowserAudio(wire.clock)
    port.negotiate(SOUND, sends=False)
    port.attach(wire.stream)
    port.send(say(0))
    assert wire.sent == []
    assert port.codec == PCMU
    assert port.codec_of(8) == PCMA


def test_held_pictures_start_with_the_key_frame_when_attached(wire: Wire) -> None:
    port = BrowserVideo(wire.clock)
    port.negotiate(PICTURE, sends=True)
    port.send(picture(0, key=False))
    port.send(picture(1))
    port.send(picture(2, key=False))
    assert wire.sent == []
    port.attach(wire.stream)
    assert len(wire.sent) == 2
    port.attach(None)
    port.send(picture(3))
    assert len(wire.sent) == 2


@pytest.mark.parametrize(("profile", "payload_type"), [(0x42, 108), (0x4D, 116), (0x64, 39), (0x58, 108)])
def test_the_payload_type_is_that_of_the_streams_profile(wire: Wire, profile: int, payload_type: int) -> None:
    port = BrowserVideo(wire.clock)
    port.negotiate(PICTURE, sends=True)
    port.attach(wire.stream)
    port.send(picture(0, profile=profile))
    port.send(picture(1, key=False))
    assert {packet.payload_type for packet in wire.packets} == {payload_type}


def test_a_port_without_a_picture_asks_for_a_key_frame_when_attached(wire: Wire) -> None:
    asked: list[bool] = []
    port = BrowserVideo(wire.clock)
    port.on_key_frame_wanted = lambda: asked.append(True)
    port.negotiate(PICTURE, sends=True)
    port.attach(wire.stream)
    assert asked == [True]
