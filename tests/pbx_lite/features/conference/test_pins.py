"""What becomes of keys at the door of a room."""

import pytest

from pbx_lite.features.conference.pins import MOST_KEYS, PinPad, Pins, Verdict

ROOM = Pins(member="1234")
BOTH = Pins(member="1234", leader="987654")
LED = Pins(leader="9876")


def keyed(pins: Pins, keys: str) -> tuple[Verdict | None, str]:
    """The verdict, and the keys that were left over when it fell."""
    pad = PinPad(pins)
    for at, key in enumerate(keys):
        if (verdict := pad.press(key)) is not None:
            return verdict, keys[at + 1 :]
    return None, ""


@pytest.mark.parametrize(
    ("pins", "keys", "verdict"),
    [
        (ROOM, "1234", Verdict.MEMBER),
        (ROOM, "1235", Verdict.WRONG),
        (ROOM, "123#", Verdict.WRONG),
        (ROOM, "123", None),
        (ROOM, "99*1234", Verdict.MEMBER),
        (ROOM, "1A2B3C4", Verdict.MEMBER),
        (ROOM, "#1234", Verdict.MEMBER),
        (ROOM, "**", None),
        (BOTH, "1234", Verdict.MEMBER),
        (BOTH, "987654", Verdict.LEADER),
        (BOTH, "9876#", Verdict.WRONG),
        (BOTH, "123456", Verdict.MEMBER),
        (BOTH, "1230", None),
        (BOTH, "1230#", Verdict.WRONG),
        (LED, "9876", Verdict.LEADER),
        (LED, "#", Verdict.MEMBER),
        (LED, "9875", Verdict.WRONG),
    ],
)
def test_a_pin_ends_with_a_hash_or_with_its_last_digit(pins, keys, verdict):
    assert keyed(pins, keys)[0] is verdict


def test_keys_that_come_after_a_pasted_pin_are_left_over():
    assert keyed(ROOM, "1234#*8") == (Verdict.MEMBER, "#*8")


def test_a_leaders_pin_that_begins_like_the_members_can_be_keyed_in():
    pins = Pins(member="12", leader="1234")
    assert keyed(pins, "1234")[0] is Verdict.LEADER
    assert keyed(pins, "12#")[0] is Verdict.MEMBER
    pad = PinPad(pins)
    assert [pad.press(key) for key in "12"] == [None, None]
    assert pad.wait() is Verdict.MEMBER


@pytest.mark.parametrize(
    ("keys", "verdict"),
    [("", Verdict.NOTHING), ("12", Verdict.WRONG), ("12*", Verdict.NOTHING), ("ABCD", Verdict.NOTHING)],
)
def test_who_stops_in_the_middle_has_keyed_in_what_there_is(keys, verdict):
    pad = PinPad(ROOM)
    assert [pad.press(key) for key in keys] == [None] * len(keys)
    assert pad.wait() is verdict


def test_keys_without_end_are_a_wrong_pin():
    assert keyed(ROOM, "*" * (MOST_KEYS + 1))[0] is Verdict.WRONG


def test_pins_of_any_letters_can_be_compared():
    assert Pins(member="ß").judge("12") is Verdict.WRONG
    assert Pins().judge("") is Verdict.WRONG
