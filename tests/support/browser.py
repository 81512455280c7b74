"""Headless Chromium at Home Assistant's frontend: logged in, with a microphone that beeps."""

import contextlib
import json
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, Locator, Page, async_playwright

from tests.support.home_assistant import HomeAssistant

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)

# The frontend's elements live in nested shadow roots; an element found by its name in any of them.
_FIND_ALL = """(name) => {
  const found = [];
  const walk = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.localName === name) found.push(element);
      if (element.shadowRoot) walk(element.shadowRoot);
    }
  };
  walk(document);
  return found;
}"""


@contextlib.asynccontextmanager
async def chromium(*more: str) -> AsyncIterator[Browser]:
    """`more` are further command-line switches."""
    flags = [*FLAGS, *more, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=flags)
        try:
            yield browser
        finally:
            await browser.close()


class Frontend:
    """One logged-in page.  `complaints` are the page's errors and warnings, for the report of a failed test."""

    def __init__(self, page: Page, home: HomeAssistant) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._home = home
        page.on(
            "console",
            lambda message: self.complaints.append(message.text) if message.type in {"error", "warning"} else None,
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def open(self, path: str = "/") -> None:
        await self.page.goto(self._home.url + path)
        await self.page.locator("home-assistant-main").wait_for(state="attached", timeout=60_000)

    async def more_info(self, entity_id: str) -> None:
        """Open the stock dialog of an entity, as a click on its card does."""
        await self.page.wait_for_function(
            "id => document.querySelector('home-assistant')?.hass?.states[id]", arg=entity_id
        )
        await self.page.evaluate(
            """id => document.querySelector("home-assistant").dispatchEvent(
                 new CustomEvent("hass-more-info", {detail: {entityId: id}, bubbles: true, composed: true}))""",
            entity_id,
        )

    async def until_picture(self, *, frames: int = 5, timeout: float = 60) -> dict[str, Any]:
        """Wait until a video has decoded this many frames: frames, width, height, and when that was (epoch)."""
        script = f"""frames => {{
          for (const video of ({_FIND_ALL})("video")) {{
            const quality = video.getVideoPlaybackQuality();
            if (quality.totalVideoFrames >= frames && video.videoWidth > 0)
              return {{
                frames: quality.totalVideoFrames, width: video.videoWidth, height: video.videoHeight,
                at: Date.now() / 1000
              }};
          }}
          return null;
        }}"""
        try:
            handle = await self.page.wait_for_function(script, arg=frames, timeout=timeout * 1000)
        except Exception as error:
            raise AssertionError(
                f"no picture in {timeout} s: {await self.video_state()}; {self.complaints[-10:]}"
            ) from error
        seen: dict[str, Any] = await handle.json_value()
        return seen

    async def until_sound(self, *, timeout: float = 30) -> None:
        """Wait until something is to be heard from a video."""
        # It waits by itself: Playwright takes the promise of an async predicate for its answer.
        script = f"""async (patience) => {{
          const context = new AudioContext(), ears = new Map(), last = Date.now() + patience;
          await context.resume();
          for (; Date.now() < last; await new Promise(resolve => setTimeout(resolve, 50))) {{
            for (const {{ srcObject: stream }} of ({_FIND_ALL})("video")) {{
              if (!stream?.getAudioTracks().length) continue;
              if (!ears.has(stream)) {{
                ears.set(stream, context.createAnalyser());
                context.createMediaStreamSource(stream).connect(ears.get(stream));
              }}
              const samples = new Float32Array(ears.get(stream).fftSize);
              ears.get(stream).getFloatTimeDomainData(samples);
              if (Math.max(...samples) > 0.02) return true;
            }}
          }}
          return false;
        }}"""
        assert await self.page.evaluate(script, timeout * 1000), "nothing is heard"

    async def video_state(self) -> list[dict[str, Any]]:
        state: list[dict[str, Any]] = await self.page.evaluate(f"""() => ({_FIND_ALL})("video").map(video => ({{
          frames: video.getVideoPlaybackQuality().totalVideoFrames, width: video.videoWidth, ready: video.readyState,
          paused: video.paused,
          tracks: video.srcObject?.getTracks().map(t => t.kind + ":" + t.readyState + (t.muted ? ":muted" : ""))
        }}))""")
        return state

    def button(self, name: str) -> Locator:
        """A control by its label, wherever it is drawn."""
        return self.page.get_by_label(name).or_(self.page.get_by_text(name, exact=True)).first

    async def screenshot(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=path)


@contextlib.asynccontextmanager
async def logged_in(
    browser: Browser,
    home: HomeAssistant,
    *,
    tokens: dict[str, Any] | None = None,
    rings: bool = False,
    dark: bool = False,
    language: str = "",
    width: int = 1280,
    height: int = 800,
) -> AsyncIterator[Frontend]:
    """A page of a user.  One that `rings` is taken by our own screen when somebody rings, over whatever was open.

    `language` is what its user chose in their profile, empty for the browser's.
    """
    scheme: Literal["dark", "light"] = "dark" if dark else "light"
    context = await browser.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", color_scheme=scheme
    )
    await context.grant_permissions(["microphone"], origin=home.url)
    stored = {**(tokens or home.tokens), "expires": (time.time() + 1800) * 1000}
    await context.add_init_script(f"localStorage.setItem('hassTokens', JSON.stringify({json.dumps(stored)}))")
    if language:
        await context.add_init_script(f"localStorage.setItem('selectedLanguage', JSON.stringify('{language}'))")
    if not rings:
        await context.add_init_script("localStorage.setItem('pascom.choices', JSON.stringify({rings: false}))")
    page = await context.new_page()
    try:
        yield Frontend(page, home)
    finally:
        await context.close()
