"""Home Assistant 2026.11 with the PBX that it supervises and one door, logging as a home does."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pbx_lite.media.port import AccessUnit
from pbx_lite.sip.address import Address
from script.figures.station import Station
from tests.support.home_assistant import HomeAssistant
from tests.support.pascom import DoorEntities, add_door, door_registered, run_pbx_here
from tests.support.ports import free_port


@dataclass(frozen=True, slots=True)
class Residence:
    home: HomeAssistant
    station: Station
    door: DoorEntities

    async def states(self) -> States:
        return States(await self.home.subscribe("subscribe_events", event_type="state_changed"))


class States:
    """New states in the order in which a WebSocket client hears of them."""

    def __init__(self, queue: asyncio.Queue[dict[str, Any]]) -> None:
        self._queue = queue

    async def until(self, entity_id: str, fits: Callable[[dict[str, Any]], bool], *, within: float = 10) -> None:
        """Wait for the entity's next new state that fits; what came before it is passed over."""
        try:
            async with asyncio.timeout(within):
                while True:
                    new = (await self._queue.get())["data"]["new_state"]
                    if new is not None and new["entity_id"] == entity_id and fits(new):
                        return
        except TimeoutError:
            raise AssertionError(f"{entity_id} did not change as expected in {within:g} s") from None


def is_ring(state: dict[str, Any]) -> bool:
    return bool(state["attributes"].get("event_type") == "ring")


@contextlib.asynccontextmanager
async def residence(folder: Path, film: Sequence[AccessUnit]) -> AsyncIterator[Residence]:
    """Everything set up as a person would, the station registered."""
    shutil.rmtree(folder, ignore_errors=True)
    home = HomeAssistant(folder, free_port())
    home.prepare()
    configuration = folder / "configuration.yaml"
    # The tests' detailed log, the file's last part, is not what a home writes.
    configuration.write_text(configuration.read_text().partition("logger:")[0] + "logger:\n  default: warning\n")
    try:
        await home.start(timeout=180)
        await home.command("labs/update", domain="camera", preview_feature="two_way_audio", enabled=True)
        entry = await run_pbx_here(home, sip_port=free_port())
        account = await add_door(home, entry, "Front door", dtmf="00#")
        pbx = Address("udp", "127.0.0.1", account.port)
        async with Station(pbx, account.username, account.password, film=film) as station:
            yield Residence(home, station, await door_registered(home, account))
    finally:
        await home.stop()
