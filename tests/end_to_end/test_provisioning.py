"""A real Linphone takes its configuration from the PBX and registers with it."""

from pathlib import Path

import pytest

from pbx_lite.events import AccountRegistered
from pbx_lite.features.provisioning.facts import Server
from pbx_lite.features.provisioning.provisioning import Provisioning
from tests.support.house import FRONT, House, home_of
from tests.support.linphone import Linphone


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_linphone_needs_nothing_but_the_address(tmp_path: Path, transport: str) -> None:
    listen = (f"{transport}://127.0.0.1:0",)
    async with House(home_of(tmp_path / "data", FRONT, listen=listen)) as house:
        provisioning = house.pbx.features[Provisioning]
        # Phones are told of pages on the network alone; here everything is on this machine.
        page = f"http://127.0.0.1:{house.pbx.api.port}"
        ports = {transport: house.address(transport).port}
        provisioning.server = lambda: Server(host="127.0.0.1", ports=ports, page=page)
        url, _ = provisioning.link("anna", "", "linphone")
        phone = Linphone(tmp_path / "linphone", user="101")
        try:
            await phone.start(provisioning=url)
            assert (await house.home.hears(AccountRegistered)).account == "101"
            caller = await house.phone("ben", transport=transport)
            call = await caller.invite("101")
            await phone.wait_for("Receiving new incoming call|is contacting you")
            await phone.type("answer")
            assert await call.final_status() == 200
            call.hang_up()
        finally:
            await phone.stop()
