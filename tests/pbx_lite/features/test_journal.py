"""The journal hears what happened and writes it down."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pbx_lite.config import Config, Secret, User
from pbx_lite.directory import Directory
from pbx_lite.errors import StoreError
from pbx_lite.events import (
    CallAnswered,
    CallEnded,
    CallMissed,
    CallRinging,
    CallStarted,
    CallTransferred,
    Event,
    EventBus,
    Quality,
)
from pbx_lite.features.journal import GATHER_SECONDS, INTERRUPTED, PURGE_SECONDS, SEEN_SECONDS, CallJournal
from pbx_lite.store.database import Database
from pbx_lite.store.journal import JournalTable
from tests.support.clock import FakeClock

DIRECTORY = Directory(
    Config(
        users=tuple(
            User(name=name, display_name=name.capitalize(), extension=extension, password=Secret("x"))
            for name, extension in (("anna", "101"), ("ben", "102"), ("carl", "103"))
        )
    )
)


class World:
    """The journal with a clock that stands, and a wall clock that goes with it."""

    def __init__(self, folder: Path) -> None:
        self.bus = EventBus()
        self.clock = FakeClock(0)
        self.database = Database.open(folder)
        self.journal = self.begin()

    def begin(self, **options: Any) -> CallJournal:
        return CallJournal(
            JournalTable(self.database),
            self.bus,
            clock=self.clock,
            directory=DIRECTORY,
            wall=lambda: datetime(2026, 11, 21, 10, tzinfo=UTC) + timedelta(seconds=self.clock.time()),
            **options,
        )

    def happens(self, *events: Event) -> None:
        for event in events:
            self.bus.publish(event)

    async def call(self, *events: Event, call: str = "c1") -> dict[str, Any]:
        """A call from Anna to Ben in which this happens; its entry."""
        self.happens(CallStarted(call=call, caller="101", caller_name="Anna", caller_user="anna", number="102"))
        self.happens(*events)
        return (await self.entries())[0]

    async def entries(self, **wanted: Any) -> list[dict[str, Any]]:
        return [dict(each) for each in (await self.journal.entries(**wanted))[0]]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path)
    yield world
    await world.journal.close()
    await world.database.close()


async def test_calls_are_kept_under_what_all_ways_of_writing_a_number_have_in_common(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.journal = world.begin(written=lambda number: f"w{number}", dialled=lambda number: f"d{number}")
    for key, direction in enumerate(("inbound", "outbound", "internal")):
        call = f"c{key}"
        world.happens(
            CallStarted(call=call, caller="1", number="2", direction=direction), CallEnded(call=call, cause=16)
        )
    found = [[each["id"] for each in await world.entries(number="nobody", keys=[key])] for key in ("w1", "d2", "2", "")]
    assert [each[:1] for each in found] == [[1], [2], [], [3]]
    await world.journal.close()
    await world.database.close()


async def test_an_answered_call_is_told_from_its_first_ring_to_its_end(world: World) -> None:
    world.happens(
        CallStarted(call="c1", caller="+4989", caller_name="Huber", number="102", direction="inbound", trunk="line")
    )
    world.clock.advance(2)
    world.happens(CallRinging(call="c1", user="ben"))
    world.clock.advance(4)
    world.happens(CallAnswered(call="c1", by="ben", number="102"))
    world.clock.advance(10)
    line = Quality(number="102", received=500, lost=1, jitter=1.5, codec="PCMA")
    world.happens(
        CallEnded(call="c1", cause=16, reason="Normal", by="ben", seconds=10.0, answered=True, quality=(line,))
    )
    assert await world.entries() == [
        {
            "id": 1,
            "call": "c1",
            "at": "2026-11-21T10:00:00.000+00:00",
            "answered_at": "2026-11-21T10:00:06.000+00:00",
            "ended_at": "2026-11-21T10:00:16.000+00:00",
            "seconds": 10.0,
            "direction": "inbound",
            "trunk": "line",
            "caller": "+4989",
            "caller_name": "Huber",
            "caller_user": "",
            "number": "102",
            "callee_name": "Ben",
            "callee_user": "ben",
            "answered_by": "ben",
            "outcome": "answered",
            "cause": 16,
            "reason": "Normal",
            "quality": [
                {"number": "102", "received": 500, "lost": 1, "jitter": 1.5, "round_trip": None, "codec": "PCMA"}
            ],
        }
    ]


@pytest.mark.parametrize(
    ("before", "cause", "outcome"),
    [
        ([CallMissed(call="c1", user="ben")], 16, "missed"),
        ([CallMissed(call="c1", user="ben")], 19, "missed"),
        ([], 16, "cancelled"),
        ([CallRinging(call="c1", user="ben")], 19, "missed"),
        ([CallRinging(call="c1", user="anna")], 19, "cancelled"),
        ([CallMissed(call="c1", user="ben")], 17, "busy"),
        ([CallRinging(call="c1", user="ben"), CallMissed(call="c1", user="ben")], 17, "missed"),
        ([], 17, "busy"),
        ([], 21, "refused"),
        ([], 57, "refused"),
        ([], 1, "failed"),
        ([], 41, "failed"),
    ],
)
async def test_a_call_that_nobody_answers_says_why(world: World, before: list[Event], cause: int, outcome: str) -> None:
    assert (await world.call(*before, CallEnded(call="c1", cause=cause)))["outcome"] == outcome


async def test_a_call_outside_that_nobody_answers_was_missed_there(world: World) -> None:
    world.happens(
        CallStarted(call="c1", caller="101", caller_user="anna", number="+4930", direction="outbound", trunk="line"),
        CallEnded(call="c1", cause=19),
    )
    assert [entry["outcome"] for entry in await world.entries()] == ["missed"]


async def test_a_call_is_everybodys_who_spoke_and_for_whom_it_rang(world: World) -> None:
    await world.call(
        CallRinging(call="c1", user="ben"),
        CallAnswered(call="c1", by="ben"),
        CallTransferred(call="c1", by="ben", number="103"),
        CallEnded(call="c1", cause=16, answered=True),
    )
    for user in ("anna", "ben", "carl"):
        assert len(await world.entries(user=user)) == 1
    assert await world.entries(user="dora") == []


async def test_pages_end_with_nothing_after_them(world: World) -> None:
    for number in range(3):
        await world.call(CallEnded(call=f"c{number}", cause=16), call=f"c{number}")
    page, after = await world.journal.entries(limit=2)
    assert [entry["call"] for entry in page] == ["c2", "c1"]
    page, after = await world.journal.entries(limit=2, before=after)
    assert ([entry["call"] for entry in page], after) == (["c0"], None)


async def test_a_call_that_the_pbx_did_not_survive_ends_when_it_was_last_seen(world: World) -> None:
    world.happens(CallStarted(call="c1", caller="101", number="102"), CallAnswered(call="c1", by="ben"))
    await world.clock.settle(SEEN_SECONDS * 3 + 1, turns=50)
    await world.journal.close()  # the rows are there as after a crash: nobody told of an end
    world.journal = world.begin()
    (entry,) = await world.entries()
    assert (entry["outcome"], entry["seconds"], entry["reason"]) == ("answered", SEEN_SECONDS * 3, INTERRUPTED)


async def test_nothing_wakes_up_for_calls_where_there_are_none(world: World) -> None:
    await world.call(CallEnded(call="c1", cause=16))
    await world.clock.settle(2 * SEEN_SECONDS)
    assert [timer.when for timer in world.clock.pending] == [PURGE_SECONDS]


async def test_old_calls_are_forgotten_every_day(world: World) -> None:
    await world.journal.close()
    world.journal = world.begin(days=2)
    await world.call(CallEnded(call="c1", cause=16))
    world.clock.advance(PURGE_SECONDS)
    assert len(await world.entries()) == 1
    world.clock.advance(2 * PURGE_SECONDS)
    await asyncio.sleep(0)
    assert await world.entries() == []


async def test_a_full_disk_is_said_once_and_nothing_is_lost_when_there_is_room_again(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = JournalTable.put

    async def full(*_: object) -> None:
        raise StoreError("The disk is full; free some space.")

    monkeypatch.setattr(JournalTable, "put", full)
    world.happens(CallStarted(call="c1", caller="101", number="102"), CallEnded(call="c1", cause=16))
    await world.clock.settle(3 * SEEN_SECONDS)
    assert [record.levelno for record in caplog.records].count(logging.WARNING) == 1
    monkeypatch.setattr(JournalTable, "put", put)
    await world.clock.settle(SEEN_SECONDS)
    assert len(await world.entries()) == 1


async def test_a_busy_pbx_writes_many_calls_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    put, writes = JournalTable.put, []

    async def count(table: JournalTable, entries: Any) -> None:
        rows = list(entries)
        writes.append(len(rows))
        await put(table, rows)

    monkeypatch.setattr(JournalTable, "put", count)
    for number in range(20):
        call = f"c{number}"
        world.happens(CallStarted(call=call, caller="101", number="102"), CallEnded(call=call, cause=16))
        await world.clock.settle(GATHER_SECONDS / 10, turns=100)
    await world.clock.settle(GATHER_SECONDS, turns=100)
    assert len(await world.entries()) == 20
    assert len(writes) <= 5


async def test_what_is_being_written_at_the_end_is_not_lost(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.happens(CallStarted(call="c1", caller="101", number="102"))
    await asyncio.sleep(0)
    world.happens(CallEnded(call="c1", cause=16))
    await world.journal.close()
    world.journal = world.begin()
    assert [entry["outcome"] for entry in await world.entries()] == ["cancelled"]
    await world.journal.close()
    await world.database.close()


async def test_what_was_not_written_yet_is_written_at_the_end(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.happens(CallStarted(call="c1", caller="101", number="102"), CallEnded(call="c1", cause=16))
    await world.journal.close()
    await world.database.close()
    with sqlite3.connect(tmp_path / "pbx.sqlite3") as connection:
        assert connection.execute("SELECT outcome FROM journal").fetchall() == [("cancelled",)]
    connection.close()


async def test_a_call_whose_beginning_was_not_heard_is_no_entry(world: World) -> None:
    world.happens(CallAnswered(call="c0", by="ben"), CallMissed(call="c0", user="x"), CallEnded(call="c0", cause=16))
    assert await world.entries() == []
