"""What keeps a PBX from starting is a sentence, and nothing is left half started."""

from dataclasses import replace

import pytest

from pbx_lite.config import Video
from pbx_lite.errors import Conflict, PbxError, StoreError, TransportError, Unavailable
from pbx_lite.pbx import Pbx
from tests.support.house import FRONT, House, home_of


async def refused(pbx: Pbx) -> PbxError:
    with pytest.raises(PbxError) as caught:
        await pbx.start()
    assert caught.value.message.endswith("."), caught.value.message
    return caught.value


async def test_a_busy_port_is_named_and_the_data_is_free_again(house, tmp_path):
    taken = house.address()
    config = home_of(tmp_path / "other", FRONT, listen=("udp://127.0.0.1:0", f"udp://127.0.0.1:{taken.port}"))
    error = await refused(Pbx(config))
    assert isinstance(error, TransportError)
    assert str(taken.port) in error.message
    async with House(home_of(tmp_path / "other", FRONT)) as second:
        await second.phone("anna")


async def test_two_instances_do_not_share_their_data(house, door, phone):
    error = await refused(Pbx(home_of(house.config.data, FRONT)))
    assert isinstance(error, Conflict)
    await door.press()
    await phone.rings()


async def test_data_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    error = await refused(Pbx(home_of(tmp_path / "file", FRONT)))
    assert isinstance(error, StoreError)
    assert str(tmp_path / "file") in error.message


async def test_a_camera_that_is_away_is_a_sentence_and_the_door_rings_all_the_same(tmp_path):
    video = Video(in_call=False, url="http://127.0.0.1:9/stream.mjpg", image_url="http://127.0.0.1:9/still.jpg")
    async with House(home_of(tmp_path, replace(FRONT, video=video))) as house:
        door, phone = await house.door(video=False), await house.phone("anna", video=True)
        with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9"):
            await house.pbx.doorbell.image("front", house.user("anna"))
        await door.press()
        ringing = await phone.rings()
        await ringing.answer()
        assert await ringing.hears(door.tone)
