"""Somebody listens to their mailbox."""

from dataclasses import replace
from typing import Any

import pytest

from pbx_lite.config import User
from pbx_lite.errors import NotFound, StoreError
from pbx_lite.features.voicemail.box_call import BoxCall
from pbx_lite.media.recording import RATE
from pbx_lite.speech.opus_file import encode
from pbx_lite.speech.parts import Name
from pbx_lite.store.voicemail import Mail
from tests.pbx_lite.features.voicemail.booths import Gone, ScriptedBooth

ANNA = User(name="anna", display_name="Anna Berger", extension="101")
SOUND = encode(bytes(2 * RATE * 2))


def mail(name: str, caller: str = "+4930123", **fields: Any) -> Mail:
    at = f"2026-11-21T10:0{name}:00.000+00:00"
    return Mail(**{"id": name, "box": "anna", "at": at, "caller": caller, "seconds": 2.0, **fields})


class Boxes:
    def __init__(self, *mails: Mail) -> None:
        self.kept = {each.id: each for each in mails}
        self.own: bytes | None = None
        self.pin = ""
        self.full = False

    def mails(self, box: str) -> list[Mail]:
        return [each for each in self.kept.values() if each.box == box]

    async def sound(self, message: str) -> bytes:
        if message not in self.kept:
            raise NotFound("gone")
        return SOUND

    async def mark(self, message: str, *, heard: bool) -> None:
        self.kept[message] = replace(self.kept[message], heard=heard)

    async def greeting(self, user: str) -> bytes | None:
        return self.own

    async def set_greeting(self, user: str, sound: bytes | None) -> None:
        if self.full:
            raise StoreError("The disk is full.")
        self.own = sound

    async def set(self, user: str, **fields: object) -> None:
        self.pin = str(fields["pin"])

    @property
    def new(self) -> list[str]:
        return [each.id for each in self.kept.values() if not each.heard]


async def heard(
    boxes: Boxes,
    script: dict[str, list[str]],
    *,
    calls_back: bool = True,
    greeting: bytes | None = SOUND,
    dead_after: int = 10_000,
    door: str = "",
) -> tuple[ScriptedBooth, BoxCall, str]:
    booth = ScriptedBooth(script)
    booth.dead_after = dead_after

    async def take(_: object) -> bytes | None:
        return greeting

    def name_of(found: Mail) -> Name | None:
        return Name("Ben") if found.caller == "102" else None

    call = BoxCall(
        booth,
        None if door else ANNA,
        box=door,
        boxes=boxes,
        name_of=name_of,
        take_greeting=take,
        calls_back=calls_back,
    )
    try:
        number = await call.run()
    except Gone:
        number = "gone"
    return booth, call, number


async def test_an_empty_box_says_so_and_what_can_be_done() -> None:
    booth, _, number = await heard(Boxes(), {"wait": ["", "1", "#"]})
    assert booth.said[0] == "voicemail_none"
    assert "voicemail_menu_greeting 2" in booth.said
    assert booth.said.count("voicemail_none") == 2
    assert booth.said[-1] == "goodbye"
    assert number == ""


async def test_new_messages_are_played_at_once_each_with_who_and_when() -> None:
    boxes = Boxes(mail("1", heard=True), mail("2", caller="102"), mail("3", caller="+4930123"), mail("4", caller=""))
    booth, _, _ = await heard(boxes, {"voicemail_no_more": ["gone"]})
    assert booth.said[:2] == ["voicemail_new 3", "voicemail_old 1"]
    played = [text for text in booth.said if text.startswith(("voicemail_received", "sound", "voicemail_first"))]
    assert played == [
        "voicemail_first_message",
        "voicemail_received_name 10:02 Ben",
        "sound(2)",
        "voicemail_received_number 10:03 +4930123",
        "sound(2)",
        "voicemail_received 10:04",
        "sound(2)",
        "voicemail_received_number 10:01 +4930123",
        "sound(2)",
    ]
    assert boxes.new == []


async def test_keys_interrupt_and_lead_from_message_to_message() -> None:
    boxes = Boxes(mail("1"), mail("2"))
    booth, _, _ = await heard(
        boxes,
        {"voicemail_new": ["1"], "voicemail_first_message": ["6"], "sound(2)": ["4", "5", "#"], "wait": ["#"]},
    )
    times = [text.split()[1] for text in booth.said if text.startswith("voicemail_received")]
    assert times == ["10:02", "10:01", "10:01"]
    assert booth.said[-1] == "goodbye"


async def test_a_message_is_deleted_at_the_end_and_until_then_comes_back_with_the_same_key() -> None:
    boxes = Boxes(mail("1"), mail("2"))
    booth, call, _ = await heard(
        boxes, {"sound(2)": ["7"], "voicemail_deleted": ["7", "6", "gone"], "voicemail_restored": ["7"]}
    )
    assert call.deleted == {"1"}
    assert list(boxes.kept) == ["1", "2"]
    assert "voicemail_restored" in booth.said


async def test_a_message_can_stay_new() -> None:
    boxes = Boxes(mail("1"))
    await heard(boxes, {"sound(2)": ["9"], "voicemail_saved": ["gone"]})
    assert boxes.new == ["1"]


async def test_who_hangs_up_before_a_message_began_has_not_heard_it() -> None:
    boxes = Boxes(mail("1"))
    await heard(boxes, {"voicemail_received_number": ["gone"]})
    assert boxes.new == ["1"]
    await heard(boxes, {"sound(2)": ["gone"]})
    assert boxes.new == []


async def test_calling_back_gives_the_number() -> None:
    booth, _, number = await heard(Boxes(mail("1")), {"sound(2)": ["8"]})
    assert number == "+4930123"
    assert booth.said[-1] == "voicemail_calling_back"


@pytest.mark.parametrize(
    ("caller", "calls_back", "said"),
    [("", True, "voicemail_no_number"), ("anonymous", True, "voicemail_no_number"), ("+49900", False, "refused")],
)
async def test_nobody_is_called_back_who_has_no_number_or_at_the_houses_cost(caller, calls_back, said) -> None:
    booth, _, number = await heard(
        Boxes(mail("1", caller=caller)), {"sound(2)": ["8"], said: ["#"], "wait": ["#"]}, calls_back=calls_back
    )
    assert said in booth.said
    assert number == ""


async def test_a_message_that_is_gone_meanwhile_is_passed_over() -> None:
    boxes = Boxes(mail("1"))
    boxes.sound = _gone  # type: ignore[assignment]
    booth, _, _ = await heard(boxes, {"refused": ["#"], "wait": ["#"]})
    assert "refused" in booth.said
    assert booth.said[-1] == "goodbye"


async def _gone(_: str) -> bytes:
    raise NotFound("gone")


async def test_a_greeting_is_recorded_heard_and_taken_back() -> None:
    boxes = Boxes()
    booth, _, _ = await heard(
        boxes,
        {
            "voicemail_none": ["2"],
            "wait": ["1", "2", "1", "3", "1", "#", "#"],
        },
    )
    told = [text for text in booth.said if ("menu" not in text and "greeting_" in text) or text.startswith("sound")]
    assert told == [
        "voicemail_greeting_name Anna Berger",
        "voicemail_greeting_saved",
        "sound(2)",
        "voicemail_greeting_is_standard",
        "voicemail_greeting_name Anna Berger",
    ]
    assert booth.said[-1] == "goodbye"


@pytest.mark.parametrize("why", ["nothing was said", "the disk is full"])
async def test_a_greeting_that_fails_stays_as_it_was(why: str) -> None:
    boxes = Boxes()
    boxes.full = why == "the disk is full"
    greeting = None if why == "nothing was said" else SOUND
    booth, _, _ = await heard(boxes, {"voicemail_none": ["2"], "wait": ["2", "#", "#"]}, greeting=greeting)
    assert "refused" in booth.said
    assert boxes.own is None


async def test_a_pin_is_changed_when_it_was_entered_twice() -> None:
    boxes = Boxes()
    booth, _, _ = await heard(
        boxes,
        {
            "voicemail_none": ["3"],
            "voicemail_new_pin": ["12", "4711", "4711"],
            "voicemail_pin_again": ["4712", "4711"],
            "voicemail_pin_bad": ["3"],
            "voicemail_pin_differs": ["3"],
            "wait": ["#"],
        },
    )
    assert boxes.pin == "4711"
    assert [text for text in booth.said if "_pin_" in text and "again" not in text] == [
        "voicemail_pin_bad",
        "voicemail_pin_differs",
        "voicemail_pin_changed",
    ]
    assert not any("4711" in text for text in booth.said)


async def test_somebody_who_presses_nothing_is_sent_home() -> None:
    booth, _, _ = await heard(Boxes(), {})
    assert booth.said[-1] == "goodbye"
    assert booth.said.count("voicemail_menu_messages 1") == 3


async def test_messages_are_not_played_to_a_phone_that_lost_its_power() -> None:
    boxes = Boxes(*(mail(str(number)) for number in range(1, 9)))
    booth, _, _ = await heard(boxes, {}, dead_after=5)
    assert len(booth.said) < 15


async def test_the_box_of_a_door_plays_its_visitors_and_knows_no_greeting() -> None:
    boxes = Boxes(mail("1", caller="102", box="door:front"), mail("2"))
    booth, _, _ = await heard(boxes, {"wait": ["#", "2", "#"]}, door="door:front")
    assert booth.said.count("sound(2)") == 1
    assert "refused" in booth.said
    assert boxes.new == ["2"]
