from pbx_lite.sip.repeat import Repetition
from pbx_lite.sip.transaction import Timers
from tests.support.clock import FakeClock


def times_of(clock: FakeClock, **options: bool) -> tuple[list[float], list[float]]:
    sent: list[float] = []
    given_up: list[float] = []
    Repetition(
        clock,
        Timers(),
        send=lambda: sent.append(clock.time()),
        give_up=lambda: given_up.append(clock.time()),
        **options,
    )
    clock.advance(100)
    return sent, given_up


def test_a_2xx_is_sent_again_at_doubled_intervals_up_to_t2():
    sent, given_up = times_of(FakeClock(start=0.0))
    assert sent == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert given_up == [32.0]


def test_a_reliable_1xx_is_sent_again_without_that_limit():
    sent, given_up = times_of(FakeClock(start=0.0), capped=False)
    assert sent == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert given_up == [32.0]


def test_a_stopped_repetition_is_silent():
    clock = FakeClock(start=0.0)
    sent: list[float] = []
    repetition = Repetition(clock, Timers(), send=lambda: sent.append(clock.time()), give_up=lambda: None)
    clock.advance(0.6)
    assert repetition.running
    repetition.stop()
    clock.advance(100)
    assert sent == [0.5]
    assert not repetition.running
