"""The keys of a phone in a door's call."""

from pbx_lite.features.doorbell.keypad import Keypad


def typed(code: str, digits: str) -> list[bool]:
    keypad = Keypad(code)
    return [keypad.press(digit) for digit in digits]


def test_the_code_opens_with_its_last_key() -> None:
    assert typed("00#", "00#") == [False, False, True]


def test_keys_before_the_code_do_not_spoil_it() -> None:
    assert typed("00#", "1000#")[-1]


def test_a_wrong_code_opens_nothing() -> None:
    assert not any(typed("00#", "01#"))


def test_the_code_must_be_typed_anew_each_time() -> None:
    assert typed("00#", "00##00#") == [False, False, True, False, False, False, True]


def test_a_door_without_a_code_of_its_own_opens_by_the_hash_key() -> None:
    assert typed("", "#") == [True]
