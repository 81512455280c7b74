"""Ten thousand garbage datagrams a second, for ten seconds, while somebody talks."""

import asyncio
import os
import socket

import numpy as np
import pytest
from playwright.async_api import Browser

from tests.end_to_end.conftest import Home, NewDoor
from tests.support.browser import logged_in

pytestmark = pytest.mark.asyncio(loop_scope="session")

A_SECOND, SECONDS = 10_000, 10


async def test_a_call_goes_on_under_a_flood_of_garbage(home: Home, new_door: NewDoor, browser: Browser) -> None:
    station, door = await new_door("Street", dtmf="00#")
    changes = await home.assistant.changes()
    async with logged_in(browser, home.assistant) as page:
        await page.open()
        await station.press_bell()
        await changes.until(door.event, event_type="ring")
        await page.more_info(door.camera)
        picture = await page.until_picture()
        await page.button("Start talking").click()
        await station.until("CALL_ESTABLISHED")
        before = len(station.sound())

        sent = await flood(home.sip_server())

        assert sent == A_SECOND * SECONDS
        assert not station.has("CALL_CLOSED")
        heard = station.sound()[before:]
        assert len(heard) > 8000 * SECONDS * 0.8, "sound kept coming"
        assert np.count_nonzero(np.abs(heard.astype(int)) > 1000) > 0
        await page.until_picture(frames=picture["frames"] + SECONDS * 5)
        await home.assistant.call("lock.open", target={"entity_id": door.lock})
        await station.until_digits("00#")
    await station.hang_up()


async def flood(server: str) -> int:
    """Send noise, broken SIP and empty datagrams, paced in steps of ten milliseconds; how many were sent."""
    host, _, port = server.rpartition(":")
    kinds = [os.urandom(200), b"INVITE sip:x SIP/2.0\r\nVia: nonsense\r\n\r\n", b"\0" * 40, b"\r\n\r\n"]
    loop = asyncio.get_running_loop()
    sent = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.9", 0))
        start = loop.time()
        for step in range(SECONDS * 100):
            for number in range(A_SECOND // 100):
                sender.sendto(kinds[number % len(kinds)], (host, int(port)))
                sent += 1
            await asyncio.sleep(start + (step + 1) / 100 - loop.time())
    return sent
