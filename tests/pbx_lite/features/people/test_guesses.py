from pbx_lite.features.people.guesses import MOST, WAIT, Guesses
from tests.support.clock import FakeClock


def test_after_a_few_wrong_ones_everything_is_wrong_for_a_while() -> None:
    clock = FakeClock()
    guesses = Guesses(clock)
    for _ in range(MOST):
        assert guesses.allowed("anna")
        guesses.note("anna", right=False)
    assert not guesses.allowed("anna")
    assert guesses.allowed("ben")
    clock.advance(WAIT)
    assert guesses.allowed("anna")


def test_a_right_one_forgives() -> None:
    guesses = Guesses(FakeClock())
    for _ in range(3 * MOST):
        guesses.note("anna", right=False)
        guesses.note("anna", right=True)
    assert guesses.allowed("anna")


def test_it_remembers_no_more_than_it_can_hold() -> None:
    guesses = Guesses(FakeClock())
    for name in range(5000):
        guesses.note(str(name), right=False)
    assert len(guesses._wrong) == 1000
