from pbx_lite.media.pacing import MAX_QUEUED_UNITS, PacedSink, Timeline
from pbx_lite.media.port import AccessUnit
from tests.support.clock import FakeClock


def unit(number: int, *, key: bool = False, size: int = 1000) -> AccessUnit:
    return AccessUnit((bytes((number % 256,)) * size,), number * 3600, key)


class Viewer:
    def __init__(self, *, held: bool = False) -> None:
        self.clock = FakeClock()
        self.seen: list[AccessUnit] = []
        self.wanted = 0
        self.sink = PacedSink(self.clock, self.seen.append, held=held)
        self.sink.on_key_frame_wanted = self.want

    def want(self) -> None:
        self.wanted += 1

    @property
    def numbers(self) -> list[int]:
        return [picture.nals[0][0] for picture in self.seen]


def test_a_timeline_keeps_the_distances_of_its_source() -> None:
    timeline = Timeline()
    stamps = [timeline.stamp(7_000_000 + number * 3600, 5.0 + number * 0.04) for number in range(5)]
    assert stamps == [0, 3600, 7200, 10800, 14400]


def test_a_timeline_survives_the_wrap_of_its_source() -> None:
    timeline = Timeline()
    assert timeline.stamp((1 << 32) - 1800, 5.0) == 0
    assert timeline.stamp(1800, 5.04) == 3600


def test_stored_pictures_that_come_in_one_go_are_squeezed_onto_now() -> None:
    timeline = Timeline()
    stamps = [timeline.stamp(number * 3600, 5.0) for number in range(50)]
    assert stamps == sorted(set(stamps))
    assert stamps[-1] < 90000 // 10
    assert timeline.stamp(50 * 3600, 6.0) == 90000


def test_another_source_continues_on_the_wall_clock() -> None:
    timeline = Timeline()
    timeline.stamp(4_000_000, 5.0)
    assert timeline.stamp(17, 5.04) == 3600
    assert timeline.stamp(17 + 3600, 5.08) == 7200


def test_a_source_that_stood_still_continues_on_the_wall_clock() -> None:
    timeline = Timeline()
    timeline.stamp(0, 5.0)
    assert timeline.stamp(3600, 8.0) == 270000


def test_a_viewer_starts_with_a_key_frame() -> None:
    viewer = Viewer()
    for number in range(3):
        viewer.sink.send(unit(number))
    viewer.sink.send(unit(3, key=True))
    viewer.sink.send(unit(4))
    assert viewer.numbers == [3, 4]


def test_a_held_viewer_gets_the_newest_key_frame_and_what_follows_when_released() -> None:
    viewer = Viewer(held=True)
    for number in range(6):
        viewer.sink.send(unit(number, key=number in {0, 3}))
    assert viewer.numbers == []
    viewer.sink.release()
    assert viewer.numbers == [3, 4, 5]
    assert viewer.wanted == 0


def test_a_released_viewer_without_a_picture_asks_for_a_key_frame() -> None:
    viewer = Viewer(held=True)
    viewer.sink.send(unit(1))
    viewer.sink.release()
    assert viewer.wanted == 1


def test_more_than_the_network_takes_follows_in_portions_and_in_order() -> None:
    viewer = Viewer()
    for number in range(40):
        viewer.sink.send(unit(number, key=number == 0, size=50_000))
    assert 0 < len(viewer.numbers) < 10
    viewer.clock.advance(0.1)
    assert 10 < len(viewer.numbers) < 30
    viewer.clock.advance(1.0)
    assert viewer.numbers == list(range(40))
    stamps = [picture.timestamp for picture in viewer.seen]
    assert stamps == sorted(set(stamps))


def test_a_key_frame_makes_queued_pictures_worthless() -> None:
    viewer = Viewer()
    for number in range(20):
        viewer.sink.send(unit(number, key=number in {0, 19}, size=50_000))
    viewer.clock.advance(1.0)
    assert viewer.numbers[-1] == 19
    assert len(viewer.numbers) < 10


def test_a_viewer_that_falls_behind_too_far_waits_for_a_key_frame() -> None:
    viewer = Viewer(held=True)
    for number in range(MAX_QUEUED_UNITS + 2):
        viewer.sink.send(unit(number, key=number == 0, size=10))
    assert viewer.wanted == 1
    viewer.sink.release()
    assert viewer.numbers == []
    viewer.sink.send(unit(7, key=True))
    assert viewer.numbers == [7]


def test_a_closed_viewer_leaves_no_timer() -> None:
    viewer = Viewer()
    for number in range(20):
        viewer.sink.send(unit(number, key=number == 0, size=50_000))
    viewer.sink.close()
    assert viewer.clock.pending == []
    viewer.sink.send(unit(21, key=True))
    count = len(viewer.seen)
    viewer.clock.advance(1.0)
    assert len(viewer.seen) == count
