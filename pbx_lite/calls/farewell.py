"""Goodbyes that a PBX which died in a call still owes: said at its next start, so that no station talks to nobody.

A station that thinks it is in a call takes no other; without a BYE it stays so for minutes, some until the power goes.
Who holds a phone can hang up: what is owed to phones is written once a second, for all of them together, and for most
short calls never.
"""

import logging
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any, Protocol

from pbx_lite.calls.leg import OUT_OF_ORDER
from pbx_lite.clock import Clock, Timer
from pbx_lite.errors import PbxError
from pbx_lite.sip.address import Address
from pbx_lite.sip.dialog import Dialog
from pbx_lite.sip.endpoint import Endpoint
from pbx_lite.sip.headers import NameAddr
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)
_AHEAD = 1000
"""How far beyond the kept CSeq a goodbye counts: requests sent since then were not kept."""
_GATHER = 1.0  # seconds


class DialogStore(Protocol):
    def take_all(self) -> list[dict[str, Any]]: ...

    def change(self, put: Mapping[str, Mapping[str, Any]], remove: Iterable[str], *, at_once: bool = False) -> None: ...


class Confirmed(Protocol):
    """A session that is up."""

    @property
    def dialog(self) -> Dialog | None: ...

    @property
    def remote(self) -> Address | None: ...


class Farewells:
    """`up` and `over` keep the list; `say` works off what an earlier run left."""

    def __init__(self, store: DialogStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._owed = store.take_all()
        self._up: dict[str, Confirmed] = {}  # not written yet
        self._over: set[str] = set()  # still written
        self._timer: Timer | None = None
        self._tasks = Tasks("farewells")

    async def close(self) -> None:
        self._write()
        await self._tasks.close()

    def up(self, session: Confirmed, *, soon: bool = False) -> str:
        """A call with this party is up; the key under which it is over later, empty if there is no dialog.

        `soon` is enough for parties that can hang up by themselves; it is written at once for all others.
        """
        dialog = session.dialog
        if dialog is None or session.remote is None:
            return ""
        key = f"{dialog.call_id} {dialog.local_tag}"
        self._up[key] = session
        if soon:
            self._write_later()
        else:
            self._write(at_once=True)
        return key

    def over(self, key: str) -> None:
        if key and self._up.pop(key, None) is None:
            self._over.add(key)
            self._write_later()

    def _write_later(self) -> None:
        if self._timer is None:
            self._timer = self._clock.call_later(_GATHER, self._write)

    def _write(self, *, at_once: bool = False) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        rows = {key: row for key, session in self._up.items() if (row := _row(session)) is not None}
        if rows or self._over:
            self._store.change(rows, self._over, at_once=at_once)
        self._up, self._over = {}, set()

    def say(self, endpoint: Endpoint) -> None:
        """Hang up on every party of calls that an earlier run could not end."""
        owed, self._owed = self._owed, []
        for row in owed:
            self._tasks.spawn(self._bye(endpoint, row), name="goodbye")

    async def _bye(self, endpoint: Endpoint, row: Mapping[str, Any]) -> None:
        try:
            counter = count(int(row["seq"]) + _AHEAD)
            await endpoint.request(
                "BYE",
                row["target"],
                from_=NameAddr.parse(row["local"]),
                to=NameAddr.parse(row["remote"]),
                target=None if row["routes"] else Address.parse(row["address"]),
                headers=[*(("Route", route) for route in row["routes"]), ("Reason", OUT_OF_ORDER.reason())],
                call_id=row["call_id"],
                seq=lambda: next(counter),
            )
        except (PbxError, KeyError, ValueError) as error:
            _LOGGER.info("A call of before the restart could not be ended: %s", error)


def _row(session: Confirmed) -> dict[str, Any] | None:
    dialog, remote = session.dialog, session.remote
    if dialog is None or remote is None:
        return None
    return {
        "call_id": dialog.call_id,
        "local": str(dialog.local),
        "remote": str(dialog.remote),
        "target": dialog.target,
        "routes": list(dialog.routes),
        "seq": dialog.local_seq,
        "address": str(remote),
    }
