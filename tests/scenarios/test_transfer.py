"""Calls are given away by the phones themselves."""

from urllib.parse import quote

import pytest

from pbx_lite.events import CallAnswered, CallEnded, CallTransferred
from pbx_lite.media.port import PCMA, PCMU
from tests.support.call_end import CallEnd
from tests.support.house import House


def dialog_of(end: CallEnd) -> str:
    """What Replaces calls this end's dialog, for the PBX at its other end."""
    dialog = end.session.dialog
    assert dialog is not None
    return f"{dialog.call_id};to-tag={dialog.remote_tag};from-tag={dialog.local_tag}"


async def in_a_call(caller, callee, number):
    """`caller` has called `number`, where `callee` answered."""
    call = await caller.invite(number)
    ringing = await callee.rings()
    await ringing.answer()
    assert await call.final_status() == 200
    return call, ringing


@pytest.fixture
async def carl(house: House):
    return await house.phone("carl")


# Blind


async def test_a_blind_transfer_tells_its_progress_and_joins_the_others(house, phone, other_phone, carl, home):
    anna, ben = await in_a_call(phone, other_phone, "102")
    assert (await ben.refer(other_phone.uri("103"))).status == 202
    assert await ben.hears_of_transfer(100)
    ringing = await carl.rings()
    assert "Anna" in (ringing.header("From") or "")
    assert await ben.hears_of_transfer(100, 180)
    assert await anna.hears(425), "ring-back tone"
    await ringing.answer()
    assert await ben.hears_of_transfer(100, 180, 200)
    await ben.ended()
    told = await home.hears(CallTransferred)
    assert (told.by, told.number, told.attended) == ("ben", "103", False)
    anna.speak(440)
    ringing.speak(600)
    assert await ringing.hears(440)
    assert await anna.hears(600)


async def test_the_caller_gives_the_call_away_too(phone, other_phone, carl):
    anna, ben = await in_a_call(phone, other_phone, "102")
    await anna.refer(phone.uri("103"))
    ringing = await carl.rings()
    assert "Ben" in (ringing.header("From") or "")
    await ringing.answer()
    await anna.ended()
    ben.speak(440)
    assert await ringing.hears(440)


async def test_a_phone_that_hangs_up_at_once_has_given_the_call_away(phone, other_phone, carl):
    anna, ben = await in_a_call(phone, other_phone, "102")
    await ben.refer(other_phone.uri("103"))
    ringing = await carl.rings()
    ben.hang_up()
    await ringing.answer()
    anna.speak(440)
    assert await ringing.hears(440)


@pytest.mark.parametrize("status", [486, 603, 480])
async def test_a_refusal_brings_the_call_back(phone, other_phone, carl, status):
    anna, ben = await in_a_call(phone, other_phone, "102")
    await ben.refer(other_phone.uri("103"))
    (await carl.rings()).reject(status)
    assert await ben.hears_of_transfer(100, 180, status)
    anna.speak(440)
    ben.speak(600)
    assert await ben.hears(440)
    assert await anna.hears(600)


async def test_a_refusal_rings_who_has_hung_up_already(phone, other_phone, carl, home):
    anna, ben = await in_a_call(phone, other_phone, "102")
    await ben.refer(other_phone.uri("103"))
    ringing = await carl.rings()
    ben.hang_up()
    ringing.reject(486)
    back = await other_phone.rings()
    assert "Anna" in (back.header("From") or "")
    await back.answer()
    anna.speak(440)
    assert await back.hears(440)


async def test_who_is_given_away_may_give_up(phone, other_phone, carl, home):
    anna, ben = await in_a_call(phone, other_phone, "102")
    await ben.refer(other_phone.uri("103"))
    ringing = await carl.rings()
    anna.hang_up()
    await ringing.cancelled()
    await ben.ended()
    await home.hears(CallEnded)


async def test_a_number_that_nobody_has_brings_the_call_back(phone, other_phone):
    anna, ben = await in_a_call(phone, other_phone, "102")
    await ben.refer(other_phone.uri("4711"))
    assert await ben.hears_of_transfer(100, 404)
    anna.speak(440)
    assert await ben.hears(440)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("sip:103@192.0.2.77", 403),
        ("sip:103@127.0.0.77:5060", 403),
        ("sip:103@elsewhere.invalid", 403),
        ("sip:127.0.0.1", 404),
    ],
)
async def test_a_foreign_domain_and_nobody_are_no_targets(phone, other_phone, carl, target, status):
    anna, ben = await in_a_call(phone, other_phone, "102")
    await ben.refer(target)
    assert await ben.hears_of_transfer(100, status)
    anna.speak(440)
    assert await ben.hears(440)
    assert not carl.calls.entries


@pytest.mark.parametrize(
    ("target", "status"),
    [("http://127.0.0.1/", 416), ("sip:103@127.0.0.1;method=BYE", 403), ("sip:103@127.0.0.1?Replaces=a%0Ab", 400)],
)
async def test_a_bad_refer_is_refused_and_the_call_goes_on(phone, other_phone, target, status):
    anna, ben = await in_a_call(phone, other_phone, "102")
    assert (await ben.refer(target)).status == status
    anna.speak(440)
    assert await ben.hears(440)


async def test_a_second_refer_waits_for_the_first(phone, other_phone, carl):
    _, ben = await in_a_call(phone, other_phone, "102")
    await ben.refer(other_phone.uri("103"))
    await carl.rings()
    assert (await ben.refer(other_phone.uri("104"))).status == 491


async def test_a_phone_that_wants_no_notify_hears_none(phone, other_phone, carl):
    anna, ben = await in_a_call(phone, other_phone, "102")
    await ben.refer(other_phone.uri("103"), [("Refer-Sub", "false")])
    ringing = await carl.rings()
    await ringing.answer()
    await ben.ended()
    assert not ben.notified.entries
    anna.speak(440)
    assert await ringing.hears(440)


async def test_sound_is_converted_where_those_who_are_left_share_no_codec(house, other_phone):
    caller = await house.phone("anna", codecs=(PCMU,))
    third = await house.phone("carl", codecs=(PCMA,))
    anna, ben = await in_a_call(caller, other_phone, "102")
    await ben.refer(other_phone.uri("103"))
    ringing = await third.rings()
    await ringing.answer()
    await ben.ended()
    anna.speak(440)
    ringing.speak(600)
    assert await ringing.hears(440)
    assert await anna.hears(600)


# Attended


async def test_an_attended_transfer_joins_the_far_ends(phone, other_phone, carl, home):
    anna, ben = await in_a_call(phone, other_phone, "102")
    second, third = await in_a_call(other_phone, carl, "103")
    target = f"{other_phone.uri('103')}?Replaces={quote(dialog_of(second), safe='')}"
    assert (await ben.refer(target)).status == 202
    await second.ended()
    await ben.ended()
    assert await ben.hears_of_transfer(100, 200)
    told = await home.hears(CallTransferred)
    assert (told.by, told.attended) == ("ben", True)
    anna.speak(440)
    third.speak(600)
    assert await third.hears(440)
    assert await anna.hears(600)


async def test_an_attended_transfer_while_the_target_still_rings(phone, other_phone, carl):
    anna, ben = await in_a_call(phone, other_phone, "102")
    second = await other_phone.invite("103")
    ringing = await carl.rings()
    await second.progress(180)
    await ben.refer(f"{other_phone.uri('103')}?Replaces={quote(dialog_of(second), safe='')}")
    await ben.ended()
    assert await second.final_status() == 487
    assert await anna.hears(425), "ring-back tone"
    await ringing.answer()
    anna.speak(440)
    assert await ringing.hears(440)


async def test_it_comes_back_when_the_target_refuses(phone, other_phone, carl):
    anna, ben = await in_a_call(phone, other_phone, "102")
    second = await other_phone.invite("103")
    ringing = await carl.rings()
    await second.progress(180)
    await ben.refer(f"{other_phone.uri('103')}?Replaces={quote(dialog_of(second), safe='')}")
    await ben.ended()
    ringing.reject(486)
    back = await other_phone.rings()
    await back.answer()
    anna.speak(440)
    assert await back.hears(440)


@pytest.mark.parametrize(
    ("replaces", "status"),
    [
        ("nothing;to-tag=a;from-tag=b", 481),
        ("nothing;to-tag=a", 400),
    ],
)
async def test_an_unknown_other_call_is_told_so(phone, other_phone, replaces, status):
    anna, ben = await in_a_call(phone, other_phone, "102")
    await ben.refer(f"{other_phone.uri('103')}?Replaces={quote(replaces, safe='')}")
    assert await ben.hears_of_transfer(100, status)
    anna.speak(440)
    assert await ben.hears(440)


async def test_an_answered_call_is_none_for_early_only(phone, other_phone, carl):
    _, ben = await in_a_call(phone, other_phone, "102")
    second, _ = await in_a_call(other_phone, carl, "103")
    await ben.refer(f"{other_phone.uri('103')}?Replaces={quote(dialog_of(second) + ';early-only', safe='')}")
    assert await ben.hears_of_transfer(100, 486)


async def test_somebody_elses_call_is_not_joined(house, phone, other_phone, carl):
    guest = await house.phone("guest")
    _, ben = await in_a_call(phone, other_phone, "102")
    foreign, _ = await in_a_call(carl, guest, "104")
    await ben.refer(f"{other_phone.uri('104')}?Replaces={quote(dialog_of(foreign), safe='')}")
    assert await ben.hears_of_transfer(100, 403)


# INVITE with Replaces


def replacing(end: CallEnd, flags: str = "") -> list[tuple[str, str]]:
    return [("Replaces", dialog_of(end) + flags), ("Require", "replaces")]


async def test_another_phone_of_the_same_person_takes_the_call_over(house, phone, other_phone, home):
    anna, ben = await in_a_call(phone, other_phone, "102")
    second = await house.phone("ben")
    taken = await second.invite("102", headers=replacing(ben))
    assert await taken.final_status() == 200
    await ben.ended()
    anna.speak(440)
    taken.speak(600)
    assert await taken.hears(440)
    assert await anna.hears(600)


async def test_another_phone_takes_what_rings_at_the_first(house, phone, other_phone, home):
    second = await house.phone("ben")
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    await second.rings()
    taken = await second.invite("102", headers=replacing(ringing, ";early-only"))
    assert await taken.final_status() == 200
    await ringing.cancelled()
    assert (await home.hears(CallAnswered)).by == "ben"
    assert await call.final_status() == 200
    call.speak(440)
    assert await taken.hears(440)


@pytest.mark.parametrize(
    ("replaces", "status"),
    [
        ("nothing;to-tag=a;from-tag=b", 481),
        ("nonsense", 400),
    ],
)
async def test_a_dialog_that_is_none_is_not_replaced(phone, replaces, status):
    call = await phone.invite("102", headers=[("Replaces", replaces)])
    assert await call.final_status() == status


async def test_an_answered_dialog_is_not_replaced_for_early_only(house, phone, other_phone):
    anna, ben = await in_a_call(phone, other_phone, "102")
    second = await house.phone("ben")
    refused = await second.invite("102", headers=replacing(ben, ";early-only"))
    assert await refused.final_status() == 486
    anna.speak(440)
    assert await ben.hears(440)


async def test_an_early_dialog_that_the_phone_began_is_not_replaced(house, phone, other_phone):
    call = await phone.invite("102")
    await other_phone.rings()
    await call.progress(180)
    second = await house.phone("anna")
    refused = await second.invite("102", headers=replacing(call))
    assert await refused.final_status() == 481


async def test_a_lamp_keys_pickup_takes_what_rings_at_a_colleague(phone, other_phone, carl, home):
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    taken = await carl.invite("102", headers=replacing(ringing))
    assert await taken.final_status() == 200
    await ringing.cancelled()
    assert (await home.hears(CallAnswered)).by == "carl"
    call.speak(440)
    assert await taken.hears(440)


async def test_who_may_not_pick_up_is_refused(house, phone, other_phone, carl, monkeypatch):
    monkeypatch.setattr(house.pbx.exchange.directory, "may_pickup", lambda _: False)
    await phone.invite("102")
    ringing = await other_phone.rings()
    refused = await carl.invite("102", headers=replacing(ringing))
    assert await refused.final_status() == 403


async def test_nobody_takes_the_place_of_others(phone, other_phone, carl):
    anna, ben = await in_a_call(phone, other_phone, "102")
    refused = await carl.invite("102", headers=replacing(ben))
    assert await refused.final_status() == 403
    anna.speak(440)
    assert await ben.hears(440)


async def test_a_call_is_given_to_a_service_of_the_pbx(phone, other_phone):
    """As to a conference room; the echo test is the plainest."""
    anna, ben = await in_a_call(phone, other_phone, "102")
    await ben.refer(other_phone.uri("*80"))
    assert await ben.hears_of_transfer(100, 200)
    await ben.ended()
    anna.speak(440)
    assert await anna.hears(440)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:5060", "localhost", "LOCALHOST;transport=tcp"])
async def test_whatever_a_phone_calls_this_pbx_its_numbers_are_meant(phone, other_phone, carl, host):
    _, ben = await in_a_call(phone, other_phone, "102")
    await ben.refer(f"sip:103@{host}")
    await (await carl.rings()).answer()
    assert await ben.hears_of_transfer(100, 180, 200)
