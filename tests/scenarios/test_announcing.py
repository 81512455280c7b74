"""Announcements are spoken to phones that answer by themselves."""

import asyncio
from dataclasses import replace

import pytest

from pbx_lite.config import Device, Secret, Team, Workplace
from pbx_lite.errors import Busy, Unavailable
from pbx_lite.events import CallEvent
from pbx_lite.features.announce import announce
from pbx_lite.features.announce.announce import Announcer
from pbx_lite.features.people.people import People
from pbx_lite.media.port import G722, PCMA, PCMU
from pbx_lite.tasks import spawn
from tests.support.call_end import Received
from tests.support.fake_phone import FakePhone
from tests.support.house import House, home_of
from tests.support.relay import FakeRelay
from tests.support.sound_file import wav


@pytest.fixture
def announcer(house: House) -> Announcer:
    return house.pbx.features[Announcer]


@pytest.fixture
async def speech():
    async with FakeRelay(answer=(200, "audio/wav", wav(600, 1.5))) as server:
        yield server.url("/speech.wav")


def by_itself(phone: FakePhone) -> asyncio.Task[Received]:
    """The phone answers its next call as an intercom does."""

    async def answer() -> Received:
        call = await phone.rings()
        await call.answer()
        return call

    return spawn(answer(), name="answers by itself")


async def test_every_phone_hears_it_and_is_hung_up_on(house, announcer, phone, other_phone, speech, home):
    answering = [by_itself(phone), by_itself(other_phone)]
    reached, failed = await announcer.announce(["anna", "102"], speech)
    assert (list(reached), dict(failed)) == (["anna", "102"], {})
    for each in answering:
        call = await each
        assert "Announcement" in (call.header("From") or "")
        assert await call.hears(600)
        await call.ended()
    assert not home.heard(CallEvent), "it is no call between people"


async def test_phones_of_any_codec_hear_it(house, announcer, speech):
    phones = [await house.phone("anna", codecs=(PCMA,)), await house.phone("ben", codecs=(PCMU,))]
    wide = await house.phone("carl", codecs=(G722,))
    answering = [by_itself(each) for each in (*phones, wide)]
    reached, _ = await announcer.announce(["101", "102", "103"], speech)
    assert len(reached) == 3
    for each in answering[:2]:
        assert await (await each).hears(600)
    third = await answering[2]
    await third.heard.until(lambda packets: len(packets) > 30)


async def test_a_phone_is_asked_to_answer_in_its_own_words(house, announcer, phone, speech):
    answering = by_itself(phone)
    await announcer.announce(["anna"], speech)
    call = await answering
    assert "answer-after=0" in (call.header("Call-Info") or "")
    assert call.header("Answer-Mode") == "Auto"


async def test_those_who_are_not_reached_come_with_a_sentence(house, announcer, phone, speech, monkeypatch):
    monkeypatch.setattr(announce, "ANSWER_SECONDS", 0.3)
    ben, guest = await house.phone("ben"), await house.phone("guest")
    people = house.pbx.features[People]
    await people.set("guest", do_not_disturb=True)
    answering = by_itself(phone)
    refusing = spawn(ben.rings(), name="rings")
    reached, failed = await announcer.announce(["anna", "ben", "carl", "guest", "150", "nobody"], speech)
    assert list(reached) == ["anna"]
    assert dict(failed) == {
        "ben": "102 does not answer by itself; allow that in the phone's settings.",
        "carl": "No phone of Carl is registered.",
        "guest": "Guest does not want to be disturbed.",
        "150": "Front door is no phone of a user.",
        "nobody": "There is no user named nobody.",
    }
    assert await (await answering).hears(600)
    await (await refusing).cancelled()
    assert not guest.calls.entries


async def test_a_phone_that_refuses_says_so(house, announcer, phone, speech):
    async def refuse() -> None:
        (await phone.rings()).reject(486)

    spawn(refuse(), name="refuses")
    reached, failed = await announcer.announce(["anna"], speech)
    assert (list(reached), dict(failed)) == ([], {"anna": "The phone refused: User busy."})


async def test_who_speaks_is_not_spoken_to(house, announcer, phone, other_phone, speech):
    call = await phone.invite("102")
    ringing = await other_phone.rings()
    await ringing.answer()
    assert await call.final_status() == 200
    reached, failed = await announcer.announce(["anna", "ben"], speech)
    assert (list(reached), sorted(failed.values())) == ([], ["Anna is in a call.", "Ben is in a call."])


async def test_a_user_who_is_named_twice_hears_it_once(house, announcer, phone, speech):
    answering = by_itself(phone)
    reached, _ = await announcer.announce(["anna", "101", "anna"], speech)
    assert list(reached) == ["anna", "101"]
    await answering
    assert len(phone.calls.entries) == 1


async def test_they_begin_together(house, announcer, phone, other_phone, speech):
    first = by_itself(phone)

    async def slowly() -> Received:
        call: Received = await other_phone.rings()
        await first
        await call.answer()
        return call

    second = spawn(slowly(), name="answers slowly")
    await announcer.announce(["anna", "ben"], speech)
    calls = [await first, await second]
    for call in calls:
        await call.heard.until(lambda packets: len(packets) > 5)
    assert abs(len(calls[0].heard.entries) - len(calls[1].heard.entries)) <= 3


async def test_who_hangs_up_early_has_heard_enough(house, announcer, phone, other_phone, speech):
    answering = [by_itself(phone), by_itself(other_phone)]
    await announcer.announce(["anna", "ben"], speech)
    calls = [await each for each in answering]
    calls[0].hang_up()
    assert await calls[1].hears(600)
    await calls[1].ended()


async def test_what_is_no_sound_rings_nowhere(house, announcer, phone):
    async with FakeRelay(answer=(200, "text/html", b"<html>Log in first</html>")) as server:
        with pytest.raises(Unavailable, match="no sound file"):
            await announcer.announce(["anna"], server.url())
    assert not phone.calls.entries


async def test_the_end_of_the_pbx_is_the_end_of_what_it_says(house, announcer, phone):
    async with FakeRelay(answer=(200, "audio/wav", wav(600, 30.0))) as server:
        answering = by_itself(phone)
        await announcer.announce(["anna"], server.url())
        call = await answering
        await house.pbx.stop()
        await call.ended()


async def test_only_so_many_at_once(house, announcer, phone, speech, monkeypatch):
    monkeypatch.setattr(announce, "MOST_AT_ONCE", 1)
    answering = by_itself(phone)
    await announcer.announce(["anna"], speech)
    with pytest.raises(Busy):
        await announcer.announce(["anna"], speech)
    await (await answering).ended()


@pytest.fixture
async def shared(tmp_path):
    """Anna has a second phone in the kitchen; there is a shared one at a desk, and a team of everybody."""
    home = home_of(tmp_path)
    kitchen = Device(name="kitchen", account="kitchen", password=Secret("k"), extension="111")
    config = replace(
        home,
        users=tuple(replace(user, devices=(kitchen,)) if user.name == "anna" else user for user in home.users),
        teams=(Team(name="all", display_name="Everybody", extension="200", members=("*",)),),
        workplaces=(Workplace(name="desk", display_name="Desk", account="desk", password=Secret("d")),),
    )
    async with House(config) as house:
        yield house


async def test_a_shared_phone_is_spoken_to_by_its_name_and_as_a_phone_of_who_is_there(shared, speech):
    announcer, people = shared.pbx.features[Announcer], shared.pbx.features[People]
    desk = await shared.device("desk", "d")
    reached, failed = await announcer.announce(["anna"], speech)
    assert (list(reached), dict(failed)) == ([], {"anna": "No phone of Anna is registered."})
    answering = by_itself(desk)
    assert (await announcer.announce(["desk"], speech))[0] == ["desk"]
    await (await answering).ended()
    people.log_in("desk", "anna")
    answering = by_itself(desk)
    assert (await announcer.announce(["anna"], speech))[0] == ["anna"]
    assert await (await answering).hears(600)


async def test_one_phone_of_several_and_all_of_them(shared, speech):
    announcer = shared.pbx.features[Announcer]
    phone, kitchen = await shared.phone("anna"), await shared.device("kitchen", "k")
    answering = by_itself(kitchen)
    assert (await announcer.announce(["111"], speech))[0] == ["111"]
    await (await answering).ended()
    assert not phone.calls.entries
    both = [by_itself(phone), by_itself(kitchen)]
    assert (await announcer.announce(["anna", "111"], speech))[0] == ["anna", "111"]
    for each in both:
        assert await (await each).hears(600)
    assert len(kitchen.calls.entries) == 2


async def test_a_team_hears_it_as_far_as_it_can(shared, speech):
    announcer = shared.pbx.features[Announcer]
    phone, ben = await shared.phone("anna"), await shared.phone("ben")
    await shared.pbx.features[People].set("ben", do_not_disturb=True)
    answering = by_itself(phone)
    reached, failed = await announcer.announce(["200"], speech)
    assert (list(reached), dict(failed)) == (["200"], {})
    assert await (await answering).hears(600)
    assert not ben.calls.entries
