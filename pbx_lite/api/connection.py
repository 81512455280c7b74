"""One client: it authenticates, asks, and hears.  Knows nothing of sockets but `send`, `close` and `admitted`."""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any, Protocol

from aiohttp import WSCloseCode

from pbx_lite.api import people_commands, schema
from pbx_lite.api.client_sessions import ClientSessions
from pbx_lite.api.command import Actor, Ask
from pbx_lite.api.commands import run
from pbx_lite.api.facade import Services
from pbx_lite.api.reasons import reason_of
from pbx_lite.errors import Busy, Invalid, PbxError, Unauthorized
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
        self._sessions = ClientSessions(number, services, send=self._send, subscribe=self.subscribe)
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
        self._sessions.leave()
        self._end_task = self._tasks.spawn(self._end(), name="end")

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

    def subscribe(self) -> None:
        self.subscribed = True

    # Inside

    def _take(self, number: int, kind: str, frame: dict[str, Any]) -> None:
        if not self.client:
            self._authenticate(number, kind, frame)
            return
        if self._running >= MAX_RUNNING:
            raise Busy("Too many commands are under way; wait for their results.")
        actor = Actor(**frame.pop("as")) if "as" in frame else None
        ask = Ask(services=self._services, sessions=self._sessions, fields=frame, actor=actor)
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

    async def _end(self) -> None:
        await self._tasks.close()
        await self._sessions.close()
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
        fault: dict[str, Any] = {"code": code, "message": error.message}
        if (found := reason_of(error.message)) is not None:
            fault["reason"], fault["values"] = found
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
