"""What people show of themselves in the panel, and what others left for them: availability, faces, messages."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, Locator

from tests.end_to_end.conftest import Family, Home, NewPhone
from tests.support.panel_phone import PATIENCE, PanelPhone, panel_phone

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT = "In the <b>workshop</b> 🔧"

# What a page asks on behalf of its user, as the panel does.
_ASK = """([command, fields]) => document.querySelector("home-assistant").hass.connection.sendMessagePromise(
  { type: "pascom/ask", command, fields })"""
_TELL = """([command, fields]) => document.querySelector("home-assistant").hass.connection.sendMessagePromise(
  { type: `pascom/${command}`, ...fields })"""
_PLAYS = """() => {
  const walk = (root) => [...root.querySelectorAll("*")].some((element) =>
    (element.localName === "audio" && element.currentTime > 0.5) || (element.shadowRoot && walk(element.shadowRoot)));
  return walk(document);
}"""

# What a desk phone says.
HUGO = 440


@dataclass(frozen=True, slots=True)
class Two:
    gerda: PanelPhone
    paul: PanelPhone


@pytest_asyncio.fixture(loop_scope="session")
async def two(home: Home, family: Family, browser: Browser) -> AsyncIterator[Two]:
    """Gerda sits at a desk, Paul has a phone in his hand.  In the end both are as they were."""
    async with (
        panel_phone(browser, home.assistant, family.gerdas, hertz=700) as gerda,
        panel_phone(browser, home.assistant, family.pauls, hertz=1100, width=390, height=844) as paul,
    ):
        await asyncio.gather(gerda.open(shows="Paul"), paul.open(shows="Gerda"))
        yield Two(gerda, paul)
        usual = {"do_not_disturb": False, "availability": "available", "availability_text": ""}
        rights = await gerda.page.evaluate(_ASK, ["user/rights", {}])
        await gerda.page.evaluate(_ASK, ["user/set", {"user": rights["user"], **usual}])
        await gerda.page.evaluate(_ASK, ["voicemail/set", {"enabled": False}])
        await gerda.page.evaluate(_TELL, ["picture/set", {"data": None}])


def row(page: PanelPhone, name: str) -> Locator:
    return page.page.locator("pascom-contacts .row").filter(has_text=name)


async def test_a_text_and_a_face_that_one_chooses_are_seen_by_others_at_once(two: Two) -> None:
    gerda, paul = two.gerda, two.paul
    await row(paul, "Gerda").get_by_text("Available").wait_for(timeout=PATIENCE)
    await gerda.page.get_by_title("Change the availability").first.click(timeout=PATIENCE)
    await gerda.page.get_by_role("radio", name="Busy").click(timeout=PATIENCE)
    await row(paul, "Gerda").get_by_text("Busy").wait_for(timeout=PATIENCE)
    await gerda.page.get_by_title("Change the availability").first.click(timeout=PATIENCE)
    await gerda.page.get_by_label("Your own text").first.fill(TEXT)
    await gerda.page.keyboard.press("Enter")
    await row(paul, "Gerda").get_by_text(f"Busy · {TEXT}").wait_for(timeout=PATIENCE)

    await gerda.page.goto(gerda.page.url.split("/pascom")[0] + "/pascom/settings")
    face = BytesIO()
    Image.new("RGB", (640, 360), "teal").save(face, "PNG")
    choose = gerda.page.locator("pascom-settings-face").locator("input[type=file]")
    await choose.set_input_files({"name": "me.png", "mimeType": "image/png", "buffer": face.getvalue()})
    await gerda.press("Use this picture")
    seen = row(paul, "Gerda").locator("img")
    await seen.wait_for(timeout=PATIENCE)
    assert await seen.evaluate("async (image) => { await image.decode(); return image.naturalWidth; }") == 256

    # The menu of a contact, from below on a phone; its favourites come first.
    await row(paul, "Gerda").click(button="right")
    await paul.page.get_by_role("menuitem", name="Add to favourites").click(timeout=PATIENCE)
    await paul.page.get_by_role("region", name="Favourites").get_by_text("Gerda").wait_for(timeout=PATIENCE)


async def test_a_message_is_left_played_counted_deleted_and_had_back(two: Two) -> None:
    gerda, paul = two.gerda, two.paul
    await gerda.page.evaluate(_ASK, ["voicemail/set", {"enabled": True, "seconds": 1}])
    await paul.contact("Gerda").click(timeout=PATIENCE)
    await paul.press("Phone")
    await paul.press("Keypad")
    await paul.page.locator("pascom-keypad").get_by_role("button", name="#").click(timeout=PATIENCE)
    await paul.sees("0:07")
    await paul.press("Hang up")

    badge = gerda.page.get_by_role("button", name="Voicemail: 1 new")
    await badge.click(timeout=PATIENCE)
    message = gerda.page.get_by_role("article", name="Paul")
    await message.get_by_role("button", name="Paul", expanded=False).click(timeout=PATIENCE)
    await message.get_by_role("button", name="Play", exact=True).click(timeout=PATIENCE)
    await gerda.page.wait_for_function(_PLAYS, timeout=PATIENCE)
    await badge.wait_for(state="hidden", timeout=PATIENCE)
    await message.get_by_role("button", name="Mark as new").wait_for(timeout=PATIENCE)
    await gerda.press("Delete")
    await message.wait_for(state="hidden", timeout=PATIENCE)
    await gerda.press("Undo")
    await message.wait_for(timeout=PATIENCE)
    await gerda.press("Delete")
    await gerda.press("Settings")
    await gerda.press("Voicemail")
    await gerda.sees("No messages")


async def test_what_one_sets_is_done(two: Two, family: Family, new_phone: NewPhone) -> None:
    gerda, paul = two.gerda, two.paul
    hugo = await new_phone(family.hugo)
    await gerda.press("Settings")
    await gerda.press("Take a picture")
    await gerda.press("Take it now")
    await gerda.press("Use this picture")
    await row(paul, "Gerda").locator("img").wait_for(timeout=PATIENCE)

    await gerda.page.get_by_role("button", name="Answer, or hang up: ").click(timeout=PATIENCE)
    await gerda.page.keyboard.press("F8")
    await paul.contact("Gerda").click(timeout=PATIENCE)
    await gerda.button("Answer").wait_for(timeout=PATIENCE)
    await gerda.page.keyboard.press("F8")
    await asyncio.gather(gerda.hears(paul.hertz), paul.hears(gerda.hertz))
    await gerda.page.keyboard.press("F8")
    await asyncio.gather(gerda.rests(), paul.rests())

    forward = gerda.page.get_by_label("Always", exact=True)
    await forward.fill(family.hugo.username)
    await forward.press("Enter")
    await gerda.sees("Saved")
    await paul.press("Contacts")  # a call takes his small screen
    await paul.contact("Gerda").click(timeout=PATIENCE)
    await hugo.until("CALL_ESTABLISHED")
    await paul.hears(HUGO)
    await paul.press("Hang up")
    await paul.rests()
    await forward.fill("")
    await forward.press("Enter")

    # A greeting of one's own is heard by who reaches the mailbox.
    await gerda.page.evaluate(_ASK, ["voicemail/set", {"enabled": True, "seconds": 1}])
    await gerda.press("Voicemail")
    await gerda.press("My mailbox")
    await gerda.press("Record")
    await gerda.sees("End the recording 0:02")
    await gerda.page.get_by_role("button", name="End the recording").click(timeout=PATIENCE)
    await gerda.sees("Callers hear this from now on.")
    await paul.press("Contacts")
    await paul.contact("Gerda").click(timeout=PATIENCE)
    await paul.hears(gerda.hertz)
    await paul.press("Hang up")
    await paul.rests()
    await gerda.press("Use the standard greeting")


async def test_who_calls_a_team_that_rests_waits_and_is_seen_waiting_until_one_is_back(two: Two, home: Home) -> None:
    gerda, paul = two.gerda, two.paul
    member = (await gerda.page.evaluate(_ASK, ["user/rights", {}]))["user"]
    fields = {"name": "household", "display_name": "Household", "members": [member], "wait_seconds": 600}
    await home.assistant.command("pascom/ask", command="team/add", fields=fields)
    try:
        await row(gerda, "Household").get_by_role("button", name="Household").first.click(timeout=PATIENCE)
        await gerda.page.get_by_text("Nobody is waiting.").wait_for(timeout=PATIENCE)
        rests = gerda.page.get_by_role("radio", name="I am taking a break")
        await rests.click(timeout=PATIENCE)
        await gerda.page.locator("pascom-team [role=radio][aria-checked=true]", has_text="break").wait_for(
            timeout=PATIENCE
        )
        await paul.contact("Household").click(timeout=PATIENCE)
        queue = gerda.page.get_by_role("region", name="Waiting callers")
        await queue.get_by_text("Paul").wait_for(timeout=PATIENCE)
        await row(gerda, "Household").get_by_text("1 waiting").wait_for(timeout=PATIENCE)
        await gerda.page.get_by_role("radio", name="I take calls").click(timeout=PATIENCE)
        await gerda.press("Answer")
        await asyncio.gather(gerda.hears(paul.hertz), paul.hears(gerda.hertz))
        await queue.get_by_text("Nobody is waiting.").wait_for(timeout=PATIENCE)
        await gerda.press("Hang up")
        await asyncio.gather(gerda.rests(), paul.rests())
    finally:
        await home.assistant.command("pascom/ask", command="team/remove", fields={"team": "household"})
