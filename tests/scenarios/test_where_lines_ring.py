"""Where the calls of a line go, as an administrator says while the PBX runs."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pbx_lite.config import Calling, Room, Secret, Team
from pbx_lite.errors import Conflict, Invalid
from pbx_lite.events import CallEnded, CallRinging, CallStarted, TrunkChanged
from tests.support.fake_trunk import FakeTrunk
from tests.support.house import House, home_of
from tests.support.lines import trunk_to

LINE = "line"
OTHERS = "+4989777"


@pytest.fixture
async def house(tmp_path: Path, provider: FakeTrunk) -> AsyncIterator[House]:
    config = home_of(tmp_path)
    users = tuple(replace(user, voicemail=user.name == "carl") for user in config.users)
    teams = (
        Team(name="everybody", display_name="Everybody", extension="199", members=("*",)),
        Team(name="upstairs", display_name="Upstairs", extension="198", members=("anna", "guest")),
    )
    trunk = trunk_to(provider, numbers=(("+4989123459", "ben"),), default="everybody", caller_number="")
    rooms = (Room(name="table", display_name="Table", extension="800", pin=Secret("")),)
    config = replace(config, users=users, trunks=(trunk,), teams=teams, rooms=rooms, calling=Calling(route_seconds=0))
    async with House(config) as house:
        await _registered(house, provider)
        yield house


async def _registered(house: House, provider: FakeTrunk) -> None:
    provider.pbx = house.address()
    await provider.registered()
    await house.home.hears(TrunkChanged)


async def test_who_rings_holds_from_the_next_call_on_and_after_a_restart(house: House, provider: FakeTrunk):
    phones = {name: await house.phone(name) for name in ("anna", "ben", "guest")}

    async def ring(called: str, *names: str) -> None:
        call = await provider.call(called)
        started = await house.home.hears(CallStarted)
        for name in names:
            await phones[name].rings()
        call.hang_up()
        await house.home.hears(CallEnded, lambda event: event.call == started.call)
        rung = house.home.heard(CallRinging)
        assert {each.user for each in rung if isinstance(each, CallRinging) and each.call == started.call} == {*names}

    directory = house.pbx.exchange.directory
    await ring(OTHERS, "anna", "ben", "guest")
    seen = directory.revisions.of(directory.arrivals_of(LINE))
    wanted: list[dict[str, Any]] = [
        {"rings": ["anna", "guest"]},
        {"number": "+49 89 12345 0", "rings": ["ben"]},
        {"number": "+4989123451", "rings": ["upstairs", "ben"]},
        {"number": "+4989123459", "rings": ["anna"]},
    ]
    await directory.set_arrivals(LINE, wanted, revision=seen)
    await ring(OTHERS, "anna", "guest")
    await ring("+4989123450", "ben")
    await ring("+4989123451", "anna", "ben", "guest")
    await ring("+4989123459", "ben")  # What the file says of a number stands.
    with pytest.raises(Conflict, match="somebody else"):
        await directory.set_arrivals(LINE, [], revision=seen)

    await house.restart()
    await _registered(house, provider)
    await house.pbx.exchange.directory.add_user({"name": "dora"})
    await house.pbx.exchange.directory.set_arrivals(LINE, [{"rings": ["guest", "dora"]}])
    await ring(OTHERS, "guest")
    await house.pbx.exchange.directory.remove_user("dora")
    assert [each.rings for each in house.pbx.exchange.directory.arrivals_of(LINE)] == [("guest",)]


async def test_a_mailbox_takes_calls_alone_and_after_those_who_do_not_answer(house: House, provider: FakeTrunk):
    directory = house.pbx.exchange.directory
    await directory.set_arrivals(
        LINE, [{"mailbox": "carl"}, {"number": "08912345-0", "rings": ["*"], "mailbox": "carl"}]
    )
    assert await (await provider.call(OTHERS)).final_status() == 200
    anna, ben = await house.phone("anna"), await house.phone("ben")
    call = await provider.call("+4989123450")
    for phone in (anna, ben):
        ringing = await phone.rings()
        ringing.reject(486)
    assert await call.final_status() == 200


async def test_a_room_takes_calls_and_nobody_rings_with_it(house: House, provider: FakeTrunk):
    directory = house.pbx.exchange.directory
    await directory.set_arrivals(LINE, [{"rings": ["table"]}])
    assert await (await provider.call(OTHERS)).final_status() == 200
    refused: tuple[list[dict[str, Any]], ...] = (
        [{"rings": ["table", "anna"]}],
        [{"rings": ["table"], "mailbox": "carl"}],
        [{"rings": ["nobody"]}],
        [{"number": "+491"}],
        [{"rings": ["anna"]}, {"rings": ["ben"]}],
        [{"number": "no number", "rings": ["anna"]}],
    )
    for wrong in refused:
        with pytest.raises(Invalid):
            await directory.set_arrivals(LINE, wrong)
