"""Linphone, which speaks Opus, and baresip, which speaks G.711, in one conference room."""

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


async def test_softphones_of_different_codecs_hear_each_other_in_a_room(
    pbx: PbxProcess, films: Films, logs: Path, home: ApiClient
) -> None:
    made = await home.command("room/add", display_name="Attic", pin="")
    room, extension = made["room"]["name"], made["room"]["extension"]
    bens = Baresip(logs / "ben-in-a-room", user="102", password="secret102", server=pbx.server)
    annas = Linphone(logs / "anna-in-a-room", user="101")
    await bens.start(film=None, voice=films.voice)
    await annas.start(voice=make_voice(logs / "700-in-a-room.wav", hertz=700))
    try:
        await bens.registered()
        await annas.register("secret101", pbx.server)
        await bens.press_bell(extension)
        await home.until("room_joined", room=room, user="ben")
        await annas.type(f"call sip:{extension}@{pbx.server}")
        joined = await home.until("room_joined", room=room, user="anna")
        await hears(bens.sound, 700)
        await hears(lambda: annas.heard()[::6], 440)  # it writes down what it decodes, at 48 kHz
        await home.command("room/drop", room=room, participant=joined["participant"])
        await home.until("room_left", user="anna", reason="removed")
        await home.command("room/remove", room=room)
        await bens.until("CALL_CLOSED")
    finally:
        await annas.stop()
        await bens.stop()
