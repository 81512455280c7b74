"""How much one caller may leave: pure bookkeeping of the last hour (the clock is an argument)."""

from collections import OrderedDict, deque

from pbx_lite.calls.party import Party

HOUR = 3600.0
MOST_OF_ONE = 10
"""Messages that one caller may leave in an hour."""
MOST_IN_BOX = 40
"""Messages that a box takes in an hour, whoever calls."""
_MOST_NAMES = 1000


class Lately:
    """How often something happened by name; whoever was heard of longest ago is forgotten first."""

    def __init__(self) -> None:
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def count(self, name: str, now: float) -> int:
        times = self._times.get(name, ())
        return sum(at > now - HOUR for at in times)

    def note(self, name: str, now: float) -> None:
        times = self._times.setdefault(name, deque(maxlen=MOST_IN_BOX))
        times.append(now)
        self._times.move_to_end(name)
        while len(self._times) > _MOST_NAMES:
            self._times.popitem(last=False)


def name_of(caller: Party) -> str:
    """All callers of a line that hide their number count as one."""
    if caller.user or caller.door:
        return f"ours {caller.user or caller.door}"
    return f"{caller.trunk} {'' if caller.private else caller.number}"
