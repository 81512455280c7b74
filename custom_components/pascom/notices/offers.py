"""What the buttons of notifications do.  A button is known by a random token, works once, on the phone that shows it.

Whoever presses it is who Home Assistant says the app belongs to, whatever the app says of itself.
"""

import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..const import LOGGER
from .apps import App

# Seconds that a button works at most: nothing rings longer.
LIFETIME = 600.0
MOST = 1000
_TOKEN_BYTES = 16
_MOST_OF_TOKEN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    app: App
    subject: str
    verb: str
    until: float
    run: Callable[[], Awaitable[None]]


class Offers:
    """`name` tells the buttons of several PBXs apart; `clock` counts seconds."""

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        self._prefix = f"PASCOM_{name.upper()}_"
        self._clock = clock
        self._offers: dict[str, Offer] = {}
        self._used: deque[str] = deque(maxlen=MOST)

    def make(self, app: App, subject: str, verb: str, run: Callable[[], Awaitable[None]]) -> str:
        """The token for this button: the same for a notification that is shown again."""
        now = self._clock()
        self._offers = {token: each for token, each in self._offers.items() if each.until > now}
        for token, each in self._offers.items():
            if (each.app, each.subject, each.verb) == (app, subject, verb):
                return token
        while len(self._offers) >= MOST:
            del self._offers[next(iter(self._offers))]
        token = f"{self._prefix}{secrets.token_hex(_TOKEN_BYTES).upper()}"
        self._offers[token] = Offer(app=app, subject=subject, verb=verb, until=now + LIFETIME, run=run)
        return token

    def withdraw(self, subject: str) -> None:
        """It is over: its buttons do nothing any more."""
        self._offers = {token: each for token, each in self._offers.items() if each.subject != subject}

    def is_mine(self, token: str) -> bool:
        return len(token) <= _MOST_OF_TOKEN and token.startswith(self._prefix)

    def take(self, token: str, user: str | None, said: Mapping[str, Any]) -> Offer | None:
        """The button that this user of Home Assistant pressed, which works no more; None for one that is over.

        `said` is what the app told of itself.  Raises PermissionError for somebody else's button, and KeyError for
        one that was pressed twice.
        """
        offer = self._offers.get(token)
        if offer is None or offer.until <= self._clock():
            if token in self._used:
                raise KeyError(token)
            return None
        if user != offer.app.user or said.get("webhook_id", offer.app.webhook) != offer.app.webhook:
            LOGGER.warning(
                "A button of the notification on %s was pressed by somebody else; nothing is done", offer.app.name
            )
            raise PermissionError(offer.app.name)
        del self._offers[token]
        self._used.append(token)
        return offer
