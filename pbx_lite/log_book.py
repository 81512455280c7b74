"""The newest lines of the log, kept for administrators who look into it; what is secret is left out of them."""

import asyncio
import logging
import re
import threading
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime

MOST_LINES = 5000
MOST_CHARACTERS = 4000
"""Of one line; a traceback is part of it."""
HIDDEN = "•••"
_SHORTEST = 6
"""A secret with fewer characters would hide every second number."""
_NAMED = re.compile(
    r"(?i)\b((?:proxy-)?authorization|www-authenticate|password|passwd|pass|pwd|secret|token|pin|code|key|response|c?nonce)"
    r'(["\']?\s*[=:]\s*)("[^"]*"|\'[^\']*\'|[^\s,;&"\']+)'
)
_HEADER = re.compile(r"(?i)\b((?:proxy-)?authorization)\s*:.*")
_ACCOUNT = re.compile(r"://[^/\s:@]+:[^/\s@]+@")
_PHONE_PAGE = re.compile(r"(/provision/)[^/\s]+")
_WORD = re.compile(r"[^\s\"',;:<>=()&@/?\[\]{}]+")


@dataclass(frozen=True, slots=True)
class Line:
    """`part` is the room of the PBX that says it, such as `calls` or `doorbell`; `level` is `info`, `warning` …"""

    id: int
    at: datetime
    level: str
    part: str
    text: str


class LogBook(logging.Handler):
    """Keeps what is logged anywhere in the process, from `open` to `close`.

    `secrets` are words that must not be shown, whoever logged them; it is asked when lines are read.
    """

    def __init__(self, secrets: Callable[[], Collection[str]] = tuple, *, most: int = MOST_LINES) -> None:
        super().__init__()
        self.secrets = secrets
        self._lines: deque[Line] = deque(maxlen=most)
        self._last = 0
        self._counting = threading.Lock()
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def open(self) -> None:
        logging.getLogger().addHandler(self)

    def close(self) -> None:
        logging.getLogger().removeHandler(self)
        super().close()

    def emit(self, record: logging.LogRecord) -> None:
        """Called from any thread."""
        try:
            text = self.format(record)[:MOST_CHARACTERS]
        except TypeError, ValueError:  # what was logged does not fit its own sentence
            text = str(record.msg)[:MOST_CHARACTERS]
        at = datetime.fromtimestamp(record.created, UTC)
        with self._counting:
            self._last += 1
            self._lines.append(Line(self._last, at, _level(record.levelno), _part(record.name), text))
        for loop, told in tuple(self._waiting):
            if not loop.is_closed():
                loop.call_soon_threadsafe(told.set)

    @property
    def last(self) -> int:
        """The number of the newest line, whatever it is about."""
        return self._last

    def parts(self) -> list[str]:
        return sorted({line.part for line in tuple(self._lines)})

    def read(
        self, *, after: int = 0, level: str = "info", part: str = "", text: str = "", limit: int = 200
    ) -> list[Line]:
        """The newest lines that fit, oldest first.  Numbers begin anew with the PBX: one from before means all."""
        least, words = _LEVELS[level], text.lower().split()
        after = after if after <= self._last else 0
        hide = _hider(self.secrets())
        found: list[Line] = []
        for line in reversed(tuple(self._lines)):
            if line.id <= after or len(found) >= limit:
                break
            if _LEVELS[line.level] < least or part not in {"", line.part}:
                continue
            shown = hide(line.text)
            if all(word in shown.lower() for word in words):
                found.append(Line(line.id, line.at, line.level, line.part, shown))
        return found[::-1]

    async def more(self, seconds: float) -> None:
        """Wait for the next line, at most so long."""
        waiting = (asyncio.get_running_loop(), asyncio.Event())
        self._waiting.add(waiting)
        try:
            async with asyncio.timeout(seconds):
                await waiting[1].wait()
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(waiting)


_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def _level(number: int) -> str:
    return next((name for name, least in reversed(_LEVELS.items()) if number >= least), "debug")


def _part(logger: str) -> str:
    """`doorbell` of `pbx_lite.features.doorbell.door_call`, `calls` of `pbx_lite.calls.call`; of others the first."""
    first, *rest = logger.split(".")
    if first != "pbx_lite":
        return first
    return next((each for each in rest if each != "features"), "pbx")


def _hider(secrets: Collection[str]) -> Callable[[str], str]:
    known = {secret for secret in secrets if len(secret) >= _SHORTEST}
    words = {secret for secret in known if _WORD.fullmatch(secret)}
    others = known - words

    def hide(text: str) -> str:
        text = _HEADER.sub(rf"\1: {HIDDEN}", text)
        text = _ACCOUNT.sub(f"://{HIDDEN}@", text)
        text = _PHONE_PAGE.sub(rf"\g<1>{HIDDEN}", text)
        text = _NAMED.sub(rf"\1\2{HIDDEN}", text)
        for secret in others:
            text = text.replace(secret, HIDDEN)
        return _WORD.sub(lambda found: _hidden(found[0], words), text)

    return hide


def _hidden(word: str, words: Collection[str]) -> str:
    """A sentence may end with it."""
    core = word.rstrip(".!")
    return HIDDEN if word in words else HIDDEN + word[len(core) :] if core in words else word
