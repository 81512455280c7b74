"""The PBX dies in the middle of a call."""

import os
import signal

import pytest
from playwright.async_api import Browser

from tests.end_to_end.conftest import Home, NewDoor
from tests.end_to_end.test_ring import hears_beeps
from tests.support.browser import logged_in

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_after_sigkill_in_a_call_everything_is_right_again(
    home: Home, new_door: NewDoor, browser: Browser
) -> None:
    station, door = await new_door("Porch", dtmf="00#")
    changes = await home.assistant.changes()
    async with logged_in(browser, home.assistant) as page:
        await page.open()
        await station.press_bell()
        await changes.until(door.event, event_type="ring")
        await page.more_info(door.camera)
        await page.until_picture()
        ring_back = len(station.sound())
        await page.button("Start talking").click()
        await station.until("CALL_ESTABLISHED")
        await changes.until(door.event, event_type="answered")
        await hears_beeps(station, after=ring_back)

        before = home.pbx_pid()
        os.kill(before, signal.SIGKILL)
        await changes.until(door.event, state="unavailable")
        back = await home.assistant.changes()
        await back.until(door.connected, state="on")
        await back.until(door.ringing, state="off")
        await station.until("CALL_CLOSED")
    assert home.pbx_pid() != before

    again = await home.assistant.changes()
    station.forget()
    async with logged_in(browser, home.assistant) as page:
        await page.open()
        await station.press_bell()
        await again.until(door.event, event_type="ring")
        await page.more_info(door.camera)
        await page.until_picture()
    await home.assistant.call("lock.open", target={"entity_id": door.lock})
    await station.until_digits("00#")
    await station.hang_up()
    await again.until(door.event, event_type="ended")
