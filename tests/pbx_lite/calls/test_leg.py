"""Causes: what statuses and Reason headers stand for."""

import pytest

from pbx_lite.calls.leg import (
    BUSY,
    CONGESTION,
    ELSEWHERE,
    INTERWORKING,
    INVALID_NUMBER,
    NETWORK,
    NO_ANSWER,
    NO_CODEC,
    NO_RESPONSE,
    NORMAL,
    REDIRECTED,
    REJECTED,
    UNALLOCATED,
    UNREACHABLE,
    Cause,
    cause_of,
    cause_told,
)


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (404, UNALLOCATED),
        (408, NO_RESPONSE),
        (480, UNREACHABLE),
        (484, INVALID_NUMBER),
        (486, BUSY),
        (600, BUSY),
        (603, REJECTED),
        (403, REJECTED),
        (488, NO_CODEC),
        (606, NO_CODEC),
        (503, NETWORK),
        (302, REDIRECTED),
        (499, INTERWORKING),
    ],
)
def test_a_status_stands_for_a_cause(status: int, cause: Cause) -> None:
    assert cause_of(status) == cause


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ('Q.850;cause=16;text="Normal call clearing"', NORMAL),
        ("q.850 ; cause = 42", CONGESTION),
        ('SIP;cause=200;text="Call completed elsewhere"', ELSEWHERE),
        ("SIP;cause=486;text=x, Q.850;cause=21", REJECTED),
        ("SIP;cause=486", BUSY),
        ("Q.850;cause=39", Cause(39, 503, "Temporary failure")),
        ("Q.850;cause=0", None),
        ("Q.850;cause=999", None),
        ("Q.850;cause=\u00b2", None),
        ("Q.850", None),
        ("SIP;cause=299", None),
        ("preemption;cause=1", None),
        ('Q.850;text="open', None),
        ("", None),
        ("The other side is gone.", None),
    ],
)
def test_a_reason_tells_a_cause_or_nothing(reason: str, cause: Cause | None) -> None:
    assert cause_told(reason) == cause


def test_a_reason_says_what_a_vague_status_means_and_nothing_beside_a_clear_one() -> None:
    assert cause_of(480, "Q.850;cause=19") == NO_ANSWER
    assert cause_of(486, "Q.850;cause=21") == BUSY


def test_every_cause_is_written_as_it_is_read() -> None:
    for cause in (NORMAL, BUSY, REJECTED, UNREACHABLE, ELSEWHERE):
        assert cause_told(cause.reason()) == cause
