"""Who asks: Home Assistant's users and the PBX users they are linked to.  The link and the rights live in the PBX."""

import asyncio
from collections.abc import Callable

from homeassistant.auth.models import User as HassUser
from homeassistant.core import Context, HomeAssistant

from .const import CONF_AUTO_LINK, CONF_NEW_ROLES, CONF_NO_ACCESS, LOGGER
from .wire.client import PascomClient
from .wire.models import Actor, Snapshot, User


class People:
    """Finds on whose behalf something is asked, and makes the PBX user of a person at their first use."""

    def __init__(
        self,
        hass: HomeAssistant,
        client: PascomClient,
        options: Callable[[], dict[str, object]],
        snapshot: Callable[[], Snapshot],
    ) -> None:
        self._hass = hass
        self._client = client
        self._options = options
        self._snapshot = snapshot
        self._linking = asyncio.Lock()
        self._linked: set[str] = set()

    async def actor_of(self, context: Context | None) -> Actor | None:
        """The person behind a service call; None, the system, for an automation."""
        if context is None or context.user_id is None:
            return None
        user = await self._hass.auth.async_get_user(context.user_id)
        # A context whose user is gone keeps its id: the PBX knows nobody by it and refuses.
        return Actor(ha_user=context.user_id, name="?") if user is None else await self.actor(user)

    async def actor_by_id(self, user_id: str) -> Actor | None:
        return await self.actor_of(Context(user_id=user_id))

    async def actor(self, user: HassUser) -> Actor | None:
        """Who that is to the PBX, linked now if they are new and the options say so."""
        if user.system_generated:
            return None
        if self._wants_link(user.id):
            async with self._linking:
                if self._wants_link(user.id):
                    await self.link(user, None, self._new_roles())
        return as_actor(user)

    async def link(self, user: HassUser, pbx_user: str | None, roles: list[str]) -> User:
        """Link to `pbx_user`, or to a new PBX user (None); `roles` is what they have then."""
        linked = await self._client.link_user(user.id, user.name or user.id, pbx_user, roles)
        self._linked.add(user.id)
        if pbx_user is not None and not linked.provisioned and set(roles) != set(linked.roles):
            await self._client.set_roles(linked.name, roles)
        LOGGER.debug("%s is the PBX user %s with extension %s", user.name, linked.name, linked.extension)
        return linked

    async def admit(self, user: HassUser) -> User:
        """Make a PBX user of somebody who is none yet, with the roles of those who come new."""
        return await self.link(user, None, self._new_roles())

    async def unlink(self, user: HassUser) -> None:
        await self._client.unlink_user(user.id)
        self.forget(user.id)

    def forget(self, user_id: str) -> None:
        """Somebody is linked no more."""
        self._linked.discard(user_id)

    def _wants_link(self, user_id: str) -> bool:
        options = self._options()
        no_access = options.get(CONF_NO_ACCESS)
        return (
            bool(options.get(CONF_AUTO_LINK, True))
            and not (isinstance(no_access, list) and user_id in no_access)
            # The snapshot may come a moment after the link was made.
            and user_id not in self._linked
            and self._snapshot().user_of(user_id) is None
        )

    def _new_roles(self) -> list[str]:
        roles = self._options().get(CONF_NEW_ROLES)
        return [str(role) for role in roles] if isinstance(roles, list) else []


def as_actor(user: HassUser) -> Actor:
    return Actor(ha_user=user.id, name=user.name or user.id, admin=user.is_admin)
