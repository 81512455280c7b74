"""Who reads and changes which phonebook."""

import json
from typing import Any

import pytest

from pbx_lite.api import phonebook_schema
from tests.pbx_lite.api.test_call_commands import ADMIN, ADMIN_ANNA, ANNA, BEN, STRANGER, ask
from tests.pbx_lite.api.world import World

EVE = {"first": "Eve"}


@pytest.fixture
def world() -> World:
    return World()


async def ids(world: World, actor: dict[str, Any] | None) -> list[int]:
    return [contact["id"] for contact in (await ask(world, "phonebook/list", actor))["contacts"]]


async def test_everybody_reads_the_companys_book_and_their_own(world: World) -> None:
    for actor, seen in ((None, [1, 2]), (ADMIN, [1, 2]), (ANNA, [1, 2, 3]), (ADMIN_ANNA, [1, 2, 3]), (BEN, [1, 2, 4])):
        assert await ids(world, actor) == seen
    assert await ask(world, "phonebook/list", STRANGER) == "forbidden"
    assert await ask(world, "phonebook/names", STRANGER, numbers=["1"]) == "forbidden"
    assert await ask(world, "phonebook/export", STRANGER, book="company", format="csv") == "forbidden"


@pytest.mark.parametrize("actor", [ANNA, BEN, STRANGER])
async def test_the_companys_book_is_changed_by_who_may(world: World, actor: dict[str, Any]) -> None:
    file = {"format": "csv", "data": "Name,Phone\nA,1\n"}
    assert await ask(world, "phonebook/add", actor, book="company", **EVE) == "forbidden"
    assert await ask(world, "phonebook/import", actor, book="company", **file) == "forbidden"
    assert await ask(world, "phonebook/update", actor, contact=1, revision=3, **EVE) == "forbidden"
    assert await ask(world, "phonebook/remove", actor, contact=1) == "forbidden"
    assert await ids(world, None) == [1, 2]


@pytest.mark.parametrize("actor", [None, ADMIN, ADMIN_ANNA])
async def test_administrators_and_the_system_change_it(world: World, actor: dict[str, Any] | None) -> None:
    assert (await ask(world, "phonebook/add", actor, book="company", **EVE))["contact"]["id"] == 5
    assert (await ask(world, "phonebook/update", actor, contact=1, revision=3, **EVE))["contact"]["revision"] == 4
    assert await ask(world, "phonebook/remove", actor, contact=2) == {}
    assert await ids(world, None) == [1, 5]


async def test_a_role_lets_people_change_it_and_they_are_told_so(world: World) -> None:
    await world.directory.save_role("secretary", {"phonebook": True})
    await world.directory.update_user("carla", {"roles": ["secretary"]})
    await world.directory.link("ha-carla", "Carla", "carla")
    carla = {"ha_user": "ha-carla"}
    assert (await ask(world, "phonebook/add", carla, book="company", **EVE))["contact"]["book"] == "company"
    rights = [(await ask(world, "user/rights", actor))["phonebook"] for actor in (carla, ANNA, ADMIN, None, STRANGER)]
    assert rights == [True, False, True, True, False]


@pytest.mark.parametrize("actor", [None, ADMIN, BEN, ADMIN_ANNA])
async def test_the_own_book_of_another_does_not_exist(world: World, actor: dict[str, Any] | None) -> None:
    foreign = 4 if actor is ADMIN_ANNA else 3
    assert await ask(world, "phonebook/update", actor, contact=foreign, revision=1, **EVE) == "not_found"
    assert await ask(world, "phonebook/remove", actor, contact=foreign) == "not_found"


@pytest.mark.parametrize("actor", [None, ADMIN])
async def test_who_is_nobody_here_has_no_book(world: World, actor: dict[str, Any] | None) -> None:
    assert await ask(world, "phonebook/add", actor, book="private", **EVE) == "invalid"
    assert await ask(world, "phonebook/export", actor, book="private", format="csv") == "invalid"


async def test_a_contact_moves_between_the_books_of_who_may_change_both(world: World) -> None:
    assert await ask(world, "phonebook/update", ANNA, contact=3, revision=1, book="company") == "forbidden"
    assert await ask(world, "phonebook/update", ANNA, contact=1, revision=3, book="private") == "forbidden"
    moved = await ask(world, "phonebook/update", ADMIN_ANNA, contact=3, revision=1, book="company")
    assert (moved["contact"]["book"], moved["contact"]["name"]) == ("company", "Oma")
    assert await ids(world, BEN) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("add", {"book": "secret", **EVE}),
        ("add", {"book": "private", "first": "x" * 201}),
        ("add", {"book": "private", "note": "x" * 2001, **EVE}),
        ("add", {"book": "private", "numbers": [{"number": "1"}] * 11}),
        ("add", {"book": "private", "numbers": [{"number": "1", "label": "boat"}]}),
        ("add", {"book": "private", "numbers": [{"number": "x"}]}),
        ("add", {"book": "private", "owner": "ben", **EVE}),
        ("update", {"contact": 3, **EVE}),
        ("update", {"contact": 3, "revision": 0, **EVE}),
        ("list", {"limit": 1001}),
        ("list", {"after": -1}),
        ("names", {"numbers": ["1"] * 201}),
        ("names", {"numbers": ["1" * 129]}),
        ("import", {"book": "private", "format": "pdf", "data": "x"}),
        ("import", {"book": "private", "format": "csv", "data": "x" * (phonebook_schema.FILE_LIMIT + 1)}),
        ("import", {"book": "private", "format": "csv", "data": "!", "encoding": "base64"}),
        ("export", {"book": "private", "format": "fritzbox"}),
    ],
)
async def test_what_makes_no_sense_is_refused(world: World, kind: str, fields: dict[str, Any]) -> None:
    assert await ask(world, f"phonebook/{kind}", ANNA, **fields) == "invalid"


async def test_a_file_may_come_as_it_is(world: World) -> None:
    connection, socket = world.client()
    data = "TmFtZTtUZWxlZm9uCkr2cmc7MQo="  # Jörg in Windows-1252
    fields = {"book": "private", "format": "csv", "encoding": "base64", "data": data}
    connection.received(json.dumps({"id": 2, "type": "phonebook/import", **fields, "as": ANNA}))
    await socket.has(1)
    assert socket.take()[0]["result"]["added"] == 1
    assert world.phonebook.name_of("1", "anna") == "Jörg"


async def test_a_number_that_stands_in_a_phonebook_is_dialled_in_international_form(world: World) -> None:
    dialled = ("(08024) 47 11", "0043 1 5550123", "089 999", "102")
    for number in dialled:
        await ask(world, "call/dial", ANNA, number=number)
        await ask(world, "call/dial", BEN, number=number)
    asked = [(user, number) for _, user, number, *_ in world.calls.asked]
    assert asked[::2] == [("anna", number) for number in ("+4980244711", "+4315550123", "089 999", "102")]
    assert asked[1::2] == [("ben", number) for number in ("(08024) 47 11", "+4315550123", "089 999", "102")]


async def test_the_journal_and_messages_have_the_readers_own_names(world: World) -> None:
    book = {"last": "Doc", "numbers": [{"number": "+4989123456"}]}
    await ask(world, "phonebook/add", ANNA, book="private", **book)
    entries = (await ask(world, "journal/list", ADMIN_ANNA))["entries"]
    assert {entry["caller_name"] for entry in entries if entry["caller"] == "+4989123456"} == {"Doc"}
    entries = (await ask(world, "journal/list", None, user="anna"))["entries"]
    assert {entry["caller_name"] for entry in entries if entry["caller"] == "+4989123456"} == {"Dr. Huber"}
    world = World(rooms=True)
    await ask(world, "phonebook/add", ANNA, book="private", **book)
    assert (await ask(world, "voicemail/list", ANNA))["messages"][0]["caller_name"] == "Doc"
    assert (await ask(world, "voicemail/list", None, box="anna"))["messages"][0]["caller_name"] == "Dr. Huber"
