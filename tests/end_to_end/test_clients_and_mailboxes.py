"""Real telephones and a mailbox: a message is left, a lamp lights, the message is heard at home and from elsewhere."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from pbx_lite.sip.address import Address
from tests.support.baresip import Baresip, make_voice
from tests.support.linphone import Linphone
from tests.support.pbx import ApiClient, PbxProcess
from tests.support.spectrum import hears, hears_speech
from tests.support.watcher import Watcher

pytestmark = pytest.mark.asyncio(loop_scope="session")

PIN, WRONG = "640721", "553908"
SPOKEN = 440


@pytest_asyncio.fixture(loop_scope="session")
async def pbx(logs: Path) -> AsyncIterator[PbxProcess]:
    """Anna has a mailbox; the PBX logs every detail, and no PIN."""
    tablet = {"name": "tablet", "account": "tablet", "password": "secret-tablet"}
    anna = {"name": "anna", "extension": "101", "password": "secret101", "voicemail": True, "devices": [tablet]}
    process = PbxProcess(
        logs / "pbx",
        tells_all=True,
        users=[anna, {"name": "ben", "extension": "102", "password": "secret102"}],
    )
    await process.start()
    yield process
    await process.stop()
    log = (process.folder / "pbx.log").read_text()
    for word in (PIN, WRONG, "Traceback"):
        assert word not in log


@pytest_asyncio.fixture(loop_scope="session")
async def client(pbx: PbxProcess) -> AsyncIterator[ApiClient]:
    opened = await ApiClient.open(pbx)
    await opened.command("subscribe")
    await opened.command("voicemail/set", user="anna", seconds=1, pin=PIN)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def annas(pbx: PbxProcess) -> AsyncIterator[Watcher]:
    """A phone with a lamp.  Debian's baresip cannot be it: every other time its lamp subscribes without end."""
    async with Watcher(Address.parse(f"udp:{pbx.server}"), "101", "secret101") as phone:
        assert (await phone.subscribe("101", "message-summary")).status == 200
        yield phone


@pytest_asyncio.fixture(loop_scope="session")
async def bens(pbx: PbxProcess, logs: Path) -> AsyncIterator[Baresip]:
    phone = Baresip(logs / "ben", user="102", password="secret102", server=pbx.server)
    await phone.start(film=None, voice=make_voice(logs / "ben.wav", hertz=SPOKEN))
    await phone.registered()
    yield phone
    await phone.stop()


async def test_a_message_lights_a_lamp_and_is_heard_at_home_and_by_the_pin_elsewhere(
    pbx: PbxProcess, client: ApiClient, annas: Watcher, bens: Baresip, logs: Path
) -> None:
    await annas.sees("Voice-Message: 0/0")
    await bens.press_bell("101")
    await bens.until("CALL_ESTABLISHED")
    await hears_speech(bens.sound)
    await bens.press("#")  # not the whole greeting
    await bens.speaks(seconds=5)
    await bens.hang_up()
    await client.until("voicemail_received", user="anna")
    await annas.sees("Voice-Message: 1/0")

    phone = Linphone(logs / "linphone", user="tablet")
    try:
        await phone.start(voice=make_voice(logs / "linphone.wav", hertz=900))
        await phone.register("secret-tablet", pbx.server)
        assert pbx.child
        await pbx.child.wait_for("tablet registered")
        await phone.type(f"call sip:*100@{pbx.server}")
        await hears(lambda: phone.heard()[::6], SPOKEN)  # it writes down what it decodes, at 48 kHz
        await annas.sees("Voice-Message: 0/1")
        await phone.type("terminate")
    finally:
        await phone.stop()

    # A phone of somebody else opens the box with its PIN.
    await bens.until("CALL_CLOSED")
    bens.forget()
    await bens.press_bell("*100101")
    await bens.until("CALL_ESTABLISHED")
    await hears_speech(bens.sound)
    await bens.press(f"{WRONG}#{PIN}#")
    await hears_speech(bens.sound)
    await bens.press("1")
    await hears(bens.sound, SPOKEN)
    assert not [event for event in client.events if event["kind"] == "call_dtmf"]
    client.events.clear()
    await bens.press("7##")  # it is removed when the call is over
    await bens.until("CALL_CLOSED")
    await client.until("voicemail_changed", user="anna")
    assert (await client.command("voicemail/list", box="anna"))["messages"] == []
