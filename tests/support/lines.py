"""A house with lines to providers that the test plays by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from pbx_lite.config import Calling, Secret, Team, Trunk
from pbx_lite.events import TrunkChanged
from pbx_lite.features.trunks.trunks import Trunks
from tests.support.call_end import Received
from tests.support.fake_trunk import FakeTrunk
from tests.support.house import House, home_of

NUMBERS = (("+4989123450", "anna"), ("+4989123451", "ben"), ("+498912346*", "*"), ("+4989123459", "everybody"))


def trunk_to(provider: FakeTrunk, **fields: Any) -> Trunk:
    usual: dict[str, Any] = {
        "name": "line",
        "display_name": "Line",
        "registrar": provider.registrar,
        "username": provider.username,
        "password": Secret(provider.secret),
        "numbers": NUMBERS,
        "caller_number": "+4989123459",
        "area": "89",
    }
    return Trunk(**usual | fields)


@asynccontextmanager
async def house_with(
    folder: Path,
    *trunks: Trunk,
    calling: Calling | None = None,
    dial: tuple[str, ...] | None = None,
    nameserver: str = "",
) -> AsyncIterator[House]:
    config = home_of(folder)
    roles = tuple(role if dial is None else replace(role, dial=dial) for role in config.roles)
    everybody = Team(name="everybody", display_name="Everybody", extension="199", members=("*",))
    rules = calling or Calling(route_seconds=0)
    sip = replace(config.sip, nameserver=nameserver)
    async with House(replace(config, sip=sip, trunks=trunks, calling=rules, roles=roles, teams=(everybody,))) as house:
        yield house


async def lined_house(folder: Path, provider: FakeTrunk) -> AsyncIterator[House]:
    """For fixtures: a house with one line, which is registered."""
    async with house_with(folder, trunk_to(provider)) as house:
        provider.pbx = house.address()
        await provider.registered()
        await house.home.hears(TrunkChanged)
        yield house


def state(house: House, name: str = "line") -> dict[str, Any]:
    return next(each for each in house.pbx.features[Trunks].states() if each["name"] == name)


def said(call: Received, header: str) -> str:
    return call.header(header) or ""


async def until(house: House, wanted: str, name: str = "line") -> None:
    while state(house, name)["state"] != wanted:
        await house.home.hears(TrunkChanged)
