import asyncio
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pbx_lite.store import journal
from pbx_lite.store.database import Database
from pbx_lite.store.journal import Entry, Filter, JournalTable
from pbx_lite.store.phonebook import ContactTable


def entry(row: int, **fields: Any) -> Entry:
    at = f"2026-11-{(row - 1) % 28 + 1:02}T10:00:00.000+00:00"
    ended = {"ended_at": at, "outcome": "answered"} if "seen_at" not in fields else {}
    values: dict[str, Any] = {
        "id": row,
        "call": f"c{row}",
        "at": at,
        "seen_at": at,
        "direction": "internal",
        "caller": "101",
        "number": "102",
    }
    return Entry(**{**values, **ended, **fields})


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database.open(tmp_path)
    yield database
    await database.close()


@pytest.fixture
def table(database: Database) -> JournalTable:
    return JournalTable(database)


async def ids(table: JournalTable, limit: int = 50, **wanted: Any) -> list[int]:
    return [each.id for each in await table.page(Filter(**wanted), limit)]


async def test_a_row_comes_back_as_it_was_put(table: JournalTable) -> None:
    quality = ({"number": "101", "received": 5, "lost": 0, "jitter": 1.5, "round_trip": None, "codec": "PCMA"},)
    kept = entry(1, caller_name="Zoë", answered_at="2026-11-01T10:00:01.000+00:00", seconds=3.5, quality=quality)
    await table.put([kept])
    assert await table.page(Filter(), 50) == [kept]


async def test_a_row_that_is_put_again_has_its_newest_state(table: JournalTable) -> None:
    await table.put([entry(1, outcome="missed")])
    await table.put([entry(1, outcome="answered"), entry(2)])
    assert [each.outcome for each in await table.page(Filter(), 50)] == ["answered", "answered"]
    assert table.next_id() == 3


async def test_pages_are_newest_first_and_follow_each_other(table: JournalTable) -> None:
    await table.put([entry(number) for number in range(1, 8)])
    assert await ids(table, 3) == [7, 6, 5]
    assert await ids(table, 3, before=5) == [4, 3, 2]
    assert await ids(table, 3, before=2) == [1]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"user": "anna"}, [2, 1]),
        ({"user": "ben"}, [2]),
        ({"number": "4989"}, [3]),
        ({"number": "HUBER"}, [3]),
        ({"number": "%"}, []),
        ({"number": "_"}, [4]),
        ({"number": "hub dr"}, [3]),
        ({"number": "089 123"}, [3]),
        ({"number": "0049/89-123"}, [3]),
        ({"number": "And Muster"}, [2]),
        ({"number": "mueller"}, [1]),
        ({"number": "MÜL"}, [1]),
        ({"number": "mull"}, [1]),
        ({"number": "muster meier"}, []),
        ({"user": "anna", "way": "out"}, [1]),
        ({"user": "anna", "way": "in"}, []),
        ({"user": "anna", "way": "missed"}, [2]),
        ({"user": "carl", "way": "in"}, [4]),
        ({"direction": "inbound"}, [3]),
        ({"outcome": "missed"}, [3, 2]),
        ({"outcome": "missed", "user": "ben", "before": 3}, [2]),
    ],
)
async def test_filters_are_of_people_numbers_directions_and_outcomes(
    table: JournalTable, wanted: dict[str, Any], found: list[int]
) -> None:
    await table.put(
        [
            entry(1, users={"anna"}, caller_user="anna", callee_name="Jürgen Müller"),
            entry(2, users={"anna", "ben"}, outcome="missed", caller_name="Max-Andreas Mustermann"),
            entry(3, caller="+4989123", caller_name="Dr. Huber", direction="inbound", outcome="missed"),
            entry(4, number="a_b", users={"carl"}),
        ]
    )
    assert await ids(table, **wanted) == found


async def test_a_name_that_changes_is_found_as_it_is_now(table: JournalTable) -> None:
    await table.put([entry(1, caller_name="Huber")])
    await table.put([entry(1, caller_name="Maier")])
    assert (await ids(table, number="huber"), await ids(table, number="maier")) == ([], [1])


async def test_calls_from_before_there_was_a_search_are_found(tmp_path: Path) -> None:
    steps = sorted((Path(journal.__file__).parent / "schema").glob("*.sql"))
    before = [step.stem for step in steps].index("009_journal_search")
    with closing(sqlite3.connect(tmp_path / "pbx.sqlite3")) as connection:
        for step in steps[:before]:
            connection.executescript(step.read_text(encoding="utf-8"))
        connection.execute(
            "INSERT INTO journal (id, call, at, seen_at, ended_at, direction, caller, caller_name, number) "
            "VALUES (1, 'c1', '2026', '2026', '2026', 'inbound', '+4989', 'Jürgen Müller', '102')"
        )
        connection.execute(f"PRAGMA user_version = {before}")
        connection.execute("INSERT INTO journal_user (user, id) VALUES ('anna', 1)")
        numbers = '[["work", "0891"], ["home", "08024 4711"]]'
        connection.execute("INSERT INTO contact (owner, last, numbers) VALUES ('', 'Huber', ?)", (numbers,))
        connection.commit()
    database = Database.open(tmp_path)
    calls, book = JournalTable(database), ContactTable(database)
    assert [await ids(calls, number="mueller jur", user=user) for user in ("", "anna", "ben")] == [[1], [1], []]
    assert await ids(calls, number="zzz", keys=["+4989"]) == [1]
    assert [await book.named([""], question) for question in ("hub 4711", "eva")] == [{1}, set()]
    await database.close()


async def test_fifty_thousand_calls_are_searched_in_no_time(table: JournalTable) -> None:
    await table.put([entry(key, at="2026-11-01", caller_name=f"Name {key}", users={"anna"}) for key in range(50_000)])
    began = time.monotonic()
    assert await ids(table, user="anna", number="nobody at all") == []
    assert await ids(table, user="anna", number="49999 nam") == [49_999]
    assert time.monotonic() - began < 2  # 20 ms on an idle machine


async def test_calls_are_found_by_the_numbers_too_that_somebody_has_whom_no_call_names(table: JournalTable) -> None:
    await table.put(
        [
            entry(1, users={"anna"}, caller="+4989123", key="+4989123"),
            entry(2, users={"anna"}, number="089 123", key="+4989123", caller_user="anna"),
            entry(3, users={"anna"}, caller_name="Huber"),
            entry(4, users={"ben"}, key="+4989123"),
            entry(5, users={"anna"}, key="+4989124"),
        ]
    )
    keys = ["+4989123", "+43"]
    assert await ids(table, user="anna", number="huber", keys=keys) == [3, 2, 1]
    assert await ids(table, user="anna", number="huber", keys=keys, way="out") == [2]
    assert await ids(table, number="huber", keys=keys, before=4) == [3, 2, 1]
    assert await ids(table, user="anna", keys=keys) == [5, 3, 2, 1]


async def test_a_search_reads_one_index_from_the_newest_call_on(table: JournalTable, database: Database) -> None:
    seen: list[str] = []

    def plan(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(seen.append)

    database.read(plan)
    await ids(table, user="anna", number="huber 08", keys=["+49"])
    [query] = [each for each in seen if "FROM journal_user" in each]
    steps = database.read(lambda connection: connection.execute(f"EXPLAIN QUERY PLAN {query}").fetchall())
    assert [step[3] for step in steps if "journal" in step[3] or "ORDER" in step[3]] == [
        "SEARCH journal_user USING PRIMARY KEY (user=?)",
        "SEARCH journal USING INTEGER PRIMARY KEY (rowid=?)",
    ]


async def test_a_call_that_is_up_is_on_no_page(table: JournalTable) -> None:
    await table.put([entry(1, seen_at="2026-11-01T10:00:00.000+00:00")])
    assert await ids(table) == []


async def test_what_was_up_when_the_pbx_ended_is_over_since_it_was_last_seen(table: JournalTable) -> None:
    seen = "2026-11-01T10:02:00.000+00:00"
    await table.put(
        [
            entry(1, seen_at=seen, answered_at="2026-11-01T10:00:30.000+00:00"),
            entry(2, seen_at=seen),
            entry(3),
        ]
    )
    table.close_open("The PBX stopped.")
    rows = {each.id: each for each in await table.page(Filter(), 50)}
    shown = {number: (each.outcome, each.ended_at, each.seconds, each.cause) for number, each in rows.items()}
    assert shown[1] == ("answered", seen, 90.0, 41)
    assert shown[2] == ("failed", seen, 0.0, 41)
    assert (rows[1].reason, rows[3].reason) == ("The PBX stopped.", "")


async def test_old_calls_are_forgotten_with_their_people(
    table: JournalTable, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_PURGED_AT_ONCE", 2)
    await table.put([entry(number, users={"anna"}) for number in range(1, 8)])
    assert await table.purge("2026-11-06") == 5
    assert await ids(table) == [7, 6]
    people = database.read(lambda connection: connection.execute("SELECT COUNT(*) FROM journal_user").fetchone())
    assert people == (4,)


async def test_a_page_has_an_end_whatever_is_asked_for(table: JournalTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MAX_PAGE", 3)
    await table.put([entry(number) for number in range(1, 8)])
    assert len(await ids(table, 10_000)) == 3
    assert len(await ids(table, -1)) == 1


async def test_what_is_put_is_synced_to_the_disk_and_the_rest_is_not(table: JournalTable, database: Database) -> None:
    seen: list[int] = []

    def look(connection: sqlite3.Connection) -> None:
        seen.append(connection.execute("PRAGMA synchronous").fetchone()[0])

    await database.keep(look)
    await database.run(look)
    full, normal = 2, 1
    assert seen == [full, normal]


def test_what_was_put_outlives_a_pbx_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import asyncio, os, sys; from pathlib import Path;"
        "from pbx_lite.store.database import Database; from pbx_lite.store.journal import JournalTable;"
        "from tests.pbx_lite.store.test_journal import entry;"
        "database = Database.open(Path(sys.argv[1]));"
        "asyncio.run(JournalTable(database).put([entry(1)])); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    database = Database.open(tmp_path)
    assert JournalTable(database).next_id() == 2
    asyncio.run(database.close())
