"""The room's picture while it is watched, and nothing while it is not."""

import asyncio
import io
import threading

import pytest
from PIL import Image

from pbx_lite.features.conference import picture as module
from pbx_lite.features.conference.picture import IDLE, INTERVAL, RoomPicture
from pbx_lite.features.conference.scene import Person, Scene
from pbx_lite.media.port import AccessUnit
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeVideo


class Studio:
    """A picture whose brush writes down what it was to paint."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.scene = Scene(title="Table")
        self.painted: list[tuple[Scene, bool]] = []
        self.brushes = 0
        self.gate = threading.Event()
        self.gate.set()
        self.picture = RoomPicture(lambda: self.scene, self.clock)

    def joins(self, name: str) -> None:
        self.scene = Scene(title="Table", people=(*self.scene.people, Person(name=name)))
        self.picture.changed()

    async def settle(self, seconds: float = 0.0) -> None:
        """What a thread does takes no time of the clock."""
        until = self.clock.time() + seconds
        while True:
            while (painting := self.picture._painting) is not None:
                await asyncio.wait({painting})
            if self.clock.time() >= until:
                return
            await self.clock.settle(min(0.1, until - self.clock.time()))


@pytest.fixture
async def studio(monkeypatch):
    studio = Studio()

    class Brush:
        def __init__(self) -> None:
            studio.brushes += 1

        def paint(self, scene: Scene, now: float, *, key: bool) -> AccessUnit:
            studio.gate.wait(20)
            first = key or not studio.painted
            studio.painted.append((scene, first))
            return AccessUnit((b"\x65" if first else b"\x61",), int(now * 90000), first)

    monkeypatch.setattr(module, "_Brush", Brush)
    yield studio
    await studio.picture.close()


async def test_nothing_is_painted_while_nobody_watches(studio):
    studio.joins("Anna")
    await studio.settle(10)
    assert (studio.painted, studio.brushes) == ([], 0)
    assert studio.clock.pending == []


async def test_a_viewer_sees_the_room_at_once_and_every_change_within_a_second(studio):
    port = FakeVideo()
    studio.picture.show(port)
    await studio.settle(0.1)
    assert [unit.key for unit in port.seen] == [True]
    studio.joins("Anna")
    await studio.settle(INTERVAL)
    assert len(port.seen) == 2
    assert [person.name for person in studio.painted[-1][0].people] == ["Anna"]


async def test_there_is_a_picture_a_second_at_most(studio):
    studio.picture.show(FakeVideo())
    for number in range(50):
        studio.joins(str(number))
        await studio.settle(0.1)
    assert 5 <= len(studio.painted) <= 7
    await studio.settle(INTERVAL)
    assert len(studio.painted[-1][0].people) == 50


async def test_where_nothing_changes_the_picture_is_repeated_now_and_then(studio):
    port = FakeVideo()
    studio.picture.show(port)
    await studio.settle(5 * IDLE)
    assert 5 <= len(port.seen) <= 6


async def test_all_viewers_are_shown_one_picture(studio):
    ports = [FakeVideo() for _ in range(5)]
    for port in ports:
        studio.picture.show(port)
        await studio.settle(1)
    studio.joins("Anna")
    await studio.settle(INTERVAL)
    assert studio.brushes == 1
    assert len(studio.painted) <= 4
    assert [len(port.seen) for port in ports] == [len(studio.painted)] * 5
    assert all(port.seen[0].key for port in ports)


async def test_who_lost_a_picture_gets_a_whole_one(studio):
    port = FakeVideo()
    studio.picture.show(port)
    await studio.settle(2)
    port.loses_a_picture()
    await studio.settle(1.1)
    assert port.seen[-1].key


async def test_it_ends_with_the_last_viewer_and_begins_anew_with_the_next(studio):
    port = FakeVideo()
    stop = studio.picture.show(port)
    await studio.settle(1)
    stop()
    studio.joins("Anna")
    count = len(studio.painted)
    await studio.settle(10)
    assert len(studio.painted) == count
    assert studio.clock.pending == []
    studio.picture.show(port)
    await studio.settle(0.1)
    assert port.seen[-1].key
    assert studio.painted[-1][0].people


async def test_who_leaves_while_it_is_painted_is_shown_nothing(studio):
    port = FakeVideo()
    studio.gate.clear()
    stop = studio.picture.show(port)
    await studio.clock.settle(0.0)
    stop()
    studio.gate.set()
    await studio.settle(5)
    assert port.seen == []


async def test_a_still_is_made_once_for_each_state():
    scenes = [Scene(title="Table"), Scene(title="Table"), Scene(title="Table", people=(Person(name="Anna"),))]
    picture = RoomPicture(lambda: scenes.pop(0), FakeClock())
    first, second, third = [await picture.image() for _ in range(3)]
    assert first is second
    assert first != third
    assert Image.open(io.BytesIO(third)).size == (1280, 720)
    await picture.close()
