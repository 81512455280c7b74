"""What `script/screenshots` runs: every area of the panel and what happens there, in three sizes, light and dark."""

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Browser, Page

from script.scenes import SCENES
from script.showroom import Showroom, showroom
from tests.support.browser import Frontend, chromium, logged_in

SIZES = {
    "desktop": (1440, 900),
    "wide": (1920, 1080),
    "tablet": (1024, 768),
    "phone": (390, 844),
    "small": (360, 640),
    "lying": (844, 390),
}
USUAL = ("desktop", "tablet", "phone")
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


async def take(target: Path, folder: Path, areas: tuple[str, ...], sizes: tuple[str, ...], language: str) -> None:
    async with showroom(folder, lambda line: print(line, flush=True)) as shown, chromium() as browser:
        for size in sizes:
            for dark in (False, True):
                await _take(shown, browser, target, areas, size, dark=dark, language=language)


async def _take(
    shown: Showroom, browser: Browser, target: Path, areas: tuple[str, ...], size: str, *, dark: bool, language: str
) -> None:
    width, height = SIZES[size]
    home = shown.house.home
    async with logged_in(browser, home, rings=True, dark=dark, language=language, width=width, height=height) as page:
        for area in areas:
            scene = SCENES.get(area)
            at, press = _PRESSED.get(area, ("journal" if scene else area, None))
            await page.open(f"/pascom/{at}")
            await _at_rest(page)
            over = await scene(shown, page) if scene else None
            if press:
                await press(page.page)
                await page.page.wait_for_timeout(1000)
            if area.startswith("door/"):
                await page.until_picture(frames=20)
            name = f"{area.replace('/', '-')}-{size}{'-dark' if dark else ''}.png"
            await page.screenshot(target / name)
            print(name, flush=True)
            if over is not None:
                await over()


async def _contact_menu(page: Page) -> None:
    await page.locator("pascom-contacts .row").filter(has_text="Anna").first.click(button="right")


async def _availability(page: Page) -> None:
    await page.get_by_title("Change the availability").first.click()


async def _dialling(page: Page) -> None:
    await page.locator("pascom-phone").get_by_role("combobox", name="Name or number").fill("an")


async def _details(page: Page) -> None:
    await page.locator("pascom-journal [role=listitem]").filter(has_text="2180").get_by_role("button").first.click()


async def _visitor(page: Page) -> None:
    rows = page.locator("pascom-journal [role=listitem]")
    await rows.filter(has_text="Front door").first.get_by_role("button").first.click()


async def _contact(page: Page) -> None:
    await page.locator("pascom-phonebook [role=listitem]").filter(has_text="Lena").get_by_role("button").first.click()


async def _edited(page: Page) -> None:
    await _contact(page)
    await page.locator("pascom-contact-dialog").get_by_role("button", name="Edit").click()


async def _faulty(page: Page) -> None:
    await page.locator("pascom-phonebook").get_by_role("button", name="New contact").click()
    await page.locator("pascom-contact-dialog").get_by_role("button", name="Save").click()


async def _import(page: Page) -> None:
    book = page.locator("pascom-phonebook")
    await book.locator("summary").click()
    await book.get_by_role("button", name="Import").first.click()


async def _found(page: Page) -> None:
    await page.locator("pascom-search input").fill("an")


async def _message(page: Page) -> None:
    await page.locator("pascom-voicemail article").first.get_by_role("button").first.click()


async def _mailbox(page: Page) -> None:
    await page.locator("pascom-voicemail").get_by_role("button", name="My mailbox").click()


# What one sees after some presses: where one begins, and what is pressed.
_PRESSED: dict[str, tuple[str, Callable[[Page], Awaitable[None]]]] = {
    "contact-menu": ("contacts", _contact_menu),
    "availability": ("contacts", _availability),
    "dialling": ("phone", _dialling),
    "journal-details": ("journal", _details),
    "journal-visitor": ("journal", _visitor),
    "contact": ("phonebook", _contact),
    "contact-edited": ("phonebook", _edited),
    "contact-faulty": ("phonebook", _faulty),
    "import": ("phonebook", _import),
    "search-found": ("search", _found),
    "voicemail-message": ("voicemail", _message),
    "voicemail-settings": ("voicemail", _mailbox),
}


async def _at_rest(page: Frontend) -> None:
    await page.page.wait_for_load_state("networkidle")
    await page.page.wait_for_timeout(1500)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="script/screenshots", description=__doc__)
    parser.add_argument("target", type=Path, nargs="?", default=Path("docs/pictures"))
    everything = (*AREAS, *SCENES, *_PRESSED)
    parser.add_argument("--areas", nargs="*", default=everything, help="of the panel, or what happens there")
    parser.add_argument("--sizes", nargs="*", default=USUAL, choices=tuple(SIZES))
    parser.add_argument("--language", default="", help="of Home Assistant: he is written from the right")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        asyncio.run(take(given.target, Path(temporary), tuple(given.areas), tuple(given.sizes), given.language))
