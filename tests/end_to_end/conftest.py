"""Real programs on 127.0.0.1: Home Assistant, its PBX, Chromium, baresip, SIPp.  Their logs stay in `.run/tests`."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml
from playwright.async_api import Browser

from tests.support.baresip import Baresip, make_film, make_voice
from tests.support.browser import chromium
from tests.support.home_assistant import ROOT, Account, HomeAssistant
from tests.support.panel_phone import PanelPhone, panel_phone
from tests.support.pascom import DoorEntities, Person, add_door, add_person, door_registered, run_pbx_here
from tests.support.pbx import PbxProcess
from tests.support.ports import free_port
from tests.support.process import Child

NEEDED = ("chromium", "baresip", "sipp", "ffmpeg")
LOGS = ROOT / ".run/tests"

# What must not be in Home Assistant's log while these tests run, apart from what they ask for.
_ASKED_FOR = "not linked to|PBX is not connected"
_FAULT = re.compile(
    rf"^\S+ \S+ (ERROR|CRITICAL) (?!.*({_ASKED_FOR})).*|^Traceback .*|.*WARNING.*custom integration 'pascom'.*",
    re.MULTILINE,
)

# A voice for what Home Assistant says to phones, and an ear for what callers say.
VOICE = "media_source:\ntts:\n  - platform: test_voice\ntest_voice:\n"
# What the app logs in to.
APP = "mobile_app:\n"


def pytest_configure(config: pytest.Config) -> None:
    missing = [program for program in NEEDED if shutil.which(program) is None]
    if missing:
        pytest.exit(f"The end-to-end tests need {', '.join(missing)}: run script/setup/packages test", returncode=3)


@dataclass(frozen=True, slots=True)
class Films:
    """What every baresip door shows and says: a moving test picture, a tone of 440 Hz."""

    film: Path
    voice: Path


@dataclass(slots=True)
class Home:
    """Home Assistant with the integration set up, *Run the PBX here*."""

    assistant: HomeAssistant
    entry: str

    @property
    def pbx_yaml(self) -> Path:
        return self.assistant.config / "pascom/pbx.yaml"

    def sip_server(self, transport: str = "udp") -> str:
        """`127.0.0.1:PORT` of the PBX's listener."""
        text = self.pbx_yaml.read_text().replace("!env ", "")
        listen: list[str] = yaml.safe_load(text)["sip"]["listen"]
        port = next(address for address in listen if address.startswith(f"{transport}://")).rpartition(":")[2]
        return f"127.0.0.1:{port}"

    def pbx_pid(self) -> int:
        return int((self.assistant.config / "pascom/pbx.pid").read_text())


@pytest.fixture
def logs(request: pytest.FixtureRequest) -> Path:
    """A folder of this test's own."""
    folder = LOGS / re.sub(r"\W+", "_", request.node.name)[:80]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def films() -> Films:
    folder = LOGS / "films"
    folder.mkdir(parents=True, exist_ok=True)
    return Films(await make_film(folder / "film.mp4"), make_voice(folder / "voice.wav"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def started_home() -> AsyncIterator[Home]:
    config = LOGS / "home"
    shutil.rmtree(config, ignore_errors=True)
    assistant = HomeAssistant(config, free_port())
    assistant.prepare(more=VOICE + APP)
    (config / "custom_components/test_voice").symlink_to(ROOT / "tests/support/test_voice", target_is_directory=True)
    (config / "www").mkdir()
    try:
        await assistant.start()
        await assistant.command("labs/update", domain="camera", preview_feature="two_way_audio", enabled=True)
        entry = await run_pbx_here(assistant, sip_port=free_port())
        yield Home(assistant, entry)
    finally:
        await assistant.stop()


@pytest.fixture
def home(started_home: Home) -> Home:
    """The home of all these tests; what a test makes it log as an error fails the test."""
    return started_home


@pytest.fixture(autouse=True)
def _no_errors_in_the_log(request: pytest.FixtureRequest) -> Iterator[None]:
    if "home" not in request.fixturenames:
        yield
        return
    log: Path = request.getfixturevalue("started_home").assistant.config / "console.log"
    before = log.stat().st_size
    yield
    with log.open() as file:
        file.seek(before)
        faults = [found[0] for found in _FAULT.finditer(file.read())]
    assert not faults, "\n".join(faults[:20])


@dataclass(frozen=True, slots=True)
class Family:
    """Gerda and Paul have browsers, Hugo a desk phone."""

    gerda: Person
    gerdas: dict[str, Any]
    paul: Person
    pauls: dict[str, Any]
    hugo: Person


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def family(started_home: Home) -> Family:
    home, entry = started_home.assistant, started_home.entry
    gerda, gerdas = await home.new_user(Account("Gerda", "gerda", "password"))
    paul, pauls = await home.new_user(Account("Paul", "paul", "password"))
    hugo, _ = await home.new_user(Account("Hugo", "hugo", "password"))
    return Family(
        await add_person(home, entry, gerda, "Gerda"),
        gerdas,
        await add_person(home, entry, paul, "Paul"),
        pauls,
        await add_person(home, entry, hugo, "Hugo"),
    )


GERDA, PAUL, HUGO = 700, 1100, 440
"""What each of the family says, in hertz; Hugo's phone says what every baresip says."""


@dataclass(frozen=True, slots=True)
class Pages:
    gerda: PanelPhone
    paul: PanelPhone


@pytest_asyncio.fixture(loop_scope="session")
async def pages(home: Home, family: Family, browser: Browser) -> AsyncIterator[Pages]:
    """Gerda's browser and Paul's, both at the panel."""
    async with (
        panel_phone(browser, home.assistant, family.gerdas, hertz=GERDA) as gerda,
        panel_phone(browser, home.assistant, family.pauls, hertz=PAUL) as paul,
    ):
        changes = await home.assistant.changes()
        await asyncio.gather(gerda.open(shows="Paul"), paul.open(shows="Gerda"))
        await changes.until(family.gerda.registered, state="on")
        await changes.until(family.paul.registered, state="on")
        yield Pages(gerda, paul)


type NewDoor = Callable[..., Awaitable[tuple[Baresip, DoorEntities]]]


@pytest_asyncio.fixture(loop_scope="session")
async def new_door(home: Home, films: Films, logs: Path) -> AsyncIterator[NewDoor]:
    """Add a door in Home Assistant and let baresip register as its station."""
    started: list[Baresip] = []

    async def add(
        title: str, *, transport: str = "udp", film: bool = True, **door: object
    ) -> tuple[Baresip, DoorEntities]:
        account = await add_door(home.assistant, home.entry, title, **door)  # type: ignore[arg-type]
        station = Baresip(
            logs / "baresip",
            user=account.username,
            password=account.password,
            server=home.sip_server(transport),
            transport=transport,
        )
        started.append(station)
        await station.start(film=films.film if film else None, voice=films.voice)
        await station.registered()
        return station, await door_registered(home.assistant, account)

    yield add
    for station in started:
        await station.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def pbx(logs: Path) -> AsyncIterator[PbxProcess]:
    """A PBX that runs alone: door `front` (150) rings anna (101) and ben (102)."""
    process = PbxProcess(
        logs / "pbx",
        roles={"family": {"see": ["front"], "open": ["front"]}},
        users=[
            {"name": "anna", "display_name": "Anna", "extension": "101", "password": "secret101", "roles": ["family"]},
            {"name": "ben", "display_name": "Ben", "extension": "102", "password": "secret102", "roles": ["family"]},
        ],
        doors=[
            {
                "name": "front",
                "display_name": "Front door",
                "extension": "150",
                "password": "secret150",
                "model": "generic",
                "rings": ["anna", "ben"],
                "open": [{"dtmf": "00#"}],
            }
        ],
    )
    await process.start()
    yield process
    await process.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def station(pbx: PbxProcess, films: Films, logs: Path) -> AsyncIterator[Baresip]:
    """A baresip registered as door `front` of that PBX."""
    door = Baresip(logs / "baresip", user="150", password="secret150", server=pbx.server)
    await door.start(film=films.film, voice=films.voice)
    await door.registered()
    yield door
    await door.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def rtsp_url(logs: Path) -> AsyncIterator[str]:
    """A GStreamer RTSP server with a moving picture; it runs in the distribution's Python, which has its bindings."""
    script = ROOT / "tests/support/rtsp_camera.py"
    camera = await Child.start(
        "RTSP camera", ["/usr/bin/python3", script], log=logs / "rtsp.log", stdin=asyncio.subprocess.PIPE
    )
    port = (await camera.wait_for("^port ")).split()[1]
    yield f"rtsp://127.0.0.1:{port}/h264"
    await camera.stop(timeout=2)


type NewPhone = Callable[..., Awaitable[Baresip]]


@pytest_asyncio.fixture(loop_scope="session")
async def new_phone(home: Home, films: Films, logs: Path) -> AsyncIterator[NewPhone]:
    """Register a phone of a person; it takes what it is called for, unless `answers` is off."""
    changes = await home.assistant.changes()
    started: list[Baresip] = []

    async def start(person: Person, *, answers: bool = True) -> Baresip:
        phone = Baresip(
            logs / person.name,
            user=person.username,
            password=person.password,
            server=home.sip_server(),
            answers=answers,
        )
        started.append(phone)
        await phone.start(film=None, voice=films.voice)
        await phone.registered()
        await changes.until(person.registered, state="on")
        return phone

    yield start
    for phone in started:
        await phone.stop()
