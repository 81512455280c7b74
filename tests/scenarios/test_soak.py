"""Random calls for a while: nothing of them is left.  `script/soak` does the same for longer."""

import logging

import pytest

from tests.support.house import House
from tests.support.soak import Soak, census


async def test_after_many_random_calls_nothing_of_them_is_left(house: House, caplog: pytest.LogCaptureFixture) -> None:
    before = census(house)
    soak = Soak(house, seed=20261121)
    await soak.run(6, callers=10, answers=12)
    after = census(house)
    assert after == before, soak.done
    faults = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert not faults, faults[:3]
