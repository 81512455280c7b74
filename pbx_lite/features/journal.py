"""Who called whom, when, how long and how it ended, from the events alone: no call knows that it is written down."""

import dataclasses
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pbx_lite.clock import Clock, Timer
from pbx_lite.directory import AccountKind, Directory
from pbx_lite.errors import StoreError
from pbx_lite.events import (
    CallAnswered,
    CallEnded,
    CallEvent,
    CallMissed,
    CallRinging,
    CallStarted,
    CallTransferred,
    Event,
    EventBus,
    Quality,
)
from pbx_lite.store.journal import Entry, Filter, JournalTable, Way
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)

SEEN_SECONDS = 30.0
"""How exactly the end of a call is known that a crash of the PBX ended."""
GATHER_SECONDS = 0.25
"""After a write, what happens next waits so long for more: a quiet PBX writes at once, a busy one now and then."""
PURGE_SECONDS = 86_400.0
MAX_UNWRITTEN = 10_000
"""Calls that wait for a disk which is full; the oldest are lost first."""
INTERRUPTED = "The PBX stopped during this call."
BUSY = 17
_OUTCOMES = {16: "cancelled", 17: "busy", 18: "missed", 19: "missed", 21: "refused", 57: "refused"}
"""Of a call that nobody answered, by Q.850's cause, where it was missed by nobody of ours; all others failed."""


def _now() -> datetime:
    return datetime.now(UTC)


class CallJournal:
    """Listens before others that show the journal.  `wall` gives UTC; `days` 0 keeps nothing beyond a day.

    `written` gives what all ways of writing a number have in common, `dialled` the same for one that was dialled.
    """

    def __init__(
        self,
        table: JournalTable,
        bus: EventBus,
        *,
        clock: Clock,
        directory: Directory,
        days: int = 365,
        written: Callable[[str], str] = str,
        dialled: Callable[[str], str] = str,
        wall: Callable[[], datetime] = _now,
    ) -> None:
        self._table = table
        self._clock = clock
        self._directory = directory
        self._days = days
        self._written = written
        self._dialled = dialled
        self._wall = wall
        self._tasks = Tasks("journal")
        table.close_open(INTERRUPTED)
        self._next_id = table.next_id()
        self._open: dict[str, Entry] = {}
        self._missed: set[str] = set()
        self._rung: set[str] = set()
        self._unwritten: dict[int, Entry] = {}
        self._writing = False
        self._failing = False
        self._closed = False
        self._written_at = -GATHER_SECONDS
        self._write_timer: Timer | None = None
        self._seen_timer: Timer | None = None
        self._hears: dict[type[Event], Callable[[Any], None]] = {
            CallStarted: self._started,
            CallRinging: self._rang,
            CallAnswered: self._answered,
            CallTransferred: self._transferred,
            CallMissed: self._was_missed,
            CallEnded: self._ended,
        }
        self._purge_timer: Timer = clock.call_later(0, self._purge)
        self._forget = bus.listen(self._heard, *self._hears)

    async def close(self) -> None:
        """Write what is not written yet."""
        self._closed = True
        self._forget()
        self._purge_timer.cancel()
        for timer in (self._seen_timer, self._write_timer):
            if timer is not None:
                timer.cancel()
        await self._tasks.close()
        if self._unwritten:
            try:
                await self._table.put(self._unwritten.values())
            except StoreError as error:
                _LOGGER.warning("The last calls are not kept: %s", error)

    async def entries(
        self,
        *,
        user: str = "",
        way: Way = "",
        number: str = "",
        keys: Collection[str] = (),
        direction: str = "",
        outcome: str = "",
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[Sequence[Mapping[str, Any]], int | None]:
        """A page as the API shows it, newest first, and where the next one begins.  Calls still up are not in it."""
        if any(entry.ended_at is not None for entry in self._unwritten.values()):
            await self._write()
        wanted = Filter(
            user=user, way=way, number=number, keys=keys, direction=direction, outcome=outcome, before=before
        )
        found = await self._table.page(wanted, limit + 1)
        page = found[:limit]
        return [_shown(entry) for entry in page], page[-1].id if len(found) > limit else None

    # What happens

    def _heard(self, event: Event) -> None:
        if (hear := self._hears.get(type(event))) is not None:
            hear(event)

    def _started(self, event: CallStarted) -> None:
        at = self._stamp()
        account = self._directory.by_extension(event.number)
        called = account if account is not None and account.kind is AccountKind.USER else None
        entry = Entry(
            id=self._next_id,
            call=event.call,
            at=at,
            seen_at=at,
            direction=event.direction,
            trunk=event.trunk,
            caller=event.caller,
            caller_name=event.caller_name,
            caller_user=event.caller_user,
            number=event.number,
            callee_name=event.callee_name or (called.display_name if called is not None else ""),
            callee_user=called.owner if called is not None else event.callee_user,
            users={event.caller_user} - {""},
            key=self._key(event),
        )
        self._next_id += 1
        self._open[entry.call] = entry
        self._keep(entry)
        self._see_later()

    def _key(self, event: CallStarted) -> str:
        """Of the number outside, "" for a call inside."""
        if event.direction == "inbound":
            return self._written(event.caller)
        return self._dialled(event.number) if event.direction == "outbound" else ""

    def _rang(self, event: CallRinging) -> None:
        self._rung.add(event.call)
        self._joined(event, event.user)

    def _answered(self, event: CallAnswered) -> None:
        entry = self._open.get(event.call)
        if entry is None:
            return
        if entry.answered_at is None:
            entry.answered_at, entry.answered_by = self._stamp(), event.by or event.number
        if event.by:
            entry.users.add(event.by)
        self._keep(entry)

    def _transferred(self, event: CallTransferred) -> None:
        account = self._directory.by_extension(event.number)
        if account is not None and account.kind is AccountKind.USER:
            self._joined(event, account.owner)

    def _was_missed(self, event: CallMissed) -> None:
        self._missed.add(event.call)
        self._joined(event, event.user)

    def _ended(self, event: CallEnded) -> None:
        entry = self._open.pop(event.call, None)
        told_missed = event.call in self._missed
        missed = told_missed and (event.call in self._rung or event.cause != BUSY)
        self._missed.discard(event.call)
        self._rung.discard(event.call)
        if entry is None:
            return
        # A mailbox that took the call of somebody who missed it has not answered for them.
        answered = entry.answered_at is not None or (event.answered and not told_missed)
        entry.ended_at = self._stamp()
        entry.seconds = event.seconds
        entry.outcome = "answered" if answered else "missed" if missed else _unanswered(entry, event.cause)
        entry.cause, entry.reason = event.cause, event.reason
        entry.quality = tuple(_told(line) for line in event.quality)
        self._keep(entry)

    def _joined(self, event: CallEvent, user: str) -> None:
        entry = self._open.get(event.call)
        if entry is not None and user not in entry.users:
            entry.users.add(user)
            self._keep(entry)

    # Keeping

    def _keep(self, entry: Entry) -> None:
        """Write soon: what comes while the disk is busy goes with the next write, a call at its newest state."""
        self._unwritten[entry.id] = entry
        self._start_writing()

    def _start_writing(self) -> None:
        if not self._unwritten or self._writing or self._write_timer is not None or self._closed:
            return
        wait = self._written_at + GATHER_SECONDS - self._clock.time()
        if wait > 0:
            self._write_timer = self._clock.call_later(wait, self._write_now)
        else:
            self._write_now()

    def _write_now(self) -> None:
        self._write_timer = None
        self._writing = True
        self._tasks.spawn(self._write_all(), name="write")

    async def _write_all(self) -> None:
        try:
            await self._write()
        except StoreError as error:
            if not self._failing:
                _LOGGER.warning("Calls are not kept for now: %s", error)
            self._failing = True
            self._see_later()
        else:
            self._failing = False
        self._writing = False
        self._written_at = self._clock.time()
        if not self._failing:
            self._start_writing()

    async def _write(self) -> None:
        entries, self._unwritten = self._unwritten, {}
        try:
            await self._table.put(entries.values())
        except BaseException:  # cancelled too: what is written twice is one row
            kept = {**entries, **self._unwritten}
            self._unwritten = dict(list(kept.items())[-MAX_UNWRITTEN:])
            raise

    def _see_later(self) -> None:
        if self._seen_timer is None and not self._closed:
            self._seen_timer = self._clock.call_later(SEEN_SECONDS, self._see)

    def _see(self) -> None:
        """Calls that are up are written as seen now, and what could not be written is tried again."""
        self._seen_timer = None
        at = self._stamp()
        for entry in list(self._open.values()):
            entry.seen_at = at
            self._keep(entry)
        self._start_writing()
        if self._open:
            self._see_later()

    def _purge(self) -> None:
        self._purge_timer = self._clock.call_later(PURGE_SECONDS, self._purge)
        until = _text(self._wall() - timedelta(days=max(1, self._days)))
        self._tasks.spawn(self._forget_before(until), name="forget old calls")

    async def _forget_before(self, until: str) -> None:
        try:
            gone = await self._table.purge(until)
        except StoreError as error:
            _LOGGER.warning("Old calls stay in the journal for another day: %s", error)
        else:
            if gone:
                _LOGGER.info("%d calls of more than %d days ago are forgotten", gone, self._days)

    def _stamp(self) -> str:
        return _text(self._wall())


def _text(at: datetime) -> str:
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(timespec="milliseconds")


def _unanswered(entry: Entry, cause: int) -> str:
    outcome = _OUTCOMES.get(cause, "failed")
    if outcome == "missed" and entry.direction == "internal" and entry.users <= {entry.caller_user}:
        return "cancelled"  # click to dial, and the caller's own phone was not answered
    return outcome


def _told(line: Quality) -> dict[str, Any]:
    return {
        "number": line.number,
        "received": line.received,
        "lost": line.lost,
        "jitter": line.jitter,
        "round_trip": line.round_trip,
        "codec": line.codec,
    }


def _shown(entry: Entry) -> dict[str, Any]:
    shown = {field.name: getattr(entry, field.name) for field in dataclasses.fields(entry)}
    del shown["users"], shown["key"], shown["seen_at"]
    return {**shown, "quality": [dict(line) for line in entry.quality]}
