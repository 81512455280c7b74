"""Settings that last, who is logged in where, and what clients are shown of people."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from pbx_lite.calls.bindings import Binding
from pbx_lite.calls.leg import Leg
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Divert, Plan, Refuse, Ring, Rung, Scope
from pbx_lite.config import Config, Device, Role, Room, Secret, Team, User, Workplace
from pbx_lite.directory import AccountKind, Directory
from pbx_lite.errors import Conflict, Invalid, NotFound
from pbx_lite.events import AccountRegistered, CallChanged, CallStarted, DirectoryChanged, Event, EventBus, UserChanged
from pbx_lite.features.people.people import People
from pbx_lite.sip.address import Address
from pbx_lite.store.database import Database
from pbx_lite.store.settings import SettingTable
from tests.support.clock import FakeClock

ANNA = User(
    name="anna",
    display_name="Anna",
    extension="101",
    password=Secret("a"),
    mobile="0171555777",
    devices=(Device(name="kitchen", account="101-kitchen", password=Secret("k"), extension="111"),),
)
BEN = User(name="ben", display_name="Ben", extension="102", password=Secret("b"))
CONFIG = Config(
    roles=(Role(name="family"),),
    users=(ANNA, BEN),
    rooms=(Room(name="table", display_name="Table", extension="800"),),
    teams=(Team(name="all", display_name="Everybody", extension="200", members=("*",), ring_seconds=25),),
    workplaces=(Workplace(name="desk", display_name="Desk", account="desk-1", password=Secret("d")),),
)


@dataclass(frozen=True)
class Phone:
    user: str
    account: str

    @property
    def device(self) -> str:
        return self.account

    async def ring(self, attempt: Attempt) -> Leg:
        raise NotImplementedError


@dataclass
class Phones:
    """`online` are the accounts that are registered."""

    online: set[str] = field(default_factory=lambda: {"101", "101-kitchen", "102", "desk-1"})

    @property
    def registrar(self) -> Phones:
        return self

    def bindings_of(self, account: str) -> list[Binding]:
        if account not in self.online:
            return []
        contact = f"sip:{account}@192.0.2.5"
        source = Address("udp", "192.0.2.5", 5060)
        return [Binding(account, contact, source, 0, "c", 1, user_agent=f"Phone {account}")]

    def phones_of(self, user: str, account: str | None = None) -> list[Phone]:
        return [Phone(user, account)] if account in self.online and account is not None else []


@dataclass
class Seat:
    user: str


@dataclass
class Ringing:
    user: str
    device: str


@dataclass
class Call:
    seats: list[Seat]
    ringing: list[Ringing] = field(default_factory=list)
    caller: Party = Party(number="102", user="ben")  # noqa: RUF009 - immutable
    joined: list[str] = field(default_factory=list)

    def join(self, rung: Rung) -> None:
        self.joined.append(rung.target.device)


@dataclass
class Talks:
    calls: dict[str, Call] = field(default_factory=dict)


class House:
    """One start of the PBX's people on `folder`."""

    def __init__(self, folder: Path, config: Config = CONFIG) -> None:
        self.bus = EventBus()
        self.changed: list[str] = []
        self.database = Database.open(folder)
        self.directory = Directory(config, on_change=lambda: self.bus.publish(DirectoryChanged()))
        self.phones, self.talks = Phones(), Talks()
        self.people = People(
            directory=self.directory,
            phones=self.phones,
            talks=self.talks,
            bus=self.bus,
            clock=FakeClock(),
            store=SettingTable(self.database),
        )
        self.bus.listen(self._heard)

    def _heard(self, event: Event) -> None:
        if isinstance(event, UserChanged):
            self.changed.append(event.user)

    def dial(self, number: str, **more: Any) -> Plan | None:
        caller = more.pop("caller", Party(number="102", user="ben"))
        return self.people.plan(Attempt(call=cast("Any", None), caller=caller, number=number, **more))

    async def stop(self) -> None:
        await self.people.close()
        await self.database.close()


@pytest.fixture
async def house(tmp_path: Path) -> Any:
    house = House(tmp_path)
    yield house
    await house.stop()


def rung(plan: Plan | None) -> list[str]:
    assert isinstance(plan, Ring)
    return [each.target.device for each in plan.rungs]


async def test_people_are_planned_and_nobody_else(house: House) -> None:
    assert rung(house.dial("101")) == ["101", "101-kitchen"]
    assert rung(house.dial("111")) == ["101-kitchen"]
    assert [house.dial(number) for number in ("200", "800", "999", "desk-1")] == [None, None, None, None]


async def test_settings_survive_a_restart(tmp_path: Path) -> None:
    house = House(tmp_path)
    people = house.people
    await people.set("anna", do_not_disturb=True, call_waiting=False, mobile="", pin="1234")
    await people.forward("anna", {"busy": "+49 89 123", "seconds": 30})
    rules = [{"device": "phone", "after": 5}, {"device": "mobile", "seconds": 20.0}]
    await people.set_follow_me("anna", "away", {"external": rules, "team": [], "outgoing": "kitchen"})
    await people.set("anna", profile="away")
    people.log_in("desk", "anna")
    settings, shown = people.of("anna"), people.settings("anna")
    await house.stop()
    assert (settings.profile, settings.outgoing, settings.forwarding.busy) == ("away", "kitchen", "+4989123")
    assert shown["profiles"][1] == {
        "name": "away",
        "internal": None,
        "external": [{"device": "phone", "after": 5, "seconds": None}, {"device": "mobile", "after": 0, "seconds": 20}],
        "team": [],
    }

    again = House(tmp_path)
    assert again.people.of("anna") == settings
    assert again.people.settings("anna") == shown
    assert again.people.workplaces() == [{"name": "desk", "display_name": "Desk", "user": "anna"}]
    await again.stop()


async def test_every_change_is_told_once(house: House) -> None:
    await house.people.set("anna", do_not_disturb=True)
    await house.people.set("anna", do_not_disturb=True)
    await house.people.forward("ben", {"always": "101"})
    assert house.changed == ["anna", "ben"]
    assert isinstance(house.dial("102"), Refuse | Ring | Divert)


async def test_what_people_say_of_themselves_is_shown_and_nobody_is_kept_from_ringing(tmp_path: Path) -> None:
    house = House(tmp_path)
    people = house.people
    await people.set("anna", availability="busy", availability_text="  In the   workshop ")
    assert people.availability("anna") == ("busy", "In the workshop")
    assert rung(house.dial("101")) == ["101", "101-kitchen"]
    for wrong in ({"availability": "gone"}, {"availability_text": "x" * 61}, {"availability_text": "\u202ex"}):
        with pytest.raises(Invalid):
            await people.set("anna", **wrong)
    await house.stop()

    again = House(tmp_path)
    assert again.people.availability("anna") == ("busy", "In the workshop")
    assert again.people.state("anna")["availability_text"] == "In the workshop"
    await again.stop()


async def test_who_left_their_screens_is_away_unless_they_chose_something_themselves(house: House) -> None:
    people = house.people
    await people.set("anna", idle=True)
    await people.set("anna", idle=True)
    assert (people.availability("anna"), people.state("anna")["idle"]) == (("away", ""), True)
    await people.set("anna", availability="busy")
    assert people.availability("anna") == ("busy", "")
    await people.set("anna", availability="available", idle=False)
    assert people.availability("anna") == ("available", "")
    assert house.changed == ["anna"] * 4


async def test_a_profile_can_be_changed_and_taken_away(house: House) -> None:
    people = house.people
    await people.set_follow_me("anna", "away", {"internal": [{"device": "kitchen"}]})
    await people.set("anna", profile="away")
    assert rung(house.dial("101")) == ["101-kitchen"]
    await people.set_follow_me("anna", "away", {"external": []})
    assert rung(house.dial("101")) == ["101-kitchen"]
    assert isinstance(house.dial("101", scope=Scope.EXTERNAL), Refuse)
    await people.set_follow_me("anna", "away", {"remove": True})
    assert (people.of("anna").profile, people.of("anna").profile_names) == ("default", ["default"])
    await people.set_follow_me("anna", "default", {"internal": [{"device": "phone"}]})
    assert rung(house.dial("101")) == ["101"]
    assert people.of("anna").profile_names == ["default"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"internal": [{"device": "phone", "after": 4000}]}, r"internal\[0\]\.after"),
        ({"team": [{"device": "phone"}] * 21}, "20 devices are the most"),
        ({"team": "all"}, "must be a list"),
        ({"colour": "red"}, "unknown key"),
    ],
)
async def test_nonsense_is_invalid(house: House, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        await house.people.set_follow_me("anna", "away", fields)


async def test_what_is_not_there_is_not_found(house: House) -> None:
    people = house.people
    with pytest.raises(NotFound, match="There is no device named boat"):
        await people.set_follow_me("anna", "away", {"internal": [{"device": "boat"}]})
    with pytest.raises(NotFound, match="There is no profile named moon"):
        await people.set("anna", profile="moon")
    with pytest.raises(NotFound, match="There is no profile named moon"):
        await people.set_follow_me("anna", "moon", {"remove": True})
    with pytest.raises(NotFound, match="There is no user named carl"):
        await people.set("carl", do_not_disturb=True)
    with pytest.raises(Invalid, match="a PIN has 4 to 12 digits"):
        await people.set("anna", pin="12")
    with pytest.raises(Invalid, match="must be a telephone number"):
        await people.forward("anna", {"always": "home"})


async def test_nobody_makes_profiles_without_end(house: House) -> None:
    for number in range(9):
        await house.people.set_follow_me("anna", f"p{number}", {})
    with pytest.raises(Invalid, match="9 profiles and no more"):
        await house.people.set_follow_me("anna", "one-more", {})


async def test_a_shared_phone_is_of_whoever_is_logged_in(house: House) -> None:
    people = house.people
    desk = house.directory.by_account("desk-1")
    assert desk is not None
    assert people.speaker(desk) == (Party(number="desk-1", name="Desk"), desk)
    people.log_in("desk", "anna")
    assert rung(house.dial("101")) == ["101", "101-kitchen", "desk-1"]
    kitchen = house.directory.by_account("101-kitchen")
    assert kitchen is not None
    assert people.speaker(kitchen) == (Party(number="101", name="Anna", user="anna"), kitchen)
    party, acting = people.speaker(desk)
    assert (party.number, party.user) == ("101", "anna")
    assert (acting.kind, acting.owner, acting.name) == (AccountKind.USER, "anna", "desk-1")
    people.log_in("desk", "ben")
    assert rung(house.dial("101")) == ["101", "101-kitchen"]
    assert house.changed == ["anna", "anna", "ben"]
    people.log_out("desk")
    assert people.user_at("desk") is None
    with pytest.raises(Conflict, match="Nobody is logged in at Desk"):
        people.log_out("desk")
    with pytest.raises(NotFound):
        people.log_in("sofa", "anna")


async def test_the_phones_that_ring_first_for_a_click_to_dial(house: House) -> None:
    def accounts(device: str = "") -> list[str]:
        return [phone.account for phone in house.people.origins("anna", device)]

    assert accounts() == ["101", "101-kitchen"]
    assert accounts("kitchen") == accounts("101-kitchen") == ["101-kitchen"]
    await house.people.set_follow_me("anna", "default", {"outgoing": "phone"})
    assert accounts() == ["101"]
    assert accounts("kitchen") == ["101-kitchen"]
    with pytest.raises(NotFound, match="There is no device named boat"):
        accounts("boat")


async def test_the_mobile_phone_is_reached_through_whoever_has_lines(house: House) -> None:
    asked: list[tuple[str, str]] = []

    def outside(number: str, user: User) -> Phone:
        asked.append((number, user.name))
        return Phone("anna", number)

    house.people.outside = outside
    await house.people.set_follow_me("anna", "default", {"internal": [{"device": "mobile"}]})
    assert rung(house.dial("101")) == ["0171555777"]
    await house.people.set("anna", mobile="+49171999")
    assert rung(house.dial("101")) == ["+49171999"]
    await house.people.set("anna", mobile="")
    assert isinstance(house.dial("101"), Refuse)
    await house.people.set("anna", mobile=None)
    assert rung(house.dial("101")) == ["0171555777"]
    assert asked == [("0171555777", "anna"), ("+49171999", "anna"), ("0171555777", "anna")]


async def test_clients_see_what_moves(house: House) -> None:
    house.phones.online.discard("101-kitchen")
    house.people.log_in("desk", "anna")
    assert house.people.state("anna") == {
        "registered": True,
        "devices": [
            {
                "name": "phone",
                "account": "101",
                "kind": "phone",
                "registered": True,
                "user_agent": "Phone 101",
                "address": "192.0.2.5",
            },
            {
                "name": "kitchen",
                "account": "101-kitchen",
                "kind": "phone",
                "registered": False,
                "user_agent": "",
                "address": "",
            },
            {
                "name": "desk",
                "account": "desk-1",
                "kind": "workplace",
                "registered": True,
                "user_agent": "Phone desk-1",
                "address": "192.0.2.5",
            },
            {"name": "mobile", "account": "", "kind": "mobile", "registered": True, "user_agent": ""},
        ],
        "do_not_disturb": False,
        "availability": "available",
        "availability_text": "",
        "idle": False,
        "profile": "default",
        "profiles": ["default"],
        "ringing": False,
    }


async def test_registrations_and_calls_change_what_is_shown_of_a_user(house: House) -> None:
    house.bus.publish(AccountRegistered(account="101-kitchen"))
    house.bus.publish(AccountRegistered(account="desk-1"))
    house.bus.publish(AccountRegistered(account="stranger"))
    house.talks.calls["c"] = Call([Seat("anna"), Seat("")])
    house.bus.publish(CallChanged(call="c"))
    house.talks.calls["c"].seats.append(Seat("ben"))
    house.bus.publish(CallChanged(call="c"))
    house.bus.publish(CallChanged(call="c"))
    await house.people.set("ben", call_waiting=False)
    house.changed.remove("ben")
    assert isinstance(house.dial("102", caller=Party(number="103")), Refuse)
    del house.talks.calls["c"]
    house.bus.publish(CallChanged(call="c"))
    assert house.changed == ["anna", "anna", "ben", "anna", "ben"]
    assert isinstance(house.dial("102", caller=Party(number="103")), Ring)


async def test_who_is_rung_is_shown_so_until_the_last_of_their_calls_rings_no_longer(house: House) -> None:
    def ringing() -> list[bool]:
        house.changed.clear()
        house.bus.publish(CallChanged(call="c"))
        house.bus.publish(CallChanged(call="d"))
        return [house.people.state(user)["ringing"] for user in ("anna", "ben")]

    one = house.talks.calls["c"] = Call([Seat("")], [Ringing("anna", "101"), Ringing("anna", "111"), Ringing("", "")])
    two = house.talks.calls["d"] = Call([Seat("")], [Ringing("anna", "101"), Ringing("ben", "102")])
    assert (ringing(), house.changed) == ([True, True], ["anna", "anna", "ben"])
    one.ringing.pop(0)
    two.ringing.clear()
    assert (ringing(), house.changed) == ([True, False], ["anna", "ben"])
    one.ringing, one.seats = [], [Seat(""), Seat("anna")]
    assert (ringing(), house.changed) == ([False, False], ["anna"])


@pytest.mark.parametrize(
    ("rules", "joins"),
    [(None, True), ([{"device": "kitchen", "after": 20}], True), ([{"device": "phone"}], False), ([], False)],
)
async def test_a_phone_that_wakes_up_rings_with_the_others_if_it_is_to(
    house: House, rules: Any, *, joins: bool
) -> None:
    await house.people.set_follow_me("anna", "default", {"internal": rules})
    call = house.talks.calls["c"] = Call([Seat("ben")], [Ringing("anna", "101")])
    other = house.talks.calls["d"] = Call([Seat("ben")], [Ringing("carl", "103")])
    for account in ("101", "101-kitchen", "102", "stranger"):
        house.bus.publish(AccountRegistered(account=account))
    assert (call.joined, other.joined) == (["101-kitchen"] if joins else [], [])


async def test_a_shared_phone_that_wakes_up_rings_for_whoever_is_logged_in(house: House) -> None:
    house.people.log_in("desk", "anna")
    await house.people.set_follow_me("anna", "default", {"internal": [{"device": "phone"}]})
    call = house.talks.calls["c"] = Call([Seat("ben")], [Ringing("anna", "101")])
    house.bus.publish(AccountRegistered(account="desk-1"))
    assert call.joined == ["desk-1"]


async def test_the_last_number_is_remembered_and_codes_are_not(house: House) -> None:
    house.people.is_code = lambda number: number.startswith("*")
    for number in ("102", "*66", ""):
        house.bus.publish(CallStarted(call="c", caller="101", caller_user="anna", number=number))
    house.bus.publish(CallStarted(call="c", caller="9", caller_user="carl", number="102"))
    assert house.people.of("anna").last_dialled == "102"
    assert house.changed == []


async def test_those_who_are_gone_leave_nothing(tmp_path: Path) -> None:
    house = House(tmp_path)
    await house.directory.add_user({"name": "dora"})
    await house.people.set("dora", do_not_disturb=True)
    house.people.log_in("desk", "dora")
    await house.directory.remove_user("dora")
    assert house.people.workplaces()[0]["user"] is None
    await house.directory.add_user({"name": "dora"})
    assert not house.people.of("dora").do_not_disturb
    await house.people.set("anna", do_not_disturb=True)
    await house.stop()
    moved = House(tmp_path, Config(users=(BEN,)))
    assert moved.people.of("anna").do_not_disturb is False
    await moved.stop()
