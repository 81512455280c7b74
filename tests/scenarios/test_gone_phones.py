"""A phone loses its power in the middle of a call."""

import pytest

from pbx_lite.events import CallEnded, CallHeld
from pbx_lite.features import watchdog
from pbx_lite.sip import session_timer


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute would be long for a test."""
    monkeypatch.setattr(watchdog, "SILENT_SECONDS", 0.5)
    monkeypatch.setattr(watchdog, "LOOK_SECONDS", 0.1)


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
    """Nobody has spoken, so that only the session timer tells."""
    for name, seconds in {"INTERVAL": 2, "SHORTEST": 1, "_FLOOR": 1}.items():
        monkeypatch.setattr(session_timer, name, seconds)
    call = await phone.invite("102")
    await (await other_phone.rings()).answer()
    assert await call.final_status() == 200
    await other_phone.stop()
    assert "cause=102" in await call.ended()
    assert (await home.hears(CallEnded)).cause == 102
