"""On any page of Home Assistant: what rings is seen over whatever is open, and told where nobody looks."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.end_to_end.conftest import Family, Home, NewDoor, NewPhone
from tests.end_to_end.test_cards import _of, _saved
from tests.support.panel_page import PanelPage
from tests.support.panel_phone import PATIENCE, panel_phone

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAUL = 1100

# What the page asks of its surroundings, and a way to look at something else: `leave(true)`.
_SURROUNDINGS = """(() => {
  let left = false;
  Object.defineProperty(document, "hidden", { get: () => left });
  Object.defineProperty(document, "visibilityState", { get: () => (left ? "hidden" : "visible") });
  document.hasFocus = () => !left;
  window.leave = (leaves) => {
    left = leaves;
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  };
  const told = (window.told = []);
  const Original = window.Notification;
  window.Notification = class extends Original {
    constructor(title, options) {
      super(title, options);
      told.push(this);
    }
    close() {
      super.close();
      told.splice(told.indexOf(this), 1);
    }
  };
  const lights = (window.lights = []);
  const request = navigator.wakeLock.request.bind(navigator.wakeLock);
  navigator.wakeLock.request = (kind) => { lights.push(kind); return request(kind); };
  window.fully = Object.fromEntries(["turnScreenOn", "stopScreensaver", "bringToForeground"].map(
    (name) => [name, () => void lights.push(name)]));
})()"""

# Whose element stands in the middle of the screen.
_ON_TOP = """(wanted) => {
  let element = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
  return (element?.localName === "pascom-overlay") === wanted;
}"""


async def _tells(page: Page, *titles: str) -> None:
    """Wait until the browser shows these notifications."""
    script = "titles => JSON.stringify(told.map(({ title, body }) => `${title}: ${body}`)) === JSON.stringify(titles)"
    try:
        await page.wait_for_function(script, arg=list(titles), timeout=PATIENCE)
    except Exception as error:
        shown = await page.evaluate("told.map(({ title, body }) => `${title}: ${body}`)")
        raise AssertionError(f"the browser tells {shown}") from error


async def _idle(watcher: PanelPage, user: str, *, really: bool) -> None:
    """Wait until others hear that this person is away by themselves, or back."""
    while (await watcher.event("user_changed", user=user))["state"]["idle"] is not really:
        pass


async def test_what_rings_reaches_who_looks_at_something_else(
    home: Home, family: Family, browser: Browser, new_door: NewDoor, new_phone: NewPhone
) -> None:
    station, door = await new_door("Cellar door", dtmf="00#")
    number = family.hugo.username
    text = f"[Call Hugo](tel:{number})"
    address = await _saved(home, "every-where", _of({"type": "markdown", "content": text}))
    hugo = await new_phone(family.hugo, answers=False)
    watcher = PanelPage(await home.assistant.socket_of(family.gerdas), "watcher")
    await watcher.open()
    changes = await home.assistant.changes()
    async with panel_phone(browser, home.assistant, family.pauls, hertz=PAUL) as paul:
        page = paul.page
        await page.context.grant_permissions(["microphone", "notifications"], origin=home.assistant.url)
        await page.add_init_script(_SURROUNDINGS)
        await page.clock.install()
        await paul.open(address)
        link = page.get_by_role("link", name="Call Hugo")
        await link.wait_for(timeout=PATIENCE)
        await changes.until(family.paul.registered, state="on")

        # A ring stands above a dialog that is open, wakes the tablet, and leaves the dialog as it was.
        await page.evaluate(
            """id => document.querySelector("home-assistant").dispatchEvent(
                 new CustomEvent("hass-more-info", {detail: {entityId: id}, bubbles: true, composed: true}))""",
            door.lock,
        )
        dialog = page.locator("ha-more-info-dialog").get_by_text("Cellar door").first
        await dialog.wait_for(timeout=PATIENCE)
        await station.press_bell()
        await paul.sees("Somebody is at the door")
        await page.wait_for_function(_ON_TOP, arg=True, timeout=PATIENCE)
        lights = ["bringToForeground", "screen", "stopScreensaver", "turnScreenOn"]
        await page.wait_for_function("wanted => `${lights.sort()}` === wanted", arg=",".join(lights), timeout=PATIENCE)
        await station.hang_up()
        await page.wait_for_function(_ON_TOP, arg=False, timeout=PATIENCE)
        await expect(dialog).to_be_visible(timeout=PATIENCE)
        await page.keyboard.press("Escape")

        # Nobody looks, for longer than Home Assistant keeps pages that nobody sees.
        socket = await home.assistant.socket_of(family.pauls)
        await socket.command("pascom/preferences/set", changes={"away_after": 5})
        await page.evaluate("leave(true)")
        await page.clock.fast_forward("06:00")
        await _idle(watcher, "paul", really=True)
        assert await page.evaluate("document.querySelector('home-assistant').hass.connection.connected")
        await station.press_bell()
        await _tells(page, "Cellar door: Somebody is at the door")
        await station.hang_up()
        await _tells(page, "Cellar door: Somebody was at the door")
        await hugo.press_bell(family.paul.username)
        await _tells(page, "Cellar door: Somebody was at the door", "Hugo: Incoming call")
        await hugo.hang_up()
        await _tells(page, "Cellar door: Somebody was at the door", "Hugo: Missed call")
        await expect(page).to_have_title(re.compile(r"^\(1\) "), timeout=PATIENCE)

        await page.evaluate("leave(false)")
        await _tells(page)
        await _idle(watcher, "paul", really=False)
        await page.evaluate("history.pushState(null, '', '/pascom/journal')")
        await page.evaluate("dispatchEvent(new CustomEvent('location-changed', { detail: { replace: false } }))")
        await expect(page).to_have_title(re.compile(r"^[^(]"), timeout=PATIENCE)
        await socket.close()
    await watcher.close()
