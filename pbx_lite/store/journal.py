"""The calls of the past: rows by rising id, found by page, person, number, direction and outcome."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import field, fields
from operator import attrgetter
from typing import Any, Literal

from pbx_lite.store.database import Database
from pbx_lite.store.sought import conditions, sought
from pbx_lite.values import dataclass

type Way = Literal["", "in", "out", "missed"]

MAX_PAGE = 500
_PURGED_AT_ONCE = 1000
"""Rows of one transaction, so that others need not wait long for the writer."""


@dataclass(slots=True, kw_only=True)
class Entry:
    """One call, changed as it goes on.  Times are UTC in ISO 8601.

    While it lasts `outcome` is empty and `ended_at` None; `seen_at` is when it was up for certain, `users` are those
    whose call it was.  `key` is what all ways of writing the number outside have in common; it is not read again.
    """

    id: int
    call: str
    at: str
    answered_at: str | None = None
    ended_at: str | None = None
    seen_at: str
    seconds: float = 0.0
    direction: str
    trunk: str = ""
    caller: str
    caller_name: str = ""
    caller_user: str = ""
    number: str
    callee_name: str = ""
    callee_user: str = ""
    answered_by: str = ""
    outcome: str = ""
    cause: int = 0
    reason: str = ""
    quality: tuple[Mapping[str, Any], ...] = ()
    users: set[str] = field(default_factory=set)
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a page is of; empty fields mean any.

    `number` are parts of numbers and names of either side, or the call is with one of the `keys`, where there are any;
    `way` is the call as `user` sees it.
    """

    user: str = ""
    way: Way = ""
    number: str = ""
    keys: Collection[str] = ()
    direction: str = ""
    outcome: str = ""
    before: int | None = None


_COLUMNS = tuple(field.name for field in fields(Entry) if field.name not in {"users", "key"})
_values = attrgetter(*_COLUMNS)
_QUALITY = _COLUMNS.index("quality")
_EVERYBODY = ""
_SOUGHT = attrgetter("caller", "caller_name", "number", "callee_name")
_MARKS = ", ".join("?" * len(_COLUMNS))
_CHANGES = ", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[1:])
_WAYS = {
    "out": "caller_user = ?",
    "in": "caller_user != ? AND outcome = 'answered'",
    "missed": "caller_user != ? AND outcome != 'answered'",
}
# Only column names of our own stand in these statements; values are always bound.
_INSERT = f"INSERT INTO journal ({', '.join(_COLUMNS)}) VALUES ({_MARKS})"
_PUT = f"{_INSERT} ON CONFLICT (id) DO UPDATE SET {_CHANGES}"
_PUT_FOR = """
INSERT INTO journal_user (user, id, key, sought) VALUES (?, ?, ?, ?)
ON CONFLICT (user, id) DO UPDATE SET key = excluded.key, sought = excluded.sought WHERE sought != excluded.sought
"""
# From the person's newest call on, and no further than the page: a CROSS JOIN is read in this order.
_PAGE = (
    f"SELECT {', '.join(f'journal.{column}' for column in _COLUMNS)} "
    "FROM journal_user CROSS JOIN journal ON journal.id = journal_user.id"
)
_WITH_ONE_OF = "key IN (SELECT value FROM json_each(?))"
_CLOSE = """
UPDATE journal SET
    ended_at = seen_at,
    seconds = CASE WHEN answered_at IS NULL THEN 0 ELSE
        MAX(0, ROUND((julianday(seen_at) - julianday(answered_at)) * 86400, 1)) END,
    outcome = CASE WHEN answered_at IS NULL THEN 'failed' ELSE 'answered' END,
    cause = 41, reason = ?
WHERE ended_at IS NULL
"""


class JournalTable:
    """Ids are given by the caller, so that a row can change before it is written."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def next_id(self) -> int:
        return int(
            self._database.read(
                lambda connection: connection.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM journal").fetchone()[0]
            )
        )

    def close_open(self, reason: str) -> None:
        """What was up when the PBX ended is over since it was last seen (Q.850: 41, temporary failure)."""
        self._database.read(lambda connection: connection.execute(_CLOSE, (reason,)))

    async def put(self, entries: Iterable[Entry]) -> None:
        """Write or replace rows; when this returns they outlive a power failure.  Raises StoreError."""
        rows = [_row(entry) for entry in entries]
        people = [
            (user, entry.id, entry.key, text)
            for entry in entries
            for text in (sought(*_SOUGHT(entry)),)
            for user in (_EVERYBODY, *entry.users)
        ]

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(_PUT, rows)
            connection.executemany(_PUT_FOR, people)

        await self._database.keep(work)

    async def page(self, wanted: Filter, limit: int) -> list[Entry]:
        """Calls that are over, newest first.  Raises StoreError."""
        met, values = _conditions(wanted)
        query = f"{_PAGE} WHERE {' AND '.join(met)} ORDER BY journal_user.id DESC LIMIT ?"
        values.append(max(1, min(limit, MAX_PAGE)))
        rows = await self._database.run(lambda connection: connection.execute(query, values).fetchall())
        return [_entry(row) for row in rows]

    async def purge(self, until: str) -> int:
        """Forget calls that began before; how many they were.  Raises StoreError."""
        gone = 0
        while True:
            count = await self._database.run(lambda connection: _purge(connection, until))
            gone += count
            if count < _PURGED_AT_ONCE:
                return gone


def _purge(connection: sqlite3.Connection, until: str) -> int:
    return connection.execute(
        "DELETE FROM journal WHERE id IN (SELECT id FROM journal WHERE at < ? AND ended_at IS NOT NULL LIMIT ?)",
        (until, _PURGED_AT_ONCE),
    ).rowcount


def _conditions(wanted: Filter) -> tuple[list[str], list[Any]]:
    met = ["user = ?", "ended_at IS NOT NULL"]
    values: list[Any] = [wanted.user or _EVERYBODY]
    if wanted.before is not None:
        met.append("journal_user.id < ?")
        values.append(wanted.before)
    for column, value in (("direction", wanted.direction), ("outcome", wanted.outcome)):
        if value:
            met.append(f"{column} = ?")
            values.append(value)
    if wanted.user and wanted.way:
        met.append(_WAYS[wanted.way])
        values.append(wanted.user)
    written, sought_for = conditions("sought", wanted.number)
    if written and wanted.keys:
        met.append(f"({' AND '.join(written)} OR {_WITH_ONE_OF})")
        values += [*sought_for, json.dumps(list(wanted.keys))]
    else:
        met += written
        values += sought_for
    return met, values


def _row(entry: Entry) -> tuple[Any, ...]:
    row: tuple[Any, ...] = _values(entry)
    quality = json.dumps(entry.quality) if entry.quality else "[]"
    return (*row[:_QUALITY], quality, *row[_QUALITY + 1 :])


def _entry(row: tuple[Any, ...]) -> Entry:
    values = dict(zip(_COLUMNS, row, strict=True))
    return Entry(**{**values, "quality": tuple(json.loads(values["quality"]))})
