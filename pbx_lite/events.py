"""What happened, in the past tense, and the bus that tells it.

Listeners run in the order they came; one that raises is logged and does not keep the others from hearing.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The root of all events; `kind` on the wire is the class name in snake case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorEvent(Event):
    """Something at a door.  `ring` names the ring it belongs to and is empty where there is none."""

    door: str
    ring: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorRang(DoorEvent):
    """The bell was pressed.  `button` is its name; `rings` are the users whose devices ring."""

    button: str = ""
    rings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorAnswered(DoorEvent):
    """Somebody took the call: `by` is the user, `device` what they answered with."""

    by: str
    device: str = ""
    button: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorMissed(DoorEvent):
    """Nobody answered in time, or the visitor gave up."""

    button: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorEnded(DoorEvent):
    """The door's call is over; `by` is the user or the door that hung up, empty for a time-out."""

    by: str = ""
    button: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorOpened(DoorEvent):
    """The door was opened: `by` whom, `how` (`dtmf`, `http`, `event`)."""

    by: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorOpenFailed(DoorEvent):
    """Opening was tried and did not work, or was not allowed; `error` says why."""

    by: str
    how: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorOpenRequested(DoorEvent):
    """The door's opening is an event: Home Assistant turns it into any action."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorChanged(DoorEvent):
    """Anything a client shows of this door may have changed; the API sends the door's new state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRegistered(Event):
    """An account has its first binding; `account` is its extension or account name."""

    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUnregistered(Event):
    """The account's last binding is gone or expired."""

    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLockedOut(Event):
    """Too many failures came from this address."""

    source: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryChanged(Event):
    """A user, door or role was added, changed or removed."""


type Listener = Callable[[Event], None]


class EventBus:
    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear every event until the returned function is called."""
        self._listeners.append(listener)

        def forget() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return forget

    def publish(self, event: Event) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:
                _LOGGER.exception("A listener failed on %s", event)
