"""What codes say where the PBX has a voice."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from pbx_lite.calls.leg import LegState
from pbx_lite.features.people.codes import Codes
from pbx_lite.features.people.settings import Forwarding
from pbx_lite.media.port import AudioPort
from pbx_lite.speech.parts import Digits, Part
from tests.pbx_lite.features.people.test_codes import House


class Spoken:
    """Says everything at once; what is `long` lasts until it is interrupted."""

    def __init__(self) -> None:
        self.said: list[tuple[str, tuple[Part, ...]]] = []
        self.long: set[str] = set()
        self.interrupted: list[str] = []

    async def say(self, port: AudioPort, *parts: Part, language: str = "") -> None:
        self.said.append((language, parts))
        key = str(parts[0])
        if key in self.long:
            try:
                await asyncio.Event().wait()
            finally:
                self.interrupted.append(key)

    @property
    def keys(self) -> list[Part]:
        return [parts[0] for _, parts in self.said]


@pytest.fixture
async def talking(tmp_path: Path) -> Any:
    house, speech = House(tmp_path), Spoken()
    house.codes = Codes(
        directory=house.directory, people=house.people, switchboard=house.board, clock=house.clock, speech=speech
    )
    house.people.is_code = house.codes.is_code
    house.board.planners[:] = [house.codes.plan, house.people.plan]
    yield house, speech
    await house.stop()


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("*78", ("do_not_disturb_on",)),
        ("*79", ("do_not_disturb_off",)),
        ("*42", ("call_waiting_on",)),
        ("*43", ("call_waiting_off",)),
        ("*450", ("profile_set",)),
        ("*74103", ("forward_on", Digits("103"))),
        ("*71", ("forward_off",)),
        ("*75103", ("forward_busy", Digits("103"))),
        ("*75", ("done",)),
        ("*76103", ("forward_no_answer", Digits("103"))),
        ("*74abc", ("refused",)),
        ("*65", ("own_number", Digits("101"))),
    ],
)
async def test_a_code_is_answered_in_words(talking: Any, number: str, said: tuple[Part, ...]) -> None:
    house, speech = talking
    _, leg = await house.dial("101", number)
    await house.clock.settle(2)
    assert speech.said == [("", said)]
    assert leg.state is LegState.ENDED


async def test_the_number_for_forwarding_is_asked_for_until_a_key(talking: Any) -> None:
    house, speech = talking
    speech.long.add("forward_ask")
    _, leg = await house.dial("101", "*70")
    await house.press(leg, "1")
    assert speech.interrupted == ["forward_ask"]
    await house.press(leg, "03#")
    await house.clock.settle(1)
    assert house.people.of("anna").forwarding == Forwarding(always="103")
    assert speech.said[-1] == ("", ("forward_on", Digits("103")))


@pytest.mark.parametrize("keys", ["", "#"])
async def test_without_a_number_it_says_that_this_cannot_be(talking: Any, keys: str) -> None:
    house, speech = talking
    _, leg = await house.dial("101", "*70")
    await house.press(leg, keys)
    await house.clock.settle(30)
    assert speech.keys == ["forward_ask", "refused"]
    assert leg.state is LegState.ENDED


async def test_logging_in_asks_for_the_pin_and_says_whether_it_was_right(talking: Any) -> None:
    house, speech = talking
    await house.people.set("ben", pin="1234")
    for pin in ("4321#", "1234#"):
        _, leg = await house.dial("desk-1", "*44102")
        await house.press(leg, pin)
        await house.clock.settle(2)
    assert speech.keys == ["enter_pin", "wrong_pin", "enter_pin", "logged_in"]
    assert not any("1234" in repr(said) for said in speech.said)


async def test_an_echo_test_is_explained_and_ends_with_a_hash(talking: Any) -> None:
    house, speech = talking
    _, leg = await house.dial("101", "*80")
    await house.clock.settle(1)
    leg.audio.say(b"hello" * 32)
    assert leg.audio.heard[-1].payload == b"hello" * 32
    await house.press(leg, "#")
    assert (speech.keys, leg.state) == (["echo"], LegState.ENDED)


async def test_who_knows_the_echo_test_need_not_hear_it_explained(talking: Any) -> None:
    house, speech = talking
    speech.long.add("echo")
    _, leg = await house.dial("101", "*80")
    await house.press(leg, "1")
    leg.audio.say(b"hello" * 32)
    assert leg.audio.heard[-1].payload == b"hello" * 32
    await house.press(leg, "#")
    assert leg.state is LegState.ENDED
