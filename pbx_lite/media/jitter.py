"""Packets back in their order."""

from collections.abc import Iterator

_WINDOW = 32
_PATIENCE = 0.1
_RESTART = 1000


class ReorderBuffer[T]:
    """Gives items in the order of their sequence numbers.

    A missing one is waited for while at most `window` others come and no longer than `patience` seconds.  In order
    nothing is held back.  Late and repeated items are left out.
    """

    def __init__(self, window: int = _WINDOW, patience: float = _PATIENCE) -> None:
        self._window = window
        self._patience = patience
        self._since = 0.0
        self._next: int | None = None
        self._held: dict[int, T] = {}

    def reset(self) -> None:
        self._next = None
        self._held.clear()

    def push(self, sequence: int, item: T, now: float) -> Iterator[tuple[int, T]]:
        """Every item that may go `now` (seconds), with its sequence number; to be read to its end."""
        if self._next is None:
            self._next = sequence
        ahead = (sequence - self._next) & 0xFFFF
        if ahead == 0 and not self._held:
            self._next = (sequence + 1) & 0xFFFF
            yield sequence, item
            return
        if ahead >= _RESTART:
            if ahead > 0x10000 - _RESTART:
                return
            self._held.clear()
            self._next = sequence
        if not self._held:
            self._since = now
        self._held[sequence] = item
        yield from self._ready(now)

    def _ready(self, now: float) -> Iterator[tuple[int, T]]:
        while self._held and self._next is not None:
            if self._next not in self._held:
                if len(self._held) <= self._window and now - self._since < self._patience:
                    return
                start = self._next
                self._next = min(self._held, key=lambda number: (number - start) & 0xFFFF)
            number = self._next
            self._next = (number + 1) & 0xFFFF
            item = self._held.pop(number)
            self._since = now
            yield number, item
