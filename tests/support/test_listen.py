import asyncio

import pytest

from tests.support.listen import Record


async def test_what_happened_before_counts() -> None:
    record: Record[int | str] = Record("x")
    record.add(1)
    record.add("a")
    assert await record.first(str) == "a"
    assert await record.first(int, lambda number: number > 0) == 1


async def test_what_happens_later_is_waited_for() -> None:
    record: Record[int] = Record("x")
    asyncio.get_running_loop().call_soon(record.add, 3)
    assert await record.next() == 3


async def test_each_entry_is_read_once() -> None:
    record: Record[int] = Record("x")
    for number in (1, 2, 3):
        record.add(number)
    assert [await record.next(), await record.next(lambda number: number == 3)] == [1, 3]
    with pytest.raises(AssertionError, match=r"waited 0.01 s for next; happened: 1, 2, 3"):
        await record.next(within=0.01)
