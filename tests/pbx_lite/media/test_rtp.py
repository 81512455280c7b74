from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.errors import MediaError
from pbx_lite.media.rtp import Reception, RtpPacket, is_rtcp, parse


@given(
    st.integers(0, 127),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.binary(),
    st.booleans(),
)
def test_a_packet_reads_as_it_was_written(kind, sequence, timestamp, ssrc, payload, marker):
    packet = RtpPacket(kind, sequence, timestamp, ssrc, payload, marker)
    assert parse(packet.encode()) == packet


def test_contributors_extension_and_padding_are_no_payload():
    header = bytes([0xB2, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3])
    extra = bytes(8) + b"\xbe\xde\x00\x01" + bytes(4)
    assert parse(header + extra + b"sound" + b"\x00\x00\x03").payload == b"sound"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(11),
        bytes(12),
        b"\x40" + bytes(20),
        b"\x8f" + bytes(20),
        b"\x90" + bytes(12),
        b"\xa0" + bytes(20),
        b"\xa0" + bytes(12) + b"\xff",
    ],
)
def test_what_is_no_packet_is_refused(data):
    with pytest.raises(MediaError):
        parse(data)


@given(st.binary(max_size=60), st.integers(0, 63))
def test_no_bytes_make_the_reader_raise_anything_but_media_error(data, flags):
    for packet in (data, bytes([0x80 | flags]) + data):
        with suppress(MediaError):
            parse(packet)


def test_rtcp_on_the_same_port_is_told_apart():
    assert is_rtcp(bytes([0x80, 200, 0, 1, 0, 0, 0, 0]))
    assert not is_rtcp(RtpPacket(0, 1, 1, 1, b"x").encode())
    assert not is_rtcp(RtpPacket(96, 1, 1, 1, b"x", marker=True).encode())


def test_losses_are_counted_across_the_wrap_of_the_sequence():
    seen = Reception(1, 65533, 8000)
    for index, number in enumerate([65533, 65534, 1, 2, 3]):
        seen.count(number, index * 160, index * 0.02)
    assert seen.packets == 5
    assert seen.lost == 2
    assert seen.extended_highest == 0x10003
    assert seen.fraction_lost() == 2 * 256 // 7
    assert seen.fraction_lost() == 0


def test_a_packet_out_of_order_is_no_loss():
    seen = Reception(1, 10, 8000)
    for number in (10, 12, 11, 13):
        seen.count(number, number * 160, number * 0.02)
    assert seen.lost == 0


def test_a_peer_that_starts_again_is_counted_anew():
    seen = Reception(1, 10, 8000)
    seen.count(10, 0, 0.0)
    seen.count(40000, 160, 0.02)
    assert (seen.packets, seen.lost) == (1, 0)


def test_an_even_stream_has_no_jitter_and_an_uneven_one_has():
    even, uneven = Reception(1, 0, 8000), Reception(1, 0, 8000)
    for number in range(50):
        even.count(number, number * 160, number * 0.02)
        uneven.count(number, number * 160, number * 0.02 + (number % 2) * 0.005)
    assert even.jitter == pytest.approx(0, abs=1e-6)
    assert uneven.jitter == pytest.approx(40, rel=0.1)
