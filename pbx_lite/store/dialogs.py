"""The calls that are up: empty after a clean end, a list of debts after a sudden one."""

import json
from collections.abc import Mapping
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

    def put(self, key: str, row: Mapping[str, Any]) -> None:
        """Keep, soon."""
        record = json.dumps(row)
        self._database.post(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO dialog (key, record) VALUES (?, ?)", (key, record)
            )
        )

    def remove(self, key: str) -> None:
        """Forget, soon."""
        self._database.post(lambda connection: connection.execute("DELETE FROM dialog WHERE key = ?", (key,)))
