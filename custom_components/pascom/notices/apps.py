"""The phones and tablets that have the Home Assistant app, and how something is shown on them.

Each shows one notification for each tag.  What comes after waits for what is being sent, and of what waits only the
newest is sent: a phone that is slow to reach is never rung for what is over.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import probatio as vol
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN, LOGGER

MOBILE_APP = "mobile_app"
NOTIFY = "notify"
CLEAR = "clear_notification"

# Seconds; Home Assistant gives a push server ten.
SEND_TIMEOUT = 15.0
# Phones of one person; whoever has more has forgotten old ones.
MOST_APPS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One phone or tablet; `user` is Home Assistant's user who is logged in there.  `apple` is whose system it has."""

    user: str
    webhook: str
    name: str
    apple: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is shown.  `data` holds what the apps understand besides, the tag in it."""

    message: str
    title: str = ""
    data: Mapping[str, Any]

    @property
    def tag(self) -> str:
        return str(self.data["tag"])

    def apart(self) -> Note:
        """Beside what has its tag, not in its place."""
        return replace(self, data={**self.data, "tag": f"{self.tag}-over"})


def clearing(tag: str) -> Note:
    """Urgent as the ringing was: Android would let it wait until the phone is looked at."""
    return Note(message=CLEAR, data={"tag": tag, "ttl": 0, "priority": "high"})


class Apps:
    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        # By phone and tag: what is being sent, and what comes after.
        self._sending: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._next: dict[tuple[str, str], Note] = {}
        self._failing: dict[str, str] = {}

    def of(self, user: str) -> list[App]:
        """Those that can be reached by push, of this user of Home Assistant."""
        entries = self._hass.config_entries.async_entries(MOBILE_APP)
        mine = [entry for entry in entries if entry.data.get("user_id") == user and _takes_push(entry)]
        return [
            App(
                user=user,
                webhook=entry.data[CONF_WEBHOOK_ID],
                name=entry.data.get("device_name") or entry.title,
                apple=entry.data.get("manufacturer") == "Apple",
            )
            for entry in mine[:MOST_APPS]
        ]

    @property
    def users(self) -> set[str]:
        """Everybody in Home Assistant who has the app."""
        entries = self._hass.config_entries.async_entries(MOBILE_APP)
        return {str(entry.data.get("user_id")) for entry in entries if _takes_push(entry)}

    @property
    def failing(self) -> Mapping[str, str]:
        """Why phones were not reached when last tried, by their names."""
        return dict(self._failing)

    @callback
    def show(self, app: App, note: Note) -> None:
        """Returns at once."""
        key = (app.webhook, note.tag)
        self._next[key] = note
        if key not in self._sending:
            self._sending[key] = self._hass.async_create_background_task(
                self._send_all(app, key), f"{DOMAIN} notifies {app.name}", eager_start=False
            )

    async def close(self, patience: float) -> None:
        """What is being sent may take so many seconds more."""
        if tasks := set(self._sending.values()):
            _, late = await asyncio.wait(tasks, timeout=patience)
            for task in late:
                task.cancel()

    async def _send_all(self, app: App, key: tuple[str, str]) -> None:
        try:
            while (note := self._next.pop(key, None)) is not None:
                await self._send(app, note)
        finally:
            self._sending.pop(key, None)
            self._next.pop(key, None)

    async def _send(self, app: App, note: Note) -> None:
        service = self._service_of(app)
        if service is None:
            self._failed(app, "Home Assistant has no notify action for it (yet)")
            return
        fields: dict[str, Any] = {"message": note.message, "data": dict(note.data)}
        if note.title:
            fields["title"] = note.title
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                await self._hass.services.async_call(NOTIFY, service, fields, blocking=True)
        except TimeoutError:
            self._failed(app, f"it was not reached within {SEND_TIMEOUT:.0f} seconds")
        except (HomeAssistantError, vol.Invalid) as err:
            # What the app's integration says may hold the secret that names the phone.
            self._failed(app, str(err).replace(app.webhook, "…") or type(err).__name__)
        else:
            if self._failing.pop(app.name, None) is not None:
                LOGGER.info("Notifications reach %s again", app.name)

    def _service_of(self, app: App) -> str | None:
        """The action of the legacy kind: the newer entities show neither pictures nor buttons."""
        if MOBILE_APP not in self._hass.config.components or NOTIFY not in self._hass.data.get(MOBILE_APP, {}):
            return None
        from homeassistant.components.mobile_app.util import get_notify_service

        service = get_notify_service(self._hass, app.webhook)
        return service if service and self._hass.services.has_service(NOTIFY, service) else None

    def _failed(self, app: App, reason: str) -> None:
        """Told once, until it works again or fails otherwise."""
        if self._failing.get(app.name) != reason:
            self._failing[app.name] = reason
            LOGGER.warning("A notification did not reach %s: %s", app.name, reason)


def _takes_push(entry: ConfigEntry) -> bool:
    app = entry.data.get("app_data", {})
    remote = "push_token" in app and "push_url" in app
    return entry.state is ConfigEntryState.LOADED and (remote or "push_websocket_channel" in app)
