"""Calls over a network that loses every tenth packet, delays the others by 200 ms and turns some of them round."""

from collections.abc import AsyncIterator

import pytest

from pbx_lite.events import CallEnded
from tests.support.fake_phone import FakePhone
from tests.support.house import EXTENSIONS, Home, House
from tests.support.rough import Rough, RoughPhone, RoughWay, Weather


@pytest.fixture
def rough() -> Rough:
    return Rough(Weather(), seed=7)


@pytest.fixture
async def far(house: House, rough: Rough) -> AsyncIterator[RoughPhone]:
    """Carl's phone, at the other end of that network."""
    number = EXTENSIONS["carl"]
    async with RoughWay(house.address(), rough) as way, RoughPhone(way, rough, number, f"secret{number}") as phone:
        yield phone


async def test_a_far_phone_calls_and_both_hear_each_other(
    far: RoughPhone, phone: FakePhone, home: Home, rough: Rough
) -> None:
    call = await far.invite(EXTENSIONS["anna"])
    ringing = await phone.rings()
    await ringing.answer()
    assert await call.final_status(within=30) == 200
    call.speak(450)  # both are whole waves in 20 ms: packets that changed places do not break them
    ringing.speak(600)
    assert await ringing.hears(450, within=30)
    assert await call.hears(600, within=30)
    call.hang_up()
    await ringing.ended(within=30)
    assert rough.lost > 0


async def test_a_far_phone_is_called_and_hangs_up(far: RoughPhone, phone: FakePhone, home: Home) -> None:
    call = await phone.invite(EXTENSIONS["carl"])
    ringing = await far.rings(within=30)
    await ringing.answer()
    assert await call.final_status(within=30) == 200
    ringing.hang_up()
    await call.ended(within=30)
    assert (await home.hears(CallEnded, within=30)).by == "carl"
