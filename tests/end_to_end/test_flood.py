"""Ten thousand garbage datagrams a second, for ten seconds, while somebody talks."""

import asyncio
import itertools
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest
from playwright.async_api import Browser

from pbx_lite.tasks import spawn
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

        async with asyncio.timeout(60), flood(home.sip_server()) as garbage:
            await garbage.until(lambda: garbage.sent >= A_SECOND * SECONDS)
            # Eight seconds of sound come in ten where the machine has time for them.
            await garbage.until(lambda: len(station.sound()) > before + 8000 * 8)
            heard = station.sound()[before:]
            assert np.count_nonzero(np.abs(heard.astype(int)) > 1000) > 0
            await page.until_picture(frames=picture["frames"] + SECONDS * 5)
            await home.assistant.call("lock.open", target={"entity_id": door.lock})
            await station.until_digits("00#")
            assert not station.has("CALL_CLOSED")
    await station.hang_up()


class Garbage:
    """Noise, broken SIP and empty datagrams, paced in steps of ten milliseconds, until it is closed."""

    def __init__(self, server: str) -> None:
        host, _, port = server.rpartition(":")
        self.sent = 0
        self._target = (host, int(port))
        self._kinds = [os.urandom(200), b"INVITE sip:x SIP/2.0\r\nVia: nonsense\r\n\r\n", b"\0" * 40, b"\r\n\r\n"]
        self._stepped = asyncio.Event()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until it is so; asked after each step."""
        while not true():
            self._stepped.clear()
            await self._stepped.wait()

    async def pour(self) -> None:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.bind(("127.0.0.9", 0))
            start = loop.time()
            for step in itertools.count(1):
                for number in range(A_SECOND // 100):
                    sender.sendto(self._kinds[number % len(self._kinds)], self._target)
                self.sent += A_SECOND // 100
                self._stepped.set()
                await asyncio.sleep(start + step / 100 - loop.time())


@asynccontextmanager
async def flood(server: str) -> AsyncIterator[Garbage]:
    garbage = Garbage(server)
    pouring = spawn(garbage.pour(), name="garbage")
    try:
        yield garbage
    finally:
        pouring.cancel()
        await asyncio.wait([pouring])
