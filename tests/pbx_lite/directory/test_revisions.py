from collections.abc import Awaitable, Callable

import pytest

from pbx_lite.config import Config, Door, OpenDtmf, OpenHttp, Role, Room, Secret, Trunk, User, Video
from pbx_lite.directory import Directory
from pbx_lite.directory.hidden import secrets_of
from pbx_lite.directory.revisions import Revisions
from pbx_lite.errors import Conflict

DOOR = {"name": "side", "display_name": "Side door", "extension": "151", "password": "s"}


@pytest.fixture
async def directory() -> Directory:
    directory = Directory(Config())
    await directory.add_door(DOOR)
    await directory.add_user({"name": "carla", "display_name": "Carla", "extension": "103"})
    await directory.save_role("guests", {"see": ["side"]})
    return directory


async def test_of_two_who_change_one_door_the_second_is_told(directory: Directory) -> None:
    seen = directory.revisions.of(directory.door("side"))
    await directory.update_door("side", {"display_name": "Mine"}, revision=seen)
    with pytest.raises(Conflict, match="meanwhile"):
        await directory.update_door("side", {"display_name": "Theirs"}, revision=seen)
    assert directory.door("side").display_name == "Mine"
    await directory.update_door(
        "side", {"display_name": "Theirs"}, revision=directory.revisions.of(directory.door("side"))
    )
    assert directory.door("side").display_name == "Theirs"


@pytest.mark.parametrize("kind", ["user", "role"])
async def test_users_and_roles_too(directory: Directory, kind: str) -> None:
    changes: dict[str, Callable[[], Awaitable[object]]] = {
        "user": lambda: directory.update_user("carla", {"display_name": "C"}, revision="0"),
        "role": lambda: directory.save_role("guests", {"see": []}, revision="0"),
    }
    with pytest.raises(Conflict, match="meanwhile"):
        await changes[kind]()


async def test_what_is_changed_back_is_what_was_seen(directory: Directory) -> None:
    seen = directory.revisions.of(directory.door("side"))
    await directory.update_door("side", {"display_name": "Other"})
    await directory.update_door("side", {"display_name": "Side door"})
    assert directory.revisions.of(directory.door("side")) == seen


async def test_a_further_phone_is_no_change_of_its_owner(directory: Directory) -> None:
    seen = directory.revisions.of(directory.user("carla"))
    await directory.add_device("carla", "kitchen")
    assert directory.revisions.of(directory.user("carla")) == seen


def test_a_revision_tells_nothing_of_the_code_that_opens() -> None:
    door = Door(name="a", display_name="A", extension="1", open=(OpenDtmf(digits=Secret("1234")),))
    assert Revisions().of(door) != Revisions().of(door)


def test_every_secret_is_known_so_that_it_can_be_hidden() -> None:
    video = Video(url="rtsp://192.0.2.9/", username="u", password=Secret("picture"))
    opening = OpenHttp(url="http://192.0.2.9/", password=Secret("relay"))
    config = Config(
        roles=(Role(name="family"),),
        users=(User(name="anna", display_name="Anna", extension="101", password=Secret("phone")),),
        doors=(
            Door(name="a", display_name="A", extension="1", password=Secret("station"), video=video, open=(opening,)),
        ),
        rooms=(Room(name="r", display_name="R", extension="800", pin=Secret("271828"), admin_pin=Secret("314159")),),
        trunks=(Trunk(name="line", password=Secret("provider")),),
    )
    found = secrets_of(Directory(config))
    assert found == {"picture", "relay", "phone", "station", "271828", "314159", "provider"}
