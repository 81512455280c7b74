"""What somebody outside can do in a room or with a mailbox, and what they cannot."""

import asyncio
import base64
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pbx_lite.calls import guessing
from pbx_lite.config import Calling, Room, Secret
from pbx_lite.errors import Unavailable
from pbx_lite.events import CallEnded, CallStarted, DoorOpened, DoorOpenFailed, DoorOpenRequested, RoomJoined
from pbx_lite.features.conference import stay
from tests.support.call_end import Made
from tests.support.conference import TABLE, enters, inside, rooms_of
from tests.support.fake_trunk import FakeTrunk
from tests.support.house import FRONT, House, home_of
from tests.support.lines import trunk_to
from tests.support.pbx import ApiClient
from tests.support.sound_file import wav

PIN, WRONG = "480913", "715602"
ROOM_NUMBER, ANNAS_NUMBER, DOORS_NUMBER = "+49891234800", "+49891234101", "+49891234150"


@asynccontextmanager
async def house_outside(folder: Path, provider: FakeTrunk, **options: Any) -> AsyncIterator[House]:
    """A room and Anna's mailbox can be called from outside, by a block of numbers; there is a door, too."""
    config = home_of(folder, FRONT)
    room = Room(**TABLE | {"pin": Secret(PIN), "quiet": True} | options)
    house = House(
        replace(
            config,
            users=tuple(replace(user, voicemail=user.name == "anna") for user in config.users),
            rooms=(room,),
            trunks=(trunk_to(provider, numbers=(("+49891234*", "*"),)),),
            calling=Calling(route_seconds=0),
        )
    )
    async with house:
        provider.pbx = house.address()
        await provider.registered()
        yield house


async def comes_in(house: House, provider: FakeTrunk, caller: str = "+4930111") -> Made:
    call = await provider.call(ROOM_NUMBER, caller=caller)
    assert await call.final_status() == 200
    await call.press(PIN)
    await house.home.hears(RoomJoined)
    return call


async def test_a_key_of_a_stranger_reaches_no_door(tmp_path, provider):
    async with house_outside(tmp_path, provider, dtmf_passthrough=True) as house:
        door, anna, ben = await house.door(), await house.phone("anna"), await house.phone("ben")
        stranger, listening = await comes_in(house, provider), await enters(house, ben, keys=PIN)
        press = await door.press()
        answered = await anna.rings()
        await answered.answer()
        assert await press.final_status() == 200
        await answered.refer(anna.uri("800"))
        await answered.notified.until(partial(_were_refused, 1))
        with pytest.raises(Unavailable):
            await rooms_of(house).invite("table", "150", None)
        await press.press(PIN + "#1")
        await stranger.press("00#")
        await listening.keys.until(lambda keys: "".join(key for key, _ in keys).endswith("00#"))
        assert len(inside(house)) == 2
        assert not press.keys.entries
        assert not house.home.heard(DoorOpened)
        assert not house.home.heard(DoorOpenRequested)


@pytest.mark.parametrize("caller", ["anna", "101", "anonymous"])
async def test_who_calls_a_door_by_the_name_of_somebody_here_opens_nothing(tmp_path, provider, caller):
    async with house_outside(tmp_path, provider) as house:
        door = await house.door()
        call = await provider.call(DOORS_NUMBER, caller=caller)
        assert await call.final_status() == 200
        assert await call.hears(door.tone)
        await call.press("00#")
        assert "outside" in (await house.home.hears(DoorOpenFailed)).error
        assert not house.home.heard(DoorOpened)
        await call.refer(f"sip:0030222333@{provider.pbx.host}")
        await call.notified.until(partial(_were_refused, 1))
        assert not provider.invites.entries


async def test_somebody_outside_to_whom_a_visitor_is_passed_speaks_and_opens_nothing(tmp_path, provider):
    async with house_outside(tmp_path, provider) as house:
        door, anna = await house.door(), await house.phone("anna")
        await door.press()
        talking = await anna.rings()
        await talking.answer()
        await talking.refer(anna.uri("0030222333"))
        outside = await provider.rings()
        await outside.answer()
        assert await outside.hears(door.tone)
        await outside.press("00#")
        assert "outside" in (await house.home.hears(DoorOpenFailed)).error
        assert not house.home.heard(DoorOpened)


async def test_a_stranger_in_a_room_gives_no_call_to_anybody(tmp_path, provider):
    async with house_outside(tmp_path, provider) as house:
        stranger = await comes_in(house, provider)
        for count, number in enumerate(("0030222333", "101", "*100", "150"), 1):
            await stranger.refer(f"sip:{number}@{provider.pbx.host}")
            await stranger.notified.until(partial(_were_refused, count))
        assert [each["number"] for each in rooms_of(house).state("table")["participants"]] == ["+4930111"]
        assert len(house.home.heard(CallStarted)) == 1
        assert not provider.invites.entries


def _were_refused(count: int, told: list[Any]) -> bool:
    return len([each for each in told if each.request.body.split()[1] >= b"400"]) == count


async def test_who_guesses_from_outside_is_not_listened_to_and_others_come_in(tmp_path, provider, monkeypatch):
    monkeypatch.setattr(guessing, "MOST", 3)
    async with house_outside(tmp_path, provider) as house:
        guesser = await provider.call(ROOM_NUMBER, caller="+4930666")
        assert await guesser.final_status() == 200
        await guesser.press(WRONG * 3)
        await guesser.ended(within=60)
        again = await provider.call(ROOM_NUMBER, caller="+4930666")
        assert await again.final_status() == 200
        await again.press(PIN)
        await again.ended(within=60)
        assert not house.home.heard(RoomJoined)
        await comes_in(house, provider, "+4930777")
        await enters(house, await house.phone("anna"), keys=PIN)


async def test_who_is_invited_outside_comes_by_a_key_and_a_machine_does_not(tmp_path, provider, monkeypatch):
    monkeypatch.setattr(stay, "_ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(stay, "_ASKED", 1)
    async with house_outside(tmp_path, provider) as house:
        anna = house.user("anna")
        calls = []
        for number in ("0030222333", "0030222444"):
            ringing, _ = await asyncio.gather(provider.rings(), rooms_of(house).invite("table", number, anna))
            await ringing.answer()
            calls.append(ringing)
        machine, person = calls
        machine.speak(700)
        await person.press("1")
        joined = await house.home.hears(RoomJoined)
        assert joined.number.endswith("30222444")
        await machine.ended(within=60)
        assert len(house.home.heard(RoomJoined)) == 1


async def test_no_log_and_no_event_tells_a_pin_or_what_was_said(tmp_path, provider, caplog):
    caplog.set_level(logging.DEBUG)
    boxes_pin, new_pin, greeting = "640721", "918273", base64.b64encode(wav(700, 2)).decode()
    async with house_outside(tmp_path, provider) as house:
        client = await ApiClient.connect(house.pbx.api.port, "token")
        await client.command("subscribe")
        await client.command("voicemail/set", user="anna", seconds=1, pin=boxes_pin)
        await client.command("voicemail/set_greeting", user="anna", data=greeting)
        made = await client.command("room/add", display_name="Attic", pin=new_pin)
        assert (await client.command("room/pin", room=made["room"]["name"]))["pin"] == new_pin
        ways = {"anna": "rfc4733", "ben": "info", "carl": "inband"}
        await asyncio.gather(*(_keys_in(house, name, how) for name, how in ways.items()))
        for _ in ways:
            await house.home.hears(RoomJoined, within=60)
        stranger = await provider.call(ANNAS_NUMBER, caller="+4930111")
        assert await stranger.final_status() == 200
        assert await stranger.hears(700)
        await stranger.press("*")
        await stranger.press(f"{WRONG}#{boxes_pin}#")
        await stranger.heard.until(partial(_more_than, len(stranger.heard.entries) + 100))
        stranger.hang_up()
        await house.home.hears(CallEnded)
        await client.close()
        told = [repr(event) for event in house.home.events.entries] + [str(event) for event in client.events]
    assert "A wrong PIN" in caplog.text
    for word in (PIN, WRONG, boxes_pin, new_pin, greeting[60:90]):
        assert word not in caplog.text
        assert not [event for event in told if word in event]
    assert not [event for event in client.events if event["kind"] == "call_dtmf"]


async def _keys_in(house: House, name: str, how: str) -> None:
    """A wrong PIN, then the right one."""
    phone = await house.phone(name, events=how == "rfc4733")
    call = await phone.invite("800")
    assert await call.final_status() == 200
    await call.press(WRONG, how=how)
    await call.press(f"{PIN}#", how=how)


def _more_than(count: int, packets: list[Any]) -> bool:
    return len(packets) > count
