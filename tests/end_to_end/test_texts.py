"""Texts with a real softphone: Linphone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.linphone import Linphone
from tests.support.pbx import ApiClient, PbxProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def home(pbx: PbxProcess) -> AsyncIterator[ApiClient]:
    client = await ApiClient.open(pbx)
    await client.command("subscribe")
    yield client
    await client.close()


@pytest_asyncio.fixture(loop_scope="session")
async def annas(pbx: PbxProcess, logs: Path) -> AsyncIterator[Linphone]:
    phone = Linphone(logs / "anna", user="101")
    await phone.start()
    await phone.register("secret101", pbx.server)
    assert pbx.child
    await pbx.child.wait_for("101 registered")
    yield phone
    await phone.stop()


async def test_linphone_writes_to_the_home_and_the_home_writes_back(
    pbx: PbxProcess, annas: Linphone, home: ApiClient
) -> None:
    await annas.type(f"chat sip:home@{pbx.server} Lights on, please")
    heard = await home.until("message_received", to="home")
    assert (heard["sender_user"], heard["text"]) == ("anna", "Lights on, please")
    await home.command("message/send", to="anna", text="They are on")
    await annas.wait_for("They are on")
