"""A visitor presses the bell."""

import asyncio
from dataclasses import replace

import pytest

from pbx_lite.events import DoorAnswered, DoorEnded, DoorMissed, DoorRang
from pbx_lite.media.port import G722
from tests.support.house import FRONT, House, home_of

ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'


async def test_pressing_the_bell_rings_the_phone_and_home_assistant(door, phone, home):
    press = await door.press()
    rang = await home.hears(DoorRang)
    assert (rang.door, rang.button, rang.rings) == ("front", "", ("anna", "ben"))
    ringing = await phone.rings()
    assert "Front door" in (ringing.header("From") or "")
    await ringing.answer()
    assert await press.final_status() == 200
    assert await ringing.hears(door.tone)
    ringing.speak(600)
    assert await press.hears(600)
    answered = await home.hears(DoorAnswered)
    assert (answered.ring, answered.by) == (rang.ring, "anna")


@pytest.mark.parametrize("number", ["100", "front", "150", "sip:anything@elsewhere.example"])
async def test_whatever_number_the_station_dials_it_is_a_ring(door, phone, home, number):
    await door.press(number)
    assert (await home.hears(DoorRang)).door == "front"
    await phone.rings()


async def test_everybody_rings_at_once_on_every_device(house, door, phone, other_phone):
    second = await house.phone("anna")
    await door.press()
    for each in (phone, second, other_phone):
        await each.rings()


async def test_the_first_to_answer_wins_and_the_others_are_told(door, phone, other_phone, home):
    press = await door.press()
    slow, fast = await phone.rings(), await other_phone.rings()
    await fast.answer()
    assert await slow.cancelled() == ELSEWHERE
    assert await press.final_status() == 200
    assert (await home.hears(DoorAnswered)).by == "ben"


async def test_when_two_answer_at_the_same_moment_one_of_them_is_told_that_it_lost(door, phone, other_phone, home):
    press = await door.press()
    calls = [await phone.rings(), await other_phone.rings()]
    await asyncio.gather(*(call.answer() for call in calls))
    assert await press.final_status() == 200
    winner = (await home.hears(DoorAnswered)).by
    won, lost = calls if winner == "anna" else reversed(calls)
    assert await lost.ended() == ELSEWHERE
    assert await won.hears(door.tone)
    assert len(home.heard(DoorAnswered)) == 1


async def test_a_button_has_its_name_and_its_own_people(door, phone, other_phone, home):
    await door.press("12")
    rang = await home.hears(DoorRang)
    assert (rang.button, rang.rings) == ("Ben", ("ben",))
    await other_phone.rings()
    assert not phone.calls.entries


async def test_the_button_travels_with_every_event(door, phone, home):
    press = await door.press("11")
    ringing = await phone.rings()
    await ringing.answer()
    press.hang_up()
    assert (await home.hears(DoorAnswered)).button == "Anna"
    ended = await home.hears(DoorEnded)
    assert (ended.button, ended.by) == ("Anna", "door")
    await ringing.ended()


async def test_a_phone_that_is_busy_or_refuses_leaves_the_others_ringing(door, phone, other_phone):
    press = await door.press()
    (await phone.rings()).reject(486)
    ringing = await other_phone.rings()
    await ringing.answer()
    assert await press.final_status() == 200


async def test_the_visitor_gives_up(door, phone, home):
    press = await door.press()
    ringing = await phone.rings()
    press.give_up()
    await ringing.cancelled()
    assert await press.final_status() == 487
    assert (await home.hears(DoorMissed)).door == "front"
    await home.hears(DoorEnded)


async def test_hanging_up_the_phone_ends_the_doors_call(door, phone, home):
    press = await door.press()
    ringing = await phone.rings()
    await ringing.answer()
    await press.final_status()
    ringing.hang_up()
    await press.ended()
    assert (await home.hears(DoorEnded)).by == "anna"


async def test_nobody_answers_in_time(tmp_path):
    async with House(home_of(tmp_path, replace(FRONT, ring_seconds=0.3, late_seconds=0))) as house:
        phone, door = await house.phone("anna"), await house.door()
        press = await door.press()
        ringing = await phone.rings()
        await ringing.cancelled()
        assert await press.final_status() in {408, 480}
        assert (await house.home.hears(DoorMissed)).door == "front"


async def test_who_comes_late_still_reaches_the_visitor(tmp_path):
    async with House(home_of(tmp_path, replace(FRONT, ring_seconds=0.3))) as house:
        phone, door = await house.phone("anna"), await house.door()
        press = await door.press()
        await (await phone.rings()).cancelled()
        await house.home.hears(DoorMissed)
        call = await phone.invite("150")
        assert await call.final_status() == 200
        assert await press.final_status() == 200
        assert await call.hears(door.tone)
        assert (await house.home.hears(DoorAnswered)).by == "anna"


async def test_the_call_is_held_only_so_long(tmp_path):
    async with House(home_of(tmp_path, replace(FRONT, ring_seconds=0.2, late_seconds=0.3))) as house:
        door = await house.door()
        press = await door.press()
        await house.home.hears(DoorMissed)
        assert await press.final_status() in {408, 480}
        await house.home.hears(DoorEnded)


async def test_it_rings_in_home_assistant_although_no_phone_is_there(house, door, home):
    press = await door.press()
    assert (await home.hears(DoorRang)).rings == ("anna", "ben")
    assert await press.hears(425)
    assert house.pbx.doorbell.state("front")["state"] == "ringing"
    press.give_up()
    await home.hears(DoorMissed)
    await home.hears(DoorEnded)
    assert house.pbx.doorbell.state("front")["state"] == "idle"


async def test_the_doors_state_follows_its_call(house, door, phone, home):
    def state() -> tuple[str, str]:
        shown = house.pbx.doorbell.state("front")
        return shown["state"], (shown["ring"] or {}).get("answered_by", "")

    assert state() == ("idle", "")
    press = await door.press()
    ringing = await phone.rings()
    assert state() == ("ringing", "")
    await ringing.answer()
    await home.hears(DoorAnswered)
    assert state() == ("talking", "anna")
    press.hang_up()
    await home.hears(DoorEnded)
    assert state() == ("idle", "")
    last = house.pbx.doorbell.state("front")["last_ring"]
    assert (last["outcome"], last["answered_by"]) == ("answered", "anna")


async def test_a_phone_behind_a_router_is_reached_where_its_packets_come_from(house, door):
    phone = await house.phone("anna", contact="10.99.0.9:5060")
    await door.press()
    ringing = await phone.rings()
    await ringing.answer()
    assert await ringing.hears(door.tone)


async def test_a_phone_that_registers_while_it_rings_joins_in(house, door, home):
    await door.press()
    await home.hears(DoorRang)
    late = await house.phone("ben")
    await late.rings()


async def test_a_second_press_while_it_rings_does_not_ring_again(door, phone, home):
    await door.press()
    await phone.rings()
    again = await door.press()
    assert await again.final_status() == 486
    assert len(home.heard(DoorRang)) == 1


async def test_without_a_codec_in_common_the_station_is_told_488(house, home):
    door = await house.door(codecs=[replace(G722, name="SPEEX")], video=False)
    press = await door.press()
    assert await press.final_status() == 488
    assert not home.heard(DoorRang)


async def test_a_door_that_calls_from_its_fixed_address_needs_no_password(tmp_path):
    fixed = replace(FRONT, password=type(FRONT.password)(), address="udp:127.0.0.5:5060")
    async with House(home_of(tmp_path, fixed)) as house:
        phone = await house.phone("anna")
        door = await house.door(host="127.0.0.5", registers=False)
        door.password = ""
        await door.press()
        await phone.rings()


async def test_a_home_with_ipv6(tmp_path):
    async with House(home_of(tmp_path, FRONT, listen=("udp://[::1]:0",))) as house:
        phone, door = await house.phone("anna", host="::1"), await house.door(host="::1")
        press = await door.press()
        ringing = await phone.rings()
        await ringing.answer()
        assert await ringing.hears(door.tone)
        ringing.speak(600)
        assert await press.hears(600)


async def test_parties_of_two_transports_and_two_versions_of_ip_meet(tmp_path):
    async with House(home_of(tmp_path, FRONT, listen=("udp://127.0.0.1:0", "tcp://[::1]:0"))) as house:
        phone, door = await house.phone("anna", transport="tcp", host="::1"), await house.door()
        press = await door.press()
        ringing = await phone.rings()
        await ringing.answer()
        assert await ringing.hears(door.tone)
        ringing.speak(600)
        assert await press.hears(600)


@pytest.mark.parametrize("transport", ["tcp", "tls"])
async def test_a_door_rings_over_a_stream_as_over_datagrams(tmp_path, transport):
    listen = ("udp://127.0.0.1:0", f"{transport}://127.0.0.1:0")
    async with House(home_of(tmp_path, FRONT, listen=listen)) as house:
        phone, door = await house.phone("anna"), await house.door(transport=transport)
        press = await door.press()
        ringing = await phone.rings()
        await ringing.answer()
        assert await press.final_status() == 200
        ringing.speak(600)
        assert await press.hears(600)
        ringing.hang_up()
        await press.ended()
