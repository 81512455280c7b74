"""Who is brought into a room by somebody who steers it: they need not know its PIN, for a moment."""

from collections.abc import Iterable

EXPECTED_SECONDS = 30.0
"""A transfer and a call of one's own take less."""
MOST = 200
"""Of all rooms."""


class Expected:
    """A guest is a call or a user, whose kinds of names cannot be taken for each other: `call:1f`, `user:anna`."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}

    def expect(self, room: str, guests: Iterable[str], now: float) -> None:
        """`now` in seconds.  The oldest are forgotten where there are too many."""
        self._until = {key: until for key, until in self._until.items() if until > now}
        for guest in guests:
            self._until.pop((room, guest), None)
            self._until[room, guest] = now + EXPECTED_SECONDS
        for key in list(self._until)[:-MOST]:
            del self._until[key]

    def comes(self, room: str, guests: Iterable[str], now: float) -> bool:
        """Whether one of these is expected; each is let in once."""
        found = [guest for guest in guests if self._until.get((room, guest), now) > now]
        for guest in found:
            del self._until[room, guest]
        return bool(found)


def guests_of(call: str, user: str) -> list[str]:
    return [f"call:{call}", *([f"user:{user}"] if user else [])]
