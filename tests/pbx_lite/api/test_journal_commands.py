"""Who reads whose journal."""

from typing import Any

import pytest

from tests.pbx_lite.api.test_call_commands import ADMIN, ADMIN_ANNA, ANNA, BEN, STRANGER, ask
from tests.pbx_lite.api.world import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("actor", "fields", "user"),
    [
        (None, {}, ""),
        (None, {"user": "ben"}, "ben"),
        (ADMIN, {}, ""),
        (ADMIN_ANNA, {}, ""),
        (ADMIN_ANNA, {"user": "ben"}, "ben"),
        (ANNA, {}, "anna"),
        (ANNA, {"user": "anna"}, "anna"),
    ],
)
async def test_people_read_their_own_and_administrators_all(
    world: World, actor: dict[str, Any] | None, fields: dict[str, Any], user: str
) -> None:
    await ask(world, "journal/list", actor, **fields)
    assert [asked["user"] for asked in world.journal.asked] == [user]


@pytest.mark.parametrize(
    ("actor", "question", "keys"),
    [
        (ANNA, "huber", ["+4989123456", "+491701234567"]),
        (ANNA, "oma", ["+4980244711"]),
        (BEN, "oma", []),
        (BEN, "doktor", ["+4989123456"]),
        (None, "oma", []),
        (ANNA, "0170 12", []),
        (ANNA, "nobody", []),
    ],
)
async def test_names_of_the_askers_phonebooks_find_calls_with_their_numbers(
    world: World, actor: dict[str, Any] | None, question: str, keys: list[str]
) -> None:
    await ask(world, "journal/list", actor, number=question)
    assert (world.journal.asked[0]["number"], world.journal.keys) == (question, keys)


@pytest.mark.parametrize(("actor", "fields"), [(BEN, {"user": "anna"}), (STRANGER, {}), (STRANGER, {"user": "anna"})])
async def test_nobody_reads_anothers(world: World, actor: dict[str, Any], fields: dict[str, Any]) -> None:
    assert await ask(world, "journal/list", actor, **fields) == "forbidden"
    assert not world.journal.asked


@pytest.mark.parametrize(
    "fields",
    [
        {"limit": 0},
        {"limit": 501},
        {"before": 0},
        {"before": "x"},
        {"direction": "up"},
        {"outcome": 1},
        {"number": 1},
        {"way": "up"},
    ],
)
async def test_what_makes_no_sense_is_refused(world: World, fields: dict[str, Any]) -> None:
    assert await ask(world, "journal/list", **fields) == "invalid"
