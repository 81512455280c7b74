from array import array
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.media.codecs import Decoder, Encoder, frame_bytes
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU, AudioPacket
from pbx_lite.media.transcode import Transcoder

from .test_codecs import level, sine

CODECS = [PCMU, PCMA, G722, OPUS]


def tone(codec, seconds=1.0, start=1000):
    encoder = Encoder(codec)
    size = frame_bytes(codec.sample_rate)
    sound = sine(codec.sample_rate, seconds).tobytes()
    return [
        AudioPacket(codec, encoder.encode(sound[at * size : (at + 1) * size]), start + at * codec.clock_rate // 50)
        for at in range(len(sound) // size)
    ]


@pytest.mark.parametrize(("source", "target"), [pair for pair in product(CODECS, CODECS) if pair[0] != pair[1]])
def test_a_tone_survives_from_any_codec_to_any_other(source, target):
    transcoder = Transcoder(source, target)
    packets = [made for packet in tone(source) for made in transcoder.convert(packet)]
    decoder = Decoder(target)
    heard = b"".join(decoder.decode(packet.payload) for packet in packets)
    assert len(packets) == 50
    assert {later.timestamp - earlier.timestamp for earlier, later in pairwise(packets)} == {target.clock_rate // 50}
    assert level(heard[frame_bytes(target.sample_rate) * 5 :], target.sample_rate) > 0.97


def test_one_packet_in_is_one_packet_out_at_once():
    for source, target in product(CODECS, CODECS):
        transcoder = Transcoder(source, target)
        assert [len(transcoder.convert(packet)) for packet in tone(source, 0.1)] == [1] * 5


def test_packets_of_10_ms_become_packets_of_20_ms():
    packets = [
        AudioPacket(PCMA, packet.payload[half * 80 : half * 80 + 80], packet.timestamp + half * 80)
        for packet in tone(PCMA, 0.2)
        for half in (0, 1)
    ]
    transcoder = Transcoder(PCMA, G722)
    made = [made for packet in packets for made in transcoder.convert(packet)]
    assert len(made) == 10
    assert {len(packet.payload) for packet in made} == {160}


def test_a_hole_stays_a_hole_of_the_same_length():
    packets = tone(PCMU, 0.2)
    del packets[4:6]
    transcoder = Transcoder(PCMU, G722)
    made = [made for packet in packets for made in transcoder.convert(packet)]
    assert [later.timestamp - earlier.timestamp for earlier, later in pairwise(made)] == [160] * 3 + [480] + [160] * 3


def test_late_and_repeated_packets_are_left_out():
    packets = tone(PCMU, 0.1)
    transcoder = Transcoder(PCMU, G722)
    made = [
        made for packet in (*packets[:3], packets[1], packets[2], *packets[3:]) for made in transcoder.convert(packet)
    ]
    assert len(made) == 5


def test_another_source_in_between_is_taken_with_a_marker():
    transcoder = Transcoder(PCMU, G722)
    made = [
        made
        for packet in (*tone(PCMU, 0.06), *tone(PCMU, 0.06, start=0x90000000))
        for made in transcoder.convert(packet)
    ]
    assert [packet.marker for packet in made] == [True, False, False, True, False, False]
    assert {later.timestamp - earlier.timestamp for earlier, later in pairwise(made)} == {160}


def test_packets_of_another_codec_than_promised_are_left_out():
    assert Transcoder(PCMU, G722).convert(AudioPacket(PCMA, b"x", 0)) == []
    assert Transcoder(PCMU, PCMA).convert(AudioPacket(G722, b"x", 0)) == []


def test_the_same_codec_passes_untouched():
    packet = AudioPacket(PCMU, b"x", 0)
    assert Transcoder(PCMU, PCMU).convert(packet) == [packet]


@given(st.lists(st.tuples(st.binary(max_size=50), st.integers(0, 0xFFFFFFFF)), max_size=5), st.sampled_from(CODECS))
def test_no_payload_makes_it_raise(packets, source):
    for target in (PCMA, G722):
        transcoder = Transcoder(source, target)
        for payload, timestamp in packets:
            transcoder.convert(AudioPacket(source, payload, timestamp))


def test_decoded_sound_is_what_was_said():
    assert len(array("h", Decoder(PCMU).decode(bytes(160)))) == 160
