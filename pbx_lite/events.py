"""What happened, in the past tense, and the bus that tells it.

Listeners run in the order they came; one that raises is logged and does not keep the others from hearing.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from pbx_lite.values import dataclass

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
    """Too many failures came from this address: it is not answered, or refused under the one name that it tried."""

    source: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryChanged(Event):
    """A user, door or role was added, changed or removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent(Event):
    """The root of what happens to calls between people; `call` is the call's id.

    A ring at a door is a DoorEvent and none of these, until somebody transfers the door's call.
    """

    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStarted(CallEvent):
    """Somebody dialled.  `caller` and `callee` are as they are shown; users are empty for those who are none.

    `direction` is `internal`, `inbound` or `outbound`, `trunk` the line for the last two.
    """

    caller: str
    caller_name: str = ""
    caller_user: str = ""
    number: str
    callee_name: str = ""
    callee_user: str = ""
    direction: str = "internal"
    trunk: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRinging(CallEvent):
    """The first device of `user` rings; `known_as` is the caller in their own phonebook, for them alone."""

    user: str
    device: str = ""
    known_as: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered(CallEvent):
    """`by` is the user that took it, empty for somebody outside; `number` is theirs, `device` what they took it by."""

    by: str
    number: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHeld(CallEvent):
    """`by` put the others on hold."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResumed(CallEvent):
    """`by` speaks again."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTransferred(CallEvent):
    """`by` gave the call to `number`; it goes on under the same id."""

    by: str
    number: str
    attended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDtmf(CallEvent):
    """A key was pressed by the party with this number; `user` is empty for somebody outside."""

    digit: str
    user: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMissed(CallEvent):
    """The call rang for `user` and ended unanswered, or was answered by nobody of theirs.

    `known_as` is the caller in the user's own phonebook, for them alone.
    """

    user: str
    caller: str = ""
    caller_name: str = ""
    known_as: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What one party's line was like: `lost` of `received` packets, `jitter` and `round_trip` in milliseconds."""

    number: str
    received: int = 0
    lost: int = 0
    jitter: float = 0.0
    round_trip: float | None = None
    codec: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(CallEvent):
    """The last event of a call.  `seconds` counts from the answer, 0 for one never answered; `cause` is Q.850's."""

    cause: int
    reason: str = ""
    by: str = ""
    seconds: float = 0.0
    answered: bool = False
    quality: tuple[Quality, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallChanged(CallEvent):
    """Anything a client shows of this call may have changed; the API sends the call's new state, or none once ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanged(Event):
    """Anything a client shows of this user may have changed: a phone registered, do not disturb, a profile."""

    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamChanged(Event):
    """Who of a team takes calls, or who waits for it, changed."""

    team: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkChanged(Event):
    """A trunk registered, failed, or its channels in use changed."""

    trunk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TollRefused(Event):
    """An outgoing call was refused: no right, too many an hour, or an expensive prefix; `reason` is a sentence.

    Or it was ended, because the minutes of the hour were used up.
    """

    user: str
    number: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived(Event):
    """A text message by SIP MESSAGE; `to` is the user, or `home` for Home Assistant."""

    sender: str
    sender_user: str = ""
    to: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRequested(Event):
    """A trunk call may be routed by an automation, which answers with `route/answer` before `deadline` seconds."""

    request: str
    trunk: str
    number: str
    caller: str
    caller_name: str = ""
    default: str = ""
    deadline: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomEvent(Event):
    """Something in a conference room."""

    room: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomJoined(RoomEvent):
    """Somebody is in now.  `participant` is their id while they are; `user` is empty for those who are none of ours."""

    participant: str
    name: str = ""
    number: str = ""
    user: str = ""
    leader: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomLeft(RoomEvent):
    """Somebody is gone after so many `seconds`; `reason` is `left`, `removed`, `ended` or `lost`."""

    participant: str
    name: str = ""
    number: str = ""
    user: str = ""
    reason: str = "left"
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomTalking(RoomEvent):
    """Somebody began to speak, or has stopped."""

    participant: str
    name: str = ""
    number: str = ""
    user: str = ""
    talking: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomRecorded(RoomEvent):
    """A recording of the room is complete: `recording` is its id, `seconds` its length."""

    recording: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomChanged(RoomEvent):
    """Anything a client shows of this room may have changed; the API sends its new state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFailed(Event):
    """A recording stopped before its end, as on a full disk; `where` is a room, user or door, `error` a sentence."""

    where: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicemailReceived(Event):
    """A message was left: in the mailbox of `user`, or of the house for `door` (then `user` is empty)."""

    message: str
    user: str = ""
    door: str = ""
    caller: str = ""
    caller_name: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicemailChanged(Event):
    """A mailbox has other messages than before, or one was heard; empty `user` and `door` as in VoicemailReceived."""

    user: str = ""
    door: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhonebookChanged(Event):
    """A contact of the `company` or of the `private` book of `user` is another one now, or None: gone.

    After an import `id` is 0: many may have changed.  `contact` is as the API has it.
    """

    book: str
    user: str = ""
    id: int
    contact: Mapping[str, Any] | None = None


type Listener = Callable[[Event], None]


class EventBus:
    def __init__(self) -> None:
        self._listeners: tuple[tuple[Listener, tuple[type[Event], ...]], ...] = ()
        self._told: dict[type[Event], tuple[Listener, ...]] = {}

    def listen(self, listener: Listener, *kinds: type[Event]) -> Callable[[], None]:
        """Hear the events of these kinds, or every event, until the returned function is called.

        A call has a dozen events and the PBX as many listeners: who names its kinds is not called for the others.
        """
        entry = (listener, kinds or (Event,))
        self._listeners = (*self._listeners, entry)
        self._told.clear()

        def forget() -> None:
            self._listeners = tuple(each for each in self._listeners if each is not entry)
            self._told.clear()

        return forget

    def publish(self, event: Event) -> None:
        kind = type(event)
        told = self._told.get(kind)
        if told is None:
            told = tuple(listener for listener, kinds in self._listeners if issubclass(kind, kinds))
            self._told[kind] = told
        for listener in told:
            try:
                listener(event)
            except Exception:
                _LOGGER.exception("A listener failed on %s", event)
