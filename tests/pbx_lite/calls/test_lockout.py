"""Who is kept out, for how long, and that memory stays small."""

from pbx_lite.calls.lockout import Lockout, LockoutRules

RULES = LockoutRules(failures=3, challenges=5, window=60, seconds=300, sources=100)


def test_the_third_wrong_password_locks_a_source_out_and_says_so_once() -> None:
    lockout = Lockout(RULES)

    said = [lockout.failed("192.0.2.1", now) for now in (0, 1, 2, 3)]

    assert said == [False, False, True, False]
    assert lockout.locked("192.0.2.1", 3)
    assert not lockout.locked("192.0.2.2", 3)


def test_a_lock_ends_after_its_time() -> None:
    lockout = Lockout(RULES)
    for now in range(3):
        lockout.failed("192.0.2.1", now)

    assert lockout.locked("192.0.2.1", 301)
    assert not lockout.locked("192.0.2.1", 303)


def test_a_lock_outlives_the_window_in_which_failures_are_counted() -> None:
    lockout = Lockout(RULES)
    for now in range(3):
        lockout.failed("192.0.2.1", now)
    lockout.challenged("192.0.2.1", 100)

    assert lockout.locked("192.0.2.1", 101)


def test_failures_spread_over_a_long_time_are_forgiven() -> None:
    lockout = Lockout(RULES)

    assert not any(lockout.failed("192.0.2.1", now) for now in (0, 61, 122, 183))


def test_a_success_clears_what_was_counted() -> None:
    lockout = Lockout(RULES)
    lockout.failed("192.0.2.1", 0)
    lockout.failed("192.0.2.1", 1)
    lockout.succeeded("192.0.2.1")

    assert not lockout.failed("192.0.2.1", 2)


def test_a_scanner_that_never_answers_a_challenge_is_locked_out() -> None:
    lockout = Lockout(RULES)

    assert [lockout.challenged("192.0.2.1", 0) for _ in range(5)] == [False] * 4 + [True]


def test_ten_thousand_sources_do_not_grow_the_memory() -> None:
    lockout = Lockout(RULES)
    for number in range(10_000):
        lockout.failed(f"source {number}", 0)

    assert len(lockout._records) == 100
