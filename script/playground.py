"""What `script/run` starts: Home Assistant, set up by program as a person would, and the demo door beside it."""

import argparse
import asyncio
import contextlib
import json
import secrets
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any

import aiohttp

from pbx_lite.tasks import spawn
from tests.support.home_assistant import PYTHON, ROOT, Account, HomeAssistant
from tests.support.pascom import (
    DoorAccount,
    DoorEntities,
    add_door,
    add_person,
    door_registered,
    entities_of,
    run_pbx_here,
)
from tests.support.ports import free_port
from tests.support.process import Child

DASHBOARD = "front-door"
DOOR = "Front door"
CODE = "00#"


class Playground:
    """A home with one door.  `folder` keeps it from start to start."""

    def __init__(self, folder: Path, *, port: int, door_port: int, sip_port: int) -> None:
        self._notes = folder / "playground.json"
        kept = json.loads(self._notes.read_text()) if self._notes.exists() else {}
        self.password: str = kept.get("password") or secrets.token_urlsafe(9)
        self._account = DoorAccount(**kept["door"]) if "door" in kept else None
        self._door_port = door_port
        self._sip_port = sip_port
        self._door: Child | None = None
        self.entities: DoorEntities | None = None
        self.home = HomeAssistant(folder, port, account=Account("Demo", "demo", self.password))
        self.door_page = f"http://127.0.0.1:{door_port}/"
        self.dashboard = f"{self.home.url}/{DASHBOARD}"

    async def start(self, say: Callable[[str], None]) -> None:
        self.home.prepare()
        self._keep()
        say("Starting Home Assistant …")
        await self.home.start(timeout=180)
        if self._account is None:
            say("Adding the PBX and the door …")
            await self._set_up()
        else:
            await self._start_door(self._account)
        self.entities = await entities_of(self.home, DOOR)
        await self._save_dashboard(self.entities)

    async def stop(self) -> None:
        if self._door:
            await self._door.stop(timeout=5)
        await self.home.stop()

    async def press(self, what: str) -> None:
        """`ring` or `hang_up`, as on the door's page."""
        async with aiohttp.ClientSession() as session, session.post(self.door_page + what):
            pass

    async def ended(self) -> str:
        """Wait until a part ends by itself; says which."""
        assert self.home.child
        assert self._door
        parts = {"Home Assistant": self.home.child, "The demo door": self._door}
        waiting = {spawn(child.process.wait(), name=name): name for name, child in parts.items()}
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        name = waiting[done.pop()]
        return f"{name} ended:\n{parts[name].tail(15)}"

    async def _set_up(self) -> None:
        home = self.home
        await home.command("labs/update", domain="camera", preview_feature="two_way_audio", enabled=True)
        entry = await run_pbx_here(home, sip_port=self._sip_port)
        me = await home.command("auth/current_user")
        await add_person(home, entry, me["id"], me["name"])  # so that the panel is a telephone at once
        account = await add_door(home, entry, DOOR, dtmf=CODE)
        await self._start_door(account)
        await door_registered(home, account)
        self._account = account
        self._keep()

    async def _start_door(self, account: DoorAccount) -> None:
        server = ["--server", f"udp:127.0.0.1:{account.port}", "--user", account.username, "--name", DOOR]
        command: list[str | Path] = [
            PYTHON,
            "-m",
            "pbx_lite",
            "demo-door",
            *server,
            "--code",
            CODE,
            "--page",
            f"127.0.0.1:{self._door_port}",
        ]
        log = self.home.config / "door.log"
        environment = {"DEMO_DOOR_PASSWORD": account.password}
        self._door = await Child.start("The demo door", command, cwd=ROOT, env=environment, log=log)
        await self._door.wait_for("^ready$")

    def _keep(self) -> None:
        kept: dict[str, Any] = {"password": self.password}
        if self._account:
            kept["door"] = asdict(self._account)
        self._notes.touch(mode=0o600)
        self._notes.write_text(json.dumps(kept))

    async def _save_dashboard(self, door: DoorEntities) -> None:
        home = self.home
        dashboards = await home.command("lovelace/dashboards/list")
        if DASHBOARD not in {found["url_path"] for found in dashboards}:
            fields = {"title": DOOR, "icon": "mdi:doorbell-video", "show_in_sidebar": True, "require_admin": False}
            await home.command("lovelace/dashboards/create", url_path=DASHBOARD, mode="storage", **fields)
        await home.command("lovelace/config/save", url_path=DASHBOARD, config=_dashboard(door, self.door_page))


def _dashboard(door: DoorEntities, door_page: str) -> dict[str, Any]:
    """Our card as one sees it inside, the door's own page as one sees it outside."""
    wide = {"grid_options": {"columns": "full"}}
    inside: list[dict[str, Any]] = [
        {"type": "heading", "heading": "Inside", "icon": "mdi:home-account"},
        {"type": "custom:pascom-door-card", "entity": door.camera, **wide},
        {"type": "tile", "entity": door.event, "name": "Bell", "state_content": ["event_type", "last_changed"]},
        {"type": "tile", "entity": door.lock, "name": "Opener"},
        {"type": "tile", "entity": door.ringing, "name": "Ringing"},
        {"type": "tile", "entity": door.connected, "name": "Station"},
    ]
    outside: list[dict[str, Any]] = [
        {"type": "heading", "heading": "Outside: the demo door", "icon": "mdi:gesture-tap-button"},
        {"type": "iframe", "url": door_page, "grid_options": {"columns": "full", "rows": 10}},
    ]
    sections = [
        {"type": "grid", "column_span": 2, "cards": inside},
        {"type": "grid", "cards": outside},
    ]
    return {"views": [{"type": "sections", "title": DOOR, "max_columns": 3, "sections": sections}]}


@contextlib.asynccontextmanager
async def _interrupted() -> AsyncIterator[asyncio.Event]:
    """Set by Ctrl-C, SIGTERM or a closed terminal."""
    event = asyncio.Event()
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, event.set)
    yield event


async def _until(event: asyncio.Event, work: Coroutine[Any, Any, Any]) -> Any:
    """The result of the work, or None once the event is set."""
    task, stopped = spawn(work, name="playground"), spawn(event.wait(), name="Ctrl-C")
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if task.done():
        return task.result()
    task.cancel()
    await asyncio.wait({task})
    return None


def _listen_to_keys(playground: Playground, stop: asyncio.Event) -> None:
    """Enter rings, h hangs up, q ends."""
    if not sys.stdin.isatty():
        return
    loop = asyncio.get_running_loop()

    def read() -> None:
        line = sys.stdin.readline()
        if not line or line.strip().lower() == "q":
            loop.remove_reader(sys.stdin)
            stop.set()
            return
        spawn(playground.press("hang_up" if line.strip().lower() == "h" else "ring"), name="key")

    loop.add_reader(sys.stdin, read)


def _port(wanted: int) -> int:
    """The wanted port, or another where something has it."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind is socket.SOCK_STREAM:  # what an earlier start has left closing is free
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", wanted))
            except OSError:
                return free_port()
    return wanted


def _say(line: str) -> None:
    print(line, flush=True)


async def _main(folder: Path, port: int) -> int:
    ports = {"port": _port(port), "door_port": _port(8780), "sip_port": _port(5060)}
    playground = Playground(folder, **ports)
    async with _interrupted() as stop:
        try:
            await _until(stop, playground.start(_say))
            if stop.is_set():
                return 130
            _say(
                f"\n  Home Assistant   {playground.dashboard}\n"
                f"  log in as        demo / {playground.password}\n"
                f"  the door's bell  {playground.door_page}   or Enter here (h hangs up, q or Ctrl-C ends)\n"
            )
            _listen_to_keys(playground, stop)
            if trouble := await _until(stop, playground.ended()):
                _say(trouble)
                return 1
        except AssertionError as error:
            _say(str(error))
            return 1
        finally:
            _say("Ending …")
            await playground.stop()
    return 0


def _folder(arguments: argparse.Namespace) -> Path:
    folder: Path = arguments.folder
    if arguments.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/run", description="Home Assistant, the PBX and a demo door.")
    parser.add_argument("--fresh", action="store_true", help="throw the kept configuration away first")
    parser.add_argument("--port", type=int, default=8123, help="of Home Assistant; another where it is taken")
    parser.add_argument("--folder", type=Path, default=ROOT / ".run/home", help="where the configuration is kept")
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    sys.exit(asyncio.run(_main(_folder(given), given.port)))
