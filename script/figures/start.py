"""From starting the program to its word `ready`."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median

from script.figures.figure import Figure, rounded
from script.figures.household import household

STARTS = 5


async def measure(folder: Path) -> AsyncIterator[Figure]:
    """The first start also makes the certificate and the database; it is told apart."""
    seconds = []
    pbx = household(folder / "start")
    for _ in range(1 + STARTS):
        begun = time.perf_counter()
        try:
            await pbx.start()
            seconds.append(time.perf_counter() - begun)
        finally:
            await pbx.stop()
    first, *later = seconds
    yield Figure("start", median(later), "s", 1.0, {"first": round(first, 2), "starts": rounded(later, 2)})
