"""Who is told of what happened."""

from pbx_lite.events import CallChanged, CallEnded, DoorEvent, DoorRang, Event, EventBus


def test_who_names_kinds_hears_those_and_what_is_derived_from_them() -> None:
    bus = EventBus()
    ended: list[Event] = []
    doors: list[Event] = []
    everything: list[Event] = []
    bus.listen(ended.append, CallEnded)
    bus.listen(doors.append, DoorEvent)
    bus.listen(everything.append)
    happened = [CallChanged(call="1"), CallEnded(call="1", cause=16), DoorRang(door="front")]
    for event in happened:
        bus.publish(event)

    assert ended == happened[1:2]
    assert doors == happened[2:]
    assert everything == happened


def test_who_comes_later_hears_what_happens_then_and_who_leaves_nothing_more() -> None:
    bus = EventBus()
    bus.publish(CallChanged(call="1"))
    heard: list[Event] = []
    forget = bus.listen(heard.append, CallChanged)
    bus.publish(CallChanged(call="2"))
    forget()
    forget()
    bus.publish(CallChanged(call="3"))

    assert heard == [CallChanged(call="2")]
