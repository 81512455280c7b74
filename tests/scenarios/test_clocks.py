"""Clocks that jump: a machine that slept, and one whose clock is set, such as a Raspberry Pi after its start."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pbx_lite.events import AccountUnregistered, CallEnded
from tests.support.house import FRONT, House, home_of
from tests.support.jumping_clock import JumpingClock


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
async def house(tmp_path: Path, clock: JumpingClock) -> AsyncIterator[House]:
    house = House(home_of(tmp_path, FRONT))
    house.pbx._clock = clock
    async with house:
        yield house


async def talking(phone, other_phone):
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    await ringing.answer()
    assert await call.final_status() == 200
    call.speak(440)
    ringing.speak(600)
    await both_hear(call, ringing)
    return call, ringing


async def both_hear(call, ringing):
    call.heard.entries.clear()
    ringing.heard.entries.clear()
    assert await ringing.hears(440)
    assert await call.hears(600)


@pytest.mark.parametrize("seconds", [90.0, 500.0])
async def test_a_machine_that_slept_ends_no_call_and_takes_the_next_one(
    house, clock, phone, other_phone, home, seconds
):
    carl, guest = await house.phone("carl"), await house.phone("guest")
    call, ringing = await talking(phone, other_phone)
    rung = await carl.invite("104")
    await guest.rings()
    clock.jump(seconds)
    await both_hear(call, ringing)
    assert not [ended for ended in home.heard(CallEnded) if ended.answered]
    await rung.ended()
    again = await carl.invite("104")
    await (await guest.rings()).answer()
    assert await again.final_status() == 200
    ringing.hang_up()
    await call.ended()


@pytest.mark.parametrize("seconds", [-40 * 365 * 86400.0, 40 * 365 * 86400.0])
async def test_setting_the_clock_of_the_machine_changes_neither_calls_nor_registrations(
    house, phone, other_phone, home, monkeypatch, seconds
):
    call, ringing = await talking(phone, other_phone)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + seconds)
    await both_hear(call, ringing)
    ringing.hang_up()
    await call.ended()
    assert 0 <= (await home.hears(CallEnded)).seconds < 60
    assert (await phone.register()).status == 200
    assert not home.heard(AccountUnregistered)
    again = await other_phone.invite("101")
    await (await phone.rings()).answer()
    assert await again.final_status() == 200
