"""Which state of a record somebody saw: who changes another one than they saw is told so."""

import hashlib
import json
import secrets
from typing import Any

from pbx_lite.config import Arrival, Door, Role, Room, Team, User
from pbx_lite.config.runtime import (
    arrival_mapping,
    door_mapping,
    role_mapping,
    room_mapping,
    team_mapping,
    user_mapping,
)
from pbx_lite.errors import Conflict

type Arrivals = tuple[Arrival, ...]
type Record = Door | Role | Room | Team | User | Arrivals


class Revisions:
    """A record's revision is the same as long as the record is, until the PBX starts anew.

    It tells nothing of the secrets that it is made of: `key` is this process's own.
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(16)

    def of(self, record: Record) -> str:
        content = json.dumps(_content(record), sort_keys=True).encode()
        return hashlib.blake2b(content, digest_size=8, key=self._key).hexdigest()

    def require(self, record: Record, revision: str | None) -> None:
        """Raises Conflict where `record` is not what `revision` was told of; None asks for no such thing."""
        if revision is not None and revision != self.of(record):
            name = "Where this line rings" if isinstance(record, tuple) else record.name
            raise Conflict(f"{name} was changed by somebody else meanwhile.")


def _content(record: Record) -> dict[str, Any]:
    """What an administrator changes in one go; a user's further phones come and go by themselves."""
    if isinstance(record, Door):
        # 30 seconds are as long as 30.0.
        seconds = {key: float(getattr(record, key)) for key in ("ring_seconds", "late_seconds")}
        return door_mapping(record) | seconds
    if isinstance(record, Role):
        return role_mapping(record)
    if isinstance(record, Room):
        return room_mapping(record)
    if isinstance(record, Team):
        return team_mapping(record) | {"ring_seconds": float(record.ring_seconds)}
    if isinstance(record, tuple):
        return {"arrivals": [arrival_mapping(each) for each in record]}
    return {key: value for key, value in user_mapping(record).items() if key != "devices"}
