import asyncio
import inspect
import logging
import os
import sqlite3
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from pbx_lite.errors import Conflict, StoreError
from pbx_lite.store.bindings import BindingTable
from pbx_lite.store.database import Database
from pbx_lite.store.facts import instance_of
from pbx_lite.store.people import PeopleTable
from pbx_lite.store.tokens import TokenTable


async def test_a_second_instance_on_the_same_data_is_told_so(tmp_path: Path) -> None:
    first = Database.open(tmp_path / "data")
    with pytest.raises(Conflict, match=rf"Another PBX \(process {os.getpid()}\) uses .*data already; stop that one"):
        Database.open(tmp_path / "data")
    await first.close()
    await Database.open(tmp_path / "data").close()


def test_a_killed_pbx_leaves_no_lock(tmp_path: Path) -> None:
    code = "import sys,os;from pathlib import Path;from pbx_lite.store.database import Database;"
    code += "Database.open(Path(sys.argv[1]));os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    asyncio.run(Database.open(tmp_path).close())


async def test_nobody_else_can_read_the_data(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "data")
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data" / "pbx.sqlite3").stat().st_mode & 0o777 == 0o600
    await database.close()


def test_a_folder_that_is_none_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="is not a folder; choose another data folder"):
        Database.open(tmp_path / "data")
    with pytest.raises(StoreError, match="is not a folder"):
        Database.open(tmp_path / "data" / "below")


@pytest.mark.parametrize("number", [1, 13, 30])
def test_a_folder_that_cannot_be_written_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(StoreError, match="cannot be written; give the PBX the right to"):
        Database.open(tmp_path / "data")


def test_a_file_that_is_no_database_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "pbx.sqlite3").write_bytes(b"nothing that SQLite would know" * 100)
    with pytest.raises(StoreError, match="is damaged; restore it from a backup"):
        Database.open(tmp_path)


async def test_data_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    await Database.open(tmp_path).close()
    with sqlite3.connect(tmp_path / "pbx.sqlite3") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(StoreError, match="written by a newer version"):
        Database.open(tmp_path)


async def test_a_full_disk_is_told_once_and_forgotten_when_it_works_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    caplog.set_level(logging.INFO)
    database = Database.open(tmp_path)
    with pytest.raises(StoreError, match="is full; free some space"):
        await database.run(full)
    database.post(full)
    database.post(full)
    await database.run(lambda connection: connection.execute("SELECT 1"))
    database.post(lambda connection: connection.execute("SELECT 1"))
    await database.close()
    messages = [record.getMessage() for record in caplog.records if record.name.startswith("pbx_lite")]
    assert len(messages) == 2
    assert "is full; free some space" in messages[0]
    assert messages[1] == "The store works again"


async def test_a_really_full_disk_is_told_so(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    pages = database.read(lambda connection: connection.execute("PRAGMA page_count").fetchone()[0])
    database.read(lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(StoreError, match="is full; free some space"):
        await PeopleTable(database).save("user", "anna", {"picture": "x" * 100_000})
    assert PeopleTable(database).records("user") == {}
    await database.close()


async def test_work_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    database = Database.open(tmp_path)

    def half(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO fact VALUES ('a', 'b')")
        connection.execute("INSERT INTO nowhere VALUES (1)")

    with pytest.raises(StoreError):
        await database.run(half)
    assert database.read(lambda connection: connection.execute("SELECT * FROM fact").fetchall()) == []
    await database.close()


async def test_the_instance_stays_the_same(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    instance = instance_of(database)
    assert len(instance) == 32
    assert instance_of(database) == instance
    await database.close()


async def test_people_and_links_are_kept(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    people = PeopleTable(database)
    await people.save("user", "zoe", {"name": "zoe"})
    await people.save("user", "ben", {"name": "ben"})
    await people.save("user", "zoe", {"name": "zoe", "roles": ["ä"]})
    await people.save("door", "gate", {})
    await people.remove("door", "gate")
    await people.link("ha-1", "zoe")
    await people.link("ha-1", "ben")
    await people.link("ha-2", "zoe")
    await people.unlink("ha-2")
    await database.close()
    database = Database.open(tmp_path)
    people = PeopleTable(database)
    assert list(people.records("user").items()) == [("zoe", {"name": "zoe", "roles": ["ä"]}), ("ben", {"name": "ben"})]
    assert people.records("door") == {}
    assert people.links() == {"ha-1": "ben"}
    await database.close()


async def test_bindings_are_replaced_per_account(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    bindings = BindingTable(database)
    bindings.save({"101": [{"contact": "a"}, {"contact": "b"}], "150": [{"contact": "c"}]})
    bindings.save({"101": [{"contact": "d"}]})
    await database.close()
    database = Database.open(tmp_path)
    assert sorted(BindingTable(database).load()) == [("101", {"contact": "d"}), ("150", {"contact": "c"})]
    await database.close()


async def test_tokens_outlive_a_restart_and_are_not_kept_in_the_clear(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    token = await TokenTable(database).issue("Home Assistant")
    await database.close()
    assert token.encode() not in (tmp_path / "pbx.sqlite3").read_bytes()
    database = Database.open(tmp_path)
    tokens = TokenTable(database)
    assert tokens.client_of(token) == "Home Assistant"
    assert tokens.client_of(token[:-1]) is None
    assert tokens.client_of("\ud800") is None
    await database.close()


async def test_what_is_posted_together_is_written_together_but_one_fault_spoils_only_itself(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    database.read(lambda connection: connection.execute("CREATE TABLE note (text)"))
    transactions: list[str] = []
    database.read(lambda connection: connection.set_trace_callback(transactions.append))
    for number in range(10):
        database.post(partial(_note, str(number)))
    assert await database.run(_notes) == [str(number) for number in range(10)]
    assert len([text for text in transactions if text.startswith("BEGIN")]) == 2
    database.post(partial(_note, "before"))
    database.post(lambda connection: connection.execute("SELECT wrong"))
    database.post(partial(_note, "after"))
    assert (await database.run(_notes))[-2:] == ["before", "after"]
    await database.close()


async def test_what_may_not_wait_goes_to_the_writer_at_once_and_takes_along_what_waited(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    database.read(lambda connection: connection.execute("CREATE TABLE note (text)"))
    written = asyncio.Event()
    loop = asyncio.get_running_loop()

    def last(connection: sqlite3.Connection) -> None:
        _note("now", connection)
        loop.call_soon_threadsafe(written.set)

    database.post(partial(_note, "soon"))
    database.post(last, at_once=True)
    assert database._timer is None, "nothing waits any more"
    async with asyncio.timeout(20):
        await written.wait()
    assert await database.run(_notes) == ["soon", "now"]
    await database.close()


def _note(text: str, connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO note VALUES (?)", (text,))


def _notes(connection: sqlite3.Connection) -> list[str]:
    return [text for (text,) in connection.execute("SELECT text FROM note")]


async def test_rooms_pins_and_languages_are_kept_beside_what_an_older_pbx_kept(tmp_path: Path) -> None:
    older = sqlite3.connect(tmp_path / "pbx.sqlite3")
    schema = Path(inspect.getfile(Database)).parent / "schema"
    steps = [step for step in sorted(schema.glob("*.sql")) if step.name < "006"]
    for step in steps:
        older.executescript(step.read_text(encoding="utf-8"))
    older.execute("INSERT INTO record (kind, name, record) VALUES ('user', 'anna', '{}'), ('door', 'gate', '{}')")
    older.execute(f"PRAGMA user_version = {len(steps)}")
    older.commit()
    older.close()
    database = Database.open(tmp_path)
    people = PeopleTable(database)
    assert people.records("user") == {"anna": {}}
    for kind in ("room", "pin", "language"):
        await people.save(kind, "x", {"kind": kind})
    await database.close()
    database = Database.open(tmp_path)
    people = PeopleTable(database)
    assert [people.records(kind)["x"]["kind"] for kind in ("room", "pin", "language")] == ["room", "pin", "language"]
    assert people.records("door") == {"gate": {}}
    await database.close()
