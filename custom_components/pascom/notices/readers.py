"""Who reads a notification: a person with the app, what they want to know, and their language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..preferences import PREFERENCES, Notifications
from ..wire.models import User
from .apps import App, Apps
from .texts import texts_in

FRONTEND = "frontend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """`user` is the PBX's, `ha_user` Home Assistant's."""

    user: str
    ha_user: str
    apps: tuple[App, ...]
    wants: Notifications
    texts: Mapping[str, str]

    def say(self, key: str, **values: Any) -> str:
        return self.texts[key].format_map(values)


class Readers:
    def __init__(self, hass: HomeAssistant, apps: Apps) -> None:
        self._hass = hass
        self._apps = apps

    def among(self, users: Iterable[User]) -> dict[str, str]:
        """Those who have the app: the PBX's name of each, and Home Assistant's id."""
        having = self._apps.users
        return {user.name: user.ha_user for user in users if user.ha_user in having and user.ha_user}

    def wants(self, ha_user: str) -> Notifications:
        return self._hass.data[PREFERENCES].of(ha_user).notifications

    async def reader(self, user: User) -> Reader | None:
        """None for somebody without the app, or whom nobody in Home Assistant is (any more)."""
        if user.ha_user is None or not (apps := self._apps.of(user.ha_user)):
            return None
        person = await self._hass.auth.async_get_user(user.ha_user)
        if person is None or not person.is_active:
            return None
        return Reader(
            user=user.name,
            ha_user=user.ha_user,
            apps=tuple(apps),
            wants=self.wants(user.ha_user),
            texts=texts_in([*await self._languages(user.ha_user), self._hass.config.language]),
        )

    async def _languages(self, ha_user: str) -> list[str]:
        """What the person chose in their profile, where they did."""
        if FRONTEND not in self._hass.config.components:
            return []
        from homeassistant.components.frontend.storage import async_user_store

        try:
            chosen = (await async_user_store(self._hass, ha_user)).data.get("language")
        except HomeAssistantError, OSError:
            return []
        language = chosen.get("language") if isinstance(chosen, dict) else None
        return [language] if isinstance(language, str) else []
