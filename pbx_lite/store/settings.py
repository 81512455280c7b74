"""What people set for themselves, and who is logged in at which shared phone."""

import json
from collections.abc import Mapping
from typing import Any

from pbx_lite.store.database import Database


class SettingTable:
    """Records are JSON mappings; what is in them is the affair of whoever keeps them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self) -> dict[str, dict[str, Any]]:
        """The record of every user that has one."""
        rows = self._database.read(lambda connection: connection.execute("SELECT user, record FROM setting").fetchall())
        return {user: json.loads(record) for user, record in rows}

    def put(self, user: str, record: Mapping[str, Any]) -> None:
        """Keep, soon."""
        row = (user, json.dumps(record, ensure_ascii=False))
        self._database.post(
            lambda connection: connection.execute("INSERT OR REPLACE INTO setting (user, record) VALUES (?, ?)", row)
        )

    def remove(self, user: str) -> None:
        """Forget, soon; their log-ins too."""
        self._database.post(
            lambda connection: (
                connection.execute("DELETE FROM setting WHERE user = ?", (user,)),
                connection.execute("DELETE FROM login WHERE user = ?", (user,)),
            )
        )

    def logins(self) -> dict[str, str]:
        """Workplace to user."""
        return dict(
            self._database.read(lambda connection: connection.execute("SELECT workplace, user FROM login").fetchall())
        )

    def log_in(self, workplace: str, user: str) -> None:
        """Keep, soon; whoever was there is there no longer."""
        self._database.post(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO login (workplace, user) VALUES (?, ?)", (workplace, user)
            )
        )

    def log_out(self, workplace: str) -> None:
        """Forget, soon."""
        self._database.post(
            lambda connection: connection.execute("DELETE FROM login WHERE workplace = ?", (workplace,))
        )
