"""Which failures are counted for one name at one address, and which for the whole address."""

from pbx_lite.calls.account_lockout import AccountLockout, Counted
from pbx_lite.calls.lockout import LockoutRules

RULES = LockoutRules(failures=3, window=60, seconds=300, memory=3600, sources=100)
HOME = "192.0.2.1"


def test_the_third_failure_of_a_name_locks_it_at_that_address_alone() -> None:
    names = AccountLockout(RULES)

    assert [names.failed(HOME, "104", now) for now in (0, 1, 2)] == [Counted.NAME, Counted.NAME, Counted.LOCKED]
    assert names.locked(HOME, "104", 301)
    assert not names.locked(HOME, "104", 303)
    assert not names.locked(HOME, "105", 3)
    assert not names.locked("192.0.2.2", "104", 3)


def test_failures_spread_over_a_long_time_are_forgiven() -> None:
    names = AccountLockout(RULES)

    assert {names.failed(HOME, "104", now) for now in (0, 61, 122, 183, 244)} == {Counted.NAME}


def test_a_success_clears_what_was_counted() -> None:
    names = AccountLockout(RULES)
    names.failed(HOME, "104", 0)
    names.failed(HOME, "104", 1)
    names.succeeded(HOME, "104")

    assert names.failures(HOME, "104") == 0
    assert names.failed(HOME, "104", 2) is Counted.NAME


def test_the_third_unknown_name_is_counted_for_the_address() -> None:
    names = AccountLockout(RULES)

    assert [names.failed(HOME, name, 0) for name in ("104", "105", "106", "104")] == [
        Counted.NAME,
        Counted.NAME,
        Counted.SOURCE,
        Counted.NAME,
    ]
    assert names.failed(HOME, "x" * 1000, 0) is Counted.SOURCE


def test_unknown_names_make_room_after_an_hour_without_a_word() -> None:
    names = AccountLockout(RULES)
    for name in ("104", "105"):
        names.failed(HOME, name, 0)

    assert names.failed(HOME, "104", 3000) is Counted.NAME
    assert names.failed(HOME, "106", 3500) is Counted.SOURCE
    assert names.failed(HOME, "106", 3601) is Counted.NAME
    assert names.failed(HOME, "107", 3602) is Counted.SOURCE


def test_names_that_were_let_in_are_counted_for_themselves_however_many() -> None:
    names = AccountLockout(RULES)
    for number in range(30):
        names.succeeded(HOME, str(number))

    assert {names.failed(HOME, str(number), 0) for number in range(30)} == {Counted.NAME}
    assert names.familiar(HOME, "7")
    assert not names.familiar("192.0.2.2", "7")


def test_memory_is_bounded() -> None:
    names = AccountLockout(RULES)
    for number in range(1000):
        names.succeeded(HOME, str(number))
        names.failed(HOME, str(number), 0)
    place = names._places[HOME]
    assert len(place.familiar) == len(place.tallies) == 64
    for number in range(1000):
        names.failed(f"source {number}", "104", 0)
    assert len(names._places) == 100
