"""What ten thousand calls leave behind in memory."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from script.figures.crowd import crowd
from script.figures.figure import Figure
from script.figures.household import household
from script.figures.processes import resident_mb

CALLS = 10_000
SETTLE = 40.0  # seconds until the last transaction is forgotten (RFC 3261: 32)


async def measure(folder: Path) -> AsyncIterator[Figure]:
    pbx = household(folder / "memory_calls")
    try:
        async with crowd(pbx, pbx.folder) as people:
            idle = resident_mb(pbx.pid)
            await people.call(CALLS)
            busy = resident_mb(pbx.pid)
            await asyncio.sleep(SETTLE)
            detail = {"idle": round(idle, 1), "busiest": round(busy, 1), "failed": people.failed}
            yield Figure("memory_after_10000_calls", resident_mb(pbx.pid) - idle, "MB more than idle", 15.0, detail)
    finally:
        await pbx.stop()
