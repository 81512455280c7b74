"""One press of a bell as a state machine, and the pure decisions around it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class RingState(Enum):
    RINGING = "ringing"
    HELD = "held"
    """Nobody answered in time; the phones are quiet, but whoever comes may still take the call."""
    ANSWERED = "answered"
    ENDED = "ended"


class RingInput(Enum):
    ANSWER = "answer"
    TIMEOUT = "timeout"
    HANGUP = "hangup"


class RingAction(Enum):
    """What to do on the way to the next state, in the order of the tuple."""

    ANNOUNCE_ANSWER = "announce answer"
    CANCEL_OTHERS = "cancel the other devices: answered elsewhere"
    SILENCE_DEVICES = "cancel all devices"
    ANNOUNCE_MISSED = "announce missed"
    END = "end the door's call"
    REFUSE = "refuse: somebody else was faster"


_A = RingAction
TABLE: dict[tuple[RingState, RingInput], tuple[tuple[RingAction, ...], RingState]] = {
    (RingState.RINGING, RingInput.ANSWER): ((_A.CANCEL_OTHERS, _A.ANNOUNCE_ANSWER), RingState.ANSWERED),
    (RingState.RINGING, RingInput.TIMEOUT): ((_A.SILENCE_DEVICES, _A.ANNOUNCE_MISSED), RingState.HELD),
    (RingState.RINGING, RingInput.HANGUP): ((_A.SILENCE_DEVICES, _A.ANNOUNCE_MISSED, _A.END), RingState.ENDED),
    (RingState.HELD, RingInput.ANSWER): ((_A.CANCEL_OTHERS, _A.ANNOUNCE_ANSWER), RingState.ANSWERED),
    (RingState.HELD, RingInput.TIMEOUT): ((_A.END,), RingState.ENDED),
    (RingState.HELD, RingInput.HANGUP): ((_A.END,), RingState.ENDED),
    (RingState.ANSWERED, RingInput.ANSWER): ((_A.REFUSE,), RingState.ANSWERED),
    (RingState.ANSWERED, RingInput.TIMEOUT): ((), RingState.ANSWERED),
    (RingState.ANSWERED, RingInput.HANGUP): ((_A.END,), RingState.ENDED),
    (RingState.ENDED, RingInput.ANSWER): ((_A.REFUSE,), RingState.ENDED),
    (RingState.ENDED, RingInput.TIMEOUT): ((), RingState.ENDED),
    (RingState.ENDED, RingInput.HANGUP): ((), RingState.ENDED),
}


@dataclass(slots=True)
class Ring:
    """`id` names it in every event; `since` is when the bell was pressed."""

    id: str
    button: str
    rings: tuple[str, ...]
    since: datetime
    state: RingState = RingState.RINGING
    answered_by: str = ""
    missed: bool = field(default=False)

    def take(self, happened: RingInput) -> tuple[RingAction, ...]:
        actions, self.state = TABLE[self.state, happened]
        return actions

    @property
    def open_to_answer(self) -> bool:
        return self.state in {RingState.RINGING, RingState.HELD}


class Early(Enum):
    """How a ringing door's picture gets to people before anyone answers."""

    EARLY_MEDIA = "early_media"
    SILENT_ANSWER = "silent_answer"
    URL = "url"


def early_picture(wanted: str, profile: str, *, offers_video: bool, has_url: bool) -> Early:
    """Choose from the door's setting (`auto` leaves it to the model's profile) and what its call brings.

    Without video in the call there is nothing early to see in it, so the door just rings; with a URL the picture
    comes from there.
    """
    choice = profile if wanted == "auto" else wanted
    if not offers_video or (choice == "url" and has_url):
        return Early.URL
    return Early.SILENT_ANSWER if choice == "silent_answer" else Early.EARLY_MEDIA
