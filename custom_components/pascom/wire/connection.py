"""One connection to a PBX: TLS with a pinned certificate, log-in or pairing, commands and events."""

import asyncio
import hashlib
import ipaddress
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

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
from .models import API_VERSION, Actor, Event, ServerInfo
from .reasons import REASONS

_LOGGER = logging.getLogger(__name__)

PATH = "/"
CONNECT_TIMEOUT = 5.0
COMMAND_TIMEOUT = 20.0
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
    reason = error.get("reason", "")
    values = {str(key): str(value) for key, value in error.get("values", {}).items()}
    known = reason if reason in REASONS else ""
    return CommandFailed(error["message"], code=error["code"], reason=known, values=values)


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
