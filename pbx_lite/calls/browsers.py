"""The browsers that are there as phones: pages of users that said so, each as long as its client's connection."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pbx_lite.calls.browser_leg import BrowserLeg, Told
from pbx_lite.calls.leg import UNREACHABLE, Leg, LegState
from pbx_lite.calls.plan import Attempt
from pbx_lite.clock import Clock
from pbx_lite.errors import Busy, NotFound, Unavailable
from pbx_lite.media.port import OPUS, Codec

ACCOUNT = "browser"
"""What follow me calls all browsers of a user."""
MOST_DEVICES = 20
"""Of one user."""
MOST_LEGS = 8
"""Calls of one page at the same time: one that is heard, those on hold, and those that ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang:
    """A page is told that it rings.  `door` is the door's name, where one does."""

    leg: str
    call: str
    name: str
    number: str
    door: str = ""
    auto_answer: bool = False


type News = Told | Rang
type Tell = Callable[[News], None]


@dataclass(eq=False, slots=True)
class Page:
    """One browser of a user; `rings` is whether it wants to be rung.  `tell` is None while its client is away."""

    user: str
    device: str
    tell: Tell | None
    rings: bool
    legs: dict[str, BrowserLeg]

    def hear(self, news: News) -> None:
        if self.tell is not None:
            self.tell(news)


class Browser:
    """A page that can be rung, as `calls.plan.Reachable` says."""

    account = ACCOUNT

    def __init__(self, browsers: Browsers, page: Page) -> None:
        self.user = page.user
        self._browsers = browsers
        self._page = page

    @property
    def device(self) -> str:
        return f"{ACCOUNT}:{self._page.device}"

    async def ring(self, attempt: Attempt) -> Leg:
        """Raises Unavailable where the page has gone, and Busy where it has too many calls."""
        origin, caller = attempt.leg, attempt.caller.public()
        if self._page.tell is None:
            raise Unavailable("The page is closed.")
        first = OPUS if caller.room else None  # rooms mix wideband
        leg = self._browsers.new_leg(self._page, origin.audio.codec if origin is not None else first)
        rang = Rang(
            leg=leg.id,
            call=attempt.call.id,
            name=caller.name,
            number=caller.number,
            door=caller.door,
            auto_answer=attempt.auto_answer,
        )
        self._page.hear(rang)
        leg.rings()
        return leg


class Browsers:
    """`on_change` hears the user whose browsers came or went; `on_arrival` one that may ring from now on."""

    def __init__(self, clock: Clock) -> None:
        self.on_change: Callable[[str], None] | None = None
        self.on_arrival: Callable[[str], None] | None = None
        self._clock = clock
        self._pages: dict[tuple[str, str], Page] = {}

    def here(self, user: str, device: str, tell: Tell, *, rings: bool = True) -> list[BrowserLeg]:
        """A page is there now, or again; the legs that it has still.  Raises Busy."""
        page = self._pages.get((user, device))
        if page is None:
            if sum(key[0] == user for key in self._pages) >= MOST_DEVICES:
                raise Busy("Too many of your browsers are open; close some.")
            page = self._pages[user, device] = Page(user, device, tell, rings, {})
        page.tell, page.rings = tell, rings
        for leg in tuple(page.legs.values()):
            leg.back()
        self._changed(user)
        if rings and self.on_arrival is not None:
            self.on_arrival(user)
        return list(page.legs.values())

    def gone(self, user: str, device: str, tell: Tell) -> None:
        """The page is closed, or its client's connection lost: what rings stops, who calls or talks may come back.

        Nothing happens where another connection has the page by now.
        """
        page = self._pages.get((user, device))
        if page is None or page.tell is not tell:
            return
        page.tell = None
        for leg in tuple(page.legs.values()):
            if leg.rung and leg.state is LegState.RINGING:
                leg.hangup(UNREACHABLE)
            else:
                leg.away()
        self._tidy(page)
        self._changed(user)

    def phones_of(self, user: str) -> list[Browser]:
        """The pages that want to ring for this user."""
        return [
            Browser(self, page)
            for (owner, _), page in self._pages.items()
            if owner == user and page.rings and page.tell is not None
        ]

    def page(self, user: str, device: str) -> Page:
        """Raises NotFound."""
        page = self._pages.get((user, device))
        if page is None or page.tell is None:
            raise NotFound("This browser has not said that it is there.")
        return page

    def leg(self, user: str, leg: str) -> BrowserLeg:
        """A leg of this user.  Raises NotFound."""
        for (owner, _), page in self._pages.items():
            if owner == user and leg in page.legs:
                return page.legs[leg]
        raise NotFound("This call is over.")

    def new_leg(self, page: Page, first: Codec | None = None) -> BrowserLeg:
        """Raises Busy."""
        if len(page.legs) >= MOST_LEGS:
            raise Busy("There are too many calls in this browser.")
        leg = BrowserLeg(clock=self._clock, tell=page.hear, first=first)
        page.legs[leg.id] = leg
        leg.on_end = lambda: self._ended(page, leg)
        return leg

    def close(self) -> None:
        for page in tuple(self._pages.values()):
            for leg in tuple(page.legs.values()):
                leg.hangup(UNREACHABLE)
        self._pages.clear()

    def forget(self, users: Iterable[str]) -> None:
        """Users who are no more: their pages are nobody's."""
        for user in users:
            for key, page in tuple(self._pages.items()):
                if key[0] == user:
                    page.tell = None
                    for leg in tuple(page.legs.values()):
                        leg.hangup(UNREACHABLE)
                    self._pages.pop(key, None)

    def _ended(self, page: Page, leg: BrowserLeg) -> None:
        page.legs.pop(leg.id, None)
        self._tidy(page)

    def _tidy(self, page: Page) -> None:
        if page.tell is None and not page.legs:
            self._pages.pop((page.user, page.device), None)

    def _changed(self, user: str) -> None:
        if self.on_change is not None:
            self.on_change(user)
