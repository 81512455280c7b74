"""What keys do in a room."""

import pytest

from pbx_lite.features.conference.menu import KEYS, LEADERS_KEYS, Action, Menu
from pbx_lite.features.conference.pace import Pace


def done(keys: str, *, leader: bool = False) -> list[Action]:
    menu = Menu(leader=leader)
    return [action for key in keys if (action := menu.press(key)) is not None]


@pytest.mark.parametrize(
    ("keys", "actions"),
    [
        ("*1", [Action.MUTE]),
        ("1", []),
        ("*1*8", [Action.MUTE, Action.LEAVE]),
        ("**", [Action.HELP]),
        ("***1", [Action.HELP, Action.MUTE]),
        ("*2", []),
        ("*A1", []),
        ("#", []),
    ],
)
def test_a_star_and_a_key_are_an_action(keys, actions):
    assert done(keys) == actions


@pytest.mark.parametrize(("key", "action"), [*KEYS.items(), *LEADERS_KEYS.items()])
def test_leaders_have_all_keys_that_others_have_and_more(key, action):
    assert done(f"*{key}", leader=True) == [action]


def test_a_star_alone_asks_for_help_once():
    menu = Menu(leader=False)
    assert menu.press("*") is None
    assert menu.waiting
    assert menu.wait() is Action.HELP
    assert menu.wait() is None
    assert not menu.waiting


def test_every_action_has_one_key():
    assert sorted([*KEYS.values(), *LEADERS_KEYS.values()], key=lambda each: each.value) == sorted(
        Action, key=lambda each: each.value
    )


def test_what_changes_back_before_it_is_due_is_not_told():
    pace = Pace(0.5)
    assert pace.due(0.0) is None
    pace.value = True
    assert pace.due(1.0) == 0.0
    assert pace.tell(1.0)
    pace.value = False
    assert pace.due(1.2) == pytest.approx(0.3)
    pace.value = True
    assert pace.due(1.2) is None
