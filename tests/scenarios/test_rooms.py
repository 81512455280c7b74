"""Conference rooms, with real phones around them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from pbx_lite.config import Calling, Secret
from pbx_lite.events import (
    CallEnded,
    CallStarted,
    RoomJoined,
    RoomLeft,
    RoomTalking,
)
from pbx_lite.features.journal import CallJournal
from pbx_lite.media.port import G722, OPUS, PCMA, PCMU
from tests.support.call_end import CallEnd
from tests.support.conference import (
    enters,
    hears_music,
    hears_nothing,
    hears_only,
    house_with_room,
    inside,
    rooms_of,
)
from tests.support.house import House
from tests.support.lines import trunk_to


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Everybody may enter, and the room says nothing by itself."""
    async with house_with_room(tmp_path, quiet=True) as house:
        yield house


@pytest.fixture
async def carl(house: House):
    return await house.phone("carl")


async def all_three(house, *phones) -> list[CallEnd]:
    calls: list[CallEnd] = [await enters(house, phone) for phone in phones]
    for call, hertz in zip(calls, (600, 900, 1300), strict=True):
        call.speak(hertz)
    return calls


# Hearing each other


async def test_three_hear_each_other_and_nobody_hears_themselves(house, phone, other_phone, carl):
    anna, ben, third = await all_three(house, phone, other_phone, carl)
    assert await hears_only(anna, 900, 1300)
    assert await hears_only(ben, 600, 1300)
    assert await hears_only(third, 600, 900)
    assert inside(house) == ["Anna", "Ben", "Carl"]


async def test_phones_of_all_codecs_hear_each_other(house):
    phones = [
        await house.phone(name, codecs=(codec,)) for name, codec in (("anna", PCMA), ("ben", G722), ("carl", OPUS))
    ]
    anna, ben, third = await all_three(house, *phones)
    assert await hears_only(anna, 900, 1300)
    assert await hears_only(ben, 600, 1300)
    assert await hears_only(third, 600, 900)


async def test_one_alone_hears_music_until_another_comes_and_again_when_they_have_left(house, phone, other_phone):
    anna = await enters(house, phone)
    assert await hears_music(anna)
    ben = await enters(house, other_phone)
    ben.speak(600)
    assert await anna.hears(600)
    ben.hang_up()
    await house.home.hears(RoomLeft)
    assert await hears_music(anna)


async def test_a_phone_that_changes_its_codec_in_the_room_is_followed(house, other_phone):
    phone = await house.phone("anna", codecs=(PCMU, PCMA))
    anna, ben = await enters(house, phone), await enters(house, other_phone)
    ben.speak(600)
    assert await anna.hears(600)
    anna.media.prefer(PCMA)
    answer = await anna.session.reinvite(anna.media.offer().replace(b"RTP/AVP 8 0 ", b"RTP/AVP 8 "))
    anna.media.accept(answer.body)
    anna.speak(900)
    assert await ben.hears(900)
    await anna.heard.until(lambda packets: packets[-1].codec == PCMA)
    assert await anna.hears(600)


async def test_who_holds_is_not_heard_and_nobody_hears_their_music(house, phone, other_phone, carl):
    anna, ben, third = await all_three(house, phone, other_phone, carl)
    anna.media.accept((await anna.session.reinvite(anna.media.offer(audio="sendonly"))).body)
    assert await hears_only(ben, 1300)
    assert await hears_only(third, 900)
    anna.media.accept((await anna.session.reinvite(anna.media.offer())).body)
    assert await hears_only(ben, 600, 1300)
    assert await hears_only(anna, 900, 1300)


async def test_talking_is_told(house, phone, other_phone, home):
    anna = await enters(house, phone)
    await enters(house, other_phone)
    anna.speak(600)
    assert (await home.hears(RoomTalking, lambda event: event.talking)).user == "anna"
    anna.be_silent()
    assert (await home.hears(RoomTalking, lambda event: not event.talking)).user == "anna"


# The door


@pytest.fixture
async def locked(tmp_path: Path) -> AsyncIterator[House]:
    async with house_with_room(tmp_path, quiet=True, pin=Secret("1234")) as house:
        yield house


@pytest.mark.parametrize("how", ["rfc4733", "info", "inband"])
async def test_a_pin_is_keyed_in_while_it_is_asked_for_whatever_carries_keys(locked, how):
    phone = await locked.phone("anna", events=how == "rfc4733")
    call = await phone.invite("800")
    assert await call.final_status() == 200
    await call.press("1234#", how=how)
    assert (await locked.home.hears(RoomJoined)).user == "anna"


async def test_a_burst_of_keys_is_a_pasted_pin(locked):
    phone = await locked.phone("anna", events=False)
    call = await phone.invite("800")
    assert await call.final_status() == 200
    await asyncio.gather(*(call.press(key, how="info") for key in "1234"))
    await locked.home.hears(RoomJoined)


async def test_three_wrong_pins_end_the_call(locked):
    phone = await locked.phone("anna")
    call = await phone.invite("800")
    assert await call.final_status() == 200
    for _ in range(3):
        await call.press("99#")
    await call.ended(within=60)
    assert not locked.home.heard(RoomJoined)


async def test_a_caller_from_outside_enters_by_the_pin(tmp_path, provider):
    numbers = (("+49891234800", "table"),)
    async with house_with_room(tmp_path, quiet=True, pin=Secret("1234")) as plain:
        config = plain.config
    lined = replace(config, trunks=(trunk_to(provider, numbers=numbers),), calling=Calling(route_seconds=0))
    async with House(replace(lined, data=tmp_path / "lined")) as house:
        provider.pbx = house.address()
        await provider.registered()
        call = await provider.call("+49891234800", caller="+4930111")
        assert await call.final_status() == 200
        await call.press("1234")
        joined = await house.home.hears(RoomJoined)
        assert (joined.number, joined.user, joined.leader) == ("+4930111", "", False)
        anna = await enters(house, await house.phone("anna"), keys="1234")
        call.speak(600)
        assert await anna.hears(600)


# Strange phones


async def test_who_sends_nothing_is_there_and_hears(house, phone, other_phone):
    silent, ben = await enters(house, phone), await enters(house, other_phone)
    ben.speak(600)
    assert await silent.hears(600)
    assert await hears_nothing(ben)


@pytest.mark.parametrize("milliseconds", [10, 30, 60])
async def test_packets_of_any_length_are_heard(house, phone, other_phone, milliseconds):
    anna, ben = await enters(house, phone), await enters(house, other_phone)
    talker = Raw(anna, milliseconds)
    talker.start()
    assert await ben.hears(600)
    talker.stop()


async def test_timestamps_that_jump_and_another_source_are_heard_on(house, phone, other_phone):
    anna, ben = await enters(house, phone), await enters(house, other_phone)
    talker = Raw(anna, 20)
    talker.start()
    assert await ben.hears(600)
    for jump in (8000 * 3600, -8000 * 1800, 1 << 31):
        talker.timestamp += jump
        ben.heard.entries.clear()
        assert await ben.hears(600)
    anna.media.audio._out.ssrc ^= 0x5A5A5A5A
    ben.heard.entries.clear()
    assert await ben.hears(600)
    talker.stop()


async def test_garbage_from_one_is_no_harm_to_the_others(house, phone, other_phone, carl):
    anna, ben = await enters(house, phone), await enters(house, other_phone)
    third = await enters(house, carl)
    ben.speak(900)
    talker = Raw(anna, 20)
    talker.payload = lambda size: b""
    talker.start()
    assert await hears_only(third, 900)
    talker.payload = lambda size: bytes(7 + size % 5)
    third.heard.entries.clear()
    assert await hears_only(third, 900)
    talker.stop()
    assert len(inside(house)) == 3


async def test_a_key_during_speech_is_a_key_and_not_heard(house, phone, other_phone):
    anna, ben = await enters(house, phone), await enters(house, other_phone)
    anna.speak(600)
    ben.speak(900)
    assert await ben.hears(600)
    await anna.press("*1")
    assert await hears_nothing(ben)
    assert rooms_of(house).state("table")["participants"][0]["muted"]
    assert not ben.keys.entries
    await anna.press("*1")
    assert await ben.hears(600)


class Raw:
    """A 600 Hz talker that writes its own packets."""

    def __init__(self, end: CallEnd, milliseconds: int) -> None:
        from tests.support.tone import encode, sine

        self.timestamp = 0
        self._end = end
        self._size = 8 * milliseconds
        self._sound = encode(sine(600, milliseconds=1200))
        self._at = 0
        self._timer: asyncio.TimerHandle | None = None
        self.payload: Callable[[int], bytes] = self._speech

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        begin = loop.time()

        def send(number: int) -> None:
            data = self.payload(self._size)
            self._end.media.audio.transmit(0, data, self.timestamp & 0xFFFFFFFF, marker=False)
            self.timestamp += self._size
            self._timer = loop.call_at(begin + (number + 1) * self._size / 8000, send, number + 1)

        send(0)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _speech(self, size: int) -> bytes:
        at = self._at % len(self._sound)
        self._at += size
        return (self._sound + self._sound)[at : at + size]


# What becomes of the room


async def test_a_room_that_is_removed_while_people_talk_sends_them_home(house, phone, other_phone, home):
    directory = house.pbx.api._services.directory  # what clients change it by
    room = await directory.add_room({"display_name": "Attic", "extension": "801", "pin": ""})
    calls = [await enters(house, each, room="801") for each in (phone, other_phone)]
    calls[0].speak(600)
    assert await calls[1].hears(600)
    await directory.remove_room(room.name)
    for call in calls:
        await call.ended()
    assert (await home.hears(RoomLeft)).reason == "ended"
    assert (await (await phone.invite("801")).final_status()) == 404


async def test_a_pbx_that_stops_ends_rooms_cleanly(house, phone, other_phone):
    calls = [await enters(house, each) for each in (phone, other_phone)]
    rooms_of(house).record("table", on=True)
    await asyncio.gather(house.restart(), *(call.ended() for call in calls))


async def test_a_call_to_a_room_is_in_the_journal(house, phone, home):
    call = await enters(house, phone)
    call.hang_up()
    await home.hears(CallEnded)
    (entry,), _ = await house.pbx.features[CallJournal].entries()
    assert (entry["callee_name"], entry["outcome"]) == ("Kitchen table", "answered")


# Transfer and invitation


async def test_a_caller_is_sent_into_the_room(house, phone, other_phone, carl, home):
    third = await enters(house, carl)
    call = await phone.invite("102")
    ben = await other_phone.rings()
    await ben.answer()
    assert await call.final_status() == 200
    assert (await ben.refer(other_phone.uri("800"))).status == 202
    assert (await home.hears(RoomJoined)).user == "anna"
    call.speak(600)
    assert await third.hears(600)


@pytest.mark.parametrize("said_in", ["the call", "the room"])
async def test_a_caller_is_brought_into_the_room_by_somebody_in_it(house, phone, other_phone, carl, home, said_in):
    third = await enters(house, carl)
    call = await phone.invite("102")
    ben = await other_phone.rings()
    await ben.answer()
    assert await call.final_status() == 200
    in_room = await enters(house, other_phone)
    one, other = (ben, in_room) if said_in == "the call" else (in_room, ben)
    dialog = other.session.dialog
    assert dialog is not None
    replaces = f"{dialog.call_id};to-tag={dialog.remote_tag};from-tag={dialog.local_tag}"
    await one.refer(f"{other_phone.uri('800')}?Replaces={quote(replaces, safe='')}")
    await in_room.ended()
    await home.hears(RoomJoined, lambda event: event.user == "anna")
    call.speak(600)
    assert await third.hears(600)
    third.speak(900)
    assert await call.hears(900)
    assert inside(house) == ["Carl", "Anna"]


async def test_who_is_in_a_room_cannot_give_the_room_away(house, phone):
    call = await enters(house, phone)
    assert (await call.refer(phone.uri("102"))).status in {202, 603}
    assert await hears_music(call)
    assert inside(house) == ["Anna"]


async def test_somebody_is_invited_and_joins_by_a_key(house, phone, other_phone, home):
    anna = await enters(house, phone)
    inviting = asyncio.gather(rooms_of(house).invite("table", "102", house.user("anna")))
    ringing = await other_phone.rings()
    await inviting
    assert "Kitchen table" in (ringing.header("From") or "")
    await ringing.answer()
    assert inside(house) == ["Anna"]
    await ringing.press("1")
    assert (await home.hears(RoomJoined)).user == "ben"
    ringing.speak(600)
    assert await anna.hears(600)
    started = [event for event in home.heard(CallStarted) if event.number == "102"]
    assert [event.caller_name for event in started] == ["Kitchen table"]
