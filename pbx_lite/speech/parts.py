"""The parts that something spoken is made of."""

from dataclasses import dataclass
from datetime import datetime

from pbx_lite.media.recording import Recording


@dataclass(frozen=True, slots=True)
class Number:
    """How many: 21 is "twenty-one".  Beyond 0 to 9999 it is said digit by digit."""

    value: int


@dataclass(frozen=True, slots=True)
class Digits:
    """A telephone number, a key or a PIN, digit by digit; `+`, `*` and `#` are spoken, all else is passed over."""

    text: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A day and time in the past, as the house's clocks show it: "today at five past two"."""

    when: datetime


@dataclass(frozen=True, slots=True)
class Name:
    """Somebody, or a room.

    Their own recording or replaced sound is what is heard, where `user` or `room` has one; then the text by a
    synthesiser, where the machine has one; then "participant" or "conference room" and the number.
    """

    text: str
    number: str = ""
    user: str = ""
    room: str = ""


type Part = str | Number | Digits | Moment | Name | Recording
"""A string is the key of a prompt (`texts`), whose places the parts behind it fill."""
