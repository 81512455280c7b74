"""A room of many: what each costs, when packets leave, and how much later one is heard than without a room.

The people are SIP calls in G.711 on loopback, whose sockets are then spoken and listened on in one thread.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from script.figures.crowded import Person, lateness, take_part
from script.figures.figure import Figure
from script.figures.household import PEOPLE, household, sip_of
from script.figures.processes import cpu_seconds
from tests.support.call_end import CallEnd
from tests.support.fake_phone import FakePhone

_TALKING = (40, 80)
_MANY = 100
_SETTLE = 3.0
_SECONDS = 10.0
_LEGS = {"legs": "SIP calls over UDP, PCMU"}


async def measure(folder: Path) -> AsyncIterator[Figure]:
    for count in _TALKING:
        async with _room(folder / f"conference{count}", count) as (pid, people):
            share = await _talk(pid, people)
        detail = {"people": count, "packets_each": _heard(people) / count / _SECONDS, **_LEGS}
        yield Figure(f"conference_participant_{count}_talking", share / count, "% of a core", 0.25, detail)
    async with _room(folder / f"conference{_MANY}", _MANY) as (pid, people):
        delays = sorted(await asyncio.to_thread(take_part, people, 2 * _SECONDS, talking=False, listener=people[0]))
        share = await _talk(pid, people)
        packets = _heard(people) / _MANY / _SECONDS
        late = await asyncio.to_thread(lateness, people)
    assert delays, "nobody heard anything"
    detail = {"people": _MANY, "packets_each": packets, "core_percent": round(share, 1), **_LEGS}
    detail["median"] = round(1000 * late[len(late) // 2], 1)
    yield Figure("conference_packet_after_its_tick_99", 1000 * late[len(late) * 99 // 100], "ms", 5.0, detail)
    detail = {"people": _MANY, "claps": len(delays), "longest": round(1000 * delays[-1], 1), **_LEGS}
    yield Figure("conference_mouth_to_ear_median", 1000 * delays[len(delays) // 2], "ms", 60.0, detail)


async def _talk(pid: int, people: list[Person]) -> float:
    """Percent of a core while all talk."""
    await asyncio.to_thread(take_part, people, _SETTLE, talking=True)
    for person in people:
        person.heard.clear()
    before = cpu_seconds(pid)
    await asyncio.to_thread(take_part, people, _SECONDS, talking=True)
    return 100 * (cpu_seconds(pid) - before) / _SECONDS


def _heard(people: list[Person]) -> int:
    return sum(len(person.heard) for person in people)


@asynccontextmanager
async def _room(folder: Path, count: int) -> AsyncIterator[tuple[int, list[Person]]]:
    """A PBX with a room, and so many who are in it."""
    pbx = household(folder)
    pbx.configuration["rooms"] = [{"name": "room", "extension": "800", "pin": "", "quiet": True}]
    async with AsyncExitStack() as stack:
        stack.push_async_callback(pbx.stop)
        await pbx.start()
        phones = [
            await stack.enter_async_context(FakePhone(sip_of(pbx), number, f"secret{number}", host="127.0.0.3"))
            for number in PEOPLE.values()
        ]
        people = []
        for number in range(count):
            call = await phones[number % len(phones)].invite("800")
            assert await call.final_status() == 200
            people.append(_person(call))
        yield pbx.pid, people
        for person in people:
            person.socket.close()


def _person(call: CallEnd) -> Person:
    """Take the sound of this end out of its session's hands."""
    stream = call.media.audio
    assert stream._loop is not None
    assert stream._rtp is not None
    assert stream._destination is not None
    stream._loop.remove_reader(stream._rtp)
    host, port = stream._destination[:2]
    return Person(stream._rtp.dup(), (host, port))
