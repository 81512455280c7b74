"""Whose number is called."""

import pytest

from pbx_lite.features.trunks.blocks import OwnNumbers

GERMAN = {"country": "49", "area": "89"}


@pytest.mark.parametrize(
    ("called", "target"),
    [
        ("+49891234560", "anna"),
        ("49891234560", "anna"),
        ("0049891234560", "anna"),
        ("0891234560", "anna"),
        ("+4989123456", None),
        ("+498912345600", None),
    ],
)
def test_a_single_number(called, target):
    match = OwnNumbers([("+49 89 1234560", "anna")], **GERMAN).find(called)
    assert (match.target if match else None) == target


def test_a_dash_may_stand_in_a_number():
    numbers = OwnNumbers([("+49891234-0", "anna")], **GERMAN)
    match = numbers.find("+498912340")
    assert match is not None
    assert match.target == "anna"
    assert numbers.find("+498912341") is None
    assert OwnNumbers([("+49-89-1234", "anna")], **GERMAN).find("+49891234") is not None


@pytest.mark.parametrize(
    ("block", "called", "target"),
    [
        ("+498912340-99", "+498912340", "0"),
        ("+498912340-99", "+498912347", "7"),
        ("+498912340-99", "+4989123442", "42"),
        ("+498912340-99", "+49891234999", None),
        ("+498912340-99", "+49891234", None),
        ("+4989123400-99", "+4989123407", "07"),
        ("+4989123400-99", "+498912347", None),
        ("+49891210-29", "+49891215", "15"),
        ("+49891210-29", "+49891230", None),
        ("+49891234*", "+49891234101", "101"),
        ("+49891234*", "+49891234", None),
        ("+49891234*", "+49891234x", None),
        ("0891234*", "49891234101", "101"),
        ("0891234*", "0891234101", "101"),
    ],
)
def test_behind_the_stem_of_a_block_stands_the_extension(block, called, target):
    match = OwnNumbers([(block, "*")], **GERMAN).find(called)
    assert (match.target if match else None) == target


def test_the_longest_entry_counts():
    numbers = OwnNumbers(
        [("+49891234*", "*"), ("+498912342*", "sales"), ("+4989123425", "ben"), ("+498912340-9", "reception")], **GERMAN
    )
    found = {called: numbers.find(f"+49891234{called}") for called in ("25", "26", "31", "5")}
    assert {called: match and match.target for called, match in found.items()} == {
        "25": "ben",
        "26": "sales",
        "31": "31",
        "5": "reception",
    }


def test_an_account_of_a_fritzbox_is_a_number_too():
    numbers = OwnNumbers([("620", "anna"), ("**621", "ben")], **GERMAN)
    match = numbers.find("620")
    assert match is not None
    assert match.target == "anna"


def test_a_line_of_one_number_needs_no_other():
    match = OwnNumbers([("+49891234", "anna")], **GERMAN).only
    assert match is not None
    assert match.target == "anna"
    assert OwnNumbers([("+49891234*", "*")], **GERMAN).only is None
    assert OwnNumbers([("1", "anna"), ("2", "ben")], **GERMAN).only is None


@pytest.mark.parametrize(
    ("names", "number"),
    [
        (("anna", "101"), "+49895550"),
        (("ben", "102"), "+49891234102"),
        (("carl", "103"), "+49891239"),
        (("sales", ""), "+4989770"),
        (("nobody", "abc"), ""),
        (("", ""), ""),
    ],
)
def test_the_number_shown_to_others_is_ones_own(names, number):
    numbers = OwnNumbers(
        [("+49895550", "anna"), ("+49891234*", "*"), ("+49891239", "103"), ("+4989770-9", "sales")], **GERMAN
    )
    assert numbers.number_of(names) == number


@pytest.mark.parametrize("entry", ["", "*", "-", "0-", "-9", "+*", "1-2", "a-9", "+49-99"])
def test_odd_entries_do_no_harm(entry):
    numbers = OwnNumbers([(entry, "*")], **GERMAN)
    numbers.find("+49891234")
    numbers.find("")
    numbers.number_of(["101"])
