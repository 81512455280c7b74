"""Which names are refused from one address for a while, so that nobody else there has to suffer for them.

A phone that was removed, or has an old password, asks again and again; behind the same router are others that do
nothing wrong.  What fails there under a name that was let in from there before, or under one of the first names that
ever failed there, is counted for that name alone.  Whoever tries more names than that is no forgotten phone, and is
counted for the whole address (`lockout.py`).  Whether a name exists makes no difference.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from enum import Enum

from pbx_lite.calls.lockout import LockoutRules

_STRANGERS = 2
"""Names that were never let in from an address and are counted for themselves there all the same."""
_MOST_NAMES = 64
_LONGEST = 64


class Counted(Enum):
    """What became of a failure: counted for its `NAME`, which is `LOCKED` with this one, or to be for its `SOURCE`."""

    NAME = "name"
    LOCKED = "locked"
    SOURCE = "source"


@dataclass(slots=True)
class _Tally:
    since: float
    failures: int = 0
    locked_until: float = 0.0


@dataclass(slots=True)
class _Place:
    """One address: who was let in from there, the longest ago first, and who was not."""

    familiar: OrderedDict[str, None] = field(default_factory=OrderedDict)
    strangers: dict[str, float] = field(default_factory=dict)
    """Each with when it last failed: it makes room for another one an hour later."""
    tallies: dict[str, _Tally] = field(default_factory=dict)


class AccountLockout:
    """Counts by source host and name.  Memory is bounded: the address heard of longest ago is forgotten first."""

    def __init__(self, rules: LockoutRules | None = None) -> None:
        self._rules = rules or LockoutRules()
        self._places: OrderedDict[str, _Place] = OrderedDict()

    @property
    def seconds(self) -> float:
        """How long a name is refused."""
        return self._rules.seconds

    def locked(self, source: str, name: str, now: float) -> bool:
        place = self._places.get(source)
        tally = place.tallies.get(name) if place is not None else None
        return tally is not None and tally.locked_until > now

    def familiar(self, source: str, name: str) -> bool:
        """Whether this name was let in from there before."""
        place = self._places.get(source)
        return place is not None and name in place.familiar

    def succeeded(self, source: str, name: str) -> None:
        place = self._places.get(source)
        if place is None:
            place = self._place(source)
        elif name in place.familiar and not place.tallies:  # as nearly always
            return
        place.familiar[name] = None
        place.familiar.move_to_end(name)
        place.strangers.pop(name, None)
        place.tallies.pop(name, None)
        if len(place.familiar) > _MOST_NAMES:
            forgotten, _ = place.familiar.popitem(last=False)
            place.tallies.pop(forgotten, None)

    def failed(self, source: str, name: str, now: float) -> Counted:
        """Count a wrong password or an unknown name."""
        place = self._place(source)
        if name not in place.familiar and not self._is_counted_alone(place, name, now):
            return Counted.SOURCE
        tally = place.tallies.get(name)
        if tally is None or now - tally.since > self._rules.window:
            tally = place.tallies[name] = _Tally(now)
        tally.failures += 1
        if tally.failures < self._rules.failures:
            return Counted.NAME
        tally.locked_until = now + self._rules.seconds
        return Counted.LOCKED

    def failures(self, source: str, name: str) -> int:
        """How many failures of this name are counted at the moment."""
        place = self._places.get(source)
        tally = place.tallies.get(name) if place is not None else None
        return tally.failures if tally is not None else 0

    def _is_counted_alone(self, place: _Place, name: str, now: float) -> bool:
        strangers = place.strangers
        if name not in strangers:
            for gone in [each for each, last in strangers.items() if now - last > self._rules.memory]:
                del strangers[gone]
                place.tallies.pop(gone, None)
            if len(strangers) >= _STRANGERS or len(name) > _LONGEST:
                return False
        strangers[name] = now
        return True

    def _place(self, source: str) -> _Place:
        place = self._places.setdefault(source, _Place())
        self._places.move_to_end(source)
        while len(self._places) > self._rules.sources:
            self._places.popitem(last=False)
        return place
