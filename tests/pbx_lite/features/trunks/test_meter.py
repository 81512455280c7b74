"""The minutes of calls to the outside while they run."""

import pytest

from pbx_lite.calls.call import Call
from pbx_lite.calls.leg import NORMAL, NOT_ALLOWED, Cause, Leg
from pbx_lite.calls.seat import Seat
from pbx_lite.features.trunks.meter import TONE, WARNING, Meter, Toll
from pbx_lite.features.trunks.rights import HOUR, Limits
from pbx_lite.media.port import PCMU
from pbx_lite.media.tones import frames
from tests.pbx_lite.calls.test_call import Home
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeLeg


class Board:
    """The meter of a house in which everybody may speak ten minutes; no leg has a seat but those of `calls`."""

    def __init__(self, minutes: int = 10) -> None:
        self.clock = FakeClock()
        self.limits = Limits(hourly=0, minutes=minutes)
        self.told: list[tuple[str, str, str]] = []
        self.meter = Meter(self.limits, switchboard=self, clock=self.clock, tell=lambda *toll: self.told.append(toll))

    def seat_of(self, leg: Leg) -> tuple[Call, Seat] | None:
        return None

    def rings(self, call: str = "c", user: str = "anna") -> FakeLeg:
        leg = FakeLeg()
        self.meter.began(Toll(call, user, user.capitalize(), "+4930123", leg))
        return leg

    def calls(self, call: str = "c", user: str = "anna") -> FakeLeg:
        leg = self.rings(call, user)
        self.answers(leg)
        return leg

    def answers(self, leg: FakeLeg) -> None:
        leg.answers()
        self.meter.changed()

    def ends(self, leg: FakeLeg, call: str = "c", cause: Cause = NORMAL) -> None:
        leg.hangup(cause)
        self.meter.over(call)
        self.meter.changed()


@pytest.fixture
def board() -> Board:
    return Board()


def test_a_call_ends_when_its_minutes_are_used_up(board: Board) -> None:
    leg = board.rings()
    board.clock.advance(100)
    board.answers(leg)
    board.clock.advance(599)
    assert leg.cause is None
    board.clock.advance(2)
    assert leg.cause is NOT_ALLOWED
    reason = "Anna's call to +4930123 was ended: 10 minutes were spoken to the outside within an hour."
    assert board.told == [("anna", "+4930123", reason)]
    board.ends(leg)
    assert not board.clock.pending


def test_calls_that_run_at_once_count_together_and_end_together(board: Board) -> None:
    first = board.calls("a")
    board.clock.advance(200)
    second = board.calls("b")
    board.clock.advance(199)
    assert (first.cause, second.cause) == (None, None)
    board.clock.advance(2)
    assert (first.cause, second.cause) == (NOT_ALLOWED, NOT_ALLOWED)
    assert len(board.told) == 2


def test_a_call_of_somebody_else_goes_on(board: Board) -> None:
    mine, theirs = board.calls("a"), board.rings("b", "ben")
    board.clock.advance(30)
    board.answers(theirs)
    board.clock.advance(571)
    assert (mine.cause, theirs.cause) == (NOT_ALLOWED, None)
    board.clock.advance(30)
    assert theirs.cause is NOT_ALLOWED


def test_minutes_of_an_hour_ago_are_free_again(board: Board) -> None:
    board.ends(first := board.calls("a"), "a")
    assert first.cause is NORMAL
    leg = board.calls("b")
    board.clock.advance(300)
    board.ends(leg, "b")
    board.clock.advance(HOUR - 200)
    leg = board.calls("c")
    board.clock.advance(599)  # the five minutes of then stopped counting meanwhile
    assert leg.cause is None
    board.clock.advance(2)
    assert leg.cause is NOT_ALLOWED


def test_who_is_only_rung_or_has_hung_up_costs_nothing(board: Board) -> None:
    rung, spoken = board.rings("a"), board.calls("b")
    spoken.hangs_up()  # the call goes on without them, inside
    board.meter.changed()
    board.clock.advance(HOUR)
    assert (rung.cause, spoken.cause) == (None, NORMAL)
    assert not board.clock.pending
    assert board.limits.left("anna", board.clock.time()) == 600


def test_a_party_that_was_passed_on_to_another_call_costs_on(board: Board) -> None:
    leg = board.calls("a")
    board.clock.advance(100)
    board.meter.over("a")  # it has a seat in another one
    board.clock.advance(499)
    assert leg.cause is None
    board.clock.advance(2)
    assert leg.cause is NOT_ALLOWED
    board.meter.changed()
    assert not board.clock.pending


def test_of_several_who_are_rung_for_one_call_only_whoever_answers_pays(board: Board) -> None:
    annas, bens = board.rings("c", "anna"), board.rings("c", "ben")
    bens.answers()
    annas.hangs_up()
    board.meter.changed()
    board.clock.advance(601)
    assert bens.cause is NOT_ALLOWED
    assert [user for user, _, _ in board.told] == ["ben"]
    assert board.limits.left("anna", board.clock.time()) == 600


def test_a_second_line_after_one_that_failed_is_the_same_call() -> None:
    limits = Limits(hourly=1, minutes=0)
    clock = FakeClock()
    meter = Meter(limits, switchboard=Board(), clock=clock, tell=lambda *_: None)
    for _ in range(2):
        leg = FakeLeg()
        meter.began(Toll("c", "anna", "Anna", "+4930123", leg))
        leg.hangs_up()
        meter.changed()
    assert limits.refusal("anna", clock.time())
    meter.over("c")
    clock.advance(HOUR)
    assert not limits.refusal("anna", clock.time())


def test_without_a_limit_nothing_is_watched() -> None:
    board = Board(minutes=0)
    leg = board.calls()
    board.clock.advance(24 * HOUR)
    assert leg.cause is None
    assert not board.clock.pending


def test_at_the_end_of_the_pbx_nothing_is_left(board: Board) -> None:
    board.calls()
    board.meter.close()
    assert not board.clock.pending


async def test_everybody_in_the_call_hears_a_tone_before_it_is_cut_off() -> None:
    home = Home()
    frames(TONE, PCMU)  # made in a thread otherwise, for which this clock does not wait
    call, anna, ben = await home.up()
    limits = Limits(hourly=0, minutes=10)
    meter = Meter(limits, switchboard=home.board, clock=home.clock, tell=lambda *_: None)
    meter.began(Toll(call.id, "anna", "Anna", "+4930123", ben))
    meter.changed()
    await home.clock.settle(600 - WARNING - 1)
    assert not anna.audio.heard
    await home.clock.settle(2)
    assert len(anna.audio.heard) == len(ben.audio.heard) == 20, "0.4 seconds"
    assert not call.over
    await home.clock.settle(WARNING)
    assert call.over
    assert (anna.cause, ben.cause) == (NOT_ALLOWED, NOT_ALLOWED)
