"""People call each other."""

import pytest

from pbx_lite.api.presentation import event_shown
from pbx_lite.calls.leg import UNREACHABLE
from pbx_lite.calls.plan import Attempt, Divert, Plan, Refuse, Ring, Rung
from pbx_lite.calls.switchboard import party_of_account
from pbx_lite.events import (
    CallAnswered,
    CallEnded,
    CallMissed,
    CallResumed,
    CallRinging,
    CallStarted,
    CallTransferred,
)
from pbx_lite.features.journal import CallJournal
from pbx_lite.media.port import G722, PCMA, PCMU
from tests.support.house import House
from tests.support.watcher import Watcher


@pytest.fixture(autouse=True)
def everybodys_phones_ring(house: House) -> None:
    """The plainest of plans."""

    def plan(attempt: Attempt) -> Plan | None:
        account = house.pbx.switchboard.account_of(attempt.number)
        if account is None or account.owner not in {"anna", "ben", "carl", "guest"}:
            return None
        phones = house.pbx.exchange.phones_of(account.owner)
        if not phones:
            return Refuse(cause=UNREACHABLE)
        return Ring(callee=party_of_account(account), rungs=tuple(Rung(target=phone) for phone in phones))

    if not house.pbx.switchboard.planners:
        house.pbx.switchboard.planners.append(plan)


RING_BACK = 425
ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'


async def test_a_call_rings_is_answered_and_both_hear_each_other(house, phone, other_phone, home):
    call = await phone.invite("102")
    started = await home.hears(CallStarted)
    assert (started.caller, started.caller_name, started.caller_user) == ("101", "Anna", "anna")
    assert (started.number, started.callee_name, started.direction) == ("102", "Ben", "internal")
    ringing = await other_phone.rings()
    assert "Anna" in (ringing.header("From") or "")
    await call.progress(180)
    assert (await home.hears(CallRinging)).user == "ben"
    await ringing.answer()
    assert await call.final_status() == 200
    assert (await home.hears(CallAnswered)).by == "ben"
    call.speak(440)
    ringing.speak(600)
    assert await ringing.hears(440)
    assert await call.hears(600)
    ringing.hang_up()
    await call.ended()
    ended = await home.hears(CallEnded)
    assert (ended.call, ended.by, ended.cause, ended.answered) == (started.call, "ben", 16, True)
    assert not house.pbx.switchboard.calls


async def test_all_phones_of_a_user_ring_and_the_first_answer_wins(house, phone, other_phone, home):
    second = await house.phone("ben")
    call = await phone.invite("102")
    first, other = await other_phone.rings(), await second.rings()
    await other.answer()
    assert await first.cancelled() == ELSEWHERE
    assert await call.final_status() == 200
    call.speak(500)
    assert await other.hears(500)


async def test_a_caller_who_gives_up_stops_the_ringing_and_the_call_is_missed(phone, other_phone, home):
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    await call.progress(180)
    call.give_up()
    await ringing.cancelled()
    missed = await home.hears(CallMissed)
    assert (missed.user, missed.caller, missed.caller_name) == ("ben", "101", "Anna")
    assert not (await home.hears(CallEnded)).answered


@pytest.mark.parametrize(
    ("answer", "status", "cause"), [(486, 486, 17), (603, 603, 21), (480, 480, 20), (488, 488, 88)]
)
async def test_a_refusal_reaches_the_caller_with_its_status_and_cause(phone, other_phone, home, answer, status, cause):
    call = await phone.invite("102")
    (await other_phone.rings()).reject(answer)
    assert await call.final_status() == status
    assert (await home.hears(CallEnded)).cause == cause


async def test_one_busy_phone_does_not_keep_the_other_from_ringing(house, phone, other_phone):
    second = await house.phone("ben")
    call = await phone.invite("102")
    first, other = await other_phone.rings(), await second.rings()
    first.reject(486)
    await other.answer()
    assert await call.final_status() == 200


async def test_who_declines_declines_for_all_their_phones(house, phone, other_phone):
    second = await house.phone("ben")
    call = await phone.invite("102")
    first, other = await other_phone.rings(), await second.rings()
    first.reject(603)
    await other.cancelled()
    assert await call.final_status() == 603


async def test_a_user_without_a_phone_is_unreachable(phone):
    call = await phone.invite("103")
    assert await call.final_status() == 480


async def test_a_number_that_nobody_has_is_not_found(phone, home):
    call = await phone.invite("4711")
    assert await call.final_status() == 404
    assert (await home.hears(CallEnded)).cause == 1


async def test_sound_before_the_answer_is_passed_on(phone, other_phone):
    call = await phone.invite("102")
    ringing = await other_phone.next_call()
    await ringing.early()
    ringing.speak(700)
    await call.progress(183)
    assert await call.hears(700)
    await ringing.answer()
    assert await call.final_status() == 200
    assert await call.hears(700)


async def test_a_caller_gets_the_codec_that_the_callee_chose(house, phone):
    callee = await house.phone("ben", codecs=(PCMA,))
    caller = await house.phone("anna", codecs=(PCMU, PCMA))
    call = await caller.invite("102")
    ringing = await callee.rings()
    await ringing.answer()
    assert await call.final_status() == 200
    assert call.media.audio.codec == ringing.media.audio.codec == PCMA


async def test_where_no_codec_is_shared_sound_is_converted(house):
    caller, callee = await house.phone("anna", codecs=(PCMU,)), await house.phone("ben", codecs=(G722,))
    call = await caller.invite("102")
    ringing = await callee.rings()
    await ringing.answer()
    call.speak(440)
    await ringing.heard.until(lambda packets: len(packets) > 20)
    assert ringing.heard.entries[-1].codec == G722


async def test_a_call_passed_on_in_circles_ends(house, phone, home):
    house.pbx.switchboard.planners.insert(
        0, lambda attempt: Divert(number={"102": "103", "103": "102"}[attempt.number])
    )
    call = await phone.invite("102")
    assert await call.final_status() == 483


async def test_a_phone_that_redirects_sends_the_call_there(house, phone, other_phone):
    carl = await house.phone("carl")
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    ringing.session.reject(302, headers=[("Contact", f"<{carl.uri('103')}>")])
    moved = await carl.rings()
    await moved.answer()
    assert await call.final_status() == 200
    assert "102" in (moved.header("Diversion") or "")


async def test_a_blind_transfer_joins_the_two_who_are_left(house, phone, other_phone, home):
    carl = await house.phone("carl")
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    await ringing.answer()
    (active,) = house.pbx.switchboard.calls.values()
    active.transfer(active.seat_of("ben"), "103")
    third = await carl.rings()
    await third.answer()
    assert (await home.hears(CallTransferred)).by == "ben"
    await ringing.ended()
    call.speak(440)
    third.speak(600)
    assert await third.hears(440)
    assert await call.hears(600)


async def test_a_refused_transfer_brings_the_call_back(house, phone, other_phone):
    carl = await house.phone("carl")
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    await ringing.answer()
    (active,) = house.pbx.switchboard.calls.values()
    told: list[int] = []
    active.transfer(active.seat_of("ben"), "103", told.append)
    (await carl.rings()).reject(486)
    call.speak(440)
    assert await ringing.hears(440)
    assert told == [180, 486]


async def test_two_calls_become_a_conference_of_three(house, phone, other_phone):
    carl = await house.phone("carl")
    first = await phone.invite("102")
    ben = await other_phone.rings()
    await ben.answer()
    second = await phone.invite("103")
    third = await carl.rings()
    await third.answer()
    one, two = house.pbx.switchboard.calls.values()
    one.merge(two, "anna")
    await second.ended()
    ben.speak(600)
    assert await first.hears(600)
    assert await third.hears(600)
    one.remove(one.seat_of("ben"))
    await ben.ended()
    third.speak(900)
    assert await first.hears(900)


async def test_click_to_dial_rings_the_callers_own_phone_first(house, phone, other_phone):
    board = house.pbx.switchboard
    board.place(house.pbx.exchange.phones_of("anna"), board.party_of("anna"), "102")
    mine = await phone.rings()
    assert "Ben" in (mine.header("From") or "")
    await mine.answer()
    ringing = await other_phone.rings()
    assert "Anna" in (ringing.header("From") or "")
    assert await mine.hears(425), "ring-back tone"
    await ringing.answer()
    ringing.speak(600)
    assert await mine.hears(600)


async def test_hold_gives_music_and_resume_gives_the_voice_back(house, phone, other_phone):
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    await ringing.answer()
    call.speak(440)
    assert await ringing.hears(440)
    (active,) = house.pbx.switchboard.calls.values()
    active.hold(active.seat_of("anna"))
    heard = len(ringing.heard.entries)
    await ringing.heard.until(lambda packets: len(packets) > heard + 30)
    active.resume(active.seat_of("anna"))
    assert await ringing.hears(440)


async def test_a_call_forwarded_to_a_door_speaks_with_the_visitor(house, phone, other_phone, door):
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    ringing.session.reject(302, headers=[("Contact", f"<{phone.uri('150')}>")])
    visitor = await door.next_call()
    await visitor.answer()
    assert await call.final_status() == 200
    call.speak(440)
    visitor.speak(600)
    assert await visitor.hears(440)
    assert await call.hears(600)
    call.hang_up()
    await visitor.ended()


async def test_who_may_not_talk_with_a_door_cannot_be_passed_to_it(house, other_phone, door):
    guest = await house.phone("guest")
    call = await guest.invite("150")
    assert await call.final_status() == 403


async def test_another_phone_is_heard_where_the_one_that_spoke_before_its_answer_is_gone(house, phone, other_phone):
    second = await house.phone("ben")
    call = await phone.invite("102")
    first, other = await other_phone.rings(), await second.rings()
    await first.early()
    first.speak(600)
    assert await call.hears(600)
    first.reject(480)
    assert await call.hears(RING_BACK)
    await other.early()
    other.speak(700)
    assert await call.hears(700)


async def test_who_answers_is_heard_where_another_spoke_before_its_answer(house, phone, other_phone):
    second = await house.phone("ben", codecs=[G722])
    call = await phone.invite("102")
    first, other = await other_phone.rings(), await second.rings()
    await first.early()
    first.speak(600)
    assert await call.hears(600)
    await other.answer()
    other.speak(700)
    call.speak(440)
    assert await call.hears(700)
    assert await other.hears(440)


async def test_a_private_caller_is_nobody_to_everybody_else(house, phone, other_phone, home):
    services = vars(house.pbx.api)["_services"]
    shown = []
    house.pbx.bus.listen(lambda event: shown.append(repr(event_shown(services, event))))
    async with Watcher(house.address(), "103", "secret103") as carl:
        await carl.subscribe("102")
        call = await phone.invite("102", headers=[("Privacy", "id")])
        ringing = await other_phone.rings()
        await ringing.answer()
        assert await call.final_status() == 200
        assert "101" not in (ringing.header("From") or "") + (ringing.header("Contact") or "")
        for way in ("sendonly", "sendrecv"):
            assert (await call.session.reinvite(call.media.offer(audio=way))).status == 200
        await home.hears(CallResumed)
        call.hang_up()
        await home.hears(CallEnded)
        await carl.sees("terminated")
        read = [repr(request.body) for request in carl.told.entries]
    entries, _ = await house.pbx.features[CallJournal].entries()
    about_calls = [each for each in shown if "'kind': 'call_" in each]
    assert len(about_calls) > 5
    assert not [each for each in (*about_calls, *read, repr(entries)) if "anna" in each.lower() or "'101'" in each]


async def test_the_line_of_who_hangs_up_is_judged_once(phone, other_phone, home):
    call = await phone.invite("102")
    await (await other_phone.rings()).answer()
    assert await call.final_status() == 200
    call.hang_up()
    assert [line.number for line in (await home.hears(CallEnded)).quality] == ["101", "102"]


async def test_a_number_longer_than_any_is_not_found_and_not_written_down(house, phone, home):
    call = await phone.invite("1" * 5000)
    assert await call.final_status() == 404
    assert await (await phone.invite("10%002")).final_status() == 404
    assert not home.heard(CallStarted)
