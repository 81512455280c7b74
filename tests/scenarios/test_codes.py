"""Codes that are dialled on a phone."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from pbx_lite.config import Secret, Workplace
from pbx_lite.events import CallAnswered, CallDtmf, CallEnded, CallStarted, DoorAnswered
from pbx_lite.features.people.people import People
from pbx_lite.sip.invite_events import Accepted
from pbx_lite.speech.parts import Digits
from tests.support.house import FRONT, House, home_of
from tests.support.words import hears_words

ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    desk = Workplace(name="desk", display_name="Desk", account="desk", password=Secret("d"))
    async with House(replace(home_of(tmp_path, FRONT), workplaces=(desk,))) as house:
        yield house


@pytest.fixture
def people(house: House) -> People:
    return house.pbx.features[People]


async def test_do_not_disturb_is_switched_on_and_off_by_code(people, phone, other_phone):
    for code, said, status in (("*78", "do_not_disturb_on", 486), ("*79", "do_not_disturb_off", 480)):
        call = await phone.invite(code)
        assert await call.final_status() == 200
        assert await hears_words(call, said)
        await call.ended()
        await phone.register(expires=0)
        assert await (await other_phone.invite("101")).final_status() == status


async def test_a_ringing_call_is_picked_up_by_dialling_its_number(house, phone, other_phone, home):
    third = await house.phone("carl")
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    await call.progress(180)
    pickup = await third.invite("*8102")
    assert await pickup.final_status() == 200
    assert await call.final_status() == 200
    assert await ringing.cancelled() == ELSEWHERE
    answered = await home.hears(CallAnswered)
    assert (answered.by, answered.device) == ("carl", "103")
    call.speak(440)
    pickup.speak(600)
    assert await pickup.hears(440)
    assert await call.hears(600)
    pickup.hang_up()
    await call.ended()
    await home.hears(CallEnded, lambda event: event.call == answered.call)
    assert not house.pbx.switchboard.calls


async def test_group_pickup_takes_whatever_rings(house, phone, other_phone):
    third = await house.phone("carl")
    call = await phone.invite("102")
    await other_phone.rings()
    await call.progress(180)
    pickup = await third.invite("*8")
    assert await pickup.final_status() == 200
    assert await call.final_status() == 200


async def test_a_doors_ring_is_picked_up_by_whoever_may_see_the_door(house, door, phone, home):
    third, guest = await house.phone("carl"), await house.phone("guest")
    press = await door.press()
    ringing = await phone.rings()
    assert await (await guest.invite("*8150")).final_status() == 403
    pickup = await third.invite("*8150")
    assert await pickup.final_status() == 200
    await ringing.cancelled()
    assert (await home.hears(DoorAnswered)).by == "carl"
    assert await press.final_status() == 200
    assert await pickup.hears(door.tone)


async def test_with_nothing_to_pick_up_the_caller_is_told(phone):
    assert await (await phone.invite("*8102")).final_status() == 480


async def test_who_picks_up_too_late_does_not_disturb_the_call(house, phone, other_phone):
    third = await house.phone("carl")
    call = await phone.invite("102")
    await (await other_phone.rings()).answer()
    assert await call.final_status() == 200
    assert await (await third.invite("*8102")).final_status() == 480
    call.speak(500)


async def test_the_last_number_is_dialled_again(phone, other_phone, home):
    call = await phone.invite("102")
    await other_phone.rings()
    call.give_up()
    await home.hears(CallEnded)
    again = await phone.invite("*66")
    await (await other_phone.rings()).answer()
    assert await again.final_status() == 200
    assert (await home.hears(CallStarted)).number == "102"


async def test_what_is_said_comes_back(phone):
    call = await phone.invite("*80")
    assert await call.final_status() == 200
    assert await hears_words(call, "echo")
    call.speak(1200)
    assert await call.hears(1200)
    call.hang_up()


async def test_a_number_to_forward_to_is_keyed_in(people, phone, other_phone, house):
    third = await house.phone("carl")
    call = await phone.invite("*70")
    assert await call.final_status() == 200
    assert await hears_words(call, "forward_ask")
    await call.press("103#")
    assert await hears_words(call, "forward_on", Digits("103"))
    await call.ended()
    await other_phone.invite("101")
    await third.rings()


@pytest.mark.parametrize("how", ["rfc4733", "info"])
async def test_somebody_logs_in_at_a_shared_phone_with_their_pin(house, people, other_phone, home, how):
    desk = await house.device("desk", "d")
    await people.set("anna", pin="4711")
    call = await desk.invite("*44101")
    assert await call.final_status() == 200
    assert await hears_words(call, "enter_pin")
    await call.press("4711#", how=how)
    assert await hears_words(call, "logged_in")
    await call.ended()
    await other_phone.invite("101")
    await desk.rings()
    assert home.heard(CallDtmf) == []


@pytest.mark.parametrize("number", ["*44101#4711", "*44101%234711"])
async def test_a_key_logs_in_with_everything_in_one_number_and_nobody_reads_the_pin(house, people, home, number):
    desk = await house.device("desk", "d")
    await people.set("anna", pin="4711")
    call = await desk.invite(number)
    assert await call.final_status() == 200
    assert await hears_words(call, "logged_in")
    assert people.workplaces()[0]["user"] == "anna"
    assert (await home.hears(CallStarted)).number == "*44101"
    assert not any("4711" in repr(event) for event in home.events.entries)
    await call.ended()
    out = await desk.invite("*44")
    assert await out.final_status() == 200
    assert await hears_words(out, "logged_out")
    assert people.workplaces()[0]["user"] is None


async def test_a_wrong_pin_is_refused(house, people):
    desk = await house.device("desk", "d")
    await people.set("anna", pin="4711")
    call = await desk.invite("*44101#0000")
    assert await call.final_status() == 200
    assert await hears_words(call, "wrong_pin")
    await call.ended()
    assert people.workplaces()[0]["user"] is None


async def test_a_code_that_nobody_knows_is_not_found(phone):
    assert await (await phone.invite("*99")).final_status() == 404


async def test_who_picks_a_call_up_sees_who_calls_and_the_caller_who_took_it(house, phone, other_phone):
    third = await house.phone("carl")
    call = await phone.invite("102")
    await other_phone.rings()
    await call.progress(180)
    taken = await third.invite("*8102")
    assert await taken.final_status() == 200
    assert await call.final_status() == 200
    assert "Anna" in await asserted(taken)
    assert "Carl" in await asserted(call)


async def asserted(call) -> str:
    """Whom the answer names."""
    return (await call.events.first(Accepted)).headers.get("P-Asserted-Identity") or ""
