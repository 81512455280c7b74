"""Two phones call each other, and Home Assistant sees, hears and steers it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray
from playwright.async_api import Browser

from pbx_lite.sip.address import Address
from tests.end_to_end.conftest import Films, Home, NewPhone
from tests.support.baresip import Baresip, make_voice
from tests.support.browser import logged_in
from tests.support.home_assistant import Account
from tests.support.panel_phone import BUILT, PATIENCE
from tests.support.pascom import Person, add_line, add_person, provisioning_address, remove_subentry
from tests.support.pbx import PbxProcess
from tests.support.watcher import Watcher

pytestmark = pytest.mark.asyncio(loop_scope="session")

TRIGGERS = ("call_started", "call_answered", "call_ended", "call_missed", "dtmf_received")


@dataclass(frozen=True, slots=True)
class People:
    anna: Person
    ben: Person


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def people(started_home: Home) -> People:
    """Two people of Home Assistant with an extension each, and an automation that says what it is triggered by."""
    home = started_home.assistant
    made = []
    for name in ("Anna", "Ben"):
        user, _ = await home.new_user(Account(name, name.lower(), "password"))
        made.append(await add_person(home, started_home.entry, user, name))
    says = {"event": "pascom_test", "event_data": {"id": "{{ trigger.id }}", "call": "{{ trigger.call }}"}}
    automation = {
        "alias": "Says what happens",
        "mode": "queued",
        "triggers": [{"trigger": f"pascom.{name}", "id": name} for name in TRIGGERS],
        "conditions": [],
        "actions": [says],
    }
    changes = await home.changes()
    await home.post("/api/config/automation/config/pascom-test", automation)
    await changes.until("automation.says_what_happens", state="on")
    return People(*made)


@dataclass(frozen=True, slots=True)
class Phones:
    anna: Baresip
    ben: Baresip


@pytest_asyncio.fixture(loop_scope="session")
async def phones(people: People, new_phone: NewPhone) -> Phones:
    return Phones(await new_phone(people.anna), await new_phone(people.ben))


async def triggered(queue: asyncio.Queue[dict[str, Any]], *wanted: str) -> str:
    """Wait until the automation said these, in this order and all of one call, which is returned."""
    said: list[tuple[str, str]] = []
    try:
        async with asyncio.timeout(40):
            while [name for name, _ in said] != list(wanted):
                data = (await queue.get())["data"]
                said.append((data["id"], data["call"]))
    except TimeoutError:
        raise AssertionError(f"triggered was {said}, not {wanted}") from None
    assert len({call for _, call in said}) == 1, said
    return said[0][1]


async def test_a_call_from_phone_to_phone_is_seen_from_the_first_ring_to_the_end(
    home: Home, people: People, phones: Phones
) -> None:
    changes = await home.assistant.changes()
    triggers = await home.assistant.subscribe("subscribe_events", event_type="pascom_test")
    await phones.anna.press_bell(people.ben.username)
    await changes.until(people.anna.call, state="dialling", number=people.ben.username)
    await changes.until(people.ben.event, event_type="incoming", name="Anna", direction="incoming")
    await changes.until(people.ben.call, state="in_call", name="Anna", number=people.anna.username)
    await changes.until(people.anna.call, state="in_call", name="Ben", direction="outgoing")
    await changes.until(people.anna.event, event_type="answered", name="Ben")
    await changes.until(people.ben.in_call, state="on")
    await phones.ben.hang_up()
    await changes.until(people.anna.event, event_type="ended", name="Ben")
    await changes.until(people.ben.event, event_type="ended", name="Anna")
    for person in (people.anna, people.ben):
        await changes.until(person.call, state="idle")
        await changes.until(person.in_call, state="off")
    await triggered(triggers, "call_started", "call_answered", "call_ended")


async def test_an_action_dials_presses_keys_and_hangs_up(home: Home, people: People, phones: Phones) -> None:
    changes = await home.assistant.changes()
    triggers = await home.assistant.subscribe("subscribe_events", event_type="pascom_test")
    anna = {"entity_id": people.anna.call}
    answer = await home.assistant.command(
        "call_service",
        domain="pascom",
        service="dial",
        service_data={"number": people.ben.username},
        target=anna,
        return_response=True,
    )
    call = answer["response"]["call"]
    await changes.until(people.ben.call, state="in_call", call=call, name="Anna")
    await changes.until(people.anna.call, state="in_call", call=call, name="Ben")
    await home.assistant.call("pascom.send_dtmf", target={"device_id": people.anna.device}, digits="42#")
    await phones.ben.until_digits("42#")
    await home.assistant.call("pascom.hold", target=anna)
    await changes.until(people.anna.call, state="on_hold")
    await changes.until(people.ben.call, state="on_hold")
    await home.assistant.call("pascom.resume", target=anna)
    await changes.until(people.ben.call, state="in_call")
    await home.assistant.call("pascom.hang_up", extension=people.ben.username)
    await phones.anna.until("CALL_CLOSED")
    await phones.ben.until("CALL_CLOSED")
    await changes.until(people.anna.event, event_type="ended", call=call)
    assert await triggered(triggers, "call_started", "call_answered", "call_ended") == call


async def test_who_does_not_want_to_be_disturbed_is_not(home: Home, people: People, phones: Phones) -> None:
    changes = await home.assistant.changes()
    switch = {"entity_id": people.ben.do_not_disturb}
    host, _, port = home.sip_server().rpartition(":")
    desk = Watcher(Address("udp", host, int(port)), people.ben.username, people.ben.password, registers=False)
    async with desk:
        # The key of a desk phone and the switch are one: whoever changes it, the other follows.
        wish = b"<SetDoNotDisturb><doNotDisturbOn>true</doNotDisturbOn></SetDoNotDisturb>"
        assert (await desk.press(wish)).status == 200
        await changes.until(people.ben.do_not_disturb, state="on")
        await home.assistant.call("switch.turn_off", target=switch)
        await desk.sees("<doNotDisturbOn>false<")
        await home.assistant.call("switch.turn_on", target=switch)
        await desk.sees("<doNotDisturbOn>true<")
    await phones.anna.press_bell(people.ben.username)
    await phones.anna.until("CALL_CLOSED")
    await changes.until(people.anna.event, event_type="ended", seconds=0)
    assert not phones.ben.has("CALL_INCOMING")
    await home.assistant.call("switch.turn_off", target=switch)
    await changes.until(people.ben.do_not_disturb, state="off")


async def test_a_call_that_nobody_takes_is_missed(home: Home, people: People, new_phone: NewPhone) -> None:
    changes = await home.assistant.changes()
    triggers = await home.assistant.subscribe("subscribe_events", event_type="pascom_test")
    anna = await new_phone(people.anna)
    await new_phone(people.ben, answers=False)
    await anna.press_bell(people.ben.username)
    await changes.until(people.ben.call, state="ringing", name="Anna", direction="incoming")
    await anna.hang_up()
    await changes.until(people.ben.event, event_type="missed", number=people.anna.username)
    await changes.until(people.anna.event, event_type="ended", seconds=0)
    await changes.until(people.ben.call, state="idle")
    await triggered(triggers, "call_started", "call_missed", "call_ended")


async def test_home_assistant_speaks_to_the_phones(home: Home, people: People, new_phone: NewPhone) -> None:
    """A text by its voice to one phone, and a file to both."""
    anna, ben = await new_phone(people.anna), await new_phone(people.ben)
    answer = await announce(home, {"message": "Dinner is ready."}, {"device_id": people.anna.device})
    assert answer == {"reached": [people.anna.username], "failed": {}}
    await anna.until("CALL_CLOSED")
    assert strength(anna.sound(), hertz=1000) > 0.5
    assert not ben.has("CALL_INCOMING")

    make_voice(home.assistant.config / "www/gong.wav", hertz=600, seconds=2)
    both = [people.anna.username, people.ben.username]
    answer = await announce(home, {"media_content_id": "/local/gong.wav", "extension": both}, {})
    assert sorted(answer["reached"]) == sorted(both)
    await ben.until("CALL_CLOSED")
    assert strength(ben.sound(), hertz=600) > 0.5


async def test_a_desk_phone_fetches_its_settings_once(home: Home, people: People) -> None:
    """The address that Home Assistant shows is good for the phone that comes first."""
    address = await provisioning_address(home.assistant, home.entry, people.ben.name, model="snom")
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as http:
        phone = {"User-Agent": "Mozilla/4.0 (compatible; snomD785-SIP 10.1.175.16 1.2 000413AABBCC)"}
        async with http.get(address, headers=phone) as answer:
            assert answer.status == 200
            settings = await answer.text()
        async with http.get(address, headers={"User-Agent": "curl/8"}) as answer:
            assert answer.status != 200
        async with http.get(address.partition("/provision")[0]) as answer:
            assert answer.status == 404
    assert people.ben.username in settings
    assert people.ben.password in settings


@pytest_asyncio.fixture(loop_scope="session")
async def provider(logs: Path) -> AsyncIterator[PbxProcess]:
    """Another PBX plays the provider: 500 is the account of our line, 501 somebody in the wide world."""
    accounts = {"line": "500", "world": "501"}
    process = PbxProcess(
        logs / "provider",
        users=[
            {"name": name, "display_name": name.title(), "extension": number, "password": f"secret{number}"}
            for name, number in accounts.items()
        ],
    )
    await process.start()
    yield process
    await process.stop()


async def test_a_call_from_outside_rings_whom_the_panel_says_unless_an_automation_routes_it(
    home: Home,
    people: People,
    new_phone: NewPhone,
    provider: PbxProcess,
    films: Films,
    browser: Browser,
    logs: Path,
) -> None:
    assert BUILT.is_file(), "the panel is not built: run script/panel build"
    assistant = home.assistant
    changes = await assistant.changes()
    account = {"username": "500", "password": "secret500"}
    known = {"book": "company", "first": "Wide", "last": "World", "numbers": [{"label": "home", "number": "5 01"}]}
    asked = await assistant.command("pascom/ask", command="phonebook/add", fields=known)
    await add_line(assistant, home.entry, "Provider", server=f"{provider.server};transport=udp", **account)
    await changes.until("binary_sensor.provider_registered", state="on")
    world = Baresip(logs / "world", user="501", password="secret501", server=provider.server)
    try:
        await world.start(film=None, voice=films.voice)
        await world.registered()
        anna, ben = await new_phone(people.anna), await new_phone(people.ben, answers=False)
        await world.press_bell("500")
        caller: dict[str, Any] = {"number": "501", "name": "Wide World", "trunk": "provider", "direction": "incoming"}
        await changes.until(people.anna.call, state="in_call", **caller)
        await changes.until("sensor.provider_calls", state="1")
        await ben.until("CALL_INCOMING")
        await world.hang_up()
        await changes.until(people.anna.call, state="idle")
        await changes.until("sensor.provider_calls", state="0")

        await _let_ring(browser, home, "Ben")
        anna.forget()
        ben.forget()
        await world.press_bell("500")
        await ben.until("CALL_INCOMING")
        assert not anna.has("CALL_ESTABLISHED")
        await world.hang_up()
        await changes.until("sensor.provider_calls", state="0")

        decision = {"request": "{{ trigger.request }}", "extension": [people.anna.username]}
        route = {"action": "pascom.route_call", "data": decision}
        automation = {"triggers": [{"trigger": "pascom.route_requested", "options": {"caller": ["501"]}}]}
        await assistant.post(
            "/api/config/automation/config/pascom-route",
            {"alias": "Routes", **automation, "conditions": [], "actions": [route]},
        )
        await changes.until("automation.routes", state="on")
        anna.forget()
        ben.forget()
        await world.press_bell("500")
        await changes.until(people.anna.call, state="in_call", **caller)
        assert not ben.has("CALL_INCOMING")
        await world.hang_up()
        await changes.until("sensor.provider_calls", state="0")
    finally:
        await world.stop()
        await assistant.command("pascom/ask", command="phonebook/remove", fields={"id": asked["contact"]["id"]})
        await remove_subentry(assistant, home.entry, "Provider")


async def _let_ring(browser: Browser, home: Home, name: str) -> None:
    """An administrator says in the panel that the line rings this person alone; no restart is needed for it."""
    async with logged_in(browser, home.assistant, width=1280, height=1000) as page:
        await page.open("/pascom/admin/lines/provider")
        card = page.page.locator("pascom-admin-arrivals")
        await card.get_by_label("Who rings", exact=True).select_option("people", timeout=PATIENCE)
        await card.get_by_role("checkbox", name=name, exact=True).click()
        await card.get_by_role("button", name="Save").click()
        await page.page.get_by_text("Saved", exact=True).wait_for(timeout=PATIENCE)


async def announce(home: Home, data: dict[str, Any], target: dict[str, Any]) -> Any:
    answer = await home.assistant.command(
        "call_service", domain="pascom", service="announce", service_data=data, target=target, return_response=True
    )
    return answer["response"]


def strength(samples: NDArray[np.int16], *, hertz: float, rate: int = 8000) -> float:
    """How much of the loudest second is this tone: 1 is all of it."""
    loudest = max(
        (samples[start : start + rate].astype(float) for start in range(0, max(len(samples) - rate, 1), rate // 4)),
        key=lambda second: float(np.abs(second).sum()),
    )
    power = np.abs(np.fft.rfft(loudest)) ** 2
    at = round(hertz * len(loudest) / rate)
    return float(power[max(at - 3, 0) : at + 4].sum() / max(power.sum(), 1.0))
