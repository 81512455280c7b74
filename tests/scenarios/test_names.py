"""Callers and those who are called by the names of the phonebooks, each person by their own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pbx_lite.events import CallEnded, CallMissed, CallRinging, CallStarted, PhonebookChanged
from pbx_lite.features.calling import Calling
from pbx_lite.features.journal import CallJournal
from pbx_lite.features.phonebook.phonebook import COMPANY, Phonebook
from tests.support.fake_browser import FakeBrowser
from tests.support.fake_trunk import FakeTrunk
from tests.support.house import House
from tests.support.lines import lined_house, said

OUTSIDE = "+4930222333"


@pytest.fixture
async def house(tmp_path: Path, provider: FakeTrunk) -> AsyncIterator[House]:
    async for house in lined_house(tmp_path, provider):
        yield house


async def knows(house: House, owner: str, name: str, number: str) -> None:
    book = house.pbx.features[Phonebook]
    await book.add(owner, {"first": name, "numbers": [{"label": "home", "number": number}]})
    told = await house.home.hears(PhonebookChanged)
    assert (told.book, told.user) == ("private" if owner else "company", owner)


async def test_a_caller_from_outside_has_the_name_of_the_companys_book(house, provider):
    await knows(house, COMPANY, "Dr. Huber", "(030) 222 333")
    phone = await house.phone("anna")
    async with FakeBrowser(house, "anna") as page:
        call = await provider.call("+4989123450", OUTSIDE, name="HUBER EVA")
        ringing = await phone.rings()
        assert said(ringing, "From").startswith(f'"Dr. Huber" <sip:{OUTSIDE}@')
        rang = await page.rings()
        assert (rang.name, rang.number) == ("Dr. Huber", OUTSIDE)
        assert (await house.home.hears(CallStarted)).caller_name == "Dr. Huber"
        call.hang_up()
        await ringing.ended()
    assert (await house.home.hears(CallMissed)).caller_name == "Dr. Huber"
    (entry,), _ = await house.pbx.features[CallJournal].entries(user="anna")
    assert entry["caller_name"] == "Dr. Huber"


async def test_a_name_that_the_book_does_not_have_stays_the_callers_own(house, provider):
    await knows(house, COMPANY, "Dr. Huber", "030 222333")
    phone = await house.phone("anna")
    await provider.call("+4989123450", "+4930444", name="Otto")
    assert said(await phone.rings(), "From").startswith('"Otto" <sip:+4930444@')


async def test_each_phone_shows_the_name_of_its_owners_own_book(house, provider):
    await knows(house, COMPANY, "Frau Berger", "0049 30 222333")
    await knows(house, "anna", "Mama", "030/222 333")
    await knows(house, "ben", "Schwiegermama", OUTSIDE)
    phones = {name: await house.phone(name) for name in ("anna", "ben", "carl")}
    call = await provider.call("+4989123459", OUTSIDE)  # everybody's number
    names = {name: said(await phone.rings(), "From").partition(" <")[0] for name, phone in phones.items()}
    assert names == {"anna": '"Mama"', "ben": '"Schwiegermama"', "carl": '"Frau Berger"'}
    assert (await house.home.hears(CallStarted)).caller_name == "Frau Berger"
    call.hang_up()
    missed = [await house.home.hears(CallMissed) for _ in names]
    assert {event.caller_name for event in missed} == {"Frau Berger"}
    own = {"anna": "Mama", "ben": "Schwiegermama", "carl": ""}
    assert {event.user: event.known_as for event in missed} == own
    rang = [event for event in house.home.heard(CallRinging) if isinstance(event, CallRinging)]
    assert {event.user: event.known_as for event in rang} == own


async def test_who_is_called_outside_is_named_in_the_journal(house, provider):
    await knows(house, COMPANY, "Dr. Huber", "030 222333")
    phone = await house.phone("anna")
    call = await phone.invite("0030222333")
    outside = await provider.rings()
    assert said(outside, "From").startswith("<sip:+4989123450@")
    started = await house.home.hears(CallStarted)
    assert (started.callee_name, started.number) == ("Dr. Huber", "0030222333")
    await outside.answer()
    assert await call.final_status() == 200
    call.hang_up()


async def test_old_calls_are_found_by_the_name_that_their_number_was_given_since(house, provider):
    phone = await house.phone("anna")
    dialled = await phone.invite("0030222333")
    (await provider.rings()).reject(486)
    assert await dialled.final_status() == 486
    await house.home.hears(CallEnded)
    call = await provider.call("+4989123450", OUTSIDE)
    await phone.rings()
    call.hang_up()
    await house.home.hears(CallEnded)
    await knows(house, "anna", "Mama", "030/222 333")

    async def found(name: str, asker: str) -> list[int]:
        keys = await house.pbx.features[Phonebook].numbers_of(name, asker)
        entries, _ = await house.pbx.features[CallJournal].entries(user="anna", number=name, keys=keys)
        return [entry["id"] for entry in entries]

    assert [await found("mam", asker) for asker in ("anna", "ben")] == [[2, 1], []]


async def test_ones_own_phone_shows_whom_one_is_about_to_call(house, provider):
    await knows(house, "anna", "Mama", "030/222 333")
    phone = await house.phone("anna")
    calling = house.pbx.features[Calling]
    await calling.dial("anna", "0030222333")
    ringing = await phone.rings()
    assert said(ringing, "From").startswith('"Mama" <sip:0030222333@')


async def test_an_own_name_is_gone_with_its_owner(house, provider):
    guest = await house.pbx.exchange.directory.add_user({"name": "dora", "display_name": "Dora"})
    await knows(house, guest.name, "Geheim", OUTSIDE)
    book = house.pbx.features[Phonebook]
    assert book.name_of(OUTSIDE, "dora") == "Geheim"
    await house.pbx.exchange.directory.remove_user("dora")
    assert book.name_of(OUTSIDE, "dora") == ""


async def test_names_outlive_a_restart(house, provider):
    await knows(house, "anna", "Mama", "030/222 333")
    await house.restart()
    assert house.pbx.features[Phonebook].name_of(OUTSIDE, "anna") == "Mama"
