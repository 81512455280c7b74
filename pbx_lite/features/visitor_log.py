"""Who rang and who opened, from the events: the doors' journal, the last ring of each, and the visitors' pictures."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pbx_lite.events import (
    DoorAnswered,
    DoorEnded,
    DoorEvent,
    DoorMissed,
    DoorOpened,
    DoorOpenFailed,
    DoorRang,
    Event,
    EventBus,
)
from pbx_lite.store.visitors import Visit, VisitTable


def _now() -> datetime:
    return datetime.now(UTC)


class VisitorLog:
    """Listens before all others, so that whoever hears of a ring finds it here.  `wall` gives UTC."""

    def __init__(self, table: VisitTable, bus: EventBus, *, wall: Callable[[], datetime] = _now) -> None:
        self._table = table
        self._wall = wall
        table.close_open_rings()
        self._next_id = table.next_id()
        self._rings = table.last_rings()
        self._pictured = table.last_pictures()
        self._pictures: dict[str, bytes] = {}
        self._forget = bus.listen(self._heard, DoorEvent)

    async def close(self) -> None:
        self._forget()

    def last_ring(self, door: str) -> dict[str, Any] | None:
        """The newest ring as the API shows it."""
        visit = self._rings.get(door)
        if visit is None:
            return None
        return {
            "id": visit.ring,
            "at": visit.at,
            "button": visit.button,
            "outcome": visit.outcome,
            "answered_by": visit.by,
            "picture": visit.picture,
        }

    def last_picture(self, door: str) -> tuple[bytes, datetime] | None:
        """The newest visitor's JPEG and when they rang."""
        visit = self._pictured.get(door)
        if visit is None:
            return None
        if door not in self._pictures:
            picture = self._table.picture(visit)
            if picture is None:
                del self._pictured[door]
                return None
            self._pictures[door] = picture
        return self._pictures[door], datetime.fromisoformat(visit.at)

    def picture_of(self, door: str, ring: str) -> bytes | None:
        """The JPEG of who rang just then; None where there is none, or somebody rang since."""
        last, kept = self._rings.get(door), self.last_picture(door)
        return kept[0] if kept is not None and last is not None and last.ring == ring and last.picture else None

    async def picture(self, door: str, entry: int) -> bytes | None:
        """The JPEG of a ring by its id in the journal, None where there is none or it is gone by now."""
        return await self._table.picture_at(door, entry)

    async def entries(self, door: str | None, limit: int, before: int | None = None) -> list[dict[str, Any]]:
        """The journal, newest first, as the API shows it; with `before` what is older than this entry."""
        return [dataclasses.asdict(visit) for visit in await self._table.entries(door, limit, before)]

    async def keep_picture(self, door: str, ring: str, picture: bytes) -> None:
        """Keep the JPEG of the visitor of `ring`; one that is not the door's newest ring is too late and dropped.

        Raises StoreError.
        """
        visit = self._rings.get(door)
        if visit is None or visit.ring != ring:
            return
        await self._table.save_picture(visit, picture)
        # The ring may have been answered meanwhile: its newest state gets the mark.
        newest = self._rings[door]
        kept = dataclasses.replace(newest if newest.id == visit.id else visit, picture=True)
        if newest.id == visit.id:
            self._rings[door] = kept
        self._table.put(kept)
        self._pictured[door] = kept
        self._pictures[door] = picture

    def forget_door(self, door: str) -> None:
        """The door was removed: one of the same name made later starts without visitors."""
        for known in (self._rings, self._pictured, self._pictures):
            known.pop(door, None)
        self._table.forget_door(door)

    def _heard(self, event: Event) -> None:
        match event:
            case DoorRang():
                self._rings[event.door] = self._write(
                    Visit(
                        id=0,
                        kind="ring",
                        door=event.door,
                        at=self._stamp(),
                        ring=event.ring,
                        button=event.button,
                        outcome="ringing",
                    )
                )
            case DoorAnswered():
                self._amend(event.door, event.ring, outcome="answered", by=event.by)
            case DoorMissed():
                self._amend(event.door, event.ring, outcome="missed")
            case DoorEnded():
                visit = self._rings.get(event.door)
                if visit is not None and visit.outcome == "ringing":
                    self._amend(event.door, event.ring, outcome="missed")
            case DoorOpened():
                self._opening(event, "opened", how=event.how)
            case DoorOpenFailed():
                self._opening(event, "failed", how=event.how, error=event.error)
            case _:
                pass

    def _opening(self, event: DoorOpened | DoorOpenFailed, outcome: str, *, how: str, error: str = "") -> None:
        at = self._stamp()
        self._write(
            Visit(
                id=0,
                kind="opening",
                door=event.door,
                at=at,
                ring=event.ring,
                outcome=outcome,
                by=event.by,
                how=how,
                error=error,
            )
        )

    def _amend(self, door: str, ring: str, **changes: Any) -> None:
        visit = self._rings.get(door)
        if visit is not None and visit.ring == ring:
            self._rings[door] = changed = dataclasses.replace(visit, **changes)
            self._table.put(changed)

    def _write(self, visit: Visit) -> Visit:
        numbered = dataclasses.replace(visit, id=self._next_id)
        self._next_id += 1
        self._table.put(numbered)
        return numbered

    def _stamp(self) -> str:
        return self._wall().astimezone(UTC).isoformat(timespec="milliseconds")
