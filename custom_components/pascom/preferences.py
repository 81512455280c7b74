"""What Home Assistant keeps for each of its users: which notifications they want, their picture, own texts.

One file for all PBXs, as a person has one taste.  It lies with Home Assistant's other data and goes into its backups.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import probatio as vol
from homeassistant.auth import EVENT_USER_REMOVED
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, LOGGER

# Own texts for one's availability, and characters of each.
MOST_TEXTS = 20
MOST_OF_TEXT = 60
# Minutes without a touch until one counts as away.
LONGEST_AWAY = 24 * 60
_MOST_OF_ADDRESS = 512
_MOST_OF_MOMENT = 40
# In place of a picture's address: no picture at all, not even the one that Home Assistant has of the person.
INITIALS = "initials"
_ADDRESSES = ("/", "https://", "http://")

_VERSION = 1
# Seconds; who moves a switch to and fro is written once.
_SAVE_DELAY = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifications:
    """Which kinds of notifications a person wants; with `critical` doors ring on phones that are silent, too."""

    door: bool = True
    call: bool = True
    missed: bool = True
    voicemail: bool = True
    critical: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """Of one person.  `picture` is an address, INITIALS or empty, `away_after` minutes, 0 for never.

    `seen` is when they last looked at their journal, on whatever device, empty for never.
    """

    notifications: Notifications = field(default_factory=Notifications)
    picture: str = ""
    texts: tuple[str, ...] = ()
    away_after: int = 0
    seen: str = ""

    def to_wire(self) -> dict[str, Any]:
        return {**asdict(self), "texts": list(self.texts)}

    def changed(self, changes: Mapping[str, Any]) -> Preference:
        """With what is named in `changes`, of the notifications single kinds too.  Raises vol.Invalid."""
        taken = CHANGES(dict(changes))
        if "notifications" in taken:
            taken["notifications"] = replace(self.notifications, **taken["notifications"])
        return replace(self, **taken)


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise vol.Invalid("expected bool")
    return value


def _minutes(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LONGEST_AWAY:
        raise vol.Invalid(f"expected 0 to {LONGEST_AWAY} minutes")
    return value


def _picture(value: Any) -> str:
    """An address that a page may show as a picture: none that would run something."""
    if not isinstance(value, str) or len(value) > _MOST_OF_ADDRESS or not value.isprintable():
        raise vol.Invalid("expected an address")
    if value not in ("", INITIALS) and not value.startswith(_ADDRESSES):
        raise vol.Invalid("expected an address")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_TEXTS:
        raise vol.Invalid(f"expected at most {MOST_TEXTS} texts")
    for text in value:
        if not isinstance(text, str) or not 0 < len(text.strip()) <= len(text) <= MOST_OF_TEXT:
            raise vol.Invalid(f"expected texts of 1 to {MOST_OF_TEXT} characters")
    return tuple(dict.fromkeys(text.strip() for text in value))


def _moment(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _MOST_OF_MOMENT:
        raise vol.Invalid("expected a time")
    if value and ((moment := dt_util.parse_datetime(value)) is None or moment.tzinfo is None):
        raise vol.Invalid("expected a time")
    return value


CHANGES = vol.Schema(
    {
        vol.Optional("notifications"): {vol.Optional(kind.name): _switch for kind in fields(Notifications)},
        vol.Optional("picture"): _picture,
        vol.Optional("texts"): _texts,
        vol.Optional("away_after"): _minutes,
        vol.Optional("seen"): _moment,
    }
)


class Preferences:
    """All of them, by the id of Home Assistant's user; `load` once, before anything is asked."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._store: Store[dict[str, Any]] = Store(hass, _VERSION, f"{DOMAIN}.preferences")
        self._users: dict[str, Preference] = {}
        self._listeners: list[Callable[[str], None]] = []

    async def load(self) -> None:
        """Read what was kept, but for users that are gone, and forget whoever goes from now on."""
        kept = await self._store.async_load() or {}
        known = {user.id for user in await self._hass.auth.async_get_users()}
        for user, changes in kept.get("users", {}).items():
            if user in known:
                try:
                    self._users[user] = Preference().changed(changes)
                except vol.Invalid as err:
                    LOGGER.warning("What was kept for a user of Home Assistant cannot be read: %s", err)
        self._hass.bus.async_listen(EVENT_USER_REMOVED, self._forget_user)

    def of(self, user: str) -> Preference:
        return self._users.get(user, Preference())

    @callback
    def change(self, user: str, changes: Mapping[str, Any]) -> Preference:
        """Returns what counts from now on.  Raises vol.Invalid, and then nothing has changed."""
        self._users[user] = changed = self.of(user).changed(changes)
        self._save()
        for listener in tuple(self._listeners):
            listener(user)
        return changed

    @callback
    def look_at_journal(self, user: str) -> Preference:
        """They have seen whatever they missed until now."""
        return self.change(user, {"seen": dt_util.utcnow().isoformat(timespec="milliseconds")})

    @callback
    def listen(self, listener: Callable[[str], None]) -> CALLBACK_TYPE:
        """Hear which user of Home Assistant changed something."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def forget_all(self) -> None:
        """The last PBX is removed."""
        self._users.clear()
        await self._store.async_remove()

    @callback
    def _forget_user(self, event: Event) -> None:
        if self._users.pop(event.data["user_id"], None) is not None:
            self._save()

    @callback
    def _save(self) -> None:
        self._store.async_delay_save(self._kept, _SAVE_DELAY)

    def _kept(self) -> dict[str, Any]:
        return {"users": {user: preference.to_wire() for user, preference in self._users.items()}}


PREFERENCES: HassKey[Preferences] = HassKey(f"{DOMAIN}_preferences")


async def set_up(hass: HomeAssistant) -> None:
    hass.data[PREFERENCES] = preferences = Preferences(hass)
    await preferences.load()
