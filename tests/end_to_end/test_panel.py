"""The panel as a telephone: a desk phone calls, the browser answers, and both hear each other."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.end_to_end.conftest import Films, Home
from tests.end_to_end.test_ring import hears_beeps
from tests.support.baresip import Baresip
from tests.support.browser import Frontend, logged_in
from tests.support.home_assistant import ROOT, Account
from tests.support.pascom import Person, add_person

pytestmark = pytest.mark.asyncio(loop_scope="session")

BUILT = ROOT / "custom_components/pascom/frontend/dist/panel.js"

# Milliseconds; a loaded machine may take its time, and nothing here measures it.
PATIENCE = 60_000

# Keeps what the page hears where a test can listen to it; the page itself is left as it is.
_EAR = """(() => {
  const heard = (window.heard = []);
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(...given) {
      super(...given);
      this.addEventListener("track", ({ track }) => track.kind === "audio" && heard.push(track));
    }
  };
})()"""

# The loudest frequency of what is heard now, 0 while that is nothing.
_LOUDEST = """async (wanted) => {
  const track = (window.heard || []).filter((each) => each.readyState === "live").at(-1);
  if (!track) return 0;
  if (window.earTrack !== track) {
    window.earTrack = track;
    window.earContext ??= new AudioContext();
    window.ear = new AnalyserNode(window.earContext, { fftSize: 8192, smoothingTimeConstant: 0 });
    window.earContext.createMediaStreamSource(new MediaStream([track])).connect(window.ear);
  }
  await window.earContext.resume();
  const bins = new Float32Array(window.ear.frequencyBinCount);
  window.ear.getFloatFrequencyData(bins);
  let best = 0;
  for (let bin = 1; bin < bins.length; bin += 1) if (bins[bin] > bins[best]) best = bin;
  const hertz = (best * window.earContext.sampleRate) / window.ear.fftSize;
  return bins[best] > -60 && Math.abs(hertz - wanted) < 15;
}"""


@dataclass(frozen=True, slots=True)
class Family:
    gerda: Person
    tokens: dict[str, Any]
    hugo: Person


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def family(started_home: Home) -> Family:
    home, entry = started_home.assistant, started_home.entry
    gerda, tokens = await home.new_user(Account("Gerda", "gerda", "password"))
    hugo, _ = await home.new_user(Account("Hugo", "hugo", "password"))
    return Family(await add_person(home, entry, gerda, "Gerda"), tokens, await add_person(home, entry, hugo, "Hugo"))


@pytest_asyncio.fixture(loop_scope="session")
async def desk_phone(home: Home, family: Family, films: Films, logs: Path) -> AsyncIterator[Baresip]:
    """Hugo's, which says a tone of 440 Hz."""
    phone = Baresip(logs / "Hugo", user=family.hugo.username, password=family.hugo.password, server=home.sip_server())
    await phone.start(film=None, voice=films.voice)
    await phone.registered()
    yield phone
    await phone.stop()


async def opened(page: Frontend) -> None:
    assert BUILT.is_file(), "the panel is not built: run script/panel build"
    await page.page.add_init_script(_EAR)
    await page.open("/pascom")
    await page.page.locator("pascom-contacts").get_by_role("button", name="Call Hugo").wait_for(timeout=PATIENCE)


async def test_a_desk_phone_calls_the_panel_which_answers_and_both_hear_each_other(
    home: Home, family: Family, desk_phone: Baresip, browser: Browser
) -> None:
    changes = await home.assistant.changes()
    async with logged_in(browser, home.assistant, tokens=family.tokens, rings=True) as page:
        await opened(page)
        await changes.until(family.gerda.registered, state="on")
        await desk_phone.press_bell(family.gerda.username)
        answer = page.page.get_by_role("button", name="Answer", exact=True)
        await answer.wait_for(timeout=PATIENCE)
        before = len(desk_phone.sound())
        await answer.click()
        await desk_phone.until("CALL_ESTABLISHED", timeout=60)
        await page.page.wait_for_function(_LOUDEST, arg=440, timeout=PATIENCE, polling=200)
        await hears_beeps(desk_phone, after=before)
        await page.page.get_by_role("button", name="Hang up").first.click()
        await desk_phone.until("CALL_CLOSED", timeout=60)
        await changes.until(family.gerda.in_call, state="off")
