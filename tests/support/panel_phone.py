"""The panel as a telephone: a page of a user in Chromium that says a tone of its own and tells what it hears."""

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from playwright.async_api import Browser, Locator, Page

from tests.support.browser import logged_in
from tests.support.home_assistant import ROOT, HomeAssistant

BUILT = ROOT / "custom_components/pascom/frontend/dist/panel.js"

# Milliseconds; a loaded machine may take its time, and nothing here measures it.
PATIENCE = 60_000

# Keeps what the page hears where a test can listen to it; the page itself is left as it is.
EAR = """(() => {
  const heard = (window.heard = []);
  const peers = (window.peers = []);
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(...given) {
      super(...given);
      peers.push(this);
      this.addEventListener("track", ({ track }) => track.kind === "audio" && heard.push(track));
    }
  };
})()"""

# A microphone that says one tone, where the browser allows a microphone at all.
_VOICE = """(() => {
  const voices = (window.voices = []);
  const original = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
  if (!original) return;
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    if (window.refuses) throw new DOMException("refused", window.refuses);
    const stream = await original(wanted);
    if (!wanted.audio) return stream;
    for (const track of stream.getAudioTracks()) { track.stop(); stream.removeTrack(track); }
    const context = new AudioContext();
    const tone = new OscillatorNode(context, { frequency: HERTZ });
    const to = context.createMediaStreamDestination();
    tone.connect(new GainNode(context, { gain: 0.3 })).connect(to);
    tone.start();
    const [voice] = to.stream.getAudioTracks();
    voices.push(voice);
    stream.addTrack(voice);
    return stream;
  };
})()"""

# Waits until a tone stands out of what is heard, in any of the page's calls, or has not for three looks; false where it
# takes too long.  It waits by itself: Playwright takes the promise of an async predicate for its answer.
_HEARS = """async ([wanted, expected, patience]) => {
  window.ears ??= new Map();
  window.earContext ??= new AudioContext();
  await window.earContext.resume();
  const hears = (track) => {
    let ear = window.ears.get(track);
    if (!ear) {
      ear = new AnalyserNode(window.earContext, { fftSize: 8192, smoothingTimeConstant: 0 });
      window.earContext.createMediaStreamSource(new MediaStream([track])).connect(ear);
      window.ears.set(track, ear);
    }
    const bins = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(bins);
    const bin = Math.round((wanted * ear.fftSize) / window.earContext.sampleRate);
    const best = (from, to) => Math.max(...bins.slice(from, to));
    const peak = best(bin - 2, bin + 3);
    return peak > -60 && peak > best(bin - 14, bin - 6) + 12 && peak > best(bin + 7, bin + 15) + 12;
  };
  const last = Date.now() + patience;
  for (let silent = 0; Date.now() < last; await new Promise((resolve) => setTimeout(resolve, 200))) {
    const heard = (window.heard || []).filter((each) => each.readyState === "live").map(hears).includes(true);
    silent = heard ? 0 : silent + 1;
    if (expected ? heard : silent > 3) return true;
  }
  return false;
}"""

_NOTES = """() => {
  window.notes = 0;
  const original = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () { notes += 1; return original.call(this); };
}"""

_MOVES = """(label) => {
  const moves = (video) => video.getVideoPlaybackQuality().totalVideoFrames > 4;
  const walk = (root) => [...root.querySelectorAll("*")].some((element) =>
    (element.localName === "video" && (!label || element.ariaLabel === label) && moves(element))
    || (element.shadowRoot && walk(element.shadowRoot)));
  return walk(document);
}"""


class PanelPhone:
    """`hertz` is what it says."""

    def __init__(self, page: Page, url: str, hertz: int) -> None:
        self.page = page
        self.hertz = hertz
        self._url = url

    @contextlib.asynccontextmanager
    async def window(self, hertz: int) -> AsyncIterator[PanelPhone]:
        """Another window of the same browser, whose microphone says something else."""
        page = await self.page.context.new_page()
        await page.add_init_script(EAR)
        await page.add_init_script(_VOICE.replace("HERTZ", json.dumps(hertz)))
        try:
            yield PanelPhone(page, self._url, hertz)
        finally:
            await page.close()

    async def count_notes(self) -> None:
        """Count the notes of whatever rings aloud here from now on."""
        await self.page.evaluate(_NOTES)

    async def rings_aloud(self) -> None:
        await self.page.wait_for_function("notes > 4", timeout=PATIENCE)

    async def open(self, path: str = "/pascom", *, shows: str = "") -> None:
        """Open the panel and wait until it shows this person."""
        assert BUILT.is_file(), "the panel is not built: run script/panel build"
        await self.page.goto(self._url + path)
        if shows:
            await self.contact(shows).wait_for(timeout=PATIENCE)

    def contact(self, name: str) -> Locator:
        """The button that calls somebody."""
        return self.page.locator("pascom-contacts").get_by_role("button", name=f"Call {name}", exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True).first

    async def press(self, name: str) -> None:
        await self.button(name).click(timeout=PATIENCE)

    async def menu(self, name: str, item: str) -> None:
        """Choose from the menu of a contact, whose button is there under the pointer alone."""
        row = self.page.locator("pascom-contacts .row").filter(has_text=name).first
        await row.hover(timeout=PATIENCE)
        await row.get_by_role("button", name=f"More: {name}", exact=True).click(timeout=PATIENCE)
        await self.page.get_by_role("menuitem", name=item).click(timeout=PATIENCE)

    async def sees(self, text: str) -> None:
        await self.page.get_by_text(text).locator("visible=true").first.wait_for(timeout=PATIENCE)

    async def until_picture(self, label: str = "") -> None:
        """Wait until a video moves, that of this label or any."""
        await self.page.wait_for_function(_MOVES, arg=label, timeout=PATIENCE)

    async def refuse(self, error: str = "") -> None:
        """Let the browser refuse its microphone by this DOMException, or allow it again."""
        await self.page.evaluate("error => { window.refuses = error; }", error)

    async def unplug(self) -> None:
        """Pull out the microphone that is in use."""
        await self.page.evaluate("() => { const voice = voices.at(-1); voice.stop(); voice.onended?.(); }")

    async def rests(self) -> None:
        """Wait until no call is left."""
        await self.page.locator("pascom-call-view").wait_for(state="hidden", timeout=PATIENCE)

    async def answer(self) -> None:
        await self.press("Answer")

    async def enter(self, label: str, number: str) -> None:
        """Type a number into a field of the call and confirm it."""
        field = self.page.locator("pascom-call-view").get_by_role("combobox", name=label)
        await field.fill(number)
        await field.press("Enter")

    async def hears(self, hertz: int, *, really: bool = True) -> None:
        """Wait until this tone is heard, or not any more."""
        if not await self.page.evaluate(_HEARS, [hertz, really, PATIENCE]):
            raise AssertionError(f"{'no' if really else 'still'} {hertz} Hz is heard")


@contextlib.asynccontextmanager
async def panel_phone(
    browser: Browser,
    home: HomeAssistant,
    tokens: dict[str, Any],
    *,
    hertz: int,
    width: int = 1280,
    height: int = 800,
    url: str = "",
) -> AsyncIterator[PanelPhone]:
    """A page of a user that rings; `url` is another way to Home Assistant than its own."""
    tokens = {**tokens, "hassUrl": url} if url else tokens
    async with logged_in(browser, home, tokens=tokens, rings=True, width=width, height=height) as frontend:
        await frontend.page.add_init_script(EAR)
        await frontend.page.add_init_script(_VOICE.replace("HERTZ", json.dumps(hertz)))
        yield PanelPhone(frontend.page, url or home.url, hertz)
