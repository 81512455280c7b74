"""The call engine of browsers from end to end: networks that are cut, reloads, several tabs, pictures of phones."""

import asyncio

import pytest

from pbx_lite.sip.address import Address
from tests.end_to_end.conftest import GERDA, HUGO, PAUL, Family, Home, Pages
from tests.support.cut import network_of
from tests.support.fake_phone import FakePhone
from tests.support.panel_phone import PATIENCE

WINDOW = 900
"""What a second window of Gerda's says, in hertz."""

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_call_finds_another_way_where_the_network_is_cut_and_rings_on_over_a_reload(pages: Pages) -> None:
    gerda, paul = pages.gerda, pages.paul
    async with network_of(gerda.page) as network:
        await gerda.page.reload()
        await gerda.contact("Paul").click()
        await paul.answer()
        await asyncio.gather(gerda.hears(PAUL), paul.hears(GERDA))
        assert network.ways, "the media went around the network of the test"
        # The way dies, and what is tried next leads nowhere either.
        before = network.ways
        network.cut()
        await gerda.sees("The connection was lost and is being restored")
        await gerda.hears(PAUL, really=False)
        while network.ways == before:
            await gerda.page.wait_for_timeout(50)
        network.mend()
        await asyncio.gather(gerda.hears(PAUL), paul.hears(GERDA))
        await (
            gerda.page.get_by_text("being restored").locator("visible=true").wait_for(state="hidden", timeout=PATIENCE)
        )
        await gerda.press("Hang up")
        await asyncio.gather(gerda.rests(), paul.rests())

        await gerda.contact("Paul").click()
        await paul.sees("Incoming call")
        await gerda.page.reload()
        await gerda.page.locator("pascom-call-view").get_by_text("Paul").first.wait_for(timeout=PATIENCE)
        await paul.answer()
        await asyncio.gather(gerda.hears(PAUL), paul.hears(GERDA))
        await paul.press("Hang up")
        await asyncio.gather(gerda.rests(), paul.rests())


async def test_of_two_windows_one_rings_and_what_is_spoken_in_one_goes_on_in_the_other(pages: Pages) -> None:
    gerda, paul = pages.gerda, pages.paul
    async with gerda.window(WINDOW) as other:
        await other.open(shows="Paul")
        await asyncio.gather(gerda.count_notes(), other.count_notes())
        await paul.contact("Gerda").click()
        await asyncio.gather(gerda.sees("Incoming call"), other.sees("Incoming call"), other.rings_aloud())
        assert await gerda.page.evaluate("notes") == 0
        await gerda.answer()
        await asyncio.gather(gerda.hears(PAUL), paul.hears(GERDA))

        await other.sees("In another window")
        await other.press("Continue here")
        await asyncio.gather(other.hears(PAUL), paul.hears(WINDOW), gerda.sees("The call goes on elsewhere"))
        await gerda.hears(PAUL, really=False)

        # Whoever closes the window that talks goes on in one that is left.
        await gerda.sees("In another window")
        await other.page.close()
        await gerda.press("Continue here")
        await asyncio.gather(gerda.hears(PAUL), paul.hears(GERDA))
        await gerda.press("Hang up")
        await asyncio.gather(gerda.rests(), paul.rests())


async def test_a_video_phone_and_a_browser_see_each_other_as_soon_as_a_camera_is_on(
    home: Home, family: Family, pages: Pages
) -> None:
    gerda = pages.gerda
    host, port = home.sip_server().rsplit(":", 1)
    number, password = family.hugo.username, family.hugo.password
    async with FakePhone(Address("udp", host, int(port)), number, password, video=True) as hugo:
        await gerda.contact("Hugo").click()
        phone = await hugo.rings(within=60)
        await phone.answer()
        phone.speak(HUGO)
        await gerda.hears(HUGO)
        await gerda.press("Camera on")
        await phone.sees(within=60)
        phone.show()
        await gerda.until_picture("Picture of Hugo")
        # Key frames are asked for once a second at most, and the first was asked for a moment ago.
        seen = len(phone.seen.entries) + 45
        await phone.seen.until(lambda units: len(units) > seen, within=60)
        assert phone.media.video is not None
        phone.media.video.want_key_frame()
        await phone.seen.until(lambda units: any(unit.key for unit in units[seen:]), within=60)
        await gerda.press("Hang up")
        await phone.ended(within=60)
        await gerda.rests()
        await hugo.register(expires=0)
