"""Who rings, where and when, as people set it for themselves."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from pbx_lite.config import Calling, Device, Secret, Team, Trunk, Workplace
from pbx_lite.events import CallEnded, CallMissed, CallRinging, CallStarted, UserChanged
from pbx_lite.features.journal import CallJournal
from pbx_lite.features.people.people import People
from pbx_lite.features.people.teams import Teams
from pbx_lite.sip.invite_events import Accepted
from tests.support.conference import hears_music
from tests.support.fake_trunk import FakeTrunk
from tests.support.house import FRONT, House, home_of
from tests.support.words import hears_words

ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Anna has a second phone in the kitchen, which can be dialled by itself."""
    home = home_of(tmp_path, FRONT)
    kitchen = Device(name="kitchen", account="kitchen", password=Secret("k"), extension="111")
    users = tuple(replace(user, devices=(kitchen,)) if user.name == "anna" else user for user in home.users)
    config = replace(
        home,
        users=users,
        teams=(
            Team(name="all", display_name="Everybody", extension="200", members=("*",), ring_seconds=2),
            Team(name="patient", display_name="Patient", extension="201", members=("*",), wait_seconds=600),
        ),
        workplaces=(Workplace(name="desk", display_name="Desk", account="desk", password=Secret("d")),),
    )
    async with House(config) as house:
        yield house


@pytest.fixture
def people(house: House) -> People:
    return house.pbx.features[People]


@pytest.fixture
def teams(house: House) -> Teams:
    return house.pbx.features[Teams]


@pytest.fixture
async def kitchen(house: House):
    return await house.device("kitchen", "k")


async def test_a_call_to_a_person_rings_all_their_phones(phone, kitchen, other_phone):
    call = await other_phone.invite("101")
    await phone.rings()
    ringing = await kitchen.rings()
    await ringing.answer()
    assert await call.final_status() == 200


async def test_a_phones_own_number_rings_that_phone_alone(phone, kitchen, other_phone):
    call = await other_phone.invite("111")
    await (await kitchen.rings()).answer()
    assert await call.final_status() == 200
    assert phone.calls.entries == []


async def test_further_phones_show_their_owner_as_the_caller(kitchen, other_phone, home):
    await kitchen.invite("102")
    ringing = await other_phone.rings()
    shown = ringing.header("From") or ""
    assert "Anna" in shown
    assert "sip:101@" in shown
    assert (await home.hears(CallStarted)).caller_user == "anna"


async def test_who_dials_their_own_number_reaches_their_other_phone(phone, kitchen):
    call = await phone.invite("101")
    await (await kitchen.rings()).answer()
    assert await call.final_status() == 200
    assert phone.calls.entries == []


async def test_a_phone_rings_later_where_the_profile_says_so(people, phone, kitchen, other_phone):
    rules = [{"device": "kitchen"}, {"device": "phone", "after": 0.4}]
    await people.set_follow_me("anna", "slow", {"internal": rules})
    await people.set("anna", profile="slow")
    call = await other_phone.invite("101")
    await kitchen.rings()
    assert phone.calls.entries == []
    await (await phone.rings()).answer()
    assert await call.final_status() == 200


async def test_do_not_disturb_is_busy_for_people_but_the_door_rings(people, door, phone, other_phone, home):
    await people.set("anna", do_not_disturb=True)
    assert (await home.hears(UserChanged, lambda event: event.user == "anna")).user == "anna"
    call = await other_phone.invite("101")
    assert await call.final_status() == 486
    await door.press()
    await phone.rings()


async def test_a_second_call_is_busy_where_call_waiting_is_off(house, people, phone, other_phone):
    first = await other_phone.invite("101")
    await (await phone.rings()).answer()
    assert await first.final_status() == 200
    third = await house.phone("carl")
    waiting = await third.invite("101")
    await phone.rings()
    waiting.give_up()
    await people.set("anna", call_waiting=False)
    assert await (await third.invite("101")).final_status() == 486


async def test_calls_are_forwarded_always(house, people, phone, other_phone):
    third = await house.phone("carl")
    await people.forward("anna", {"always": "103"})
    call = await other_phone.invite("101")
    ringing = await third.rings()
    assert "Ben" in (ringing.header("From") or "")
    await ringing.answer()
    assert await call.final_status() == 200
    assert phone.calls.entries == []


async def test_calls_are_forwarded_when_busy(house, people, phone, other_phone):
    third = await house.phone("carl")
    await people.forward("anna", {"busy": "103"})
    call = await other_phone.invite("101")
    (await phone.rings()).reject(486)
    await (await third.rings()).answer()
    assert await call.final_status() == 200


async def test_calls_are_forwarded_when_nobody_answers_or_no_phone_is_there(house, people, phone, other_phone):
    third = await house.phone("carl")
    await people.forward("anna", {"no_answer": "103", "seconds": 1})
    await people.forward("guest", {"no_answer": "103"})
    call = await other_phone.invite("101")
    ringing = await phone.rings()
    taken = await third.rings()
    await ringing.cancelled()
    await taken.answer()
    assert await call.final_status() == 200
    await other_phone.invite("104")
    await third.rings()


async def test_forwarding_in_a_circle_ends_where_it_began(house, people, phone, other_phone):
    """Anna to Ben, Ben to Carl, Carl to Anna: the last one's own phone rings instead."""
    third, guest = await house.phone("carl"), await house.phone("guest")
    for user, number in (("anna", "102"), ("ben", "103"), ("carl", "101")):
        await people.forward(user, {"always": number})
    call = await guest.invite("101")
    await (await third.rings()).answer()
    assert await call.final_status() == 200


async def test_who_calls_are_forwarded_to_may_still_call_back(people, phone, other_phone):
    await people.forward("anna", {"always": "102"})
    call = await other_phone.invite("101")
    await (await phone.rings()).answer()
    assert await call.final_status() == 200


async def test_a_team_rings_all_who_are_free(house, people, phone, other_phone, home):
    third, guest = await house.phone("carl"), await house.phone("guest")
    await people.set("carl", do_not_disturb=True)
    call = await guest.invite("200")
    ringing = await phone.rings()
    assert (await home.hears(CallStarted)).callee_name == "Everybody"
    other = await other_phone.rings()
    await other.answer()
    await ringing.cancelled()
    assert await call.final_status() == 200
    assert (third.calls.entries, guest.calls.entries) == ([], [])


async def test_a_team_that_does_not_answer_has_missed_the_call(house, phone, other_phone, home):
    guest = await house.phone("guest")
    call = await guest.invite("200")
    await phone.rings()
    await other_phone.rings()
    assert await call.final_status() == 480
    missed = {(await home.hears(CallMissed)).user, (await home.hears(CallMissed)).user}
    assert missed == {"anna", "ben"}


async def test_a_shared_phone_rings_and_speaks_for_whoever_is_logged_in(house, people, other_phone, home):
    desk = await house.device("desk", "d")
    people.log_in("desk", "anna")
    call = await other_phone.invite("101")
    await (await desk.rings()).answer()
    assert await call.final_status() == 200
    await desk.invite("102")
    assert "Anna" in ((await other_phone.rings()).header("From") or "")


async def test_a_shared_phone_with_nobody_at_it_can_still_call_inside(house, other_phone):
    desk = await house.device("desk", "d")
    call = await desk.invite("102")
    ringing = await other_phone.rings()
    assert "Desk" in (ringing.header("From") or "")
    await ringing.answer()
    assert await call.final_status() == 200


async def test_settings_and_log_ins_are_there_after_a_restart(house, people, phone, other_phone):
    await people.set("anna", do_not_disturb=True)
    people.log_in("desk", "ben")
    await house.restart()
    again = house.pbx.features[People]
    assert again.of("anna").do_not_disturb
    assert again.workplaces()[0]["user"] == "ben"


async def test_a_call_makes_its_people_busy_and_free_again(house, people, phone, other_phone, home):
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    await home.hears(UserChanged, lambda event: event.user == "ben" and people.state("ben")["ringing"])
    assert [house.pbx.switchboard.busy(user) for user in ("anna", "ben")] == [True, False]
    await ringing.answer()
    await home.hears(UserChanged, lambda event: event.user == "ben" and house.pbx.switchboard.busy("ben"))
    assert not people.state("ben")["ringing"]
    call.hang_up()
    assert {(await home.hears(UserChanged)).user, (await home.hears(UserChanged)).user} == {"anna", "ben"}
    assert (await home.events.first(CallRinging)).user == "ben"


async def test_who_declines_a_call_of_the_team_is_rung_no_longer_and_the_others_are(house, people, phone, home):
    other = await house.phone("ben")
    guest = await house.phone("guest")
    call = await guest.invite("200")
    ringing, rings_on = await phone.rings(), await other.rings()
    await home.hears(UserChanged, lambda event: event.user == "anna" and people.state("anna")["ringing"])
    ringing.reject(603)
    await home.hears(UserChanged, lambda event: event.user == "anna" and not people.state("anna")["ringing"])
    assert people.state("ben")["ringing"]
    rings_on.reject(486)
    assert await call.final_status() == 603
    await home.hears(UserChanged, lambda event: event.user == "ben" and not people.state("ben")["ringing"])


async def test_a_phone_made_at_runtime_rings_with_the_others(house, phone, other_phone):
    made = await house.pbx.exchange.directory.add_device("anna", "panel")
    panel = await house.device(made.account, str(made.password))
    await other_phone.invite("101")
    await phone.rings()
    await panel.rings()


async def test_a_phone_that_registers_while_it_rings_rings_too(house, phone, other_phone):
    call = await other_phone.invite("101")
    ringing = await phone.rings()
    kitchen = await house.device("kitchen", "k")
    await (await kitchen.rings()).answer()
    assert await call.final_status() == 200
    assert await ringing.cancelled() == ELSEWHERE


# The mobile phone


@pytest.fixture
async def provider() -> AsyncIterator[FakeTrunk]:
    async with FakeTrunk() as provider:
        yield provider


@pytest.fixture
async def reachable(tmp_path: Path, provider: FakeTrunk) -> AsyncIterator[House]:
    """Anna's mobile phone rings with her phone in the hall, for calls from inside and from outside."""
    line = Trunk(
        name="line",
        registrar=provider.registrar,
        username=provider.username,
        password=Secret(provider.secret),
        numbers=(("+4989123450", "anna"),),
        caller_number="+4989123450",
        area="89",
    )
    home = home_of(tmp_path)
    users = tuple(replace(user, mobile="0171 555777") if user.name == "anna" else user for user in home.users)
    config = replace(home, users=users, trunks=(line,), calling=Calling(route_seconds=0))
    async with House(config) as house:
        provider.pbx = house.address()
        await provider.registered()
        everywhere = [{"device": "phone"}, {"device": "mobile"}]
        people = house.pbx.features[People]
        await people.set_follow_me("anna", "default", {"internal": everywhere, "external": everywhere})
        yield house


async def test_the_mobile_phone_takes_the_call_once_a_key_was_pressed(reachable, provider):
    hall, ben = await reachable.phone("anna"), await reachable.phone("ben")
    call = await ben.invite("101")
    ringing, mobile = await hall.rings(), await provider.rings()
    assert "171555777" in mobile.number
    await mobile.answer()
    assert await hears_words(mobile, "mobile_confirm")
    assert not any(isinstance(each, Accepted) for each in call.events.entries)
    await mobile.press("1")
    assert await call.final_status() == 200
    assert await ringing.cancelled() == ELSEWHERE
    call.speak(440)
    assert await mobile.hears(440)
    mobile.speak(600)
    assert await call.hears(600)


async def test_while_a_mailbox_has_the_mobile_phone_another_can_still_answer(reachable, provider):
    hall, ben = await reachable.phone("anna"), await reachable.phone("ben")
    call = await ben.invite("101")
    ringing, mobile = await hall.rings(), await provider.rings()
    await mobile.answer()
    assert await hears_words(mobile, "mobile_confirm")
    await ringing.answer()
    assert await call.final_status() == 200
    await mobile.ended()
    call.speak(440)
    assert await ringing.hears(440)


async def test_what_a_mobile_network_says_before_an_answer_is_not_heard(reachable, provider):
    ben = await reachable.phone("ben")
    call = await ben.invite("101")
    mobile = await provider.next_call()
    await mobile.early()
    await call.progress(180)
    mobile.reject(486)
    assert await call.final_status() == 486


async def test_who_calls_in_from_the_mobile_phone_does_not_ring_it(reachable, provider):
    hall = await reachable.phone("anna")
    call = await provider.call("+4989123450", "+49171555777")
    ringing = await hall.rings()
    assert '"Anna" <sip:+49171555777@' in (ringing.header("From") or "")
    await ringing.answer()
    assert await call.final_status() == 200
    assert provider.invites.entries == []


async def test_who_wants_no_calls_or_has_no_phone_there_has_missed_them(house, people, phone, other_phone, home):
    await people.set("ben", do_not_disturb=True)
    assert await (await phone.invite("102")).final_status() == 486
    missed = await home.hears(CallMissed)
    assert (missed.user, missed.caller_name) == ("ben", "Anna")
    assert await (await phone.invite("103")).final_status() == 480
    assert (await home.hears(CallMissed)).user == "carl"
    journal = house.pbx.features[CallJournal]
    (busy,), _ = await journal.entries(user="ben")
    (away,), _ = await journal.entries(user="carl")
    assert (busy["outcome"], busy["callee_name"]) == ("busy", "Ben")
    assert (away["outcome"], away["callee_name"]) == ("missed", "Carl")


async def test_who_declines_before_it_rings_has_missed_nothing(phone, other_phone, home):
    call = await phone.invite("102")
    (await other_phone.next_call()).reject(603)
    assert await call.final_status() == 603
    await home.hears(CallEnded)
    assert not home.heard(CallMissed)


async def test_who_calls_a_team_that_rests_hears_music_until_somebody_is_back(people, teams, phone, other_phone):
    for user in ("anna", "carl", "ben"):
        teams.set_duty("patient", user, "paused")
    call = await other_phone.invite("201")
    assert await call.final_status() == 200
    assert await hears_music(call)
    assert phone.calls.entries == []
    teams.set_duty("patient", "anna", "in")
    ringing = await phone.rings()
    await ringing.answer()
    ringing.speak(440)
    assert await call.hears(440)
    assert teams.state("patient")["waiting"] == []
