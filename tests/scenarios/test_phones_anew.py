"""Desk phones are told to start anew."""

import pytest

from pbx_lite.errors import NotFound, Unavailable
from pbx_lite.features.provisioning.provisioning import Provisioning
from tests.support.house import House
from tests.support.watcher import Watcher


async def test_a_phone_starts_anew_when_an_administrator_says_so(house: House) -> None:
    provisioning = house.pbx.features[Provisioning]
    async with Watcher(house.address(), "101", "secret101") as anna:
        await provisioning.restart("anna", "")
        notify = await anna.told.next()
        assert notify.headers.get("event") == "check-sync;reboot=true"
        assert notify.headers.get("subscription-state") == "terminated;reason=noresource"
        assert notify.body == b""
    with pytest.raises(NotFound):
        await provisioning.restart("anna", "attic")


async def test_a_phone_that_cannot_or_is_not_there_is_said_to_be_so(house: House) -> None:
    provisioning = house.pbx.features[Provisioning]
    with pytest.raises(Unavailable, match="not registered"):
        await provisioning.restart("ben", "")
    await house.phone("ben")  # answers 405 to what it does not know
    with pytest.raises(Unavailable, match="405"):
        await provisioning.restart("ben", "")
