"""What keys do in a room, by ConfBridge's sample menu where that has a key: a table and a machine (sans-I/O)."""

from enum import Enum

PATIENCE = 5.0
"""Seconds after a star until it counts as one by itself."""


class Action(Enum):
    HELP = "help"
    MUTE = "mute"
    LEAVE = "leave"
    HEAR_LESS = "hear_less"
    HEAR_MORE = "hear_more"
    SPEAK_LESS = "speak_less"
    SPEAK_MORE = "speak_more"
    LOCK = "lock"
    REMOVE_LAST = "remove_last"
    MUTE_ALL = "mute_all"
    EXTEND = "extend"
    RECORD = "record"


KEYS = {
    "*": Action.HELP,
    "1": Action.MUTE,
    "4": Action.HEAR_LESS,
    "6": Action.HEAR_MORE,
    "7": Action.SPEAK_LESS,
    "9": Action.SPEAK_MORE,
    "8": Action.LEAVE,
}
LEADERS_KEYS = {
    "2": Action.LOCK,
    "3": Action.REMOVE_LAST,
    "5": Action.MUTE_ALL,
    "0": Action.EXTEND,
    "#": Action.RECORD,
}
"""Behind a star, beside those of everybody."""


class Menu:
    """`press` gives the action that a key completes; `waiting` says that `wait` is due PATIENCE after the last key."""

    def __init__(self, *, leader: bool) -> None:
        self._keys = KEYS | LEADERS_KEYS if leader else KEYS
        self.waiting = False

    def press(self, key: str) -> Action | None:
        if self.waiting:
            self.waiting = False
            return self._keys.get(key)
        self.waiting = key == "*"
        return None

    def wait(self) -> Action | None:
        """No key came any more: who presses a star alone looks for help."""
        asked, self.waiting = self.waiting, False
        return Action.HELP if asked else None
