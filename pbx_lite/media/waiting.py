"""Waiting on a `Clock`, for the coroutines that send at a pace."""

import asyncio

from pbx_lite.clock import Clock


async def pause(clock: Clock, seconds: float) -> None:
    """What `asyncio.sleep` is, on this clock."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def wake() -> None:
        if not done.done():
            done.set_result(None)

    timer = clock.call_later(seconds, wake)
    try:
        await done
    finally:
        timer.cancel()
