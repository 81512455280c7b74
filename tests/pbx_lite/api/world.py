"""The small world of tests/wire/: one home, three users, two doors, and fakes of what the API sits on."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import WSCloseCode

from pbx_lite.api.connection import Connection
from pbx_lite.api.facade import Identity, OnEnd, Services, SipAccess
from pbx_lite.api.pairing import Gate
from pbx_lite.config import Button, Config, Door, OpenDtmf, Role, Secret, User
from pbx_lite.directory import Directory, Kept
from pbx_lite.directory.revisions import Revisions
from pbx_lite.errors import Unavailable
from pbx_lite.events import DirectoryChanged, EventBus
from pbx_lite.log_book import Line
from tests.pbx_lite.api.phone_world import (
    FakeAnnouncer,
    FakeCalls,
    FakeJournal,
    FakeMessages,
    FakePeople,
    FakeProvisioning,
    FakeTeams,
    FakeTrunks,
)
from tests.pbx_lite.api.phonebook_world import phonebook
from tests.pbx_lite.api.room_world import KEPT_ROOMS, ROOMS, FakeMailboxes, FakePrompts, FakeRooms
from tests.pbx_lite.api.softphone_world import FakeSoftphone
from tests.support.clock import FakeClock

WIRE = Path(__file__).parents[2] / "wire"
INSTANCE = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
EARLIER = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
JPEG = b"\xff\xd8\xff\xd9"

CONFIG = Config(
    name="Home",
    roles=(Role(name="family", see=("*",), open=("front",)), Role(name="guests", see=("front",), rooms=())),
    users=(
        User(
            name="anna",
            display_name="Anna Berger",
            extension="101",
            password=Secret("golden-anna"),
            roles=("family",),
        ),
        User(name="ben", display_name="Ben Berger", extension="102", password=Secret("secret102"), roles=("guests",)),
    ),
    doors=(
        Door(
            name="front",
            display_name="Front door",
            extension="150",
            password=Secret("golden-front"),
            rings=("anna",),
            buttons=(Button(number="11", name="Anna"),),
            open=(OpenDtmf(digits=Secret("00#")),),
        ),
    ),
)
KEPT = Kept(
    users={"carla": {"name": "carla", "display_name": "Carla", "extension": "103", "password": "secret103"}},
    doors={
        "garden": {
            "name": "garden",
            "display_name": "Garden gate",
            "extension": "151",
            "password": "secret151",
            "model": "2n",
            "open": [{"http": "http://192.0.2.9/open"}],
        }
    },
    links={"ha-anna": "anna", "ha-ben": "ben"},
)
PROFILES = (
    {
        "model": "generic",
        "name": "Generic",
        "manufacturer": "",
        "notes": "",
        "dtmf": False,
        "http": False,
        "pictures": False,
    },
    {
        "model": "2n",
        "name": "2N IP Verso",
        "manufacturer": "2N",
        "notes": "Enter the account under Services, Phone, SIP 1.",
        "dtmf": True,
        "http": True,
        "pictures": True,
    },
)


class FakeDoorbell:
    """Answers at once, keeps what it was asked, and shows each door as it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.before: Callable[[], Awaitable[object]] | None = None  # awaited before `open` and `watch`
        self.answer = "v=0\r\no=answer"
        self.states: dict[str, Mapping[str, Any]] = {"front": {"connected": True}}
        self.on_end: dict[str, OnEnd] = {}

    async def open(self, door: str, by: User | None) -> str:
        if self.before is not None:
            await self.before()
        self.asked.append(("open", door, by and by.name))
        return "dtmf"

    async def call(self, door: str, by: User | None) -> None:
        if door == "garden":
            raise Unavailable("Garden gate is not registered.")
        self.asked.append(("call", door, by and by.name))

    async def end(self, door: str, by: User | None) -> None:
        self.asked.append(("end", door, by and by.name))

    async def watch(
        self,
        door: str,
        by: User | None,
        *,
        session: str,
        offer: str,
        ice_servers: Sequence[dict[str, Any]],
        on_end: OnEnd,
    ) -> str:
        if self.before is not None:
            await self.before()
        self.asked.append(("watch", door, by and by.name, session, offer, list(ice_servers)))
        self.on_end[session] = on_end
        return self.answer

    async def candidate(self, session: str, candidate: str, sdp_mid: str | None, sdp_m_line_index: int | None) -> None:
        self.asked.append(("candidate", session, candidate, sdp_mid, sdp_m_line_index))

    async def close_session(self, session: str) -> None:
        self.asked.append(("close", session))

    async def image(self, door: str, by: User | None) -> bytes:
        self.asked.append(("image", door, by and by.name))
        return JPEG

    def state(self, door: str) -> Mapping[str, Any]:
        return self.states.get(door, {})


class FakeVisitors:
    def __init__(self) -> None:
        self.forgotten: list[str] = []
        self.log: list[dict[str, Any]] = golden("door_log")["frames"][1]["frame"]["result"]["entries"]

    def last_ring(self, door: str) -> Mapping[str, Any] | None:
        if door != "front":
            return None
        at = EARLIER.isoformat(timespec="milliseconds")
        return {"id": "r0", "at": at, "button": "", "outcome": "missed", "answered_by": "", "picture": False}

    def last_picture(self, door: str) -> tuple[bytes, datetime] | None:
        return (JPEG, EARLIER) if door == "front" else None

    async def picture(self, door: str, entry: int) -> bytes | None:
        return JPEG if (door, entry) == ("front", 2) else None

    async def entries(self, door: str | None, limit: int, before: int | None = None) -> Sequence[Mapping[str, Any]]:
        entries = [entry for entry in self.log if before is None or entry["id"] < before]
        return [entry for entry in entries if door in {None, entry["door"]}][:limit]

    def forget_door(self, door: str) -> None:
        self.forgotten.append(door)


class FakeLog:
    """Two lines that everybody finds."""

    last = 17

    def parts(self) -> list[str]:
        return ["calls", "doorbell"]

    def read(self, *, after: int, level: str, part: str, text: str, limit: int) -> list[Line]:
        lines = [
            Line(12, EARLIER, "info", "calls", "150 is registered at udp:192.0.2.31:5060"),
            Line(17, NOW, "warning", "doorbell", "Front door: no picture came"),
        ]
        return [line for line in lines if line.id > after][-limit:]

    async def more(self, seconds: float) -> None:
        return None


class FakeTokens:
    def __init__(self) -> None:
        self.clients = {"golden-token": "Home Assistant"}

    async def issue(self, client: str) -> str:
        self.clients["golden-new-token"] = client
        return "golden-new-token"

    def client_of(self, token: str) -> str | None:
        return self.clients.get(token)


class FakeSocket:
    """Keeps the frames it is given; as the real one, it tells its talk when it is closed."""

    def __init__(self, source: str = "192.0.2.20") -> None:
        self.source = source
        self.frames: list[dict[str, Any]] = []
        self.closed: WSCloseCode | None = None
        self.authenticated = False
        self._told = asyncio.Event()

    def send(self, text: str) -> None:
        if self.closed is None:
            self.frames.append(json.loads(text))
            self._told.set()

    async def has(self, count: int) -> None:
        """Return once there are so many frames."""
        async with asyncio.timeout(20):
            while len(self.frames) < count:
                self._told.clear()
                await self._told.wait()

    def close(self, code: WSCloseCode = WSCloseCode.OK, reason: str = "") -> None:
        self.closed = code

    def admitted(self) -> None:
        self.authenticated = True

    def take(self) -> list[dict[str, Any]]:
        """The frames since the last look."""
        frames, self.frames = self.frames, []
        return frames


class World:
    """With `rooms` it has conference rooms, mailboxes and another voice too, which a PBX may do without."""

    def __init__(self, *, rooms: bool = False) -> None:
        self.clock = FakeClock()
        self.bus = EventBus()
        self.doorbell = FakeDoorbell()
        self.visitors = FakeVisitors()
        self.calls = FakeCalls()
        self.journal = FakeJournal()
        self.people = FakePeople()
        self.trunks = FakeTrunks()
        self.messages = FakeMessages()
        self.rooms = FakeRooms() if rooms else None
        self.mailboxes = FakeMailboxes() if rooms else None
        self.prompts = FakePrompts() if rooms else None
        self.softphone = FakeSoftphone()
        config = replace(CONFIG, rooms=ROOMS, language="de") if rooms else CONFIG
        kept = replace(KEPT, rooms=KEPT_ROOMS, pins={"club": {"pin": "271828"}}) if rooms else KEPT
        self.directory = Directory(
            config, kept=kept, models={"generic", "2n"}, on_change=lambda: self.bus.publish(DirectoryChanged())
        )
        self.directory.revisions = Revisions(b"golden")
        self.phonebook = phonebook(self.directory, self.bus)
        self.services = Services(
            identity=Identity(name="Home", instance=INSTANCE, version="0.1.0", fingerprint="ab" * 32),
            directory=self.directory,
            doorbell=self.doorbell,
            visitors=self.visitors,
            bus=self.bus,
            calls=self.calls,
            announcer=FakeAnnouncer(),
            journal=self.journal,
            people=self.people,
            teams=FakeTeams(),
            trunks=self.trunks,
            messages=self.messages,
            provisioning=FakeProvisioning(),
            rooms=self.rooms,
            mailboxes=self.mailboxes,
            prompts=self.prompts,
            softphone=self.softphone,
            log=FakeLog(),
            phonebook=self.phonebook,
            profiles=PROFILES,
            sip_access=lambda: SipAccess("192.0.2.10", 5060, ("udp", "tcp", "tls")),
            wall=lambda: NOW,
        )
        self.gate = Gate(
            token=Secret("configured-token"), tokens=FakeTokens(), clock=self.clock, make_code=lambda: "123456"
        )
        self.numbers = 0

    def connect(self, socket: FakeSocket) -> Connection:
        self.numbers += 1
        return Connection(socket, number=self.numbers, services=self.services, credentials=self.gate)

    def client(self) -> tuple[Connection, FakeSocket]:
        """One that has authenticated."""
        socket = FakeSocket()
        connection = self.connect(socket)
        connection.opened()
        connection.received('{"id": 1, "type": "auth", "token": "golden-token"}')
        assert socket.take()[1]["success"]
        return connection, socket


def golden(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((WIRE / f"{name}.json").read_text(encoding="utf-8"))
    return content
