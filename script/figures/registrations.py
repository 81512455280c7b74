"""What callers notice when all phones of a large house register again after a restart, all in the same second."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from pbx_lite.sip.address import Address
from pbx_lite.tasks import spawn
from script.figures.figure import Figure
from script.figures.phones import FIRST
from script.figures.processes import cpu_seconds
from tests.support.fake_phone import FakePhone
from tests.support.home_assistant import ROOT
from tests.support.pbx import PbxProcess
from tests.support.process import Child

PHONES = 2000
WITHIN = 1.0  # second in which all of them begin: the power is back
PAUSE = 0.02  # seconds between two calls


async def measure(folder: Path) -> AsyncIterator[Figure]:
    pbx = _house(folder / "registrations")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(pbx.stop)
        await pbx.start()
        phones = await Child.start(
            "phones",
            [sys.executable, "-m", "script.figures.phones", str(pbx.sip_port), str(PHONES)],
            cwd=ROOT,
            log=folder / "registrations" / "phones.log",
            stdin=asyncio.subprocess.PIPE,
        )
        stack.push_async_callback(phones.stop)
        await phones.wait_for("^phones$", timeout=60)
        first = await _register(phones, "udp", 10.0)
        assert first["served"] == PHONES, first
        await pbx.stop()
        await pbx.start()
        caller, callee = [
            await stack.enter_async_context(
                FakePhone(Address("udp", "127.0.0.1", pbx.sip_port), account, f"secret{account}", host="127.0.0.3")
            )
            for account in ("100", "101")
        ]
        await _call(caller, callee)
        for transport in ("udp", "tcp"):
            before = cpu_seconds(pbx.pid)
            coming = spawn(_register(phones, transport, WITHIN), name="registrations")
            times = [await _call(caller, callee)]
            while not coming.done():
                times.append(await _call(caller, callee))
                await asyncio.sleep(PAUSE)
            again = await coming
            spent = cpu_seconds(pbx.pid) - before
            name = f"registrations_{transport}"
            detail: dict[str, Any] = {**again, "phones": PHONES, "cpu_seconds": round(spent, 2)}
            yield Figure(f"{name}_unserved", PHONES - again["served"], "phones", 1, detail)
            yield Figure(f"{name}_time", again["seconds"], "s", 60.0)
            middle = sorted(times)[len(times) // 2]
            shown = {"median": round(1000 * middle, 1), "calls": len(times)}
            yield Figure(f"{name}_call_setup", 1000 * max(times), "ms", 500.0, shown)


async def _register(phones: Child, transport: str, within: float) -> dict[str, Any]:
    assert phones.process.stdin
    phones.process.stdin.write(f"{transport} {within}\n".encode())
    pattern = f'"transport": "{transport}", "within": {within}'
    told: dict[str, Any] = json.loads(await phones.wait_for(pattern, timeout=120))
    return told


async def _call(caller: FakePhone, callee: FakePhone) -> float:
    """Seconds from dialling to the answer, of which the callee takes none."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    call = await caller.invite("101")
    ringing = await callee.rings(within=30)
    await ringing.answer()
    assert await call.final_status(within=30) == 200
    seconds = loop.time() - begun
    call.hang_up()
    await ringing.ended(within=30)
    return seconds


def _house(folder: Path) -> PbxProcess:
    numbers = ["100", "101", *(str(FIRST + number) for number in range(PHONES))]
    return PbxProcess(
        folder,
        roles={"all": {}},
        users=[
            {"name": f"user{number}", "extension": number, "password": f"secret{number}", "roles": ["all"]}
            for number in numbers
        ],
    )
