"""Rings and openings, newest kept longest, and one picture per ring beside the database."""

import shutil
import sqlite3
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from pbx_lite.store.database import Database

ROWS = 20_000
PICTURES_PER_DOOR = 200
MAX_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One row.  `at` is UTC in ISO 8601; `outcome` is ringing, answered, missed, opened or failed."""

    id: int
    kind: Literal["ring", "opening"]
    door: str
    at: str
    ring: str = ""
    button: str = ""
    outcome: str
    by: str = ""
    how: str = ""
    error: str = ""
    picture: bool = False


_COLUMNS = tuple(field.name for field in fields(Visit))
# Nothing but our own column names is put into these texts.
# Only column names of our own stand in these statements; values are always bound.
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM visit"
_NEWEST_RINGS = f"{_SELECT} WHERE id IN (SELECT MAX(id) FROM visit WHERE kind = 'ring' GROUP BY door)"
_NEWEST_PICTURES = f"{_SELECT} WHERE id IN (SELECT MAX(id) FROM visit WHERE picture GROUP BY door)"


class VisitTable:
    """Ids are given by the caller, so that a row can be changed before it is written."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pictures = database.folder / "visitors"

    def next_id(self) -> int:
        return int(
            self._database.read(
                lambda connection: connection.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM visit").fetchone()[0]
            )
        )

    def last_rings(self) -> dict[str, Visit]:
        """The newest ring of every door."""
        rows = self._database.read(lambda connection: connection.execute(_NEWEST_RINGS).fetchall())
        return {visit.door: visit for visit in map(_visit, rows)}

    def last_pictures(self) -> dict[str, Visit]:
        """The newest ring with a picture, of every door."""
        rows = self._database.read(lambda connection: connection.execute(_NEWEST_PICTURES).fetchall())
        return {visit.door: visit for visit in map(_visit, rows)}

    def close_open_rings(self) -> None:
        """A ring that was still ringing when the PBX ended has been missed."""
        self._database.read(
            lambda connection: connection.execute("UPDATE visit SET outcome = 'missed' WHERE outcome = 'ringing'")
        )

    def put(self, visit: Visit) -> None:
        """Write or replace a row, soon."""
        values = tuple(getattr(visit, column) for column in _COLUMNS)
        marks = ", ".join("?" * len(_COLUMNS))

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(f"INSERT OR REPLACE INTO visit ({', '.join(_COLUMNS)}) VALUES ({marks})", values)
            connection.execute("DELETE FROM visit WHERE id <= ?", (visit.id - ROWS,))

        self._database.post(work)

    async def entries(self, door: str | None, limit: int, before: int | None = None) -> list[Visit]:
        """Newest first, of one door or of all; with `before` what is older than this one."""
        wanted = {"door = ?": door, "id < ?": before}
        given = {condition: value for condition, value in wanted.items() if value is not None}
        where = f"WHERE {' AND '.join(given)}" if given else ""
        query = f"{_SELECT} {where} ORDER BY id DESC LIMIT {max(1, min(limit, MAX_PAGE))}"
        rows = await self._database.run(lambda connection: connection.execute(query, [*given.values()]).fetchall())
        return [_visit(row) for row in rows]

    async def save_picture(self, visit: Visit, picture: bytes) -> None:
        """Keep a JPEG; the oldest ones beyond the cap go.  Raises StoreError."""

        def work(connection: sqlite3.Connection) -> None:
            file = self._file(visit)
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished = file.with_suffix(".part")
            unfinished.write_bytes(picture)
            unfinished.replace(file)
            connection.execute("UPDATE visit SET picture = 1 WHERE id = ?", (visit.id,))
            kept = sorted(file.parent.glob("*.jpg"), key=lambda each: int(each.stem) if each.stem.isdigit() else -1)
            for old in kept[:-PICTURES_PER_DOOR]:
                old.unlink(missing_ok=True)
                if old.stem.isdigit():
                    connection.execute("UPDATE visit SET picture = 0 WHERE id = ?", (int(old.stem),))

        await self._database.run(work)

    def picture(self, visit: Visit) -> bytes | None:
        """The JPEG of a ring, None where it is gone."""
        try:
            return self._file(visit).read_bytes()
        except OSError:
            return None

    async def picture_at(self, door: str, row: int) -> bytes | None:
        """The JPEG of the ring with this id at this door, None where there is none."""
        visit = Visit(id=row, kind="ring", door=door, at="", outcome="")
        return await self._database.run(lambda _: self.picture(visit))

    def forget_door(self, door: str) -> None:
        """A door was removed: its pictures go, its rows stay in the log."""
        folder = self._pictures / door
        self._database.post(
            lambda connection: (
                shutil.rmtree(folder, ignore_errors=True),
                connection.execute("UPDATE visit SET picture = 0 WHERE door = ?", (door,)),
            )
        )

    def _file(self, visit: Visit) -> Path:
        return self._pictures / visit.door / f"{visit.id}.jpg"


def _visit(row: tuple[object, ...]) -> Visit:
    values = dict(zip(_COLUMNS, row, strict=True))
    return Visit(**{**values, "picture": bool(values["picture"])})  # type: ignore[arg-type]
