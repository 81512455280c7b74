"""Who is in which call, as events tell it."""

from pbx_lite.events import (
    AccountRegistered,
    CallAnswered,
    CallEnded,
    CallMissed,
    CallRinging,
    CallStarted,
    CallTransferred,
    DoorAnswered,
    DoorEnded,
    DoorRang,
)
from pbx_lite.features.watching.lines import DOOR, USER, Lines

ANNA, BEN, CARL, FRONT = (USER, "anna"), (USER, "ben"), (USER, "carl"), (DOOR, "front")
STARTED = CallStarted(call="c", caller="101", caller_name="Anna", caller_user="anna", number="102", callee_name="Ben")


def lines() -> Lines:
    return Lines(lambda watched: ("150", watched[1]))


def shown(lines: Lines, watched: tuple[str, str]) -> list[tuple[str, bool, str, str]]:
    return [(line.state.value, line.caller, line.number, line.name) for line in lines.of(watched)]


def test_a_call_from_dialling_to_its_end() -> None:
    ours = lines()
    assert ours.hear(STARTED) == {ANNA}
    assert shown(ours, ANNA) == [("trying", True, "102", "Ben")]
    assert ours.hear(CallRinging(call="c", user="ben")) == {ANNA, BEN}
    assert shown(ours, ANNA) == [("early", True, "102", "Ben")]
    assert shown(ours, BEN) == [("early", False, "101", "Anna")]
    assert ours.hear(CallAnswered(call="c", by="ben")) == {ANNA, BEN}
    assert shown(ours, BEN) == [("confirmed", False, "101", "Anna")]
    assert ours.hear(CallEnded(call="c", cause=16)) == {ANNA, BEN}
    assert ours.of(ANNA) == ours.of(BEN) == []
    assert not ours._calls
    assert not ours._busy


def test_who_rang_in_vain_is_free_when_another_answers() -> None:
    ours = lines()
    ours.hear(STARTED)
    for user in ("ben", "carl"):
        ours.hear(CallRinging(call="c", user=user))
    assert ours.hear(CallAnswered(call="c", by="carl")) == {ANNA, BEN, CARL}
    assert ours.of(BEN) == []
    assert shown(ours, CARL) == [("confirmed", False, "101", "Anna")]


def test_a_call_from_outside_is_a_line_of_those_who_ring_alone() -> None:
    ours = lines()
    assert ours.hear(CallStarted(call="c", caller="+4989", number="101", direction="inbound", trunk="t")) == set()
    ours.hear(CallRinging(call="c", user="anna"))
    ours.hear(CallAnswered(call="c", by="anna"))
    assert shown(ours, ANNA) == [("confirmed", False, "+4989", "")]
    ours.hear(CallMissed(call="c", user="ben"))


def test_who_transfers_leaves_and_the_others_see_the_new_number() -> None:
    ours = lines()
    ours.hear(STARTED)
    ours.hear(CallAnswered(call="c", by="ben"))
    assert ours.hear(CallTransferred(call="c", by="ben", number="103")) == {ANNA, BEN}
    assert ours.of(BEN) == []
    assert shown(ours, ANNA) == [("confirmed", True, "103", "")]
    ours.hear(CallRinging(call="c", user="carl"))
    assert shown(ours, CARL) == [("early", False, "101", "Anna")]


def test_when_the_caller_transfers_the_callee_is_shown_to_the_new_one() -> None:
    ours = lines()
    ours.hear(STARTED)
    ours.hear(CallAnswered(call="c", by="ben"))
    ours.hear(CallTransferred(call="c", by="anna", number="103"))
    ours.hear(CallRinging(call="c", user="carl"))
    assert shown(ours, CARL) == [("early", False, "102", "Ben")]


def test_two_calls_of_one_person_are_two_lines() -> None:
    ours = lines()
    ours.hear(STARTED)
    ours.hear(CallStarted(call="d", caller="101", caller_user="anna", number="104"))
    assert len(ours.of(ANNA)) == 2
    ours.hear(CallEnded(call="c", cause=16))
    assert [line.call for line in ours.of(ANNA)] == ["d"]


def test_a_ring_at_the_door_is_a_line_of_the_door_and_of_those_it_rings() -> None:
    ours = lines()
    assert ours.hear(DoorRang(door="front", ring="r", button="11", rings=("anna", "ben"))) == {FRONT, ANNA, BEN}
    assert shown(ours, ANNA) == [("early", False, "150", "front")]
    ours.hear(DoorAnswered(door="front", ring="r", by="anna"))
    assert shown(ours, FRONT) == [("confirmed", True, "11", "")]
    assert ours.of(BEN) == []
    ours.hear(DoorEnded(door="front", ring="r", by="anna"))
    assert ours.of(FRONT) == ours.of(ANNA) == []


def test_what_is_not_about_known_calls_changes_nothing() -> None:
    ours = lines()
    for event in (
        CallRinging(call="x", user="ben"),
        CallAnswered(call="x", by="ben"),
        CallTransferred(call="x", by="ben", number="1"),
        CallEnded(call="x", cause=16),
        AccountRegistered(account="101"),
    ):
        assert ours.hear(event) == set()
