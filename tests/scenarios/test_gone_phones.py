"""A phone loses its power in the middle of a call."""

import pytest

from pbx_lite.events import CallEnded, CallHeld
from pbx_lite.features import watchdog
from pbx_lite.sip import session_timer
from pbx_lite.sip.server import ServerTransaction
from tests.scenarios.test_dialogs import offer
from tests.support.listen import Record


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute would be long for a test."""
    monkeypatch.setattr(watchdog, "SILENT_SECONDS", 0.5)
    monkeypatch.setattr(watchdog, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(watchdog, "UNHEARD_SECONDS", 0.5)


async def in_a_call(phone, other_phone):
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    await ringing.answer()
    assert await call.final_status() == 200
    call.speak(440)
    ringing.speak(600)
    assert await ringing.hears(440)
    assert await call.hears(600)
    return call, ringing


async def test_the_other_side_is_hung_up_on(phone, other_phone, home):
    call, _ = await in_a_call(phone, other_phone)
    await other_phone.stop()
    assert await call.ended() == 'Q.850;cause=102;text="Recovery on timer expiry"'
    ended = await home.hears(CallEnded)
    assert (ended.cause, ended.answered) == (102, True)


async def test_a_phone_on_hold_may_be_silent(phone, other_phone, home):
    call, ringing = await in_a_call(phone, other_phone)
    assert (await ringing.session.reinvite(ringing.media.offer(audio="sendonly"))).status == 200
    await home.hears(CallHeld)
    ringing.be_silent()
    heard = len(call.heard.entries)
    await call.heard.until(lambda packets: len(packets) > heard + 50)  # a second of music
    assert not home.heard(CallEnded)


async def test_a_call_of_which_a_phone_gives_no_sign_of_life_ends_for_both(phone, other_phone, home, monkeypatch):
    """The watchdog is patient, so that only the session timer tells."""
    for name in ("SILENT_SECONDS", "UNHEARD_SECONDS"):
        monkeypatch.setattr(watchdog, name, 600.0)
    for name, seconds in {"INTERVAL": 2, "SHORTEST": 1, "_FLOOR": 1}.items():
        monkeypatch.setattr(session_timer, name, seconds)
    call = await phone.invite("102")
    await (await other_phone.rings()).answer()
    assert await call.final_status() == 200
    await other_phone.stop()
    assert "cause=102" in await call.ended()
    assert (await home.hears(CallEnded)).cause == 102


def unheard(make):
    def made():
        media = make()
        media.audio.report = lambda _more=b"": None
        return media

    return made


async def silent_call(phone, other_phone, monkeypatch):
    """Answered, and neither sends any sound, nor reports on what it hears."""
    monkeypatch.setattr(watchdog, "SILENT_SECONDS", 60.0)
    for each in (phone, other_phone):
        monkeypatch.setattr(each, "_media", unheard(each._media))
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    await ringing.answer()
    assert await call.final_status() == 200
    return call, ringing


async def test_a_phone_that_was_never_heard_and_forgot_the_call_is_hung_up_on(phone, other_phone, home, monkeypatch):
    call, ringing = await silent_call(phone, other_phone, monkeypatch)
    ringing.session.abandon()  # it started anew, and knows of no call
    assert "cause=102" in await call.ended()
    ended = await home.hears(CallEnded)
    assert (ended.cause, ended.answered) == (102, True)


async def test_a_phone_that_says_nothing_but_is_there_is_only_asked_for_a_long_time(
    phone, other_phone, home, monkeypatch
):
    call, ringing = await silent_call(phone, other_phone, monkeypatch)
    asked: Record[str] = Record("asked")
    receive = ringing.session.receive

    def look(transaction: ServerTransaction) -> None:
        asked.add(transaction.request.method)
        receive(transaction)

    monkeypatch.setattr(ringing.session, "receive", look)
    await asked.until(lambda methods: methods.count("OPTIONS") == 3)
    assert not home.heard(CallEnded)
    monkeypatch.setattr(watchdog, "UNHEARD_MOST", 0.5)
    assert "cause=102" in await call.ended()
    assert (await home.hears(CallEnded)).cause == 102


@pytest.mark.parametrize("way", ["recvonly", "sendonly", "inactive"])
async def test_a_phone_that_is_not_to_speak_is_never_missed(phone, other_phone, home, monkeypatch, way):
    monkeypatch.setattr(watchdog, "UNHEARD_MOST", 1.0)
    call, ringing = await silent_call(phone, other_phone, monkeypatch)
    call.speak(440)
    await offer(ringing, ringing.media.offer(audio=way))
    heard = len(call.heard.entries)
    if way == "recvonly":
        await ringing.heard.until(lambda packets: len(packets) > 100)
    else:
        await call.heard.until(lambda packets: len(packets) > heard + 100)  # two seconds of music
    assert not home.heard(CallEnded)
