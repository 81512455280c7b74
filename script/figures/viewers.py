"""What one more browser costs: 720p, 25 pictures and 2 Mbit a second, passed on unencoded, with the door's sound."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from statistics import mean

from script.figures.audience import Audience
from script.figures.figure import Figure
from script.figures.film import make_film
from script.figures.household import household, sip_of
from script.figures.processes import cpu_share
from script.figures.station import Station

STEPS = (1, 6, 11)
SETTLE = 3.0
SECONDS = 8.0


async def measure(folder: Path) -> AsyncIterator[Figure]:
    pbx = household(folder / "viewers")
    shares, seen = [], []
    try:
        await pbx.start()
        film = await make_film(folder)
        async with (
            Station(sip_of(pbx), "150", "secret150", film=film),
            Audience(pbx, "door150", folder / "viewers") as audience,
        ):
            for count in STEPS:
                await audience.grow_to(count)
                await asyncio.sleep(SETTLE)
                await audience.received()
                shares.append(await cpu_share(pbx.pid, SECONDS))
                seen = await audience.received()
    finally:
        await pbx.stop()
    each = [(after - before) / 5 for before, after in pairwise(shares)]
    detail = {
        "of_a_core_with": {str(count): round(share, 2) for count, share in zip(STEPS, shares, strict=True)},
        "from_1_to_6": round(each[0], 2),
        "from_6_to_11": round(each[1], 2),
        "pictures_per_second": round(mean(one["pictures"] for one in seen), 1),
        "fewest_pictures_per_second": min(one["pictures"] for one in seen),
        "mbit_per_second": round(mean(one["mbit"] for one in seen), 2),
    }
    yield Figure("viewer_720p", (shares[-1] - shares[0]) / (STEPS[-1] - STEPS[0]), "% of a core", None, detail)
