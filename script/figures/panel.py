"""The panel: how soon it is usable, how soon it shows a ring, how soon two people hear each other."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median
from typing import Any

from playwright.async_api import Browser

from script.figures.assistant import Residence, residence
from script.figures.figure import Figure, rounded
from script.figures.film import make_film
from tests.support.browser import chromium
from tests.support.home_assistant import Account
from tests.support.panel_phone import PanelPhone, panel_phone
from tests.support.pascom import add_person

OPENINGS = 10
RINGS = 9
CALLS = 9
PAUSE = 1.0  # seconds for all to be quiet again
PATIENCE = 30_000  # milliseconds

# When somebody who can be called is drawn, in milliseconds since the page was asked for.
_USABLE = """(name) => new Promise((resolve) => {
  const find = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.ariaLabel === name) return element;
      const inside = element.shadowRoot && find(element.shadowRoot);
      if (inside) return inside;
    }
    return null;
  };
  const look = () => find(document) ? resolve(performance.now()) : requestAnimationFrame(look);
  look();
})"""
# Notes when the screen that takes the page at a ring is drawn.
_NOTE_OVERLAY = """() => {
  window.shownAt = 0;
  const look = () => {
    const overlay = document.querySelector("pascom-overlay")?.shadowRoot?.querySelector("dialog[open]");
    if (overlay) requestAnimationFrame(() => { window.shownAt = Date.now() / 1000; });
    else requestAnimationFrame(look);
  };
  look();
}"""
_NO_OVERLAY = """() => !document.querySelector("pascom-overlay")?.shadowRoot?.querySelector("dialog[open]")"""
# Notes when the green button was pressed, and when the newest call is first heard.
_NOTE_SOUND = """() => {
  window.pressedAt = window.heardAt = 0;
  addEventListener("click", () => { window.pressedAt ||= Date.now(); }, { capture: true, once: true });
  const context = (window.noteContext ??= new AudioContext());
  const known = window.heard.length;
  const samples = new Float32Array(512);
  let ear, track;
  const listen = () => {
    const newest = window.heard.at(-1);
    if (newest && newest !== track && newest.readyState === "live") {
      track = newest;
      ear = new AnalyserNode(context, { fftSize: 512 });
      context.createMediaStreamSource(new MediaStream([track])).connect(ear);
    }
    ear?.getFloatTimeDomainData(samples);
    if (ear && Math.max(...samples) > 0.05) window.heardAt = Date.now();
    else setTimeout(listen, 4);
  };
  void context.resume().then(listen);
  return known;
}"""


async def measure(folder: Path) -> AsyncIterator[Figure]:
    """Chromium, Home Assistant and the PBX share this machine, as a home's do not."""
    film = await make_film(folder)
    async with residence(folder / "panel", film) as house, chromium() as browser:
        changes = await house.home.changes()
        people: dict[str, dict[str, Any]] = {}
        for name in ("Gerda", "Paul"):
            user, people[name] = await house.home.new_user(Account(name, name.lower(), "password"))
            person = await add_person(house.home, _entry(await house.home.command("config_entries/get")), user, name)
        yield await _openings(house, browser, people["Gerda"])
        async with panel_phone(browser, house.home, people["Gerda"], hertz=700) as gerda:
            yield await _rings(house, gerda)
            async with panel_phone(browser, house.home, people["Paul"], hertz=1100) as paul:
                await gerda.open(shows="Paul")
                await paul.open(shows="Gerda")
                await changes.until(person.registered, state="on")
                yield await _calls(gerda, paul)


async def _openings(house: Residence, browser: Browser, tokens: dict[str, Any]) -> Figure:
    """The whole page is loaded each time, Home Assistant's own part of it too; the first fills the browser's cache."""
    times: list[float] = []
    async with panel_phone(browser, house.home, tokens, hertz=700) as phone:
        for _ in range(1 + OPENINGS):
            await phone.page.goto(f"{house.home.url}/pascom", wait_until="commit")
            times.append(await phone.page.evaluate(_USABLE, "Call Paul"))
            await asyncio.sleep(PAUSE)
        within = [await _from_the_sidebar(house, phone) for _ in range(3)]
    first, *later = times
    detail = {"first": round(first), "openings": rounded(later, 0), "from_dashboard": round(median(within))}
    return Figure("panel_usable", median(later), "ms", 1000.0, detail)


async def _from_the_sidebar(house: Residence, phone: PanelPhone) -> float:
    """Home Assistant is open at a dashboard, and one turns to the panel."""
    await phone.page.goto(f"{house.home.url}/profile")
    await phone.page.wait_for_function("() => document.querySelector('pascom-overlay')", timeout=PATIENCE)
    await asyncio.sleep(PAUSE)
    began: float = await phone.page.evaluate(
        """() => {
          history.pushState(null, "", "/pascom");
          dispatchEvent(new CustomEvent("location-changed"));
          return performance.now();
        }"""
    )
    usable: float = await phone.page.evaluate(_USABLE, "Call Paul")
    return usable - began


async def _rings(house: Residence, phone: PanelPhone) -> Figure:
    """From the door's INVITE until its screen is drawn over a page of Home Assistant that is no panel."""
    await phone.page.goto(f"{house.home.url}/profile")
    await phone.page.wait_for_function("() => document.querySelector('pascom-overlay')", timeout=PATIENCE)
    states = await house.states()
    await asyncio.sleep(5 * PAUSE)
    times: list[float] = []
    for _ in range(1 + RINGS):
        await phone.page.evaluate(_NOTE_OVERLAY)
        press = await house.station.press()
        try:
            shown = await phone.page.wait_for_function("() => window.shownAt", timeout=PATIENCE)
            times.append(1000 * (float(await shown.json_value()) - house.station.invited_at))
        finally:
            press.give_up()
        await states.until(house.door.ringing, lambda state: state["state"] == "off")
        await phone.page.wait_for_function(_NO_OVERLAY, timeout=PATIENCE)
        await asyncio.sleep(PAUSE)
    first, *later = times
    return Figure("ring_to_overlay", median(later), "ms", 200.0, {"first": round(first), "rings": rounded(later, 0)})


async def _calls(caller: PanelPhone, callee: PanelPhone) -> Figure:
    """From the press of the green button until both hear the other's tone."""
    times: list[float] = []
    ways: list[list[float]] = []
    for _ in range(1 + CALLS):
        await caller.contact("Paul").click()
        await callee.button("Answer").wait_for(timeout=PATIENCE)
        await asyncio.sleep(PAUSE)
        for page in (caller.page, callee.page):
            await page.evaluate(_NOTE_SOUND)
        await callee.answer()
        for page in (caller.page, callee.page):
            await page.wait_for_function("() => window.heardAt", timeout=PATIENCE)
        pressed = await callee.page.evaluate("window.pressedAt")
        heard = [await page.evaluate("window.heardAt") - pressed for page in (caller.page, callee.page)]
        ways.append(heard)
        times.append(max(heard))
        await caller.press("Hang up")
        await asyncio.gather(caller.rests(), callee.rests())
        await asyncio.sleep(PAUSE)
    first, *later = times
    caller_hears, callee_hears = (round(median(way)) for way in zip(*ways[1:], strict=True))
    detail = {"first": round(first), "calls": rounded(later, 0), "caller": caller_hears, "callee": callee_hears}
    return Figure("answer_to_two_way_sound", median(later), "ms", 500.0, detail)


def _entry(entries: list[dict[str, Any]]) -> str:
    return next(str(entry["entry_id"]) for entry in entries if entry["domain"] == "pascom")
