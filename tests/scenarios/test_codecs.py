"""Parties that speak different languages."""

import pytest

from pbx_lite.media.port import PCM16, PCMA, PCMU


@pytest.mark.parametrize(("at_the_door", "at_the_phone"), [(PCMU, PCMA), (PCMA, PCMU), (PCMA, PCMA)])
async def test_door_and_phone_hear_each_other_whatever_law_they_speak(house, at_the_door, at_the_phone):
    door, phone = await house.door(codecs=[at_the_door]), await house.phone("anna", codecs=[at_the_phone])
    press = await door.press()
    ringing = await phone.rings()
    await ringing.answer()
    assert await ringing.hears(door.tone)
    ringing.speak(600)
    assert await press.hears(600)
    assert (press.media.audio.codec, ringing.media.audio.codec) == (at_the_door, at_the_phone)


async def test_a_station_that_offers_its_own_format_first_is_held_to_g711(house, phone):
    door = await house.door(codecs=[PCM16, PCMA])
    press = await door.press()
    ringing = await phone.rings()
    await ringing.answer()
    assert await ringing.hears(door.tone)
    assert press.media.audio.codec == PCMA


async def test_a_phone_that_misses_pictures_has_the_door_make_a_key_frame(house, door):
    phone = await house.phone("anna", video=True)
    press = await door.press()
    ringing = await phone.rings()
    await ringing.answer()
    await ringing.sees()
    before = press.key_frames_wanted
    assert ringing.media.video is not None
    await ringing.seen.until(lambda units: len(units) > 15)
    ringing.media.video.want_key_frame()
    keys = sum(unit.key for unit in ringing.seen.entries)
    await ringing.seen.until(lambda units: sum(unit.key for unit in units) > keys)
    assert press.key_frames_wanted > before
