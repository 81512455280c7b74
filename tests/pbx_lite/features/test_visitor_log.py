from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pbx_lite.events import (
    DoorAnswered,
    DoorEnded,
    DoorMissed,
    DoorOpened,
    DoorOpenFailed,
    DoorRang,
    EventBus,
)
from pbx_lite.features.visitor_log import VisitorLog
from pbx_lite.store import visitors
from pbx_lite.store.database import Database
from pbx_lite.store.visitors import VisitTable

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
STAMP = "2026-11-21T10:00:00.000+00:00"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database.open(tmp_path)
    yield database
    await database.close()


@pytest.fixture
def bus() -> EventBus:
    return EventBus()


@pytest.fixture
def log(database: Database, bus: EventBus) -> VisitorLog:
    return VisitorLog(VisitTable(database), bus, wall=lambda: AT)


async def test_a_ring_is_known_before_the_event_is_over(log: VisitorLog, bus: EventBus) -> None:
    seen = []
    bus.listen(lambda _: seen.append(log.last_ring("front")))
    bus.publish(DoorRang(door="front", ring="r1", button="Anna"))
    bus.publish(DoorAnswered(door="front", ring="r1", by="anna"))
    bus.publish(DoorEnded(door="front", ring="r1", by="anna"))
    shown = {"id": "r1", "at": STAMP, "button": "Anna", "outcome": "ringing", "answered_by": "", "picture": False}
    answered = {**shown, "outcome": "answered", "answered_by": "anna"}
    assert seen == [shown, answered, answered]


@pytest.mark.parametrize("end", [DoorMissed(door="front", ring="r1"), DoorEnded(door="front", ring="r1")])
async def test_a_ring_that_nobody_answers_is_missed(
    log: VisitorLog, bus: EventBus, end: DoorMissed | DoorEnded
) -> None:
    bus.publish(DoorRang(door="front", ring="r1"))
    bus.publish(end)
    ring = log.last_ring("front")
    assert ring is not None
    assert ring["outcome"] == "missed"


async def test_every_opening_is_logged_with_who_and_how(log: VisitorLog, bus: EventBus) -> None:
    bus.publish(DoorRang(door="front", ring="r1"))
    bus.publish(DoorOpened(door="front", ring="r1", by="anna", how="dtmf"))
    bus.publish(DoorOpened(door="gate", by="system", how="event"))
    bus.publish(DoorOpenFailed(door="front", by="ben", how="http", error="It does not answer."))
    entries = await log.entries("front", 10)
    shown = [(entry["kind"], entry["outcome"], entry["by"], entry["how"], entry["error"]) for entry in entries]
    assert shown == [
        ("opening", "failed", "ben", "http", "It does not answer."),
        ("opening", "opened", "anna", "dtmf", ""),
        ("ring", "ringing", "", "", ""),
    ]
    assert [entry["id"] for entry in await log.entries(None, 2)] == [4, 3]
    assert [entry["id"] for entry in await log.entries(None, 2, before=3)] == [2, 1]
    assert [entry["id"] for entry in await log.entries("front", 10, before=4)] == [2, 1]


async def test_a_restart_remembers_the_last_ring_and_its_picture(
    log: VisitorLog, bus: EventBus, database: Database, tmp_path: Path
) -> None:
    bus.publish(DoorRang(door="front", ring="r1"))
    await log.keep_picture("front", "r1", b"jpeg one")
    bus.publish(DoorRang(door="front", ring="r2"))
    await log.keep_picture("front", "r1", b"too late")
    await database.run(lambda _: None)

    again = VisitorLog(VisitTable(database), EventBus(), wall=lambda: AT)
    ring = again.last_ring("front")
    assert ring is not None
    assert (ring["id"], ring["outcome"], ring["picture"]) == ("r2", "missed", False)
    assert again.last_picture("front") == (b"jpeg one", AT)
    assert [file.name for file in (tmp_path / "visitors" / "front").iterdir()] == ["1.jpg"]


async def test_a_picture_that_comes_after_the_answer_is_kept_with_it(log: VisitorLog, bus: EventBus) -> None:
    bus.publish(DoorRang(door="front", ring="r1"))
    bus.publish(DoorAnswered(door="front", ring="r1", by="anna"))
    await log.keep_picture("front", "r1", b"jpeg")
    (entry,) = await log.entries("front", 10)
    assert (entry["outcome"], entry["by"], entry["picture"]) == ("answered", "anna", True)
    assert log.last_picture("front") == (b"jpeg", AT)


async def test_the_oldest_pictures_go(
    log: VisitorLog, bus: EventBus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitors, "PICTURES_PER_DOOR", 2)
    for number in range(4):
        bus.publish(DoorRang(door="front", ring=f"r{number}"))
        await log.keep_picture("front", f"r{number}", b"jpeg")
    assert sorted(file.name for file in (tmp_path / "visitors" / "front").iterdir()) == ["3.jpg", "4.jpg"]
    kept = [await log.picture("front", entry) for entry in (2, 3, 4, 5)]
    assert kept == [None, b"jpeg", b"jpeg", None]
    assert [entry["picture"] for entry in await log.entries("front", 10)] == [True, True, False, False]


async def test_the_journal_does_not_grow_without_end(
    log: VisitorLog, bus: EventBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitors, "ROWS", 3)
    for number in range(5):
        bus.publish(DoorRang(door="front", ring=f"r{number}"))
    assert [entry["ring"] for entry in await log.entries(None, 10)] == ["r4", "r3", "r2"]


async def test_a_removed_door_takes_its_pictures_along(log: VisitorLog, bus: EventBus, tmp_path: Path) -> None:
    bus.publish(DoorRang(door="front", ring="r1"))
    await log.keep_picture("front", "r1", b"jpeg")
    log.forget_door("front")
    assert (log.last_ring("front"), log.last_picture("front")) == (None, None)
    (entry,) = await log.entries("front", 10)
    assert entry["picture"] is False
    assert not (tmp_path / "visitors" / "front").exists()


async def test_a_rings_picture_is_given_until_somebody_else_rings(log: VisitorLog, bus: EventBus) -> None:
    bus.publish(DoorRang(door="front", ring="r1"))
    assert log.picture_of("front", "r1") is None
    await log.keep_picture("front", "r1", b"jpeg")
    assert log.picture_of("front", "r1") == b"jpeg"
    bus.publish(DoorRang(door="front", ring="r2"))
    assert (log.picture_of("front", "r1"), log.picture_of("front", "r2")) == (None, None)
