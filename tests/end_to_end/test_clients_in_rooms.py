"""Real telephones in a conference room: baresip inside and outside, SIPp, and Kamailio as the provider's server."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.end_to_end.conftest import LOGS
from tests.support.baresip import Baresip, make_voice
from tests.support.kamailio import Kamailio
from tests.support.pbx import ApiClient, PbxProcess
from tests.support.ports import free_ports
from tests.support.sipp import SippPhone
from tests.support.spectrum import hears, hears_speech

pytestmark = pytest.mark.asyncio(loop_scope="session")

PIN, WRONG = "480913", "715502"
PEOPLE = {"anna": "101", "ben": "102", "carl": "103"}
OUTSIDE = "+4930123456"
WIDE = 16000

type NewPhone = Callable[..., Awaitable[Baresip]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def outside() -> AsyncIterator[tuple[Kamailio, int]]:
    """The provider, and the port of somebody in the wide world."""
    shutil.rmtree(LOGS / "clients_in_rooms", ignore_errors=True)
    port = free_ports(2)
    provider = Kamailio(
        LOGS / "clients_in_rooms/provider", user="line", password="pw", realm="provider.test", outside=port
    )
    await provider.start()
    yield provider, port
    await provider.die()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pbx(outside: tuple[Kamailio, int]) -> AsyncIterator[PbxProcess]:
    """Room 800 has a PIN, and a number outside; the PBX logs every detail."""
    provider, _ = outside
    line = {"name": "line", "registrar": f"sip:127.0.0.1:{provider.port}", "username": "line", "password": "pw"}
    process = PbxProcess(
        LOGS / "clients_in_rooms/pbx",
        tells_all=True,
        users=[{"name": name, "extension": number, "password": f"secret{number}"} for name, number in PEOPLE.items()],
        rooms=[{"name": "table", "display_name": "Kitchen table", "extension": "800", "pin": PIN}],
        trunks=[line | {"numbers": {"+4930555*": "*"}}],
        calling={"route_seconds": 0},
    )
    await process.start()
    await provider.said("registered line")
    yield process
    await process.stop()


@pytest.fixture(autouse=True)
def _no_pin_in_the_log(pbx: PbxProcess) -> Iterator[None]:
    yield
    log = (pbx.folder / "pbx.log").read_text()
    for word in (PIN, WRONG, "Traceback"):
        assert word not in log


@pytest_asyncio.fixture(loop_scope="session")
async def client(pbx: PbxProcess) -> AsyncIterator[ApiClient]:
    opened = await ApiClient.open(pbx)
    await opened.command("subscribe")
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def new_phone(pbx: PbxProcess, logs: Path) -> AsyncIterator[NewPhone]:
    """Somebody's baresip, registered, which says one tone all the time."""
    started: list[Baresip] = []

    async def phone(name: str, *, hertz: float, wideband: bool = False) -> Baresip:
        number = PEOPLE[name]
        made = Baresip(logs / name, user=number, password=f"secret{number}", server=pbx.server, wideband=wideband)
        started.append(made)
        made.folder.mkdir(parents=True)
        await made.start(
            film=None, voice=make_voice(made.folder / "voice.wav", hertz=hertz, rate=WIDE if wideband else 8000)
        )
        await made.registered()
        return made

    yield phone
    for each in started:
        await each.stop()


async def enter(phone: Baresip, client: ApiClient, name: str, *, rate: int = 8000) -> None:
    """Dial the room, hear that a PIN is asked for, key it in."""
    await phone.press_bell("800")
    await phone.until("CALL_ESTABLISHED")
    await hears_speech(phone.sound, rate=rate)
    await phone.press(PIN)
    await client.until("room_joined", user=name)


async def test_wideband_phones_hear_each_other_wideband_and_a_narrow_one_among_them(
    client: ApiClient, new_phone: NewPhone
) -> None:
    anna = await new_phone("anna", hertz=5000, wideband=True)
    ben = await new_phone("ben", hertz=6000, wideband=True)
    carl = await new_phone("carl", hertz=900)
    await enter(anna, client, "anna", rate=WIDE)
    await enter(ben, client, "ben", rate=WIDE)
    await hears(ben.sound, 5000, rate=WIDE)
    await hears(anna.sound, 6000, rate=WIDE)
    await enter(carl, client, "carl")
    for phone in (anna, ben):
        await hears(phone.sound, 900, rate=WIDE, share=0.3)
    await carl.press("*8")
    await carl.until("CALL_CLOSED")
    await client.until("room_left", user="carl", reason="left")
    assert not [event for event in client.events if event["kind"] == "call_dtmf"]


async def test_three_wrong_pins_end_the_call(pbx: PbxProcess, client: ApiClient, new_phone: NewPhone) -> None:
    anna = await new_phone("anna", hertz=440)
    await anna.press_bell("800")
    await anna.until("CALL_ESTABLISHED")
    for _ in range(3):
        await hears_speech(anna.sound)
        await anna.press(WRONG)
    await anna.until("CALL_CLOSED", timeout=60)
    await client.until("call_ended")
    assert not [event for event in client.events if event["kind"] in {"room_joined", "call_dtmf"}]
    assert pbx.child
    await pbx.child.wait_for("A wrong PIN for the room table by")


async def test_a_phone_that_sends_its_keys_by_info_comes_in_and_leaves(
    pbx: PbxProcess, client: ApiClient, logs: Path
) -> None:
    phone = SippPhone(logs / "anna", user="101", password="secret101", server=pbx.server)
    keys = "".join(f"-> INFO | key{key}\n<- 200\n" for key in PIN)
    leaves = "-> INFO | key*\n<- 200\n-> INFO | key8\n<- 200\n<- BYE\n-> 200"
    try:
        await phone.register()
        await phone.climb(f"-> call 800\n{keys}.. 2000\n{leaves}")
        await client.until("room_joined", user="anna")
        await phone.done()
        await client.until("room_left", user="anna", reason="left")
    finally:
        await phone.stop()


async def test_somebody_outside_comes_in_by_the_pin_and_both_hear(
    outside: tuple[Kamailio, int], client: ApiClient, new_phone: NewPhone, logs: Path
) -> None:
    provider, port = outside
    stranger = Baresip(
        logs / "outside", user=OUTSIDE, password="", server=f"127.0.0.1:{provider.port}", registers=False, port=port
    )
    stranger.folder.mkdir(parents=True)
    try:
        await stranger.start(film=None, voice=make_voice(stranger.folder / "voice.wav", hertz=700))
        await stranger.press_bell("+4930555800")
        await stranger.until("CALL_ESTABLISHED")
        await hears_speech(stranger.sound)
        await stranger.press(PIN)
        joined = await client.until("room_joined", number=OUTSIDE)
        assert (joined["user"], joined["leader"]) == ("", False)
        anna = await new_phone("anna", hertz=900)
        await enter(anna, client, "anna")
        await hears(stranger.sound, 900)
        await hears(anna.sound, 700)
    finally:
        await stranger.stop()


async def test_whoever_is_called_outside_comes_by_a_key(
    outside: tuple[Kamailio, int], client: ApiClient, logs: Path
) -> None:
    _, port = outside
    phone = SippPhone(logs / "outside", user=OUTSIDE, password="", server="127.0.0.1:0", port=port)
    phone.folder.mkdir(parents=True)
    try:
        await phone.climb("<- call\n.. 1000\n-> INFO | key1\n<- 200\n<- BYE\n-> 200")
        await client.command("room/invite", room="table", number="0030123456")
        joined = await client.until("room_joined", room="table")
        await client.command("room/drop", room="table", participant=joined["participant"])
        await client.until("room_left", reason="removed")
        await phone.done()
    finally:
        await phone.stop()
