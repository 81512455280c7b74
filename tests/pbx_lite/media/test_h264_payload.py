import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.media.h264 import nal_type
from pbx_lite.media.h264_payload import MAX_PAYLOAD, Depacketizer, packetize

from .pictures import encoded


def sent(pictures, *, mode=1, sequence=65530, size=MAX_PAYLOAD):
    """(payload, sequence, timestamp, marker) of each packet."""
    packets = []
    for number, nals in enumerate(pictures):
        payloads = packetize(nals, mode=mode, max_payload=size)
        for index, payload in enumerate(payloads):
            packets.append((payload, sequence & 0xFFFF, number * 3600, index == len(payloads) - 1))
            sequence += 1
    return packets


def received(depacketizer, packets):
    units = []
    for payload, sequence, timestamp, marker in packets:
        units += depacketizer.push(payload, sequence=sequence, timestamp=timestamp, marker=marker)
    return units


@pytest.mark.parametrize("mode", [0, 1])
@pytest.mark.parametrize("size", [100, MAX_PAYLOAD])
def test_pictures_arrive_as_they_were_sent(mode, size):
    pictures = encoded(slices=4)
    depacketizer = Depacketizer()
    units = received(depacketizer, sent(pictures, mode=mode, size=size))
    slices = [tuple(nal for nal in nals if nal_type(nal) in {1, 5}) for nals in pictures]
    assert [tuple(nal for nal in unit.nals if nal_type(nal) in {1, 5}) for unit in units] == slices
    assert [unit.timestamp for unit in units] == [number * 3600 for number in range(6)]
    assert [unit.key for unit in units] == [True] + [False] * 5
    assert not depacketizer.key_frame_needed


def test_no_payload_of_mode_1_is_larger_than_asked():
    assert max(len(payload) for payload, *_ in sent(encoded(640, 480))) <= MAX_PAYLOAD


def test_small_nal_units_travel_together():
    first = packetize([b"\x67\x42", b"\x68\xce", b"\x65" + bytes(3000)])
    assert nal_type(first[0]) == 24
    assert first[0] == b"\x78\x00\x02\x67\x42\x00\x02\x68\xce"
    assert [nal_type(payload) for payload in first[1:]] == [28] * 3
    assert [payload[1] & 0xC0 for payload in first[1:]] == [0x80, 0, 0x40]


def test_a_nal_unit_that_no_datagram_holds_is_fragmented_in_mode_0_too():
    nal = b"\x65" + bytes(range(256)) * 400
    payloads = packetize([b"\x67\x42", nal, b""], mode=0)
    assert payloads[0] == b"\x67\x42"
    assert {nal_type(payload) for payload in payloads[1:]} == {28}
    assert max(map(len, payloads)) <= MAX_PAYLOAD


def test_stations_that_never_set_the_marker_are_understood():
    packets = [(*packet[:3], False) for packet in sent(encoded())]
    assert len(received(Depacketizer(), packets)) == 5  # the last one is still open


def test_a_picture_with_a_hole_is_left_out_and_a_key_frame_is_needed():
    packets = sent(encoded(), size=300)
    third = [index for index, packet in enumerate(packets) if packet[2] == 2 * 3600]
    assert len(third) > 3
    depacketizer = Depacketizer()
    units = received(depacketizer, packets[: third[1]] + packets[third[2] :])
    assert [unit.timestamp // 3600 for unit in units] == [0, 1, 3, 4, 5]
    assert depacketizer.key_frame_needed


def test_the_loss_of_a_pictures_end_does_not_cost_the_next_picture():
    packets = sent(encoded(), size=300)
    last_of_third = max(index for index, packet in enumerate(packets) if packet[2] == 2 * 3600)
    units = received(Depacketizer(), packets[:last_of_third] + packets[last_of_third + 1 :])
    assert [unit.timestamp // 3600 for unit in units] == [0, 1, 3, 4, 5]


def test_the_loss_of_a_pictures_start_costs_that_picture_alone():
    packets = sent(encoded(), size=300)
    first_of_third = min(index for index, packet in enumerate(packets) if packet[2] == 2 * 3600)
    units = received(Depacketizer(), packets[:first_of_third] + packets[first_of_third + 1 :])
    assert [unit.timestamp // 3600 for unit in units] == [0, 1, 3, 4, 5]


def test_parameter_sets_sent_with_a_marker_of_their_own_are_no_picture():
    nals = encoded()[0]
    depacketizer = Depacketizer()
    units = []
    for number, nal in enumerate(nals):
        units += depacketizer.push(nal, sequence=number, timestamp=0, marker=True)
    assert len(units) == 1
    assert units[0].key


@given(st.lists(st.tuples(st.binary(max_size=40), st.integers(0, 9), st.integers(0, 3), st.booleans()), max_size=40))
def test_no_packets_make_it_raise(packets):
    received(Depacketizer(), packets)
    received(Depacketizer(), [(bytes([kind]) + payload, *rest) for payload, *rest in packets for kind in (0x78, 0x7C)])


@given(
    st.lists(st.binary(min_size=1, max_size=400).map(lambda data: b"\x41" + data), min_size=1, max_size=8),
    st.integers(20, 300),
)
def test_any_nal_units_survive_the_way(nals, size):
    packets = sent([nals], size=size)
    units = received(Depacketizer(), packets)
    assert [unit.nals for unit in units] == [tuple(nals)]
