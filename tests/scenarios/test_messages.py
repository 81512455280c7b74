"""Texts from phone to phone, to the home and from it; calls to one phone of somebody."""

import pytest

from pbx_lite.errors import Unavailable
from pbx_lite.events import MessageReceived
from pbx_lite.features.messages import Messages
from tests.support.house import Home, House
from tests.support.watcher import Watcher

TEXT = ("Content-Type", "text/plain")


async def test_anna_writes_to_ben_and_the_home_hears_of_it(house: House, home: Home) -> None:
    async with (
        Watcher(house.address(), "101", "secret101") as anna,
        Watcher(house.address(), "102", "secret102") as ben,
    ):
        assert (await anna.send("MESSAGE", "102", TEXT, body=b"Coming home?")).status == 200
        text = await ben.reads("Coming home?")
        assert text.from_.display_name == "Anna"
        heard = await home.hears(MessageReceived)
        assert (heard.sender_user, heard.to, heard.text) == ("anna", "ben", "Coming home?")
        assert (await ben.send("MESSAGE", "home", TEXT, body=b"Lights on")).status == 200
        assert (await home.hears(MessageReceived)).to == "home"
        assert (await ben.send("MESSAGE", "103", TEXT, body=b"Anybody?")).status == 480
        assert (await ben.send("MESSAGE", "999", TEXT, body=b"Anybody?")).status == 404


async def test_the_home_writes_to_a_phone(house: House) -> None:
    messages = house.pbx.features[Messages]
    async with Watcher(house.address(), "101", "secret101") as anna:
        await messages.send("", "anna", "Dinner is ready")
        assert (await anna.reads("Dinner is ready")).from_.uri.startswith("sip:home@")
    with pytest.raises(Unavailable):
        await messages.send("", "ben", "Anybody?")


async def test_a_call_to_one_phones_own_address_rings_that_phone_alone(house: House) -> None:
    caller = await house.phone("ben")
    async with (
        Watcher(house.address(), "101", "secret101", registers=False) as desk,
        Watcher(house.address(), "101", "secret101") as other,
    ):
        answer = await desk.send(
            "REGISTER",
            "101",
            ("Contact", f'<sip:101@127.0.0.1:{desk.address.port}>;+sip.instance="<urn:uuid:7>"'),
            ("Supported", "gruu"),
        )
        gruu = next(value for contact in answer.contacts if (value := contact.param("pub-gruu")))
        assert ";gr=urn:uuid:7" in gruu
        call = await caller.invite(gruu)
        await (await desk.rings()).answer()
        assert await call.final_status() == 200
        assert other.calls.entries == []
        gone = await caller.invite(gruu.replace("uuid:7", "uuid:8"))
        assert await gone.final_status() == 480
