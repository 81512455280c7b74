"""Who may call what: roles, what is refused to everybody, and how much in an hour."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf

from pbx_lite.config import Calling
from pbx_lite.features.trunks.countries import Kind
from pbx_lite.features.trunks.numbers import Destination

HOUR = 3600.0
SYSTEM = ("emergency", "national", "mobile", "international")
"""What Home Assistant may call when nobody in particular does."""

_NEEDS = {
    Kind.EMERGENCY: "emergency",
    Kind.LOCAL: "national",
    Kind.NATIONAL: "national",
    Kind.MOBILE: "mobile",
    Kind.INTERNATIONAL: "international",
    Kind.PREMIUM: "premium",
}
_WORDS = {
    "national": "numbers in the country",
    "mobile": "mobile phones",
    "international": "numbers abroad",
    "premium": "premium-rate numbers",
}


def refusal(destination: Destination, dial: Iterable[str], calling: Calling) -> str:
    """Why a role with this `dial` may not call there, as the end of a sentence; "" where it may.

    The longest prefix decides: one that is refused is allowed again by the same or a longer one in `dial`, and so is a
    known destination of fraud, which no class covers.
    """
    allowed = frozenset(dial)
    kind, number = destination.kind, destination.number
    if kind in {Kind.EMERGENCY, Kind.INTERNAL}:
        return ""
    refused = _longest(number, calling.refused)
    named = _longest(number, allowed)
    if refused and len(named) < len(refused):
        return f"numbers that begin with {refused} are refused"
    if named:
        return ""
    if kind is Kind.FRAUD:
        return "it is a known destination of telephone fraud"
    needed = _NEEDS[kind]
    return "" if needed in allowed else f"{_WORDS[needed]} are not allowed"


@dataclass(slots=True)
class _Spent:
    """One person's calls: when each began, and the seconds of those that ended."""

    calls: deque[float] = field(default_factory=deque)
    seconds: deque[tuple[float, float]] = field(default_factory=deque)
    talking: dict[str, float] = field(default_factory=dict)


class Limits:
    """Counts each person's calls to the outside and their minutes in the last hour; times are the clock's seconds."""

    def __init__(self, *, hourly: int, minutes: int) -> None:
        self._hourly = hourly
        self._minutes = minutes
        self._people: dict[str, _Spent] = {}
        self._payers: dict[str, list[str]] = {}
        """By call: who pays for it, several where it rings the mobile phones of several."""

    def refusal(self, user: str, now: float) -> str:
        """Why this person may not call again now, as the end of a sentence; "" where they may."""
        if self.left(user, now) <= 0:
            return f"{self._minutes} minutes were spoken to the outside within an hour"
        if self._hourly and len(self._of(user, now).calls) >= self._hourly:
            return f"{self._hourly} calls to the outside were made within an hour"
        return ""

    def left(self, user: str, now: float) -> float:
        """Seconds that the calls of this person may last if all of them go on, at least one."""
        if not self._minutes:
            return inf
        spent = self._of(user, now)
        seconds = sum(each for _, each in spent.seconds) + sum(now - since for since in spent.talking.values())
        return (self._minutes * 60 - seconds) / max(1, len(spent.talking))

    def began(self, user: str, call: str, now: float) -> None:
        """Count a call; a second try of the same one is none."""
        payers = self._payers.setdefault(call, [])
        if user not in payers:
            payers.append(user)
            self._of(user, now).calls.append(now)

    def answered(self, call: str, now: float, user: str | None = None) -> None:
        """Whoever `user` had called answered, None: whoever anybody had called."""
        for payer in self._payers.get(call, ()):
            if user in {None, payer}:
                self._people[payer].talking.setdefault(call, now)

    def hung_up(self, call: str, now: float, user: str | None = None) -> None:
        """Whoever was called is out of it; the call may go on, or ring somebody else outside."""
        for payer in self._payers.get(call, ()):
            spent = self._people[payer]
            if user in {None, payer} and (since := spent.talking.pop(call, None)) is not None:
                spent.seconds.append((now, now - since))

    def ended(self, call: str, now: float) -> None:
        self.hung_up(call, now)
        self._payers.pop(call, None)

    def _of(self, user: str, now: float) -> _Spent:
        spent = self._people.setdefault(user, _Spent())
        while spent.calls and spent.calls[0] <= now - HOUR:
            spent.calls.popleft()
        while spent.seconds and spent.seconds[0][0] <= now - HOUR:
            spent.seconds.popleft()
        return spent


def _longest(number: str, prefixes: Iterable[str]) -> str:
    return max((prefix for prefix in prefixes if prefix[:1] == "+" and number.startswith(prefix)), key=len, default="")
