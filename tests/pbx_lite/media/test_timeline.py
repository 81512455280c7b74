from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.media.timeline import Timeline


def test_one_source_keeps_its_distances():
    line = Timeline(8000, 5000)
    assert [line.map(900 + 160 * index, 1 + index * 0.02) for index in range(3)] == [
        (5000, True),
        (5160, False),
        (5320, False),
    ]


def test_another_source_joins_where_the_time_is():
    line = Timeline(8000, 0)
    line.map(100, 10.0)
    assert line.map(3_000_000_000, 10.5) == (4000, True)
    assert line.map(3_000_000_160, 10.52) == (4160, False)


def test_a_source_that_was_silent_goes_on_as_it_says():
    line = Timeline(8000, 0)
    line.map(0, 0.0)
    assert line.map(80000, 10.0) == (80000, False)


def test_a_late_packet_keeps_its_place():
    line = Timeline(8000, 0)
    for timestamp in (0, 160, 480):
        line.map(timestamp, timestamp / 8000)
    assert line.map(320, 0.061) == (320, False)
    assert line.map(640, 0.08) == (640, False)


def test_timestamps_wrap():
    line = Timeline(8000, 0xFFFFFFFF)
    assert line.map(0xFFFFFF00, 0.0) == (0xFFFFFFFF, True)
    assert line.map(0x00000000, 0.03) == (0xFF, False)


def test_what_follows_something_of_our_own_joins_behind_it():
    line = Timeline(8000, 0)
    line.map(0, 0.0)
    line.skip_to(line.at(0.1) + 800, 0.2)
    assert line.map(1600, 0.22) == (1760, True)


@given(st.lists(st.tuples(st.integers(0, 0xFFFFFFFF), st.floats(0, 5)), min_size=2))
def test_the_line_never_jumps_back_by_more_than_a_second(steps):
    line = Timeline(8000, 0)
    now = 0.0
    before = None
    for timestamp, passed in steps:
        now += passed
        mapped, _ = line.map(timestamp, now)
        if before is not None:
            assert (mapped - before + 8000) & 0xFFFFFFFF < 0x80000000
        before = line.last
