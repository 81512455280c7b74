from pbx_lite.sip.alarm import Alarm
from tests.support.clock import FakeClock


def test_an_alarm_rings_at_its_deadline():
    clock = FakeClock(start=0.0)
    rung: list[float] = []
    alarm = Alarm(clock, lambda: rung.append(clock.time()))
    alarm.set(3.0)
    clock.advance(10)
    assert rung == [3.0]


def test_an_earlier_deadline_replaces_a_later_one():
    clock = FakeClock(start=0.0)
    rung: list[float] = []
    alarm = Alarm(clock, lambda: rung.append(clock.time()))
    alarm.set(3.0)
    alarm.set(2.0)
    clock.advance(10)
    assert rung == [2.0]


def test_a_later_deadline_leaves_the_timer_and_ringing_sets_it_anew():
    clock = FakeClock(start=0.0)
    rung: list[float] = []
    deadline = 3.0

    def ring() -> None:
        rung.append(clock.time())
        if clock.time() < deadline:
            alarm.set(deadline)

    alarm = Alarm(clock, ring)
    alarm.set(1.0)
    alarm.set(deadline)
    assert len(clock.pending) == 1
    clock.advance(10)
    assert rung == [1.0, 3.0]


def test_a_stopped_alarm_does_not_ring():
    clock = FakeClock()
    alarm = Alarm(clock, lambda: None)
    alarm.set(clock.time() + 1)
    alarm.stop()
    alarm.set(None)
    assert clock.pending == []
