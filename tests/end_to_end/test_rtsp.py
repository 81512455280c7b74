"""A station whose call is sound alone; its picture comes from an RTSP camera."""

import pytest
from playwright.async_api import Browser

from tests.end_to_end.conftest import Home, NewDoor
from tests.support.browser import logged_in

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_picture_of_a_door_without_video_comes_from_its_url(
    home: Home, new_door: NewDoor, rtsp_url: str, browser: Browser
) -> None:
    station, door = await new_door("Yard", film=False, dtmf="00#", station={"video_url": rtsp_url})
    changes = await home.assistant.changes()
    async with logged_in(browser, home.assistant) as page:
        await page.open()
        await station.press_bell()
        await changes.until(door.event, event_type="ring")
        await page.more_info(door.camera)
        await page.until_picture(frames=20)
        assert not station.has("CALL_ESTABLISHED")
        await page.button("Start talking").click()
        await station.until("CALL_ESTABLISHED")
        await station.hang_up()
        await changes.until(door.event, event_type="ended")
    picture = await home.assistant.get(f"/api/camera_proxy/{door.camera}")
    assert picture.startswith(b"\xff\xd8"), "a still image of now"
