"""What the panel stands on, in a real Home Assistant: a page rings, answers and calls, and is heard."""

from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from tests.end_to_end.conftest import Home, NewPhone
from tests.support.home_assistant import Account
from tests.support.panel_page import PanelPage
from tests.support.pascom import Person, add_person
from tests.support.spectrum import hears

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass(frozen=True, slots=True)
class Couple:
    emma: Person
    frida: Person
    tokens: dict[str, Any]
    """Emma's, who is no administrator."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def couple(started_home: Home) -> Couple:
    """Two people; Emma has a browser alone, Frida a phone."""
    home = started_home.assistant
    user, tokens = await home.new_user(Account("Emma", "emma", "password"))
    emma = await add_person(home, started_home.entry, user, "Emma")
    user, _ = await home.new_user(Account("Frida", "frida", "password"))
    return Couple(emma, await add_person(home, started_home.entry, user, "Frida"), tokens)


async def test_a_page_of_the_panel_is_called_and_calls(
    home: Home,
    couple: Couple,
    new_phone: NewPhone,
) -> None:
    changes = await home.assistant.changes()
    frida = await new_phone(couple.frida)
    page = PanelPage(await home.assistant.socket_of(couple.tokens), "tablet", hertz=700)
    try:
        told = await page.open()
        assert (told["me"]["user"], told["me"]["admin"], told["connected"]) == ("emma", False, True)
        assert told["snapshot"]["calls"] == []
        await changes.until(couple.emma.registered, state="on")

        await frida.press_bell(couple.emma.username)
        rang = await page.event("phone_rang")
        assert (rang["name"], rang["number"]) == ("Frida", couple.frida.username)
        await page.connect(rang["leg"])
        await page.ask("phone/answer", leg=rang["leg"])
        await frida.until("CALL_ESTABLISHED")
        await hears(frida.sound, 700)
        await hears(page.sound, 440)
        await frida.hang_up()
        await page.event("phone_changed", leg=rang["leg"], state="ended")
        await changes.until(couple.emma.event, event_type="ended", name="Frida")

        frida.forget()
        leg = await page.dial(couple.frida.username)
        await page.event("phone_changed", leg=leg, state="answered")
        await frida.until("CALL_ESTABLISHED")
        await page.ask("phone/hang_up", leg=leg)
        await frida.until("CALL_CLOSED")
    finally:
        await page.close()
    await changes.until(couple.emma.registered, state="off")
