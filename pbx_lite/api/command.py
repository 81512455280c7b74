"""The table of commands: a name, the fields, who may, and a function."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import voluptuous as vol

from pbx_lite.api.facade import Services
from pbx_lite.directory import Right, User


class Sessions(Protocol):
    """The browser sessions of one connection; their ids mean nothing on another."""

    def subscribe(self) -> None: ...

    async def watch(self, door: str, by: User | None, fields: Mapping[str, Any]) -> str: ...

    async def candidate(self, fields: Mapping[str, Any]) -> None: ...

    async def close_session(self, session: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The Home Assistant user on whose behalf a command comes."""

    ha_user: str
    name: str = ""
    admin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One command as it came.  Without an actor the system asks."""

    services: Services
    sessions: Sessions
    fields: Mapping[str, Any]
    actor: Actor | None = None

    def __getitem__(self, field: str) -> Any:
        return self.fields[field]

    @property
    def by(self) -> User | None:
        """The person, None for the system.  Raises Forbidden for a Home Assistant user who is not linked."""
        return None if self.actor is None else self.services.directory.acting(self.actor.ha_user)


type Function = Callable[[Ask], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    fields: vol.Schema
    function: Function
    right: Right | None
    admin: bool


COMMANDS: dict[str, Command] = {}


def command(
    name: str, fields: Mapping[Any, Any] | None = None, *, right: Right | None = None, admin: bool = False
) -> Callable[[Function], Function]:
    """Enter a function into the table.

    `right` is asked of the directory for the field `door`; `admin` lets in the system and administrators alone.
    """

    def enter(function: Function) -> Function:
        COMMANDS[name] = Command(fields=vol.Schema(dict(fields or {})), function=function, right=right, admin=admin)
        return function

    return enter
