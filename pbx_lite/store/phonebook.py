"""Phonebooks: the company's and people's own, a row for each contact."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from pbx_lite.store.database import Database
from pbx_lite.store.sought import conditions, sought


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """`owner` is whose book it stands in, "" for the company's; `numbers` are pairs of a label and what was written.

    `id` is 0 until it is kept; `revision` counts its changes from 1 on.
    """

    id: int = 0
    owner: str = ""
    revision: int = 1
    first: str = ""
    last: str = ""
    company: str = ""
    numbers: tuple[tuple[str, str], ...] = ()
    email: str = ""
    note: str = ""


_PORTION = 200
_AT_ONCE = 20
_BREATH = 0.0005
"""Seconds: who only computes in a thread keeps calls waiting for the interpreter."""

type _Row = tuple[int | str, ...]

_COLUMNS = tuple(field.name for field in fields(Contact))
_NUMBERS = _COLUMNS.index("numbers")
# Only column names of our own stand in these statements; values are always bound.
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM contact"
_KEPT = (*_COLUMNS[1:], "sought")
_INSERT = f"INSERT INTO contact ({', '.join(_KEPT)}) VALUES ({', '.join('?' * len(_KEPT))})"
_UPDATE = f"UPDATE contact SET {', '.join(f'{column} = ?' for column in _KEPT)} WHERE id = ?"


class ContactTable:
    """What awaits raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def walk(self, visit: Callable[[Contact], None]) -> None:
        """Every contact of every book, by id, at start: no list of them is made."""

        def work(connection: sqlite3.Connection) -> None:
            for row in connection.execute(f"{_SELECT} ORDER BY id"):
                visit(_contact(row))

        self._database.read(work)

    async def get(self, contact: int) -> Contact | None:
        row = await self._database.run(
            lambda connection: connection.execute(f"{_SELECT} WHERE id = ?", (contact,)).fetchone()
        )
        return _contact(row) if row is not None else None

    async def page(self, owners: Sequence[str], after: int, limit: int) -> list[Contact]:
        """Those of these books that follow the id `after`, by id."""
        marks = ", ".join("?" * len(owners))
        query = f"{_SELECT} WHERE owner IN ({marks}) AND id > ? ORDER BY id LIMIT ?"
        values = (*owners, after, limit)
        rows = await self._database.run(lambda connection: connection.execute(query, values).fetchall())
        return [_contact(row) for row in rows]

    async def named(self, owners: Sequence[str], question: str) -> frozenset[int]:
        """The ids of those of these books that a search finds: by words of their names and parts of their numbers."""
        met, values = conditions("sought", question)
        marks = ", ".join("?" * len(owners))
        query = f"SELECT id FROM contact WHERE {' AND '.join([f'owner IN ({marks})', *met])}"

        def work(connection: sqlite3.Connection) -> frozenset[int]:
            return frozenset(row[0] for row in connection.execute(query, (*owners, *values)))

        return await self._database.run(work)

    async def book(self, owner: str) -> list[Contact]:
        """The whole book by id.  It is read in portions: a thread that computes for long keeps calls waiting."""
        contacts: list[Contact] = []
        while some := await self.page([owner], contacts[-1].id if contacts else 0, _PORTION):
            contacts += some
        return contacts

    async def put(self, contacts: Iterable[Contact]) -> list[Contact]:
        """Keep these, all or none; new ones are given back with the id that they have now."""
        wanted = list(contacts)

        def work(connection: sqlite3.Connection) -> list[Contact]:
            kept = []
            for place, contact in enumerate(wanted, 1):
                kept.append(_put(connection, contact))
                if place % _AT_ONCE == 0:
                    time.sleep(_BREATH)
            return kept

        return await self._database.run(work)

    async def remove(self, contact: int) -> None:
        await self._database.run(lambda connection: connection.execute("DELETE FROM contact WHERE id = ?", (contact,)))

    async def remove_book(self, owner: str) -> None:
        await self._database.run(lambda connection: connection.execute("DELETE FROM contact WHERE owner = ?", (owner,)))


def _put(connection: sqlite3.Connection, contact: Contact) -> Contact:
    values = [getattr(contact, column) for column in _COLUMNS[1:]]
    values[_NUMBERS - 1] = json.dumps(contact.numbers, ensure_ascii=False)
    numbers = (number for _, number in contact.numbers)
    values.append(sought(contact.first, contact.last, contact.company, *numbers))
    if contact.id:
        connection.execute(_UPDATE, (*values, contact.id))
        return contact
    return replace(contact, id=connection.execute(_INSERT, values).lastrowid or 0)


def _contact(row: _Row) -> Contact:
    values: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
    numbers = tuple((label, number) for label, number in json.loads(values["numbers"]))
    return Contact(**{**values, "numbers": numbers})
