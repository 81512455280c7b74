"""Asking where a call from outside goes."""

from collections.abc import Coroutine
from typing import Any

import pytest

from pbx_lite.errors import Invalid, NotFound
from pbx_lite.events import EventBus, RouteRequested
from pbx_lite.features.trunks.routes import MOST, Answer, Routes
from pbx_lite.tasks import Tasks, spawn
from tests.support.clock import FakeClock


class Desk:
    def __init__(self, *, seconds: float = 2.0, listening: bool = True) -> None:
        self.clock = FakeClock()
        self.asked: list[RouteRequested] = []
        bus = EventBus()
        bus.listen(lambda event: self.asked.append(event) if isinstance(event, RouteRequested) else None)
        self.routes = Routes(bus=bus, clock=self.clock, seconds=seconds, listening=lambda: listening)

    def ask(self) -> Coroutine[Any, Any, Answer]:
        return self.routes.ask(trunk="line", number="+4989", caller="+4930", caller_name="Otto", default="anna")


async def test_an_answer_in_time_counts():
    desk = Desk()
    asking = spawn(desk.ask(), name="ask")
    await desk.clock.settle(1)
    (asked,) = desk.asked
    assert (asked.trunk, asked.number, asked.caller, asked.caller_name) == ("line", "+4989", "+4930", "Otto")
    assert (asked.default, asked.deadline) == ("anna", 2.0)
    desk.routes.answer(asked.request, number="102")
    assert await asking == Answer(number="102")
    assert not desk.clock.pending


async def test_without_one_the_default_holds():
    desk = Desk()
    asking = spawn(desk.ask(), name="ask")
    await desk.clock.settle(1.9)
    assert not asking.done()
    await desk.clock.settle(0.2)
    assert await asking == Answer()
    with pytest.raises(NotFound, match="routed already"):
        desk.routes.answer(desk.asked[0].request, number="102")


async def test_whoever_has_no_opinion_lets_the_call_go_at_once():
    desk = Desk()
    asking = spawn(desk.ask(), name="ask")
    await desk.clock.settle()
    desk.routes.answer(desk.asked[0].request)
    assert await asking == Answer()


@pytest.mark.parametrize("fields", [{"seconds": 0.0}, {"listening": False}])
async def test_nobody_is_asked_who_could_not_answer(fields):
    desk = Desk(**fields)
    assert await desk.ask() == Answer()
    assert not desk.asked


async def test_an_answer_is_one_thing():
    desk = Desk()
    asking = spawn(desk.ask(), name="ask")
    await desk.clock.settle()
    with pytest.raises(Invalid):
        desk.routes.answer(desk.asked[0].request, number="102", refuse=True)
    desk.routes.answer(desk.asked[0].request, ring=["anna", "ben"])
    assert await asking == Answer(ring=("anna", "ben"))
    with pytest.raises(NotFound):
        desk.routes.answer(desk.asked[0].request, refuse=True)


async def test_so_many_questions_at_a_time_and_no_more():
    desk = Desk()
    tasks = Tasks("test")
    for number in range(MOST):
        tasks.spawn(desk.ask(), name=str(number))
    await desk.clock.settle()
    assert await desk.ask() == Answer()
    assert len(desk.asked) == MOST
    await tasks.close()
    assert not desk.clock.pending
