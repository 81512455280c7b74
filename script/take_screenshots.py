"""What `script/screenshots` runs: every area of the panel, in three sizes, light and dark."""

import argparse
import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import Browser

from script.playground import Playground
from script.showroom import showroom
from tests.support.browser import Frontend, chromium, logged_in

SIZES = {"desktop": (1440, 900), "tablet": (1024, 768), "phone": (390, 844)}
AREAS = ("contacts", "phone", "journal", "phonebook", "search", "settings", "door/front-door", "room/kitchen-table")


async def take(target: Path, folder: Path, areas: tuple[str, ...], sizes: tuple[str, ...]) -> None:
    async with showroom(folder, lambda line: print(line, flush=True)) as house, chromium() as browser:
        for size in sizes:
            for dark in (False, True):
                await _take(house, browser, target, areas, size, dark=dark)


async def _take(
    house: Playground, browser: Browser, target: Path, areas: tuple[str, ...], size: str, *, dark: bool
) -> None:
    width, height = SIZES[size]
    async with logged_in(browser, house.home, dark=dark, rings=True, width=width, height=height) as page:
        for area in areas:
            await page.open(f"/pascom/{area}")
            if area.startswith("door"):
                await page.until_picture(frames=20)
            await _at_rest(page)
            name = f"{area.replace('/', '-')}-{size}{'-dark' if dark else ''}.png"
            await page.screenshot(target / name)
            print(name, flush=True)


async def _at_rest(page: Frontend) -> None:
    await page.page.wait_for_load_state("networkidle")
    await page.page.wait_for_timeout(1500)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="script/screenshots", description=__doc__)
    parser.add_argument("target", type=Path, nargs="?", default=Path("docs/pictures"))
    parser.add_argument("--areas", nargs="*", default=AREAS)
    parser.add_argument("--sizes", nargs="*", default=tuple(SIZES), choices=tuple(SIZES))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        asyncio.run(take(given.target, Path(temporary), tuple(given.areas), tuple(given.sizes)))
