"""Whose packets are believed."""

import pytest

from pbx_lite.media.audio_stream import AudioStream
from pbx_lite.media.negotiation import AudioAgreement, Remote
from pbx_lite.media.port import PCMU
from pbx_lite.media.rtp import RtpPacket
from tests.support.clock import FakeClock

DOOR = ("192.0.2.20", 4000)
DOOR_OTHER_PORT = ("192.0.2.20", 4444)
ROUTER = ("198.51.100.1", 6000)
STRANGER = ("203.0.113.66", 7000)


class Listening:
    """A stream whose packets are noted by their source."""

    def __init__(self, *, peer=""):
        self.clock = FakeClock()
        self.stream = AudioStream(self.clock)
        self.stream.peer = peer
        self.heard: list[str] = []
        self.stream.sink = lambda packet: self.heard.append(packet.payload.decode())
        self.aim(Remote(*DOOR, rtcp_port=4001, rtcp_mux=False))

    def aim(self, remote):
        self.stream.agree(AudioAgreement(PCMU, {PCMU: 0}, {0: PCMU}, None, 8000, {}, remote, sends=True, receives=True))

    def packets(self, source, name, count=3, *, ssrc=None, start=1):
        ssrc = hash(name) & 0xFFFFFFFF if ssrc is None else ssrc
        for number in range(start, start + count):
            self.stream.receive(RtpPacket(0, number, number * 160, ssrc, name.encode()).encode(), source)


def test_the_address_of_the_description_is_believed_at_once():
    listening = Listening()
    listening.packets(DOOR, "door", 1)
    assert listening.heard == ["door"]


def test_a_stranger_never_takes_over_a_stream_that_flows():
    listening = Listening()
    listening.packets(DOOR, "door")
    listening.packets(STRANGER, "stranger", 20)
    listening.clock.advance(60)
    listening.packets(STRANGER, "stranger", 20, start=21)
    assert "stranger" not in listening.heard


def test_a_peer_behind_a_router_is_found_by_its_second_packet():
    listening = Listening()
    listening.packets(ROUTER, "routed")
    assert listening.heard == ["routed", "routed"]


def test_a_stranger_who_came_first_has_to_give_way_to_the_peer():
    listening = Listening()
    listening.packets(STRANGER, "stranger")
    listening.packets(DOOR, "door")
    listening.packets(STRANGER, "stranger", 5, start=10)
    assert listening.heard == ["stranger", "stranger", "door", "door", "door"]


def test_single_packets_of_strangers_are_not_enough():
    listening = Listening()
    for number in (5, 9, 30, 7):
        listening.packets(STRANGER, "stranger", 1, start=number)
    assert listening.heard == []


def test_the_host_of_the_signalling_is_believed_from_any_port():
    listening = Listening(peer=ROUTER[0])
    listening.packets(ROUTER, "routed", 1)
    listening.packets(STRANGER, "stranger", 20)
    assert listening.heard == ["routed"]


def test_another_port_of_the_peer_waits_for_silence():
    listening = Listening()
    listening.packets(DOOR, "door", 1)
    listening.packets(DOOR_OTHER_PORT, "other", 1)
    assert listening.heard == ["door"]
    listening.clock.advance(2)
    listening.packets(DOOR_OTHER_PORT, "other", 1, start=2)
    assert listening.heard == ["door", "other"]


def test_the_same_stream_may_move_after_a_silence():
    listening = Listening()
    listening.packets(ROUTER, "routed", 2, ssrc=5)
    listening.packets(("198.51.100.1", 6001), "moved", 1, ssrc=5, start=3)
    listening.clock.advance(1)
    listening.packets(("198.51.100.1", 6001), "moved", 1, ssrc=5, start=4)
    assert listening.heard == ["routed", "moved"]


def test_a_new_stream_from_the_same_address_is_taken():
    listening = Listening()
    listening.packets(DOOR, "before", 1)
    listening.packets(DOOR, "after", 1, start=40000)
    assert listening.heard == ["before", "after"]
    assert listening.stream.statistics.received == 1


def test_a_new_description_starts_the_search_anew():
    listening = Listening()
    listening.packets(DOOR, "door", 1)
    listening.aim(Remote("192.0.2.99", 4000, rtcp_port=4001, rtcp_mux=False))
    listening.packets(("192.0.2.99", 4000), "moved", 1)
    assert listening.heard == ["door", "moved"]


def test_an_unchanged_description_keeps_what_was_found():
    listening = Listening()
    listening.packets(ROUTER, "routed", 3)
    listening.aim(Remote(*DOOR, rtcp_port=4001, rtcp_mux=False))
    listening.packets(STRANGER, "stranger", 3)
    listening.packets(ROUTER, "routed", 1, start=4)
    assert listening.heard == ["routed"] * 3


@pytest.mark.parametrize(
    "data",
    [b"", b"\x80", bytes(12), b"\x80\x00" + bytes(9), b"\xa0\x00" + bytes(10) + b"\xff\xff", b"\x80\xc8" + bytes(30)],
)
def test_faulty_packets_are_dropped(data):
    listening = Listening()
    listening.stream.receive(data, DOOR)
    assert listening.heard == []
