"""People who speak by their browser: with phones, with each other, and after a reload."""

from collections.abc import AsyncIterator

import pytest
from aioice import ice as aioice_ice

from pbx_lite.events import CallAnswered, CallEnded
from pbx_lite.features.calling import Calling
from tests.support.conference import hears_music
from tests.support.fake_browser import FakeBrowser
from tests.support.house import House


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    def addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return ["127.0.0.1"]

    monkeypatch.setattr(aioice_ice, "get_host_addresses", addresses)


@pytest.fixture
async def page(house: House) -> AsyncIterator[FakeBrowser]:
    """Anna's."""
    async with FakeBrowser(house, "anna", hertz=700) as page:
        yield page


async def test_a_phone_calls_a_browser_and_both_hear(page, other_phone, home):
    call = await other_phone.invite("101")
    rang = await page.rings()
    assert (rang.name, rang.number) == ("Ben", "102")
    await call.progress(180)
    await page.answer()
    assert await call.final_status() == 200
    assert (await home.hears(CallAnswered)).device == "browser:tab"
    assert await call.hears(700)
    call.speak(1200)
    assert await page.hears(1200)
    page.hang_up()
    await call.ended()
    assert (await home.hears(CallEnded)).by == "anna"


async def test_a_browser_calls_a_phone_and_presses_keys(page, other_phone):
    await page.dial("102")
    ringing = await other_phone.rings()
    await page.is_told("ringing")
    await ringing.answer()
    await page.is_told("answered")
    assert await ringing.hears(700)
    ringing.speak(1200)
    assert await page.hears(1200)
    page.press("5")
    assert await ringing.pressed("5")
    ringing.hang_up()
    assert (await page.is_told("ended")).cause == 16


async def test_a_phone_that_answers_first_stops_the_browser(house, page, phone, other_phone):
    call = await other_phone.invite("101")
    await page.rings()
    ringing = await phone.rings()
    await ringing.answer()
    assert await call.final_status() == 200
    assert (await page.is_told("ended")).elsewhere


async def test_a_browser_that_says_no_is_busy_for_the_caller(page, other_phone):
    call = await other_phone.invite("101")
    await page.rings()
    page.reject()
    assert await call.final_status() == 603


async def test_two_browsers_hear_each_other(house, page):
    async with FakeBrowser(house, "ben", hertz=1200) as other:
        await other.dial("101")
        await page.rings()
        await page.answer()
        await other.is_told("answered")
        assert await other.hears(700)
        assert await page.hears(1200)


async def test_a_reload_in_the_middle_of_a_call_goes_on(page, other_phone):
    await page.dial("102")
    ringing = await other_phone.rings()
    await ringing.answer()
    ringing.speak(1200)
    assert await page.hears(1200)
    await page.reload()
    assert await page.hears(1200)


async def test_a_reload_while_it_rings_goes_on_ringing(page, other_phone):
    await page.dial("102")
    ringing = await other_phone.rings()
    await page.is_told("ringing")
    await page.reload()
    await ringing.answer()
    await page.is_told("answered")
    ringing.speak(1200)
    assert await page.hears(1200)
    assert await ringing.hears(700)


async def test_who_is_put_on_hold_by_a_browser_hears_music(house, page, other_phone):
    calling = house.pbx.features[Calling]
    await page.dial("102")
    ringing = await other_phone.rings()
    await ringing.answer()
    assert await ringing.hears(700)
    calling.hold(page.call, "anna")
    assert await hears_music(ringing)
    calling.resume(page.call, "anna")
    assert await ringing.hears(700)


async def test_a_phone_gives_the_call_of_a_browser_to_another_phone(house, page, other_phone):
    third = await house.phone("carl")
    await page.dial("102")
    ringing = await other_phone.rings()
    await ringing.answer()
    assert await ringing.hears(700)
    page.forget()
    assert (await ringing.refer(other_phone.uri("103"))).status == 202
    taken = await third.rings()
    await taken.answer()
    taken.speak(1200)
    assert await page.hears(1200)
    assert await taken.hears(700)


async def test_a_browser_gives_its_call_to_a_phone(house, page, other_phone):
    third = await house.phone("carl")
    call = await other_phone.invite("101")
    await page.rings()
    await page.answer()
    assert await call.final_status() == 200
    house.pbx.features[Calling].transfer(page.call, "anna", "103")
    taken = await third.rings()
    await taken.answer()
    await page.is_told("ended")
    taken.speak(1200)
    assert await call.hears(1200)


async def test_a_call_of_a_phone_is_handed_to_a_browser(house, phone, other_phone):
    async with FakeBrowser(house, "carl", hertz=900) as page:
        call = await phone.invite("102")
        ringing = await other_phone.rings()
        await ringing.answer()
        assert await call.final_status() == 200
        (up,) = house.pbx.switchboard.calls
        house.pbx.features[Calling].transfer(up, "ben", "103")
        await page.rings()
        await page.answer()
        assert await call.hears(900)


async def test_a_phone_joins_a_browser_with_somebody_it_has_asked(house, phone, other_phone):
    async with FakeBrowser(house, "carl", hertz=900) as page:
        first = await phone.invite("103")
        await page.rings()
        await page.answer()
        assert await first.final_status() == 200
        second = await phone.invite("102")
        asked = await other_phone.rings()
        await asked.answer()
        assert await second.final_status() == 200
        one, two = house.pbx.switchboard.calls
        house.pbx.features[Calling].connect(one, "anna", two)
        await first.ended()
        await second.ended()
        asked.speak(1200)
        assert await page.hears(1200)
        assert await asked.hears(900)


async def test_a_page_that_opens_while_it_rings_rings_too(house, phone, other_phone):
    call = await other_phone.invite("101")
    await phone.rings()
    async with FakeBrowser(house, "anna") as page:
        await page.rings()
        await page.answer()
        assert await call.final_status() == 200


async def test_a_page_that_closes_while_it_rings_is_gone(house, other_phone):
    async with FakeBrowser(house, "anna") as page:
        call = await other_phone.invite("101")
        await page.rings()
    assert await call.final_status() == 480
