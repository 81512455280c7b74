"""The whole way: bell, picture, talk, open."""

import asyncio

import numpy as np
import pytest
from playwright.async_api import Browser

from tests.end_to_end.conftest import Home, NewDoor
from tests.support.baresip import Baresip
from tests.support.browser import logged_in

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_somebody_sees_who_rings_before_answering_then_talks_and_opens(
    home: Home, new_door: NewDoor, browser: Browser
) -> None:
    station, door = await new_door("Front door", dtmf="00#")
    changes = await home.assistant.changes()
    async with logged_in(browser, home.assistant) as page:
        await page.open()
        await station.press_bell()
        await changes.until(door.event, event_type="ring")
        await changes.until(door.ringing, state="on")

        await page.more_info(door.camera)
        picture = await page.until_picture()
        assert picture["width"] == 320
        assert not station.has("CALL_ESTABLISHED"), "the picture was to come before the answer"

        ring_back = len(station.sound())
        await page.button("Start talking").click()
        await station.until("CALL_ESTABLISHED")
        await changes.until(door.event, event_type="answered", by="Demo")
        await hears_beeps(station, after=ring_back)

        await home.assistant.call("lock.open", target={"entity_id": door.lock})
        await station.until_digits("00#")
        await changes.until(door.event, event_type="opened", by="Demo", how="dtmf")
        await page.until_picture(frames=picture["frames"] + 30)

        await station.hang_up()
        await changes.until(door.event, event_type="ended")
        await changes.until(door.ringing, state="off")


async def test_a_door_registers_over_tls_and_rings(home: Home, new_door: NewDoor, browser: Browser) -> None:
    station, door = await new_door("Garden gate", transport="tls", dtmf="*1")
    changes = await home.assistant.changes()
    await station.press_bell()
    await changes.until(door.event, event_type="ring")
    async with logged_in(browser, home.assistant) as page:
        await page.open()
        await page.more_info(door.camera)
        await page.until_picture()
    await home.assistant.call("lock.open", target={"entity_id": door.lock})
    await station.until_digits("*1")
    await station.hang_up()
    await changes.until(door.event, event_type="ended")


async def test_looking_without_a_ring_calls_the_door_and_leaving_ends_the_call(
    home: Home, new_door: NewDoor, browser: Browser
) -> None:
    station, door = await new_door("Side door", dtmf="00#")
    async with logged_in(browser, home.assistant) as page:
        await page.open()
        await page.more_info(door.camera)
        await page.until_picture()
        await station.until("CALL_ESTABLISHED")
    await station.until("CALL_CLOSED")


async def test_a_bell_pressed_while_somebody_looks_rings_and_they_go_on_seeing(
    home: Home, new_door: NewDoor, browser: Browser
) -> None:
    station, door = await new_door("Back door", dtmf="00#")
    changes = await home.assistant.changes()
    async with logged_in(browser, home.assistant) as page:
        await page.open()
        await page.more_info(door.camera)
        await page.until_picture()
        await station.until("CALL_ESTABLISHED")
        await station.press_bell()
        await changes.until(door.event, event_type="ring")
        await station.until("CALL_CLOSED")
        (seen,) = await page.video_state()
        await page.until_picture(frames=seen["frames"] + 60)
    await station.hang_up()


async def hears_beeps(station: Baresip, *, after: int = 0) -> None:
    """Chromium's fake microphone beeps twice a second; `after` counts the samples of ring-back tone before it."""
    try:
        async with asyncio.timeout(40):
            while True:
                sound = station.sound()[after:].astype(np.float64)
                blocks = sound[: len(sound) // 160 * 160].reshape(-1, 160)
                loud = np.sqrt((blocks**2).mean(axis=1)) > 1000
                if np.count_nonzero(np.diff(loud.astype(int)) == 1) >= 6:
                    return
                await asyncio.sleep(0.25)
    except TimeoutError:
        loudest = float(np.abs(station.sound()).max(initial=0))
        raise AssertionError(
            f"no beeps in {len(station.sound()) / 8000:.1f} s of sound, loudest {loudest:.0f}"
        ) from None
