"""CPU of the PBX for a call between a door and a phone in G.711, both speaking: 100 packets a second."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

from script.figures.figure import Figure
from script.figures.household import PEOPLE, household, sip_of
from script.figures.processes import cpu_share
from script.figures.station import Station
from tests.support.fake_phone import FakePhone

CALLS = 10
SETTLE = 2.0
SECONDS = 8.0


async def measure(folder: Path) -> AsyncIterator[Figure]:
    pbx = household(folder / "relay", rings=["anna"], doors=CALLS)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(pbx.stop)
        await pbx.start()
        account = PEOPLE["anna"]
        phone = FakePhone(sip_of(pbx), account, f"secret{account}", host="127.0.0.3")
        await stack.enter_async_context(phone)
        idle = await cpu_share(pbx.pid, SETTLE)
        calls = []
        for number in range(150, 150 + CALLS):
            station = await stack.enter_async_context(Station(sip_of(pbx), str(number), f"secret{number}"))
            press = await station.press()
            call = await phone.rings()
            await call.answer()
            assert await press.final_status() == 200
            call.speak(600)
            calls += [press, call]
        await asyncio.sleep(SETTLE)
        heard = sum(len(call.heard.entries) for call in calls)
        share = await cpu_share(pbx.pid, SECONDS)
        passed = sum(len(call.heard.entries) for call in calls) - heard
    detail = {"calls": CALLS, "packets_per_second_of_a_call": round(passed / SECONDS / CALLS, 1)}
    yield Figure("relayed_g711_call", (share - idle) / CALLS, "% of a core", 0.25, detail)
