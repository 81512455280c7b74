"""Opening the door: by whom, when and how."""

import asyncio
import itertools
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from pbx_lite.config import OpenDtmf, OpenEvent, OpenHttp, Secret, Video
from pbx_lite.errors import Forbidden, Unavailable
from pbx_lite.events import DoorOpened, DoorOpenFailed, DoorOpenRequested
from pbx_lite.tasks import spawn
from tests.support.house import FRONT, House, home_of
from tests.support.relay import FakeRelay


async def opened(house: House, by: str) -> str:
    """`door/open` on behalf of this user."""
    how: str = await house.pbx.doorbell.open("front", house.user(by))
    return how


@pytest.mark.parametrize("how", ["rfc4733", "info", "inband"])
async def test_the_keys_reach_the_station_in_the_call(tmp_path, how):
    way = OpenDtmf(digits=Secret("00#"), how=how, digit_ms=300)
    async with House(home_of(tmp_path, replace(FRONT, open=(way,)))) as house:
        door, phone = await house.door(), await house.phone("anna")
        press = await door.press()
        await (await phone.rings()).answer()
        await press.final_status()
        assert await opened(house, "anna") == "dtmf"
        assert await press.pressed("00#", how)
        event = await house.home.hears(DoorOpened)
        assert (event.by, event.how) == ("anna", "dtmf")
        assert event.ring


def _at_least(count: int, keys: list[Any]) -> bool:
    return len(keys) >= count


async def test_keys_are_paced(tmp_path):
    way = OpenDtmf(digits=Secret("12#"), digit_ms=400)
    async with House(home_of(tmp_path, replace(FRONT, open=(way,)))) as house:
        door, phone = await house.door(), await house.phone("anna")
        press = await door.press()
        await (await phone.rings()).answer()
        await press.final_status()
        task = spawn(opened(house, "anna"), name="open")
        times = []
        for count in (1, 2, 3):
            await press.keys.until(partial(_at_least, count))
            times.append(asyncio.get_running_loop().time())
        assert await task == "dtmf"
        # What was late on a busy machine shortens the next gap.
        assert all(0.2 < later - earlier < 1.5 for earlier, later in itertools.pairwise(times))
        assert times[-1] - times[0] > 0.7


async def test_the_door_opens_before_anybody_has_answered(house, door, phone, home):
    press = await door.press()
    await phone.rings()
    await press.progress(183)
    assert await opened(house, "anna") == "dtmf"
    assert await press.pressed("00#")
    assert (await home.hears(DoorOpened)).by == "anna"


@pytest.mark.parametrize("how", ["rfc4733", "info"])
async def test_a_door_that_only_rings_opens_by_keys_too(tmp_path, how):
    """Its picture comes from an address, so that there is no early media to send keys in."""
    way = OpenDtmf(digits=Secret("00#"), how=how, digit_ms=200)
    video = Video(in_call=False, url="http://127.0.0.1:9/", early="url")
    async with House(home_of(tmp_path, replace(FRONT, open=(way,), video=video))) as house:
        door, phone = await house.door(video=False), await house.phone("anna")
        press = await door.press()
        ringing = await phone.rings()
        assert await opened(house, "anna") == "dtmf"
        assert await press.pressed("00#", how)
        await ringing.answer()
        assert await ringing.hears(door.tone)


async def test_keys_by_info_open_before_anybody_has_answered(tmp_path):
    way = OpenDtmf(digits=Secret("00#"), how="info", digit_ms=200)
    async with House(home_of(tmp_path, replace(FRONT, open=(way,)))) as house:
        door, phone = await house.door(), await house.phone("anna")
        press = await door.press()
        ringing = await phone.rings()
        assert await opened(house, "anna") == "dtmf"
        assert await press.pressed("00#", "info")
        await ringing.answer()
        assert await ringing.hears(door.tone)


async def test_without_a_call_the_station_is_called_for_its_keys_and_the_call_ends(house, door, home):
    assert await opened(house, "ben") == "dtmf"
    call = await door.next_call()
    assert await call.pressed("00#")
    await call.ended(within=30)
    assert (await home.hears(DoorOpened)).by == "ben"


@pytest.mark.parametrize("auth", ["basic", "digest"])
async def test_the_relay_opens_without_a_call(tmp_path, auth):
    async with FakeRelay(auth=auth, username="x", password="y") as relay:
        way = OpenHttp(url=relay.url("/open?door=1"), username="x", password=Secret("y"))
        async with House(home_of(tmp_path, replace(FRONT, open=(way,)))) as house:
            assert await opened(house, "anna") == "http"
            assert (await relay.opened()).path == "/open?door=1"
            assert (await house.home.hears(DoorOpened)).how == "http"


async def test_a_relay_that_refuses_is_a_sentence_in_the_log_without_its_password(tmp_path, caplog):
    async with FakeRelay(auth="digest", username="x", password="right") as relay:
        way = OpenHttp(url=relay.url("/?key={password}"), username="x", password=Secret("hunter2"))
        async with House(home_of(tmp_path, replace(FRONT, open=(way,)))) as house:
            with caplog.at_level("DEBUG"), pytest.raises(Unavailable, match="does not accept user name and password"):
                await opened(house, "anna")
            failed = await house.home.hears(DoorOpenFailed)
            assert (failed.by, failed.how) == ("anna", "http")
            assert "correct them in the door's settings" in failed.error
            assert "hunter2" not in caplog.text + failed.error
            assert not house.home.heard(DoorOpened)


async def test_home_assistant_is_asked_to_open(tmp_path):
    async with House(home_of(tmp_path, replace(FRONT, open=(OpenEvent(),)))) as house:
        assert await opened(house, "anna") == "event"
        assert (await house.home.hears(DoorOpenRequested)).by == "anna"


async def test_an_automation_opens_as_the_system(tmp_path):
    async with House(home_of(tmp_path, replace(FRONT, open=(OpenEvent(),)))) as house:
        await house.pbx.doorbell.open("front", None)
        assert (await house.home.hears(DoorOpened)).by == "system"


async def test_a_relay_that_fails_is_followed_by_the_keys(tmp_path):
    ways = (OpenHttp(url="http://127.0.0.1:9/"), *FRONT.open)
    async with House(home_of(tmp_path, replace(FRONT, open=ways))) as house:
        door, phone = await house.door(), await house.phone("anna")
        press = await door.press()
        await (await phone.rings()).answer()
        assert await opened(house, "anna") == "dtmf"
        assert await press.pressed("00#")
        assert (await house.home.hears(DoorOpenFailed)).how == "http"
        await house.home.hears(DoorOpened)


@pytest.mark.parametrize("user", ["carl", "guest"])
async def test_whose_role_does_not_open_is_refused_and_it_is_logged(house, door, home, user):
    with pytest.raises(Forbidden):
        await opened(house, user)
    assert (await home.hears(DoorOpenFailed)).by == user
    assert not door.calls.entries


async def test_a_station_that_is_not_there_is_a_sentence(house, home):
    with pytest.raises(Unavailable, match="registered"):
        await opened(house, "anna")
    assert (await home.hears(DoorOpenFailed)).by == "anna"


@pytest.mark.parametrize("how", ["rfc4733", "info"])
async def test_the_keypad_of_a_phone_in_the_call_opens(house, door, phone, home, how):
    press = await door.press()
    ringing = await phone.rings()
    await ringing.answer()
    await press.final_status()
    await ringing.press("00#", how=how)
    assert (await home.hears(DoorOpened)).by == "anna"
    assert await press.pressed("00#")


async def test_the_keypad_of_somebody_who_may_not_open_does_not_and_it_is_logged(tmp_path):
    async with House(home_of(tmp_path, replace(FRONT, rings=("carl",)))) as house:
        door, phone = await house.door(), await house.phone("carl")
        press = await door.press()
        ringing = await phone.rings()
        await ringing.answer()
        await press.final_status()
        await ringing.press("00#")
        failed = await house.home.hears(DoorOpenFailed)
        assert failed.by == "carl"
        assert not press.keys.entries


async def test_a_wrong_code_does_not_open(house, door, phone, home):
    press = await door.press()
    ringing = await phone.rings()
    await ringing.answer()
    await press.final_status()
    await ringing.press("1234")
    await ringing.press("00#")
    await home.hears(DoorOpened)
    assert len(home.heard(DoorOpened)) == 1
    assert await press.pressed("00#")
