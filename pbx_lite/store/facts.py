"""Single values that outlive a restart."""

import secrets

from pbx_lite.store.database import Database


def instance_of(database: Database) -> str:
    """What tells this PBX from every other one: 32 hex digits, made at the first start."""
    database.read(
        lambda connection: connection.execute(
            "INSERT OR IGNORE INTO fact (name, value) VALUES ('instance', ?)", (secrets.token_hex(16),)
        )
    )
    return str(
        database.read(
            lambda connection: connection.execute("SELECT value FROM fact WHERE name = 'instance'").fetchone()[0]
        )
    )
