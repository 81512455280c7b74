"""Real softphones of two people: Linphone and baresip."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.end_to_end.conftest import Films
from tests.support.baresip import Baresip, make_voice
from tests.support.linphone import Linphone
from tests.support.pbx import ApiClient, PbxProcess
from tests.support.spectrum import hears

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def home(pbx: PbxProcess) -> AsyncIterator[ApiClient]:
    client = await ApiClient.open(pbx)
    await client.command("subscribe")
    yield client
    await client.close()


@pytest_asyncio.fixture(loop_scope="session")
async def bens(pbx: PbxProcess, films: Films, logs: Path) -> AsyncIterator[Baresip]:
    """Ben's baresip, which answers by itself and says 440 Hz."""
    phone = Baresip(logs / "ben", user="102", password="secret102", server=pbx.server)
    await phone.start(film=None, voice=films.voice)
    await phone.registered()
    yield phone
    await phone.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def annas(pbx: PbxProcess, logs: Path) -> AsyncIterator[Linphone]:
    """Anna's Linphone, which says 700 Hz."""
    phone = Linphone(logs / "anna", user="101")
    await phone.start(voice=make_voice(logs / "700.wav", hertz=700))
    await phone.register("secret101", pbx.server)
    assert pbx.child
    await pbx.child.wait_for("101 registered")
    yield phone
    await phone.stop()


async def test_linphone_calls_baresip_and_they_hear_each_other(
    pbx: PbxProcess, annas: Linphone, bens: Baresip, home: ApiClient
) -> None:
    await annas.type(f"call sip:102@{pbx.server}")
    await home.until("call_answered", by="ben")
    await hears(bens.sound, 700)
    await hears(annas.heard, 440)
    await annas.type("terminate")
    await home.until("call_ended", by="anna")
    await bens.until("CALL_CLOSED")


async def test_baresip_calls_linphone_which_answers_holds_and_hangs_up(
    pbx: PbxProcess, annas: Linphone, bens: Baresip, home: ApiClient
) -> None:
    await bens.press_bell("101")
    await annas.wait_for("Receiving new incoming call|is contacting you")
    await annas.type("answer")
    await home.until("call_answered", by="anna")
    await hears(bens.sound, 700)
    await annas.type("pause")
    await home.until("call_held", by="anna")
    await annas.wait_for("is now paused")
    await annas.type("resume")
    await home.until("call_resumed", by="anna")
    await bens.hang_up()
    await home.until("call_ended", by="ben")
