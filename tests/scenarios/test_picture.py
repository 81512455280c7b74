"""Seeing the visitor before anybody answers."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from pbx_lite.config import Video
from pbx_lite.events import DoorAnswered, DoorRang
from tests.support.camera import FakeCamera
from tests.support.house import FRONT, House, home_of, house_of


async def test_early_media_gives_the_picture_before_anybody_answers(house, door):
    phone = await house.phone("anna", video=True)
    press = await door.press()
    await press.progress(183)
    ringing = await phone.rings()
    await ringing.early()
    assert (await ringing.sees()).key
    assert not ringing.session.ended


async def test_every_phone_that_takes_early_media_sees_the_same_door(house, door):
    phones = [await house.phone("anna", video=True), await house.phone("ben", video=True)]
    await door.press()
    for phone in phones:
        ringing = await phone.rings()
        await ringing.early()
        assert await ringing.sees()


async def test_the_visitor_hears_that_it_rings(door, phone):
    press = await door.press()
    await phone.rings()
    assert await press.hears(425)


async def test_the_picture_goes_on_after_the_answer_and_begins_with_a_key_frame(house, door):
    phone = await house.phone("anna", video=True)
    await door.press()
    ringing = await phone.rings()
    await ringing.answer()
    first = await ringing.seen.first(object)
    assert first.key
    await ringing.seen.until(lambda units: len(units) >= 5)


async def test_a_phone_without_video_is_spared_the_picture(house, door, phone):
    await door.press()
    ringing = await phone.rings()
    await ringing.answer()
    assert await ringing.hears(door.tone)
    assert ringing.media.video is None


class TestSilentAnswer:
    @pytest.fixture
    async def house(self, tmp_path: Path) -> AsyncIterator[House]:
        async for house in house_of(tmp_path, replace(FRONT, video=Video(early="silent_answer"))):
            yield house

    async def test_the_door_is_answered_silently_and_nobody_is_said_to_have(self, house, door):
        phone = await house.phone("anna", video=True)
        press = await door.press()
        assert await press.final_status() == 200
        assert await press.hears(425)
        ringing = await phone.rings()
        await ringing.early()
        assert await ringing.sees()
        assert not house.home.heard(DoorAnswered)

    async def test_the_one_who_answers_then_talks(self, house, door, phone):
        press = await door.press()
        await press.final_status()
        ringing = await phone.rings()
        await ringing.answer()
        assert await ringing.hears(door.tone)
        ringing.speak(600)
        assert await press.hears(600)
        assert (await house.home.hears(DoorAnswered)).by == "anna"


async def test_the_picture_of_a_door_without_video_in_its_call_comes_from_its_address(tmp_path):
    async with FakeCamera(username="cam", password="pw") as camera:
        video = Video(in_call=False, url=camera.stream, username="cam", password=type(FRONT.password)("pw"))
        async with House(home_of(tmp_path, replace(FRONT, video=video))) as house:
            door, phone = await house.door(video=False), await house.phone("anna", video=True)
            assert camera.watching == 0
            await door.press()
            await house.home.hears(DoorRang)
            ringing = await phone.rings()
            await ringing.early()
            assert (await ringing.sees(within=10)).key
            ringing.reject(603)
            await camera.watched_by(0, within=10)


async def test_the_call_of_a_phone_with_a_picture_fits_into_one_datagram(house, door):
    """A larger one would be tried over TCP first (RFC 3261 section 18.1.1), which phones on UDP do not answer."""
    phone = await house.phone("anna", video=True)
    await door.press()
    request = (await phone.rings()).session.request
    sent = re.sub(rb"(;rport)=\d+;received=[^;\r]*", rb"\1", request.encode())
    home_addresses = re.sub(rb"127\.0\.0\.1", b"192.168.178.200", sent)
    assert len(home_addresses) < 1300
