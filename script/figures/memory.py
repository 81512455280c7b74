"""What the PBX holds in memory when nothing happens, before and after its first browser."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from script.figures.audience import Audience
from script.figures.figure import Figure
from script.figures.film import make_film
from script.figures.household import household, sip_of
from script.figures.processes import resident_mb
from script.figures.station import Station

SETTLE = 3.0


async def measure(folder: Path) -> AsyncIterator[Figure]:
    pbx = household(folder / "memory")
    try:
        await pbx.start()
        await pbx.stop()  # the very first start compiles, which takes memory of its own
        await pbx.start()
        film = await make_film(folder)
        async with Station(sip_of(pbx), "150", "secret150", film=film):
            await asyncio.sleep(SETTLE)
            yield Figure("memory_idle", resident_mb(pbx.pid), "MB", 60.0)
            async with Audience(pbx, "door150", folder / "memory") as audience:
                await audience.grow_to(1)
                await asyncio.sleep(SETTLE)
                during = resident_mb(pbx.pid)
            await asyncio.sleep(SETTLE)
            yield Figure("memory_after_webrtc", resident_mb(pbx.pid), "MB", None, {"during": round(during, 1)})
    finally:
        await pbx.stop()
