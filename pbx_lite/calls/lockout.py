"""Who is kept out for a while after too many failures: pure bookkeeping per source address."""

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LockoutRules:
    """`failures` wrong attempts, or `challenges` unanswered ones, within `window` seconds lock out for `seconds`.

    Who was let in within `memory` seconds has `patience` for its answers: while we are late, a hundred of its calls may
    be challenged before the first answer is read.  `flood` challenges without any answer are too many at any pace.
    """

    failures: int = 8
    challenges: int = 80
    patience: float = 4.0
    flood: int = 1000
    memory: float = 3600.0
    window: float = 60.0
    seconds: float = 300.0
    sources: int = 10_000


@dataclass(slots=True)
class _Record:
    since: float
    failures: int = 0
    challenges: int = 0
    unanswered_since: float = 0.0
    known_until: float = float("-inf")
    locked_until: float = 0.0


class Lockout:
    """Counts by source host.  Memory is bounded: the source heard of longest ago is forgotten first."""

    def __init__(self, rules: LockoutRules | None = None) -> None:
        self._rules = rules or LockoutRules()
        self._records: OrderedDict[str, _Record] = OrderedDict()

    @property
    def seconds(self) -> float:
        """How long a lock-out lasts."""
        return self._rules.seconds

    def locked(self, source: str, now: float) -> bool:
        record = self._records.get(source)
        return record is not None and record.locked_until > now

    def failures(self, source: str) -> int:
        """How many failures are counted at the moment."""
        record = self._records.get(source)
        return 0 if record is None else record.failures

    def failed(self, source: str, now: float) -> bool:
        """Count a wrong password or an unknown user; True when this one locks the source out."""
        record = self._record(source, now)
        record.failures += 1
        return self._lock(record, now, over=record.failures >= self._rules.failures)

    def challenged(self, source: str, now: float) -> bool:
        """Count a challenge that may stay unanswered, which is how scanners look; True when it locks."""
        record = self._record(source, now)
        if not record.challenges:
            record.unanswered_since = now
        record.challenges += 1
        rules = self._rules
        early = record.known_until > now and now - record.unanswered_since < rules.patience
        return self._lock(record, now, over=record.challenges >= (rules.flood if early else rules.challenges))

    def succeeded(self, source: str, now: float) -> None:
        record = self._record(source, now)
        record.failures = record.challenges = 0
        record.known_until = now + self._rules.memory

    def _record(self, source: str, now: float) -> _Record:
        record = self._records.get(source)
        if record is None or now - record.since > self._rules.window:
            before = record or _Record(now)
            record = _Record(now, locked_until=before.locked_until, known_until=before.known_until)
            self._records[source] = record
        self._records.move_to_end(source)
        while len(self._records) > self._rules.sources:
            self._records.popitem(last=False)
        return record

    def _lock(self, record: _Record, now: float, *, over: bool) -> bool:
        if not over or record.locked_until > now:
            return False
        record.locked_until = now + self._rules.seconds
        return True
