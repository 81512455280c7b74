"""A real Linphone gives its calls away."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pbx_lite.events import AccountRegistered, CallTransferred
from tests.support.baresip import make_voice
from tests.support.house import FRONT, House, home_of
from tests.support.linphone import Linphone


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with House(home_of(tmp_path / "data", FRONT)) as house:
        yield house


@pytest.fixture
async def annas(house: House, tmp_path: Path) -> AsyncIterator[Linphone]:
    phone = Linphone(tmp_path / "linphone", user="101")
    await phone.start(voice=make_voice(tmp_path / "700.wav", hertz=700))
    server = house.address()
    await phone.register("secret101", f"{server.host}:{server.port}")
    await house.home.hears(AccountRegistered)
    yield phone
    await phone.stop()


async def test_linphone_gives_a_call_away(house: House, annas: Linphone) -> None:
    ben, carl = await house.phone("ben"), await house.phone("carl")
    call = await ben.invite("101")
    await annas.wait_for("Receiving new incoming call|is contacting you")
    await annas.type("answer")
    assert await call.final_status() == 200
    assert await call.hears(700)
    await annas.type(f"transfer {ben.uri('103')}")
    ringing = await carl.rings()
    await ringing.answer()
    assert (await house.home.hears(CallTransferred)).by == "anna"
    await annas.wait_for("terminated|ended|Call [0-9]+ .*released")
    ringing.speak(600)
    assert await call.hears(600)


async def test_linphone_goes_on_speaking_when_the_other_refuses(house: House, annas: Linphone) -> None:
    ben, carl = await house.phone("ben"), await house.phone("carl")
    call = await ben.invite("101")
    await annas.wait_for("Receiving new incoming call|is contacting you")
    await annas.type("answer")
    assert await call.final_status() == 200
    assert await call.hears(700)
    await annas.type(f"transfer {ben.uri('103')}")
    ringing = await carl.rings()
    ringing.reject(486)
    assert await call.hears(700)
    call.hang_up()
