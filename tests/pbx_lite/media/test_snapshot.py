import asyncio
import io

import pytest
from PIL import Image

from pbx_lite.errors import MediaError
from pbx_lite.media import snapshot
from pbx_lite.media.port import AccessUnit
from tests.support.pictures import units


async def test_a_key_frame_becomes_a_jpeg_of_the_same_size() -> None:
    data = await snapshot.jpeg(units()[0])
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.format == "JPEG"
        assert picture.size == (320, 240)


async def test_a_group_shows_its_last_picture() -> None:
    first = await snapshot.jpeg(units()[0])
    last = await snapshot.jpeg(*units()[:8])
    assert first != last


async def test_several_are_made_at_a_time_without_harm() -> None:
    pictures = await asyncio.gather(*(snapshot.jpeg(units()[0]) for _ in range(6)))
    assert len(set(pictures)) == 1


async def test_rubbish_raises_a_sentence() -> None:
    with pytest.raises(MediaError, match="cannot be decoded"):
        await snapshot.jpeg(AccessUnit((b"\x65rubbish",), 0, key=True))


async def test_no_picture_at_all_raises_a_sentence() -> None:
    with pytest.raises(MediaError, match="no picture yet"):
        await snapshot.jpeg()
