"""How calls look to a client."""

import pytest

from pbx_lite.api.presentation import call_shown, snapshot, takes_part, user_shown
from pbx_lite.calls.party import Party
from tests.pbx_lite.api.phone_world import ANNA, BEN, FakeCall, FakeDevice, FakeSeat, FakeState
from tests.pbx_lite.api.world import World


@pytest.fixture
def world() -> World:
    return World()


def call(**fields: object) -> FakeCall:
    values = {"id": "c", "caller": ANNA, "callee": BEN, "number": "102"}
    return FakeCall(**{**values, **fields})  # type: ignore[arg-type]


def parties(world: World, shown: FakeCall) -> list[tuple[str, str, str]]:
    return [(each["number"], each["role"], each["state"]) for each in call_shown(world.services, shown)["parties"]]


def test_a_person_with_several_phones_rings_once(world: World) -> None:
    ringing = [FakeDevice(user="ben", device="102"), FakeDevice(user="ben", device="102-2"), FakeDevice(user="carla")]
    shown = call(state=FakeState.RINGING, seats=[FakeSeat(party=ANNA, caller=True)], ringing=ringing)
    assert parties(world, shown) == [
        ("101", "caller", "up"),
        ("102", "callee", "ringing"),
        ("103", "callee", "ringing"),
    ]


def test_click_to_dial_shows_the_caller_ringing(world: World) -> None:
    shown = call(state=FakeState.RINGING, ringing=[FakeDevice(user="anna", device="101")])
    assert parties(world, shown) == [("101", "caller", "ringing")]


def test_somebody_outside_rings_as_what_was_dialled(world: World) -> None:
    outside = Party(number="+4989", trunk="provider")
    seats = [FakeSeat(party=ANNA, caller=True)]
    shown = call(state=FakeState.RINGING, callee=outside, seats=seats, ringing=[FakeDevice(user="")])
    assert parties(world, shown) == [("101", "caller", "up"), ("+4989", "callee", "ringing")]
    assert call_shown(world.services, shown)["parties"][1]["external"]


def test_one_who_holds_leaves_the_others_held(world: World) -> None:
    seats = [FakeSeat(party=ANNA, caller=True, holding=True), FakeSeat(party=BEN)]
    assert parties(world, call(seats=seats)) == [("101", "caller", "holding"), ("102", "callee", "held")]


def test_who_hides_their_number_is_nobody(world: World) -> None:
    hidden = Party(number="+4989123", name="Dr. Huber", trunk="provider", private=True)
    (party,) = call_shown(world.services, call(seats=[FakeSeat(party=hidden, caller=True)]))["parties"]
    assert (party["number"], party["name"], party["external"]) == ("anonymous", "Anonymous", True)


@pytest.mark.parametrize(
    ("user", "part"), [("anna", True), ("ben", True), ("carla", True), ("dora", False), ("", False)]
)
def test_who_takes_part(user: str, *, part: bool) -> None:
    shown = call(seats=[FakeSeat(party=BEN)], ringing=[FakeDevice(user="carla"), FakeDevice(user="")])
    assert takes_part(shown, user) is part


def test_a_pbx_for_doors_alone_shows_users_without_phones() -> None:
    world = World()
    services = world.services.__class__(
        identity=world.services.identity,
        directory=world.directory,
        doorbell=world.doorbell,
        visitors=world.visitors,
        bus=world.bus,
    )
    shown = snapshot(services)
    assert (shown["calls"], shown["trunks"], shown["teams"], shown["workplaces"]) == ([], [], [], [])
    user = user_shown(services, world.directory.user("anna"))
    assert (user["registered"], user["in_call"], user["devices"]) == (False, False, [])
