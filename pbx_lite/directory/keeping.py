"""What the directory has kept for it, and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

type Kind = Literal["user", "door", "role", "device", "room", "team", "arrival", "pin", "language"]
"""The last three: where the numbers of a line lead, PINs made for rooms of the file, and what users of it speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the store kept: records by name as plain JSON values, and Home Assistant user to PBX user.

    `devices` holds the phones that were made for users of the file, `{"devices": [...]}` by the user's name; `pins`
    is `{"pin": ...}` by a room of the file that has none of its own, `languages` `{"language": ...}` by a user of the
    file who chose one; `arrivals` is `{"arrivals": [...]}` by the line.
    """

    users: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    doors: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    roles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    devices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rooms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    teams: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    arrivals: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pins: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    languages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)


class PeopleStore(Protocol):
    """Where created records and links are kept; each call returns when it is on disk."""

    async def save(self, kind: Kind, name: str, record: Mapping[str, Any]) -> None: ...

    async def remove(self, kind: Kind, name: str) -> None: ...

    async def link(self, ha_user: str, user: str) -> None: ...

    async def unlink(self, ha_user: str) -> None: ...
