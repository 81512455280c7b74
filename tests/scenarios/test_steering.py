"""Calls are steered from outside, as Home Assistant does it."""

import asyncio

import pytest

from pbx_lite.errors import Unavailable
from pbx_lite.events import CallAnswered, CallDtmf, CallEnded
from pbx_lite.features.calling import Calling
from pbx_lite.features.journal import CallJournal
from pbx_lite.tasks import spawn
from tests.support.call_end import Received
from tests.support.house import House


@pytest.fixture
def calling(house: House) -> Calling:
    return house.pbx.features[Calling]


def the_call(house: House) -> str:
    (call,) = house.pbx.switchboard.calls
    return call


async def answers_when_told(ringing: Received) -> None:
    """What a Snom or Yealink does."""
    await ringing.notified.until(lambda told: [each.request.headers.get("event") for each in told] == ["talk"])
    await ringing.answer()


async def test_a_ringing_phone_is_told_to_answer(house, calling, phone, other_phone, home):
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    await call.progress(180)
    answering = spawn(answers_when_told(ringing), name="a phone that answers")
    await calling.answer(the_call(house), "ben")
    await answering
    assert await call.final_status() == 200
    assert (await home.hears(CallAnswered)).by == "ben"


async def test_a_phone_that_does_not_know_how_is_said_to_be_one(house, calling, phone, other_phone, monkeypatch):
    monkeypatch.setattr("pbx_lite.features.calling.ANSWER_SECONDS", 0.2)
    call = await phone.invite("102")
    await other_phone.rings()
    await call.progress(180)
    with pytest.raises(Unavailable, match="The phone of Ben cannot be told to answer"):
        await calling.answer(the_call(house), "ben")


async def test_click_to_dial_has_the_own_phone_answer_by_itself(house, calling, phone, other_phone):
    await calling.dial("anna", "102", auto_answer=True)
    mine = await phone.rings()
    assert "answer-after=0" in (mine.header("Call-Info") or "")
    await mine.answer()
    ringing = await other_phone.rings()
    assert ringing.header("Call-Info") is None
    await ringing.answer()
    ringing.speak(600)
    assert await mine.hears(600)


async def test_nobody_is_called_before_the_own_phone_is_answered(house, calling, phone, other_phone, home):
    await calling.dial("anna", "102")
    (await phone.rings()).reject(486)
    assert (await home.hears(CallEnded)).cause == 17
    assert not other_phone.calls.entries


async def test_keys_are_pressed_and_heard(house, calling, phone, other_phone, home):
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    await ringing.answer()
    assert await call.final_status() == 200
    await calling.send_dtmf(the_call(house), "anna", "12#")
    assert await ringing.pressed("12#")
    await ringing.press("5")
    assert (await home.hears(CallDtmf)).user == "ben"


async def test_two_calls_of_one_person_become_a_conference_from_outside(house, calling, phone, other_phone):
    carl = await house.phone("carl")
    first = await phone.invite("102")
    ben = await other_phone.rings()
    await ben.answer()
    second = await phone.invite("103")
    third = await carl.rings()
    await third.answer()
    await second.final_status()
    one, two = house.pbx.switchboard.calls
    calling.conference(one, "anna", two)
    await second.ended()
    third.speak(600)
    assert await ben.hears(600)
    assert await first.hears(600)
    calling.remove(the_call(house), "anna", "103")
    await third.ended()
    ben.speak(700)
    assert await first.hears(700)


async def test_every_call_is_in_the_journal(house, calling, phone, other_phone, home):
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    await ringing.answer()
    assert await call.final_status() == 200
    calling.hang_up(the_call(house), "ben")
    await call.ended()
    await home.hears(CallEnded)
    entries, _ = await house.pbx.features[CallJournal].entries(user="ben")
    (entry,) = entries
    assert (entry["caller_user"], entry["callee_user"], entry["answered_by"]) == ("anna", "ben", "ben")
    assert (entry["outcome"], entry["cause"]) == ("answered", 16)


async def test_a_call_that_the_pbx_does_not_survive_is_closed_in_the_journal(house, phone, other_phone, home):
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    await ringing.answer()
    await home.hears(CallAnswered)
    await house.restart()
    entries, _ = await house.pbx.features[CallJournal].entries()
    assert [entry["outcome"] for entry in entries] == ["answered"]
    await asyncio.wait_for(call.ended(), 5)


async def test_a_call_that_the_pbx_itself_took_was_answered(house, phone, home):
    call = await phone.invite("*80")
    assert await call.final_status() == 200
    call.speak(440)
    assert await call.hears(440)
    call.hang_up()
    ended = await home.hears(CallEnded)
    assert ended.answered
    entries, _ = await house.pbx.features[CallJournal].entries()
    assert [(entry["number"], entry["outcome"]) for entry in entries] == [("*80", "answered")]
