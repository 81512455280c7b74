"""Two SIP phones of two people, and a door between them."""

from pathlib import Path

import pytest

from tests.support.baresip import Baresip
from tests.support.pbx import ApiClient, PbxProcess
from tests.support.sipp import SippPhone

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_both_phones_ring_and_when_one_answers_the_other_is_told_where(
    pbx: PbxProcess, station: Baresip, logs: Path
) -> None:
    anna = SippPhone(logs / "anna", user="101", password="secret101", server=pbx.server)
    ben = SippPhone(logs / "ben", user="102", password="secret102", server=pbx.server)
    home = await ApiClient.open(pbx)
    await home.command("subscribe")
    try:
        for phone in (anna, ben):
            await phone.register()
        await anna.play("answer")
        await ben.play("ring")
        await station.press_bell()
        await home.until("door_rang", door="front", rings=["anna", "ben"])
        await home.until("door_answered", door="front", by="anna")
        await station.until("CALL_ESTABLISHED")
        await ben.done()
        assert "Call completed elsewhere" in ben.messages()
        await station.hang_up()
        await anna.done()
        await home.until("door_ended", door="front")
    finally:
        await home.close()
        for phone in (anna, ben):
            await phone.stop()
