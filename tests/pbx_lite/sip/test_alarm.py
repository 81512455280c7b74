import pytest

from pbx_lite.sip.alarm import Alarm, Alarms
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


def test_the_alarms_of_many_ring_by_key_with_one_timer():
    clock = FakeClock(start=0.0)
    rung: list[tuple[str, float]] = []
    alarms = Alarms[str](clock, lambda key: rung.append((key, clock.time())))
    alarms.set("c", 5.0)
    alarms.set("a", 2.0)
    alarms.set("b", 3.0)
    alarms.set("never", None)
    alarms.set("stopped", 1.0)
    alarms.stop("stopped")
    assert len(clock.pending) == 1
    clock.advance(10)
    assert rung == [("a", 2.0), ("b", 3.0), ("c", 5.0)]
    assert clock.pending == []


def test_an_alarm_among_many_moves_to_an_earlier_deadline_at_once_and_to_a_later_one_by_itself():
    clock = FakeClock(start=0.0)
    rung: list[float] = []
    wanted = {"a": 3.0}

    def ring(key: str) -> None:
        rung.append(clock.time())
        if clock.time() < wanted[key]:
            alarms.set(key, wanted[key])

    alarms = Alarms[str](clock, ring)
    alarms.set("a", 2.0)
    alarms.set("a", 1.0)
    alarms.set("a", wanted["a"])
    clock.advance(10)
    assert rung == [1.0, 3.0]


def test_a_key_that_fails_when_it_rings_keeps_no_other_from_ringing():
    clock = FakeClock(start=0.0)
    rung: list[str] = []

    def ring(key: str) -> None:
        rung.append(key)
        if key == "a":
            raise ValueError("loud")

    alarms = Alarms[str](clock, ring)
    alarms.set("a", 1.0)
    alarms.set("b", 1.0)
    with pytest.raises(ValueError, match="loud"):
        clock.advance(1)
    clock.advance(1)
    assert rung == ["a", "b"]


def test_thousands_of_alarms_that_were_stopped_are_not_kept():
    clock = FakeClock(start=0.0)
    alarms = Alarms[int](clock, lambda _: None)
    alarms.set(-1, 600.0)
    for key in range(5000):
        alarms.set(key, 600.0)
        alarms.stop(key)
    assert len(alarms._heap) < 100
    alarms.close()
    assert clock.pending == []
