"""On any page of Home Assistant: what rings is seen over whatever is open, and told where nobody looks."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.end_to_end.conftest import Family, Home, NewDoor, NewPhone
from tests.end_to_end.test_pairing import pairing_code
from tests.support.dashboards import of, saved
from tests.support.panel_page import PanelPage
from tests.support.panel_phone import PATIENCE, panel_phone
from tests.support.pascom import DoorEntities, connect_to_pbx, entities_of
from tests.support.pbx import PbxProcess

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
  window.notes = 0;
  const oscillator = BaseAudioContext.prototype.createOscillator;
  BaseAudioContext.prototype.createOscillator = function () {
    window.notes += 1;
    return oscillator.call(this);
  };
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


async def _rings(page: Page) -> None:
    """Wait until it is heard, and forget that."""
    await page.wait_for_function("notes > 0", timeout=PATIENCE)
    await page.evaluate("() => { notes = 0; }")


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
    address = await saved(home.assistant, "every-where", of({"type": "markdown", "content": text}))
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
        await _rings(page)
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
        await _rings(page)
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


@pytest_asyncio.fixture(loop_scope="session")
async def office(home: Home, logs: Path) -> AsyncIterator[DoorEntities]:
    """A second PBX with a door, which goes again; it is joined once its door is asked for."""
    gate = {"name": "gate", "display_name": "Office gate", "extension": "150", "password": "secret150"}
    pbx = PbxProcess(logs / "office", doors=[{**gate, "model": "generic", "open": [{"dtmf": "00#"}]}])
    await pbx.start()
    code = await pairing_code(pbx, logs)
    entry = await connect_to_pbx(home.assistant, host="127.0.0.1", port=pbx.api_port, code=code)
    yield await entities_of(home.assistant, "Office gate")
    await home.assistant.delete(f"/api/config/config_entries/entry/{entry}")
    await pbx.stop()


async def test_numbers_on_dashboards_call_and_of_two_pbxs_a_page_says_which_it_uses(
    home: Home, family: Family, browser: Browser, new_phone: NewPhone, office: DoorEntities
) -> None:
    hugo = await new_phone(family.hugo, answers=False)
    number = family.hugo.username
    changes = await home.assistant.changes()
    link_card = {"type": "markdown", "content": f"[Call Hugo](tel:{number})"}
    door_card = {"type": "custom:pascom-door-card", "entity": office.camera}
    address = await saved(home.assistant, "two-pbxs", of(link_card, door_card))
    async with panel_phone(browser, home.assistant, family.pauls, hertz=PAUL) as paul:
        page = paul.page
        await paul.open(address)
        link = page.get_by_role("link", name="Call Hugo")
        await paul.sees("This belongs to the PBX “Test home”")
        await changes.until(family.paul.registered, state="on")
        await link.click()
        await expect(page.get_by_role("combobox", name="Name or number")).to_have_value(number, timeout=PATIENCE)
        assert page.url.endswith(f"/pascom/phone/{number}")
        which = page.get_by_role("combobox", name="PBX of this browser")
        await expect(which.locator("option:checked")).to_have_text("Home", timeout=PATIENCE)

        await page.go_back()
        await link.wait_for(timeout=PATIENCE)
        # Another tab of this browser chose so.
        await page.evaluate(
            """choices => {
              localStorage.setItem("pascom.choices", choices);
              dispatchEvent(new StorageEvent("storage", { key: "pascom.choices" }));
            }""",
            json.dumps({"links": "call"}),
        )
        await link.click()
        await hugo.until("CALL_INCOMING", timeout=60)
        await paul.press("Hang up")
        await hugo.until("CALL_CLOSED", timeout=60)

        await paul.press("Use “Test home” here")
        await page.get_by_text("This belongs to the PBX").wait_for(state="hidden", timeout=PATIENCE)
        await paul.open("/pascom")
        await expect(which.locator("option:checked")).to_have_text("Test home", timeout=PATIENCE)
