"""A panel before 5,000 contacts and 50,000 calls: how long a search takes in Chromium, how smoothly lists scroll."""

import asyncio
import contextlib
import random
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from pbx_lite.store.database import Database
from pbx_lite.store.journal import Entry, JournalTable
from script.figures.figure import Figure, rounded
from tests.support.browser import Frontend, chromium, logged_in
from tests.support.home_assistant import CommandFailed, HomeAssistant
from tests.support.pascom import add_person, run_pbx_here
from tests.support.ports import free_port

CONTACTS = 5_000
CALLS = 50_000
STEP = 120  # pixels a frame: a strong flick
QUESTIONS = ("m", "mu", "mus", "and muster", "huber 08", "+4989", "name49", "zzz", "100 leh", "müller jür")

_FIRST = ("Anna", "Ben", "Max-Andreas", "Jürgen", "Zoë", "Ludwig", "Özlem", "Sophie", "Klara", "Giuseppe")
_LAST = ("Mustermann", "Müller", "Huber", "Lehmann", "Çelik", "von Falkenried", "Bauer", "Örtl", "Zander", "Rossi")

_FIND = """
const find = (name, root = document) => {
  for (const each of root.querySelectorAll("*")) {
    if (each.localName === name) return each;
    const found = each.shadowRoot && find(name, each.shadowRoot);
    if (found) return found;
  }
};
const soon = () => new Promise((done) => setTimeout(done));
"""
_ASK = """([command, fields]) => document.querySelector("home-assistant").hass.connection
  .sendMessagePromise({ type: "pascom/ask", command, fields })"""
# Milliseconds until what the page knows is drawn, and until the PBX's journal has answered, too.
_SEARCH = f"""async (question) => {{ {_FIND}
  const search = find("pascom-search"), input = search.renderRoot.querySelector("input");
  const since = performance.now();
  input.value = question;
  input.dispatchEvent(new InputEvent("input", {{ bubbles: true, composed: true }}));
  await search.updateComplete;
  void search.offsetHeight;
  const drawn = performance.now() - since;
  while (!search.past.done) await soon();
  await search.updateComplete;
  return [drawn, performance.now() - since, search.renderRoot.querySelectorAll(".row").length];
}}"""
# Scrolls as fast as a thumb can, and tells each frame's milliseconds and how many elements the list has.
_SCROLL = f"""async ([name, frames, step]) => {{ {_FIND}
  const list = find(name).renderRoot.querySelector("pascom-virtual-list");
  list.scrollTop = 0;
  const times = [];
  let nodes = 0, last = 0, blank = 0;
  await new Promise((done) => {{
    const frame = (now) => {{
      if (last) times.push(now - last);
      last = now;
      list.scrollTop += step;
      if (times.length % 20 === 0) {{
        nodes = Math.max(nodes, list.querySelectorAll("*").length);
        const {{ top, bottom }} = list.getBoundingClientRect();
        const rows = [...list.querySelectorAll("[role=listitem]")].map((row) => row.getBoundingClientRect());
        if (!rows.some((row) => row.top <= top + 100) || !rows.some((row) => row.bottom >= bottom - 100)) blank += 1;
      }}
      times.length < frames ? requestAnimationFrame(frame) : done();
    }};
    requestAnimationFrame(frame);
  }});
  return {{ times, nodes, blank, rows: list.items.length }};
}}"""
_READ_ALL = f"""async () => {{ {_FIND}
  const view = find("pascom-journal"), since = performance.now();
  while (!view.journal.ended) await view.journal.more();
  view.requestUpdate();
  await view.updateComplete;
  return performance.now() - since;
}}"""


async def measure(folder: Path) -> AsyncIterator[Figure]:
    async with _house(folder / "books") as (home, user), chromium() as browser:
        async with logged_in(browser, home, width=1440, height=900) as page:
            await page.open("/pascom/search")
            await page.page.locator("pascom-search input").wait_for(timeout=60_000)
            await page.page.evaluate(
                _ASK, ["phonebook/import", {"book": "private", "format": "vcard", "data": _cards()}]
            )
        await home.stop()
        await _past(next((home.config / "pascom").rglob("pbx.sqlite3")).parent, user)
        await home.start(timeout=180)
        await _ready(home)
        async with logged_in(browser, home, width=1440, height=900) as page:
            async for figure in _searches(page):
                yield figure
            async for figure in _scrolls(page):
                yield figure


async def _searches(page: Frontend) -> AsyncIterator[Figure]:
    await _open(page, "search", "pascom-search input")
    await page.page.wait_for_function(
        f"(count) => {{ {_FIND} return find('pascom-search')?.house?.phonebook?.contacts?.length >= count; }}",
        arg=CONTACTS,
        timeout=120_000,
    )
    await page.page.evaluate(_SEARCH, "warm")
    drawn, whole = {}, {}
    for question in QUESTIONS:
        typed = [await page.page.evaluate(_SEARCH, wanted) for wanted in (question, "", question, " ", question)]
        drawn[question] = median(each[0] for each in typed[::2])
        whole[question] = median(each[1] for each in typed[::2])
    detail = {question: round(value, 1) for question, value in drawn.items()}
    yield Figure("search drawn", max(drawn.values()), "ms", 50, {"contacts": CONTACTS, "each": detail})
    detail = {question: round(value, 1) for question, value in whole.items()}
    yield Figure("search with the journal", max(whole.values()), "ms", None, {"calls": CALLS, "each": detail})


async def _scrolls(page: Frontend) -> AsyncIterator[Figure]:
    for area in ("phonebook", "journal"):
        await _open(page, area, f"pascom-{area} [role=listitem]")
        detail: dict[str, Any] = {}
        if area == "journal":
            detail["read"] = round(await page.page.evaluate(_READ_ALL))
        seen = await page.page.evaluate(_SCROLL, [f"pascom-{area}", 300, STEP])
        times = seen.pop("times")
        twentieths = quantiles(times, n=20)
        detail |= {**seen, "worst": round(max(times), 1), "quarters": rounded(quantiles(times, n=4))}
        yield Figure(f"scroll {area}", twentieths[-1], "ms for 19 of 20 frames", 34, detail)


async def _open(page: Frontend, area: str, until: str) -> None:
    await page.open(f"/pascom/{area}")
    await page.page.locator(until).first.wait_for(timeout=120_000)


@contextlib.asynccontextmanager
async def _house(folder: Path) -> AsyncIterator[tuple[HomeAssistant, str]]:
    """Home Assistant whose owner has an extension; the name of that user."""
    shutil.rmtree(folder, ignore_errors=True)
    home = HomeAssistant(folder, free_port())
    home.prepare()
    try:
        await home.start(timeout=180)
        entry = await run_pbx_here(home, sip_port=free_port())
        me = await home.command("auth/current_user")
        await add_person(home, entry, me["id"], me["name"])
        rights = await home.command("pascom/ask", command="user/rights")
        yield home, rights["user"]
    finally:
        await home.stop()


async def _ready(home: HomeAssistant) -> None:
    """Wait until the PBX answers, after which there is a panel."""
    async with asyncio.timeout(180):
        while True:
            with contextlib.suppress(CommandFailed):
                await home.command("pascom/ask", command="user/rights")
                return
            await asyncio.sleep(0.2)


def _name(number: int) -> tuple[str, str]:
    return _FIRST[number % 10], f"{_LAST[number // 10 % 10]} {number}"


def _cards() -> str:
    cards = []
    for number in range(CONTACTS):
        first, last = _name(number)
        cards.append(f"BEGIN:VCARD\r\nVERSION:3.0\r\nN:{last};{first};;;\r\nFN:{first} {last}\r\n")
        cards.append(f"TEL;TYPE=CELL:+49171{number:07}\r\nTEL;TYPE=WORK:+4989{number:06}\r\nEND:VCARD\r\n")
    return "".join(cards)


async def _past(folder: Path, user: str) -> None:
    """Two years of calls of a busy person, half of them with people of the phonebook, written while the PBX is off."""
    database, chance, now = Database.open(folder), random.Random(1), datetime.now(UTC)
    table = JournalTable(database)
    begin = table.next_id()
    calls: list[Entry] = []
    for key in range(CALLS):
        at = (now - timedelta(days=300) * ((CALLS - key) / CALLS)).isoformat(timespec="milliseconds")
        number = chance.randrange(2 * CONTACTS)
        out, answered = chance.random() < 0.4, chance.random() < 0.75
        other, name = f"+49171{number:07}", " ".join(_name(number)) if number % 2 else ""
        sides: dict[str, Any] = (
            {"caller": "101", "caller_user": user, "number": other, "callee_name": name}
            if out
            else {"caller": other, "caller_name": name, "number": "101", "callee_user": user}
        )
        calls.append(
            Entry(
                id=begin + key,
                call=f"past{key}",
                at=at,
                answered_at=at if answered else None,
                ended_at=at,
                seen_at=at,
                seconds=chance.randrange(600) if answered else 0,
                direction="outbound" if out else "inbound",
                outcome="answered" if answered else "missed",
                users={user},
                **sides,
            )
        )
    await table.put(calls)
    await database.close()
