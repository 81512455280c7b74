"""The table of commands: a name, the fields, who may, and a function."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import voluptuous as vol

from pbx_lite.api.facade import Services
from pbx_lite.api.softphone_facade import Softphone, Tell
from pbx_lite.directory import Right, User
from pbx_lite.errors import Forbidden, Invalid

type Begin[T] = Callable[[str, Sequence[dict[str, Any]]], Awaitable[T]]
"""Begins a session, given its name among all clients and the ICE servers."""


class Sessions(Protocol):
    """The browser sessions of one connection; their ids mean nothing on another."""

    def subscribe(self) -> None: ...

    async def watch(self, door: str, by: User | None, fields: Mapping[str, Any]) -> str: ...

    async def watch_room(self, room: str, by: User | None, fields: Mapping[str, Any]) -> str: ...

    async def speak[T](self, softphone: Softphone, fields: Mapping[str, Any], begin: Begin[T]) -> T:
        """Open the session that the fields name; it outlives the connection, as the talk that it carries does."""
        ...

    def page_here(self, user: str, device: str) -> Tell:
        """Where news for this page go."""
        ...

    def page_gone(self, user: str, device: str) -> None: ...

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

    @property
    def may_all(self) -> bool:
        """The system and administrators."""
        return self.actor is None or self.actor.admin

    @property
    def asker(self) -> str:
        """The name of the user who asks, empty for the system and for administrators who are no user here.

        Raises Forbidden for anybody else who is not linked.
        """
        if self.actor is None:
            return ""
        if self.actor.admin:
            user = self.services.directory.home_user(self.actor.ha_user)
            return user.name if user is not None else ""
        return self.services.directory.acting(self.actor.ha_user).name

    def on_behalf(self) -> str:
        """The user that the field `user` names, else the one who asks, else nobody: only who may all asks for others.

        Raises Forbidden and NotFound.
        """
        asker, named = self.asker, self.fields.get("user")
        if named is None:
            return asker
        user = self.services.directory.user(named)
        if user.name != asker and not self.may_all:
            raise Forbidden(f"Only an administrator may do this for {user.display_name}.")
        return user.name

    def to_dial(self, number: str) -> str:
        """A number as people type, copy or press it, as it is to be dialled.

        One that stands in a phonebook of theirs needs no prefix of a line, however it is written there.
        """
        book = self.services.phonebook
        return number if book is None else book.outward(number, self.asker) or number

    def sound(self) -> str:
        """The address of what is to be played.  Raises Forbidden for a person who names a file of the PBX: messages of
        others and recordings lie among them.
        """
        url: str = self.fields["url"]
        if self.actor is not None and url.strip().lower().startswith("file:"):
            raise Forbidden("Files of the PBX are played by automations alone; give an http address.")
        return url

    def somebody(self) -> str:
        """As `on_behalf`, where there has to be somebody.  Raises Invalid too."""
        user = self.on_behalf()
        if not user:
            raise Invalid("user: say for whom")
        return user


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
