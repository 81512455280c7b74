"""Callers and visitors who leave messages, and people who listen to them, over real signalling and sound."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from pbx_lite.config import Device, Secret, Workplace
from pbx_lite.errors import MediaError
from pbx_lite.events import (
    CallEnded,
    CallMissed,
    CallStarted,
    DoorAnswered,
    DoorEnded,
    DoorMissed,
    DoorOpened,
    RecordingFailed,
    VoicemailChanged,
    VoicemailReceived,
)
from pbx_lite.features.journal import CallJournal
from pbx_lite.features.people.people import People
from pbx_lite.features.voicemail import booth as booths
from pbx_lite.features.voicemail.booth import Booth, Tape
from pbx_lite.features.voicemail.mailboxes import Mailboxes
from pbx_lite.features.voicemail.voicemail import Voicemail
from pbx_lite.media.port import G722, OPUS, PCMU, AudioPacket
from pbx_lite.media.recording import RATE, Recording
from pbx_lite.speech.opus_file import encode
from pbx_lite.speech.speech import Speech
from pbx_lite.store.voicemail import Mail
from tests.support.call_end import CallEnd
from tests.support.fake_trunk import FakeTrunk
from tests.support.house import FRONT, House, home_of
from tests.support.lines import house_with, trunk_to
from tests.support.listen import Record
from tests.support.pbx import ApiClient
from tests.support.peer import Peer
from tests.support.watcher import Watcher

SPOKEN, GREETING = 440, 700
ANNA = "101"


@dataclass
class Voice:
    """What the PBX says, by the keys of its words, and what it records of each who speaks to it."""

    said: Record[str]
    tapes: Record[Record[AudioPacket]]

    async def says(self, *keys: str) -> None:
        for key in keys:
            await self.said.next(partial(str.__eq__, key))

    async def hears(self, call: CallEnd, *, hertz: float = SPOKEN, seconds: float = 1.6) -> None:
        """The caller speaks so long once the tone is over, and is silent then."""
        tape = await self.tapes.next()
        call.speak(hertz)
        await tape.until(lambda packets: len(packets) >= seconds * 50)
        call.be_silent()


@pytest.fixture
def voice(monkeypatch: pytest.MonkeyPatch) -> Voice:
    """Sound that people recorded is played; the PBX's own words take no time."""
    voice = Voice(Record("the PBX said"), Record("the PBX recorded"))
    say, record = Speech.say, Booth.record

    async def told(self: Speech, port, *parts, language: str = "") -> None:
        key = parts[0] if isinstance(parts[0], str) else "sound"
        voice.said.add(key)
        if isinstance(parts[0], Recording):
            await say(self, port, parts[0], language=language)

    async def recorded(self: Booth, tape: Tape, seconds: float) -> None:
        packets: Record[AudioPacket] = Record("the tape")
        machine = tape.machine

        class Counted:
            def hear(self, packet: AudioPacket) -> None:
                machine.hear(packet)
                packets.add(packet)

        tape.machine = Counted()  # type: ignore[assignment]
        voice.tapes.add(packets)
        try:
            await record(self, tape, seconds)
        finally:
            tape.machine = machine

    monkeypatch.setattr(Speech, "say", told)
    monkeypatch.setattr(Booth, "record", recorded)
    return voice


@pytest.fixture
async def house(tmp_path: Path, voice: Voice, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """Anna has a mailbox that takes calls after a second; at the front door visitors may leave messages."""
    monkeypatch.setattr(booths, "SILENT_SECONDS", 3.0)
    home = home_of(tmp_path, replace(FRONT, leave_message=True, ring_seconds=1.0))
    kitchen = Device(name="kitchen", account="kitchen", password=Secret("k"))
    users = tuple(
        replace(user, voicemail=True, devices=(kitchen,)) if user.name == "anna" else user for user in home.users
    )
    desk = Workplace(name="desk", display_name="Desk", account="desk", password=Secret("d"))
    async with House(replace(home, users=users, workplaces=(desk,))) as house:
        await boxes_of(house).set("anna", seconds=1)
        yield house


def boxes_of(house: House) -> Mailboxes:
    return house.pbx.features[Voicemail].mailboxes


@pytest.fixture
def boxes(house: House) -> Mailboxes:
    return boxes_of(house)


async def leave(caller: Peer, voice: Voice, *, number: str = ANNA, hertz: float = SPOKEN) -> None:
    """A whole message, ended by a hash."""
    call = await caller.invite(number)
    assert await call.final_status() == 200
    await voice.hears(call, hertz=hertz)
    await finish(call)
    await voice.says("voicemail_message_saved")
    await call.ended()


async def finish(call: CallEnd) -> None:
    """Press `#`, which may end the call before the key is up again."""
    with suppress(MediaError):
        await call.press("#")


async def put(boxes: Mailboxes, *, box: str = "anna", caller: str = "102", heard: bool = False) -> str:
    """A message that nobody had to speak."""
    name, path = boxes.unfinished()
    path.write_bytes(b"sound")
    mail = Mail(id=name, box=box, at=boxes.stamp(), caller=caller, seconds=2.0, heard=heard)
    await boxes.keep(mail, path)
    return name


# Leaving a message


@pytest.mark.parametrize("codec", [PCMU, G722, OPUS])
async def test_a_message_is_left_and_heard_at_the_own_phone(house, boxes, voice, home, codec):
    anna = await house.phone("anna", codecs=(codec,))
    ben = await house.phone("ben", codecs=(codec,))
    call = await ben.invite(ANNA)
    ringing = await anna.rings()
    assert await call.final_status() == 200
    await ringing.cancelled()
    missed = await home.hears(CallMissed)
    assert (missed.user, missed.caller_name) == ("anna", "Ben")
    await voice.says("voicemail_greeting_name")
    await voice.hears(call)
    await finish(call)
    received = await home.hears(VoicemailReceived)
    assert (received.user, received.door, received.caller, received.caller_name) == ("anna", "", "102", "Ben")
    assert 1.0 <= received.seconds < 10
    await voice.says("voicemail_message_saved")
    await call.ended()
    assert boxes.count("anna") == (1, 0)

    listening = await anna.invite("*100")
    assert await listening.final_status() == 200
    await voice.says("voicemail_new", "voicemail_first_message", "voicemail_received_name", "sound")
    assert await listening.hears(SPOKEN)
    await home.hears(VoicemailChanged, lambda _: boxes.count("anna") == (0, 1))
    await listening.press("7")
    await voice.says("voicemail_deleted")
    listening.hang_up()
    await home.hears(VoicemailChanged, lambda _: boxes.count("anna") == (0, 0))


async def test_the_lamp_of_a_phone_tells_of_messages(house, boxes, voice):
    async with Watcher(house.address(), ANNA, f"secret{ANNA}") as anna:
        assert (await anna.subscribe(ANNA, "message-summary")).status == 200
        await anna.sees("Voice-Message: 0/0")
        name = await put(boxes)
        told = await anna.sees("Voice-Message: 1/0")
        assert b"Messages-Waiting: yes" in told.body
        await boxes.mark(name, heard=True)
        await anna.sees("Voice-Message: 0/1")


async def test_the_journal_calls_it_missed_and_nobody_else_is_told_of_keys(house, voice, other_phone, home):
    await leave(other_phone, voice)
    await home.hears(CallEnded)
    (entry,), _ = await house.pbx.features[CallJournal].entries()
    assert (entry["outcome"], entry["answered_by"], entry["callee_user"]) == ("missed", "", "anna")


async def test_who_does_not_want_to_be_disturbed_has_their_messages(house, voice, phone, other_phone, home):
    await house.pbx.features[People].set("anna", do_not_disturb=True)
    await leave(other_phone, voice)
    assert phone.calls.entries == []
    assert (await home.hears(CallMissed)).user == "anna"


async def test_who_declines_sends_the_caller_to_the_box(voice, phone, other_phone, home):
    call = await other_phone.invite(ANNA)
    (await phone.rings()).reject(603)
    assert await call.final_status() == 200
    await voice.says("voicemail_greeting_name")
    call.hang_up()
    await home.hears(CallEnded)
    assert home.heard(CallMissed) == []


async def test_a_forwarded_call_comes_into_no_box_but_that_of_whom_it_goes_to(house, voice, other_phone):
    third = await house.phone("carl")
    await house.pbx.features[People].forward("anna", {"always": "103"})
    call = await other_phone.invite(ANNA)
    await (await third.rings()).answer()
    assert await call.final_status() == 200
    await house.pbx.features[People].forward("anna", {"always": ""})
    await house.pbx.features[People].forward("carl", {"always": ANNA})
    await leave(other_phone, voice, number="103")


async def test_a_call_that_is_handed_over_comes_into_the_box(house, voice, other_phone, boxes, home):
    third = await house.phone("carl")
    call = await third.invite("102")
    ringing = await other_phone.rings()
    await ringing.answer()
    assert await call.final_status() == 200
    assert (await ringing.refer(other_phone.uri(ANNA))).status == 202
    await ringing.ended()
    await voice.hears(call)
    await finish(call)
    received = await home.hears(VoicemailReceived)
    assert received.caller_name == "Carl"


async def test_a_caller_from_outside_leaves_a_message_by_their_number(tmp_path, voice, provider, monkeypatch):
    async with outside(tmp_path, provider) as house:
        call = await provider.call("+4989123450", "+4930111", name="Otto")
        assert await call.final_status() == 200
        await voice.hears(call)
        call.hang_up()
        received = await house.home.hears(VoicemailReceived)
        assert (received.caller, received.caller_name) == ("+4930111", "Otto")


async def test_a_client_hears_of_a_message_plays_it_and_takes_it_away(house, voice, other_phone):
    client = await ApiClient.connect(house.pbx.api.port, "token")
    try:
        snapshot = await client.command("subscribe")
        assert {user["name"]: user["voicemail"] for user in snapshot["users"]}["anna"] == 0
        await leave(other_phone, voice)
        received = await client.until("voicemail_received", user="anna", caller="102")
        await client.until("voicemail_changed", user="anna")
        await client.until("user_changed")
        (message,) = (await client.command("voicemail/list", box="anna"))["messages"]
        assert (message["id"], message["heard"], message["picture"]) == (received["message"], False, False)
        sound = await client.command("voicemail/sound", message=message["id"])
        recording = Recording.decode(base64.b64decode(sound["data"]), most_seconds=20)
        assert recording.seconds > 1.0
        await client.command("voicemail/mark", message=message["id"], heard=True)
        await client.command("voicemail/remove", message=message["id"])
        assert (await client.command("voicemail/list", box="anna"))["messages"] == []
        settings = await client.command("voicemail/set", user="anna", enabled=False, pin="4711")
        assert settings == {"enabled": False, "seconds": 1.0, "pin": True}
        assert await (await other_phone.invite(ANNA)).final_status() == 480
    finally:
        await client.close()


# What callers do


async def test_who_hangs_up_at_once_or_during_the_greeting_leaves_nothing(boxes, voice, other_phone, home):
    call = await other_phone.invite(ANNA)
    call.give_up()
    await home.hears(CallEnded)
    await boxes.set_greeting("anna", _tone(GREETING, 20))
    call = await other_phone.invite(ANNA)
    assert await call.final_status() == 200
    assert await call.hears(GREETING)
    call.hang_up()
    await home.hears(CallEnded)
    assert boxes.count("anna") == (0, 0)
    assert home.heard(VoicemailReceived) == []


async def test_who_hangs_up_in_the_middle_of_a_message_has_left_it(boxes, voice, other_phone, home):
    call = await other_phone.invite(ANNA)
    await voice.hears(call)
    call.hang_up()
    await home.hears(VoicemailReceived)
    assert boxes.count("anna") == (1, 0)


@pytest.mark.parametrize("sends", [True, False])
async def test_silence_is_no_message(boxes, voice, other_phone, home, sends):
    call = await other_phone.invite(ANNA)
    assert await call.final_status() == 200
    tape = await voice.tapes.next()
    if sends:
        call.speak(0)
        await tape.until(lambda packets: len(packets) > 10)
    await voice.says("voicemail_too_short")
    await call.ended()
    assert boxes.count("anna") == (0, 0)
    assert _unfinished(boxes) == []


async def test_two_callers_leave_messages_at_the_same_time(house, boxes, voice, other_phone, home):
    third = await house.phone("carl")
    calls = [await other_phone.invite(ANNA), await third.invite(ANNA)]
    for call in calls:
        assert await call.final_status() == 200
    for call in calls:
        call.speak(SPOKEN)
    for _ in calls:
        await (await voice.tapes.next()).until(lambda packets: len(packets) > 80)
    for call in calls:
        await finish(call)
        await call.ended()
    assert {message["caller_name"] for message in await boxes.messages("anna")} == {"Ben", "Carl"}


async def test_a_box_that_is_full_says_so(boxes, voice, other_phone, monkeypatch):
    monkeypatch.setattr("pbx_lite.features.voicemail.mailboxes.MOST_MESSAGES", 1)
    await put(boxes)
    call = await other_phone.invite(ANNA)
    assert await call.final_status() == 200
    await voice.says("voicemail_full")
    await call.ended()


async def test_who_fills_a_box_finds_nobody_there_for_an_hour(boxes, voice, other_phone, phone, monkeypatch):
    monkeypatch.setattr("pbx_lite.features.voicemail.voicemail.MOST_OF_ONE", 1)
    await leave(other_phone, voice)
    await (await phone.rings()).cancelled()
    call = await other_phone.invite(ANNA)
    (await phone.rings()).reject(486)
    assert await call.final_status() == 486


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no disk that is always full")
async def test_a_full_disk_ends_the_message_and_not_the_pbx(boxes, voice, other_phone, home, monkeypatch, tmp_path):
    (tmp_path / "message.opus.part").symlink_to("/dev/full")
    monkeypatch.setattr(boxes._store, "unfinished", lambda _: tmp_path / "message.opus")
    call = await other_phone.invite(ANNA)
    await voice.hears(call)
    await finish(call)
    failed = await home.hears(RecordingFailed)
    assert failed.where == "anna"
    await voice.says("voicemail_failed")
    await call.ended()
    assert boxes.count("anna") == (0, 0)
    assert len(home.heard(RecordingFailed)) == 1
    assert await (await other_phone.invite("*80")).final_status() == 200


async def test_a_message_that_is_being_spoken_when_the_pbx_stops_is_kept(house, voice, other_phone):
    call = await other_phone.invite(ANNA)
    await voice.hears(call)
    await house.restart()
    (message,) = await boxes_of(house).messages("anna")
    assert (message["caller"], message["heard"]) == ("102", False)
    assert (await boxes_of(house).sound(message["id"])).startswith(b"OggS")


# Listening


async def test_a_greeting_spoken_by_phone_is_what_callers_hear(boxes, voice, phone, other_phone):
    call = await phone.invite("*100")
    assert await call.final_status() == 200
    await voice.says("voicemail_none")
    await call.press("22")
    await voice.says("voicemail_record_greeting")
    await voice.hears(call, hertz=GREETING, seconds=3)
    await finish(call)
    await voice.says("voicemail_greeting_saved")
    await call.press("#")
    await finish(call)
    await voice.says("goodbye")
    await call.ended()
    await phone.register(expires=0)
    caller = await other_phone.invite(ANNA)
    assert await caller.hears(GREETING)


async def test_who_left_a_message_is_called_back(house, boxes, voice, phone, other_phone, home):
    await leave(other_phone, voice)
    call = await phone.invite("*100")
    assert await call.final_status() == 200
    await voice.says("sound")
    await call.press("8")
    await voice.says("voicemail_calling_back")
    ringing = await other_phone.rings()
    assert "Anna" in (ringing.header("From") or "")
    await ringing.answer()
    ringing.speak(600)
    assert await call.hears(600)
    call.speak(500)
    assert await ringing.hears(500)
    started = home.heard(CallStarted)[-1]
    assert isinstance(started, CallStarted)
    assert (started.caller_user, started.number) == ("anna", "102")
    call.hang_up()
    await ringing.ended()


async def test_another_phone_needs_the_pin_and_three_wrong_ones_end_the_call(boxes, voice, other_phone):
    await put(boxes)
    assert await (await other_phone.invite(f"*100{ANNA}")).final_status() == 403
    await boxes.set("anna", pin="4711")
    call = await other_phone.invite(f"*100{ANNA}")
    assert await call.final_status() == 200
    for _ in range(3):
        await voice.says("voicemail_enter_pin")
        await call.press("0000#")
        await voice.says("voicemail_wrong_pin")
    await voice.says("too_many_pins")
    await call.ended()
    again = await other_phone.invite(f"*100{ANNA}")
    await voice.says("voicemail_enter_pin")
    await again.press("4711#")
    await voice.says("voicemail_new")
    assert not any("4711" in repr(each) for each in voice.said.entries)


async def test_a_shared_phone_asks_whose_box_it_is(house, boxes, voice):
    await boxes.set("anna", pin="4711")
    desk = await house.device("desk", "d")
    call = await desk.invite("*100")
    await voice.says("voicemail_enter_number")
    await call.press(f"{ANNA}#")
    await voice.says("voicemail_enter_pin")
    await call.press("4711#")
    await voice.says("voicemail_none")


async def test_from_outside_a_star_and_the_pin_open_the_box_and_nobody_is_called(tmp_path, voice, provider):
    async with outside(tmp_path, provider) as house:
        boxes = boxes_of(house)
        await put(boxes, caller="+4930111")
        await boxes.set_greeting("anna", _tone(GREETING, 20))
        call = await provider.call("+4989123450", "+49171555")
        assert await call.hears(GREETING)
        await call.press("*")
        await voice.tapes.next()  # without a PIN a star is a key as any other
        call.hang_up()
        await boxes.set("anna", pin="4711")
        call = await provider.call("+4989123450", "+49171555")
        assert await call.hears(GREETING)
        await call.press("*")
        await voice.says("voicemail_enter_pin")
        await call.press("4711#")
        await voice.says("voicemail_new", "voicemail_received_number")
        await call.press("8")
        await voice.says("refused")
        call.hang_up()


async def test_the_words_themselves_are_heard(tmp_path):
    """Without the voice of these tests: what the PBX says is sound, and a key interrupts it."""
    home = home_of(tmp_path)
    users = tuple(replace(user, voicemail=True) for user in home.users)
    async with House(replace(home, users=users)) as house:
        ben = await house.phone("ben")
        call = await ben.invite(ANNA)
        assert await call.final_status() == 200
        await call.heard.until(lambda packets: len({packet.payload for packet in packets}) > 50)
        await call.press("1")
        assert await call.hears(880)


# The door


async def test_a_visitor_leaves_a_message_with_their_picture(house, boxes, voice, door, home):
    press = await door.press()
    assert await press.final_status() == 200
    await home.hears(DoorMissed)
    await voice.says("door_leave_message")
    tape = await voice.tapes.next()
    await tape.until(lambda packets: len(packets) > 80)
    press.be_silent()
    received = await home.hears(VoicemailReceived)
    assert (received.user, received.door, received.caller_name) == ("", "front", "Front door")
    await voice.says("door_message_saved")
    await press.ended()
    await home.hears(DoorEnded)
    (message,) = await boxes.messages("door:front")
    assert message["picture"]
    picture = await boxes.picture(message["id"])
    assert picture is not None
    assert picture.startswith(b"\xff\xd8")
    assert boxes.count("door:front") == (1, 0)


async def test_whoever_may_see_a_door_hears_its_visitors_by_phone(house, boxes, voice, phone, home):
    await put(boxes, box="door:front", caller="150")
    guest = await house.phone("guest")
    assert await (await guest.invite("*100150")).final_status() == 403
    assert await (await guest.invite("*100199")).final_status() == 404
    call = await phone.invite("*100150")
    assert await call.final_status() == 200
    await voice.says("voicemail_new", "voicemail_received_number")
    await call.press("7")
    await voice.says("voicemail_deleted")
    call.hang_up()
    await home.hears(VoicemailChanged, lambda event: event.door == "front" and boxes.count("door:front") == (0, 0))


async def test_somebody_who_comes_while_the_visitor_speaks_talks_to_them(house, boxes, voice, door, phone, home):
    press = await door.press()
    await (await voice.tapes.next()).until(lambda packets: len(packets) > 60)
    call = await phone.invite("150")
    assert await call.final_status() == 200
    assert (await home.hears(DoorAnswered)).by == "anna"
    assert await call.hears(door.tone)
    call.speak(600)
    assert await press.hears(600)
    call.hang_up()
    await press.ended()
    assert boxes.count("door:front") == (0, 0)


async def test_the_door_opens_while_the_visitor_speaks(house, voice, door, home):
    press = await door.press()
    await voice.tapes.next()
    await house.pbx.doorbell.open("front", house.user("anna"))
    await home.hears(DoorOpened)
    assert await press.pressed("00#")


async def test_a_visitor_who_goes_has_left_what_they_said(boxes, voice, door, home):
    press = await door.press()
    await (await voice.tapes.next()).until(lambda packets: len(packets) > 80)
    press.hang_up()
    assert (await home.hears(VoicemailReceived)).door == "front"


async def test_a_visitor_with_a_full_box_waits_for_late_ones_as_ever(house, boxes, voice, door, phone, monkeypatch):
    monkeypatch.setattr("pbx_lite.features.voicemail.mailboxes.MOST_MESSAGES", 0)
    press = await door.press()
    await (await phone.rings()).cancelled()
    call = await phone.invite("150")
    assert await call.final_status() == 200
    assert await call.hears(door.tone)
    assert await press.final_status() == 200
    assert voice.said.entries == []


@asynccontextmanager
async def outside(folder: Path, provider: FakeTrunk) -> AsyncIterator[House]:
    """A house with a line; Anna has switched her mailbox on."""
    async with house_with(folder, trunk_to(provider)) as house:
        provider.pbx = house.address()
        await provider.registered()
        await boxes_of(house).set("anna", enabled=True, seconds=1)
        yield house


def _tone(hertz: float, seconds: float) -> bytes:
    at = np.arange(int(seconds * RATE)) / RATE
    return encode((np.sin(2 * np.pi * hertz * at) * 8000).astype(np.int16).tobytes())


def _unfinished(boxes: Mailboxes) -> list[str]:
    folder = boxes.unfinished()[1].parent
    return [file.name for file in folder.iterdir()]
