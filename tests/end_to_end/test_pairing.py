"""A PBX on its own, joined by Home Assistant with the pairing code."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.baresip import Baresip
from tests.support.home_assistant import PYTHON, ROOT, HomeAssistant
from tests.support.pascom import connect_to_pbx, entities_of
from tests.support.pbx import PbxProcess
from tests.support.ports import free_port
from tests.support.process import Child

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def second_home(logs: Path) -> AsyncIterator[HomeAssistant]:
    assistant = HomeAssistant(logs / "home", free_port())
    assistant.prepare()
    try:
        yield await assistant.start()
    finally:
        await assistant.stop()


async def test_home_assistant_joins_a_pbx_by_its_code_and_hears_the_bell(
    second_home: HomeAssistant, pbx: PbxProcess, station: Baresip, logs: Path
) -> None:
    code = await pairing_code(pbx, logs)
    await connect_to_pbx(second_home, host="127.0.0.1", port=pbx.api_port, code=code)
    door = await entities_of(second_home, "Front door")
    changes = await second_home.changes()
    await station.press_bell()
    await changes.until(door.event, event_type="ring")

    await pbx.stop()
    await changes.until(door.event, state="unavailable")
    back = await second_home.changes()
    await pbx.start()
    await back.until(door.connected, state="on")


async def pairing_code(pbx: PbxProcess, logs: Path) -> str:
    """What `pbx-lite pair` shows."""
    command: list[str | Path] = [PYTHON, "-m", "pbx_lite", "pair", pbx.folder / "pbx.yaml"]
    pair = await Child.start("pbx-lite pair", command, cwd=ROOT, log=logs / "pair.log")
    shown = await pair.wait_for(r"\d{3} ?\d{3}")
    assert await pair.wait() == 0
    found = re.search(r"\d{3} ?\d{3}", shown)
    assert found
    return found[0].replace(" ", "")
