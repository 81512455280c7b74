"""From the bell to the first decoded picture in Chromium, a dashboard open and the stock dialog opened by the ring."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median
from typing import Any

from playwright.async_api import Error

from script.figures.assistant import Residence, States, residence
from script.figures.figure import Figure, rounded
from script.figures.film import make_film
from tests.support.browser import Frontend, chromium, logged_in

RINGS = 9
PAUSE = 1.0  # seconds between two visitors, for all to be quiet again

# When what happens in the page, in seconds of its clock, which is the machine's.
_NOTE_CONNECTIONS = """
  window.noted = {};
  const note = name => { window.noted[name] ??= Date.now() / 1000; };
  const Before = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Before {
    constructor(...given) {
      super(...given);
      note("dialog");
      this.addEventListener("connectionstatechange", () => this.connectionState == "connected" && note("connected"));
    }
    async setRemoteDescription(...given) { note("answer"); return super.setRemoteDescription(...given); }
    async setLocalDescription(...given) {
      const done = await super.setLocalDescription(...given);
      note("offer");
      return done;
    }
  };
"""
_OPEN_WHEN_IT_RINGS = """async ([event, camera]) => {
  const app = document.querySelector("home-assistant");
  const note = name => { window.noted[name] ??= Date.now() / 1000; };
  const find = root => {
    for (const element of root.querySelectorAll("*")) {
      if (element.localName == "video") return element;
      const inside = element.shadowRoot && find(element.shadowRoot);
      if (inside) return inside;
    }
  };
  const look = () => {
    const video = find(document);
    if (video) video.requestVideoFrameCallback(() => note("picture"));
    else requestAnimationFrame(look);
  };
  await app.hass.connection.subscribeEvents(({data: {entity_id, new_state}}) => {
    if (entity_id != event || new_state?.attributes.event_type != "ring") return;
    note("event");
    const detail = {entityId: camera};
    app.dispatchEvent(new CustomEvent("hass-more-info", {detail, bubbles: true, composed: true}));
    look();
  }, "state_changed");
}"""
_NO_VIDEO = """() => {
  const any = root => [...root.querySelectorAll("*")].some(
    element => element.localName == "video" || element.shadowRoot && any(element.shadowRoot));
  return !any(document);
}"""
_STAGES = ("event", "dialog", "offer", "answer", "connected", "picture")


async def measure(folder: Path) -> AsyncIterator[Figure]:
    """The first ring, for which the page fetches the dialog and the PBX loads WebRTC, is told apart."""
    film = await make_film(folder)
    async with (
        residence(folder / "picture", film) as house,
        chromium() as browser,
        logged_in(browser, house.home) as page,
    ):
        states = await house.states()
        await page.page.add_init_script(_NOTE_CONNECTIONS)
        await page.open()
        await page.page.wait_for_function(
            "id => document.querySelector('home-assistant')?.hass?.states[id]", arg=house.door.camera
        )
        await page.page.evaluate(_OPEN_WHEN_IT_RINGS, [house.door.event, house.door.camera])
        await asyncio.sleep(5 * PAUSE)
        first, *later = [await _ring(house, page, states) for _ in range(1 + RINGS)]
    stages = {name: round(median(one[name] for one in later)) for name in _STAGES}
    pictures = [one["picture"] for one in later]
    detail: dict[str, Any] = {"first": round(first["picture"]), "rings": rounded(pictures, 0), "until": stages}
    yield Figure("ring_to_picture", median(pictures), "ms", 500.0, detail)


async def _ring(house: Residence, page: Frontend, states: States) -> dict[str, float]:
    """One visitor who comes and goes: milliseconds from the INVITE to each stage."""
    await page.page.evaluate("() => { window.noted = {}; }")
    press = await house.station.press()
    try:
        with contextlib.suppress(Error):
            await page.page.wait_for_function("() => window.noted.picture", timeout=15_000)
        noted: dict[str, float] = await page.page.evaluate("() => window.noted")
        missing = [name for name in _STAGES if name not in noted]
        assert not missing, (
            f"the page saw no {missing[0]} but {noted}: {await page.video_state()}; {page.complaints[-10:]}"
        )
        # A dialog that stays open after the visitor has gone looks at the door by calling it.
        await page.page.keyboard.press("Escape")
        await page.page.wait_for_function(_NO_VIDEO)
    finally:
        press.give_up()
    await states.until(house.door.ringing, lambda state: state["state"] == "off")
    await asyncio.sleep(PAUSE)
    return {name: 1000 * (at - house.station.invited_at) for name, at in noted.items()}
