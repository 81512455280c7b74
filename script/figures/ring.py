"""From the door's INVITE with its credentials to Home Assistant's event at a WebSocket client."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median, quantiles

from script.figures.assistant import is_ring, residence
from script.figures.figure import Figure
from script.figures.film import make_film

PRESSES = 100
PAUSE = 0.15  # seconds between two visitors


async def measure(folder: Path) -> AsyncIterator[Figure]:
    """Pictures come along from the first moment on, and one of each visitor is kept, as at any door."""
    film = await make_film(folder)
    waited, with_challenge = [], []
    async with residence(folder / "ring", film) as house:
        states = await house.states()
        for _ in range(PRESSES):
            press = await house.station.press()
            await states.until(house.door.event, is_ring)
            heard = time.time()
            waited.append(1000 * (heard - house.station.invited_at))
            with_challenge.append(1000 * (heard - house.station.pressed_at))
            press.give_up()
            await states.until(house.door.ringing, lambda state: state["state"] == "off")
            await asyncio.sleep(PAUSE)
    detail = {"presses": PRESSES, "with_challenge": round(median(with_challenge), 1)}
    yield Figure("ring_to_event_median", median(waited), "ms", 10.0, detail)
    detail = {"first": round(waited[0], 1), "most": round(max(waited), 1)}
    yield Figure("ring_to_event_p95", quantiles(waited, n=20)[-1], "ms", 25.0, detail)
