"""The PBX for as long as it is wanted: back by itself after every loss; typed commands of doors, people and roles."""

import asyncio
import base64
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from aiohttp import (
    ClientSession,
)

from .connection import COMMAND_TIMEOUT, Connection, Endpoint, connect
from .errors import CannotConnect, PascomError, Unauthorized
from .models import Account, Actor, Door, Event, Picture, Profile, Role, Snapshot, User

_LOGGER = logging.getLogger(__name__)

# The first try after a loss comes at once; the longest pause keeps the promise of "right again within a second".
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 0.5
# An offer waits for the door to answer; a still may have to wake the station's camera.
SLOW_COMMAND_TIMEOUT = 40.0


class Listener(Protocol):
    """Who hears what the PBX tells.  All are plain calls from the client's own task."""

    def on_connected(self, snapshot: Snapshot) -> None: ...

    def on_event(self, event: Event) -> None: ...

    def on_disconnected(self, reason: PascomError) -> None: ...


class Witness(Protocol):
    """Who hears the same as it crosses the wire, after the listener."""

    def on_snapshot(self, snapshot: Mapping[str, Any]) -> None: ...

    def on_event(self, event: Event) -> None: ...

    def on_disconnected(self) -> None: ...


@dataclass(slots=True)
class PascomClient:
    """The PBX for as long as `run()` runs; it connects, listens, and comes back after every loss."""

    session: ClientSession
    endpoint: Endpoint
    token: str = field(repr=False)
    listener: Listener
    witness: Witness | None = None
    _connection: Connection | None = None
    _sooner: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def connected(self) -> bool:
        return self._connection is not None

    async def run(self) -> None:
        """Stay connected until cancelled.  Returns only when the token is refused; the listener hears of every loss."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self._stay()
            except PascomError as err:
                if self._connection is not None:
                    pause = FIRST_PAUSE
                self._connection = None
                self.listener.on_disconnected(err)
                if self.witness is not None:
                    self.witness.on_disconnected()
                if isinstance(err, Unauthorized):
                    return
            finally:
                self._connection = None
            self._sooner.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._sooner.wait()
            pause = min(pause * 2, LONGEST_PAUSE)

    def hurry(self) -> None:
        """Try again now: something says that the PBX is back."""
        self._sooner.set()

    async def _stay(self) -> None:
        async with connect(self.session, self.endpoint) as connection:
            await connection.authenticate(self.token)
            wire = await connection.command("subscribe")
            snapshot = Snapshot.from_wire(wire)
            self._connection = connection
            self.listener.on_connected(snapshot)
            if self.witness is not None:
                self.witness.on_snapshot(wire)
            connection.listen(self._hear)
            await connection.stay()

    def _hear(self, event: Event) -> None:
        try:
            self.listener.on_event(event)
        finally:
            if self.witness is not None:
                self.witness.on_event(event)

    async def command(
        self, kind: str, *, actor: Actor | None = None, timeout: float = COMMAND_TIMEOUT, **fields: Any
    ) -> Any:
        """Any command of the API.  Raises CannotConnect at once while the PBX is away."""
        if self._connection is None:
            raise CannotConnect("The PBX is not connected.")
        return await self._connection.command(kind, actor=actor, timeout=timeout, **fields)

    # Doors

    async def open_door(self, door: str, actor: Actor | None) -> str:
        """Returns how it was opened: `dtmf`, `http` or `event`."""
        return str((await self.command("door/open", actor=actor, door=door))["how"])

    async def call_door(self, door: str, actor: Actor | None) -> None:
        await self.command("door/call", actor=actor, door=door)

    async def end_call(self, door: str, actor: Actor | None) -> None:
        await self.command("door/end", actor=actor, door=door)

    async def watch(
        self, door: str, session: str, offer: str, ice_servers: list[dict[str, Any]], actor: Actor | None
    ) -> str:
        """Begin a WebRTC session and return the answer's SDP, all candidates in it."""
        result = await self.command(
            "door/watch",
            actor=actor,
            timeout=SLOW_COMMAND_TIMEOUT,
            door=door,
            session=session,
            offer=offer,
            ice_servers=ice_servers,
        )
        return str(result["answer"])

    async def candidate(self, session: str, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None) -> None:
        await self.command(
            "webrtc/candidate", session=session, candidate=candidate, sdp_mid=sdp_mid, sdp_m_line_index=sdp_m_line_index
        )

    async def close_session(self, session: str) -> None:
        await self.command("webrtc/close", session=session)

    async def image(self, door: str, actor: Actor | None = None) -> Picture:
        """A fresh still image of the door."""
        return _picture(await self.command("door/image", actor=actor, timeout=SLOW_COMMAND_TIMEOUT, door=door))

    async def last_visitor(self, door: str) -> Picture | None:
        """The picture taken at the last ring, if there is one."""
        result = await self.command("door/last_visitor", door=door)
        return None if result is None else _picture(result)

    async def profiles(self) -> list[Profile]:
        return [Profile.from_wire(profile) for profile in (await self.command("profile/list"))["profiles"]]

    async def add_door(self, actor: Actor | None, **fields: Any) -> tuple[Door, Account]:
        result = await self.command("door/add", actor=actor, **fields)
        return Door.from_wire(result["door"]), Account.from_wire(result["account"])

    async def update_door(self, door: str, actor: Actor | None, **fields: Any) -> Door:
        return Door.from_wire((await self.command("door/update", actor=actor, door=door, **fields))["door"])

    async def remove_door(self, door: str) -> None:
        await self.command("door/remove", door=door)

    async def door_account(self, door: str, actor: Actor | None) -> Account:
        return Account.from_wire((await self.command("door/account", actor=actor, door=door))["account"])

    # People

    async def link_user(self, ha_user: str, name: str, user: str | None, roles: list[str]) -> User:
        """Link a Home Assistant user to `user`, or to a new one (None) with the next free extension and `roles`."""
        given: dict[str, Any] = {"roles": roles} if user is None and roles else {}
        return User.from_wire((await self.command("user/link", ha_user=ha_user, name=name, user=user, **given))["user"])

    async def unlink_user(self, ha_user: str) -> None:
        await self.command("user/unlink", ha_user=ha_user)

    async def set_roles(self, user: str, roles: list[str]) -> None:
        await self.command("user/update", user=user, roles=roles)

    async def roles(self) -> list[Role]:
        return [Role.from_wire(role) for role in (await self.command("role/list"))["roles"]]

    async def save_role(
        self,
        role: str,
        see: list[str],
        may_open: list[str],
        dial: list[str] | None = None,
        rooms: list[str] | None = None,
    ) -> None:
        given = {"dial": dial, "rooms": rooms}
        more: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        await self.command("role/save", role=role, see=see, open=may_open, **more)


def _picture(result: Mapping[str, Any]) -> Picture:
    at = result.get("at")
    return Picture(
        content_type=result["content_type"],
        data=base64.b64decode(result["data"]),
        at=datetime.fromisoformat(at) if at else None,
    )
