"""Calling the door without a ring."""

from pbx_lite.events import DoorRang


async def test_a_phone_that_dials_the_door_talks_with_it_and_sees_it(house, door):
    phone = await house.phone("anna", video=True)
    call = await phone.invite("150")
    assert await call.final_status() == 200
    assert await call.hears(door.tone)
    assert await call.sees()
    at_the_door = await door.next_call()
    call.speak(600)
    assert await at_the_door.hears(600)
    call.hang_up()
    await at_the_door.ended()
    assert not house.home.heard(DoorRang)


async def test_a_phone_that_takes_the_ringing_doors_call_by_dialling_it(door, phone, other_phone):
    press = await door.press()
    ringing = await phone.rings()
    call = await other_phone.invite("150")
    assert await call.final_status() == 200
    assert await press.final_status() == 200
    assert await call.hears(door.tone)
    await ringing.cancelled()


async def test_who_may_not_see_the_door_cannot_call_it(house, door):
    phone = await house.phone("guest")
    call = await phone.invite("150")
    assert await call.final_status() in {403, 404}
    assert not door.calls.entries


async def test_a_door_that_is_away_cannot_be_called(phone):
    call = await phone.invite("150")
    assert await call.final_status() in {480, 503}


async def test_a_ring_during_a_live_view_is_a_ring(house, door, other_phone, home):
    phone = await house.phone("anna")
    call = await phone.invite("150")
    assert await call.final_status() == 200
    press = await door.press()
    assert (await home.hears(DoorRang)).door == "front"
    ringing = await other_phone.rings()
    await ringing.answer()
    assert await press.final_status() == 200
