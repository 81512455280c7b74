"""Slows down who guesses PINs: pure bookkeeping by caller and by what the PIN opens (the clock is an argument).

A caller who was wrong too often hears nothing but that for a while.  A room or mailbox is never closed by guesses; it
only answers later, to callers from outside because of callers from outside, and to the house because of the house.
"""

from collections import OrderedDict

from pbx_lite.calls.party import Party

MOST = 9
"""Wrong PINs of one caller, three calls of three, until they are locked out."""
FORGOTTEN = 900.0
"""Seconds after the last wrong PIN until all of them are forgotten."""
LONGEST = 8.0
"""Seconds that a PIN is looked at, at most."""
_FREE = 10
"""Wrong PINs at one place that cost nobody any time: people forget them."""
_MOST_NAMES = 1000


class Guessing:
    """Wrong PINs of late, as far as memory is bounded: who was wrong longest ago is forgotten first."""

    def __init__(self) -> None:
        self._callers = _Tally()
        self._places = _Tally()

    def locked(self, caller: Party, now: float) -> bool:
        return self._callers.count(_name_of(caller), now) >= MOST

    def pause(self, caller: Party, place: str, now: float) -> float:
        """Seconds until this caller is told whether a PIN was right; the same for right ones and wrong ones."""
        own = self._callers.count(_name_of(caller), now)
        others = self._places.count(_side_of(caller, place), now)
        return min(LONGEST, max(2.0**own / 4 if own else 0.0, (others - _FREE) / 4))

    def note(self, caller: Party, place: str, now: float, *, right: bool) -> None:
        if right:
            self._callers.forget(_name_of(caller))
        else:
            self._callers.add(_name_of(caller), now)
            self._places.add(_side_of(caller, place), now)


class _Tally:
    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def count(self, name: str, now: float) -> int:
        number, at = self._wrong.get(name, (0, 0.0))
        return number if now < at + FORGOTTEN else 0

    def add(self, name: str, now: float) -> None:
        self._wrong[name] = (self.count(name, now) + 1, now)
        self._wrong.move_to_end(name)
        while len(self._wrong) > _MOST_NAMES:
            self._wrong.popitem(last=False)

    def forget(self, name: str) -> None:
        self._wrong.pop(name, None)


def _name_of(caller: Party) -> str:
    """Who guesses: a user or a number; all of a line whose number it does not tell count as one."""
    if caller.user:
        return f"user {caller.user}"
    return f"{caller.trunk} {'' if caller.private else caller.number}"


def _side_of(caller: Party, place: str) -> str:
    return f"{place} {'outside' if caller.external else 'inside'}"
