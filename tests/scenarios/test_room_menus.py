"""What people do with keys in a room, on real phones."""

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from pbx_lite.config import Secret
from pbx_lite.errors import MediaError
from pbx_lite.events import RoomChanged, RoomJoined, RoomLeft
from tests.support.conference import (
    enters,
    hears_music,
    hears_nothing,
    hears_only,
    house_with_room,
    inside,
    rooms_of,
)
from tests.support.house import House


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with house_with_room(tmp_path, quiet=True, admin_pin=Secret("9999")) as house:
        yield house


async def changes(house: House, **wanted: object) -> None:
    """Until the room is in this state."""
    while True:
        state = rooms_of(house).state("table")
        if all(state[name] == value for name, value in wanted.items()):
            return
        await house.home.hears(RoomChanged)


async def test_leaders_lock_and_open_the_room(house, phone, other_phone):
    leader = await enters(house, phone, keys="9999")
    await leader.press("*2")
    await changes(house, locked=True)
    refused = await other_phone.invite("800")
    assert await refused.final_status() == 200
    await refused.press("#")
    await refused.ended()
    await leader.press("*2")
    await changes(house, locked=False)
    await enters(house, other_phone, keys="#")
    assert inside(house) == ["Anna", "Ben"]


async def test_leaders_mute_all_and_remove_the_last(house, phone, other_phone):
    leader, ben = await enters(house, phone, keys="9999"), await enters(house, other_phone, keys="#")
    ben.speak(600)
    assert await leader.hears(600)
    await leader.press("*5")
    assert await hears_nothing(leader)
    await ben.press("*1")  # in vain
    await changes(house, muted=True)
    assert rooms_of(house).state("table")["participants"][1]["muted"]
    await leader.press("*3")
    await ben.ended()
    assert (await house.home.hears(RoomLeft)).reason == "removed"
    assert await hears_music(leader)


async def test_whoever_leaves_by_a_key_is_hung_up_on(house, phone):
    call = await enters(house, phone, keys="#")
    with suppress(MediaError):  # the last key need not have ended before the call has
        await call.press("*8")
    await call.ended()
    assert inside(house) == []


async def test_keys_of_a_phone_without_events_are_a_menu_too(house, phone):
    other = await house.phone("ben", events=False)
    anna, ben = await enters(house, phone, keys="#"), await other.invite("800")
    assert await ben.final_status() == 200
    await ben.press("#", how="inband")
    await house.home.hears(RoomJoined)
    await ben.press("*1", how="inband")
    await changes(house)
    await house.home.hears(RoomChanged, lambda _: rooms_of(house).state("table")["participants"][1]["muted"])
    ben.speak(600)
    assert await hears_nothing(anna)


async def test_keys_are_passed_on_where_the_room_wants_that(tmp_path):
    async with house_with_room(tmp_path, quiet=True, dtmf_passthrough=True) as house:
        anna, ben = await enters(house, await house.phone("anna")), await enters(house, await house.phone("ben"))
        await anna.press("*8")
        assert await ben.pressed("*8")
        assert inside(house) == ["Anna", "Ben"]


async def test_those_who_wait_for_a_leader_hear_music_and_nothing_of_each_other(tmp_path):
    async with house_with_room(tmp_path, quiet=True, admin_pin=Secret("9999"), wait_marked=True) as house:
        anna = await enters(house, await house.phone("anna"), keys="#")
        ben = await enters(house, await house.phone("ben"), keys="#")
        ben.speak(600)
        assert await hears_music(anna)
        leader = await enters(house, await house.phone("carl"), keys="9999")
        leader.speak(900)
        assert await hears_only(anna, 600, 900)
        leader.hang_up()
        assert await hears_music(anna)


async def test_all_go_with_the_last_leader(tmp_path):
    async with house_with_room(tmp_path, quiet=True, admin_pin=Secret("9999"), end_marked=True) as house:
        anna = await enters(house, await house.phone("anna"), keys="#")
        leader = await enters(house, await house.phone("carl"), keys="9999")
        leader.hang_up()
        await anna.ended()
        assert inside(house) == []
