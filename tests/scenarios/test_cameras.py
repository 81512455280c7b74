"""Pictures between browsers and telephones: cameras that are switched on in the call, and phones that cannot see."""

from collections.abc import AsyncIterator

import pytest
from aioice import ice as aioice_ice

from pbx_lite.media.port import AccessUnit
from pbx_lite.sip import invite_events as told
from tests.support.call_end import CallEnd
from tests.support.fake_browser import FakeBrowser
from tests.support.fake_phone import FakePhone
from tests.support.house import House

_FAST_UPDATE = (
    b"<media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive></media_control>"
)


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    def addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return ["127.0.0.1"]

    monkeypatch.setattr(aioice_ice, "get_host_addresses", addresses)


@pytest.fixture
async def page(house: House) -> AsyncIterator[FakeBrowser]:
    """Anna's, with a camera that is off."""
    async with FakeBrowser(house, "anna", looks=True) as page:
        yield page


@pytest.fixture
async def videophone(house: House) -> FakePhone:
    return await house.phone("ben", video=True)


async def sees_another_start(phone: CallEnd) -> None:
    """Wait for a key frame that was not there yet."""
    seen = sum(unit.key for unit in phone.seen.entries)
    await phone.seen.until(lambda units: sum(unit.key for unit in units) > seen)


async def offered(phone: CallEnd, count: int) -> str:
    """Wait for so many offers in the call: which way the pictures of the last one go."""

    def offers(events: list[told.InviteEvent]) -> list[told.Offer]:
        return [each for each in events if isinstance(each, told.Offer)]

    await phone.events.until(lambda events: len(offers(events)) == count)
    video = offers(phone.events.entries)[-1].body.split(b"m=video")[1].decode()
    return next(way for way in ("sendrecv", "recvonly", "sendonly", "inactive") if f"a={way}" in video)


async def test_a_camera_that_is_switched_on_is_seen_at_a_video_phone_and_the_phone_is_seen(page, videophone):
    await page.dial("102")
    phone = await videophone.rings()
    assert b"m=video" not in phone.session.request.body
    await phone.answer()
    phone.speak(1200)
    assert await page.hears(1200)

    page.film()
    assert isinstance(await phone.sees(), AccessUnit)
    phone.show()
    assert await page.sees()
    assert await page.hears(1200)

    phone.media.video.want_key_frame()
    await sees_another_start(phone)
    await phone.session.info("application/media_control+xml", _FAST_UPDATE)
    await sees_another_start(phone)

    page.film(shown=False)
    assert await offered(phone, 2) == "recvonly"
    assert await page.sees()
    page.film()
    assert await offered(phone, 3) == "sendrecv"
    await sees_another_start(phone)
    page.hang_up()
    await phone.ended()


async def test_a_phone_without_video_is_asked_once_and_speaks_on(page, other_phone):
    await page.dial("102")
    phone = await other_phone.rings()
    await phone.answer()
    page.film()
    offer = await phone.events.first(told.Offer)
    assert b"m=video" in offer.body
    phone.speak(1200)
    assert await page.hears(1200)
    assert phone.media.video is None
    assert len([each for each in phone.events.entries if isinstance(each, told.Offer)]) == 1


async def test_a_video_phone_that_calls_a_browser_is_seen_and_sees_without_another_offer(page, videophone):
    call = await videophone.invite("101")
    await page.rings()
    await page.answer()
    assert await call.final_status() == 200
    call.show()
    assert await page.sees()
    page.film()
    assert isinstance(await call.sees(), AccessUnit)
    assert not [each for each in call.events.entries if isinstance(each, told.Offer)]


async def test_a_phone_shows_its_own_camera_to_a_browser_in_the_call(page, videophone):
    await page.dial("102")
    phone = await videophone.rings()
    await phone.answer()
    phone.speak(1200)
    assert await page.hears(1200)
    phone.media.add_video()
    answer = await phone.session.reinvite(phone.media.offer())
    phone.media.accept(answer.body)
    phone.show()
    assert await page.sees()


async def test_a_phone_that_gets_the_call_of_a_browser_with_its_camera_on_is_shown_it(house, page, videophone):
    carl = await house.phone("carl", video=True)
    await page.dial("102")
    phone = await videophone.rings()
    await phone.answer()
    page.film()
    await phone.sees()
    assert (await phone.refer(videophone.uri("103"))).status == 202
    taken = await carl.rings()
    await taken.answer()
    assert isinstance(await taken.sees(), AccessUnit)
