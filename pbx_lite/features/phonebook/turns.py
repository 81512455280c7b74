"""Long work in short turns of the event loop: in a thread it would keep calls waiting for the interpreter."""

import asyncio
from collections.abc import Callable, Generator, MutableSequence
from time import perf_counter
from typing import Any

TURN = 0.004
"""Seconds that calls wait at most; a packet of sound comes every 0.02."""


async def in_turns[T](work: Generator[object, None, T], now: Callable[[], float] = perf_counter) -> T:
    """What `work` returns; it yields often, and is asked to go on when everybody else had their turn."""
    until = now() + TURN
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: T = done.value
            return result
        if now() >= until:
            await asyncio.sleep(0)
            until = now() + TURN


def emptied(*lists: MutableSequence[Any]) -> Generator[None]:
    """Let go of what is in them, one after the other: ten thousand at once are felt, too."""
    for each in lists:
        while each:
            each.pop()
            yield
