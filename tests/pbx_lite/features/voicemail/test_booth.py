"""One party: what is said to it, and the keys it presses meanwhile."""

import asyncio

import pytest

from pbx_lite.calls.attendant import Keypad
from pbx_lite.errors import MediaError
from pbx_lite.features.voicemail.booth import DEAD_SECONDS, Booth
from pbx_lite.media.port import AudioPort
from pbx_lite.speech.parts import Part
from pbx_lite.tasks import spawn
from tests.support.clock import FakeClock
from tests.support.fake_leg import FakeLeg


class Speech:
    """Every prompt takes a second; `broken` ones cannot be said."""

    def __init__(self, clock: FakeClock) -> None:
        self.said: list[Part] = []
        self.cut: list[Part] = []
        self._clock = clock

    async def say(self, port: AudioPort, *parts: Part, language: str = "") -> None:
        if parts[0] == "broken":
            raise MediaError("There is no encoder.")
        try:
            await self._clock.sleep(1.0)
        except asyncio.CancelledError:
            self.cut.append(parts[0])
            raise
        self.said.append(parts[0])


class Room:
    def __init__(self, *, keys: bool = True) -> None:
        self.clock, self.leg = FakeClock(), FakeLeg()
        self.speech = Speech(self.clock)
        self.call = type("Call", (), {"on_key": None})()
        pad = Keypad(self.call, self.leg, self.clock) if keys else None
        self.booth = Booth(self.leg, speech=self.speech, clock=self.clock, language="de", keys=pad)

    async def press(self, keys: str) -> None:
        for key in keys:
            self.call.on_key(key)
            await self.clock.settle(0.1)


@pytest.fixture
async def room() -> Room:
    return Room()


async def test_a_key_interrupts_what_is_said(room: Room) -> None:
    hearing = spawn(room.booth.hear("help"), name="hear")
    await room.clock.settle(0.5)
    await room.press("5")
    assert await hearing == "5"
    assert (room.speech.said, room.speech.cut) == ([], ["help"])


async def test_what_nobody_interrupts_is_said_to_its_end(room: Room) -> None:
    hearing = spawn(room.booth.hear("help"), name="hear")
    await room.clock.settle(1.5)
    assert await hearing == ""
    assert room.speech.said == ["help"]


async def test_keys_typed_ahead_count(room: Room) -> None:
    await room.press("12")
    assert await room.booth.hear("help") == "1"
    assert await room.booth.ask("help") == "2"


async def test_a_line_is_what_stands_before_the_hash(room: Room) -> None:
    entering = spawn(room.booth.line("pin"), name="line")
    await room.clock.settle(0.5)
    await room.press("47")
    await room.clock.settle(2)
    await room.press("11#")
    assert await entering == "4711"


@pytest.mark.parametrize("before", [0.9, 1.0, 1.1, 5.0])
async def test_no_key_is_lost_where_a_prompt_ends(room: Room, before: float) -> None:
    entering = spawn(room.booth.line("pin"), name="line")
    await room.clock.settle(before)
    await room.press("4711#")
    assert await entering == "4711"


async def test_a_line_that_nobody_enters_is_empty(room: Room) -> None:
    entering = spawn(room.booth.line("pin", patience=15.0), name="line")
    await room.clock.settle(16.5)
    assert await entering == ""


async def test_what_cannot_be_said_is_left_out(room: Room) -> None:
    assert await room.booth.hear("broken") == ""


async def test_who_has_no_keys_hears_everything() -> None:
    room = Room(keys=False)
    hearing = spawn(room.booth.ask("words", seconds=2), name="ask")
    await room.clock.settle(3.5)
    assert await hearing == ""
    assert room.speech.said == ["words"]


async def test_a_party_that_sends_nothing_for_long_is_gone(room: Room) -> None:
    room.leg.silent_since = room.clock.time()
    assert not room.booth.gone
    room.clock.advance(DEAD_SECONDS)
    assert room.booth.gone


async def test_who_hangs_up_while_something_is_said_ends_it(room: Room) -> None:
    hearing = spawn(room.booth.hear("help"), name="hear")
    await room.clock.settle(0.5)
    hearing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hearing
    assert room.speech.cut == ["help"]
