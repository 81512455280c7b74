"""Our cards on dashboards: a door that rings, the editor, the card picker, and a dashboard that builds itself."""

import pytest
from playwright.async_api import Browser

from tests.end_to_end.conftest import Home, NewDoor
from tests.end_to_end.test_ring import hears_beeps
from tests.support.browser import logged_in
from tests.support.dashboards import of, saved
from tests.support.panel_phone import EAR, PATIENCE, PanelPhone

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_door_on_a_dashboard_shows_who_rings_lets_one_talk_and_opens_when_held(
    home: Home, new_door: NewDoor, browser: Browser
) -> None:
    station, door = await new_door("Shed", dtmf="00#")
    address = await saved(home.assistant, "shed-card", of({"type": "custom:pascom-door-card", "entity": door.lock}))
    changes = await home.assistant.changes()
    async with logged_in(browser, home.assistant) as page:
        await page.page.add_init_script(EAR)
        await page.open(address)
        card = page.page.locator("pascom-door-card-body")
        talk = card.get_by_role("button", name="Talk", exact=True)
        await talk.wait_for(timeout=PATIENCE)
        assert not station.has("CALL_INCOMING"), "a card called the door by being there"

        await station.press_bell()
        await card.get_by_text("Somebody is ringing").wait_for(timeout=PATIENCE)
        await page.until_picture()
        ring_back = len(station.sound())
        await talk.click()
        await station.until("CALL_ESTABLISHED", timeout=60)
        await PanelPhone(page.page, home.assistant.url, 0).hears(440)
        await hears_beeps(station, after=ring_back)

        await card.get_by_role("button", name="Hold to open: Shed").hover()
        await page.page.mouse.down()
        await station.until_digits("00#")
        await page.page.mouse.up()
        await changes.until(door.event, event_type="opened", by="Demo")
        await card.get_by_role("button", name="Hang up").click()
        await station.until("CALL_CLOSED", timeout=60)


async def test_cards_are_edited_suggested_and_make_a_dashboard_by_themselves(
    home: Home, new_door: NewDoor, browser: Browser
) -> None:
    _, door = await new_door("Barn", dtmf="00#")
    address = await saved(home.assistant, "barn-card", of({"type": "custom:pascom-door-card", "entity": door.camera}))
    by_itself = await saved(home.assistant, "by-itself", {"strategy": {"type": "custom:pascom"}})
    async with logged_in(browser, home.assistant) as opened:
        page = opened.page
        await opened.open(f"{address}?edit=1")
        await page.locator("hui-card-edit-mode", has=page.locator("pascom-door-card")).click(timeout=PATIENCE)
        editor = page.locator("pascom-door-card-editor")
        await editor.get_by_label("Title").fill("Old barn", timeout=PATIENCE)
        await editor.get_by_label("Button to open").uncheck()
        await page.locator("pascom-door-card-body").get_by_text("Old barn").last.wait_for(timeout=PATIENCE)
        await page.get_by_role("button", name="Save", exact=True).click()
        await editor.wait_for(state="detached", timeout=PATIENCE)
        kept = await home.assistant.command("lovelace/config", url_path="barn-card")
        card = kept["views"][0]["sections"][0]["cards"][0]
        assert (card["entity"], card["title"], card["show_open"]) == (door.camera, "Old barn", False)

        await page.get_by_role("button", name="Add card").first.click()
        await page.get_by_placeholder("Search entities").fill(door.camera, timeout=PATIENCE)
        await page.locator(f"ha-list-item-button[data-entity-id='{door.camera}']").click()
        await page.get_by_text("Door (pascom)").wait_for(timeout=PATIENCE)

        await opened.open(by_itself)
        shown = page.locator("pascom-door-card-body").get_by_title("Barn: show more")
        await shown.wait_for(timeout=PATIENCE)
        await page.locator("pascom-call-card-body").get_by_role("button", name="Journal").wait_for(timeout=PATIENCE)
