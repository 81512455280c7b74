"""Home Assistant as a process of its own, driven as a browser drives it: log-in, WebSocket commands, config flows."""

import asyncio
import contextlib
import itertools
import json
import shutil
import weakref
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import aiohttp

from pbx_lite.tasks import spawn
from tests.support.ports import free_ports
from tests.support.process import Child

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-hass/bin/python"

_CONFIGURATION = """\
homeassistant:
  name: Home
  unit_system: metric
  time_zone: Europe/Berlin
  country: DE
  language: en
  latitude: 52.52
  longitude: 13.4
  elevation: 34
config:
frontend:
onboarding:
camera:
automation: !include automations.yaml
script:
system_health:
logger:
  default: warning
  logs:
    custom_components.pascom: debug
    pbx_lite: debug
"""
_STEPS_DONE = {
    "version": 4,
    "minor_version": 1,
    "key": "onboarding",
    "data": {"done": ["core_config", "analytics", "integration"]},
}


def _listening_on(port: int) -> dict[str, Any]:
    """The http integration's stored settings: YAML's would be tried for five minutes and wait for a click."""
    stable = {
        "server_port": port,
        "server_host": ["127.0.0.1"],
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "intermediate_v6",
        "use_x_frame_options": True,
        "created_at": "2026-11-01T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }
    data = {"stable": stable, "pending": None, "yaml_migration_done": True}
    return {"version": 3, "minor_version": 1, "key": "http", "data": data}


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    username: str
    password: str


DEMO = Account("Demo", "demo", "demo")


class CommandFailed(AssertionError):
    def __init__(self, command: str, error: Mapping[str, Any]) -> None:
        super().__init__(f"{command}: {error}")
        self.code = error.get("code")


class HomeAssistant:
    """One running Home Assistant on 127.0.0.1.  `tokens` are its owner's, made at the first log-in."""

    def __init__(self, config: Path, port: int, *, account: Account = DEMO) -> None:
        self.config = config
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.account = account
        self._first = free_ports(10)
        self.tokens: dict[str, Any] = {}
        self.child: Child | None = None
        self._http: aiohttp.ClientSession | None = None
        self._socket: Socket | None = None
        self._told: set[weakref.ref[Changes]] | None = None

    def prepare(self, *, integration: Path | None = ROOT / "custom_components/pascom", more: str = "") -> None:
        """Write the configuration and link the integration; a folder of an earlier start keeps its storage."""
        (self.config / ".storage").mkdir(parents=True, exist_ok=True)
        (self.config / "configuration.yaml").write_text(_CONFIGURATION + more)
        (self.config / ".storage/http").write_text(json.dumps(_listening_on(self.port)))
        automations = self.config / "automations.yaml"
        if not automations.exists():
            automations.write_text("[]\n")
        if not (done := self.config / ".storage/onboarding").exists():
            done.write_text(json.dumps(_STEPS_DONE))
        if integration is not None:
            link = self.config / "custom_components/pascom"
            link.parent.mkdir(exist_ok=True)
            if link.is_symlink() or not link.exists():
                link.unlink(missing_ok=True)
                link.symlink_to(integration, target_is_directory=True)

    async def start(self, *, timeout: float = 90, env: Mapping[str, str] | None = None) -> Self:
        """Start it and log in as its owner, who is made at the first start."""
        command: list[str | Path] = [PYTHON, "-m", "homeassistant", "-c", self.config, "--skip-pip", "--log-no-color"]
        self.child = await Child.start(
            "Home Assistant",
            command,
            cwd=self.config,
            # Several homes start at once, on one machine: none searches for ports where another does.
            env={"PASCOM_SIP_HOST": "127.0.0.1", "PASCOM_PORTS": str(self._first), **(env or {})},
            log=self.config / "console.log",
        )
        self._http = aiohttp.ClientSession(self.url)
        try:
            async with asyncio.timeout(timeout):
                await self._until_answering()
                await self._log_in()
                self._socket = await Socket.open(self._http, self.tokens["access_token"])
                await self._until_running()
        except TimeoutError:
            raise AssertionError(f"Home Assistant was not up in {timeout} s:\n{self.child.tail()}") from None
        return self

    async def stop(self) -> None:
        if self._socket:
            await self._socket.close()
        if self._http:
            await self._http.close()
        if self.child:
            await self.child.stop(timeout=30)
        self._socket = self._http = self.child = self._told = None

    # -- what a client does ------------------------------------------------------------------------------------

    async def command(self, kind: str, **fields: Any) -> Any:
        """The result of one WebSocket command; CommandFailed where it is refused."""
        assert self._socket
        return await self._socket.command(kind, **fields)

    async def subscribe(self, kind: str, **fields: Any) -> asyncio.Queue[dict[str, Any]]:
        """The events of one subscription, in a queue."""
        assert self._socket
        return await self._socket.subscribe(kind, **fields)

    async def state(self, entity_id: str) -> dict[str, Any] | None:
        for state in await self.command("get_states"):
            if state["entity_id"] == entity_id:
                return dict(state)
        return None

    async def call(self, action: str, *, target: Mapping[str, Any] | None = None, **data: Any) -> Any:
        domain, service = action.split(".")
        return await self.command(
            "call_service", domain=domain, service=service, service_data=data, target=target or {}
        )

    async def changes(self) -> Changes:
        """Every change of a state from now on.

        All share one subscription: Home Assistant drops who does not read as fast as a hundred of them tell.
        """
        assert self._socket
        if self._told is None:
            self._told = set()
            await self._socket.subscribe_with(self._tell, "subscribe_events", event_type="state_changed")
        else:
            await self.command("auth/current_user")  # what was said before this answer has been read
        changes = Changes()
        self._told.add(weakref.ref(changes, self._told.discard))
        return changes

    def _tell(self, event: dict[str, Any]) -> None:
        for reference in tuple(self._told or ()):
            if (changes := reference()) is not None:
                changes.hear(event)

    async def post(self, path: str, body: Any, *, form: bool = False) -> Any:
        assert self._http
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"} if self.tokens else {}
        content: dict[str, Any] = {"data": body} if form else {"json": body}
        async with self._http.post(path, headers=headers, **content) as answer:
            text = await answer.text()
            assert answer.status < 400, f"POST {path}: {answer.status} {text}"
            return json.loads(text)

    async def get(self, path: str) -> bytes:
        assert self._http
        async with self._http.get(path, headers={"Authorization": f"Bearer {self.tokens['access_token']}"}) as answer:
            body = await answer.read()
            assert answer.status < 400, f"GET {path}: {answer.status} {body[:500]!r}"
            return body

    async def delete(self, path: str) -> None:
        assert self._http
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        async with self._http.delete(path, headers=headers) as answer:
            assert answer.status < 400, f"DELETE {path}: {answer.status} {await answer.text()}"

    async def flow(self, handler: str, *answers: Mapping[str, Any], kind: str = "") -> dict[str, Any]:
        """Walk a config flow with one answer per step and return its last result."""
        base = f"/api/config/config_entries/{kind}flow"
        step: dict[str, Any] = await self.post(base, {"handler": handler})
        for answer in answers:
            assert step["type"] in {"form", "menu"}, step
            step = await self.post(f"{base}/{step['flow_id']}", dict(answer))
            assert not step.get("errors"), step
        return step

    async def new_user(self, account: Account, *, admin: bool = False) -> tuple[str, dict[str, Any]]:
        """A further user: their id and their tokens."""
        made = await self.command(
            "config/auth/create", name=account.name, group_ids=["system-admin" if admin else "system-users"]
        )
        identity: str = made["user"]["id"]
        await self.command(
            "config/auth_provider/homeassistant/create",
            user_id=identity,
            username=account.username,
            password=account.password,
        )
        return identity, await self.tokens_of(account)

    async def socket_of(self, tokens: Mapping[str, Any]) -> Socket:
        """A WebSocket connection of another user."""
        assert self._http
        return await Socket.open(self._http, tokens["access_token"])

    async def tokens_of(self, account: Account) -> dict[str, Any]:
        client = f"{self.url}/"
        start = await self.post(
            "/auth/login_flow", {"client_id": client, "handler": ["homeassistant", None], "redirect_uri": client}
        )
        credentials = {"username": account.username, "password": account.password, "client_id": client}
        done = await self.post(f"/auth/login_flow/{start['flow_id']}", credentials)
        assert done["type"] == "create_entry", done
        return await self._exchange(done["result"])

    # -- starting ----------------------------------------------------------------------------------------------

    async def _until_answering(self) -> None:
        assert self._http
        assert self.child
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with self._http.get("/api/onboarding") as answer:
                    if answer.status in {200, 404}:
                        return
            assert self.child.process.returncode is None, f"Home Assistant ended:\n{self.child.tail()}"
            await asyncio.sleep(0.1)

    async def _log_in(self) -> None:
        client = f"{self.url}/"
        owner = {"name": self.account.name, "username": self.account.username, "password": self.account.password}
        try:
            made = await self.post("/api/onboarding/users", {**owner, "client_id": client, "language": "en"})
        except AssertionError:  # onboarded at an earlier start
            self.tokens = await self.tokens_of(self.account)
        else:
            self.tokens = await self._exchange(made["auth_code"])

    async def _exchange(self, code: str) -> dict[str, Any]:
        client = f"{self.url}/"
        form = {"grant_type": "authorization_code", "code": code, "client_id": client}
        tokens = await self.post("/auth/token", form, form=True)
        return {**tokens, "hassUrl": self.url, "clientId": client}

    async def _until_running(self) -> None:
        while (await self.command("get_config"))["state"] != "RUNNING":  # noqa: ASYNC110  another process changes it
            await asyncio.sleep(0.1)


class Changes:
    """Every new state since this was made."""

    def __init__(self) -> None:
        self._seen: list[dict[str, Any]] = []
        self._heard = asyncio.Event()

    def hear(self, event: Mapping[str, Any]) -> None:
        if (new := event["data"]["new_state"]) is not None:
            self._seen.append(new)
            self._heard.set()

    async def until(self, entity_id: str, *, timeout: float = 30, **wanted: Any) -> dict[str, Any]:
        """The entity's first new state, come or to come, that is as wanted: `state=…`, or an attribute's name."""
        checked = 0
        try:
            async with asyncio.timeout(timeout):
                while True:
                    for state in self._seen[checked:]:
                        checked += 1
                        if state["entity_id"] == entity_id and _fits(state, wanted):
                            return state
                    self._heard.clear()
                    await self._heard.wait()
        except TimeoutError:
            states = [state for state in self._seen if state["entity_id"] == entity_id]
            raise AssertionError(f"{entity_id} did not become {wanted} in {timeout} s; it was {states}") from None


def _fits(state: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    flat = {**state["attributes"], "state": state["state"]}
    return all(flat.get(name) == value for name, value in wanted.items())


class Socket:
    """One authenticated WebSocket connection to Home Assistant."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._results: dict[int, asyncio.Future[Any]] = {}
        self._events: dict[int, Callable[[dict[str, Any]], None]] = {}
        self._reader = spawn(self._read(), name="Home Assistant socket")

    @classmethod
    async def open(cls, http: aiohttp.ClientSession, token: str) -> Self:
        socket = await http.ws_connect("/api/websocket", max_msg_size=2**26)
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": token})
        assert (await socket.receive_json())["type"] == "auth_ok"
        return cls(socket)

    async def command(self, kind: str, **fields: Any) -> Any:
        number = next(self._ids)
        return await self._send(number, kind, fields)

    async def subscribe(self, kind: str, **fields: Any) -> asyncio.Queue[dict[str, Any]]:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        await self.subscribe_with(queue.put_nowait, kind, **fields)
        return queue

    async def subscribe_with(self, hear: Callable[[dict[str, Any]], None], kind: str, **fields: Any) -> None:
        number = next(self._ids)
        self._events[number] = hear
        await self._send(number, kind, fields)

    async def close(self) -> None:
        await self._socket.close()
        await self._reader

    async def _send(self, number: int, kind: str, fields: Mapping[str, Any]) -> Any:
        result = self._results[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "type": kind, **fields})
        async with asyncio.timeout(60):
            answer = await result
        if not answer["success"]:
            raise CommandFailed(kind, answer["error"])
        return answer["result"]

    async def _read(self) -> None:
        async for frame in self._socket:
            messages = frame.json()
            for message in messages if isinstance(messages, list) else [messages]:
                number = message["id"]
                if message["type"] == "result" and number in self._results:
                    self._results.pop(number).set_result(message)
                elif message["type"] == "event" and number in self._events:
                    self._events[number](message["event"])


@contextlib.asynccontextmanager
async def running(home: HomeAssistant) -> AsyncIterator[HomeAssistant]:
    try:
        yield await home.start()
    finally:
        await home.stop()


def unpack(archive: Path, config: Path) -> Path:
    """Install a release zip as HACS does: its content becomes custom_components/pascom."""
    target = config / "custom_components/pascom"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.unpack_archive(archive, target)
    return target
