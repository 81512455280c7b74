"""Who may enter a room, and what those in it hear."""

from dataclasses import dataclass, replace

import pytest

from pbx_lite.config import Room
from pbx_lite.features.conference.rules import Place, Refusal, deserted, place_of, refusal

ROOM = Room(name="table", display_name="Table", extension="800")


@dataclass
class Somebody:
    leader: bool = False
    held: bool = False


MEMBER, OTHER, LEADER, AWAY = Somebody(), Somebody(), Somebody(leader=True), Somebody(held=True)


@pytest.mark.parametrize(
    ("options", "one", "inside", "place"),
    [
        ({}, MEMBER, [MEMBER], Place.MUSIC),
        ({"music_on_hold_when_empty": False}, MEMBER, [MEMBER], Place.MIX),
        ({}, MEMBER, [MEMBER, OTHER], Place.MIX),
        ({}, AWAY, [MEMBER, AWAY], Place.AWAY),
        ({}, MEMBER, [MEMBER, AWAY], Place.MIX),
        ({"wait_marked": True}, MEMBER, [MEMBER, OTHER], Place.MUSIC),
        ({"wait_marked": True, "music_on_hold_when_empty": False}, MEMBER, [MEMBER, OTHER], Place.SILENCE),
        ({"wait_marked": True}, MEMBER, [MEMBER, LEADER], Place.MIX),
        ({"wait_marked": True}, LEADER, [LEADER], Place.MUSIC),
        ({"wait_marked": True}, AWAY, [AWAY], Place.AWAY),
    ],
)
def test_where_somebody_is_in_a_room(options, one, inside, place):
    assert place_of(replace(ROOM, **options), one, inside) is place


@pytest.mark.parametrize(
    ("inside", "locked", "leader", "expected"),
    [
        (1, False, False, None),
        (2, False, False, Refusal.FULL),
        (2, False, True, None),
        (0, True, False, Refusal.LOCKED),
        (0, True, True, None),
    ],
)
def test_a_full_or_locked_room_lets_leaders_in(inside, locked, leader, expected):
    assert refusal(replace(ROOM, max_members=2), inside, locked=locked, leader=leader) is expected


def test_a_room_without_a_limit_takes_everybody():
    assert refusal(ROOM, 1000, locked=False, leader=False) is None


def test_all_go_when_the_last_leader_goes():
    room = replace(ROOM, end_marked=True)
    assert deserted(room, LEADER, [MEMBER])
    assert not deserted(room, LEADER, [MEMBER, LEADER])
    assert not deserted(room, MEMBER, [OTHER])
    assert not deserted(room, LEADER, [])
    assert not deserted(ROOM, LEADER, [MEMBER])
