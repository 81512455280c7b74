import pytest

from pbx_lite.directory.naming import name_for, new_password, next_extension


@pytest.mark.parametrize(
    ("display_name", "name"),
    [("Side door", "side-door"), ("Tür Süd", "tuer-sued"), ("Ça & Là!", "ca-la"), ("門", "door"), ("", "door")],
)
def test_names_are_short_and_ascii(display_name: str, name: str) -> None:
    assert name_for(display_name, set(), fallback="door") == name


def test_a_taken_name_gets_a_number() -> None:
    assert name_for("Gate", {"gate", "gate-2"}, fallback="door") == "gate-3"


def test_the_next_extension_is_the_lowest_free_one() -> None:
    assert next_extension([], set(), first=101) == "101"
    assert next_extension(["200", "202"], {"200", "202"}, first=101) == "201"
    assert next_extension(["101"], {"101", "102", "103"}, first=101) == "104"


def test_passwords_differ_and_can_be_typed() -> None:
    passwords = {new_password() for _ in range(50)}
    assert len(passwords) == 50
    assert all(len(password) == 16 and password.isalnum() and password.islower() for password in map(str, passwords))
