"""The phonebook in the panel: somebody is added, found by parts of their name, called, changed and imported."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.end_to_end.conftest import Family, Home, NewPhone
from tests.support.browser import logged_in
from tests.support.panel_phone import PATIENCE, panel_phone

pytestmark = pytest.mark.asyncio(loop_scope="session")

GERDA, HUGO = 700, 440

# What another page of the same person asks meanwhile.
_ASK = """([command, fields]) => document.querySelector("home-assistant").hass.connection
  .sendMessagePromise({ type: "pascom/ask", command, fields })"""

# Two that are fine, one that is there already, one that nobody can call.
_CARDS = """BEGIN:VCARD
VERSION:3.0
FN:Zita Zander
N:Zander;Zita;;;
TEL;TYPE=CELL:+49 171 5550001
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Café Örtl
ORG:Café Örtl
TEL;TYPE=WORK:+49 89 5550002
END:VCARD
BEGIN:VCARD
VERSION:3.0
NOTE:nobody at all
END:VCARD
"""

_CARRIED = """(text) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], "again.vcf", { type: "text/vcard" }));
  return carried;
}"""


async def ask(page: Page, command: str, **fields: Any) -> Any:
    return await page.evaluate(_ASK, [command, fields])


async def drop(target: Locator, text: str) -> None:
    """Let go of a file over it, as a hand does that drags one from a folder."""
    carried = await target.page.evaluate_handle(_CARRIED, text)
    for step in ("dragover", "drop"):
        await target.dispatch_event(step, {"dataTransfer": carried})


async def shown(locator: Locator) -> Locator:
    await locator.wait_for(timeout=PATIENCE)
    return locator


async def test_a_contact_is_added_found_by_parts_of_its_name_and_called(
    home: Home, family: Family, browser: Browser, new_phone: NewPhone
) -> None:
    hugo = await new_phone(family.hugo)
    name = "Max-Andreas <b>Mustermann</b>"
    async with panel_phone(browser, home.assistant, family.gerdas, hertz=GERDA, width=1440, height=900) as gerda:
        await gerda.open("/pascom/phonebook", shows="Hugo")
        page, dialog = gerda.page, gerda.page.locator("pascom-contact-dialog")
        await gerda.press("New contact")
        await gerda.press("Save")
        await gerda.sees("A first name, a last name or a company is needed.")
        assert await dialog.get_by_label("Company phonebook").is_disabled(), "her role does not allow it"
        await dialog.get_by_label("First name").fill("Max-Andreas")
        await dialog.get_by_label("Last name").fill("<b>Mustermann</b>")
        await dialog.get_by_label("Number", exact=True).fill(family.hugo.username)
        await gerda.press("Save")
        await shown(dialog.get_by_text(name))
        await dialog.get_by_role("button", name="Favourite").click()
        await gerda.press("Close")
        favourites = page.locator("pascom-contacts").get_by_role("region", name="Favourites")
        await shown(favourites.get_by_text(name))

        await gerda.press("Search")
        search = await shown(page.locator("pascom-search input"))
        await search.fill("muster and")
        await shown(page.locator("pascom-search").get_by_text(name))
        await search.press("Enter")
        await hugo.until("CALL_ESTABLISHED")
        await gerda.hears(HUGO)
        await gerda.press("Hang up")
        await gerda.rests()

        # Its button tells how many were missed, too.
        await page.locator("pascom-panel header").get_by_role("button", name="Journal").click(timeout=PATIENCE)
        row = page.locator("pascom-journal [role=listitem]").first
        await row.get_by_role("button").first.click()
        await shown(page.locator("pascom-past-dialog").get_by_text("Outgoing"))
        await gerda.press("Close")
        field = page.locator("pascom-phone").get_by_role("combobox", name="Name or number")
        await field.fill("must")
        await shown(page.get_by_role("option", name=name))


async def test_a_file_is_imported_and_a_contact_that_changed_meanwhile_is_told_on_a_phone(
    home: Home, family: Family, browser: Browser, tmp_path: Path
) -> None:
    cards = tmp_path / "contacts.vcf"
    cards.write_text(_CARDS)
    async with logged_in(browser, home.assistant, tokens=family.pauls, width=390, height=844) as frontend:
        await frontend.open("/pascom/phonebook")
        page = frontend.page
        book, dialog = page.locator("pascom-phonebook"), page.locator("pascom-contact-dialog")
        await (await shown(book.get_by_label("More"))).click()
        await book.get_by_role("button", name="Import").first.click()
        await page.locator("pascom-import-dialog input[type=file]").set_input_files(cards)
        summary = await shown(page.locator("pascom-import-dialog .sum"))
        await expect(summary).to_contain_text("2added")
        await shown(page.locator("pascom-import-dialog").get_by_text("Line 1"))
        await page.get_by_role("button", name="Done").click()
        await drop(book, _CARDS)
        await expect(summary).to_contain_text("2unchanged", timeout=PATIENCE)
        await page.get_by_role("button", name="Done").click()

        await shown(book.get_by_text("Café Örtl"))
        await book.get_by_role("searchbox").fill("zan zit")
        await expect(book.get_by_role("listitem")).to_have_count(1)
        await expect(book.get_by_role("listitem")).to_have_attribute("aria-setsize", "1")
        await book.get_by_role("searchbox").press("ArrowDown")
        row = book.get_by_role("button", name="Zita Zander").first
        await expect(row).to_be_focused()
        await row.press("Enter")
        await (await shown(dialog.get_by_role("button", name="Edit"))).click()
        await dialog.get_by_label("Note").fill("mine")

        (zita,) = [
            contact
            for contact in (await ask(page, "phonebook/list"))["contacts"]
            if contact["last"] == "Zander" and contact["book"] == "private"
        ]
        await ask(page, "phonebook/update", id=zita["id"], revision=zita["revision"], company="Zoo")
        await dialog.get_by_role("button", name="Save").click()
        await shown(dialog.get_by_text("Somebody else has changed this contact meanwhile"))
        await shown(dialog.get_by_text("Zoo"))
        await dialog.get_by_role("button", name="Save mine").click()
        await shown(dialog.get_by_text("mine"))

        await dialog.get_by_role("button", name="Delete").click()
        await dialog.get_by_role("button", name="Delete").click()
        await shown(page.get_by_text("Zita Zander is deleted"))
        async with page.expect_download() as downloading:
            await book.get_by_label("More").click()
            await book.get_by_role("button", name="Export").click()
            await page.locator("pascom-export-dialog").get_by_label("Phonebook").select_option("private")
            await page.get_by_role("button", name="Download").click()
        exported = await (await downloading.value).path()
        assert "Café Örtl" in exported.read_text()
        assert "Zita" not in exported.read_text()
