"""The demo door as `script/run` uses it."""

import json
import re
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser

from tests.end_to_end.conftest import Home
from tests.support.browser import logged_in
from tests.support.home_assistant import PYTHON, ROOT
from tests.support.pascom import add_door, door_registered
from tests.support.process import Child

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_pressing_the_demo_doors_bell_shows_talks_and_opens(home: Home, browser: Browser, logs: Path) -> None:
    account = await add_door(home.assistant, home.entry, "Demo door", dtmf="00#")
    login = ["--server", f"udp:127.0.0.1:{account.port}", "--user", account.username]
    command: list[str | Path] = [PYTHON, "-m", "pbx_lite", "demo-door", *login, "--page", "127.0.0.1:0"]
    door = await Child.start(
        "demo door", command, cwd=ROOT, env={"DEMO_DOOR_PASSWORD": account.password}, log=logs / "door.log"
    )
    await door.wait_for("^ready$")
    address = re.search(r"http://\S+", "\n".join(door.lines))
    assert address
    entities = await door_registered(home.assistant, account)
    changes = await home.assistant.changes()
    async with aiohttp.ClientSession(address[0]) as station, logged_in(browser, home.assistant) as page:
        await page.open()
        await station.post("ring")
        await changes.until(entities.event, event_type="ring")
        await page.more_info(entities.camera)
        picture = await page.until_picture()
        assert picture["width"] == 960
        await page.button("Start talking").click()
        await door.wait_for("answered")
        assert await hears_something(station)
        await home.assistant.call("lock.open", target={"entity_id": entities.lock})
        await door.wait_for("opened by keys 00#")
        await station.post("hang_up")
        await changes.until(entities.event, event_type="ended")
        await changes.until(entities.image)
    assert await door.stop() == 0


async def hears_something(station: aiohttp.ClientSession) -> bool:
    """Whether the door's meter moves within a minute; its page is told of every change."""
    async with station.get("events", timeout=aiohttp.ClientTimeout(total=60)) as events:
        async for line in events.content:
            if line.startswith(b"data: ") and json.loads(line[6:])["level"] > 20:
                return True
    return False
