"""Who may do what with calls: those who are in them their own, administrators and the system all."""

import asyncio
import json
from typing import Any

import pytest

from tests.pbx_lite.api.world import World

ANNA, BEN = {"ha_user": "ha-anna"}, {"ha_user": "ha-ben"}
STRANGER = {"ha_user": "ha-x"}
ADMIN, ADMIN_ANNA = {"ha_user": "ha-x", "admin": True}, {"ha_user": "ha-anna", "admin": True}
STEERING: list[tuple[str, dict[str, Any]]] = [
    ("hang_up", {}),
    ("hold", {}),
    ("resume", {}),
    ("send_dtmf", {"digits": "1"}),
    ("transfer", {"number": "103"}),
    ("remove", {"number": "102"}),
]


async def ask(world: World, kind: str, actor: dict[str, Any] | None = None, **fields: Any) -> Any:
    """The result, or the code of the refusal."""
    connection, socket = world.client()
    frame = {"id": 2, "type": kind, **fields, **({"as": actor} if actor else {})}
    connection.received(json.dumps(frame))
    for _ in range(10):
        await asyncio.sleep(0)
    (answer,) = socket.take()
    return answer["result"] if answer["success"] else answer["error"]["code"]


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(("what", "fields"), STEERING)
async def test_who_is_in_a_call_steers_it(world: World, what: str, fields: dict[str, Any]) -> None:
    assert await ask(world, f"call/{what}", ANNA, call="c2", **fields) == {}
    name, call, user, *_ = world.calls.asked[0]
    assert (name, call, user) == (what, "c2", "anna")


@pytest.mark.parametrize(("what", "fields"), STEERING)
async def test_a_call_of_others_does_not_exist(world: World, what: str, fields: dict[str, Any]) -> None:
    assert await ask(world, f"call/{what}", BEN, call="c1", **fields) == "not_found"
    assert await ask(world, f"call/{what}", ANNA, call="c3", **fields) == "not_found"
    assert not world.calls.asked


@pytest.mark.parametrize(("what", "fields"), STEERING)
async def test_nobody_acts_for_others(world: World, what: str, fields: dict[str, Any]) -> None:
    assert await ask(world, f"call/{what}", BEN, call="c2", user="anna", **fields) == "forbidden"
    assert await ask(world, f"call/{what}", STRANGER, call="c2", **fields) == "forbidden"


@pytest.mark.parametrize("actor", [None, ADMIN, ADMIN_ANNA])
async def test_administrators_and_the_system_steer_every_call(world: World, actor: dict[str, Any] | None) -> None:
    assert await ask(world, "call/hang_up", actor, call="c2", user="ben") == {}
    assert world.calls.asked == [("hang_up", "c2", "ben")]
    assert await ask(world, "call/hang_up", actor, call="c9") == "not_found"


async def test_for_whom_an_administrator_asks_is_themselves_unless_they_say(world: World) -> None:
    await ask(world, "call/hang_up", ADMIN, call="c2")
    await ask(world, "call/hang_up", ADMIN_ANNA, call="c2")
    await ask(world, "call/hang_up", call="c2")
    assert [user for _, _, user in world.calls.asked] == ["", "anna", ""]


async def test_who_is_rung_may_answer_and_decline(world: World) -> None:
    await world.directory.link("ha-carla", "Carla", "carla")
    carla = {"ha_user": "ha-carla"}
    assert await ask(world, "call/answer", carla, call="c3") == {}
    assert await ask(world, "call/hang_up", carla, call="c3") == {}
    assert world.calls.asked == [("answer", "c3", "carla"), ("hang_up", "c3", "carla")]


async def test_who_joins_two_calls_is_in_both(world: World) -> None:
    assert await ask(world, "call/transfer", ANNA, call="c1", to_call="c2") == {}
    assert await ask(world, "call/conference", ANNA, call="c1", other="c2") == {}
    assert world.calls.asked == [("connect", "c1", "anna", "c2"), ("conference", "c1", "anna", "c2")]
    assert await ask(world, "call/transfer", BEN, call="c2", to_call="c1") == "forbidden"
    assert await ask(world, "call/conference", BEN, call="c2", other="c1") == "forbidden"
    assert await ask(world, "call/transfer", ADMIN, call="c2", to_call="c1", user="ben") == {}


async def test_dialling_for_others_is_for_those_who_may_all(world: World) -> None:
    assert await ask(world, "call/dial", ANNA, number="102") == {"call": "c4"}
    assert await ask(world, "call/dial", ADMIN, number="102", user="ben", device="phone") == {"call": "c4"}
    assert world.calls.asked == [("dial", "anna", "102", "", False), ("dial", "ben", "102", "phone", False)]
    assert await ask(world, "call/dial", BEN, number="102", user="anna") == "forbidden"
    assert await ask(world, "call/dial", ADMIN, number="102") == "invalid"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"digits": ""}, "invalid"),
        ({"digits": "1" * 33}, "invalid"),
        ({"digits": "12 3"}, "invalid"),
        ({"digits": "1\n"}, "invalid"),
        ({"digits": 12}, "invalid"),
        ({"digits": "1a"}, {}),
    ],
)
async def test_only_keys_are_pressed(world: World, fields: dict[str, Any], code: object) -> None:
    assert await ask(world, "call/send_dtmf", ANNA, call="c2", **fields) == code
    assert world.calls.asked == ([("send_dtmf", "c2", "anna", "1A")] if code == {} else [])


@pytest.mark.parametrize("targets", [[], [""], ["x" * 65], ["102"] * 201, "102", [102]])
async def test_an_announcement_has_some_targets(world: World, targets: object) -> None:
    assert await ask(world, "call/announce", targets=targets, url="http://home/a.mp3") == "invalid"


async def test_people_hear_nothing_of_the_calls_of_others(world: World) -> None:
    async def listed(actor: dict[str, Any] | None) -> list[str]:
        return [call["id"] for call in (await ask(world, "call/list", actor))["calls"]]

    assert await listed(None) == await listed(ADMIN) == ["c1", "c2", "c3"]
    assert await listed(ANNA) == ["c1", "c2"]
    assert await listed(BEN) == ["c2"]
    assert await ask(world, "call/list", STRANGER) == "forbidden"
