"""A mobile phone has the call once a key was pressed there."""

from typing import Any, cast

import pytest

from pbx_lite.calls.leg import (
    BUSY,
    NO_ANSWER,
    NORMAL,
    Answered,
    Dtmf,
    EarlyMedia,
    Ended,
    Leg,
    LegEvent,
    LegState,
    Ringing,
)
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt
from pbx_lite.features.people.mobile import Confirmed
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeLeg


class Line:
    """Reaches one number outside."""

    user = ""
    device = "0171555777"

    def __init__(self) -> None:
        self.leg = FakeLeg()

    async def ring(self, attempt: Attempt) -> Leg:
        return self.leg


@pytest.fixture
async def ringing() -> Any:
    clock, line, heard = FakeClock(), Line(), list[LegEvent]()
    phone = Confirmed(line, user="anna", clock=clock)
    assert (phone.user, phone.device) == ("anna", "0171555777")
    leg = await phone.ring(Attempt(call=cast("Any", None), caller=Party(number="102"), number="101"))
    leg.listener = heard.append
    yield clock, line.leg, leg, heard
    leg.hangup()
    await clock.settle()
    assert clock.pending == []


async def test_an_answer_counts_once_the_key_was_pressed(ringing: Any) -> None:
    clock, far, leg, heard = ringing
    far.happens(Ringing())
    far.happens(EarlyMedia())
    far.answers()
    await clock.settle(1)
    assert (heard, far.listens, leg.state) == ([Ringing(), Ringing()], True, LegState.RINGING)
    far.happens(Dtmf("5"))
    assert leg.state is LegState.RINGING
    far.happens(Dtmf("1"))
    await clock.settle(1)
    before = len(far.audio.heard)
    await clock.settle(30)
    assert (heard[2:], leg.state, far.state) == ([Answered()], LegState.ANSWERED, LegState.ANSWERED)
    assert len(far.audio.heard) == before
    far.happens(Dtmf("1"))
    assert heard[3:] == [Dtmf("1")]
    far.hangs_up()
    assert (heard[4:], leg.state) == ([Ended(NORMAL)], LegState.ENDED)


async def test_a_mailbox_that_answers_is_hung_up_on(ringing: Any) -> None:
    clock, far, leg, heard = ringing
    far.answers()
    await clock.settle(25)
    assert (heard, far.cause, leg.state) == ([Ended(NO_ANSWER)], NO_ANSWER, LegState.ENDED)


async def test_a_key_before_the_answer_means_nothing(ringing: Any) -> None:
    _, far, leg, heard = ringing
    far.happens(Dtmf("1"))
    assert (heard, leg.state) == ([], LegState.NEW)


async def test_who_says_no_is_heard(ringing: Any) -> None:
    _, far, leg, heard = ringing
    far.hangup(BUSY)
    assert (heard, leg.state) == ([Ended(BUSY)], LegState.ENDED)


async def test_when_another_phone_was_faster_nothing_goes_on(ringing: Any) -> None:
    clock, far, leg, _ = ringing
    far.answers()
    leg.listener = None
    leg.hangup(NORMAL)
    await clock.settle(1)
    assert (far.cause, leg.state, clock.pending) == (NORMAL, LegState.ENDED, [])


async def test_in_the_call_it_is_the_leg_it_wraps(ringing: Any) -> None:
    _, far, leg, _ = ringing
    leg.ring()
    leg.early_media()
    leg.answer()
    leg.show("Ben", "102")
    await leg.send_dtmf("1", "info", 100)
    assert far.told == ["ring", "early media", "answer", "show Ben 102", "dtmf 1 info 100"]
    assert (leg.audio, leg.video, leg.keys, leg.quality()) == (far.audio, far.video, far.keys, None)
    assert leg.silent_for(0) == 0
    leg.prefer(None)


async def test_words_ask_for_the_key_again_and_again_where_there_is_a_voice() -> None:
    clock, line, asked = FakeClock(), Line(), list[float]()

    async def ask(_: Any) -> None:
        asked.append(clock.time())

    leg = await Confirmed(line, user="anna", clock=clock, ask=ask).ring(
        Attempt(call=cast("Any", None), caller=Party(number="102"), number="101")
    )
    line.leg.answers()
    await clock.settle(7)
    assert len(asked) == 3
    line.leg.happens(Dtmf("1"))
    await clock.settle(7)
    assert (len(asked), leg.state) == (3, LegState.ANSWERED)
    leg.hangup()
