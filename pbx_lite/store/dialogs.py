"""The calls that are up: empty after a clean end, a list of debts after a sudden one."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from pbx_lite.store.database import Database


class DialogTable:
    """Rows are JSON mappings; what is in them is the farewells' affair."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take_all(self) -> list[dict[str, Any]]:
        """What an earlier run left, forgotten here."""
        rows = self._database.read(
            lambda connection: connection.execute("DELETE FROM dialog RETURNING record").fetchall()
        )
        return [json.loads(record) for (record,) in rows]

    def change(self, put: Mapping[str, Mapping[str, Any]], remove: Iterable[str], *, at_once: bool = False) -> None:
        """Keep some and forget others, soon or `at_once`."""
        records = [(key, json.dumps(row)) for key, row in put.items()]
        keys = [(key,) for key in remove]

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany("INSERT OR REPLACE INTO dialog (key, record) VALUES (?, ?)", records)
            connection.executemany("DELETE FROM dialog WHERE key = ?", keys)

        self._database.post(work, at_once=at_once)
