"""Rooms that come and go while the PBX runs, their PINs, and who may what in them."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_lite.config import Config, Role, Room, Secret, User
from pbx_lite.directory import AccountKind, Directory, Kept
from pbx_lite.directory.pins import new_pin
from pbx_lite.errors import ConfigError, Conflict, Forbidden, Invalid, NotFound, StoreError
from pbx_lite.store.database import Database
from pbx_lite.store.people import PeopleTable
from tests.pbx_lite.directory.test_directory import Store as PeopleStore

TABLE = Room(name="table", display_name="Kitchen table", extension="800", admin_pin=Secret("1111"))
FREE = Room(name="free", display_name="Free", extension="801", pin=Secret())
ANNA = User(name="anna", display_name="Anna", extension="101", roles=("family",))
BEN = User(name="ben", display_name="Ben", extension="102", roles=("guests",), language="nl")
CONFIG = Config(
    roles=(Role(name="family"), Role(name="guests", rooms=("free",))),
    users=(ANNA, BEN),
    rooms=(TABLE, FREE),
    music=(("jazz", Path("/srv/jazz")),),
)


class Store(PeopleStore):
    def kept(self) -> Kept:
        def of(kind: str) -> dict[str, Any]:
            return {name: record for (each, name), record in self.records.items() if each == kind}

        return replace(super().kept(), rooms=of("room"), pins=of("pin"), languages=of("language"))


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def directory(store: Store) -> Directory:
    return Directory(CONFIG, store=store)


async def test_a_room_needs_nothing_but_a_wish(directory: Directory, store: Store) -> None:
    changes: list[str] = []
    directory.on_change = lambda: changes.append("changed")
    room = await directory.add_room({"display_name": "Küche & Co"})
    assert (room.name, room.extension, room.provisioned) == ("kueche-co", "802", False)
    assert re.fullmatch(r"\d{6}", directory.pin_of("kueche-co"))
    account = directory.by_extension("802")
    assert account is not None
    assert (account.kind, account.owner) == (AccountKind.ROOM, "kueche-co")
    assert (await directory.add_room({})).name == "room"
    assert changes == ["changed", "changed"]


async def test_rooms_without_any_begin_at_800() -> None:
    assert (await Directory(Config()).add_room({})).extension == "800"


async def test_a_room_is_there_again_after_a_restart(directory: Directory, store: Store) -> None:
    made = await directory.add_room({"display_name": "Office", "music": "jazz", "max_members": 3, "admin_pin": "77"})
    again = Directory(CONFIG, kept=store.kept(), store=store)
    assert again.room("office") == made
    assert again.pin_of("office") == directory.pin_of("office")
    assert again.admin_pin_of("office") == "77"


async def test_a_room_is_changed_and_gets_a_new_pin_when_asked_for(directory: Directory) -> None:
    await directory.add_room({"name": "office"})
    first = directory.pin_of("office")
    await directory.update_room("office", {"display_name": "Office", "quiet": True})
    assert directory.pin_of("office") == first
    await directory.update_room("office", {"pin": ""})
    assert directory.pin_of("office") == ""
    await directory.update_room("office", {"pin": None})
    assert re.fullmatch(r"\d{6}", directory.pin_of("office"))
    assert (directory.room("office").display_name, directory.room("office").quiet) == ("Office", True)


async def test_a_removed_room_is_nowhere_any_more(directory: Directory, store: Store) -> None:
    await directory.add_room({"name": "office"})
    await directory.save_role("staff", {"rooms": ["office", "table"]})
    await directory.remove_room("office")
    assert [role.rooms for role in directory.roles()] == [("*",), ("free",), ("table",)]
    assert store.records["role", "staff"]["rooms"] == ["table"]
    assert directory.by_extension("802") is None
    with pytest.raises(NotFound, match="There is no room named office"):
        directory.pin_of("office")


async def test_a_folder_in_the_data_folders_music_is_a_playlist(store: Store, tmp_path: Path) -> None:
    (tmp_path / "music" / "folk").mkdir(parents=True)
    directory = Directory(replace(CONFIG, data=tmp_path), store=store)
    assert (await directory.add_room({"music": "folk"})).music == "folk"
    for unknown in ("rock", ".."):
        with pytest.raises(Invalid, match="music"):
            await directory.add_room({"music": unknown})


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"name": "table"}, Conflict, "There is a room named table already"),
        ({"extension": "101"}, Conflict, "101 is used by Anna already"),
        ({"music": "polka"}, Invalid, "music: there is no playlist named polka"),
        ({"pin": "12a"}, Invalid, "pin: a PIN has 1 to 12 digits"),
        ({"pin": "12", "admin_pin": "12"}, Invalid, "admin_pin: this must differ"),
        ({"admin_pin": 5}, Invalid, "admin_pin: this must be text"),
        ({"provisioned": True}, Invalid, "provisioned: unknown key"),
    ],
)
async def test_a_room_that_cannot_be_is_refused(
    directory: Directory, fields: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        await directory.add_room(fields)
    assert [room.name for room in directory.rooms()] == ["table", "free"]


async def test_rooms_of_the_file_are_changed_there(directory: Directory) -> None:
    with pytest.raises(Conflict, match="table comes from the configuration file"):
        await directory.update_room("table", {"quiet": True})
    with pytest.raises(Conflict, match="table comes from the configuration file"):
        await directory.remove_room("table")


async def test_nothing_changes_when_the_disk_is_full(directory: Directory, store: Store) -> None:
    store.full = True
    with pytest.raises(StoreError):
        await directory.add_room({"name": "office"})
    assert [room.name for room in directory.rooms()] == ["table", "free"]


async def test_the_file_wins_over_a_room_made_at_runtime(directory: Directory, store: Store) -> None:
    await directory.add_room({"name": "office", "pin": "5"})
    office = Room(name="office", display_name="Bureau", extension="900", pin=Secret("6"))
    again = Directory(replace(CONFIG, rooms=(*CONFIG.rooms, office)), kept=store.kept())
    assert (again.room("office").display_name, again.pin_of("office")) == ("Bureau", "6")
    clash = User(name="eve", display_name="Eve", extension="802")
    with pytest.raises(ConfigError, match="802 is used by office already, which was made at runtime"):
        Directory(replace(CONFIG, users=(*CONFIG.users, clash)), kept=store.kept())


async def test_a_generated_pin_of_the_file_stays_the_same(directory: Directory, store: Store) -> None:
    assert directory.pin_of("free") == ""
    await directory.keep_pins()
    assert list(store.records) == [("pin", "table")]
    again = Directory(CONFIG, kept=store.kept(), store=store)
    assert again.pin_of("table") == directory.pin_of("table")
    store.records.clear()
    await again.keep_pins()
    assert store.records == {}
    written = Directory(replace(CONFIG, rooms=(replace(TABLE, pin=Secret("4")),)), kept=store.kept())
    assert written.pin_of("table") == "4"


async def test_a_pin_that_cannot_be_kept_is_good_until_the_end(
    directory: Directory, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.full = True
    await directory.keep_pins()
    assert "The room table has a PIN until the PBX stops" in caplog.text
    assert directory.pin_of("table") not in caplog.text


def test_a_kept_pin_that_is_the_leaders_by_now_is_replaced() -> None:
    directory = Directory(CONFIG, kept=Kept(pins={"table": {"pin": "1111"}}))
    assert directory.pin_of("table") != "1111"


@given(st.integers(0, 999_999))
def test_a_generated_pin_has_six_digits_and_is_not_the_leaders(leader: int) -> None:
    pin = new_pin(but=f"{leader:06}")
    assert re.fullmatch(r"\d{6}", pin)
    assert pin != f"{leader:06}"


def test_the_leaders_pin_is_never_generated(monkeypatch: pytest.MonkeyPatch) -> None:
    digits = iter("000000" + "000001")
    monkeypatch.setattr("pbx_lite.directory.pins.secrets.choice", lambda _: next(digits))
    assert new_pin(but="000000") == "000001"


def test_roles_say_which_rooms_somebody_may_use(directory: Directory) -> None:
    may = {
        (user and user.name, room): directory.may_room(user, room)
        for user in (None, ANNA, BEN)
        for room in ("table", "free")
    }
    assert [pair for pair, right in may.items() if not right] == [("ben", "table")]
    with pytest.raises(Forbidden, match="Ben may not use Kitchen table"):
        directory.require_room(BEN, "table")
    with pytest.raises(NotFound):
        directory.require_room(None, "attic")


async def test_a_role_has_rooms_that_are_there(directory: Directory) -> None:
    with pytest.raises(Invalid, match="There is no room named attic"):
        await directory.save_role("staff", {"rooms": ["attic"]})


async def test_anybody_may_be_spoken_to_in_another_language(directory: Directory, store: Store) -> None:
    await directory.add_user({"name": "carla"})
    for name in ("ben", "carla"):
        assert (await directory.set_language(name, "bar")).language == "bar"
    again = Directory(CONFIG, kept=store.kept(), store=store)
    assert [user.language for user in again.users()] == ["", "bar", "bar"]
    assert [(await again.set_language(name, "")).language for name in ("ben", "carla")] == ["nl", ""]
    assert ("language", "ben") not in store.records
    with pytest.raises(Invalid, match="language: this must be one of en"):
        await again.set_language("anna", "tlh")
    with pytest.raises(NotFound):
        await again.set_language("dora", "de")


async def test_pins_rooms_and_languages_are_the_same_from_the_database(tmp_path: Path) -> None:
    async def started() -> tuple[Database, Directory]:
        database = Database.open(tmp_path)
        people = PeopleTable(database)
        kept = Kept(rooms=people.records("room"), pins=people.records("pin"), languages=people.records("language"))
        directory = Directory(CONFIG, kept=kept, store=people)
        await directory.keep_pins()
        return database, directory

    database, first = await started()
    await first.add_room({"name": "office"})
    await first.set_language("anna", "fr")
    await database.close()
    database, second = await started()
    await database.close()
    for room in ("table", "free", "office"):
        assert second.pin_of(room) == first.pin_of(room)
    assert second.user("anna").language == "fr"
