import pytest

from pbx_lite.media.port import AccessUnit
from pbx_lite.media.video import FRESH, MAX_CACHED_UNITS, VideoHub
from tests.support.clock import FakeClock


def unit(number: int, *, key: bool = False, size: int = 100) -> AccessUnit:
    return AccessUnit((bytes((number % 256,)) * size,), number * 3600, key)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def hub(clock: FakeClock) -> VideoHub:
    return VideoHub(clock)


def numbers(seen: list[AccessUnit]) -> list[int]:
    return [picture.nals[0][0] for picture in seen]


def test_every_viewer_gets_the_same_pictures_unencoded(hub: VideoHub) -> None:
    first: list[AccessUnit] = []
    second: list[AccessUnit] = []
    hub.watch(first.append)
    hub.watch(second.append)
    pictures = [unit(0, key=True), unit(1)]
    for picture in pictures:
        hub.feed(picture)
    assert [picture.nals for picture in first] == [picture.nals for picture in pictures]
    assert all(one.nals is other.nals for one, other in zip(first, second, strict=True))


def test_a_new_viewer_sees_the_group_from_the_last_key_frame_at_once(hub: VideoHub, clock: FakeClock) -> None:
    for number in range(8):
        hub.feed(unit(number, key=number in {0, 5}))
        clock.advance(0.04)
    seen: list[AccessUnit] = []
    hub.watch(seen.append)
    assert numbers(seen) == [5, 6, 7]
    hub.feed(unit(8))
    assert numbers(seen) == [5, 6, 7, 8]


def test_each_viewer_has_timestamps_of_its_own_that_only_grow(hub: VideoHub, clock: FakeClock) -> None:
    for number in range(20):
        hub.feed(unit(number, key=number == 0))
        clock.advance(0.04)
    seen: list[AccessUnit] = []
    hub.watch(seen.append)
    for number in (20, 21):
        hub.feed(unit(number))
        clock.advance(0.04)
    stamps = [picture.timestamp for picture in seen]
    assert stamps[0] == 0
    assert stamps == sorted(set(stamps))
    assert stamps[-1] < 90000 // 10


def test_the_source_hears_of_the_first_and_the_last_viewer(hub: VideoHub) -> None:
    heard: list[str] = []
    hub.on_first_viewer = lambda: heard.append("first")
    hub.on_last_viewer = lambda: heard.append("last")
    stops = [hub.watch(lambda _: None), hub.watch(lambda _: None)]
    assert hub.viewers == 2
    for stop in stops:
        stop()
        stop()
    assert heard == ["first", "last"]
    assert hub.viewers == 0


def test_a_stopped_viewer_gets_nothing_more(hub: VideoHub) -> None:
    seen: list[AccessUnit] = []
    stop = hub.watch(seen.append)
    stop()
    hub.feed(unit(0, key=True))
    assert seen == []


def test_key_frames_are_asked_for_once_a_second(hub: VideoHub, clock: FakeClock) -> None:
    asked: list[float] = []
    hub.on_key_frame_wanted = lambda: asked.append(clock.time())
    start = clock.time()
    for _ in range(5):
        hub.want_key_frame()
    clock.advance(0.5)
    hub.want_key_frame()
    clock.advance(5.0)
    assert asked == [start, start + 1.0]


def test_a_key_frame_that_comes_in_time_is_not_asked_for_again(hub: VideoHub, clock: FakeClock) -> None:
    asked: list[float] = []
    hub.on_key_frame_wanted = lambda: asked.append(clock.time())
    hub.want_key_frame()
    hub.want_key_frame()
    hub.feed(unit(0, key=True))
    clock.advance(5.0)
    assert len(asked) == 1


def test_a_viewer_of_a_silent_source_makes_it_ask_for_a_key_frame(hub: VideoHub) -> None:
    asked: list[bool] = []
    hub.on_key_frame_wanted = lambda: asked.append(True)
    hub.watch(lambda _: None)
    assert asked == [True]


def test_where_nobody_can_be_asked_the_viewer_gets_the_group_again_and_no_other_does(
    hub: VideoHub, clock: FakeClock
) -> None:
    lost: list[AccessUnit] = []
    other: list[AccessUnit] = []
    hub.watch(lost.append)
    hub.watch(other.append)
    hub.feed(unit(0, key=True))
    hub.feed(unit(1))
    clock.advance(2.0)
    hub.want_key_frame(lost.append)
    assert numbers(lost) == [0, 1, 0, 1]
    assert numbers(other) == [0, 1]


def test_pictures_of_the_past_are_not_shown(hub: VideoHub, clock: FakeClock) -> None:
    hub.feed(unit(0, key=True))
    assert hub.last_key is not None
    clock.advance(FRESH + 0.1)
    seen: list[AccessUnit] = []
    hub.watch(seen.append)
    assert seen == []
    assert hub.last_key is None
    assert hub.group == ()


def test_the_pictures_of_an_ended_source_are_forgotten(hub: VideoHub) -> None:
    seen: list[AccessUnit] = []
    hub.watch(seen.append)
    hub.feed(unit(0, key=True))
    hub.forget()
    hub.feed(unit(1))
    assert numbers(seen) == [0]
    assert hub.group == ()


def test_a_group_too_long_to_keep_leaves_its_key_frame_and_the_viewer_waits_for_the_next(hub: VideoHub) -> None:
    asked: list[bool] = []
    hub.on_key_frame_wanted = lambda: asked.append(True)
    for number in range(MAX_CACHED_UNITS + 2):
        hub.feed(unit(number, key=number == 0))
    seen: list[AccessUnit] = []
    hub.watch(seen.append)
    hub.feed(unit(3))
    assert numbers(seen) == [0]
    assert asked == [True]
    hub.feed(unit(4, key=True))
    hub.feed(unit(5))
    assert numbers(seen) == [0, 4, 5]


def test_a_viewer_that_fails_does_not_keep_the_others_from_seeing(
    hub: VideoHub, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: AccessUnit) -> None:
        raise ValueError("broken viewer")

    seen: list[AccessUnit] = []
    hub.watch(broken)
    hub.watch(seen.append)
    hub.feed(unit(0, key=True))
    assert numbers(seen) == [0]
    assert "A viewer failed" in caplog.text
