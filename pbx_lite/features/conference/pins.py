"""A PIN as it is keyed in: keys go in, a verdict comes out (sans-I/O)."""

import hmac
from dataclasses import dataclass
from enum import Enum

MOST_KEYS = 64
"""Of one try, those included that count for nothing."""


class Verdict(Enum):
    """What was keyed in: nothing, a PIN that is none of the room's, or one that lets in, as a leader or not."""

    NOTHING = "nothing"
    WRONG = "wrong"
    MEMBER = "member"
    LEADER = "leader"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """The PINs of a room, either of them empty for none: without `member` everybody may enter."""

    member: str = ""
    leader: str = ""

    @property
    def asked(self) -> bool:
        """Whether there is anything to key in."""
        return bool(self.member or self.leader)

    @property
    def free(self) -> bool:
        """Whether one may enter without a PIN."""
        return not self.member

    @property
    def longest(self) -> int:
        return max(len(self.member), len(self.leader))

    def judge(self, typed: str) -> Verdict:
        """In the same time, whatever was typed."""
        leader, member = _same(typed, self.leader), _same(typed, self.member)
        if leader:
            return Verdict.LEADER
        return Verdict.MEMBER if member else Verdict.WRONG


class PinPad:
    """One try.  `press` gives a verdict with the key that ends it, `wait` the one after no key came any more.

    A PIN ends with `#`, or once as many digits as the longest one has were keyed in, or with the last digit of a
    shorter one that is right and cannot become the longer one.  A star begins anew.
    """

    def __init__(self, pins: Pins) -> None:
        self._pins = pins
        self._typed = ""
        self._keys = 0

    @property
    def empty(self) -> bool:
        return not self._typed

    def press(self, key: str) -> Verdict | None:
        self._keys += 1
        if self._keys > MOST_KEYS:
            return Verdict.WRONG
        if key == "#":
            return self._end() if self._typed or self._pins.free else None
        if key == "*":
            self._typed = ""
        elif key.isdecimal() and key.isascii():
            self._typed += key
            return self._look()
        return None

    def wait(self) -> Verdict:
        return self._pins.judge(self._typed) if self._typed else Verdict.NOTHING

    def _end(self) -> Verdict:
        return self._pins.judge(self._typed) if self._typed else Verdict.MEMBER

    def _look(self) -> Verdict | None:
        pins, length = self._pins, len(self._typed)
        if length >= pins.longest:
            return pins.judge(self._typed)
        if length in {len(pins.member), len(pins.leader)}:
            longer = pins.leader if len(pins.leader) > len(pins.member) else pins.member
            verdict = pins.judge(self._typed)
            if verdict is not Verdict.WRONG and not longer.startswith(self._typed):
                return verdict
        return None


def _same(typed: str, pin: str) -> bool:
    return bool(pin) & hmac.compare_digest(typed.encode(), pin.encode())
