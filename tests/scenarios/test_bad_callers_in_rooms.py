"""Callers who send what makes no sense, and PINs that stop in the middle: nobody else is the worse for it."""

import random
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

from pbx_lite.config import Secret
from pbx_lite.events import RoomJoined, RoomLeft
from pbx_lite.features.conference import entrance
from tests.scenarios.test_rooms import Raw
from tests.support.conference import enters, hears_only, house_with_room, inside
from tests.support.house import House
from tests.support.tone import encode, sine

_random = random.Random(4)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with house_with_room(tmp_path, quiet=True) as house:
        yield house


def _noise(size: int) -> bytes:
    return _random.randbytes(size)


def _twice_as_fast(size: int) -> bytes:
    """G.711 at 16 kHz, announced as 8."""
    return encode(sine(600, milliseconds=1000))[: size * 2]


def _linear(size: int) -> bytes:
    """16 kHz and 16 bits, announced as G.711."""
    return sine(600, milliseconds=1000).tobytes()[: size * 4]


@pytest.mark.parametrize("sends", [_noise, _twice_as_fast, _linear])
async def test_what_one_sends_does_not_spoil_what_they_hear_nor_what_comes_after(
    house: House, sends: Callable[[int], bytes]
) -> None:
    anna, ben = await enters(house, await house.phone("anna")), await enters(house, await house.phone("ben"))
    third = await enters(house, await house.phone("carl"))
    ben.speak(900)
    talker = Raw(anna, 20)
    talker.payload = sends
    talker.start()
    await third.heard.until(partial(_more_than, len(third.heard.entries) + 100))
    anna.heard.entries.clear()
    assert await hears_only(anna, 900)
    assert len(inside(house)) == 3
    talker.stop()
    anna.hang_up()
    await house.home.hears(RoomLeft)
    third.heard.entries.clear()
    assert await hears_only(third, 900)


async def test_half_a_pin_is_wrong_and_the_whole_one_opens_after_it(tmp_path, monkeypatch):
    monkeypatch.setattr(entrance, "NEXT_KEY", 1.0)
    async with house_with_room(tmp_path, quiet=True, pin=Secret("480913")) as house:
        call = await (await house.phone("anna")).invite("800")
        assert await call.final_status() == 200
        await call.press("480")
        await call.heard.until(partial(_more_than, len(call.heard.entries) + 100))
        assert not house.home.heard(RoomJoined)
        await call.press("*480913#")
        assert (await house.home.hears(RoomJoined)).user == "anna"


def _more_than(count: int, packets: list[object]) -> bool:
    return len(packets) > count
