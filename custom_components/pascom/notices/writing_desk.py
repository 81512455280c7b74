"""What those who write notifications share: the PBX, the people with the app, and the buttons that are offered."""

from collections.abc import Callable, Coroutine
from typing import Any

from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from ..coordinator import PascomConfigEntry, PascomCoordinator
from ..wire.errors import CommandFailed
from ..wire.models import Snapshot
from .app_phones import AppPhones
from .apps import CLEAR, App, Apps, Note, clearing
from .notes import at_pbx
from .offers import Offers
from .readers import Reader, Readers


class Desk:
    def __init__(self, hass: HomeAssistant, entry: PascomConfigEntry) -> None:
        data = entry.runtime_data
        self.hass = hass
        self.entry_id = entry.entry_id
        self.coordinator: PascomCoordinator = data.coordinator
        self.apps = Apps(hass)
        self.readers = Readers(hass, self.apps)
        self.offers = Offers(entry.entry_id[-8:], hass.loop.time)
        self.phones = AppPhones(hass, data.client.command, data.people)
        self._data = data

    @property
    def snapshot(self) -> Snapshot:
        return self.coordinator.data

    async def reader(self, user: str) -> Reader | None:
        """The PBX's user of this name, where they have the app."""
        known = self.snapshot.users.get(user)
        return await self.readers.reader(known) if known else None

    @callback
    def show_on(self, app: App, note: Note) -> None:
        """On one phone.  Where there are several PBXs its links say which one is meant."""
        several = len(self.hass.config_entries.async_entries(DOMAIN, include_ignore=False, include_disabled=False)) > 1
        self.apps.show(app, at_pbx(note, self.entry_id) if several else note)

    @callback
    def show(self, reader: Reader, note: Callable[[App], Note]) -> None:
        """On every phone of the reader."""
        for app in reader.apps:
            self.show_on(app, note(app))

    @callback
    def show_all(self, reader: Reader, note: Note, *, critical: bool = False) -> None:
        """The same on each.  What rang `critical` is taken away first, as Apple lets nothing take its place."""
        for app in reader.apps:
            if critical and app.apple and note.message != CLEAR:
                self.show_on(app, clearing(note.tag))
                self.show_on(app, note.apart())
            else:
                self.show_on(app, note)

    async def ask(self, reader: Reader, command: str, **fields: Any) -> Any:
        """As the reader, whose rights the PBX knows.  Raises PascomError."""
        actor = await self._data.people.actor_by_id(reader.ha_user)
        if actor is None:  # that would be the system, which may all
            raise CommandFailed("This is for people.", code="forbidden")
        return await self._data.client.command(command, actor=actor, **fields)

    @callback
    def later(self, work: Coroutine[Any, Any, None], what: str) -> None:
        self._data.coordinator.config_entry.async_create_background_task(self.hass, work, f"{DOMAIN} {what}")
