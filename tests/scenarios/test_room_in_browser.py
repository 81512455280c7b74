"""Browsers in a room: they see who is in it, hear them, and are heard."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from aioice import ice as aioice_ice
from PIL import Image

from pbx_lite.config import Secret
from pbx_lite.events import RoomJoined, RoomLeft
from pbx_lite.media.port import G722, OPUS
from tests.support.conference import enters, hears_only, house_with_room, inside, rooms_of
from tests.support.fake_browser import FakeBrowser
from tests.support.house import House
from tests.support.spectator import Spectator

GREEN = (67, 206, 143)
"""Around who talks."""


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    def addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return ["127.0.0.1"]

    monkeypatch.setattr(aioice_ice, "get_host_addresses", addresses)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with house_with_room(tmp_path, quiet=True) as house:
        yield house


@pytest.fixture
async def page(house: House) -> AsyncIterator[Spectator]:
    """Carl's, who only wants to know what is going on."""
    async with Spectator(house, "carl") as page:
        yield page


def lit(pixels, colour=GREEN) -> int:
    """How many pixels are about of this colour."""
    return int((np.abs(pixels.astype(int) - colour).max(axis=2) < 40).sum())


async def test_who_watches_hears_the_room_and_is_not_in_it(house, page, phone, other_phone):
    await page.watch()
    anna, ben = await enters(house, phone), await enters(house, other_phone)
    anna.speak(600)
    ben.speak(900)
    assert await page.hears(600, 900)
    assert inside(house) == ["Anna", "Ben"]
    assert await hears_only(anna, 900)


async def test_who_starts_to_talk_is_in_the_room_and_hears_the_others(house, page, phone, other_phone, home):
    anna, ben = await enters(house, phone), await enters(house, other_phone)
    anna.speak(600)
    await page.watch()
    assert await page.hears(600)
    await page.talk(1300)
    assert (await home.hears(RoomJoined)).user == "carl"
    assert inside(house) == ["Anna", "Ben", "Carl"]
    assert await hears_only(anna, 1300)
    assert await hears_only(ben, 600, 1300)
    assert await page.hears(600)


async def test_home_assistant_itself_can_speak_in_a_room(house, phone, home):
    anna = await enters(house, phone)
    async with Spectator(house) as panel:
        await panel.watch(hertz=1300)
        joined = await home.hears(RoomJoined)
        assert (joined.name, joined.user) == ("Home Assistant", "")
        assert await hears_only(anna, 1300)
    assert (await home.hears(RoomLeft, within=40)).name == "Home Assistant"


async def test_browsers_and_wideband_phones_hear_each_other_wideband(house, page):
    anna = await enters(house, await house.phone("anna", codecs=(G722,)))
    ben = await enters(house, await house.phone("ben", codecs=(OPUS,)))
    anna.speak(600)
    ben.speak(900)
    await page.talk(1300)
    assert await page.hears(600, 900)
    assert await hears_only(anna, 900, 1300)
    assert await hears_only(ben, 600, 1300)
    async with Spectator(house, "ben") as other:
        await other.watch(hertz=5000)
        anna.be_silent()
        ben.be_silent()
        assert await page.hears(5000)


async def test_browsers_that_dial_the_room_hear_each_other_wideband(house, home):
    async with FakeBrowser(house, "anna", hertz=5000) as anna, FakeBrowser(house, "ben", hertz=700) as ben:
        await anna.dial("800")
        await home.hears(RoomJoined)
        await ben.dial("800")
        await home.hears(RoomJoined)
        assert await ben.hears(5000)
        assert await anna.hears(700)


async def test_a_browser_that_is_invited_hears_wideband(house, home):
    rooms = rooms_of(house)
    async with FakeBrowser(house, "anna", hertz=5000) as anna, FakeBrowser(house, "ben", hertz=700) as ben:
        await anna.dial("800")
        await home.hears(RoomJoined)
        inviting = asyncio.gather(rooms.invite("table", "102", None))
        assert (await ben.rings()).name == "Kitchen table"
        await inviting
        await ben.answer()
        assert await ben.hears_something()
        ben.press("1")
        assert (await home.hears(RoomJoined)).user == "ben"
        assert await ben.hears(5000)


async def test_the_picture_changes_when_somebody_joins_and_talks(house, page, phone, other_phone):
    await page.watch()
    nobody = await page.sees()
    assert nobody.shape == (720, 1280, 3)
    anna = await enters(house, phone)
    alone = await page.sees(lambda pixels: np.abs(pixels.astype(int) - nobody).max() > 60)
    await enters(house, other_phone)
    await page.sees(lambda pixels: np.abs(pixels.astype(int) - alone).max() > 60)
    assert not lit(alone)
    anna.speak(600)
    assert lit(await page.sees(lambda pixels: lit(pixels) > 1000)) > 1000
    anna.hang_up()
    await page.sees(lambda pixels: not lit(pixels))


async def test_a_still_shows_the_same_without_anybody_watching(house, phone):
    rooms = rooms_of(house)
    nobody = await rooms.image("table", None)
    await enters(house, phone)
    somebody = await rooms.image("table", None)
    assert nobody != somebody
    image = Image.open(io.BytesIO(somebody))
    assert (image.format, image.size) == ("JPEG", (1280, 720))


async def test_a_late_viewer_sees_the_picture_that_the_others_have(house, page, phone):
    await page.watch()
    await page.sees()
    await enters(house, phone)
    async with Spectator(house) as late:
        await late.watch()
        await late.sees()


async def test_who_is_removed_is_out_and_their_player_ends(house, page, phone, home):
    anna = await enters(house, phone)
    anna.speak(600)
    await page.watch(hertz=1300)
    joined = await home.hears(RoomJoined)
    assert await hears_only(anna, 1300)
    rooms_of(house).drop("table", joined.participant)
    assert (await home.hears(RoomLeft)).reason == "removed"
    await page.until(lambda: page.ended is not None)
    assert page.ended == ("removed", "You were removed from Kitchen table.")
    assert inside(house) == ["Anna"]


async def test_who_may_steer_a_room_enters_it_from_a_page_without_its_pin_and_nobody_else_does(tmp_path):
    async with (
        house_with_room(tmp_path, pin=Secret("271828"), quiet=True) as house,
        FakeBrowser(house, "anna", hertz=700) as anna,
        FakeBrowser(house, "carl", hertz=900) as carl,
    ):
        await carl.dial("800")
        await carl.is_told("answered")
        await anna.dial("800")
        await house.home.hears(RoomJoined)
        assert inside(house) == ["Anna"]


async def test_a_room_that_is_removed_ends_its_players(house, page, phone, home):
    directory = house.pbx.api._services.directory  # what clients change it by
    room = await directory.add_room({"display_name": "Attic", "extension": "801", "pin": ""})
    async with Spectator(house, room=room.name) as watching, Spectator(house, "ben", room=room.name) as talking:
        await watching.watch()
        await talking.watch(hertz=1300)
        await home.hears(RoomJoined)
        await directory.remove_room(room.name)
        await watching.until(lambda: watching.ended is not None)
        await talking.until(lambda: talking.ended is not None)
        assert watching.ended is not None
        assert talking.ended is not None
        assert watching.ended[0] == "not_found"
        assert talking.ended[0] in {"not_found", "ended"}


async def test_who_comes_to_a_room_that_is_recorded_is_told(tmp_path):
    async with house_with_room(tmp_path, record_conference=True) as house, Spectator(house, "anna") as page:
        ben = await enters(house, await house.phone("ben"))
        carl = await enters(house, await house.phone("carl"))
        ben.speak(600)
        assert await carl.hears(600)
        assert rooms_of(house).state("table")["recording"]
        await page.watch()
        await page.sees(lambda pixels: lit(pixels, (226, 62, 56)) > 1000)
        await page.talk(1300)
        assert await ben.hears(1300)
