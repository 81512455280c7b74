"""What browsers have open by one client: WebRTC sessions with doors, rooms and calls, and the pages that ring."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pbx_lite.api.command import Begin
from pbx_lite.api.facade import OnEnd, Services, there
from pbx_lite.api.presentation import news_shown, stamp
from pbx_lite.api.softphone_facade import Softphone, Tell
from pbx_lite.calls.browsers import News
from pbx_lite.directory import User
from pbx_lite.errors import Conflict


class _Session(Protocol):
    """Who carries a session on: the doors, the rooms, or the telephone in browsers."""

    async def candidate(
        self, session: str, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None
    ) -> None: ...

    async def close_session(self, session: str) -> None: ...


class _Watchable(_Session, Protocol):
    """What a browser may watch."""

    async def watch(
        self,
        place: str,
        by: User | None,
        /,
        *,
        session: str,
        offer: str,
        ice_servers: Sequence[dict[str, Any]],
        on_end: OnEnd,
    ) -> str: ...


@dataclass(slots=True, eq=False)
class _Open:
    """A session with a feature.  Candidates may come before the answer is there; they wait for it.

    One that `outlives` its client goes on when that has lost its connection: people talk by it.
    """

    key: str
    feature: _Session
    outlives: bool = False
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False


class ClientSessions:
    """What `command.Sessions` says; ids mean nothing to another client."""

    def __init__(
        self,
        number: int,
        services: Services,
        *,
        send: Callable[[Mapping[str, Any]], None],
        subscribe: Callable[[], None],
    ) -> None:
        self.subscribe = subscribe
        self._number = number
        self._services = services
        self._send = send
        self._open: dict[str, _Open] = {}
        self._left: list[_Open] = []
        self._pages: dict[tuple[str, str], Tell] = {}

    async def watch(self, door: str, by: User | None, fields: Mapping[str, Any]) -> str:
        return await self._watch(self._services.doorbell, door, by, fields)

    async def watch_room(self, room: str, by: User | None, fields: Mapping[str, Any]) -> str:
        return await self._watch(there(self._services.rooms), room, by, fields)

    async def speak[T](self, softphone: Softphone, fields: Mapping[str, Any], begin: Begin[T]) -> T:
        name = fields["session"]
        return await self._begin(name, self._new(name, softphone, outlives=True), fields, begin)

    async def candidate(self, fields: Mapping[str, Any]) -> None:
        """A candidate of a session that is over comes too late and does no harm."""
        session = self._open.get(fields["session"])
        if session is None:
            return
        await session.answered.wait()
        await session.feature.candidate(session.key, fields["candidate"], fields["sdp_mid"], fields["sdp_m_line_index"])

    async def close_session(self, session: str) -> None:
        known = self._open.pop(session, None)
        if known is not None:
            await known.feature.close_session(known.key)

    def page_here(self, user: str, device: str) -> Tell:
        def tell(news: News) -> None:
            event = {**news_shown(user, device, news), "at": stamp(self._services.wall())}
            self._send({"type": "event", "event": event})

        self._pages[user, device] = tell
        return tell

    def page_gone(self, user: str, device: str) -> None:
        tell = self._pages.pop((user, device), None)
        if tell is not None and self._services.softphone is not None:
            self._services.softphone.gone(user, device, tell)

    def leave(self) -> None:
        """The client is away: nothing rings on its pages any more, and nobody opens anything."""
        for user, device in tuple(self._pages):
            self.page_gone(user, device)
        self._left += self._open.values()
        self._open = {}

    async def close(self) -> None:
        """End what nobody else could close, once nothing is under way any more."""
        self.leave()
        left, self._left = self._left, []
        for session in left:
            if not session.ended and not session.outlives:
                await session.feature.close_session(session.key)

    async def _watch(self, feature: _Watchable, place: str, by: User | None, fields: Mapping[str, Any]) -> str:
        name = fields["session"]
        session = self._new(name, feature)

        def ended(code: str, message: str) -> None:
            session.ended = True
            if self._open.get(name) is session:
                del self._open[name]
                event = {"kind": "session_ended", "session": name, "code": code, "message": message}
                self._send({"type": "event", "event": {**event, "at": stamp(self._services.wall())}})

        return await self._begin(
            name,
            session,
            fields,
            lambda key, servers: feature.watch(
                place, by, session=key, offer=fields["offer"], ice_servers=servers, on_end=ended
            ),
        )

    def _new(self, name: str, feature: _Session, *, outlives: bool = False) -> _Open:
        if name in self._open:
            raise Conflict("This session exists already.")
        session = self._open[name] = _Open(f"{self._number}/{name}", feature, outlives)
        return session

    async def _begin[T](self, name: str, session: _Open, fields: Mapping[str, Any], begin: Begin[T]) -> T:
        servers = [{"urls": server["urls"], **_account(server)} for server in fields["ice_servers"]]
        try:
            return await begin(session.key, servers)
        except BaseException:
            if self._open.get(name) is session:
                del self._open[name]
            raise
        finally:
            session.answered.set()


def _account(server: Mapping[str, Any]) -> dict[str, str]:
    return {key: server[key] for key in ("username", "credential") if server.get(key) is not None}
