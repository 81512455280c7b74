"""The keys that somebody presses on a phone while talking to a door."""


class Keypad:
    """Collects keys and says when the door's code was typed.

    A phone's keys are never passed on to the station: opening goes through the PBX, where rights are asked and the
    log is written.
    """

    def __init__(self, code: str) -> None:
        self._code = code or "#"
        self._typed = ""

    def press(self, digit: str) -> bool:
        """True when this key completes the code."""
        self._typed = (self._typed + digit)[-len(self._code) :]
        if self._typed != self._code:
            return False
        self._typed = ""
        return True
