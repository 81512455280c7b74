"""Who is brought into a room."""

from pbx_lite.features.conference.expected import EXPECTED_SECONDS, MOST, Expected, guests_of


def test_who_is_expected_is_let_in_once() -> None:
    expected = Expected()
    expected.expect("table", guests_of("c1", "anna"), 0)
    assert not expected.comes("cellar", guests_of("c1", "anna"), 1)
    assert not expected.comes("table", guests_of("c2", ""), 1)
    assert expected.comes("table", guests_of("c2", "anna"), 1)
    assert expected.comes("table", guests_of("c1", ""), 1)
    assert not expected.comes("table", guests_of("c1", "anna"), 1)


def test_nobody_is_expected_for_long() -> None:
    expected = Expected()
    expected.expect("table", ["user:anna"], 0)
    assert not expected.comes("table", ["user:anna"], EXPECTED_SECONDS)


def test_of_very_many_the_oldest_are_forgotten() -> None:
    expected = Expected()
    for number in range(MOST + 1):
        expected.expect("table", [f"call:{number}"], 0)
    assert not expected.comes("table", ["call:0"], 1)
    assert expected.comes("table", [f"call:{MOST}"], 1)
