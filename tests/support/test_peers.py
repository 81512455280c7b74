"""The doubles themselves: a phone calls a door with nothing in between."""

from collections.abc import AsyncIterator

import pytest

from pbx_lite.sip.address import Address
from tests.support.fake_door import FakeDoor
from tests.support.fake_phone import FakePhone

NOBODY = Address("udp", "127.0.0.1", 9)


@pytest.fixture
async def door() -> AsyncIterator[FakeDoor]:
    async with FakeDoor(NOBODY, "150", registers=False) as door:
        yield door


@pytest.fixture
async def phone(door: FakeDoor) -> AsyncIterator[FakePhone]:
    async with FakePhone(door.address, "101", video=True, registers=False) as phone:
        yield phone


async def test_a_door_that_is_called_answers_and_is_heard_and_seen(door: FakeDoor, phone: FakePhone) -> None:
    call = await phone.invite("150")
    assert await call.final_status() == 200
    assert await call.hears(door.tone)
    assert (await call.sees()).key
    call.speak(600)
    at_the_door = await door.next_call()
    assert await at_the_door.hears(600)
    call.hang_up()
    await at_the_door.ended()


@pytest.mark.parametrize("how", ["rfc4733", "info", "inband"])
async def test_a_door_tells_keys_by_the_way_they_came(door: FakeDoor, phone: FakePhone, how: str) -> None:
    call = await phone.invite("150")
    at_the_door = await door.next_call()
    assert await call.final_status() == 200
    call.be_silent()
    at_the_door.be_silent()
    await call.press("00#", how=how)
    assert await at_the_door.pressed("00#", how)


async def test_a_bell_pressed_at_a_phone_rings_and_can_be_given_up(door: FakeDoor, phone: FakePhone) -> None:
    door.pbx = phone.address
    press = await door.press()
    ringing = await phone.rings()
    assert (await press.progress(180)).status == 180
    press.give_up()
    await ringing.cancelled()
    assert await press.final_status() == 487


async def test_early_media_flows_before_the_answer(door: FakeDoor, phone: FakePhone) -> None:
    door.pbx = phone.address
    press = await door.press()
    ringing = await phone.rings()
    await ringing.early()
    await press.progress(183)
    assert await ringing.hears(door.tone)
    await ringing.sees()
    ringing.reject(603)
    assert await press.final_status() == 603


async def test_wanting_a_key_frame_begins_the_film_anew(door: FakeDoor, phone: FakePhone) -> None:
    call = await phone.invite("150")
    at_the_door = await door.next_call()
    await call.sees()
    assert call.media.video is not None
    call.media.video.want_key_frame()
    await call.seen.until(lambda units: sum(unit.key for unit in units) >= 2)
    assert at_the_door.key_frames_wanted >= 1
