"""Phones that misbehave in a call of their own, while Anna and Ben talk: theirs goes on whatever happens."""

import asyncio
from dataclasses import replace

import pytest

from pbx_lite.sip.message import Response
from pbx_lite.tasks import spawn
from tests.support.call_end import Made, Received
from tests.support.fake_phone import FakePhone
from tests.support.house import House
from tests.support.raw import RawUdp

T38 = b"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=image 40000 udptl t38\r\n"


@pytest.fixture(autouse=True)
async def _anna_and_ben_talk(phone, other_phone):
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    await ringing.answer()
    yield
    call.speak(440)
    ringing.speak(600)
    assert await ringing.hears(440)
    assert await call.hears(600)
    call.hang_up()
    await ringing.ended()


@pytest.fixture
async def carl(house: House, _anna_and_ben_talk) -> FakePhone:
    return await house.phone("carl")


@pytest.fixture
async def guest(house: House, _anna_and_ben_talk) -> FakePhone:
    return await house.phone("guest")


async def talking(carl: FakePhone, guest: FakePhone) -> tuple[Made, Received]:
    call = await carl.invite("104")
    ringing = await guest.rings()
    await ringing.answer()
    assert await call.final_status() == 200
    return call, ringing


async def still_heard(call: Made, ringing: Received) -> None:
    call.speak(770)
    ringing.speak(900)
    assert await ringing.hears(770)
    assert await call.hears(900)


@pytest.mark.parametrize("body", [b"\x00\xff garbage", b"v=0\r\nm=", T38, b"v=0\r\nm=audio 0 RTP/AVP 0\r\n"])
async def test_a_reinvite_with_garbage_or_fax_is_refused_and_the_call_goes_on(carl, guest, body):
    call, ringing = await talking(carl, guest)
    answer = await call.session.reinvite(body)
    assert answer.status == 488
    await still_heard(call, ringing)


async def test_a_body_that_is_no_sdp_is_refused_and_the_call_goes_on(carl, guest):
    call, ringing = await talking(carl, guest)
    answer = await call.session.send("INVITE", [("Content-Type", "application/pidf+xml")], b"<presence/>")
    assert (answer.status, answer.headers.get("accept")) == (415, "application/sdp")
    await still_heard(call, ringing)


async def test_a_reinvite_without_an_offer_gets_one_and_changes_nothing(carl, guest):
    call, ringing = await talking(carl, guest)
    answer = await call.session.send("INVITE")
    assert answer.status == 200
    assert b"m=audio" in answer.body
    await still_heard(call, ringing)


async def test_a_flood_of_info_is_not_served_and_the_call_goes_on(carl, guest):
    call, ringing = await talking(carl, guest)
    asked = [spawn(call.session.info("text/plain", b"x"), name="flood") for _ in range(200)]
    answers: list[Response] = await asyncio.gather(*asked)
    statuses = [answer.status for answer in answers]
    assert statuses.count(503) > 100
    assert 0 < statuses.count(200) <= 60
    await still_heard(call, ringing)


async def test_a_contact_that_leads_nowhere_does_not_keep_the_goodbye_from_arriving(carl, guest):
    call, ringing = await talking(carl, guest)
    await call.session.send("UPDATE", [("Contact", "<sip:carl@192.0.2.254:9>")])
    await still_heard(call, ringing)
    ringing.hang_up()
    await call.ended()


async def test_a_phone_that_never_acknowledges_the_answer_is_hung_up_on(house, carl, guest, monkeypatch):
    agent = house.pbx.endpoint._agent
    monkeypatch.setattr(agent, "timers", replace(agent.timers, t1=0.02, t2=0.1))
    call = await carl.invite("104")
    monkeypatch.setattr(call.session, "_acknowledge", lambda _dialog, _seq: None)
    ringing = await guest.rings()
    await ringing.answer()
    assert await call.final_status() == 200
    assert "cause=102" in await ringing.ended()
    await call.ended()
    assert len(house.pbx.switchboard.calls) == 1


async def test_a_phone_that_moves_in_the_call_is_found_at_its_new_contact(house, carl, guest):
    call, ringing = await talking(carl, guest)
    async with RawUdp(house.address(), host="127.0.0.1") as elsewhere:
        contact = f"<sip:carl@127.0.0.1:{elsewhere.port}>"
        assert (await call.session.send("UPDATE", [("Contact", contact)])).status == 200
        ringing.hang_up()
        goodbye = await elsewhere.answers.first(str, lambda text: text.startswith("BYE "))
    assert f"BYE sip:carl@127.0.0.1:{elsewhere.port} SIP/2.0" in goodbye


async def test_whom_a_phone_says_it_is_counts_for_nothing(carl, guest):
    call = await carl.invite("104", headers=[("P-Asserted-Identity", '"Police" <sip:110@home>')])
    ringing = await guest.rings()
    assert "Police" not in str(ringing.session.request.headers)
    assert '"Carl" <sip:103@' in (ringing.header("From") or "")
    ringing.reject()
    assert await call.final_status() == 486


async def test_two_goodbyes_end_one_call_once(house, carl, guest):
    call, ringing = await talking(carl, guest)
    dialog = call.session.dialog
    assert dialog is not None
    first = await call.session.send("BYE")
    second = await call.session.send("BYE")
    assert (first.status, second.status) == (200, 481)
    await ringing.ended()
    assert len(house.pbx.switchboard.calls) == 1


async def test_a_callee_that_answers_without_sdp_is_hung_up_on_and_the_caller_told(house, carl, guest):
    call = await carl.invite("104")
    ringing = await guest.rings()
    ringing.session.accept(b"")
    await ringing.ended()
    assert await call.final_status() >= 400
    assert len(house.pbx.switchboard.calls) == 1


async def test_phones_that_send_a_call_to_each_other_do_not_do_so_for_ever(house, carl, guest):
    call = await carl.invite("104")
    redirected = 0
    while True:
        ringing = spawn(guest.rings(), name="rings")
        over = spawn(call.final_status(), name="over")
        done, _ = await asyncio.wait({ringing, over}, return_when=asyncio.FIRST_COMPLETED)
        if over in done:
            ringing.cancel()
            break
        over.cancel()
        redirected += 1
        assert redirected < 20
        ringing.result().session.reject(302, headers=[("Contact", f"<{guest.uri('104')}>")])
    assert over.result() >= 400
    assert len(house.pbx.switchboard.calls) == 1
