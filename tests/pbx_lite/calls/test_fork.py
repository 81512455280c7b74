"""Devices ring until one answers or none is left."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from pbx_lite.calls.fork import Fork, ForkHooks, RingingDevice, worst_of
from pbx_lite.calls.leg import (
    BUSY,
    ELSEWHERE,
    NO_ANSWER,
    NO_CODEC,
    OUT_OF_ORDER,
    REDIRECTED,
    REJECTED,
    UNREACHABLE,
    Cause,
    Ended,
    Leg,
    Ringing,
)
from pbx_lite.calls.party import Party
from pbx_lite.calls.plan import Attempt, Ring, Rung
from pbx_lite.errors import Unavailable
from pbx_lite.tasks import Tasks
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeLeg

ATTEMPT = Attempt(call=None, caller=Party(number="101"), number="102")  # type: ignore[arg-type]


class Device:
    """Something to ring; `leg` is there once it was rung."""

    def __init__(self, user: str = "ben", *, broken: bool = False) -> None:
        self.user = user
        self.device = f"{user}'s"
        self.leg: FakeLeg | None = None
        self._broken = broken

    async def ring(self, _: Attempt) -> Leg:
        if self._broken:
            raise Unavailable("There is no way there.")
        self.leg = FakeLeg()
        return self.leg


class Story:
    """A fork, and what it told."""

    def __init__(self, *rungs: Rung, seconds: float = 30) -> None:
        self.clock = FakeClock()
        self.told: list[Any] = []
        self.hooks = ForkHooks(
            ringing=lambda device: self.told.append(("ringing", device.user)),
            early=lambda device: self.told.append(("early", device.user)),
            silent=lambda device: self.told.append(("silent", device.user)),
            fewer=lambda: self.told.append("fewer"),
            answered=self._answered,
            failed=lambda cause, redirects: self.told.append(("failed", cause, redirects)),
        )
        plan = Ring(callee=Party(number="102"), rungs=rungs, seconds=seconds)
        self.fork = Fork(ATTEMPT, plan, clock=self.clock, tasks=Tasks("test"), hooks=self.hooks)

    def _answered(self, device: RingingDevice) -> None:
        self.told.append(("answered", device.user))


def leg_of(device: Device) -> FakeLeg:
    assert device.leg is not None, f"{device.device} was not rung"
    return device.leg


async def test_all_devices_ring_at_once_and_the_first_answer_stops_the_others() -> None:
    first, second = Device("ben"), Device("carl")
    story = Story(Rung(target=first), Rung(target=second))
    await story.fork.start()
    leg_of(first).happens(Ringing())
    leg_of(second).answers()

    assert story.told == [("ringing", "ben"), ("answered", "carl")]
    assert leg_of(first).cause is ELSEWHERE
    assert leg_of(second).cause is None


async def test_each_device_shows_the_name_by_which_its_user_knows_the_caller() -> None:
    shown: dict[str, str] = {}

    class Display(Device):
        async def ring(self, attempt: Attempt) -> Leg:
            shown[self.user] = attempt.caller.name
            return await super().ring(attempt)

    def known_to(user: str, party: Party) -> Party:
        return replace(party, name="Mama") if user == "ben" else party

    hooks = Story().hooks
    plan = Ring(callee=Party(number="102"), rungs=(Rung(target=Display("ben")), Rung(target=Display("carl"))))
    await Fork(ATTEMPT, plan, clock=FakeClock(), tasks=Tasks("test"), hooks=hooks, known_to=known_to).start()
    assert shown == {"ben": "Mama", "carl": ""}


async def test_a_device_rings_later_and_stops_earlier_as_its_rung_says() -> None:
    early, late = Device("desk"), Device("mobile")
    story = Story(Rung(target=early, seconds=10), Rung(target=late, after=5))
    await story.fork.start()
    assert late.leg is None
    await story.clock.settle(5)
    assert leg_of(late).cause is None
    await story.clock.settle(5)
    assert leg_of(early).cause is NO_ANSWER
    leg_of(late).answers()
    assert story.told == ["fewer", ("answered", "mobile")]


async def test_nobody_answers_in_time() -> None:
    device = Device()
    story = Story(Rung(target=device), seconds=20)
    await story.fork.start()
    await story.clock.settle(20)
    assert story.told == [("failed", NO_ANSWER, ())]
    assert leg_of(device).cause is NO_ANSWER


async def test_when_the_last_device_is_lost_the_fork_fails_with_what_says_most() -> None:
    busy, away = Device("ben"), Device("carl")
    story = Story(Rung(target=busy), Rung(target=away))
    await story.fork.start()
    leg_of(busy).happens(Ended(BUSY))
    assert story.told == ["fewer"]
    leg_of(away).happens(Ended(UNREACHABLE))
    assert story.told == ["fewer", ("failed", BUSY, ())]


async def test_a_decline_is_for_all_devices_of_whoever_declines() -> None:
    first, second, later = Device("ben"), Device("ben"), Device("ben")
    story = Story(Rung(target=first), Rung(target=second), Rung(target=later, after=5))
    await story.fork.start()
    leg_of(first).happens(Ended(REJECTED))
    assert leg_of(second).cause is ELSEWHERE
    story.clock.advance(5)
    await asyncio.sleep(0)
    assert later.leg is None
    assert story.told == [("failed", REJECTED, ())]


async def test_who_declines_a_call_of_the_team_declines_for_themselves_alone() -> None:
    first, second = Device("ben"), Device("carl")
    story = Story(Rung(target=first), Rung(target=second))
    await story.fork.start()
    leg_of(first).happens(Ended(REJECTED))
    assert story.told == ["fewer"]
    leg_of(second).answers()
    assert story.told == ["fewer", ("answered", "carl")]


async def test_a_decline_from_outside_ends_all() -> None:
    first, second = Device(""), Device("carl")
    story = Story(Rung(target=first), Rung(target=second))
    await story.fork.start()
    leg_of(first).happens(Ended(REJECTED))
    assert story.told == [("failed", REJECTED, ())]


async def test_a_device_that_cannot_be_rung_does_not_keep_the_others_from_ringing() -> None:
    broken, sound = Device("ben", broken=True), Device("carl")
    story = Story(Rung(target=broken), Rung(target=sound))
    await story.fork.start()
    leg_of(sound).answers()
    assert story.told == [("answered", "carl")]


async def test_nothing_to_ring_is_unreachable() -> None:
    story = Story()
    await story.fork.start()
    assert story.told == [("failed", UNREACHABLE, ())]


async def test_where_a_device_sends_the_call_is_told() -> None:
    device = Device()
    story = Story(Rung(target=device))
    await story.fork.start()
    leg_of(device).happens(Ended(REDIRECTED, ("sip:103@pbx",)))
    assert story.told == [("failed", REDIRECTED, ("sip:103@pbx",))]


async def test_a_stopped_fork_tells_nothing_and_leaves_no_timer() -> None:
    device = Device()
    story = Story(Rung(target=device, seconds=5), Rung(target=Device(), after=3))
    await story.fork.start()
    story.fork.stop()
    leg_of(device).answers()
    await story.clock.settle(60)
    assert not story.told


@pytest.mark.parametrize(
    ("causes", "told"),
    [
        ((UNREACHABLE, BUSY), BUSY),
        ((NO_ANSWER, REJECTED), REJECTED),
        ((OUT_OF_ORDER, UNREACHABLE), OUT_OF_ORDER),
        ((NO_CODEC, OUT_OF_ORDER), NO_CODEC),
        ((), UNREACHABLE),
    ],
)
def test_the_caller_is_told_what_says_most_about_the_person(causes: tuple[Cause, ...], told: Cause) -> None:
    assert worst_of(causes) is told
