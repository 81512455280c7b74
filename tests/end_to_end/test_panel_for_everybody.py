"""The panel for those who hear it read, who use keys alone, who see little, and who read from right to left."""

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.end_to_end.conftest import Home
from tests.support.browser import Frontend, logged_in
from tests.support.home_assistant import ROOT
from tests.support.panel_phone import BUILT, PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="session")

AXE = ROOT / "custom_components/pascom/frontend/node_modules/axe-core/axe.min.js"
AREAS = ("contacts", "phone", "journal", "phonebook", "search", "settings", "voicemail")


@dataclass(frozen=True, slots=True)
class Screen:
    width: int
    height: int
    dark: bool = False
    language: str = ""


SCREENS = {
    "desktop": Screen(1440, 900),
    "tablet, dark": Screen(1024, 768, dark=True),
    "phone, dark": Screen(390, 844, dark=True),
    "phone, from right to left": Screen(390, 844, language="he"),
}

# The element of the panel, in whatever shadow it lives.
_PANEL = """() => {
  const find = (root) => {
    for (const each of root.querySelectorAll("*")) {
      if (each.localName === "pascom-panel") return each;
      const found = each.shadowRoot && find(each.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  return find(document);
}"""
_JUDGE = f"""async () => {{
  const {{ violations }} = await axe.run(({_PANEL})(), {{ resultTypes: ["violations"] }});
  return violations.map(({{ id, help, nodes }}) => `${{id}}: ${{help}}: ` +
    nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + " " + (node.any[0]?.message ?? "")).join(" | "));
}}"""
# What sticks out of the screen sideways, and what is too small for a finger.
_MEASURE = f"""() => {{
  const faults = [], panel = ({_PANEL})(), edge = panel.getBoundingClientRect();
  const walk = (root, scrolls) => {{
    for (const each of root.querySelectorAll("*")) {{
      const {{ left, right, width, height }} = each.getBoundingClientRect();
      const style = getComputedStyle(each), name = each.localName + "." + each.className + " " + (each.ariaLabel ?? "");
      const scrolled = scrolls || /auto|scroll|hidden/.test(style.overflowX);
      // Filters are pushed sideways by a finger.
      const pushed = scrolls || each.closest(".filters");
      if (width && !pushed && (right > edge.right + 1 || left < edge.left - 1)) faults.push(`outside: ${{name}}`);
      const touched = width && each.matches("button, select, a[href]");
      if (touched && height < 43.5) faults.push(`${{height}} px high: ${{name}}`);
      if (each.shadowRoot) walk(each.shadowRoot, scrolled);
    }}
  }};
  walk(panel.shadowRoot, false);
  return faults;
}}"""


# Where an administrator sets it all up; a plus sign stands for what is new.
_EVERY = (
    "users",
    "users/demo",
    "doors",
    "doors/+",
    "rooms",
    "rooms/+",
    "teams/+",
    "lines/+",
    "phones/+",
    "roles",
    "log",
)
SET_UP = {
    "phone, from right to left": (SCREENS["phone, from right to left"], _EVERY),
    "desktop, dark": (Screen(1440, 900, dark=True), ("users", "rooms/+", "roles")),
}


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS)
async def test_nobody_is_left_out(home: Home, browser: Browser, screen: Screen) -> None:
    """Axe finds nothing, nothing sticks out, and a finger hits what it aims at."""
    await _look(home, browser, screen, AREAS)


@pytest.mark.parametrize(("screen", "pages"), SET_UP.values(), ids=SET_UP)
async def test_no_administrator_is_left_out(
    home: Home, browser: Browser, screen: Screen, pages: tuple[str, ...]
) -> None:
    await _look(home, browser, screen, tuple(f"admin/{page}" for page in pages))


async def _look(home: Home, browser: Browser, screen: Screen, areas: tuple[str, ...]) -> None:
    assert BUILT.is_file(), "the panel is not built: run script/panel build"
    found: list[str] = []
    looks: dict[str, Any] = {"width": screen.width, "height": screen.height, "dark": screen.dark}
    async with logged_in(browser, home.assistant, language=screen.language, **looks) as page:
        await page.open("/pascom")
        await page.page.locator("pascom-contacts, pascom-phone").first.wait_for(timeout=PATIENCE)
        await page.page.evaluate(AXE.read_text())
        for area in areas:
            await _go(page, area)
            if area.startswith("admin/"):
                await page.page.locator("pascom-admin .all").first.wait_for(timeout=PATIENCE)
            faults = [*await page.page.evaluate(_JUDGE), *await page.page.evaluate(_MEASURE)]
            found += [f"{area}: {fault}" for fault in faults]
    assert not found, "\n".join(found)


async def _go(page: Frontend, area: str) -> None:
    await page.page.evaluate(
        """(area) => {
          history.pushState(null, "", `/pascom/${area}`);
          dispatchEvent(new CustomEvent("location-changed", { detail: { replace: true } }));
        }""",
        area,
    )
    await page.page.wait_for_function("(area) => location.pathname.endsWith(area)", arg=area)
    await page.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 300)))")
