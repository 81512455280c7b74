"""Calls of the panel from end to end: browsers, a desk phone and a door, each heard at the other side by its tone."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.end_to_end.conftest import GERDA, HUGO, PAUL, Family, Home, NewDoor, NewPhone, Pages
from tests.support.browser import chromium
from tests.support.panel_phone import PATIENCE, panel_phone
from tests.support.sipp import SippPhone
from tests.support.spectrum import hears

pytestmark = pytest.mark.asyncio(loop_scope="session")

# The Home Assistant app around a page, as far as its microphone goes.
_APP = """() => {
  window.said = [];
  document.querySelector("home-assistant").hass.auth.external = {
    config: { webrtc: { hasCameraMicrophoneStream: true } },
    sendMessage: async (message) => { said.push(message); return { session_id: "app" }; },
    fireMessage: (message) => said.push(message),
  };
}"""


async def test_two_browsers_hear_each_other_over_hold_a_reload_and_another_network(pages: Pages) -> None:
    gerda, paul = pages.gerda, pages.paul
    await gerda.contact("Paul").click()
    await paul.sees("Incoming call")
    shown = gerda.page.locator("pascom-contacts .row", has_text="Paul").locator(".more")
    await shown.get_by_text("Ringing").wait_for(timeout=PATIENCE)
    await paul.answer()
    await asyncio.gather(gerda.hears(PAUL), paul.hears(GERDA))
    await shown.get_by_text("In a call").wait_for(timeout=PATIENCE)

    await gerda.press("Hold")
    await paul.hears(GERDA, really=False)
    await gerda.press("Resume")
    await asyncio.gather(gerda.hears(PAUL), paul.hears(GERDA))
    await gerda.press("Mute")
    await paul.hears(GERDA, really=False)
    await gerda.press("Unmute")
    await paul.hears(GERDA)

    await gerda.press("Camera on")
    await paul.until_picture("Picture of Gerda")
    await paul.press("Camera on")
    await gerda.until_picture("Picture of Paul")
    await gerda.press("Camera off")
    await paul.page.get_by_label("Picture of Gerda").wait_for(state="hidden", timeout=PATIENCE)

    before = await gerda.page.evaluate("peers.length")
    await gerda.page.evaluate("dispatchEvent(new Event('online'))")
    await gerda.page.wait_for_function("before => peers.length > before", arg=before, timeout=PATIENCE)
    await asyncio.gather(gerda.hears(PAUL), paul.hears(GERDA))

    await gerda.page.reload()
    await gerda.sees("Paul")
    await asyncio.gather(gerda.hears(PAUL), paul.hears(GERDA))
    await gerda.press("Hang up")
    await asyncio.gather(gerda.rests(), paul.rests())


async def test_calls_are_swapped_merged_and_given_away_in_the_panel(
    home: Home, family: Family, pages: Pages, new_phone: NewPhone
) -> None:
    gerda, paul = pages.gerda, pages.paul
    hugo = await new_phone(family.hugo)
    await hugo.press_bell(family.gerda.username)
    await gerda.answer()
    await hugo.until("CALL_ESTABLISHED")
    await asyncio.gather(gerda.hears(HUGO), hears(hugo.sound, GERDA))
    await gerda.press("Keypad")
    await gerda.page.locator("pascom-call-view").get_by_role("button", name="5", exact=True).click()
    await gerda.page.keyboard.press("6")
    await hugo.until_digits("56")

    await gerda.press("Add call")
    await gerda.enter("Whom to call?", "Paul")
    await paul.answer()
    await asyncio.gather(gerda.hears(PAUL), gerda.hears(HUGO, really=False))
    await gerda.press("Swap")
    await asyncio.gather(gerda.hears(HUGO), paul.hears(GERDA, really=False))
    await gerda.press("Conference")
    await asyncio.gather(gerda.hears(HUGO), gerda.hears(PAUL), paul.hears(HUGO), paul.hears(GERDA))
    await gerda.press("Remove Hugo")
    await hugo.until("CALL_CLOSED")
    await asyncio.gather(gerda.hears(PAUL), paul.hears(GERDA))
    await gerda.page.locator("pascom-call-view .who").get_by_text("Paul").wait_for(timeout=PATIENCE)

    hugo.forget()
    await gerda.menu("Hugo", "Transfer the call here")
    await gerda.sees("Transferred to Hugo")
    await gerda.rests()
    await hugo.until("CALL_ESTABLISHED")
    await asyncio.gather(paul.hears(HUGO), hears(hugo.sound, PAUL))
    await paul.press("Hang up")
    await hugo.until("CALL_CLOSED")
    await paul.rests()

    hugo.forget()
    await gerda.contact("Hugo").click()
    await hugo.until("CALL_ESTABLISHED")
    await gerda.press("Add call")
    await gerda.enter("Whom to call?", "Paul")
    await paul.answer()
    await gerda.hears(PAUL)
    # Who answers is heard a moment before the PBX says so.
    await gerda.button("Connect them").wait_for(timeout=PATIENCE)
    await gerda.page.reload()
    await asyncio.gather(gerda.hears(PAUL), gerda.hears(HUGO, really=False))
    await gerda.press("Connect them")
    await gerda.rests()
    await asyncio.gather(paul.hears(HUGO), hears(hugo.sound, PAUL))
    await hugo.hang_up()
    await paul.rests()


async def test_a_phone_gives_its_call_to_a_browser_and_a_browser_to_a_phone(
    home: Home, family: Family, pages: Pages, logs: Path
) -> None:
    gerda, paul = pages.gerda, pages.paul
    number, password = family.hugo.username, family.hugo.password
    hugo = SippPhone(logs / "Hugo", user=number, password=password, server=home.sip_server())
    await hugo.register()
    try:
        await hugo.climb(f"""
            -> call {family.gerda.username}
            -> REFER | Refer-To: <sip:{family.paul.username}@[remote_ip]> ;; Referred-By: <sip:{number}@[remote_ip]>
            <- 202
            <- NOTIFY ~ SIP/2.0 100
            -> 200
            <- NOTIFY ~ SIP/2.0 180
            -> 200
            <- NOTIFY ~ SIP/2.0 200
            -> 200
            <- BYE
            -> 200
        """)
        await gerda.answer()
        await paul.answer()
        await asyncio.gather(gerda.hears(PAUL), paul.hears(GERDA))
        await hugo.done()

        await hugo.climb("<- call\n<- BYE\n-> 200")
        await gerda.press("Transfer")
        await gerda.enter("Transfer to …", number)
        await gerda.sees("Transferred to Hugo")
        await gerda.rests()
        await paul.page.locator("pascom-call-view .who").get_by_text("Hugo").wait_for(timeout=PATIENCE)
        await paul.press("Hang up")
        await hugo.done()
        await paul.rests()
        await hugo.register(seconds=0)
    finally:
        await hugo.stop()


async def test_a_door_rings_four_clients_and_one_answer_silences_all(
    home: Home, family: Family, browser: Browser, new_door: NewDoor, new_phone: NewPhone
) -> None:
    station, door = await new_door("Barn door", dtmf="00#")
    hugo = await new_phone(family.hugo, answers=False)
    clients = (
        (family.gerdas, GERDA, 1440, 900),
        (family.pauls, PAUL, 1024, 768),
        (family.gerdas, GERDA, 390, 844),
    )
    async with AsyncExitStack() as stack:
        desktop, tablet, phone = [
            await stack.enter_async_context(
                panel_phone(browser, home.assistant, tokens, hertz=hertz, width=width, height=height)
            )
            for tokens, hertz, width, height in clients
        ]
        changes = await home.assistant.changes()
        await asyncio.gather(*(each.open(shows="Hugo") for each in (desktop, tablet, phone)))
        await changes.until(family.paul.registered, state="on")
        await station.press_bell()
        await hugo.until("CALL_INCOMING")
        for each in (desktop, tablet, phone):
            await each.sees("Somebody is at the door")
            await each.until_picture()
        await tablet.press("Talk")
        await station.until("CALL_ESTABLISHED")
        await asyncio.gather(tablet.hears(HUGO), hears(station.sound, PAUL))
        for each in (desktop, phone):
            await each.sees("Barn door: answered by Paul")
            await each.page.get_by_text("Somebody is at the door").wait_for(state="hidden", timeout=PATIENCE)
        await hugo.until("CALL_CLOSED")
        await station.hang_up()
        await changes.until(door.event, event_type="ended")


async def test_over_plain_http_one_is_told_the_ways_out_and_the_app_talks_to_the_door(
    home: Home, family: Family, new_door: NewDoor
) -> None:
    station, door = await new_door("Shed door", dtmf="00#")
    plain = f"http://home.test:{home.assistant.port}"
    async with (
        chromium("--host-resolver-rules=MAP home.test 127.0.0.1") as browser,
        panel_phone(browser, home.assistant, family.gerdas, hertz=GERDA, url=plain) as gerda,
    ):
        await gerda.open(shows="Hugo")
        await gerda.sees("Browsers allow a microphone only over a secure address")
        await gerda.page.evaluate(_APP)
        await station.press_bell()
        await gerda.until_picture()
        await gerda.press("Talk")
        await gerda.page.get_by_text("Talking").first.wait_for(timeout=PATIENCE)
        start = await gerda.page.evaluate("said[0]")
        assert start["type"] == "webrtc/stream/start"
        assert start["payload"] == {"stream_type": "microphone", "entity_id": door.camera}
        await gerda.press("Hang up")
        stop = await gerda.page.wait_for_function("said[1]", timeout=PATIENCE)
        assert await stop.json_value() == {"type": "webrtc/stream/stop", "payload": {"session_id": "app"}}
        await station.hang_up()


async def test_without_a_microphone_or_a_pbx_one_is_told_and_goes_on_with_one_press(
    home: Home, family: Family, pages: Pages
) -> None:
    gerda, paul = pages.gerda, pages.paul
    await paul.refuse("NotAllowedError")
    await gerda.contact("Paul").click()
    await paul.answer()
    await paul.sees("The microphone is not allowed")
    await paul.press("Answer and only listen")
    await paul.hears(GERDA)
    await paul.sees("You are only listening")
    await gerda.unplug()
    await gerda.sees("the call goes on with another one")
    await paul.hears(GERDA)
    await gerda.refuse("NotFoundError")
    await gerda.unplug()
    await gerda.sees("nobody hears you")
    await gerda.refuse()
    await gerda.page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    await paul.hears(GERDA)
    await paul.refuse()

    changes = await home.assistant.changes()
    os.kill(home.pbx_pid(), signal.SIGKILL)
    await gerda.sees("The PBX cannot be reached")
    await changes.until(family.paul.registered, state="on")
    await gerda.press("Call again")
    await paul.answer()
    await asyncio.gather(gerda.hears(PAUL), paul.hears(GERDA))
    await paul.press("Hang up")
    await gerda.rests()
