"""Counts wrong PINs: after a few in a row nobody is let in for a while, whatever they key in."""

from pbx_lite.clock import Clock

MOST = 5
WAIT = 300.0
"""Seconds after the last wrong one."""
_MOST_NAMES = 1000


class Guesses:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: dict[str, tuple[int, float]] = {}

    def allowed(self, name: str) -> bool:
        number, at = self._wrong.get(name, (0, 0.0))
        if number >= MOST and self._clock.time() >= at + WAIT:
            del self._wrong[name]
            return True
        return number < MOST

    def note(self, name: str, *, right: bool) -> None:
        if right:
            self._wrong.pop(name, None)
            return
        if len(self._wrong) >= _MOST_NAMES and name not in self._wrong:
            del self._wrong[next(iter(self._wrong))]
        number, _ = self._wrong.get(name, (0, 0.0))
        self._wrong[name] = (number + 1, self._clock.time())
