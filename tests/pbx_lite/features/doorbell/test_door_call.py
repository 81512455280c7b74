"""A call with a door: who rings, who wins, who is told, and how it ends."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from pbx_lite.calls.leg import ELSEWHERE, Dtmf, LegState
from pbx_lite.config import User
from pbx_lite.errors import Conflict, Unavailable
from pbx_lite.features.doorbell.door_call import DEAD_SECONDS, PULSE_SECONDS, SETUP_SECONDS, CallHooks, DoorCall
from pbx_lite.features.doorbell.ring import Ring
from pbx_lite.media.port import VideoPort
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeAudio, FakeLeg

ANNA = User(name="anna", display_name="Anna", extension="101")
BEN = User(name="ben", display_name="Ben", extension="102")


class Home:
    """A ringing door (or one that we called) and the log of what its call told."""

    def __init__(self, *, ring: bool = True, message: Callable[[DoorCall], Awaitable[bool]] | None = None) -> None:
        self.clock = FakeClock()
        self.door = FakeLeg()
        self.told: list[str] = []
        self.screens: list[VideoPort] = []
        press = Ring("r1", "", ("anna", "ben"), datetime(2026, 11, 21, tzinfo=UTC)) if ring else None
        self.call = DoorCall(
            self.door,
            ring=press,
            hooks=CallHooks(
                answered=lambda _, by, device: self.told.append(f"answered by {by} ({device})"),
                missed=lambda _: self.told.append("missed"),
                ended=lambda _, by: self.told.append(f"ended by {by or 'nobody'}"),
                changed=lambda: None,
                picture=lambda _: self.told.append("picture"),
                show=self.show,
                keyed=lambda _, user: self.told.append(f"{user} typed the code"),
                message=message,
            ),
            clock=self.clock,
            code="00#",
            ring_seconds=30,
            late_seconds=20,
        )

    def show(self, screen: VideoPort):
        self.screens.append(screen)
        return lambda: self.screens.remove(screen)

    def phone(self, user: str) -> FakeLeg:
        leg = FakeLeg()
        self.call.fork(user, leg)
        return leg


@pytest.fixture
def home() -> Home:
    return Home()


def test_the_first_phone_to_answer_wins_and_the_other_hears_that_it_was_answered_elsewhere(home: Home) -> None:
    anna, ben = home.phone("anna"), home.phone("ben")
    anna.answers()

    assert ben.cause is ELSEWHERE
    assert ben.cause.reason() == 'SIP;cause=200;text="Call completed elsewhere"'
    assert home.door.told == ["answer"]
    assert home.told == ["answered by anna (phone)"]


def test_two_answers_that_cross_leave_one_winner(home: Home) -> None:
    anna = home.phone("anna")
    anna.answers()
    ben = home.phone("ben")
    ben.answers()

    assert ben.cause is ELSEWHERE
    assert home.call.talker is not None
    assert home.call.talker.name == "anna"


def test_the_winner_and_the_visitor_hear_each_other(home: Home) -> None:
    anna = home.phone("anna")
    anna.answers()
    home.door.audio.say(b"visitor " * 20)
    anna.audio.say(b"resident" * 20)

    assert anna.audio.heard[-1].payload == b"visitor " * 20
    assert home.door.audio.heard[-1].payload == b"resident" * 20


def test_a_phone_that_takes_early_video_sees_the_door_before_anyone_answers(home: Home) -> None:
    anna = home.phone("anna")
    anna.gives_early_media()

    assert anna.video is not None
    assert home.screens == [anna.video]


def test_a_phone_that_stops_ringing_stops_watching(home: Home) -> None:
    anna, ben = home.phone("anna"), home.phone("ben")
    anna.gives_early_media()
    ben.answers()

    assert ben.video is not None
    assert home.screens == [ben.video]


def test_the_first_sound_of_a_browser_answers(home: Home) -> None:
    anna, microphone = home.phone("anna"), FakeAudio()
    home.call.answer_by_browser(BEN, microphone)
    microphone.say(b"hi" * 80)

    assert anna.cause is ELSEWHERE
    assert home.told == ["answered by ben (browser)"]
    assert home.door.audio.heard[-1].payload == b"hi" * 80


def test_a_second_microphone_of_the_same_person_joins_the_same_call(home: Home) -> None:
    home.call.answer_by_browser(BEN, FakeAudio())
    second = FakeAudio()
    home.call.answer_by_browser(BEN, second)
    second.say(b"me" * 80)

    assert home.door.audio.heard[-1].payload == b"me" * 80
    assert home.told == ["answered by ben (browser)"]


def test_somebody_elses_microphone_is_refused_while_one_speaks(home: Home) -> None:
    home.call.answer_by_browser(BEN, FakeAudio())

    with pytest.raises(Conflict, match="ben is speaking"):
        home.call.answer_by_browser(ANNA, FakeAudio())


def test_nobody_answers_so_the_phones_fall_silent_and_the_ring_is_missed(home: Home) -> None:
    anna = home.phone("anna")
    home.clock.advance(30)

    assert anna.state is LegState.ENDED
    assert anna.cause is not ELSEWHERE
    assert home.told == ["missed"]
    assert home.door.state is not LegState.ENDED


def test_whoever_comes_late_still_reaches_the_visitor(home: Home) -> None:
    home.clock.advance(40)
    home.call.answer_by_browser(ANNA, FakeAudio())

    assert home.told == ["missed", "answered by anna (browser)"]


def test_the_visitors_call_ends_cleanly_when_nobody_comes_at_all(home: Home) -> None:
    home.clock.advance(51)

    assert home.told == ["missed", "ended by nobody"]
    assert home.door.state is LegState.ENDED


def test_a_visitor_who_walks_away_ends_all_ringing(home: Home) -> None:
    anna = home.phone("anna")
    home.door.hangs_up()

    assert anna.state is LegState.ENDED
    assert home.told == ["missed", "ended by door"]


def test_the_resident_hangs_up_and_the_door_is_released(home: Home) -> None:
    anna = home.phone("anna")
    anna.answers()
    anna.hangs_up()

    assert home.door.state is LegState.ENDED
    assert home.told == ["answered by anna (phone)", "ended by anna"]


def test_a_phone_that_declines_leaves_the_others_ringing(home: Home) -> None:
    anna, ben = home.phone("anna"), home.phone("ben")
    anna.hangs_up()

    assert ben.state is LegState.NEW
    assert home.told == []


def test_the_code_typed_on_the_phone_opens_and_is_not_passed_to_the_station(home: Home) -> None:
    anna = home.phone("anna")
    anna.answers()
    assert anna.listens
    for digit in "00#":
        anna.happens(Dtmf(digit))

    assert home.told[-1] == "anna typed the code"
    assert not any("dtmf" in told for told in home.door.told)


def test_a_station_that_lost_its_power_does_not_keep_the_line(home: Home) -> None:
    home.phone("anna").answers()
    home.clock.advance(60)
    home.door.silent_since = home.clock.time()
    home.clock.advance(DEAD_SECONDS - 1)
    before = home.door.state
    home.clock.advance(PULSE_SECONDS + 1)

    assert before is LegState.ANSWERED
    assert home.door.state is LegState.ENDED
    assert home.told[-1] == "ended by nobody"


async def test_a_station_that_was_never_heard_is_asked_and_its_call_ended_when_it_is_gone(home: Home) -> None:
    home.phone("anna").answers()
    home.door.unheard_since = home.clock.time()
    await home.clock.settle(3 * DEAD_SECONDS + PULSE_SECONDS)
    asked, before = home.door.told.count("is there?"), home.door.state
    home.door.there = False
    await home.clock.settle(DEAD_SECONDS)

    assert (asked, before) == (3, LegState.ANSWERED)
    assert home.door.state is LegState.ENDED
    assert home.told[-1] == "ended by nobody"


def test_a_call_that_we_placed_tells_nobody_of_a_ring() -> None:
    home = Home(ring=False)
    home.door.answers()
    home.call.answer_by_browser(ANNA, FakeAudio())
    home.call.hang_up("anna")

    assert home.told == ["picture", "ended by anna"]


def test_a_station_that_never_answers_our_call_is_given_up() -> None:
    home = Home(ring=False)
    home.clock.advance(SETUP_SECONDS)

    assert home.told == ["ended by nobody"]


def test_a_phone_that_dialled_the_door_is_answered_when_the_door_answers() -> None:
    home = Home(ring=False)
    phone = FakeLeg()
    home.call.phone_joins("anna", phone)
    before = list(phone.told)
    home.door.answers()
    home.door.audio.say(b"open" * 40)

    assert "answer" not in before
    assert phone.told[-1] == "answer"
    assert phone.audio.heard[-1].payload == b"open" * 40


def test_a_phone_that_dials_the_ringing_door_takes_the_ring(home: Home) -> None:
    ringing, late = home.phone("ben"), FakeLeg()
    home.call.phone_joins("anna", late)

    assert late.told == ["answer"]
    assert ringing.cause is ELSEWHERE
    assert home.told == ["answered by anna (phone)"]


class Message:
    """What a visitor says to nobody, as long as the test likes."""

    def __init__(self) -> None:
        self.over: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def __call__(self, _: DoorCall) -> bool:
        return await self.over


async def test_a_visitor_whom_nobody_answers_speaks_a_message_and_is_hung_up_on_afterwards() -> None:
    message = Message()
    home = Home(message=message)
    anna = home.phone("anna")
    home.clock.advance(30)
    await home.clock.settle()
    assert home.door.told == ["answer"]
    assert anna.state is LegState.ENDED
    home.clock.advance(600)
    assert home.told == ["missed"], "who speaks is not cut off by the time for late ones"
    message.over.set_result(True)
    await home.clock.settle()
    assert home.told == ["missed", "ended by nobody"]


async def test_whoever_comes_while_the_visitor_speaks_takes_the_call() -> None:
    message = Message()
    home = Home(message=message)
    home.clock.advance(30)
    await home.clock.settle()
    home.call.answer_by_browser(ANNA, FakeAudio())
    await home.clock.settle()
    assert message.over.cancelled()
    assert home.told == ["missed", "answered by anna (browser)"]
    assert home.door.state is LegState.ANSWERED


async def test_a_visitor_who_leaves_ends_the_message() -> None:
    message = Message()
    home = Home(message=message)
    home.clock.advance(30)
    await home.clock.settle()
    home.door.hangs_up()
    await home.clock.settle()
    assert message.over.cancelled()
    assert home.told == ["missed", "ended by door"]


@pytest.mark.parametrize("fails", [False, True])
async def test_where_no_message_can_be_left_late_ones_have_their_time(fails: bool) -> None:
    message = Message()
    home = Home(message=message)
    home.clock.advance(30)
    await home.clock.settle()
    if fails:
        message.over.set_exception(Unavailable("The visitor is gone."))
    else:
        message.over.set_result(False)
    await home.clock.settle(19)
    assert home.told == ["missed"]
    await home.clock.settle(1)
    assert home.told == ["missed", "ended by nobody"]
