"""The clients that were paired.  A token has 256 random bits, so that its plain SHA-256 is enough to keep."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from pbx_lite.store.database import Database


class TokenTable:
    def __init__(self, database: Database, *, make: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> None:
        self._database = database
        self._make = make
        rows = database.read(lambda connection: connection.execute("SELECT hash, client FROM token").fetchall())
        self._clients: dict[str, str] = dict(rows)

    async def issue(self, client: str) -> str:
        """A new token for `client`; it works once it is on disk, which is before this returns."""
        token = self._make()
        row = (_hash(token), client, datetime.now(UTC).isoformat(timespec="milliseconds"))
        await self._database.run(
            lambda connection: connection.execute("INSERT INTO token (hash, client, issued_at) VALUES (?, ?, ?)", row)
        )
        self._clients[row[0]] = client
        return token

    def client_of(self, token: str) -> str | None:
        """The client's name, None for a token that was never issued."""
        return self._clients.get(_hash(token))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
