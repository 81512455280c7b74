"""Who is in which call, kept from events: all that lamps and presence need, and nothing else."""

from collections.abc import Callable, Iterable
from dataclasses import field, replace
from enum import Enum

from pbx_lite.events import (
    CallAnswered,
    CallEnded,
    CallMissed,
    CallRinging,
    CallStarted,
    CallTransferred,
    DoorAnswered,
    DoorEnded,
    DoorEvent,
    DoorMissed,
    DoorRang,
    Event,
)
from pbx_lite.values import dataclass

USER, DOOR = "user", "door"

type Watched = tuple[str, str]
"""What can be watched: its kind and name, such as ("user", "anna")."""


class LineState(Enum):
    """RFC 4235's words."""

    TRYING = "trying"
    EARLY = "early"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One call as one party has it.  `caller` says that this party began it."""

    call: str
    caller: bool
    state: LineState
    number: str = ""
    name: str = ""


@dataclass(slots=True)
class _Call:
    """A call under way: the lines of its parties, and how each side is shown to the other."""

    caller: tuple[str, str]
    callee: tuple[str, str]
    lines: dict[Watched, Line] = field(default_factory=dict)


class Lines:
    """`number_of` gives extension and display name of what is watched, as the other side is shown it."""

    def __init__(self, number_of: Callable[[Watched], tuple[str, str]]) -> None:
        self._number_of = number_of
        self._calls: dict[str, _Call] = {}
        self._busy: dict[Watched, dict[str, Line]] = {}

    def of(self, watched: Watched) -> list[Line]:
        return list(self._busy.get(watched, {}).values())

    def hear(self, event: Event) -> set[Watched]:
        """Take an event in; what changed by it."""
        serve = SERVED.get(type(event))
        return set() if serve is None else serve(self, event)

    def _started(self, event: CallStarted) -> set[Watched]:
        call = _Call((event.caller, event.caller_name), (event.number, event.callee_name))
        self._calls[event.call] = call
        return self._set(call, event.call, (USER, event.caller_user), LineState.TRYING, caller=True)

    def _ringing(self, event: CallRinging) -> set[Watched]:
        call = self._calls.get(event.call)
        if call is None:
            return set()
        changed = self._set(call, event.call, (USER, event.user), LineState.EARLY, caller=False)
        for watched, line in tuple(call.lines.items()):
            if line.caller and line.state is LineState.TRYING:
                changed |= self._set(call, event.call, watched, LineState.EARLY, caller=True)
        return changed

    def _answered(self, event: CallAnswered) -> set[Watched]:
        call = self._calls.get(event.call)
        if call is None:
            return set()
        by = (USER, event.by)
        gone = [watched for watched, line in call.lines.items() if line.state is LineState.EARLY and watched != by]
        changed = self._drop(event.call, (watched for watched in gone if not call.lines[watched].caller))
        for watched, line in tuple(call.lines.items()):
            changed |= self._set(call, event.call, watched, LineState.CONFIRMED, caller=line.caller)
        if by not in call.lines:
            changed |= self._set(call, event.call, by, LineState.CONFIRMED, caller=False)
        return changed

    def _transferred(self, event: CallTransferred) -> set[Watched]:
        """Who transferred is out of it; who stays speaks with the number, or is spoken to by it."""
        call = self._calls.get(event.call)
        if call is None:
            return set()
        leaver = call.lines.get((USER, event.by))
        changed = self._drop(event.call, [(USER, event.by)])
        if leaver is not None and leaver.caller:
            call.caller = call.callee
        call.callee = (event.number, "")
        for watched, line in tuple(call.lines.items()):
            kept = replace(line, number=event.number, name="")
            call.lines[watched] = self._busy[watched][event.call] = kept
            changed.add(watched)
        return changed

    def _missed(self, event: CallMissed) -> set[Watched]:
        return self._drop(event.call, [(USER, event.user)])

    def _ended(self, event: CallEnded) -> set[Watched]:
        return self._forget(event.call)

    def _door_rang(self, event: DoorRang) -> set[Watched]:
        door = (DOOR, event.door)
        call = self._calls[event.ring] = _Call(self._number_of(door), (event.button, ""))
        changed = self._set(call, event.ring, door, LineState.EARLY, caller=True)
        for user in event.rings:
            changed |= self._set(call, event.ring, (USER, user), LineState.EARLY, caller=False)
        return changed

    def _door_answered(self, event: DoorAnswered) -> set[Watched]:
        return self._answered(CallAnswered(call=event.ring, by=event.by))

    def _door_over(self, event: DoorEvent) -> set[Watched]:
        return self._forget(event.ring)

    def _set(self, call: _Call, key: str, watched: Watched, state: LineState, *, caller: bool) -> set[Watched]:
        if not watched[1]:
            return set()
        old = call.lines.get(watched)
        if old is not None:
            line = Line(call=key, caller=old.caller, state=state, number=old.number, name=old.name)
        else:
            number, name = call.callee if caller else call.caller
            line = Line(call=key, caller=caller, state=state, number=number, name=name)
        call.lines[watched] = line
        self._busy.setdefault(watched, {})[key] = line
        return {watched}

    def _drop(self, key: str, leaving: Iterable[Watched]) -> set[Watched]:
        call = self._calls.get(key)
        left = {watched for watched in leaving if call is not None and call.lines.pop(watched, None) is not None}
        for watched in left:
            lines = self._busy[watched]
            del lines[key]
            if not lines:
                del self._busy[watched]
        return left

    def _forget(self, key: str) -> set[Watched]:
        call = self._calls.get(key)
        changed = self._drop(key, tuple(call.lines)) if call is not None else set()
        self._calls.pop(key, None)
        return changed


SERVED: dict[type[Event], Callable[..., set[Watched]]] = {
    CallStarted: Lines._started,
    CallRinging: Lines._ringing,
    CallAnswered: Lines._answered,
    CallTransferred: Lines._transferred,
    CallMissed: Lines._missed,
    CallEnded: Lines._ended,
    DoorRang: Lines._door_rang,
    DoorAnswered: Lines._door_answered,
    DoorMissed: Lines._door_over,
    DoorEnded: Lines._door_over,
}
"""What `hear` takes in."""
