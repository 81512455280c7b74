"""One client: it authenticates, asks, and hears.  Knows nothing of sockets but `send`, `close` and `admitted`."""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import WSCloseCode

from pbx_lite.api import people_commands, schema
from pbx_lite.api.command import Actor, Ask
from pbx_lite.api.commands import run
from pbx_lite.api.facade import OnEnd, Services, there
from pbx_lite.api.presentation import stamp
from pbx_lite.directory import User
from pbx_lite.errors import Busy, Conflict, Invalid, PbxError, Unauthorized
from pbx_lite.tasks import Tasks

_LOGGER = logging.getLogger(__name__)
MAX_RUNNING = 256
"""Commands of one client under way; those of trickled candidates wait for their session's answer."""
LARGE = 64 * 1024
"""Characters of a picture or sound from which on it is worth a thread to write it down."""
_CODES = frozenset(
    {"unauthorized", "forbidden", "not_found", "invalid", "conflict", "busy", "unavailable", "unknown_command"}
)
_TRANSLATED = {
    "store": "unavailable",
    "media": "unavailable",
    "no_common_codec": "unavailable",
    "transport": "unavailable",
}


class Socket(Protocol):
    source: str

    def send(self, text: str) -> None: ...

    def close(self, code: WSCloseCode = ..., reason: str = ...) -> None: ...

    def admitted(self) -> None: ...


class Credentials(Protocol):
    """Decides who may use the API; both raise Unauthorized."""

    def check_token(self, token: str, source: str) -> str:
        """The client's name."""
        ...

    async def redeem(self, code: str, client: str, source: str) -> str:
        """A new token."""
        ...


class _Watchable(Protocol):
    """What a browser may watch: the doors, or the rooms."""

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

    async def candidate(
        self, session: str, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None
    ) -> None: ...

    async def close_session(self, session: str) -> None: ...


@dataclass(slots=True, eq=False)
class _Session:
    """A browser's session with a feature.  Candidates may come before the answer is there; they wait for it."""

    key: str
    feature: _Watchable
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False


class Connection:
    def __init__(self, socket: Socket, *, number: int, services: Services, credentials: Credentials) -> None:
        self.subscribed = False
        self.client = ""
        self._socket = socket
        self._number = number
        self._services = services
        self._credentials = credentials
        self._tasks = Tasks(f"client {number}")
        self._running = 0
        self._pairing = False
        self._sessions: dict[str, _Session] = {}
        self._end_task: asyncio.Task[None] | None = None

    # What the socket tells

    def opened(self) -> None:
        identity = self._services.identity
        self._send(
            {
                "type": "server_info",
                "api_version": people_commands.API_VERSION,
                "version": identity.version,
                "name": identity.name,
                "instance": identity.instance,
            }
        )

    def received(self, text: str) -> None:
        number = 0
        try:
            raw = _parse(text)
            number = _number(raw)
            if number == 0:
                raise Invalid("id: a command has a number from 1 on")
            frame = schema.checked(schema.FRAME, raw)
            self._take(number, frame.pop("type"), {key: value for key, value in frame.items() if key != "id"})
        except PbxError as error:
            self._refuse(number, error)
            if not self.client or number == 0:
                self._socket.close(WSCloseCode.POLICY_VIOLATION, error.code)

    def closed(self) -> None:
        """End what this client had: nobody else could close its sessions."""
        self.subscribed = False
        sessions, self._sessions = self._sessions, {}
        self._end_task = self._tasks.spawn(self._end(list(sessions.values())), name="end")

    def tell(self, event: str) -> None:
        """Send an event, encoded once for all, to a client that wants to hear."""
        if self.subscribed:
            self._socket.send(event)

    def end(self) -> None:
        """The PBX stops."""
        self._socket.close(WSCloseCode.GOING_AWAY, "The PBX stops.")

    async def ended(self) -> None:
        """Wait until all that the client had is gone."""
        if self._end_task is not None:
            await asyncio.shield(self._end_task)

    # Sessions

    def subscribe(self) -> None:
        self.subscribed = True

    async def watch(self, door: str, by: User | None, fields: Mapping[str, Any]) -> str:
        return await self._watch(self._services.doorbell, door, by, fields)

    async def watch_room(self, room: str, by: User | None, fields: Mapping[str, Any]) -> str:
        return await self._watch(there(self._services.rooms), room, by, fields)

    async def _watch(self, feature: _Watchable, place: str, by: User | None, fields: Mapping[str, Any]) -> str:
        name = fields["session"]
        if name in self._sessions:
            raise Conflict("This session exists already.")
        session = self._sessions[name] = _Session(f"{self._number}/{name}", feature)

        def ended(code: str, message: str) -> None:
            session.ended = True
            if self._sessions.get(name) is session:
                del self._sessions[name]
                event = {"kind": "session_ended", "session": name, "code": code, "message": message}
                self._send({"type": "event", "event": {**event, "at": stamp(self._services.wall())}})

        servers = [{"urls": server["urls"], **_account(server)} for server in fields["ice_servers"]]
        try:
            return await feature.watch(
                place, by, session=session.key, offer=fields["offer"], ice_servers=servers, on_end=ended
            )
        except BaseException:
            if self._sessions.get(name) is session:
                del self._sessions[name]
            raise
        finally:
            session.answered.set()

    async def candidate(self, fields: Mapping[str, Any]) -> None:
        """A candidate of a session that is over comes too late and does no harm."""
        session = self._sessions.get(fields["session"])
        if session is None:
            return
        await session.answered.wait()
        await session.feature.candidate(session.key, fields["candidate"], fields["sdp_mid"], fields["sdp_m_line_index"])

    async def close_session(self, session: str) -> None:
        known = self._sessions.pop(session, None)
        if known is not None:
            await known.feature.close_session(known.key)

    # Inside

    def _take(self, number: int, kind: str, frame: dict[str, Any]) -> None:
        if not self.client:
            self._authenticate(number, kind, frame)
            return
        if self._running >= MAX_RUNNING:
            raise Busy("Too many commands are under way; wait for their results.")
        actor = Actor(**frame.pop("as")) if "as" in frame else None
        ask = Ask(services=self._services, sessions=self, fields=frame, actor=actor)
        self._running += 1
        self._tasks.spawn(self._run(number, kind, ask), name=kind)

    async def _run(self, number: int, kind: str, ask: Ask) -> None:
        try:
            await self._deliver(number, await run(kind, ask))
        except PbxError as error:
            self._refuse(number, error)
        except Exception:
            _LOGGER.exception("The command %s failed", kind)
            self._refuse(number, PbxError("The PBX failed at this; its log says more.", code="internal"))
        finally:
            self._running -= 1

    def _authenticate(self, number: int, kind: str, frame: dict[str, Any]) -> None:
        if self._pairing or kind not in {"auth", "pair"}:
            raise Unauthorized("Authenticate first.")
        if kind == "auth":
            fields = schema.checked(schema.AUTH_FRAME, frame)
            self._admit(self._credentials.check_token(fields["token"], self._socket.source))
            self._result(number, {})
        else:
            fields = schema.checked(schema.PAIR_FRAME, frame)
            self._pairing = True
            self._tasks.spawn(self._pair(number, fields["code"], fields["client"]), name="pair")

    async def _pair(self, number: int, code: str, client: str) -> None:
        try:
            token = await self._credentials.redeem(code, client, self._socket.source)
        except PbxError as error:
            self._refuse(number, error)
            self._socket.close(WSCloseCode.POLICY_VIOLATION, error.code)
            return
        self._admit(client)
        self._result(number, {"token": token})

    def _admit(self, client: str) -> None:
        self.client = client
        self._socket.admitted()
        _LOGGER.info("%s is connected from %s", client, self._socket.source)

    async def _end(self, sessions: list[_Session]) -> None:
        await self._tasks.close()
        for session in sessions:
            if not session.ended:
                await session.feature.close_session(session.key)
        if self.client:
            _LOGGER.info("%s is disconnected", self.client)

    async def _deliver(self, number: int, result: Any) -> None:
        """A sound is made text in a thread, so that calls do not wait for it."""
        if isinstance(result, dict) and len(result.get("data", "")) > LARGE:
            frame = {"id": number, "type": "result", "success": True, "result": result}
            self._socket.send(await asyncio.to_thread(encoded, frame))
        else:
            self._result(number, result)

    def _result(self, number: int, result: Any) -> None:
        self._send({"id": number, "type": "result", "success": True, "result": result})

    def _refuse(self, number: int, error: PbxError) -> None:
        code = error.code if error.code in _CODES else _TRANSLATED.get(error.code, "internal")
        fault = {"code": code, "message": error.message}
        self._send({"id": number, "type": "result", "success": False, "error": fault})

    def _send(self, frame: Mapping[str, Any]) -> None:
        self._socket.send(encoded(frame))


def encoded(frame: Mapping[str, Any]) -> str:
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def _parse(text: str) -> dict[str, Any]:
    try:
        frame = json.loads(text)
    except ValueError, RecursionError:
        raise Invalid("This is not JSON.") from None
    if not isinstance(frame, dict):
        raise Invalid("A frame is a JSON object.")
    return frame


def _number(frame: Mapping[str, Any]) -> int:
    """What the result is addressed to; 0 where the frame has no usable number."""
    number = frame.get("id")
    return number if isinstance(number, int) and not isinstance(number, bool) and 0 < number <= 2**53 else 0


def _account(server: Mapping[str, Any]) -> dict[str, str]:
    return {key: server[key] for key in ("username", "credential") if server.get(key) is not None}
