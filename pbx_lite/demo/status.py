"""What the demo door shows of itself, on its page and in its picture."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

OPEN_SECONDS = 5.0
_LINES_KEPT = 30


@dataclass(slots=True)
class Status:
    """`call` is `idle`, `calling`, `ringing` or `talking`; `level` is how loud it hears the other side, 0 to 100."""

    name: str
    account: str
    registered: bool = False
    call: str = "idle"
    opened: bool = False
    level: int = 0
    digits: str = ""
    log: list[str] = field(default_factory=list)

    def words(self) -> str:
        """For the bar in the picture."""
        if self.opened:
            return "OPEN - COME IN"
        return {"idle": "PLEASE RING", "calling": "CALLING", "ringing": "RINGING", "talking": "TALKING"}[self.call]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Teller:
    """Tells whoever listens that the status changed."""

    def __init__(self, status: Status) -> None:
        self.status = status
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def change(self, **values: Any) -> None:
        """Set fields of the status; silent where nothing is new."""
        if all(getattr(self.status, name) == value for name, value in values.items()):
            return
        for name, value in values.items():
            setattr(self.status, name, value)
        self._tell()

    def log(self, line: str) -> None:
        self.status.log = [*self.status.log[-_LINES_KEPT + 1 :], line]
        self._tell()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()
