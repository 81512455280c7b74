"""Who is kept out, for how long, and that memory stays small."""

from pbx_lite.calls.lockout import Lockout, LockoutRules

RULES = LockoutRules(failures=3, challenges=5, patience=4, flood=20, window=60, seconds=300, sources=100)


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
    lockout.succeeded("192.0.2.1", 1)

    assert not lockout.failed("192.0.2.1", 2)


def test_a_scanner_that_never_answers_a_challenge_is_locked_out() -> None:
    lockout = Lockout(RULES)

    assert [lockout.challenged("192.0.2.1", 0) for _ in range(5)] == [False] * 4 + [True]


def test_a_busy_exchange_may_be_asked_by_many_before_it_hears_the_first_answer() -> None:
    lockout = Lockout(RULES)
    lockout.succeeded("192.0.2.1", 0)
    for now in (100, 103):
        assert not any(lockout.challenged("192.0.2.1", now) for _ in range(9))
    lockout.succeeded("192.0.2.1", 104)

    assert not lockout.challenged("192.0.2.1", 105)


def test_who_was_let_in_before_and_answers_no_more_is_locked_out_after_a_while() -> None:
    lockout = Lockout(RULES)
    lockout.succeeded("192.0.2.1", 0)

    assert [lockout.challenged("192.0.2.1", now) for now in (1, 2, 3, 4, 4, 4, 5)] == [False] * 6 + [True]


def test_a_flood_without_any_answer_is_too_much_at_any_pace() -> None:
    lockout = Lockout(RULES)
    lockout.succeeded("192.0.2.1", 0)

    assert [lockout.challenged("192.0.2.1", 0) for _ in range(20)] == [False] * 19 + [True]


def test_ten_thousand_sources_do_not_grow_the_memory() -> None:
    lockout = Lockout(RULES)
    for number in range(10_000):
        lockout.failed(f"source {number}", 0)

    assert len(lockout._records) == 100
