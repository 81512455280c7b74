"""The call engine of browsers from end to end: networks that are cut, reloads, several tabs, pictures of phones."""

import asyncio

import pytest

from tests.end_to_end.conftest import GERDA, PAUL, Pages
from tests.support.cut import network_of
from tests.support.panel_phone import PATIENCE

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
