"""Who speaks with a visitor passes them on to somebody else."""

from urllib.parse import quote

import pytest

from pbx_lite.events import DoorEnded
from tests.support.call_end import CallEnd
from tests.support.fake_phone import FakePhone
from tests.support.house import House


@pytest.fixture
async def talking(door, phone: FakePhone) -> CallEnd:
    """Anna speaks with the visitor at the door."""
    await door.press()
    ringing = await phone.rings()
    await ringing.answer()
    assert await ringing.hears(door.tone)
    return ringing


def named(call: CallEnd) -> str:
    """The call's dialog as a Replaces names it."""
    dialog = call.session.dialog
    assert dialog is not None
    return quote(f"{dialog.call_id};to-tag={dialog.remote_tag};from-tag={dialog.local_tag}", safe="")


async def test_a_visitor_is_passed_on_to_somebody_else(house: House, door, phone, talking, other_phone, home):
    assert (await talking.refer(phone.uri("102"))).status == 202
    ringing = await other_phone.rings()
    assert await talking.hears_of_transfer(100, 180)
    await ringing.answer()
    assert await talking.hears_of_transfer(100, 180, 200)
    await talking.ended()
    assert await ringing.hears(door.tone)
    ringing.hang_up()
    assert (await home.hears(DoorEnded)).by == "ben"


@pytest.mark.parametrize(("number", "status"), [("999", 480), ("103", 480)])
async def test_who_is_not_there_leaves_the_visitor_where_they_are(house, door, phone, talking, number, status):
    assert (await talking.refer(phone.uri(number))).status == 202
    assert await talking.hears_of_transfer(100, status)
    talking.heard.entries.clear()
    assert await talking.hears(door.tone)


async def test_somebody_who_says_no_leaves_the_visitor_where_they_are(door, phone, talking, other_phone):
    assert (await talking.refer(phone.uri("102"))).status == 202
    ringing = await other_phone.rings()
    assert await talking.hears_of_transfer(100, 180)
    ringing.reject(486)
    assert await talking.hears_of_transfer(100, 180, 480)
    talking.heard.entries.clear()
    assert await talking.hears(door.tone)


async def test_a_visitor_is_passed_on_to_whom_one_has_asked_first(door, phone, talking, other_phone):
    asked = await phone.invite("102")
    ringing = await other_phone.rings()
    await ringing.answer()
    assert await asked.final_status() == 200
    assert (await talking.refer(f"{phone.uri('102')}?Replaces={named(asked)}")).status == 202
    await talking.ended()
    await asked.ended()
    assert await ringing.hears(door.tone)


async def test_when_the_visitor_is_gone_nobody_is_rung_for_them_any_more(door, phone, talking, other_phone, home):
    assert (await talking.refer(phone.uri("102"))).status == 202
    ringing = await other_phone.rings()
    talking.hang_up()
    assert (await home.hears(DoorEnded)).by == "anna"
    await ringing.cancelled()
