"""Rooms, languages, mailboxes and playlists as the file has them."""

from pathlib import Path

import pytest

from pbx_lite.config import Config, ConfigFaults, Door, Role, Room, Secret, User, load
from pbx_lite.config.build import ROOM_OPTIONS
from pbx_lite.config.runtime import (
    door_mapping,
    parse_door,
    parse_role,
    parse_room,
    parse_user,
    role_mapping,
    room_mapping,
    user_mapping,
)
from pbx_lite.errors import Invalid

WHOLE = """
language: de
music: {hold: ./music, jazz: /srv/jazz}
roles: {family: {rooms: [table]}, all: {rooms: ["*"]}}
users: [{name: anna, extension: "101", language: bar, voicemail: true}]
doors: [{name: front, extension: "150", password: x, leave_message: true}]
rooms:
  - name: table
    display_name: Kitchen table
    extension: 800
    pin: 0123
    admin_pin: "998877"
    announcement: true
    announce_user_count: true
    music_on_hold_when_empty: false
    music: jazz
    wait_marked: true
    end_marked: true
    startmuted: true
    quiet: true
    max_members: 5
    minutes: 90
    record_conference: true
    denoise: true
    talk_detection_events: false
    dtmf_passthrough: true
    language: fr
  - {name: free, extension: "801", pin: ""}
  - {name: made, extension: "802"}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pbx.yaml"


def loaded(file: Path, text: str) -> Config:
    file.write_text(text, encoding="utf-8")
    return load(file)


def faults(file: Path, text: str) -> list[str]:
    with pytest.raises(ConfigFaults) as raised:
        loaded(file, text)
    return [fault.message for fault in raised.value.faults]


def one_room(file: Path, options: str) -> list[str]:
    return faults(file, f"rooms: [{{name: a, extension: '800', {options}}}]")


def test_every_key_of_a_room_becomes_a_field(file: Path) -> None:
    config = loaded(file, WHOLE)
    assert config.rooms == (
        Room(
            name="table",
            display_name="Kitchen table",
            extension="800",
            pin=Secret("0123"),
            admin_pin=Secret("998877"),
            announce_join_leave=True,
            announce_user_count=True,
            music_on_hold_when_empty=False,
            music="jazz",
            wait_marked=True,
            end_marked=True,
            startmuted=True,
            quiet=True,
            max_members=5,
            minutes=90,
            record_conference=True,
            denoise=True,
            talk_detection_events=False,
            dtmf_passthrough=True,
            language="fr",
        ),
        Room(name="free", display_name="free", extension="801", pin=Secret("")),
        Room(name="made", display_name="made", extension="802", pin=None),
    )
    default = Room(name="", display_name="", extension="")
    assert [option for option in ROOM_OPTIONS if getattr(config.rooms[0], option) == getattr(default, option)] == []


def test_languages_mailboxes_and_playlists_are_read(file: Path) -> None:
    config = loaded(file, WHOLE)
    assert config.language == "de"
    assert config.music == (("hold", file.parent / "music"), ("jazz", Path("/srv/jazz")))
    assert [role.rooms for role in config.roles] == [("table",), ("*",)]
    assert (config.users[0].language, config.users[0].voicemail) == ("bar", True)
    assert config.doors[0].leave_message
    assert (loaded(file, "").language, loaded(file, "").music) == ("en", ())


def test_pins_show_in_no_repr(file: Path) -> None:
    shown = repr(loaded(file, WHOLE))
    assert "0123" not in shown
    assert "998877" not in shown


@pytest.mark.parametrize("pin", ["1234567890123", "'12 34'", "abc", "'*1'", "-5", "1.5", "true", "[1]", "'١٢٣'"])
def test_what_cannot_be_keyed_in_is_no_pin(file: Path, pin: str) -> None:
    (fault,) = one_room(file, f"pin: {pin}")
    assert fault.startswith("rooms[0].pin: ")


@pytest.mark.parametrize(
    ("written", "pin"), [("0007", "0007"), ("'0007'", "0007"), ("5", "5"), ("123456789012", "123456789012")]
)
def test_pins_keep_their_digits(file: Path, written: str, pin: str) -> None:
    config = loaded(file, f"rooms: [{{name: a, extension: '800', pin: {written}}}]")
    assert config.rooms[0].pin == pin


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ("video_mode: follow_talker", "rooms[0].video_mode: video in rooms comes later; leave video_mode out"),
        ("video_mode: none", "rooms[0].video_mode: video in rooms comes later; leave video_mode out"),
        ("pin: 1234, admin_pin: '1234'", "rooms[0].admin_pin: this must differ from pin, which does not make a leader"),
        (
            "announcement: true, announce_join_leave: false",
            "rooms[0].announcement: this is announce_join_leave by another name; leave one of them out",
        ),
        ("music: jazz", "rooms[0].music: there is no playlist named jazz below music"),
        ("language: tlh", "rooms[0].language: this must be one of en, de, fr, nl, sr, bar"),
        ("max_members: 1001", "rooms[0].max_members: this must be a whole number from 0 to 1000"),
        ("minutes: -1", "rooms[0].minutes: this must be a whole number from 0 to 1440"),
        ("startmutted: true", "rooms[0].startmutted: unknown key; did you mean startmuted?"),
        ("quiet: 1", "rooms[0].quiet: this must be true or false"),
    ],
)
def test_a_fault_of_a_room_has_its_path(file: Path, options: str, fault: str) -> None:
    assert one_room(file, options) == [fault]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("roles: {family: {rooms: [attic]}}", "roles.family.rooms[0]: there is no room named attic"),
        ("language: ''", "language: this must not be empty"),
        ("language: english", "language: this must be one of en, de, fr, nl, sr, bar"),
        ("music: {hold: ''}", "music.hold: this must not be empty"),
        ("music: [hold]", "music: "),
        (
            "users: [{name: a, extension: '101', voicemail: yes please}]",
            "users[0].voicemail: this must be true or false",
        ),
        (
            "rooms: [{name: a, extension: '800'}, {name: a, extension: '801'}]",
            "rooms[1].name: a is there twice, see rooms[0]",
        ),
        (
            "users: [{name: b, extension: '800'}]\nrooms: [{name: a, extension: '800'}]",
            "rooms[0].extension: 800 is used by users[0] already",
        ),
    ],
)
def test_a_fault_elsewhere_has_its_path_too(file: Path, text: str, fault: str) -> None:
    (found,) = faults(file, text)
    assert found.startswith(fault)


def test_what_is_made_at_runtime_comes_back_as_it_was(file: Path) -> None:
    config = loaded(file, WHOLE)
    for room in config.rooms:
        assert parse_room(room_mapping(room)) == Room(
            **{field: getattr(room, field) for field in Room.__slots__ if field != "provisioned"}, provisioned=False
        )
    role = Role(name="r", rooms=("table",), provisioned=False)
    assert parse_role("r", role_mapping(role)) == role
    user = User(name="u", display_name="u", extension="1", language="sr", voicemail=True, provisioned=False)
    assert parse_user(user_mapping(user)) == user
    door = Door(name="d", display_name="d", extension="1", leave_message=True, provisioned=False)
    assert parse_door(door_mapping(door)) == door


def test_a_room_of_the_api_is_checked_in_the_same_way() -> None:
    with pytest.raises(Invalid, match=r"^pin: a PIN has 1 to 12 digits; video_mode: video in rooms comes later"):
        parse_room({"name": "a", "extension": "1", "pin": "x", "video_mode": "none"})
