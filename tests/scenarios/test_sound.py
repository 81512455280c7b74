"""Phones that speak different languages: codecs, keys, keys to open and the lack of them."""

import pytest

from pbx_lite.events import CallDtmf
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU
from tests.support.call_end import Made, Received
from tests.support.fake_phone import FakePhone
from tests.support.house import FRONT, House, home_of


async def in_a_call(caller: FakePhone, callee: FakePhone) -> tuple[Made, Received]:
    call = await caller.invite("102")
    ringing = await callee.rings()
    await ringing.answer()
    assert await call.final_status() == 200
    return call, ringing


async def both_hear(call: Made, ringing: Received) -> None:
    call.speak(440)
    ringing.speak(600)
    assert await ringing.hears(440)
    assert await call.hears(600)


@pytest.mark.parametrize("one", [PCMU, G722, OPUS])
@pytest.mark.parametrize("other", [PCMA, G722, OPUS])
async def test_any_two_codecs_understand_each_other(house, one, other):
    caller, callee = await house.phone("anna", codecs=(one,)), await house.phone("ben", codecs=(other,))
    call, ringing = await in_a_call(caller, callee)
    await both_hear(call, ringing)
    assert (call.media.audio.codec, ringing.media.audio.codec) == (one, other)


async def test_two_who_have_opus_speak_it_unconverted(house):
    codecs = (OPUS, PCMA)
    caller, callee = await house.phone("anna", codecs=codecs), await house.phone("ben", codecs=codecs)
    call, ringing = await in_a_call(caller, callee)
    await both_hear(call, ringing)
    assert call.media.audio.codec == ringing.media.audio.codec == OPUS


async def test_a_phone_that_changes_its_codec_in_the_call_is_followed(house):
    caller, callee = await house.phone("anna", codecs=(PCMU, PCMA)), await house.phone("ben", codecs=(PCMU,))
    call, ringing = await in_a_call(caller, callee)
    await both_hear(call, ringing)
    call.media.prefer(PCMA)
    answer = await call.session.reinvite(call.media.offer().replace(b"RTP/AVP 8 0 ", b"RTP/AVP 8 "))
    call.media.accept(answer.body)
    assert call.media.audio.codec == PCMA
    await both_hear(call, ringing)


@pytest.mark.parametrize(("one", "other"), [("require", "off"), ("off", "require"), ("require", "require")])
async def test_phones_that_encrypt_and_phones_that_do_not_speak_with_each_other(tmp_path, one, other):
    listen = ("udp://127.0.0.1:0", "tls://127.0.0.1:0")
    by = {"require": "tls", "off": "udp"}
    async with House(home_of(tmp_path, FRONT, listen=listen)) as house:
        caller = await house.phone("anna", srtp=one, transport=by[one])
        callee = await house.phone("ben", srtp="offer" if other == "require" else "off", transport=by[other])
        call, ringing = await in_a_call(caller, callee)
        await both_hear(call, ringing)
        assert (call.media.audio.secure, ringing.media.audio.secure) == (one == "require", other == "require")


async def test_keys_pass_as_events(phone, other_phone, home):
    call, ringing = await in_a_call(phone, other_phone)
    await call.press("1#")
    assert await ringing.pressed("1#")
    assert (await home.hears(CallDtmf)).digit == "1"


async def test_a_key_by_info_becomes_an_event_and_an_event_a_message(house, phone):
    callee = await house.phone("ben", events=False)
    call, ringing = await in_a_call(phone, callee)
    await ringing.press("5", how="info")
    assert await call.pressed("5")
    await call.press("7")
    assert await ringing.pressed("7", "info")


async def test_a_key_becomes_a_tone_where_nothing_else_is_understood(house, phone):
    callee = await house.phone("ben", events=False)
    call, ringing = await in_a_call(phone, callee)
    await call.press("90")
    assert await ringing.pressed("90", "inband")


async def test_a_tone_becomes_an_event(house, phone):
    callee = await house.phone("ben", events=False)
    call, ringing = await in_a_call(phone, callee)
    await both_hear(call, ringing)  # by then the detector is there
    await ringing.press("42", how="inband")
    assert await call.pressed("42")
