"""Told at once and then not too often: something that changes faster than anybody looks (sans-I/O)."""


class Pace:
    """Yes or no, told at most every `interval` seconds; `told` is what was told last."""

    __slots__ = ("_at", "_interval", "told", "value")

    def __init__(self, interval: float) -> None:
        self.value = self.told = False
        self._interval = interval
        self._at = float("-inf")

    def due(self, now: float) -> float | None:
        """Seconds until it has to be told, None if it was."""
        return None if self.value == self.told else max(0.0, self._at + self._interval - now)

    def tell(self, now: float) -> bool:
        """What is to be told now."""
        self.told, self._at = self.value, now
        return self.told
