from pbx_lite.calls.party import Party
from pbx_lite.features.voicemail.limits import HOUR, MOST_IN_BOX, Lately, name_of


def test_what_is_an_hour_ago_counts_no_longer() -> None:
    lately = Lately()
    for now in range(5):
        lately.note("a", float(now))
    lately.note("b", 0.0)
    assert (lately.count("a", 4.0), lately.count("b", 4.0), lately.count("c", 4.0)) == (5, 1, 0)
    assert lately.count("a", HOUR + 2.5) == 2


def test_memory_is_bounded_however_many_call() -> None:
    lately = Lately()
    for caller in range(5000):
        lately.note(f"caller {caller}", 0.0)
    assert lately.count("caller 0", 0.0) == 0
    assert lately.count("caller 4999", 0.0) == 1
    for _ in range(5000):
        lately.note("box", 0.0)
    assert lately.count("box", 0.0) == MOST_IN_BOX


def test_those_of_a_line_who_hide_their_number_count_as_one() -> None:
    private = Party(number="+4930123", trunk="line", private=True)
    other = Party(number="+4930999", trunk="line", private=True)
    assert name_of(private) == name_of(other) != name_of(Party(number="+4930123", trunk="line"))
    assert name_of(Party(number="101", user="anna")) == name_of(Party(number="101-kitchen", user="anna"))
