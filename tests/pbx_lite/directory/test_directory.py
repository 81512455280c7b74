import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from pbx_lite.config import Calling, Config, Device, Door, Role, Room, Secret, Team, Trunk, User, Workplace
from pbx_lite.directory import AccountKind, Directory, Kept
from pbx_lite.errors import ConfigError, Conflict, Forbidden, Invalid, NotFound, StoreError

ANNA = User(
    name="anna",
    display_name="Anna",
    extension="101",
    password=Secret("a"),
    roles=("family",),
    devices=(Device(name="kitchen", account="101-kitchen", password=Secret("k")),),
)
BEN = User(name="ben", display_name="Ben", extension="102", roles=("guests",))
FRONT = Door(
    name="front", display_name="Front door", extension="150", password=Secret("f"), address="udp:192.0.2.9:5060"
)
CONFIG = Config(
    roles=(Role(name="family", see=("*",), open=("front",)), Role(name="guests", see=("front",))),
    users=(ANNA, BEN),
    doors=(FRONT,),
    rooms=(Room(name="table", display_name="Table", extension="800"),),
    teams=(
        Team(name="kids", display_name="Kids", extension="200", members=("ben", "ben")),
        Team(name="all", display_name="Everybody", extension="201", members=("*",)),
    ),
    workplaces=(Workplace(name="desk", display_name="Desk", account="desk-1", password=Secret("d")),),
    trunks=(Trunk(name="line", registrar="sip:provider.example"),),
)


class Store:
    """Keeps in memory; `full` stands for a disk that is."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.links: dict[str, str] = {}
        self.full = False

    async def save(self, kind: str, name: str, record: Mapping[str, Any]) -> None:
        await asyncio.sleep(0)
        if self.full:
            raise StoreError("full")
        self.records[kind, name] = record

    async def remove(self, kind: str, name: str) -> None:
        self.records.pop((kind, name), None)

    async def link(self, ha_user: str, user: str) -> None:
        self.links[ha_user] = user

    async def unlink(self, ha_user: str) -> None:
        del self.links[ha_user]

    def kept(self) -> Kept:
        def of(kind: str) -> dict[str, Mapping[str, Any]]:
            return {name: record for (each, name), record in self.records.items() if each == kind}

        return Kept(users=of("user"), doors=of("door"), roles=of("role"), devices=of("device"), links=dict(self.links))


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def directory(store: Store) -> Directory:
    return Directory(CONFIG, store=store, models={"generic", "2n"})


def test_accounts_are_found_by_name_and_extension(directory: Directory) -> None:
    kitchen = directory.by_account("101-kitchen")
    assert kitchen is not None
    assert (kitchen.kind, kitchen.owner, kitchen.device, kitchen.password) == (AccountKind.USER, "anna", "kitchen", "k")
    room, door = directory.by_extension("800"), directory.by_extension("150")
    assert room is not None
    assert door is not None
    assert (room.kind, room.owner) == (AccountKind.ROOM, "table")
    assert (door.kind, door.owner) == (AccountKind.DOOR, "front")
    assert directory.accounts_of("anna") == ["101", "101-kitchen"]


def test_teams_and_shared_phones_are_found_too(directory: Directory) -> None:
    team, desk = directory.by_extension("200"), directory.by_account("desk-1")
    assert team is not None
    assert desk is not None
    assert (team.kind, team.owner, team.display_name) == (AccountKind.TEAM, "kids", "Kids")
    assert (desk.kind, desk.owner, desk.extension) == (AccountKind.WORKPLACE, "desk", "")
    assert directory.by_account("200") is None
    assert (directory.team("kids").name, directory.room("table").name) == ("kids", "table")
    assert (directory.workplace("desk").name, directory.trunk("line").name) == ("desk", "line")
    with pytest.raises(NotFound, match="There is no team named dogs"):
        directory.team("dogs")


async def test_a_team_has_its_members_and_everybody_includes_the_new(directory: Directory) -> None:
    await directory.add_user({"display_name": "Dora"})
    kids, everybody = directory.teams()
    assert [user.name for user in directory.members_of(kids)] == ["ben"]
    assert [user.name for user in directory.members_of(everybody)] == ["anna", "ben", "dora"]
    assert [team.name for team in directory.teams_of("ben")] == ["kids", "all"]
    assert [team.name for team in directory.teams_of("dora")] == ["all"]


def test_roles_say_who_may_take_calls_that_ring_at_others() -> None:
    eve = User(name="eve", display_name="Eve", extension="103", roles=("calls",))
    shy = User(name="shy", display_name="Shy", extension="104", roles=("guests",))
    directory = Directory(Config(roles=(Role(name="calls"), Role(name="guests", pickup=False)), users=(eve, shy)))
    assert [directory.may_pickup(user) for user in (None, eve, shy)] == [True, True, False]


async def test_a_saved_role_keeps_what_is_not_mentioned(directory: Directory) -> None:
    await directory.save_role("calls", {"dial": ["+43"], "pickup": False})
    changed = await directory.save_role("calls", {"see": ["front"]})
    assert (changed.see, changed.dial, changed.pickup) == (("front",), ("+43",), False)


async def test_any_user_can_get_a_phone_that_survives_a_restart(directory: Directory, store: Store) -> None:
    await directory.add_user({"display_name": "Dora"})
    for user in ("anna", "dora"):
        device = await directory.add_device(user, "panel", {"codecs": ["opus"]})
        known = directory.by_account(device.account)
        assert known is not None
        assert (known.owner, known.device, len(device.password)) == (user, "panel", 16)
    again = Directory(CONFIG, kept=store.kept())
    assert again.users() == directory.users()
    assert again.accounts_of("anna") == ["101", "101-kitchen", "101-panel"]
    await directory.remove_device("anna", "panel")
    assert Directory(CONFIG, kept=store.kept()).user("anna") == ANNA


async def test_a_phone_must_not_clash(directory: Directory) -> None:
    with pytest.raises(Conflict, match="Anna has a device named kitchen already"):
        await directory.add_device("anna", "kitchen")
    for clash in ({"account": "101"}, {"account": "x", "extension": "200"}):
        with pytest.raises(Conflict, match="is used by"):
            await directory.add_device("anna", "hall", clash)
    with pytest.raises(Conflict, match="comes from the configuration file"):
        await directory.remove_device("anna", "kitchen")
    with pytest.raises(NotFound):
        await directory.remove_device("anna", "hall")
    with pytest.raises(Invalid):
        await directory.add_device("anna", "no spaces please")


async def test_a_phone_gives_way_to_one_of_the_file(directory: Directory, store: Store) -> None:
    before = Directory(Config(users=(User(name="anna", display_name="Anna", extension="101"),)), store=store)
    await before.add_device("anna", "kitchen")
    await before.add_device("anna", "hall", {"account": "desk-1"})
    await before.add_device("anna", "attic")
    after = Directory(CONFIG, kept=store.kept()).user("anna")
    assert [(device.name, device.provisioned) for device in after.devices] == [("kitchen", True), ("attic", False)]


def test_whoever_has_no_password_cannot_register_but_can_be_dialled(directory: Directory) -> None:
    assert directory.by_account("102") is None
    assert directory.by_extension("102") is not None
    assert directory.accounts_of("ben") == []


@pytest.mark.parametrize("host", ["192.0.2.9", "::ffff:192.0.2.9"])
def test_a_door_is_known_by_its_fixed_address(directory: Directory, host: str) -> None:
    account = directory.by_address(host)
    assert account is not None
    assert account.owner == "front"
    assert directory.by_address("192.0.2.10") is None


def test_rights_come_from_roles_and_the_system_may_all(directory: Directory) -> None:
    rights = [
        (user, right, directory.may(user, right, "front")) for user in (None, ANNA, BEN) for right in ("see", "open")
    ]
    assert rights == [
        (None, "see", True),
        (None, "open", True),
        (ANNA, "see", True),
        (ANNA, "open", True),
        (BEN, "see", True),
        (BEN, "open", False),
    ]
    assert directory.may(BEN, "talk", "front")
    with pytest.raises(Forbidden, match="Ben may not open Front door"):
        directory.require(BEN, "open", "front")
    with pytest.raises(NotFound):
        directory.require(None, "open", "attic")


def test_everyone_means_those_who_see_the_door() -> None:
    directory = Directory(
        Config(
            roles=(Role(name="family", see=("*",)),),
            users=(ANNA, User(name="eve", display_name="Eve", extension="103")),
            doors=(FRONT,),
        )
    )
    assert [user.name for user in directory.people_of(["*"], "front")] == ["anna"]
    assert [user.name for user in directory.people_of(["eve", "*", "nobody"], "front")] == ["eve", "anna"]


async def test_without_roles_everyone_may_everything() -> None:
    directory = Directory(Config(users=(User(name="eve", display_name="Eve", extension="103"),), doors=(FRONT,)))
    new = await directory.add_user({"display_name": "Dora"})
    for user in (directory.user("eve"), new):
        assert user.roles == ("family",)
        assert directory.may(user, "open", "front")


async def test_with_roles_a_new_user_has_none(directory: Directory) -> None:
    dora = await directory.add_user({"display_name": "Dora Müller"})
    assert (dora.name, dora.extension, dora.roles, dora.provisioned) == ("dora-mueller", "103", (), False)
    assert len(dora.password) == 16
    assert not directory.may(dora, "see", "front")


async def test_what_is_created_survives_a_restart(directory: Directory, store: Store) -> None:
    door = await directory.add_door({"display_name": "Side door", "model": "2n", "rings": ["anna"]})
    user = await directory.link("ha-1", "Dora", None)
    role = await directory.save_role("keys", {"see": ["*"], "open": [door.name]})
    again = Directory(CONFIG, kept=store.kept())
    assert again.door("side-door") == door
    assert again.home_user("ha-1") == user
    assert role in again.roles()
    assert (door.extension, user.extension) == ("151", "103")


async def test_two_at_once_get_two_extensions(directory: Directory) -> None:
    doors = await asyncio.gather(*(directory.add_door({"display_name": "Gate"}) for _ in range(3)))
    assert [(door.name, door.extension) for door in doors] == [("gate", "151"), ("gate-2", "152"), ("gate-3", "153")]


async def test_nobody_gets_an_emergency_number_as_their_extension(store: Store) -> None:
    directory = Directory(Config(calling=Calling(emergency=("101", "103"))), store=store)
    people = [await directory.add_user({"display_name": f"Person {number}"}) for number in range(2)]
    assert [user.extension for user in people] == ["102", "104"]


async def test_nothing_changes_while_the_disk_is_full(directory: Directory, store: Store) -> None:
    store.full = True
    with pytest.raises(StoreError):
        await directory.add_door({"display_name": "Gate"})
    assert [door.name for door in directory.doors()] == ["front"]


async def test_what_the_file_provisions_is_read_only(directory: Directory) -> None:
    for change in (
        directory.update_door("front", {"display_name": "x"}),
        directory.remove_door("front"),
        directory.update_user("anna", {"roles": []}),
        directory.remove_user("anna"),
        directory.save_role("family", {}),
        directory.remove_role("family"),
    ):
        with pytest.raises(Conflict, match="comes from the configuration file"):
            await change


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"extension": "101"}, "101 is used by Anna already"),
        ({"extension": "800"}, "800 is used by Table already"),
        ({"name": "front"}, "There is a door named front already"),
        ({"address": "192.0.2.9"}, "192.0.2.9 is the address of Front door already"),
    ],
)
async def test_clashes_are_conflicts(directory: Directory, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(Conflict, match=message):
        await directory.add_door({"display_name": "Gate", **fields})


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"model": "acme"}, "there is no door-station model acme"),
        ({"rings": ["bob"]}, "There is no user named bob"),
        ({"open": [{"dtmf": "x"}]}, r"open\[0\]\.dtmf"),
        ({"display_name": 5}, "display_name"),
        ({"colour": "red"}, "colour: unknown key"),
    ],
)
async def test_nonsense_is_invalid(directory: Directory, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        await directory.add_door({"display_name": "Gate", **fields})


async def test_a_door_can_move_to_another_extension_and_back(directory: Directory) -> None:
    await directory.add_door({"display_name": "Gate"})
    await directory.update_door("gate", {"extension": "160"})
    assert directory.by_extension("151") is None
    assert directory.by_extension("160") is not None
    assert (await directory.update_door("gate", {"extension": "151"})).extension == "151"


async def test_names_of_the_gone_are_forgotten_everywhere(directory: Directory, store: Store) -> None:
    await directory.add_user({"display_name": "Dora", "roles": ["guests"]})
    await directory.save_role("keys", {"see": ["front"]})
    await directory.update_user("dora", {"roles": ["guests", "keys"]})
    await directory.add_door({"display_name": "Gate", "rings": ["dora", "anna"]})
    await directory.save_role("more", {"see": ["front", "gate"], "open": ["gate"]})
    await directory.link("ha-d", "Dora", "dora")
    await directory.remove_role("keys")
    assert directory.user("dora").roles == ("guests",)
    await directory.remove_user("dora")
    assert directory.door("gate").rings == ("anna",)
    assert directory.home_user("ha-d") is None
    await directory.remove_door("gate")
    assert next(role for role in directory.roles() if role.name == "more").see == ("front",)
    again = Directory(CONFIG, kept=store.kept())
    assert (again.users(), again.doors(), again.roles()) == (directory.users(), directory.doors(), directory.roles())


async def test_one_home_assistant_user_is_one_pbx_user(directory: Directory) -> None:
    await directory.link("ha-1", "Anna", "anna")
    with pytest.raises(Conflict, match="Anna is linked to another Home Assistant user"):
        await directory.link("ha-2", "Other", "anna")
    assert await directory.link("ha-1", "Anna", None) == ANNA
    await directory.link("ha-1", "Anna", "ben")
    assert directory.ha_user_of("anna") is None
    await directory.unlink("ha-1")
    with pytest.raises(Forbidden, match="not linked"):
        directory.acting("ha-1")
    with pytest.raises(NotFound):
        await directory.unlink("ha-1")


async def test_every_change_is_told_when_it_is_made() -> None:
    told: list[list[str]] = []
    kept = Directory(CONFIG, on_change=lambda: told.append([door.name for door in kept.doors()]))
    await kept.add_door({"display_name": "Gate"})
    await kept.remove_door("gate")
    await kept.link("ha-1", "", None)
    assert told == [["front", "gate"], ["front"], ["front"]]


async def test_the_file_wins_a_name_but_must_not_take_an_extension(store: Store) -> None:
    before = Directory(Config(), store=store)
    await before.add_door({"name": "front", "extension": "170"})
    await before.add_door({"name": "gate", "extension": "171"})
    assert Directory(CONFIG, kept=store.kept()).door("front") == FRONT
    taken = User(name="zoe", display_name="Zoe", extension="171")
    with pytest.raises(ConfigError, match="171 is used by gate already, which was made at runtime"):
        Directory(Config(users=(taken,)), kept=store.kept())
