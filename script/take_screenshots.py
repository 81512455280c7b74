"""What `script/screenshots` runs: every area of the panel and what happens there, in three sizes, light and dark."""

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Browser, Locator

from script.showroom import ME_NUMBER, Showroom, showroom
from tests.support.browser import Frontend, chromium, logged_in

SIZES = {"desktop": (1440, 900), "tablet": (1024, 768), "phone": (390, 844)}
AREAS = (
    "contacts",
    "phone",
    "journal",
    "phonebook",
    "search",
    "settings",
    "voicemail",
    "door/front-door",
    "room/kitchen-table",
)


type Scene = Callable[[Showroom, Frontend], Awaitable[Awaitable[None]]]


async def take(target: Path, folder: Path, areas: tuple[str, ...], sizes: tuple[str, ...]) -> None:
    async with showroom(folder, lambda line: print(line, flush=True)) as shown, chromium() as browser:
        for size in sizes:
            for dark in (False, True):
                await _take(shown, browser, target, areas, size, dark=dark)


async def _take(
    shown: Showroom, browser: Browser, target: Path, areas: tuple[str, ...], size: str, *, dark: bool
) -> None:
    width, height = SIZES[size]
    async with logged_in(browser, shown.house.home, dark=dark, rings=True, width=width, height=height) as page:
        for area in areas:
            scene = _SCENES.get(area)
            await page.open("/pascom/journal" if scene else f"/pascom/{area}")
            await _at_rest(page)
            over = await scene(shown, page) if scene else None
            if area.startswith("door/"):
                await page.until_picture(frames=20)
            name = f"{area.replace('/', '-')}-{size}{'-dark' if dark else ''}.png"
            await page.screenshot(target / name)
            print(name, flush=True)
            if over is not None:
                await over


async def _door_rings(shown: Showroom, page: Frontend) -> Awaitable[None]:
    await shown.house.press("ring")
    await page.until_picture(frames=20)
    return shown.house.press("hang_up")


async def _call_rings(shown: Showroom, page: Frontend) -> Awaitable[None]:
    anna = shown.people["Anna Berger"].page
    leg = await anna.dial(ME_NUMBER)
    await _answer(page).wait_for(timeout=60_000)
    await page.page.wait_for_timeout(1000)
    return anna.ask("phone/hang_up", leg=leg)


def _answer(page: Frontend) -> Locator:
    return page.page.get_by_role("button", name="Answer", exact=True)


async def _in_call(shown: Showroom, page: Frontend) -> Awaitable[None]:
    over = await _call_rings(shown, page)
    await _answer(page).click()
    await page.page.wait_for_timeout(3000)
    return over


_SCENES: dict[str, Scene] = {"door-rings": _door_rings, "call-rings": _call_rings, "in-call": _in_call}


async def _at_rest(page: Frontend) -> None:
    await page.page.wait_for_load_state("networkidle")
    await page.page.wait_for_timeout(1500)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="script/screenshots", description=__doc__)
    parser.add_argument("target", type=Path, nargs="?", default=Path("docs/pictures"))
    parser.add_argument("--areas", nargs="*", default=(*AREAS, *_SCENES))
    parser.add_argument("--sizes", nargs="*", default=tuple(SIZES), choices=tuple(SIZES))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        asyncio.run(take(given.target, Path(temporary), tuple(given.areas), tuple(given.sizes)))
