"""CPU of the PBX for a call: from person to person, and from a door that rings phones of which one answers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from script.figures.crowd import crowd
from script.figures.figure import Figure
from script.figures.household import PEOPLE, household, sip_of
from script.figures.processes import cpu_seconds
from script.figures.station import Station
from tests.support.fake_phone import FakePhone

CALLS = 1000
RINGS = 200
WARM_UP = 20


async def measure(folder: Path) -> AsyncIterator[Figure]:
    """The goal is that of one call through a B2BUA; a second phone is a leg more than such a call has."""
    yield await _b2bua(folder / "calls" / "people")
    for name, people, goal in (("one_phone", ["anna"], 3.0), ("two_phones", ["anna", "ben"], None)):
        spent = await _cost(folder / "calls" / name, people)
        yield Figure(f"door_ring_{name}", spent, "ms CPU", goal, {"rings": RINGS})


async def _b2bua(folder: Path) -> Figure:
    """Authenticated calls, a hundred a second, from INVITE to BYE."""
    pbx = household(folder)
    try:
        async with crowd(pbx, folder) as people:
            await people.call(WARM_UP)
            before = cpu_seconds(pbx.pid)
            await people.call(CALLS)
            spent = 1000 * (cpu_seconds(pbx.pid) - before) / CALLS
            return Figure("b2bua_call", spent, "ms CPU", 3.0, {"calls": CALLS, "failed": people.failed})
    finally:
        await pbx.stop()


async def _cost(folder: Path, people: Sequence[str]) -> float:
    """Milliseconds for each visitor; nobody says anything, so that it is signalling alone."""
    pbx = household(folder, rings=people)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(pbx.stop)
        await pbx.start()
        station = await stack.enter_async_context(Station(sip_of(pbx), "150", "secret150", tone=0))
        phones = [
            await stack.enter_async_context(
                FakePhone(sip_of(pbx), PEOPLE[name], f"secret{PEOPLE[name]}", host="127.0.0.3")
            )
            for name in people
        ]
        for _ in range(WARM_UP):
            await _visit(station, phones)
        before = cpu_seconds(pbx.pid)
        for _ in range(RINGS):
            await _visit(station, phones)
        return 1000 * (cpu_seconds(pbx.pid) - before) / RINGS


async def _visit(station: Station, phones: Sequence[FakePhone]) -> None:
    press = await station.press()
    ringing, *others = [await phone.rings() for phone in phones]
    await ringing.answer()
    assert await press.final_status() == 200
    for other in others:
        await other.cancelled()
    press.hang_up()
    await ringing.ended()
