"""CPU of the PBX for a call between two phones in G.711, both speaking (100 packets a second), and what it delays."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

from script.figures.figure import Figure
from script.figures.household import PEOPLE, household, sip_of
from script.figures.processes import cpu_seconds, cpu_share
from script.figures.talking import talk, voice
from tests.support.fake_phone import FakePhone

CALLS = 50
SETTLE = 2.0
SECONDS = 10.0


async def measure(folder: Path) -> AsyncIterator[Figure]:
    pbx = household(folder / "relay")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(pbx.stop)
        await pbx.start()
        caller, callee = [
            await stack.enter_async_context(FakePhone(sip_of(pbx), number, f"secret{number}", host="127.0.0.3"))
            for number in (PEOPLE["anna"], PEOPLE["ben"])
        ]
        voices = []
        for _ in range(CALLS):
            made = await caller.invite(PEOPLE["ben"])
            received = await callee.rings()
            await received.answer()
            assert await made.final_status() == 200
            voices += [voice(made), voice(received)]
        idle = await cpu_share(pbx.pid, SETTLE)
        before = cpu_seconds(pbx.pid)
        delays = sorted(await asyncio.to_thread(talk, voices, SECONDS))
        share = 100 * (cpu_seconds(pbx.pid) - before) / SECONDS
    detail = {"calls": CALLS, "packets_per_second_of_a_call": round(len(delays) / SECONDS / CALLS, 1)}
    yield Figure("relayed_g711_call", (share - idle) / CALLS, "% of a core", 0.25, detail)
    yield Figure("relay_delay_median", 1000 * delays[len(delays) // 2], "ms", 0.3, detail)
    yield Figure("relay_delay_99", 1000 * delays[len(delays) * 99 // 100], "ms", 3.0, detail)
