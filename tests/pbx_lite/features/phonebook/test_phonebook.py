"""The books as a feature: kept, told, and asked for names."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.config import Config, Role, User
from pbx_lite.directory import Directory
from pbx_lite.errors import Conflict, Invalid, NotFound
from pbx_lite.events import DirectoryChanged, Event, EventBus, PhonebookChanged
from pbx_lite.features.phonebook import merging, phonebook
from pbx_lite.features.phonebook.contact import one_line, some_lines
from pbx_lite.features.phonebook.phonebook import COMPANY, Phonebook
from pbx_lite.features.phonebook.turns import TURN
from pbx_lite.features.trunks.numbers import key_of
from pbx_lite.store.database import Database
from pbx_lite.store.phonebook import ContactTable
from pbx_lite.tasks import spawn
from tests.pbx_lite.features.phonebook.test_fritzbox import SAVED

CARDS = "".join(
    f"BEGIN:VCARD\nN:Berger;{name};;;\nTEL:{number}\nEND:VCARD\n"
    for name, number in (("Anna", "089 1"), ("Ben", "+49 89 2"), ("Anna", "0049/89/1"), ("Anna", "089 3"))
)


class World:
    def __init__(self, folder: Path) -> None:
        self.bus = EventBus()
        self.told: list[PhonebookChanged] = []
        self.bus.listen(self._hear, PhonebookChanged)
        people = (("anna", "101"), ("ben", "102"))
        users = tuple(User(name=name, display_name=name, extension=extension) for name, extension in people)
        self.directory = Directory(
            Config(users=users, roles=(Role(name="family"),)), on_change=lambda: self.bus.publish(DirectoryChanged())
        )
        self.database = Database.open(folder)
        self.book = self.begin()

    def begin(self, **options: Any) -> Phonebook:
        given = {"written": lambda number: key_of(number, country="49"), **options}
        return Phonebook(store=ContactTable(self.database), directory=self.directory, bus=self.bus, **given)

    async def has(self, owner: str, first: str, *numbers: str) -> int:
        fields = {"first": first, "numbers": [{"label": "home", "number": number} for number in numbers]}
        contact: int = (await self.book.add(owner, fields))["id"]
        return contact

    async def names(self, user: str = COMPANY) -> list[str]:
        return [contact["name"] for contact in (await self.book.contacts(user))[0]]

    def _hear(self, event: Event) -> None:
        assert isinstance(event, PhonebookChanged)
        self.told.append(event)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path)
    yield world
    await world.book.close()
    await world.database.close()


@given(st.text(max_size=20))
def test_what_is_tidy_stays_as_it_is(text: str) -> None:
    line, note = one_line(text), some_lines(text)
    assert (one_line(line), some_lines(note)) == (line, note)
    assert one_line("0 \0 0\t\u202a1") == "0 0 1"


# Names


async def test_a_number_is_known_however_it_is_written(world: World) -> None:
    await world.has(COMPANY, "Eva", "(089) 12 34-5", "+43 1 555")
    for number in ("+4989123 45", "0049 89 12345", "089/12345", "+49 (0)89 12345", "0043-1-555"):
        assert world.book.name_of(number) == "Eva"
    assert world.book.name_of("+498912346") == world.book.name_of("") == world.book.name_of("anonymous") == ""


async def test_an_own_name_wins_for_its_owner_alone(world: World) -> None:
    await world.has(COMPANY, "Frau Berger", "089 1")
    await world.has("anna", "Mama", "+49891")
    assert [world.book.name_of("0891", user) for user in ("", "anna", "ben")] == ["Frau Berger", "Mama", "Frau Berger"]
    assert [world.book.own_name_of("0891", user) for user in ("", "anna", "ben")] == ["", "Mama", ""]


async def test_what_is_written_down_is_dialled_over_any_line_but_an_extension_as_it_is(world: World) -> None:
    await world.has(COMPANY, "Eva", "089 1", "1234")
    await world.has("anna", "Mama", "030 2")
    assert [world.book.outward(number, "anna") for number in ("(089) 1", "030/2", "089 3")] == ["+49891", "+49302", ""]
    assert [world.book.outward(number, "ben") for number in ("030 2", "1234", "101")] == ["", "", ""]


async def test_of_two_with_one_number_the_older_names_it_until_it_is_gone(world: World) -> None:
    first = await world.has(COMPANY, "Anna", "089 1", "089 2")
    second = await world.has(COMPANY, "Ben", "089 1")
    await world.has(COMPANY, "Carl", "0891")
    assert world.book.name_of("0891") == "Anna"
    await world.book.remove(first)
    assert (world.book.name_of("0891"), world.book.name_of("0892")) == ("Ben", "")
    await world.book.update(second, 1, {"numbers": []})
    assert world.book.name_of("0891") == "Carl"


async def test_names_and_the_room_that_is_left_outlive_a_restart(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phonebook, "MOST_CONTACTS", 2)
    await world.has("anna", "Mama", "089 1")
    await world.has("anna", "Papa")
    await world.book.close()
    world.book = world.begin()
    assert world.book.name_of("0891", "anna") == "Mama"
    with pytest.raises(Invalid, match="full"):
        await world.has("anna", "Tante")


async def test_whoever_is_made_under_the_name_of_somebody_gone_has_an_empty_book(world: World) -> None:
    await world.directory.add_user({"name": "dora"})
    await world.has("dora", "Mama", "089 1")
    await world.has("anna", "Oma", "089 1")
    await world.directory.remove_user("dora")
    await world.directory.add_user({"name": "dora"})
    assert world.book.name_of("0891", "dora") == ""
    await asyncio.sleep(0)  # it is being forgotten, and the next change waits for that
    await world.has("ben", "Ben")
    assert await world.names("dora") == []
    assert world.book.name_of("0891", "anna") == "Oma"


# Changing


async def test_every_change_is_told(world: World) -> None:
    eva = await world.has(COMPANY, "Eva", "089 1")
    changed = await world.book.update(eva, 1, {"last": " Huber\n", "note": "a\r\nb"})
    assert (changed["name"], changed["note"], changed["revision"]) == ("Eva Huber", "a\nb", 2)
    moved = await world.book.update(eva, 2, {}, owner="anna")
    assert moved["book"] == "private"
    assert world.book.name_of("0891") == ""
    await world.book.remove(eva)
    assert [(event.book, event.user, event.id, event.contact and event.contact["name"]) for event in world.told] == [
        ("company", "", eva, "Eva"),
        ("company", "", eva, "Eva Huber"),
        ("company", "", eva, None),
        ("private", "anna", eva, "Eva Huber"),
        ("private", "anna", eva, None),
    ]


async def test_of_two_who_change_one_contact_the_second_is_told(world: World) -> None:
    eva = await world.has(COMPANY, "Eva")
    await world.book.update(eva, 1, {"last": "Huber"})
    with pytest.raises(Conflict):
        await world.book.update(eva, 1, {"last": "Berger"})
    assert await world.names() == ["Eva Huber"]


async def test_what_makes_no_contact_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="needs a name"):
        await world.book.add(COMPANY, {"first": " \u200b", "note": "x"})
    with pytest.raises(Invalid, match="no number"):
        await world.has(COMPANY, "Eva", "none")
    eva = await world.has(COMPANY, "Eva")
    with pytest.raises(Invalid):
        await world.book.update(eva, 1, {"first": ""})
    with pytest.raises(NotFound):
        await world.book.remove(99)
    assert await world.names() == ["Eva"]


async def test_pages_follow_each_other(world: World) -> None:
    for name in "ABC":
        await world.has(COMPANY, name)
    page, after = await world.book.contacts("anna", limit=2)
    assert ([each["name"] for each in page], after) == (["A", "B"], 2)
    page, after = await world.book.contacts("anna", after=2, limit=2)
    assert ([each["name"] for each in page], after) == (["C"], None)


async def test_a_change_is_whole_even_if_who_asked_for_it_is_gone(world: World) -> None:
    told = asyncio.Event()
    world.bus.listen(lambda _: told.set(), PhonebookChanged)
    asking = spawn(world.has(COMPANY, "Eva", "089 1"), name="ask", eager=True)
    asking.cancel()
    async with asyncio.timeout(60):
        await told.wait()
    assert world.book.name_of("0891") == "Eva"
    assert await world.names() == ["Eva"]


# Files


async def test_who_is_there_already_is_not_doubled(world: World) -> None:
    await world.book.add(COMPANY, {"first": "anna", "last": "BERGER", "numbers": [{"label": "work", "number": "0891"}]})
    done = await world.book.take_in(COMPANY, "vcard", CARDS)
    assert (done.added, done.changed, done.same, done.faults) == (2, 0, 2, ())
    assert await world.names() == ["anna BERGER", "Ben Berger", "Anna Berger"]
    assert world.book.name_of("0893") == "Anna Berger"
    assert (world.told[-1].id, world.told[-1].contact) == (0, None)
    again = await world.book.take_in(COMPANY, "vcard", CARDS.encode())
    assert (again.added, again.changed, again.same) == (0, 0, 4)
    assert len(world.told) == 2


async def test_what_the_book_lacks_is_filled_in(world: World) -> None:
    card = "BEGIN:VCARD\nN:Berger;Anna\nORG:Praxis\nNOTE:new\nTEL:0891\nTEL;CELL:0170 1\nEND:VCARD\n"
    await world.book.take_in("anna", "vcard", CARDS)
    (anna, *_), _ = await world.book.contacts("anna")
    await world.book.update(anna["id"], 1, {"note": "old"})
    done = await world.book.take_in("anna", "vcard", card)
    assert (done.added, done.changed, done.same) == (0, 1, 0)
    (anna, *_), _ = await world.book.contacts("anna")
    assert (anna["company"], anna["note"], anna["revision"]) == ("Praxis", "old", 3)
    assert [each["number"] for each in anna["numbers"]] == ["089 1", "0170 1"]
    assert world.book.name_of("01701", "anna") == "Anna Berger"


async def test_a_full_book_takes_what_it_can_and_tells_the_rest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "MOST_CONTACTS", 2)
    done = await world.book.take_in(COMPANY, "vcard", CARDS)
    assert (done.added, [fault.line for fault in done.faults]) == (2, [13])


async def test_while_a_file_is_taken_in_everybody_else_has_their_turn_after_a_few_contacts(world: World) -> None:
    keys, steps, most = 0, 0, 0

    def written(number: str) -> str:
        nonlocal keys
        keys += 1
        return number

    def now() -> float:
        nonlocal steps
        steps += 1
        return steps * TURN / 4

    async def others() -> None:
        nonlocal keys, most
        while True:
            most, keys = max(most, keys), 0
            await asyncio.sleep(0)

    book = world.begin(written=written, now=now)
    cards = [f"BEGIN:VCARD\nFN:Somebody\nTEL:08900{number}\n" for number in range(500)]
    playing = spawn(others(), name="calls")
    for more, done in (("", (500, 0, 0)), ("", (0, 0, 500)), ("ORG:Praxis\n", (0, 500, 0))):
        imported = await book.take_in(COMPANY, "vcard", "".join(f"{card}{more}END:VCARD\n" for card in cards))
        assert (imported.added, imported.changed, imported.same) == done
    playing.cancel()
    assert steps > 5000
    assert most <= 4 * 5  # four steps, each with one contact
    await book.close()


@pytest.mark.parametrize(("form", "name"), [("vcard", "company.vcf"), ("csv", "company.csv")])
async def test_what_is_exported_is_imported_as_it_was(world: World, form: str, name: str) -> None:
    await world.book.take_in(COMPANY, "vcard", CARDS)
    text, called = await world.book.export(COMPANY, form)
    assert called == name
    assert (await world.book.take_in("anna", form, text)).added == 3
    before, after = (await world.book.contacts(COMPANY))[0], (await world.book.contacts("anna"))[0][3:]
    assert [(each["name"], each["numbers"]) for each in before] == [(each["name"], each["numbers"]) for each in after]


async def test_the_phonebook_of_a_fritzbox_is_imported(world: World) -> None:
    done = await world.book.take_in("anna", "fritzbox", SAVED.encode("latin-1"))
    assert (done.added, done.faults) == (2, ())
    assert world.book.name_of("08 94 711", "anna") == "Jörg Müller & Söhne"


async def test_two_files_at_once_do_not_double_anybody(world: World) -> None:
    first, second = await asyncio.gather(
        world.book.take_in(COMPANY, "vcard", CARDS), world.book.take_in(COMPANY, "vcard", CARDS)
    )
    assert (first.added, second.added, second.same) == (3, 0, 4)
