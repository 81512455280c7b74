"""Lets the app ring: to the PBX, who has the app has one more phone, which rings as their follow me says.

It never speaks.  A page of the panel, opened by its notification, joins the call and takes it.
"""

import asyncio

from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN, LOGGER
from ..people import People
from ..wire.errors import CannotConnect, PascomError
from ..wire.phones import Command

# What the PBX calls it, among the browsers of a person.
DEVICE = "app"


class AppPhones:
    """`wanted` are the PBX's users and those of Home Assistant that they are, as they are now."""

    def __init__(self, hass: HomeAssistant, command: Command, people: People) -> None:
        self._hass = hass
        self._command = command
        self._people = people
        self._wanted: dict[str, str] = {}
        self._here: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        self._again = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def is_here(self, user: str) -> bool:
        return user in self._here

    @callback
    def want(self, wanted: dict[str, str]) -> None:
        self._wanted = wanted
        self._again.set()
        if self._task is None or self._task.done():
            self._task = self._hass.async_create_background_task(self._follow(), f"{DOMAIN} lets apps ring")

    @callback
    def lost(self) -> None:
        """The PBX is away, and has forgotten."""
        self._here.clear()

    async def close(self) -> None:
        """Nobody's app rings any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.gather(*(self._leave(user) for user in tuple(self._here)))

    async def _follow(self) -> None:
        while self._again.is_set():
            self._again.clear()
            for user in [user for user, ha_user in self._here.items() if self._wanted.get(user) != ha_user]:
                await self._leave(user)
            for user, ha_user in tuple(self._wanted.items()):
                if user not in self._here:
                    await self._arrive(user, ha_user)

    async def _arrive(self, user: str, ha_user: str) -> None:
        self._here[user] = ha_user
        try:
            actor = await self._people.actor_by_id(ha_user)
            await self._command("phone/here", actor=actor, device=DEVICE, rings=True)
        except PascomError as err:
            self._here.pop(user, None)
            if not isinstance(err, CannotConnect) and self._refused.get(user) != err.message:
                self._refused[user] = err.message
                LOGGER.warning("The app of %s does not ring for calls: %s", user, err.message)

    async def _leave(self, user: str) -> None:
        if self._here.pop(user, None) is None:
            return
        try:
            await self._command("phone/gone", user=user, device=DEVICE)
        except PascomError as err:
            LOGGER.debug("The PBX was not told that the app of %s is gone: %s", user, err.message)

    async def busy(self, user: str, leg: str) -> None:
        """Not this phone: others that are rung go on ringing."""
        try:
            actor = await self._people.actor_by_id(self._here[user]) if user in self._here else None
            await self._command("phone/reject", actor=actor, leg=leg, busy=True)
        except PascomError as err:
            LOGGER.debug("The app of %s goes on being rung: %s", user, err.message)
