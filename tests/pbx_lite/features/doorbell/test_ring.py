"""One press of the bell as a table, and how its picture gets to people early."""

from datetime import UTC, datetime
from itertools import product

import pytest

from pbx_lite.features.doorbell.ring import TABLE, Early, Ring, RingAction, RingInput, RingState, early_picture


def ring() -> Ring:
    return Ring("r1", "", ("anna",), datetime(2026, 11, 21, tzinfo=UTC))


def test_the_table_knows_every_state_and_input() -> None:
    assert set(TABLE) == set(product(RingState, RingInput))


def test_the_first_answer_wins_and_the_second_is_refused() -> None:
    press = ring()

    assert press.take(RingInput.ANSWER) == (RingAction.CANCEL_OTHERS, RingAction.ANNOUNCE_ANSWER)
    assert press.take(RingInput.ANSWER) == (RingAction.REFUSE,)


def test_nobody_answers_in_time_but_a_late_joiner_still_may() -> None:
    press = ring()

    assert RingAction.ANNOUNCE_MISSED in press.take(RingInput.TIMEOUT)
    assert press.open_to_answer
    assert RingAction.ANNOUNCE_ANSWER in press.take(RingInput.ANSWER)


def test_the_second_timeout_ends_the_call_and_does_not_miss_it_twice() -> None:
    press = ring()
    press.take(RingInput.TIMEOUT)

    assert press.take(RingInput.TIMEOUT) == (RingAction.END,)
    assert press.state is RingState.ENDED


def test_a_visitor_who_gives_up_is_missed() -> None:
    assert RingAction.ANNOUNCE_MISSED in ring().take(RingInput.HANGUP)


def test_a_visitor_who_was_answered_is_not_missed() -> None:
    press = ring()
    press.take(RingInput.ANSWER)

    assert press.take(RingInput.HANGUP) == (RingAction.END,)


@pytest.mark.parametrize(
    ("wanted", "profile", "offers_video", "has_url", "expected"),
    [
        ("auto", "early_media", True, False, Early.EARLY_MEDIA),
        ("auto", "silent_answer", True, False, Early.SILENT_ANSWER),
        ("auto", "url", True, True, Early.URL),
        ("auto", "url", True, False, Early.EARLY_MEDIA),
        ("auto", "early_media", False, True, Early.URL),
        ("silent_answer", "early_media", True, True, Early.SILENT_ANSWER),
        ("early_media", "silent_answer", True, True, Early.EARLY_MEDIA),
        ("silent_answer", "silent_answer", False, False, Early.URL),
    ],
)
def test_the_early_picture_follows_the_setting_then_the_profile_and_what_the_call_brings(
    wanted: str, profile: str, offers_video: bool, has_url: bool, expected: Early
) -> None:
    assert early_picture(wanted, profile, offers_video=offers_video, has_url=has_url) is expected
