from contextlib import suppress

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.errors import MediaError
from pbx_lite.media.h264 import (
    Nal,
    ParameterSets,
    nal_type,
    parse_extradata,
    parse_sps,
    split_annex_b,
    split_avcc,
    to_annex_b,
    to_avcc,
    to_extradata,
)

from .pictures import encoded


@pytest.mark.parametrize("size", [(320, 240), (1280, 720), (1920, 1080), (176, 146)])
@pytest.mark.parametrize("profile", ["baseline", "main", "high"])
def test_an_sps_tells_the_size_of_the_picture(size, profile):
    sps = next(nal for nal in encoded(*size, frames=1, profile=profile)[0] if nal_type(nal) == Nal.SPS)
    read = parse_sps(sps)
    assert (read.width, read.height) == size
    assert read.profile_level_id == sps[1:4].hex()


def test_both_ways_to_frame_nal_units_give_them_back():
    nals = list(encoded()[0])
    assert split_annex_b(to_annex_b(nals)) == nals
    assert split_avcc(to_avcc(nals)) == nals


def test_short_start_codes_and_trailing_zeros_do_not_end_up_in_nal_units():
    assert split_annex_b(b"\x00\x00\x01\x67\x01\x00\x00\x00\x01\x68\x02\x00\x00\x00\x00\x01\x65\x03\x00") == [
        b"\x67\x01",
        b"\x68\x02",
        b"\x65\x03",
    ]


def test_codec_data_of_a_container_round_trips():
    sets = [nal for nal in encoded()[0] if nal_type(nal) in {7, 8}]
    assert parse_extradata(to_extradata(sets)) == (4, sets)
    assert parse_extradata(to_annex_b(sets)) == (0, sets)
    assert parse_extradata(b"") == (0, [])


def test_a_key_picture_without_parameter_sets_gets_those_seen_before():
    first = encoded()[0]
    sets = ParameterSets(nal for nal in first if nal_type(nal) in {7, 8})
    unit = sets.unit([nal for nal in first if nal_type(nal) == 5], 0)
    assert unit is not None
    assert unit.key
    assert [nal_type(nal) for nal in unit.nals] == [7, 8, 5]


def test_a_key_picture_that_no_decoder_could_start_with_is_not_called_key():
    unit = ParameterSets().unit([nal for nal in encoded()[0] if nal_type(nal) == 5], 0)
    assert unit is not None
    assert not unit.key


def test_parameter_sets_alone_are_no_picture_but_are_remembered():
    sets = ParameterSets()
    assert sets.unit([nal for nal in encoded()[0] if nal_type(nal) in {7, 8}], 0) is None
    assert [nal_type(nal) for nal in sets.nals] == [7, 8]
    assert sets.sps is not None
    assert sets.sps.width == 320


def test_a_plain_i_picture_behind_parameter_sets_counts_as_key():
    nals = [bytes([nal[0] & 0xE0 | 1]) + nal[1:] if nal_type(nal) == 5 else nal for nal in encoded()[0]]
    unit = ParameterSets().unit(nals, 0)
    assert unit is not None
    assert unit.key


def test_pictures_that_depend_on_others_are_not_key_and_delimiters_are_left_out():
    sets = ParameterSets(encoded()[0])
    unit = sets.unit([b"\x09\x10", *encoded()[1]], 3600)
    assert unit is not None
    assert not unit.key
    assert 9 not in {nal_type(nal) for nal in unit.nals}


def test_what_parameter_sets_put_together_can_be_decoded():
    sets = ParameterSets()
    decoder = av.CodecContext.create("h264", "r")
    frames = []
    for number, nals in enumerate(encoded()):
        unit = sets.unit(nals, number * 3600)
        assert unit is not None
        frames += decoder.decode(av.Packet(to_annex_b(unit.nals)))
    frames += decoder.decode(None)
    assert len(frames) == 6


@given(st.binary(max_size=80))
def test_no_bytes_make_the_readers_raise_anything_but_media_error(data):
    for read in (
        parse_sps,
        split_annex_b,
        split_avcc,
        parse_extradata,
        lambda d: parse_extradata(b"\x01" + d),
        lambda d: parse_sps(b"\x67" + d),
    ):
        with suppress(MediaError):
            read(data)
    ParameterSets([data]).unit([data, b"\x67" + data, b"\x68" + data, b"\x65" + data, b"\x41" + data], 0)


class Writer:
    """Bits of an SPS, written as H.264 section 7.3.2.1.1 lists them."""

    def __init__(self):
        self.bits = ""

    def u(self, count, value):
        self.bits += f"{value:0{count}b}"

    def ue(self, *values):
        for value in values:
            digits = f"{value + 1:b}"
            self.bits += "0" * (len(digits) - 1) + digits

    def se(self, value):
        self.ue(2 * value - 1 if value > 0 else -2 * value)

    def nal(self, head):
        bits = self.bits + "1"
        data = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8))
        return head + data.replace(b"\x00\x00", b"\x00\x00\x03")


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("chroma", [1, 3])
@pytest.mark.parametrize("interlaced", [False, True])
def test_scaling_lists_picture_orders_and_fields_do_not_hide_the_size(order, chroma, interlaced):
    sps = Writer()
    sps.ue(0, chroma)
    if chroma == 3:
        sps.u(1, 0)
    sps.ue(0, 0)
    sps.u(1, 0)
    sps.u(1, 1)
    for index in range(12 if chroma == 3 else 8):
        sps.u(1, index % 2)
        if index % 2:
            for step in range(16 if index < 6 else 64):
                sps.se(1 if step % 2 else -1)
    sps.ue(5, order)
    if order == 0:
        sps.ue(4)
    elif order == 1:
        sps.u(1, 0)
        sps.se(-3)
        sps.se(7)
        sps.ue(2)
        sps.se(1)
        sps.se(-1)
    sps.ue(1)
    sps.u(1, 0)
    sps.ue(119, 67 if not interlaced else 33)
    sps.u(1, not interlaced)
    if interlaced:
        sps.u(1, 1)
    sps.u(1, 1)
    sps.u(1, 1)
    unit = 1 if chroma == 3 else 2
    sps.ue(0, 0, 0, 8 // unit // (2 if interlaced else 1))
    read = parse_sps(sps.nal(b"\x67\x64\x00\x28"))
    assert (read.width, read.height) == (1920, 1080)


def test_faulty_parameter_sets_and_samples_are_media_errors():
    sets = [nal for nal in encoded()[0] if nal_type(nal) in {7, 8}]
    record = to_extradata(sets)
    for length in range(1, len(record)):
        with pytest.raises(MediaError):
            parse_extradata(record[:length])
    with pytest.raises(MediaError):
        split_avcc(to_avcc(sets)[:-1])
    with pytest.raises(MediaError):
        split_avcc(b"", 5)
    with pytest.raises(MediaError):
        to_extradata([])
    with pytest.raises(MediaError):
        parse_sps(b"\x67\x42\xe0\x1f" + bytes(60))


def test_a_faulty_sps_tells_nothing_and_too_many_are_not_kept():
    assert ParameterSets([b"\x67\x42\xe0\x1f\x80"]).sps is None
    assert ParameterSets().sps is None
    assert ParameterSets([b"\x67\x42\xe0\x1f" + bytes(5000), b"\x68\xce"]).nals == ()
