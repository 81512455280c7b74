"""The PBX over its WebSocket: typed commands, a snapshot and then events.  Knows nothing of Home Assistant.

`PascomClient` keeps the connection for as long as it runs and comes back by itself; `connect()` is a single connection,
as pairing needs it.
"""

import asyncio
import base64
import hashlib
import ipaddress
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from aiohttp import (
    ClientError,
    ClientSession,
    ClientWebSocketResponse,
    ClientWSTimeout,
    Fingerprint,
    ServerFingerprintMismatch,
    WSMsgType,
)

from .errors import CannotConnect, CertificateChanged, CommandFailed, Incompatible, PascomError, Unauthorized
from .models import API_VERSION, Account, Actor, Door, Event, Picture, Profile, Role, ServerInfo, Snapshot, User

__all__ = [
    "CannotConnect",
    "CertificateChanged",
    "CommandFailed",
    "Connection",
    "Endpoint",
    "Incompatible",
    "Listener",
    "PascomClient",
    "PascomError",
    "Unauthorized",
    "Witness",
    "connect",
    "is_loopback",
]

_LOGGER = logging.getLogger(__name__)

PATH = "/"
# The first try after a loss comes at once; the longest pause keeps the promise of "right again within a second".
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 0.5
CONNECT_TIMEOUT = 5.0
COMMAND_TIMEOUT = 20.0
# An offer waits for the door to answer; a still may have to wake the station's camera.
SLOW_COMMAND_TIMEOUT = 40.0
# The server is asked so often whether it is still there; a lost network would not say so.
HEARTBEAT = 10.0
# Snapshots of a large installation and still images in base64.
MAX_FRAME = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where the API listens.  Anything but loopback is TLS, pinned to the SHA-256 `fingerprint` of its certificate."""

    host: str
    port: int
    fingerprint: str | None = None

    @property
    def tls(self) -> bool:
        return not is_loopback(self.host)

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'wss' if self.tls else 'ws'}://{host}:{self.port}{PATH}"


class Listener(Protocol):
    """Who hears what the PBX tells.  All are plain calls from the client's own task."""

    def on_connected(self, snapshot: Snapshot) -> None: ...

    def on_event(self, event: Event) -> None: ...

    def on_disconnected(self, reason: PascomError) -> None: ...


class Witness(Protocol):
    """Who hears the same as it crosses the wire, after the listener."""

    def on_snapshot(self, snapshot: Mapping[str, Any]) -> None: ...

    def on_event(self, event: Event) -> None: ...

    def on_disconnected(self) -> None: ...


class Connection:
    """One WebSocket to the PBX; `connect()` makes it."""

    def __init__(self, ws: ClientWebSocketResponse, info: ServerInfo) -> None:
        self.info = info
        self._ws = ws
        self._next_id = 1
        self._pending: dict[int, asyncio.Future[Any]] = {}
        self._hear: Callable[[Event], None] | None = None
        self._unheard: list[Event] = []
        self._reader = asyncio.get_running_loop().create_task(self._read(), name="pascom reader")

    @property
    def fingerprint(self) -> str | None:
        """SHA-256 of the server's certificate in hexadecimal, None without TLS."""
        ssl_object = self._ws.get_extra_info("ssl_object")
        certificate = ssl_object.getpeercert(binary_form=True) if ssl_object is not None else None
        return hashlib.sha256(certificate).hexdigest() if certificate else None

    async def authenticate(self, token: str) -> None:
        """Raises Unauthorized when the token is not (or no longer) known."""
        await self.command("auth", token=token)

    async def pair(self, code: str, client: str) -> str:
        """Trade a pairing code for a token.  Raises Unauthorized when the code is wrong or has expired."""
        result = await self.command("pair", code=code, client=client)
        return str(result["token"])

    async def command(
        self, kind: str, *, actor: Actor | None = None, timeout: float = COMMAND_TIMEOUT, **fields: Any
    ) -> Any:
        """Send and wait for the result.  Raises CommandFailed, Unauthorized, or CannotConnect when the link breaks."""
        number, self._next_id = self._next_id, self._next_id + 1
        frame: dict[str, Any] = {"id": number, "type": kind, **fields}
        if actor is not None:
            frame["as"] = actor.to_wire()
        answer = self._pending[number] = asyncio.get_running_loop().create_future()
        try:
            await self._ws.send_str(json.dumps(frame))
            async with asyncio.timeout(timeout):
                return await answer
        except TimeoutError:
            raise CommandFailed(f"The PBX did not answer {kind} in {timeout:.0f} seconds.", code="timeout") from None
        except (ClientError, OSError) as err:
            raise CannotConnect(f"The connection to the PBX broke: {err}") from err
        finally:
            self._pending.pop(number, None)

    def listen(self, hear: Callable[[Event], None]) -> None:
        """Hear every event, those first that came since `subscribe` was answered."""
        self._hear = hear
        unheard, self._unheard = self._unheard, []
        for event in unheard:
            _tell(hear, event)

    async def stay(self) -> None:
        """Wait until the connection ends or the server falls silent, which raises CannotConnect."""
        while True:
            done, _ = await asyncio.wait([self._reader], timeout=HEARTBEAT)
            if done:
                self._reader.result()
            try:
                await self.command("ping", timeout=HEARTBEAT)
            except CommandFailed as err:
                raise CannotConnect(err.message) from err

    async def close(self) -> None:
        self._reader.cancel()
        await asyncio.wait([self._reader])
        if not self._reader.cancelled():
            self._reader.exception()  # whoever waited has it already
        await self._ws.close()

    async def _read(self) -> None:
        reason = CannotConnect("The PBX closed the connection.")
        try:
            async for message in self._ws:
                if message.type is not WSMsgType.TEXT:
                    break
                self._take(json.loads(message.data))
        except ClientError as err:
            reason = CannotConnect(f"The connection to the PBX broke: {err}")
        except (ValueError, KeyError, TypeError, AttributeError) as err:
            reason = CannotConnect(f"The PBX sent something that is not of its API: {err!r}")
        finally:
            for answer in self._pending.values():
                if not answer.done():
                    answer.set_exception(reason)
        raise reason

    def _take(self, frame: Mapping[str, Any]) -> None:
        if frame["type"] == "event":
            event = Event.from_wire(frame["event"])
            if self._hear is None:
                self._unheard.append(event)
            else:
                _tell(self._hear, event)
        elif frame["type"] == "result":
            answer = self._pending.get(frame["id"])
            if answer is None or answer.done():
                return
            if frame["success"]:
                answer.set_result(frame["result"])
            else:
                answer.set_exception(_failure(frame["error"]))


def _tell(hear: Callable[[Event], None], event: Event) -> None:
    try:
        hear(event)
    except Exception:
        _LOGGER.exception("A listener failed on %s", event.kind)


def _failure(error: Mapping[str, Any]) -> PascomError:
    if error["code"] == Unauthorized.code:
        return Unauthorized(error["message"])
    return CommandFailed(error["message"], code=error["code"])


@asynccontextmanager
async def connect(session: ClientSession, endpoint: Endpoint, *, trust: bool = False) -> AsyncIterator[Connection]:
    """A single connection, up to the server's first words.

    `trust` accepts any certificate: for looking at a server before it is paired.  Raises CannotConnect or Incompatible.
    """
    ws = await _open(session, endpoint, trust=trust)
    try:
        info = await _first_words(ws, endpoint)
    except BaseException:
        await ws.close()
        raise
    connection = Connection(ws, info)
    try:
        yield connection
    finally:
        await connection.close()


async def _first_words(ws: ClientWebSocketResponse, endpoint: Endpoint) -> ServerInfo:
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            info = ServerInfo.from_wire(await ws.receive_json())
    except (TimeoutError, TypeError, ValueError, KeyError, ClientError) as err:
        raise CannotConnect(f"{endpoint.host}:{endpoint.port} does not answer as a PBX.") from err
    if info.api_version != API_VERSION:
        raise Incompatible(f"The PBX {info.version} speaks API version {info.api_version}, not {API_VERSION}.")
    return info


async def _open(session: ClientSession, endpoint: Endpoint, *, trust: bool) -> ClientWebSocketResponse:
    check: bool | Fingerprint = False
    if endpoint.tls and not trust:
        if endpoint.fingerprint is None:
            raise CertificateChanged("No certificate is pinned for this PBX; pair again.")
        check = Fingerprint(bytes.fromhex(endpoint.fingerprint))
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            return await session.ws_connect(
                endpoint.url,
                ssl=check,
                max_msg_size=MAX_FRAME,
                timeout=ClientWSTimeout(ws_close=1.0),
            )
    except ServerFingerprintMismatch as err:
        raise CertificateChanged(f"{endpoint.host} shows another certificate than the one it was paired with.") from err
    except TimeoutError as err:
        raise CannotConnect(f"{endpoint.host}:{endpoint.port} does not answer.") from err
    except (ClientError, OSError) as err:
        raise CannotConnect(f"{endpoint.host}:{endpoint.port} cannot be reached: {err}") from err


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(slots=True)
class PascomClient:
    """The PBX for as long as `run()` runs; it connects, listens, and comes back after every loss."""

    session: ClientSession
    endpoint: Endpoint
    token: str = field(repr=False)
    listener: Listener
    witness: Witness | None = None
    _connection: Connection | None = None
    _sooner: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def connected(self) -> bool:
        return self._connection is not None

    async def run(self) -> None:
        """Stay connected until cancelled.  Returns only when the token is refused; the listener hears of every loss."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self._stay()
            except PascomError as err:
                if self._connection is not None:
                    pause = FIRST_PAUSE
                self._connection = None
                self.listener.on_disconnected(err)
                if self.witness is not None:
                    self.witness.on_disconnected()
                if isinstance(err, Unauthorized):
                    return
            finally:
                self._connection = None
            self._sooner.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._sooner.wait()
            pause = min(pause * 2, LONGEST_PAUSE)

    def hurry(self) -> None:
        """Try again now: something says that the PBX is back."""
        self._sooner.set()

    async def _stay(self) -> None:
        async with connect(self.session, self.endpoint) as connection:
            await connection.authenticate(self.token)
            wire = await connection.command("subscribe")
            snapshot = Snapshot.from_wire(wire)
            self._connection = connection
            self.listener.on_connected(snapshot)
            if self.witness is not None:
                self.witness.on_snapshot(wire)
            connection.listen(self._hear)
            await connection.stay()

    def _hear(self, event: Event) -> None:
        try:
            self.listener.on_event(event)
        finally:
            if self.witness is not None:
                self.witness.on_event(event)

    async def command(
        self, kind: str, *, actor: Actor | None = None, timeout: float = COMMAND_TIMEOUT, **fields: Any
    ) -> Any:
        """Any command of the API.  Raises CannotConnect at once while the PBX is away."""
        if self._connection is None:
            raise CannotConnect("The PBX is not connected.")
        return await self._connection.command(kind, actor=actor, timeout=timeout, **fields)

    # Doors

    async def open_door(self, door: str, actor: Actor | None) -> str:
        """Returns how it was opened: `dtmf`, `http` or `event`."""
        return str((await self.command("door/open", actor=actor, door=door))["how"])

    async def call_door(self, door: str, actor: Actor | None) -> None:
        await self.command("door/call", actor=actor, door=door)

    async def end_call(self, door: str, actor: Actor | None) -> None:
        await self.command("door/end", actor=actor, door=door)

    async def watch(
        self, door: str, session: str, offer: str, ice_servers: list[dict[str, Any]], actor: Actor | None
    ) -> str:
        """Begin a WebRTC session and return the answer's SDP, all candidates in it."""
        result = await self.command(
            "door/watch",
            actor=actor,
            timeout=SLOW_COMMAND_TIMEOUT,
            door=door,
            session=session,
            offer=offer,
            ice_servers=ice_servers,
        )
        return str(result["answer"])

    async def candidate(self, session: str, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None) -> None:
        await self.command(
            "webrtc/candidate", session=session, candidate=candidate, sdp_mid=sdp_mid, sdp_m_line_index=sdp_m_line_index
        )

    async def close_session(self, session: str) -> None:
        await self.command("webrtc/close", session=session)

    async def image(self, door: str, actor: Actor | None = None) -> Picture:
        """A fresh still image of the door."""
        return _picture(await self.command("door/image", actor=actor, timeout=SLOW_COMMAND_TIMEOUT, door=door))

    async def last_visitor(self, door: str) -> Picture | None:
        """The picture taken at the last ring, if there is one."""
        result = await self.command("door/last_visitor", door=door)
        return None if result is None else _picture(result)

    async def profiles(self) -> list[Profile]:
        return [Profile.from_wire(profile) for profile in (await self.command("profile/list"))["profiles"]]

    async def add_door(self, actor: Actor | None, **fields: Any) -> tuple[Door, Account]:
        result = await self.command("door/add", actor=actor, **fields)
        return Door.from_wire(result["door"]), Account.from_wire(result["account"])

    async def update_door(self, door: str, actor: Actor | None, **fields: Any) -> Door:
        return Door.from_wire((await self.command("door/update", actor=actor, door=door, **fields))["door"])

    async def remove_door(self, door: str) -> None:
        await self.command("door/remove", door=door)

    async def door_account(self, door: str, actor: Actor | None) -> Account:
        return Account.from_wire((await self.command("door/account", actor=actor, door=door))["account"])

    # People

    async def link_user(self, ha_user: str, name: str, user: str | None, roles: list[str]) -> User:
        """Link a Home Assistant user to `user`, or to a new one (None) with the next free extension and `roles`."""
        given: dict[str, Any] = {"roles": roles} if user is None and roles else {}
        return User.from_wire((await self.command("user/link", ha_user=ha_user, name=name, user=user, **given))["user"])

    async def unlink_user(self, ha_user: str) -> None:
        await self.command("user/unlink", ha_user=ha_user)

    async def set_roles(self, user: str, roles: list[str]) -> None:
        await self.command("user/update", user=user, roles=roles)

    async def roles(self) -> list[Role]:
        return [Role.from_wire(role) for role in (await self.command("role/list"))["roles"]]

    async def save_role(
        self,
        role: str,
        see: list[str],
        may_open: list[str],
        dial: list[str] | None = None,
        rooms: list[str] | None = None,
    ) -> None:
        given = {"dial": dial, "rooms": rooms}
        more: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        await self.command("role/save", role=role, see=see, open=may_open, **more)


def _picture(result: Mapping[str, Any]) -> Picture:
    at = result.get("at")
    return Picture(
        content_type=result["content_type"],
        data=base64.b64decode(result["data"]),
        at=datetime.fromisoformat(at) if at else None,
    )
