"""Who guesses PINs is slowed down."""

import pytest

from pbx_lite.calls.guessing import FORGOTTEN, LONGEST, MOST, Guessing
from pbx_lite.calls.party import Party

ANNA = Party(number="101", user="anna")
OTTO = Party(number="+4930111", trunk="line")


def wrong(guessing: Guessing, caller: Party, times: int, room: str = "table") -> None:
    for _ in range(times):
        guessing.note(caller, room, 0.0, right=False)


def test_each_wrong_pin_costs_more_time_than_the_one_before():
    guessing = Guessing()
    pauses = []
    for _ in range(6):
        pauses.append(guessing.pause(OTTO, "table", 0.0))
        wrong(guessing, OTTO, 1)
    assert pauses == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0]


def test_who_was_wrong_too_often_is_locked_out_for_a_while_and_in_every_room():
    guessing = Guessing()
    wrong(guessing, OTTO, MOST - 1, "table")
    assert not guessing.locked(OTTO, 1.0)
    wrong(guessing, OTTO, 1, "attic")
    assert guessing.locked(OTTO, 1.0)
    assert not guessing.locked(OTTO, FORGOTTEN + 1)
    assert guessing.pause(OTTO, "table", FORGOTTEN + 1) == 0.0


def test_a_right_pin_is_a_new_beginning():
    guessing = Guessing()
    wrong(guessing, ANNA, MOST - 1)
    guessing.note(ANNA, "table", 0.0, right=True)
    wrong(guessing, ANNA, 1)
    assert not guessing.locked(ANNA, 0.0)


def test_many_strangers_slow_down_strangers_and_never_the_house():
    guessing = Guessing()
    for number in range(200):
        wrong(guessing, Party(number=f"+49{number}", trunk="line"), 1)
    assert guessing.pause(OTTO, "table", 0.0) == LONGEST
    assert guessing.pause(OTTO, "attic", 0.0) == 0.0
    assert guessing.pause(ANNA, "table", 0.0) == 0.0
    assert not guessing.locked(OTTO, 0.0)


def test_callers_who_hide_their_numbers_are_one():
    guessing = Guessing()
    for number in range(MOST):
        wrong(guessing, Party(number=str(number), trunk="line", private=True), 1)
    assert guessing.locked(Party(number="99", trunk="line", private=True), 0.0)
    assert not guessing.locked(Party(number="99", trunk="other", private=True), 0.0)


def test_memory_is_bounded():
    guessing = Guessing()
    wrong(guessing, OTTO, MOST)
    for number in range(2000):
        wrong(guessing, Party(number=str(number)), 1)
    assert not guessing.locked(OTTO, 0.0)


@pytest.mark.parametrize("wrongs", [10, 1000])
def test_no_pause_is_longer_than_people_wait(wrongs):
    guessing = Guessing()
    wrong(guessing, OTTO, wrongs)
    assert guessing.pause(OTTO, "table", 0.0) == LONGEST
