import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.media.dtmf import EventReceiver, events, info_body, is_key, parse_info


def heard(*packets):
    """The keys told for (payload, timestamp) pairs."""
    receiver = EventReceiver()
    return [key for payload, timestamp in packets if (key := receiver.push(payload, timestamp)) is not None]


def press(digit, timestamp, duration=800):
    return [(payload, timestamp) for payload in events(digit, duration, 160)]


def test_a_key_is_sent_as_rfc_4733_says():
    payloads = list(events("#", 480, 160))
    assert [payload.hex() for payload in payloads] == ["0b0a00a0", "0b0a0140", "0b8a01e0", "0b8a01e0", "0b8a01e0"]


def test_each_key_is_told_once():
    assert heard(*press("1", 0), *press("1", 4000), *press("D", 9000)) == ["1", "1", "D"]


def test_a_key_is_told_although_only_its_end_arrives():
    assert heard(*press("5", 100)[-2:]) == ["5"]


def test_a_key_whose_end_is_lost_does_not_swallow_the_next():
    assert heard(*press("5", 100)[:2], *press("5", 5000)) == ["5", "5"]


def test_a_late_packet_of_the_key_before_is_no_new_key():
    first, second = press("1", 0), press("2", 4000)
    assert heard(*first, second[0], first[-1], *second[1:]) == ["1", "2"]


def test_a_station_that_counts_the_timestamp_on_presses_one_key():
    packets = [(payload, 1000 + 160 * index) for index, (payload, _) in enumerate(press("7", 0))]
    assert heard(*packets) == ["7"]


def test_a_press_longer_than_the_duration_field_goes_on_in_segments():
    first = [(bytes([3, 10, 0xFF, 0xFF]), 0)]
    second = [(bytes([3, 10, 0, 160]), 0xFFFF), (bytes([3, 0x8A, 1, 64]), 0xFFFF)]
    assert heard(*first, *second) == ["3"]


@pytest.mark.parametrize("payload", [b"", b"\x01\x0a\x00", b"\x10\x0a\x00\xa0", b"\xff\xff\xff\xff"])
def test_what_is_no_key_is_ignored(payload):
    assert heard((payload, 0)) == []


@given(st.lists(st.tuples(st.binary(max_size=6), st.integers(0, 0xFFFFFFFF))))
def test_no_packets_make_it_raise(packets):
    heard(*packets)


@pytest.mark.parametrize(
    ("kind", "body", "key"),
    [
        ("application/dtmf-relay", b"Signal=5\r\nDuration=160\r\n", "5"),
        ("application/dtmf-relay", b"Signal= #\nDuration= 250", "#"),
        ("Application/DTMF-Relay; charset=utf-8", b"signal=a", "A"),
        ("application/dtmf-relay", b"Signal=10\r\n", "*"),
        ("application/dtmf-relay", b"Signal=11", "#"),
        ("application/dtmf-relay", b"Signal: 3\r\n", "3"),
        ("application/dtmf", b"9", "9"),
        ("application/dtmf", b" *\r\n", "*"),
        ("application/dtmf", b"55", None),
        ("application/dtmf-relay", b"Duration=160", None),
        ("application/dtmf-relay", b"\xff\xfe", None),
        ("application/media_control+xml", b"5", None),
        ("", b"", None),
    ],
)
def test_keys_in_info_are_understood(kind, body, key):
    assert parse_info(kind, body) == key


def test_an_info_of_ours_is_understood_by_ourselves():
    assert info_body("#", 250) == b"Signal=#\r\nDuration=250\r\n"
    assert parse_info("application/dtmf-relay", info_body("d", 250)) == "D"


@given(st.text(max_size=30), st.binary(max_size=300))
def test_no_info_makes_it_raise(kind, body):
    for content_type in (kind, "application/dtmf", "application/dtmf-relay"):
        parse_info(content_type, body)


def test_keys_are_sixteen():
    assert [digit for digit in "0123456789*#ABCDabcd" if is_key(digit)] == list("0123456789*#ABCDabcd")
    assert not any(is_key(digit) for digit in ("", "E", "12", " ", "½"))
