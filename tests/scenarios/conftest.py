from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.fake_door import FakeDoor
from tests.support.fake_phone import FakePhone
from tests.support.fake_trunk import FakeTrunk
from tests.support.house import FRONT, Home, House, house_of


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async for house in house_of(tmp_path, FRONT):
        yield house


@pytest.fixture
def home(house: House) -> Home:
    return house.home


@pytest.fixture
async def door(house: House) -> FakeDoor:
    return await house.door()


@pytest.fixture
async def phone(house: House) -> FakePhone:
    """Anna's."""
    return await house.phone("anna")


@pytest.fixture
async def other_phone(house: House) -> FakePhone:
    """Ben's."""
    return await house.phone("ben")


@pytest.fixture
async def provider() -> AsyncIterator[FakeTrunk]:
    """A telephone provider, for houses with a line to it."""
    async with FakeTrunk() as provider:
        yield provider
