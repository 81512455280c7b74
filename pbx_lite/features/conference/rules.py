"""Who may enter a room and what those who are in it hear: pure questions about its options and who is there."""

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from pbx_lite.config import Room


class Place(Enum):
    """Where somebody is who is in the room: in the mix, waiting (with music or without), or away while they hold."""

    NOWHERE = "nowhere"
    MIX = "mix"
    MUSIC = "music"
    SILENCE = "silence"
    AWAY = "away"


class Refusal(Enum):
    """Why somebody may not enter."""

    LOCKED = "locked"
    FULL = "full"


class Present(Protocol):
    """Somebody in the room."""

    leader: bool
    held: bool


def refusal(room: Room, inside: int, *, locked: bool, leader: bool) -> Refusal | None:
    """Why this one may not enter now; leaders always may, as in ConfBridge."""
    if leader:
        return None
    if locked:
        return Refusal.LOCKED
    return Refusal.FULL if room.max_members and inside >= room.max_members else None


def waits(room: Room, inside: Sequence[Present]) -> bool:
    """Whether a leader has to come first."""
    return room.wait_marked and not any(each.leader for each in inside)


def place_of(room: Room, one: Present, inside: Sequence[Present]) -> Place:
    """Where this one belongs, of those `inside`."""
    if one.held:
        return Place.AWAY
    if waits(room, inside):
        return Place.MUSIC if room.music_on_hold_when_empty else Place.SILENCE
    if len(inside) == 1 and room.music_on_hold_when_empty:
        return Place.MUSIC
    return Place.MIX


def deserted(room: Room, left: Present, inside: Sequence[Present]) -> bool:
    """Whether the last leader has gone and all others have to go."""
    return room.end_marked and left.leader and bool(inside) and not any(each.leader for each in inside)
