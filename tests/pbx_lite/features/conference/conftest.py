import pytest

from tests.pbx_lite.features.conference.houses import House


@pytest.fixture
async def open_house(tmp_path):
    houses: list[House] = []

    def make(**options) -> House:
        houses.append(House(tmp_path, **options))
        return houses[-1]

    yield make
    for house in houses:
        await house.close()
