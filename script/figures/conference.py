"""A room of many: what each costs, when packets leave, and how much later one is heard than without a room.

The people are real UDP streams on loopback.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from script.figures.crowded import Person, lateness, take_part
from script.figures.figure import Figure
from script.figures.processes import cpu_seconds
from tests.support.home_assistant import PYTHON, ROOT
from tests.support.process import Child

_TALKING = (40, 80)
_MANY = 100
_SECONDS = 10.0
_SETTLE = 2.0


async def measure(folder: Path) -> AsyncIterator[Figure]:
    for count in _TALKING:
        async with _bare(folder, count) as (pid, people):
            await asyncio.to_thread(take_part, people, _SETTLE, talking=True)
            before = cpu_seconds(pid)
            await asyncio.to_thread(take_part, people, _SECONDS, talking=True)
            share = 100 * (cpu_seconds(pid) - before) / _SECONDS / count
        detail = {"people": count, "packets_heard": _heard(people), "legs": "bare RTP"}
        yield Figure(f"conference_cpu_per_participant_{count}_talking", share, "% of a core", 0.25, detail)
    async with _bare(folder, _MANY) as (pid, people):
        await asyncio.to_thread(take_part, people, _SETTLE, talking=True)
        for person in people:
            person.heard.clear()
        before = cpu_seconds(pid)
        await asyncio.to_thread(take_part, people, _SECONDS, talking=True)
        share = (cpu_seconds(pid) - before) / _SECONDS
        heard = _heard(people)
        late = await asyncio.to_thread(lateness, people)
        detail = {"people": _MANY, "packets_heard": heard, "core_percent": round(100 * share, 1), "legs": "bare RTP"}
        detail["median"] = round(1000 * late[len(late) // 2], 1)
        yield Figure("conference_packet_after_its_tick_99", 1000 * late[len(late) * 99 // 100], "ms", 5.0, detail)
        delays = sorted(await asyncio.to_thread(take_part, people, 2 * _SECONDS, talking=False, listener=people[0]))
        assert delays, "nobody heard anything"
        detail = {"people": _MANY, "claps": len(delays), "most": round(1000 * delays[-1], 1), "legs": "bare RTP"}
        yield Figure("conference_mouth_to_ear_median", 1000 * delays[len(delays) // 2], "ms", 60.0, detail)


def _heard(people: list[Person]) -> int:
    return sum(len(person.heard) for person in people)


@asynccontextmanager
async def _bare(folder: Path, count: int) -> AsyncIterator[tuple[int, list[Person]]]:
    """A mixer in a process of its own, and so many who are in it."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [str(each.getsockname()[1]) for each in sockets]
    command: list[str | Path] = [PYTHON, "-m", "script.figures.bare_room", *ports]
    child = await Child.start("room", command, cwd=ROOT, log=folder / "room.log")
    try:
        answered = (await child.wait_for("^ports ")).split()[1:]
        people = [Person(each, ("127.0.0.1", int(port))) for each, port in zip(sockets, answered, strict=True)]
        yield child.process.pid, people
    finally:
        await child.stop(timeout=1)
        for each in sockets:
            each.close()
