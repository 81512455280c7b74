"""Calls of lines to the outside are given away: by people of the house, with their own rights."""

from pathlib import Path
from urllib.parse import quote

import pytest

from pbx_lite.events import CallHeld, CallTransferred, TollRefused
from pbx_lite.features.calling import Calling
from tests.scenarios.test_transfer import dialog_of
from tests.support.call_end import CallEnd
from tests.support.fake_trunk import FakeTrunk
from tests.support.lines import house_with, lined_house, trunk_to


@pytest.fixture
async def house(tmp_path: Path, provider: FakeTrunk):
    async for house in lined_house(tmp_path, provider):
        yield house


async def answered_by_anna(provider: FakeTrunk, phone):
    """Somebody outside called Anna, who answered."""
    outside = await provider.call("+4989123450")
    anna = await phone.rings()
    await anna.answer()
    assert await outside.final_status() == 200
    return outside, anna


async def hears_each_other(one: CallEnd, other: CallEnd) -> None:
    one.speak(440)
    other.speak(600)
    assert await other.hears(440)
    assert await one.hears(600)


async def test_a_call_from_outside_is_given_to_a_colleague(house, provider):
    phone, colleague = await house.phone("anna"), await house.phone("ben")
    outside, anna = await answered_by_anna(provider, phone)
    await anna.refer(phone.uri("102"))
    ben = await colleague.rings()
    assert "+4930111" in (ben.header("From") or "")
    await ben.answer()
    await anna.ended()
    await hears_each_other(outside, ben)


async def test_a_call_from_outside_is_given_to_somebody_outside(house, provider):
    phone = await house.phone("anna")
    outside, anna = await answered_by_anna(provider, phone)
    await anna.refer(phone.uri("0030222333"))
    third = await provider.rings()
    await third.answer()
    assert await anna.hears_of_transfer(100, 180, 200)
    await anna.ended()
    await hears_each_other(outside, third)
    assert (await house.home.hears(CallTransferred)).by == "anna"


async def test_who_may_not_call_there_does_not_give_calls_there_either(tmp_path, provider):
    async with house_with(tmp_path, trunk_to(provider), dial=("emergency",)) as house:
        provider.pbx = house.address()
        await provider.registered()
        phone = await house.phone("anna")
        outside, anna = await answered_by_anna(provider, phone)
        await anna.refer(phone.uri("0030222333"))
        assert await anna.hears_of_transfer(100, 403)
        assert (await house.home.hears(TollRefused)).user == "anna"
        assert not provider.invites.entries
        await hears_each_other(outside, anna)


async def test_somebody_outside_gives_no_calls_away(house, provider):
    phone = await house.phone("anna")
    outside, anna = await answered_by_anna(provider, phone)
    await house.phone("ben")
    await outside.refer(f"sip:102@{provider.pbx.host}")
    assert await outside.hears_of_transfer(100, 403)
    await hears_each_other(outside, anna)


async def test_a_consultation_outside_is_joined_with_the_call_on_hold(house, provider):
    phone = await house.phone("anna")
    outside, anna = await answered_by_anna(provider, phone)
    assert (await anna.session.reinvite(anna.media.offer(audio="sendonly"))).status == 200
    assert (await house.home.hears(CallHeld)).by == "anna"
    second = await phone.invite("0030222333")
    third = await provider.rings()
    await third.answer()
    assert await second.final_status() == 200
    await anna.refer(f"{phone.uri('0030222333')}?Replaces={quote(dialog_of(second), safe='')}")
    await anna.ended()
    await second.ended()
    await hears_each_other(outside, third)
    (call,) = house.pbx.switchboard.calls.values()
    assert not any(seat.holding for seat in call.seats)


async def test_three_of_whom_two_are_outside(house, provider):
    phone = await house.phone("anna")
    outside, anna = await answered_by_anna(provider, phone)
    second = await phone.invite("0030222333")
    third = await provider.rings()
    await third.answer()
    assert await second.final_status() == 200
    calling = house.pbx.features[Calling]
    one, two = house.pbx.switchboard.calls
    calling.conference(one, "anna", two)
    third.speak(600)
    assert await outside.hears(600)
    (left,) = house.pbx.switchboard.calls
    calling.remove(left, "anna", "+4930111")
    await outside.ended()
    talking = next(end for end in (anna, second) if not end.session.ended)
    await hears_each_other(talking, third)


async def test_who_is_outside_is_not_told_whom_of_the_house_they_speak_with(house, provider, monkeypatch):
    phone, colleague = await house.phone("anna"), await house.phone("ben")
    outside, anna = await answered_by_anna(provider, phone)
    told: list[str] = []
    receive = outside.session.receive

    def look(transaction) -> None:
        told.append(str(transaction.request.headers.get("P-Asserted-Identity")))
        receive(transaction)

    monkeypatch.setattr(outside.session, "receive", look)
    await anna.refer(phone.uri("102"))
    ben = await colleague.rings()
    await ben.answer()
    await anna.ended()
    await hears_each_other(outside, ben)
    ben.hang_up()
    await outside.ended()
    assert set(told) <= {"None"}
