"""Where accounts were last registered, so that the phone rings right after a restart."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from pbx_lite.store.database import Database


class BindingTable:
    """Rows are JSON mappings; what is in them is the registrar's affair."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self) -> list[tuple[str, dict[str, Any]]]:
        """Account and row, for every binding kept."""
        rows = self._database.read(
            lambda connection: connection.execute("SELECT account, record FROM binding ORDER BY rowid").fetchall()
        )
        return [(account, json.loads(record)) for account, record in rows]

    def save(self, accounts: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Replace the rows of these accounts, soon and in one transaction."""

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany("DELETE FROM binding WHERE account = ?", [(account,) for account in accounts])
            connection.executemany(
                "INSERT INTO binding (account, record) VALUES (?, ?)",
                [(account, json.dumps(row)) for account, rows in accounts.items() for row in rows],
            )

        self._database.post(work)
