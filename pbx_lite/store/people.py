"""Users, doors, rooms, roles and phones made at runtime, generated PINs, and who in Home Assistant is who."""

import json
from collections.abc import Mapping
from typing import Any

from pbx_lite.store.database import Database


class PeopleTable:
    """Records are JSON mappings; what is in them is the directory's affair."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def records(self, kind: str) -> dict[str, dict[str, Any]]:
        """The records of one kind by name, in the order they were made."""
        rows = self._database.read(
            lambda connection: connection.execute(
                "SELECT name, record FROM record WHERE kind = ? ORDER BY rowid", (kind,)
            ).fetchall()
        )
        return {name: json.loads(record) for name, record in rows}

    def links(self) -> dict[str, str]:
        """Home Assistant user to PBX user."""
        return dict(
            self._database.read(lambda connection: connection.execute("SELECT ha_user, user FROM link").fetchall())
        )

    async def save(self, kind: str, name: str, record: Mapping[str, Any]) -> None:
        """A power failure does not undo it: people are told PINs and passwords right away."""
        await self._database.keep(
            lambda connection: connection.execute(
                "INSERT INTO record (kind, name, record) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, name) DO UPDATE SET record = excluded.record",
                (kind, name, json.dumps(record, ensure_ascii=False)),
            )
        )

    async def remove(self, kind: str, name: str) -> None:
        await self._database.run(
            lambda connection: connection.execute("DELETE FROM record WHERE kind = ? AND name = ?", (kind, name))
        )

    async def link(self, ha_user: str, user: str) -> None:
        await self._database.run(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO link (ha_user, user) VALUES (?, ?)", (ha_user, user)
            )
        )

    async def unlink(self, ha_user: str) -> None:
        await self._database.run(
            lambda connection: connection.execute("DELETE FROM link WHERE ha_user = ?", (ha_user,))
        )
