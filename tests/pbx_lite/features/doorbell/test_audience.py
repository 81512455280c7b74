"""Browsers at a door: they look, they are heard, and they leave without ending what others need."""

import asyncio
from datetime import UTC, datetime

import pytest

from pbx_lite.config import Door, User
from pbx_lite.errors import Unavailable
from pbx_lite.features.doorbell.audience import GRACE, Audience, Viewer
from pbx_lite.features.doorbell.door_call import CallHooks, DoorCall
from pbx_lite.features.doorbell.picture import DoorPicture
from pbx_lite.features.doorbell.ring import Ring
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeAudio, FakeLeg, FakeVideo

ANNA = User(name="anna", display_name="Anna", extension="101")
BEN = User(name="ben", display_name="Ben", extension="102")
DOOR = Door(name="front", display_name="Front door", extension="150")


class Browser:
    """A WebRTC session without a network."""

    def __init__(self) -> None:
        self.audio = FakeAudio()
        self.video = FakeVideo()
        self.closed = False

    async def close(self) -> None:
        self.closed = True


class Home:
    """One door whose picture comes in its call, and whoever looks at it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.call: DoorCall | None = None
        self.station = FakeLeg()
        self.reachable = True
        self.ended_by: list[str] = []
        self.sent_away: list[tuple[str, str]] = []
        self.picture = DoorPicture(DOOR, self.clock)
        self.audience = Audience(
            self.picture, clock=self.clock, current=lambda: self.call, reach=self.reach, changed=lambda: None
        )

    async def reach(self) -> DoorCall:
        if not self.reachable:
            raise Unavailable("Front door is not registered.")
        return self.call or self.begins(ring=False)

    def begins(self, *, ring: bool = True) -> DoorCall:
        press = Ring("r1", "", ("anna",), datetime(2026, 11, 21, tzinfo=UTC)) if ring else None
        hooks = CallHooks(
            answered=lambda *_: None,
            missed=lambda _: None,
            ended=self.ends,
            changed=lambda: None,
            picture=lambda _: None,
            show=self.picture.show,
            keyed=lambda *_: None,
        )
        self.call = DoorCall(
            self.station, ring=press, hooks=hooks, clock=self.clock, code="", ring_seconds=30, late_seconds=30
        )
        self.audience.call_begins(self.call)
        return self.call

    def ends(self, call: DoorCall, by: str) -> None:
        self.call = None
        self.ended_by.append(by)
        self.audience.call_ended(call, "The call with the door has ended.")

    def looks(self, user: User | None = ANNA, session: str = "s1") -> Browser:
        browser = Browser()
        viewer = Viewer(session, user, browser, lambda code, message: self.sent_away.append((session, code)))  # type: ignore[arg-type]
        self.audience.join(viewer)
        return browser


async def settle() -> None:
    """Let what was spawned run."""
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
async def home():
    home = Home()
    yield home
    await home.audience.close()


async def test_looking_at_a_door_that_shows_itself_in_calls_alone_calls_it(home: Home) -> None:
    home.looks()
    await settle()

    assert home.call is not None
    assert home.call.ring is None


async def test_whoever_only_looks_hears_the_visitor_but_does_not_answer(home: Home) -> None:
    call = home.begins()
    browser = home.looks()
    home.station.audio.say(b"hello" * 32)

    assert browser.audio.heard[-1].payload == b"hello" * 32
    assert call.talker is None


async def test_the_first_sound_answers_and_reaches_the_visitor(home: Home) -> None:
    call = home.begins()
    browser = home.looks()
    browser.audio.say(b"first" * 32)
    browser.audio.say(b"words" * 32)

    assert call.talker is not None
    assert call.talker.name == "anna"
    assert home.station.audio.heard[-1].payload == b"words" * 32


async def test_closing_and_coming_back_to_talk_keeps_the_call(home: Home) -> None:
    call = home.begins()
    first = home.looks(session="s1")
    first.audio.say()
    await home.audience.leave("s1")
    home.clock.advance(GRACE - 1)
    second = home.looks(session="s2")
    home.clock.advance(GRACE)
    second.audio.say(b"again" * 32)

    assert first.closed
    assert home.call is call
    assert home.station.audio.heard[-1].payload == b"again" * 32


async def test_a_talker_who_does_not_come_back_has_hung_up(home: Home) -> None:
    home.begins()
    home.looks().audio.say()
    await home.audience.leave("s1")
    home.clock.advance(GRACE)

    assert home.ended_by == ["anna"]


async def test_a_ring_goes_on_when_its_last_viewer_leaves(home: Home) -> None:
    call = home.begins()
    home.looks()
    await home.audience.leave("s1")
    home.clock.advance(GRACE)

    assert home.call is call


async def test_a_look_ends_with_its_last_viewer(home: Home) -> None:
    home.looks(session="s1")
    home.looks(BEN, session="s2")
    await settle()
    await home.audience.leave("s1")
    home.clock.advance(GRACE)
    still_there = home.call
    await home.audience.leave("s2")
    home.clock.advance(GRACE)

    assert still_there is not None
    assert home.call is None


async def test_the_apps_separate_microphone_joins_the_same_call(home: Home) -> None:
    call = home.begins()
    home.looks(session="picture").audio.say()
    microphone = home.looks(session="microphone")
    microphone.audio.say()
    microphone.audio.say(b"micro" * 32)
    await home.audience.leave("microphone")
    home.clock.advance(GRACE)

    assert home.station.audio.heard[-1].payload == b"micro" * 32
    assert home.call is call


async def test_a_second_person_may_look_on_but_is_told_who_speaks(home: Home) -> None:
    home.begins()
    home.looks(ANNA, "s1").audio.say()
    home.looks(BEN, "s2").audio.say()
    await settle()

    assert home.sent_away == [("s2", "conflict")]


async def test_when_the_visitor_hangs_up_the_browser_is_told(home: Home) -> None:
    home.begins()
    browser = home.looks()
    browser.audio.say()
    home.station.hangs_up()
    await settle()

    assert home.sent_away == [("s1", "ended")]
    assert browser.closed


async def test_whoever_only_looked_stays_for_the_next_ring_and_sees_no_old_picture_as_new(home: Home) -> None:
    home.begins()
    browser = home.looks()
    home.station.hangs_up()
    home.picture.leave_call()
    await settle()
    stayed = home.sent_away == []
    home.station = FakeLeg()
    home.begins()
    home.station.audio.say(b"again" * 32)

    assert stayed
    assert browser.audio.heard[-1].payload == b"again" * 32


async def test_the_talkers_own_dashboard_stays_when_the_dialog_that_talked_is_sent_away(home: Home) -> None:
    home.begins()
    dashboard = home.looks(session="dashboard")
    home.looks(session="dialog").audio.say()
    home.station.hangs_up()
    await settle()

    assert home.sent_away == [("dialog", "ended")]
    assert not dashboard.closed


async def test_a_door_that_does_not_answer_our_call_sends_its_viewers_away(home: Home) -> None:
    home.looks()
    await settle()
    home.station.hangs_up()
    await settle()

    assert home.sent_away == [("s1", "ended")]


async def test_a_door_that_cannot_be_reached_says_so(home: Home) -> None:
    home.reachable = False
    home.looks()
    await settle()

    assert home.sent_away == [("s1", "unavailable")]
