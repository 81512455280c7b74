"""The picture of a door that has none."""

import asyncio

import av

from pbx_lite.media.h264 import to_annex_b
from pbx_lite.media.port import AccessUnit
from pbx_lite.media.still import HEIGHT, WIDTH, StillVideo
from tests.support.clock import FakeClock

PICTURE = (b"\x67sps", b"\x68pps", b"\x65idr")


async def test_the_picture_decodes_to_something_that_is_not_just_black():
    seen: asyncio.Queue[AccessUnit] = asyncio.Queue()
    still = StillVideo(seen.put_nowait, asyncio.get_running_loop())
    still.start()
    unit = await asyncio.wait_for(seen.get(), 20)
    await still.close()
    decoder = av.CodecContext.create("h264", "r")
    frames = [*decoder.decode(av.Packet(to_annex_b(unit.nals))), *decoder.decode(None)]

    assert unit.key
    assert (frames[0].width, frames[0].height) == (WIDTH, HEIGHT)
    assert frames[0].to_ndarray(format="gray").max() > 100


async def test_it_comes_once_a_second_while_somebody_looks_and_not_afterwards():
    clock = FakeClock()
    seen: asyncio.Queue[AccessUnit] = asyncio.Queue()
    still = StillVideo(seen.put_nowait, clock, make=lambda: PICTURE)
    still.start()
    first = await asyncio.wait_for(seen.get(), 5)
    clock.advance(3)
    still.stop()
    clock.advance(10)
    later = [seen.get_nowait() for _ in range(seen.qsize())]

    assert [unit.timestamp for unit in later] == [first.timestamp + 90000 * n for n in (1, 2, 3)]
    await still.close()


async def test_looking_again_needs_no_second_encoding():
    seen: asyncio.Queue[AccessUnit] = asyncio.Queue()
    made: list[tuple[bytes, ...]] = []

    def make() -> tuple[bytes, ...]:
        made.append(PICTURE)
        return PICTURE

    still = StillVideo(seen.put_nowait, FakeClock(), make=make)
    for _ in range(2):
        still.start()
        await asyncio.wait_for(seen.get(), 5)
        still.stop()

    assert made == [PICTURE]
    await still.close()
