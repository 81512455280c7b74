"""The open pages of the panel, of one PBX: each hears what its user may, and rings as a phone of that user.

Pages outlive a reload of the integration: they are told that the PBX is away, and again when it is back.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from homeassistant.auth.models import User as HassUser
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, LOGGER
from ..people import People, as_actor
from ..wire.errors import CannotConnect, PascomError
from ..wire.models import Actor, Event
from ..wire.phones import Command
from .pictures import PICTURES
from .sight import House, Json, Sight

# Of one user: a tablet on each wall and some forgotten tabs.
MOST_PAGES = 50
# Events that a page gets while it is found out what it may hear.
_MOST_WAITING = 1000

type Send = Callable[[dict[str, Any]], None]


class Page:
    """One open page.  `here` is the PBX user whose phone it is right now, empty while it is nobody's."""

    __slots__ = (
        "again",
        "closed",
        "device",
        "here",
        "idle",
        "legs",
        "owner",
        "rings",
        "send",
        "sight",
        "task",
        "told_connected",
        "user",
        "waiting",
    )

    def __init__(self, user: HassUser, device: str, *, rings: bool, send: Send, owner: object) -> None:
        self.user = user
        self.device = device
        self.rings = rings
        self.send = send
        self.owner = owner
        self.here = ""
        # Nobody has touched it for as long as its user finds long.
        self.idle = False
        # What the PBX said when the page became its phone, until the page has been told.
        self.legs: dict[str, Any] | None = None
        self.sight: Sight | None = None
        self.waiting: list[Json] | None = None
        self.told_connected: bool | None = None
        self.again = False
        self.closed = False
        self.task: asyncio.Task[None] | None = None

    def hear(self, event: Json) -> None:
        """Tell what the user may know of it, and of this page's own calls all."""
        if self.sight is None:
            return
        shown: Json | None
        if event["kind"].startswith("phone_"):
            own = event["user"] == self.here and event["device"] == self.device
            shown = event if own and self.here else None
        else:
            shown = self.sight.event(event)
        if shown is not None:
            self.send({"type": "event", "event": shown})


class Pages:
    """`attach` while the PBX's entry is loaded; hears everything as it crosses the wire, as `client.Witness` says."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._house = House()
        self._pages: list[Page] = []
        # Users of whom the PBX was told that they have left their pages, or came back.
        self._idle: dict[str, bool] = {}
        self._command: Command | None = None
        self._people: People | None = None
        self._connected = False

    def attach(self, command: Command, people: People) -> None:
        """From now on the PBX can be asked."""
        self._command, self._people = command, people
        self._look_at_all()

    async def detach(self) -> None:
        """The entry is unloaded; the pages are no phones from now on, and wait for it to come back."""
        tasks = [page.task for page in self._pages if page.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._connected:
            here = {(page.here, page.device) for page in self._pages if page.here}
            await asyncio.gather(*(self._say_gone(user, device) for user, device in here))
        self._lose()
        self._command = self._people = None

    # What the PBX says

    @callback
    def on_snapshot(self, snapshot: Json) -> None:
        self._connected = True
        self._house.begin(snapshot)
        for page in self._pages:
            # Whatever the PBX knew of it went with the connection.
            page.here = ""
        self._look_at_all()

    @callback
    def on_event(self, event: Event) -> None:
        self._house.hear(event.data)
        if event.kind == "directory_changed":
            self._look_at_all()
            return
        for page in tuple(self._pages):
            if page.waiting is None:
                page.hear(event.data)
            elif len(page.waiting) < _MOST_WAITING:
                page.waiting.append(event.data)

    @callback
    def on_disconnected(self) -> None:
        self._lose()

    # Pages that come and go

    def knows(self, user: HassUser) -> bool:
        """Whether this user of Home Assistant is somebody to the PBX, as far as it ever said."""
        return any(each["ha_user"] == user.id for each in self._house.snapshot.get("users", ()))

    def count(self, user: HassUser) -> int:
        return sum(page.user.id == user.id for page in self._pages)

    @callback
    def open(self, user: HassUser, device: str, *, rings: bool, send: Send, owner: object) -> Callable[[], None]:
        """Begin to tell this page, with a snapshot first.  Returns what closes it; `owner` is its connection."""
        page = Page(user, device, rings=rings, send=send, owner=owner)
        self._pages.append(page)
        if self._there:
            self._look_again(page)
        else:
            self._show_without(page)
        return lambda: self._close(page)

    @callback
    def tell(self, owner: object, event: Json) -> None:
        """Tell the pages of this connection what is for them alone."""
        for page in self._pages:
            if page.owner is owner:
                page.send({"type": "event", "event": event})

    @callback
    def tell_picture(self, ha_user: str, url: str) -> None:
        """Somebody looks different from now on."""
        users = self._house.snapshot.get("users", ())
        user = next((each["name"] for each in users if each.get("ha_user") == ha_user), None)
        for page in self._pages:
            if user is not None and page.sight is not None:
                page.send({"type": "picture", "user": user, "url": url})

    @callback
    def tell_preferences(self, ha_user: str, preferences: Json) -> None:
        """Something is different from now on, on all pages of this user."""
        for page in self._pages:
            if page.user.id == ha_user:
                page.send({"type": "preferences", "preferences": preferences})

    @callback
    def tell_idle(self, owner: object, *, idle: bool) -> None:
        """Whether somebody sits at the pages of this connection."""
        for page in self._pages:
            if page.owner is owner and page.idle != idle:
                page.idle = idle
                self._idle_changed(page)

    @callback
    def _idle_changed(self, page: Page) -> None:
        """Who has left all their pages is away, until somebody is at one of them again.

        Where the last of them closes it stays as it is: who shuts a computer that nobody touched is still away.
        """
        if not self._there or not page.here:
            return
        user = page.here
        pages = [each for each in self._pages if each.here == user]
        if not pages or (idle := all(each.idle for each in pages)) == self._idle.get(user, False):
            return
        self._idle[user] = idle
        self._background(self._say_idle(user, idle=idle), "tells who is away")

    @callback
    def _close(self, page: Page) -> None:
        if page.closed:
            return
        page.closed = True
        self._pages.remove(page)
        self._idle_changed(page)
        if page.here and self._connected:
            self._background(self._leave(page), "closes a page")

    # Private

    @property
    def _there(self) -> bool:
        return self._connected and self._command is not None

    @callback
    def _look_at_all(self) -> None:
        if self._there:
            for page in self._pages:
                self._look_again(page)

    @callback
    def _look_again(self, page: Page) -> None:
        """Find out what the page may hear; what happens meanwhile waits."""
        page.again = True
        if page.waiting is None:
            page.waiting = []
        if page.task is None or page.task.done():
            page.task = self._background(self._look(page), "looks after a page")

    async def _look(self, page: Page) -> None:
        while page.again and not page.closed and self._connected:
            page.again = False
            try:
                sight = await self._find_out(page)
            except CannotConnect:
                continue  # on_disconnected tells the page
            except PascomError as err:
                LOGGER.warning("A page of the panel is not told anything: %s", err.message)
                self._show_without(page)
                page.waiting = None
                continue
            if self._is_true(page):
                self._show(page, sight)

    def _is_true(self, page: Page) -> bool:
        """Whether what was found out still is so."""
        return self._connected and not page.again and not page.closed

    async def _find_out(self, page: Page) -> Sight:
        """What the user may hear; the page is their phone then.  Raises PascomError."""
        command, people = self._command, self._people
        if command is None or people is None:
            raise CannotConnect("The PBX is not connected.")
        if (actor := await people.actor(page.user)) is None:
            actor = as_actor(page.user)
        may = await command("user/rights", actor=actor)
        sight = Sight(
            may["user"] or "",
            doors=[door for door, rights in may["doors"].items() if rights["see"]],
            rooms=may["rooms"],
            admin=actor.admin,
        )
        if page.here and page.here != sight.user:
            await self._leave(page)
        if sight.user and not page.here and not page.closed:
            await self._arrive(page, command, sight.user, actor)
        return sight

    async def _arrive(self, page: Page, command: Command, user: str, actor: Actor) -> None:
        """Be a phone of this user, or say why not."""
        page.here = user
        rings = any(each.rings for each in self._same(user, page.device))
        try:
            here = await command("phone/here", actor=actor, device=page.device, rings=rings)
        except CannotConnect:
            raise
        except PascomError as err:
            page.here = ""
            page.legs = {"type": "legs", "legs": [], "error": {"code": err.code, "message": err.message}}
        else:
            page.legs = {"type": "legs", "legs": here["legs"]}

    async def _leave(self, page: Page) -> None:
        """Be this user's phone no more, but for another tab of the same browser."""
        user, page.here = page.here, ""
        if not (others := self._same(user, page.device)):
            await self._say_gone(user, page.device)
        elif page.rings and not any(each.rings for each in others):
            others[0].here = ""
            self._look_again(others[0])

    async def _say_gone(self, user: str, device: str) -> None:
        if self._command is None:
            return
        try:
            await self._command("phone/gone", user=user, device=device)
        except PascomError as err:
            LOGGER.debug("The PBX was not told that a page is gone: %s", err.message)

    async def _say_idle(self, user: str, *, idle: bool) -> None:
        if self._command is None:
            return
        try:
            await self._command("user/set", user=user, idle=idle)
        except PascomError as err:
            LOGGER.debug("The PBX was not told whether somebody is there: %s", err.message)

    def _same(self, user: str, device: str) -> list[Page]:
        return [page for page in self._pages if (page.here, page.device) == (user, device)]

    @callback
    def _show(self, page: Page, sight: Sight) -> None:
        page.sight = sight if sight.user else None
        told, page.told_connected = page.told_connected, True
        if told is False:
            page.send({"type": "connected", "connected": True})
        page.send(self._snapshot(page, sight))
        if page.legs is not None:
            page.send(page.legs)
            page.legs = None
        self._idle_changed(page)
        waiting, page.waiting = page.waiting or [], None
        for event in waiting:
            page.hear(event)

    @callback
    def _show_without(self, page: Page) -> None:
        """What is known of the page's user while the PBX cannot be asked."""
        known = next((user for user in self._house.snapshot.get("users", ()) if user["ha_user"] == page.user.id), None)
        page.told_connected = False
        page.sight = None
        page.send(self._snapshot(page, Sight(known["name"] if known else "")))

    def _snapshot(self, page: Page, sight: Sight) -> dict[str, Any]:
        """Somebody who is nobody to the PBX sees nothing; while it is away nobody can say who that is."""
        user = self._house.user(sight.user) if sight.user else None
        shown = sight.snapshot(self._house.snapshot) if user is not None else None
        if shown is not None and not page.told_connected:
            shown["calls"] = []
        me = {
            "user": sight.user,
            "display_name": user["display_name"] if user is not None else page.user.name or "",
            "extension": user["extension"] if user is not None else "",
            "linked": user is not None,
            "admin": page.user.is_admin,
        }
        return {
            "type": "snapshot",
            "snapshot": shown,
            "me": me,
            "connected": bool(page.told_connected),
            "pictures": self._pictures() if shown is not None else {},
        }

    def _pictures(self) -> dict[str, str]:
        """Where the faces of those are who have one."""
        pictures = self._hass.data[PICTURES]
        linked = ((user["name"], user.get("ha_user")) for user in self._house.snapshot.get("users", ()))
        return {name: url for name, ha_user in linked if ha_user and (url := pictures.url_of(ha_user))}

    @callback
    def _lose(self) -> None:
        self._connected = False
        self._idle.clear()
        for page in self._pages:
            page.here, page.legs, page.waiting, page.again = "", None, None, False
            if page.told_connected:
                page.told_connected = False
                page.send({"type": "connected", "connected": False})

    def _background(self, work: Coroutine[Any, Any, None], what: str) -> asyncio.Task[None]:
        return self._hass.async_create_background_task(work, f"{DOMAIN} {what}")


_PAGES: HassKey[dict[str, Pages]] = HassKey(f"{DOMAIN}_pages")


@callback
def pages_of(hass: HomeAssistant, entry_id: str) -> Pages:
    """The pages of this config entry, whether it is loaded or not."""
    known = hass.data.setdefault(_PAGES, {})
    if entry_id not in known:
        known[entry_id] = Pages(hass)
    return known[entry_id]


@callback
def all_pages(hass: HomeAssistant) -> list[Pages]:
    return list(hass.data.get(_PAGES, {}).values())


@callback
def forget_pages(hass: HomeAssistant, entry_id: str) -> None:
    """The entry is removed: nobody speaks to its pages any more."""
    hass.data.get(_PAGES, {}).pop(entry_id, None)
