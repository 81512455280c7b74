"""An administrator sets a person and a door up in the panel, and everybody else is kept out of it."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.end_to_end.conftest import Films, Home
from tests.support.baresip import Baresip
from tests.support.browser import Frontend, logged_in
from tests.support.home_assistant import Account, CommandFailed
from tests.support.panel_phone import BUILT, PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_administrator_adds_a_person_and_a_door_and_sees_both_work(
    home: Home, browser: Browser, films: Films, logs: Path
) -> None:
    assert BUILT.is_file(), "the panel is not built: run script/panel build"
    changes = await home.assistant.changes()
    async with logged_in(browser, home.assistant, width=1280, height=1000) as page:
        press = page.page.get_by_role
        await page.open("/pascom/settings")
        settings = page.page.locator("pascom-settings")
        await settings.get_by_role("button", name="Administration").click(timeout=PATIENCE)
        await press("button", name="Add a person").click(timeout=PATIENCE)
        await page.page.get_by_label("Name", exact=True).fill("Ida")
        await press("button", name="Add a person").click()
        ida = await _station(page.page.locator("pascom-admin-user"), home, logs / "phone")
        try:
            await ida.start(film=None, voice=films.voice)
            await ida.registered()
            light = page.page.locator("pascom-admin-user .phone .light")
            await expect(light).to_have_class("light good", timeout=PATIENCE)
        finally:
            await ida.stop()

        await press("button", name="Doors", exact=True).click()
        await press("button", name="Add a door").click(timeout=PATIENCE)
        await press("button", name="Another SIP station").click(timeout=PATIENCE)
        await press("button", name="Continue").click()
        await page.page.get_by_text("A name is needed.").wait_for(timeout=PATIENCE)
        await page.page.get_by_label("Name", exact=True).fill("Garage")
        await page.page.get_by_label("Keys that open").fill("12#")
        await press("button", name="Continue", exact=True).click()
        station = await _station(page.page.locator("pascom-admin-door-wizard"), home, logs / "door")
        try:
            await station.start(film=films.film, voice=films.voice)
            await page.page.get_by_text("The station has logged in.").wait_for(timeout=PATIENCE)
            await press("button", name="Continue", exact=True).click()
            await page.until_picture()
            await _hold(page, press("button", name="Hold to open: Garage"))
            await station.until_digits("12#", timeout=60)
        finally:
            await station.stop()

        # Home Assistant has it as one that its own dialog added.
        assert ("door", "Garage", "garage") in await _subentries(home)
        await changes.until("lock.garage_opener", timeout=60, changed_by="Demo")

        # Another administrator is faster.
        await press("button", name="Done").click()
        await page.page.get_by_label("Name", exact=True).fill("Mine")
        theirs = {"door": "garage", "display_name": "Theirs"}
        await home.assistant.command("pascom/ask", command="door/update", fields=theirs)
        await press("button", name="Save").click()
        await press("button", name="Keep mine").click(timeout=PATIENCE)
        await page.page.get_by_text("Saved", exact=True).wait_for(timeout=PATIENCE)

        await press("button", name="Remove this door").click()
        await press("button", name="Remove", exact=True).click(timeout=PATIENCE)
        await press("button", name="Add a door").wait_for(timeout=PATIENCE)
        assert "garage" not in [name for _, _, name in await _subentries(home)]
        await home.assistant.command("pascom/ask", command="user/remove", fields={"user": "ida"})


async def test_who_is_no_administrator_sees_none_of_it_and_is_refused(home: Home, browser: Browser) -> None:
    _, tokens = await home.assistant.new_user(Account("Nora", "nora", "password"))
    nora = await home.assistant.socket_of(tokens)
    for command, fields in {"role/list": {}, "log/read": {}, "user/account": {"user": "demo"}}.items():
        with pytest.raises(CommandFailed) as refused:
            await nora.command("pascom/ask", command=command, fields=fields)
        assert refused.value.code == "forbidden"
    await nora.close()
    async with logged_in(browser, home.assistant, tokens=tokens) as page:
        await page.open("/pascom/admin/log")
        await page.page.locator("pascom-contacts").wait_for(timeout=PATIENCE)
        await expect(page.page.locator("pascom-admin")).to_have_count(0)
        await page.open("/pascom/settings")
        await page.page.get_by_text("Ringing", exact=True).first.wait_for(timeout=PATIENCE)
        await expect(page.page.get_by_role("button", name="Administration")).to_have_count(0)


async def _station(shown: Locator, home: Home, folder: Path) -> Baresip:
    """A phone or station that is told what the page shows to be copied."""
    rows = shown.locator("pascom-copy code")
    await rows.first.wait_for(timeout=PATIENCE)
    _, _, username, password = await rows.all_inner_texts()
    return Baresip(folder, user=username, password=password, server=home.sip_server())


async def _subentries(home: Home) -> list[tuple[str, str, str]]:
    found = await home.assistant.command("config_entries/subentries/list", entry_id=home.entry)
    return [(each["subentry_type"], each["title"], each["unique_id"]) for each in found]


async def _hold(page: Frontend, button: Locator) -> None:
    await button.scroll_into_view_if_needed(timeout=PATIENCE)
    await button.hover()
    await page.page.mouse.down()
    await page.page.get_by_text("Opened", exact=True).first.wait_for(timeout=PATIENCE)
    await page.page.mouse.up()
