"""Notifications of the Home Assistant app: whoever the PBX rings is rung there too, until it is over.

They are sent whether or not a page of the same person rings: a tablet on the wall must not keep a pocket quiet.
"""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.core import Event as HassEvent
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..const import CONF_NOTIFICATIONS, DOMAIN, LOGGER
from ..coordinator import PascomConfigEntry
from ..preferences import PREFERENCES
from ..wire.models import Event
from .apps import MOBILE_APP
from .call_notes import CallNotes
from .door_notes import DoorNotes
from .notes import Look, area_link
from .texts import texts_in
from .unread import Unread
from .writing_desk import Desk

EVENT_ACTION = "mobile_app_notification_action"

# Seconds for the last words to phones when the integration is unloaded.
_FAREWELL = 2.0


class Notifications:
    """Of one PBX.  Hears everything as `client.Witness` says, which means nothing before `start`."""

    def __init__(self, hass: HomeAssistant, entry: PascomConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._desk = desk = Desk(hass, entry)
        self._doors = DoorNotes(desk)
        self._unread = Unread(desk)
        self._calls = CallNotes(desk, self._unread)
        self._started = False
        self._links: dict[str, str | None] = {}
        self._stops: list[CALLBACK_TYPE] = []

    @callback
    def start(self) -> None:
        hass = self._hass
        self._started = True
        self._stops = [
            hass.bus.async_listen(EVENT_ACTION, self._pressed),
            async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed),
            hass.data[PREFERENCES].listen(self._preferred),
        ]
        self._look_who()

    async def stop(self) -> None:
        """What still rings is taken from the phones."""
        self._started = False
        for stop in self._stops:
            stop()
        self._stops = []
        self._silence()
        await self._desk.phones.close()
        await self._desk.apps.close(_FAREWELL)

    def state(self) -> dict[str, Any]:
        """For diagnostics: no secret and nobody's name; `not_reached` has a sentence for each phone that was not."""
        having = self._desk.readers.among(self._desk.snapshot.users.values())
        return {
            "enabled": self._enabled,
            "people_with_app": len(having),
            "people_whose_app_rings": sum(map(self._desk.phones.is_here, having)),
            "not_reached": sorted(self._desk.apps.failing.values()),
        }

    # What the PBX says

    @callback
    def on_snapshot(self, _snapshot: Mapping[str, Any]) -> None:
        if self._started:
            self._desk.phones.lost()
            if self._enabled:
                self._doors.on_snapshot()
            self._look_who()

    @callback
    def on_event(self, event: Event) -> None:
        if not self._started:
            return
        if event.kind == "directory_changed":
            self._look_who()
        elif event.kind == "user_changed":
            # People are told of all the time; what matters here is who they are in Home Assistant.
            if self._links.get(name := str(event.data["user"])) != event.data["state"].get("ha_user"):
                LOGGER.debug("%s is somebody else in Home Assistant", name)
                self._look_who()
            self._unread.look(name)
        elif self._enabled:
            self._doors.on_event(event)
            self._calls.on_event(event)

    @callback
    def on_disconnected(self) -> None:
        self._desk.phones.lost()
        self._calls.close()

    # What Home Assistant says

    @callback
    def _entry_changed(self, change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """An app came or went, or the option was changed."""
        if entry.domain == MOBILE_APP or (
            entry.entry_id == self._entry.entry_id and change is ConfigEntryChange.UPDATED
        ):
            self._look_who()
            if not self._enabled:
                self._silence()

    @callback
    def _preferred(self, ha_user: str) -> None:
        self._look_who()
        for user, linked in self._links.items():
            if linked == ha_user:
                self._unread.look(user)

    @callback
    def _look_who(self) -> None:
        """Whose app is a phone of theirs."""
        if not self._started:
            return
        users, readers = self._desk.snapshot.users.values(), self._desk.readers
        self._links = {user.name: user.ha_user for user in users}
        having = readers.among(users) if self._enabled else {}
        self._desk.phones.want({user: ha_user for user, ha_user in having.items() if readers.wants(ha_user).call})

    @callback
    def _pressed(self, event: HassEvent) -> None:
        data = event.data
        token, offers = data.get("action"), self._desk.offers
        if not isinstance(token, str) or not offers.is_mine(token):
            return
        try:
            offer = offers.take(token, event.context.user_id, data)
        except KeyError, PermissionError:
            return
        if offer is None:
            self._is_over(event.context.user_id, data)
            return

        async def run() -> None:
            await offer.run()

        self._entry.async_create_background_task(self._hass, run(), f"{DOMAIN} {offer.verb}")

    @callback
    def _is_over(self, user: str | None, data: Mapping[str, Any]) -> None:
        """A button of a notification that its phone did not lose in time."""
        apps = self._desk.apps.of(user) if user else []
        said = [app for app in apps if app.webhook == data.get("webhook_id")]
        texts = texts_in([self._hass.config.language])
        look = Look(
            tag="pascom-over", link=area_link("contacts"), channel=texts["channel_quiet"], icon="mdi:bell-off-outline"
        )
        for app in said or apps:
            self._desk.apps.show(app, look.quiet(self._entry.title, texts["over"], stays=False))

    # Private

    @property
    def _enabled(self) -> bool:
        return bool(self._entry.options.get(CONF_NOTIFICATIONS, True))

    @callback
    def _silence(self) -> None:
        self._doors.close()
        self._calls.close()
