"""Rooms are steered from outside, as Home Assistant does it: over the wire, with phones in the room."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pbx_lite.config import Secret
from pbx_lite.errors import NotFound
from pbx_lite.features.calling import Calling
from tests.support.conference import enters, hears_nothing, hears_only, house_with_room, rooms_of
from tests.support.house import House
from tests.support.pbx import ApiClient
from tests.support.sound_file import wav


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with house_with_room(tmp_path, quiet=True) as house:
        yield house


@pytest.fixture
async def client(house: House) -> AsyncIterator[ApiClient]:
    client = await ApiClient.connect(house.pbx.api.port, "token")
    yield client
    await client.close()


async def test_everything_a_client_does_with_a_room_and_those_in_it(house, client, phone, other_phone, tmp_path):
    snapshot = await client.command("subscribe")
    (room,) = snapshot["rooms"]
    assert (room["name"], room["active"], room["participants"]) == ("table", False, [])
    anna, ben = await enters(house, phone), await enters(house, other_phone)
    anna.speak(600)
    ben.speak(900)
    joined = await client.until("room_joined", name="Ben")
    assert await hears_only(ben, 600)
    await client.command("room/mute", room="table", participant=joined["participant"], muted=True)
    assert await hears_nothing(anna)
    await client.command("room/mute", room="table", participant=joined["participant"], muted=False)
    assert await hears_only(anna, 900)
    await client.command("room/mute_all", room="table", muted=True)
    await client.command("room/mute_all", room="table", muted=False)
    await client.command("room/volume", room="table", participant=joined["participant"], volume=2)
    await client.command("room/lock", room="table", locked=True)
    await client.command("room/record", room="table", on=True)
    await anna.heard.until(lambda _: any((tmp_path / "recordings" / "table").glob("*.part")))
    await client.command("room/drop", room="table", participant=joined["participant"])
    await ben.ended()
    assert (await client.until("room_left", name="Ben"))["reason"] == "removed"
    await client.command("room/record", room="table", on=False)
    recorded = await client.until("room_recorded")
    listed = (await client.command("room/recordings", room="table"))["recordings"]
    assert [each["id"] for each in listed] == [recorded["recording"]]
    sound = await client.command("room/recording", room="table", recording=recorded["recording"])
    assert base64.b64decode(sound["data"]).startswith(b"OggS")
    await client.command("room/forget_recording", room="table", recording=recorded["recording"])
    assert (await client.command("room/recordings", room="table"))["recordings"] == []


async def test_both_of_a_call_are_brought_into_a_room_without_its_pin(tmp_path):
    async with house_with_room(tmp_path, quiet=True, pin=Secret("4711")) as house:
        client = await ApiClient.connect(house.pbx.api.port, "token")
        await client.command("subscribe")
        anna, ben = await house.phone("anna"), await house.phone("ben")
        call = await anna.invite("102")
        ringing = await ben.rings()
        await ringing.answer()
        await call.final_status()
        (the_call,) = house.pbx.switchboard.calls
        for strange, by in (("another", None), (the_call, house.user("carl"))):
            with pytest.raises(NotFound):
                rooms_of(house).expect("table", strange, by)
        await client.command("room/expect", room="table", call=the_call)
        house.pbx.features[Calling].transfer(the_call, "anna", "800")
        await client.until("room_joined", name="Ben")
        await call.ended()
        again = await anna.invite("800")
        assert await again.final_status() == 200
        await client.until("room_joined", name="Anna")
        again.speak(600)
        assert await hears_only(ringing, 600)
        await client.close()


async def test_a_sound_is_played_to_all_who_are_in_a_room(house, client, phone, other_phone, tmp_path):
    file = tmp_path / "gong.wav"
    file.write_bytes(wav(600, 3))
    anna, ben = await enters(house, phone), await enters(house, other_phone)
    await client.command("room/play", room="table", url=file.as_uri())
    assert await hears_only(anna, 600)
    assert await hears_only(ben, 600)


async def test_a_room_made_by_a_client_is_entered_by_its_pin_and_closed_again(house, client, phone):
    made = await client.command("room/add", display_name="Attic")
    extension, pin = made["room"]["extension"], made["pin"]
    assert len(pin) == 6
    call = await enters(house, phone, keys=pin, room=extension)
    await client.command("room/update", room=made["room"]["name"], display_name="Loft")
    await client.command("room/remove", room=made["room"]["name"])
    await call.ended()


async def test_somebody_is_invited_over_the_wire(house, client, phone, other_phone):
    await enters(house, phone)
    asking = asyncio.gather(client.command("room/invite", room="table", number="102"))
    ringing = await other_phone.rings()
    await asking
    await ringing.answer()
    await client.command("subscribe")
    await ringing.press("1")
    await client.until("room_joined", name="Ben")
