from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.media.rtcp import (
    Goodbye,
    KeyFrameRequest,
    Nack,
    ReceiverReport,
    ReportBlock,
    SenderReport,
    encode_fir,
    encode_goodbye,
    encode_name,
    encode_pli,
    encode_report,
    ntp_time,
    parse,
)

BLOCK = ReportBlock(ssrc=5, fraction_lost=12, lost=-3, highest=70000, jitter=9, last_sr=1, delay=2)


def test_reports_read_as_they_were_written():
    sender = SenderReport(1, ntp_time(1_700_000_000.5), 3, 4, 5, (BLOCK,))
    receiver = ReceiverReport(1, (BLOCK, BLOCK))
    assert parse(encode_report(sender)) == [sender]
    assert parse(encode_report(receiver)) == [receiver]


def test_a_compound_packet_gives_its_parts_and_names_are_skipped():
    data = encode_report(ReceiverReport(1)) + encode_name(1, "anna") + encode_pli(1, 7) + encode_fir(1, 8, 300)
    assert parse(data + encode_goodbye(1)) == [ReceiverReport(1), KeyFrameRequest(7), KeyFrameRequest(8), Goodbye((1,))]


def test_a_name_ends_with_a_null_and_fills_a_whole_word():
    for name in ("", "a", "ab", "abc", "abcd"):
        data = encode_name(1, name)
        assert len(data) % 4 == 0
        assert data[-1] == 0
        assert int.from_bytes(data[2:4]) == len(data) // 4 - 1


def test_a_pli_is_written_as_rfc_4585_says():
    assert encode_pli(0x01020304, 0x05060708) == bytes.fromhex("81ce00020102030405060708")


def test_a_fir_is_written_as_rfc_5104_says():
    assert encode_fir(1, 2, 3) == bytes.fromhex("84ce00040000000100000000 0000000203000000")


def test_a_nack_names_the_missing_packets():
    data = bytes.fromhex("81cd0003 00000001 00000002 fffe0005".replace(" ", ""))
    assert parse(data) == [Nack(2, (0xFFFE, 0xFFFF, 1))]


def test_the_middle_of_ntp_time_is_what_reports_send_back():
    assert SenderReport(1, 0x1111222233334444, 0, 0, 0).middle == 0x22223333


@given(st.binary(max_size=100))
def test_no_bytes_make_the_reader_raise(data):
    parse(data)
    for kind in range(200, 208):
        for first in (0x81, 0x84, 0x9F):
            parse(bytes([first, kind, 0, len(data) // 4]) + data)
