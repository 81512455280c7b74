"""What phones do with their dialogs besides calling and hanging up: hold, offers late and early, other codecs."""

import re

import pytest

from pbx_lite.events import CallHeld, CallResumed
from pbx_lite.media.port import G722, PCMA, PCMU
from pbx_lite.sip import invite_events as told
from pbx_lite.sip.headers import NameAddr
from pbx_lite.sip.invite import OutgoingInvite
from pbx_lite.sip.server import ServerTransaction
from tests.support.call_end import CallEnd, Made, Received
from tests.support.fake_phone import FakePhone
from tests.support.listen import Record


async def talking(phone: FakePhone, other_phone: FakePhone) -> tuple[Made, Received]:
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    await ringing.answer()
    assert await call.final_status() == 200
    return call, ringing


async def offer(end: CallEnd, body: bytes) -> bytes:
    """A re-INVITE that is accepted; the answer."""
    answer = await end.session.reinvite(body)
    assert answer.status == 200
    end.media.accept(answer.body)
    return answer.body


async def both_hear(call: CallEnd, other: CallEnd) -> None:
    call.speak(440)
    other.speak(600)
    assert await other.hears(440)
    assert await call.hears(600)


@pytest.mark.parametrize("way", ["sendonly", "inactive", "zeros"])
@pytest.mark.parametrize("who", ["caller", "callee"])
async def test_a_phone_holds_the_call_in_every_old_and_new_way_and_comes_back(phone, other_phone, home, way, who):
    call, ringing = await talking(phone, other_phone)
    await both_hear(call, ringing)
    holder, held = (call, ringing) if who == "caller" else (ringing, call)
    if way == "zeros":
        body = re.sub(rb"c=IN IP4 \S+", b"c=IN IP4 0.0.0.0", holder.media.offer())
    else:
        body = holder.media.offer(audio=way)
    answer = await offer(holder, body)
    assert {"sendonly": b"a=recvonly", "inactive": b"a=inactive", "zeros": b"a=sendrecv"}[way] in answer
    assert (await home.hears(CallHeld)).by == ("anna" if who == "caller" else "ben")
    holder.be_silent()
    before = len(held.heard.entries)
    await held.heard.until(lambda packets: len(packets) > before + 30)  # music
    await offer(holder, holder.media.offer())
    await home.hears(CallResumed)
    await both_hear(call, ringing)


async def test_both_may_hold_at_once_and_the_last_to_come_back_ends_it(phone, other_phone, home):
    call, ringing = await talking(phone, other_phone)
    await offer(call, call.media.offer(audio="sendonly"))
    await offer(ringing, ringing.media.offer(audio="sendonly"))
    await offer(call, call.media.offer())
    await offer(ringing, ringing.media.offer())
    await both_hear(call, ringing)
    assert len(home.heard(CallHeld)) == 2


async def test_a_reliable_announcement_of_early_sound_is_passed_on_reliably(phone, other_phone):
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    await ringing.media.open()
    answer = ringing.media.answer(ringing.session.request.body)
    ringing.session.progress(183, body=answer, reliable=True)
    ringing.speak(600)
    assert await call.hears(600)
    assert (await call.progress(183)).reliable
    ringing.session.accept(answer)
    assert await call.final_status() == 200
    await both_hear(call, ringing)


class Offerless(Made):
    """A call that leaves the offer to the other side."""

    def happened(self, event: told.InviteEvent) -> None:
        match event:
            case told.Progress(reliable=True, body=body) | told.Accepted(body=body) if body:
                self.session.accept_offer(self.media.answer(body))
            case _:
                pass
        CallEnd.happened(self, event)


async def offerless(phone: FakePhone, *headers: tuple[str, str]) -> Offerless:
    call = Offerless(phone.account, phone._media())
    await call.media.open()
    phone._begins(call)
    call.session = phone.endpoint.invite(
        phone.uri("102"),
        target=phone.pbx,
        from_=NameAddr("", phone.uri(phone.account)),
        body=b"",
        headers=headers,
        credentials=phone.credentials,
        listener=call.happened,
    )
    return call


async def test_a_phone_that_makes_no_offer_answers_ours_in_its_ack(phone, other_phone):
    call = await offerless(phone, ("Supported", "timer"))
    ringing = await other_phone.rings()
    await call.progress(180)
    await ringing.answer()
    assert await call.final_status() == 200
    await both_hear(call, ringing)


async def test_a_phone_that_makes_no_offer_hears_early_sound_if_it_answers_ours_in_a_prack(phone, other_phone):
    call = await offerless(phone, ("Require", "100rel"))
    ringing = await other_phone.rings()
    await ringing.early()
    assert (await call.progress(180)).reliable
    ringing.speak(600)
    assert await call.hears(600)
    await ringing.answer()
    assert await call.final_status() == 200
    await both_hear(call, ringing)


async def test_a_reinvite_without_an_offer_is_given_one_and_its_answer_counts(phone, other_phone):
    call, ringing = await talking(phone, other_phone)
    session = call.session
    assert isinstance(session, OutgoingInvite)
    answer = await session.send("INVITE")
    assert b"m=audio" in answer.body
    await both_hear(call, ringing)


async def test_a_phone_changes_its_codec_in_the_call(house, phone, other_phone):
    call, ringing = await talking(phone, other_phone)
    await both_hear(call, ringing)
    call.be_silent()
    call.media.prefer(PCMA)
    body = call.media.offer().replace(b"RTP/AVP 0 8", b"RTP/AVP 8").replace(b"RTP/AVP 8 0", b"RTP/AVP 8")
    await offer(call, body)
    assert call.media.audio.codec == PCMA
    await both_hear(call, ringing)
    assert ringing.media.audio.codec in {PCMU, PCMA, G722}


async def test_who_one_speaks_with_after_a_transfer_is_shown(house, phone, other_phone, monkeypatch):
    carl = await house.phone("carl")
    call, _ = await talking(phone, other_phone)
    shown: Record[str] = Record("shown")
    receive = call.session.receive

    def look(transaction: ServerTransaction) -> None:
        if transaction.request.method == "UPDATE":
            shown.add(transaction.request.headers.get("P-Asserted-Identity") or "")
        receive(transaction)

    monkeypatch.setattr(call.session, "receive", look)
    (active,) = house.pbx.switchboard.calls.values()
    active.transfer(active.seat_of("ben"), "103")
    third = await carl.rings()
    await third.answer()
    assert "Carl" in await shown.first(str, lambda text: "103" in text)
    await both_hear(call, third)
