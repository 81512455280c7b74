"""What phones publish of their owners' presence: entity tags, refreshes, expiry (RFC 3903)."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from pbx_lite.clock import Clock
from pbx_lite.errors import ParseError
from pbx_lite.features.watching.presence import Presence
from pbx_lite.sip.alarm import Alarm

_MOST_EACH = 10
_MOST = 5000


@dataclass(frozen=True, slots=True)
class _Publication:
    owner: str
    presence: Presence
    expires_at: float


class Publications:
    """`changed` is told whose presence is another now."""

    def __init__(self, clock: Clock, changed: Callable[[str], None]) -> None:
        self._clock = clock
        self._changed = changed
        self._kept: dict[str, _Publication] = {}  # by entity tag
        self._of: dict[str, dict[str, Presence]] = {}
        self._alarm = Alarm(clock, self._due)

    def close(self) -> None:
        self._alarm.stop()

    def of(self, owner: str) -> list[Presence]:
        """What is published of somebody, the newest last."""
        return list(self._of.get(owner, {}).values())

    def put(self, owner: str, tag: str, presence: Presence | None, seconds: int) -> str:
        """Publish anew (no `tag`), refresh (no `presence`), change, or end with no seconds; gives the new tag.

        Raises ParseError: 412 for a tag that is not (any more), 400 for nothing to publish, 503 for too much.
        """
        old = self._kept.get(tag)
        if tag and (old is None or old.owner != owner):
            raise ParseError("The publication is not known", 412)
        if old is None and presence is None:
            raise ParseError("Nothing is published")
        if old is None and (len(self._of.get(owner, {})) >= _MOST_EACH or len(self._kept) >= _MOST):
            raise ParseError("Too much is published", 503)
        if tag:
            self._drop(tag)
        made = secrets.token_hex(8)
        if seconds:
            kept = presence or (old.presence if old is not None else Presence(open=True))
            self._kept[made] = _Publication(owner, kept, self._clock.time() + seconds)
            self._of.setdefault(owner, {})[made] = kept
            self._alarm.set(self._clock.time() + seconds)
        if presence is not None or not seconds:
            self._changed(owner)
        return made

    def _drop(self, tag: str) -> str:
        owner = self._kept.pop(tag).owner
        del self._of[owner][tag]
        if not self._of[owner]:
            del self._of[owner]
        return owner

    def _due(self) -> None:
        now = self._clock.time()
        ended = [tag for tag, publication in self._kept.items() if publication.expires_at <= now]
        for owner in {self._drop(tag) for tag in ended}:
            self._changed(owner)
        self._alarm.set(min((publication.expires_at for publication in self._kept.values()), default=None))
