"""Who may call what: roles, what is refused to everybody, and how much in an hour."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

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
        spent = self._of(user, now)
        if self._hourly and len(spent.calls) >= self._hourly:
            return f"{self._hourly} calls to the outside were made within an hour"
        seconds = sum(each for _, each in spent.seconds) + sum(now - since for since in spent.talking.values())
        if self._minutes and seconds >= self._minutes * 60:
            return f"{self._minutes} minutes were spoken to the outside within an hour"
        return ""

    def began(self, user: str, call: str, now: float) -> None:
        """Count a call; a second try of the same one is none."""
        payers = self._payers.setdefault(call, [])
        if user not in payers:
            payers.append(user)
            self._of(user, now).calls.append(now)

    def answered(self, call: str, now: float) -> None:
        for user in self._payers.get(call, ()):
            self._people[user].talking.setdefault(call, now)

    def ended(self, call: str, now: float) -> None:
        for user in self._payers.pop(call, ()):
            since = self._people[user].talking.pop(call, None)
            if since is not None:
                self._people[user].seconds.append((now, now - since))

    def _of(self, user: str, now: float) -> _Spent:
        spent = self._people.setdefault(user, _Spent())
        while spent.calls and spent.calls[0] <= now - HOUR:
            spent.calls.popleft()
        while spent.seconds and spent.seconds[0][0] <= now - HOUR:
            spent.seconds.popleft()
        return spent


def _longest(number: str, prefixes: Iterable[str]) -> str:
    return max((prefix for prefix in prefixes if prefix[:1] == "+" and number.startswith(prefix)), key=len, default="")
