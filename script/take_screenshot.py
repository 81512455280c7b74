"""What `script/screenshot` runs."""

import asyncio
import sys
import tempfile
from pathlib import Path

from script.playground import DASHBOARD, Playground
from tests.support.browser import chromium, logged_in
from tests.support.ports import free_port


async def take(target: Path, folder: Path) -> None:
    playground = Playground(folder, port=free_port(), door_port=free_port(), sip_port=free_port())
    try:
        await playground.start(lambda line: print(line, flush=True))
        assert playground.entities
        changes = await playground.home.changes()
        async with chromium() as browser, logged_in(browser, playground.home, width=1440, height=740) as page:
            await page.open(f"/{DASHBOARD}")
            await page.page.wait_for_timeout(3000)
            await playground.press("ring")
            await changes.until(playground.entities.event, event_type="ring")
            await changes.until(playground.entities.image)
            await page.until_picture(frames=30)
            await page.screenshot(target)
    finally:
        await playground.stop()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        asyncio.run(take(Path(sys.argv[1]), Path(temporary)))
