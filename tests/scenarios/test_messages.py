"""Texts from phone to phone, to the home and from it."""

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
