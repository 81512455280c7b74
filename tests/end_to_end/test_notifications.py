"""Notifications of the app: a real registration, a real door, and the panel that opens from a notification."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.end_to_end.conftest import Home, NewDoor, NewPhone
from tests.end_to_end.test_ring import hears_beeps
from tests.support.app_phone import AppPhone
from tests.support.browser import logged_in
from tests.support.home_assistant import Account
from tests.support.panel_phone import BUILT
from tests.support.pascom import Person, add_person
from tests.support.push_server import PushServer, button, buttons

pytestmark = pytest.mark.asyncio(loop_scope="session")

# May see and open every door.
FAMILY = ("family",)


@dataclass(frozen=True, slots=True)
class Pair:
    """Ida and Jan, each with the app on a phone."""

    ida: Person
    jan: Person
    idas: AppPhone
    jans: AppPhone
    tokens: dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pair(started_home: Home) -> AsyncIterator[Pair]:
    home, entry = started_home.assistant, started_home.entry
    changes = await home.changes()
    async with PushServer() as server:
        user, tokens = await home.new_user(Account("Ida", "ida", "password"))
        ida, idas = (
            await add_person(home, entry, user, "Ida", roles=FAMILY),
            AppPhone(home, tokens, "Ida's phone", server),
        )
        user, of_jan = await home.new_user(Account("Jan", "jan", "password"))
        jan, jans = (
            await add_person(home, entry, user, "Jan", roles=FAMILY),
            AppPhone(home, of_jan, "Jan's phone", server),
        )
        await idas.log_in()
        await jans.log_in()
        # To the PBX each has a phone now, which is their app.
        await changes.until(ida.registered, state="on")
        await changes.until(jan.registered, state="on")
        yield Pair(ida, jan, idas, jans, tokens)
        await idas.log_out(home)
        await jans.log_out(home)
        await changes.until(ida.registered, state="off")


async def test_a_door_rings_in_pockets_is_opened_from_there_and_answered_in_the_panel(
    home: Home, pair: Pair, new_door: NewDoor, browser: Browser
) -> None:
    assert BUILT.is_file(), "the panel is not built: run script/panel build"
    station, door = await new_door("Lobby", dtmf="00#")
    changes = await home.assistant.changes()

    await station.press_bell()
    push = await pair.idas.shows("Somebody is at the door.")
    assert push["title"] == "Lobby"
    assert buttons(push) == ["Answer", "Open", "Decline"]
    shown = await pair.idas.server.until(
        pair.idas.name, lambda screen: any("image" in p["data"] for p in screen.values())
    )
    assert (await pair.idas.picture(next(iter(shown.values())))).startswith(b"\xff\xd8")
    await pair.jans.shows("Somebody is at the door.")

    await pair.idas.press(push, "Open")
    await station.until_digits("00#")
    await changes.until(door.event, event_type="opened", by="Ida", how="dtmf")
    await pair.idas.shows("The door is open.")
    await pair.jans.shows("Ida opened the door.")
    await station.hang_up()
    await changes.until(door.ringing, state="off")

    station.forget()
    await station.press_bell()
    push = await pair.idas.shows("Somebody is at the door.")
    ring_back = len(station.sound())
    async with logged_in(browser, home.assistant, tokens=pair.tokens, rings=True, width=390, height=844) as page:
        await page.open(button(push, "Answer")["uri"])
        await station.until("CALL_ESTABLISHED", timeout=60)
        await hears_beeps(station, after=ring_back)
        await pair.jans.shows("Ida answered.")
        await pair.idas.server.until(pair.idas.name, lambda screen: push["data"]["tag"] not in screen)
    await station.hang_up()
    await changes.until(door.ringing, state="off")


async def test_a_call_finds_who_has_but_the_app_and_is_taken_from_its_notification(
    home: Home, pair: Pair, new_phone: NewPhone, browser: Browser
) -> None:
    changes = await home.assistant.changes()
    phone = await new_phone(pair.jan)
    await phone.press_bell(pair.ida.username)
    push = await pair.idas.shows("Incoming call")
    assert push["title"] == "Jan"
    await pair.idas.press(push, "Decline")
    await phone.until("CALL_CLOSED", timeout=60)
    await pair.idas.server.until(pair.idas.name, lambda screen: push["data"]["tag"] not in screen)

    phone.forget()
    await phone.press_bell(pair.ida.username)
    push = await pair.idas.shows("Incoming call")
    async with logged_in(browser, home.assistant, tokens=pair.tokens, rings=True, width=390, height=844) as page:
        await page.open(button(push, "Answer")["uri"])
        await phone.until("CALL_ESTABLISHED", timeout=60)
        await pair.idas.server.until(pair.idas.name, lambda screen: push["data"]["tag"] not in screen)
        await hears_beeps(phone)
        await phone.hang_up()
        await changes.until(pair.ida.event, event_type="ended", name="Jan")
